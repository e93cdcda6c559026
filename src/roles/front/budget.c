/* SPDX-License-Identifier: Apache-2.0 */

#include "roles/front/budget.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "crypto/digest.h"

#define WAYS 4u
#define SETS (SG_BUDGET_ADDRS / WAYS)
#define ONE 1000 /* a refusal, in what is paid back per millisecond and unit of the rate */

/* An address with refusals not long ago; owes_ms 0 is a free place. */
struct account {
	uint64_t addr;
	int64_t debt, at_ms; /* the debt as it was then */
	int64_t owes_ms;     /* one second for each refusal, as it was then; lasts longer */
	int64_t said_ms;     /* 0: never */
	uint64_t away;	     /* turned away since */
};

struct budget {
	pthread_mutex_t lock;
	uint64_t seed;
	int64_t rate, max;
	struct account account[SETS][WAYS];
};

uint64_t
front_addr_key(const char *text)
{
	struct in_addr v4;
	struct in6_addr v6;
	uint64_t key = 0;

	if (inet_pton(AF_INET, text, &v4) == 1)
		return ntohl(v4.s_addr);
	if (inet_pton(AF_INET6, text, &v6) == 1)
		memcpy(&key, v6.s6_addr, sizeof key);
	return key;
}

enum sg_code
budget_new(unsigned per_second, struct budget **ret, struct sg_err *err)
{
	struct budget *b = sg_alloc(sizeof *b);
	if (b == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	b->rate = per_second;
	b->max = (int64_t)per_second * SG_BUDGET_BURST_S * ONE;
	enum sg_code rc = sg_random(&b->seed, sizeof b->seed, err);
	if (rc != SG_OK) {
		sg_free(b);
		return rc;
	}
	pthread_mutex_init(&b->lock, NULL);
	*ret = b;
	return SG_OK;
}

void
budget_free(struct budget **budgetp)
{
	if (*budgetp == NULL)
		return;
	pthread_mutex_destroy(&(*budgetp)->lock);
	sg_free(*budgetp);
	*budgetp = NULL;
}

static struct account *
set_of(struct budget *b, uint64_t addr)
{
	/* A 64-bit mixer: every bit of address and seed reaches every bit. */
	uint64_t h = addr ^ b->seed;
	h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdULL;
	h = (h ^ (h >> 33)) * (b->seed | 1);
	return b->account[(h ^ (h >> 32)) % SETS];
}

static int64_t
passed_since(const struct account *a, int64_t now_ms)
{
	return now_ms > a->at_ms ? now_ms - a->at_ms : 0;
}

/* What is still to be paid back now. The clock is monotonic; what it does otherwise pays nothing.
 */
static int64_t
debt_of(const struct budget *b, const struct account *a, int64_t now_ms)
{
	int64_t passed = passed_since(a, now_ms);
	return passed > a->debt / b->rate ? 0 : a->debt - passed * b->rate;
}

static int64_t
owes_of(const struct account *a, int64_t now_ms)
{
	int64_t passed = passed_since(a, now_ms);
	return passed > a->owes_ms ? 0 : a->owes_ms - passed;
}

static struct account *
find(struct budget *b, uint64_t addr)
{
	struct account *set = set_of(b, addr);
	for (size_t n = 0; n < WAYS; n++)
		if (set[n].owes_ms > 0 && set[n].addr == addr)
			return &set[n];
	return NULL;
}

/* A place for one more: the one of who owes least. */
static struct account *
make(struct budget *b, uint64_t addr, int64_t now_ms)
{
	struct account *set = set_of(b, addr), *least = set;
	for (size_t n = 1; n < WAYS; n++)
		if (owes_of(&set[n], now_ms) < owes_of(least, now_ms))
			least = &set[n];
	*least = (struct account){.addr = addr, .at_ms = now_ms};
	return least;
}

static int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void
budget_charge(struct budget *b, uint64_t addr, int64_t now_ms)
{
	if (b->rate == 0)
		return;
	pthread_mutex_lock(&b->lock);
	struct account *a = find(b, addr);
	if (a == NULL)
		a = make(b, addr, now_ms);
	/* Requests that run at the same time may pass the end, but not by hours. */
	a->debt = min64(debt_of(b, a, now_ms) + ONE, 2 * b->max);
	a->owes_ms = min64(owes_of(a, now_ms) + 1000, SG_BUDGET_OWES_S * 1000);
	a->at_ms = now_ms > a->at_ms ? now_ms : a->at_ms;
	pthread_mutex_unlock(&b->lock);
}

unsigned
budget_owes(struct budget *b, uint64_t addr, int64_t now_ms)
{
	if (b->rate == 0)
		return 0;
	pthread_mutex_lock(&b->lock);
	struct account *a = find(b, addr);
	int64_t owes_ms = a == NULL ? 0 : owes_of(a, now_ms);
	pthread_mutex_unlock(&b->lock);
	return (unsigned)((owes_ms + 999) / 1000);
}

bool
budget_is_over(struct budget *b, uint64_t addr, int64_t now_ms, uint64_t *ret_say)
{
	bool over = false;

	*ret_say = 0;
	if (b->rate == 0)
		return false;
	pthread_mutex_lock(&b->lock);
	struct account *a = find(b, addr);
	if (a != NULL && debt_of(b, a, now_ms) + ONE > b->max) {
		over = true;
		a->away++;
		if (a->said_ms == 0 || now_ms - a->said_ms >= SG_BUDGET_SAY_MS) {
			*ret_say = a->away;
			a->away = 0;
			a->said_ms = now_ms > 0 ? now_ms : 1;
		}
	}
	pthread_mutex_unlock(&b->lock);
	return over;
}
