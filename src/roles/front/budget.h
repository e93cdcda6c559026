/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/budget.h - how many refusals an address may cost us (private to roles/front)
 *
 * A refused message costs one or two operations with the RA's key and a row in the store, and
 * costs its sender nothing. So each refusal takes one from a budget of the sender's address,
 * which fills again with time; what succeeds takes nothing. Who has none left is turned away
 * before anything is verified. A key that signed the message is no better measure: strangers
 * make as many as they like.
 *
 * Limits:   SG_BUDGET_ADDRS addresses are remembered. When a set of the table is full, the one
 *           who owes least is forgotten, which is nearly nothing; which addresses share a set
 *           cannot be known from outside.
 * Security: an attacker with many addresses has many budgets; queue.h shares what remains.
 * Threads:  any.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct budget;

/* The address as a number, IPv6 by its /64, which is what one customer gets. Texts that are no
 * address are all the same one. */
uint64_t
front_addr_key(const char *text);

/* per_second 0: no limit. */
SG_RC
budget_new(unsigned per_second, struct budget **ret, struct sg_err *err);
void
budget_free(struct budget **budgetp);

/* The address was refused something. */
void
budget_charge(struct budget *b, uint64_t addr, int64_t now_ms);

/* How many refusals it had of late: each counts for a second, SG_BUDGET_OWES_S at most. So those
 * who stay below the budget, but are many, are told from those who are never refused. */
unsigned
budget_owes(struct budget *b, uint64_t addr, int64_t now_ms);

/*
 * Nothing left. *ret_say is 0, or how many were turned away and it is time to say so: at the
 * first one, and then once in SG_BUDGET_SAY_MS while it goes on.
 */
bool
budget_is_over(struct budget *b, uint64_t addr, int64_t now_ms, uint64_t *ret_say);
