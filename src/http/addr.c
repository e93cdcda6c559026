/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/addr.c - a table of the addresses that are connected, with a count each
 *
 * server.c asks it before a connection becomes one, conn.c gives the place back.
 */

#include "http/addr_private.h"

#include <sys/random.h>

#include "base/addr.h"
#include "base/alloc.h"

#define BUCKETS 4096u /* 16384 connections of different addresses: chains of four */

struct addr {
	struct addr *next;
	uint64_t key; /* sg_addr_key() */
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
	uint64_t key = sg_addr_key(sa);
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
