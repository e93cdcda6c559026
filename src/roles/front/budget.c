/* SPDX-License-Identifier: Apache-2.0 */

/*
 * budget.c - accounts of addresses and of the prefixes that they are in
 *
 * scep.c asks them before it spends an operation of a key, events.c before it records a refusal,
 * accesslog.c before it writes a line.
 */

#include "roles/front/budget.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "crypto/random.h"

#define WAYS 8u
#define SETS (SG_BUDGET_ACCOUNTS / WAYS)
#define ONE 1000 /* a unit, in what is paid back per millisecond and unit of the rate */

/* The widths that are counted, the widest first, and how many budgets of one address each has:
 * few enough that a prefix is no multiplication, enough for the honest who share it. */
static const struct level {
	bool v4;
	unsigned bits; /* of an IPv4 address, or of the first 64 of an IPv6 one */
	unsigned times;
} levels[] = {
    {true, 16, 32},  /* a provider's region, or a large organization */
    {true, 24, 8},   /* the smallest block that is routed: one customer's, or neighbours' */
    {true, 32, 1},   /* a device, or a house or company that shares one */
    {false, 32, 64}, /* a provider: all its customers */
    {false, 48, 8},  /* a site; anybody gets one for nothing from a tunnel broker */
    {false, 56, 2},  /* a household */
    {false, 64, 1},  /* a network, of which each device makes addresses as it likes */
};

#define LEVELS (sizeof levels / sizeof levels[0])

struct account {
	uint64_t prefix;
	int64_t debt, at_ms; /* the debt as it was then */
	int64_t owes_ms;     /* one second for each charge, as it was then; lasts longer */
	int64_t said_ms;     /* 0: never */
	uint64_t away;	     /* turned away since */
	unsigned times;	     /* budgets that it has; 0: a free place */
};

struct budget {
	pthread_mutex_t lock;
	uint64_t seed;
	struct budget_rule rule;
	struct account all;
	uint64_t forgotten; /* turned away, of accounts that made room */
	unsigned to_say;    /* accounts with something to say */
	struct account account[LEVELS][SETS][WAYS];
};

