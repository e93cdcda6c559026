/* SPDX-License-Identifier: Apache-2.0 */

#include "http/conn.h"

#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"

#define BUCKETS 4096u /* 16384 connections of different addresses: chains of four */

/* IPv4 whole; IPv6 by its /64, which is what one customer gets. */
struct addr {
	struct addr *next;
	uint64_t key;
	unsigned count;
};

struct addr_table {
	uint64_t seed; /* so that nobody can choose addresses that share a bucket */
	struct addr *buckets[BUCKETS];
};

struct addr_table *
sg_http_addrs_new(void)
{
	struct addr_table *table = sg_alloc(sizeof *table);
	if (table != NULL && getrandom(&table->seed, sizeof table->seed, 0) < 0)
		table->seed = (uint64_t)(uintptr_t)table;
	return table;
}

void
sg_http_addrs_free(struct addr_table **tablep)
{
	if (*tablep == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct addr *a = (*tablep)->buckets[i], *next; a != NULL; a = next) {
			next = a->next;
			sg_free(a);
		}
	sg_free(*tablep);
	*tablep = NULL;
}

static uint64_t
key_of(const struct sockaddr_storage *sa)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	uint64_t key = 0;
	if (sa->ss_family == AF_INET) {
		memcpy(&v4, sa, sizeof v4);
		return v4.sin_addr.s_addr;
	}
	if (sa->ss_family != AF_INET6)
		return 0;
	memcpy(&v6, sa, sizeof v6);
	bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
	memcpy(&key, v6.sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 8);
	return key;
}

static struct addr **
bucket_of(struct addr_table *table, uint64_t key)
{
	/* The finaliser of a 64-bit mixer: every bit of key and seed reaches every bit. */
	uint64_t h = key ^ table->seed;
	h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdULL;
	h = (h ^ (h >> 33)) * (table->seed | 1);
	return &table->buckets[(h ^ (h >> 32)) % BUCKETS];
}

struct addr *
sg_http_addrs_take(
    struct addr_table *table, const struct sockaddr_storage *sa, unsigned max, bool *ret_full)
{
	uint64_t key = key_of(sa);
	struct addr **bucket = bucket_of(table, key), *a = *bucket;
	while (a != NULL && a->key != key)
		a = a->next;
	*ret_full = a != NULL && max > 0 && a->count >= max;
	if (*ret_full)
		return NULL;
	if (a == NULL) {
		a = sg_alloc(sizeof *a);
		if (a == NULL)
			return NULL;
		a->key = key;
		a->next = *bucket;
		*bucket = a;
	}
	a->count++;
	return a;
}

void
sg_http_addrs_give(struct addr_table *table, struct addr *addr)
{
	if (--addr->count > 0)
		return;
	struct addr **p = bucket_of(table, addr->key);
	while (*p != addr)
		p = &(*p)->next;
	*p = addr->next;
	sg_free(addr);
}
