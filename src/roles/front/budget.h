/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/budget.h - how much of something an address may cost us (private to roles/front)
 *
 * A refused message costs an operation with the RA's key and a row in the store, a line of the
 * access log costs disk, and either costs its sender nothing. So each takes from a budget of the
 * sender's address, which fills again with time. An address is in several accounts: its own, and
 * one for each wider prefix (the table in budget.c), with more for each, so that who rents a /48
 * or a /24 has not as many budgets as addresses. One that is over in any is over. What is
 * turned away is counted in the widest account that is over, and said now and then.
 *
 * A key that signed the message is no better measure: strangers make as many as they like. But it
 * tells neighbours apart (keys.h, scep.c).
 *
 * Limits:   SG_BUDGET_ACCOUNTS of each width are remembered. When there is no place in the set of
 *           one, the one that owes least there is forgotten, unless that is half of what may be
 *           owed: then the newcomer goes unrecorded at that width, and the wider ones have it. So
 *           nobody's debt is pushed out by addresses that owe less. Which share a set cannot be
 *           known from outside.
 * Security: an attacker with addresses of many providers has many budgets; `all` bounds what must
 *           be bounded even then, and queue.h shares what remains.
 * Threads:  any.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct budget;

struct budget_rule {
	uint64_t per_second; /* of one address, in whatever is counted */
	unsigned burst_s;    /* as many seconds' worth at once */
	bool each;	     /* each address and prefix has one; else only all together */
	unsigned all;	     /* what all together have, in budgets of one; 0: no bound */
};

SG_RC
front_budget_new(const struct budget_rule *rule, struct budget **ret, struct sg_err *err);
void
front_budget_free(struct budget **budgetp);

/* It cost so much. addr is of sg_addr_key_text(). */
void
front_budget_charge(struct budget *b, uint64_t addr, uint64_t cost, int64_t now_ms);

/* How many charges it had of late: each counts for a second, SG_BUDGET_OWES_S at most. So those
 * who stay below the budget, but are many, are told from those who are never refused. */
unsigned
front_budget_owes(struct budget *b, uint64_t addr, int64_t now_ms);

/* Nothing left. Of what is for all together the last quarter is for addresses that have used little
 * of their own. */
bool
front_budget_is_over(struct budget *b, uint64_t addr, int64_t now_ms);
/* Half of it is gone: for what may use no more than that. */
bool
front_budget_is_half_spent(struct budget *b, uint64_t addr, int64_t now_ms);
/* As is_over, and it is counted as turned away. */
bool
front_budget_turns_away(struct budget *b, uint64_t addr, int64_t now_ms);

/* Of is "192.0.2.1", "2001:db8::/48" or "all addresses"; per_second is what it may have. */
struct budget_over {
	const char *of;
	uint64_t per_second, away;
};
typedef void
budget_each(void *arg, const struct budget_over *over);

/* Who was turned away since it was last said, each at most once in SG_BUDGET_SAY_MS; at_end:
 * all that was not said yet. Call it every second. */
void
front_budget_say(struct budget *b, int64_t now_ms, bool at_end, budget_each *each, void *arg);