enum sg_code
front_budget_new(const struct budget_rule *rule, struct budget **ret, struct sg_err *err)
{
	struct budget *b = sg_alloc(sizeof *b);
	if (b == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	b->rule = *rule;
	b->all.times = rule->all;
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
front_budget_free(struct budget **budgetp)
{
	if (*budgetp == NULL)
		return;
	pthread_mutex_destroy(&(*budgetp)->lock);
	sg_free(*budgetp);
	*budgetp = NULL;
}

static uint64_t
prefix_of(uint64_t addr, const struct level *level)
{
	unsigned rest = (level->v4 ? 32 : 64) - level->bits;
	return addr >> rest << rest;
}

static struct account *
set_of(struct budget *b, size_t level, uint64_t prefix)
{
	/* A 64-bit mixer: every bit of prefix and seed reaches every bit. */
	uint64_t h = prefix ^ b->seed;
	h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdULL;
	h = (h ^ (h >> 33)) * (b->seed | 1);
	return b->account[level][(h ^ (h >> 32)) % SETS];
}

/* What is paid back in a millisecond, and what may be owed. */
static int64_t
rate_of(const struct budget *b, const struct account *a)
{
	return (int64_t)(b->rule.per_second * a->times);
}

static int64_t
max_of(const struct budget *b, const struct account *a)
{
	return rate_of(b, a) * b->rule.burst_s * ONE;
}

/* The clock is monotonic; what it does otherwise pays nothing. */
static int64_t
passed_since(const struct account *a, int64_t now_ms)
{
	return now_ms > a->at_ms ? now_ms - a->at_ms : 0;
}

/* What is still to be paid back now. */
static int64_t
debt_of(const struct budget *b, const struct account *a, int64_t now_ms)
{
	int64_t passed = passed_since(a, now_ms), rate = rate_of(b, a);
	return rate == 0 || passed > a->debt / rate ? 0 : a->debt - passed * rate;
}

static int64_t
owes_of(const struct account *a, int64_t now_ms)
{
	int64_t passed = passed_since(a, now_ms);
	return passed > a->owes_ms ? 0 : a->owes_ms - passed;
}

static struct account *
find(struct budget *b, size_t level, uint64_t addr)
{
	uint64_t prefix = prefix_of(addr, &levels[level]);
	struct account *set = set_of(b, level, prefix);

	for (size_t n = 0; n < WAYS; n++)
		if (set[n].times > 0 && set[n].prefix == prefix)
			return &set[n];
	return NULL;
}

/* Does a owe less than c, of the same width? */
static bool
owes_less(const struct budget *b, const struct account *a, const struct account *c, int64_t now_ms)
{
	int64_t x = debt_of(b, a, now_ms), y = debt_of(b, c, now_ms);
	return x < y || (x == y && owes_of(a, now_ms) < owes_of(c, now_ms));
}

/* A place for one more: a free one, or that of the one that owes least; NULL when that is much. */
static struct account *
make(struct budget *b, size_t level, uint64_t addr, int64_t now_ms)
{
	uint64_t prefix = prefix_of(addr, &levels[level]);
	struct account *set = set_of(b, level, prefix), *least = set;

	for (size_t n = 1; n < WAYS && least->times > 0; n++)
		if (set[n].times == 0 || owes_less(b, &set[n], least, now_ms))
			least = &set[n];
	if (least->times > 0 && debt_of(b, least, now_ms) > max_of(b, least) / 2)
		return NULL;
	b->forgotten += least->away;
	if (least->away > 0)
		b->to_say--;
	*least = (struct account){.prefix = prefix, .at_ms = now_ms, .times = levels[level].times};
	return least;
}

static int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
charge(const struct budget *b, struct account *a, uint64_t cost, int64_t now_ms)
{
	int64_t max = max_of(b, a);

	/* Requests that run at the same time may pass the end, but not by hours. */
	int64_t more = cost < (uint64_t)max / ONE ? (int64_t)cost * ONE : max;
	a->debt = min64(debt_of(b, a, now_ms) + more, 2 * max);
	a->owes_ms = min64(owes_of(a, now_ms) + 1000, SG_BUDGET_OWES_S * 1000);
	a->at_ms = now_ms > a->at_ms ? now_ms : a->at_ms;
}

void
front_budget_charge(struct budget *b, uint64_t addr, uint64_t cost, int64_t now_ms)
{
	pthread_mutex_lock(&b->lock);
	for (size_t n = 0; b->rule.each && n < LEVELS; n++) {
		if (levels[n].v4 != sg_addr_key_is_v4(addr))
			continue;
		struct account *a = find(b, n, addr);
		if (a == NULL)
			a = make(b, n, addr, now_ms);
		if (a != NULL)
			charge(b, a, cost, now_ms);
	}
	if (b->rule.all > 0)
		charge(b, &b->all, cost, now_ms);
	pthread_mutex_unlock(&b->lock);
}

/* Its own, the narrowest account; NULL: it owes nothing. */
static struct account *
own(struct budget *b, uint64_t addr)
{
	size_t n = LEVELS - 1;

	if (!b->rule.each)
		return NULL;
	while (levels[n].v4 != sg_addr_key_is_v4(addr))
		n--;
	return find(b, n, addr);
}

unsigned
front_budget_owes(struct budget *b, uint64_t addr, int64_t now_ms)
{
	pthread_mutex_lock(&b->lock);
	const struct account *a = own(b, addr);
	int64_t owes_ms = a == NULL ? 0 : owes_of(a, now_ms);
	pthread_mutex_unlock(&b->lock);
	return (unsigned)((owes_ms + 999) / 1000);
}

/* Together all have used up what they have, or all but the part for those who have used little. */
static bool
all_is_over(struct budget *b, uint64_t addr, int64_t now_ms)
{
	int64_t debt = debt_of(b, &b->all, now_ms) + ONE, max = max_of(b, &b->all);
	const struct account *a = own(b, addr);

	if (b->rule.all == 0 || debt <= max - max / 4)
		return false;
	return debt > max || (a != NULL && debt_of(b, a, now_ms) > max_of(b, a) / 8);
}

/* The widest account that has used up a part of what it has: 1 for all of it, 2 for half. */
static struct account *
find_over(struct budget *b, uint64_t addr, int64_t part, int64_t now_ms)
{
	for (size_t n = 0; b->rule.each && n < LEVELS; n++) {
		if (levels[n].v4 != sg_addr_key_is_v4(addr))
			continue;
		struct account *a = find(b, n, addr);
		if (a != NULL && debt_of(b, a, now_ms) + ONE > max_of(b, a) / part)
			return a;
	}
	return all_is_over(b, addr, now_ms) ? &b->all : NULL;
}

static bool
is_spent(struct budget *b, uint64_t addr, int64_t part, int64_t now_ms)
{
	pthread_mutex_lock(&b->lock);
	bool spent = find_over(b, addr, part, now_ms) != NULL;
	pthread_mutex_unlock(&b->lock);
	return spent;
}

bool
front_budget_is_over(struct budget *b, uint64_t addr, int64_t now_ms)
{
	return is_spent(b, addr, 1, now_ms);
}

bool
front_budget_is_half_spent(struct budget *b, uint64_t addr, int64_t now_ms)
{
	return is_spent(b, addr, 2, now_ms);
}

bool
front_budget_turns_away(struct budget *b, uint64_t addr, int64_t now_ms)
{
	pthread_mutex_lock(&b->lock);
	struct account *a = find_over(b, addr, 1, now_ms);
	if (a != NULL && a->away++ == 0)
		b->to_say++;
	pthread_mutex_unlock(&b->lock);
	return a != NULL;
}

static void
put_prefix(const struct account *a, const struct level *level, char *ret, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in_addr v4 = {.s_addr = htonl((uint32_t)a->prefix)};
	struct in6_addr v6 = {0};

	for (size_t n = 0; n < 8; n++)
		v6.s6_addr[n] = (uint8_t)(a->prefix >> (56 - 8 * n));
	if (level->v4)
		inet_ntop(AF_INET, &v4, text, sizeof text);
	else
		inet_ntop(AF_INET6, &v6, text, sizeof text);
	if (level->v4 && level->bits == 32)
		snprintf(ret, size, "%s", text);
	else
		snprintf(ret, size, "%s/%u", text, level->bits);
}

/* With the lock held; each runs under it and calls nothing of this module. */
static void
say_one(struct budget *b, struct account *a, const char *of, int64_t now_ms, bool at_end,
    budget_each *each, void *arg)
{
	if (a->away == 0 || (!at_end && a->said_ms != 0 && now_ms - a->said_ms < SG_BUDGET_SAY_MS))
		return;
	struct budget_over over = {of, b->rule.per_second * a->times, a->away};
	a->away = 0;
	a->said_ms = now_ms > 0 ? now_ms : 1;
	b->to_say--;
	each(arg, &over);
}

void
front_budget_say(struct budget *b, int64_t now_ms, bool at_end, budget_each *each, void *arg)
{
	char of[INET6_ADDRSTRLEN + 8];

	pthread_mutex_lock(&b->lock);
	say_one(b, &b->all, "all addresses", now_ms, at_end, each, arg);
	for (size_t n = 0; b->to_say > 0 && n < LEVELS; n++)
		for (size_t i = 0; i < SETS * WAYS; i++) {
			struct account *a = &b->account[n][i / WAYS][i % WAYS];
			if (a->away == 0)
				continue;
			put_prefix(a, &levels[n], of, sizeof of);
			say_one(b, a, of, now_ms, at_end, each, arg);
		}
	if (b->forgotten > 0) {
		struct budget_over over = {"others", b->rule.per_second, b->forgotten};
		b->forgotten = 0;
		each(arg, &over);
	}
	pthread_mutex_unlock(&b->lock);
}
