/* SPDX-License-Identifier: Apache-2.0 */

/*
 * transaction.c - the life of a transaction, for the store, which keeps it, and for registrar,
 * which drives it
 */

#include "policy/transaction.h"

bool
sg_transaction_answers(const struct sg_transaction_known *known, int64_t now)
{
	const struct sg_policy *policy = sg_policy_of(known->policy); /* NULL: a renewal */
	int64_t long_s = policy != NULL ? policy->answers_s : 0;

	if (known->state == SG_TRANSACTION_FAILED)
		return false;
	return known->state != SG_TRANSACTION_ISSUED || long_s == 0 ||
	       now - known->started_at < long_s || now - known->finished_at < long_s;
}

SG_RC
sg_transaction_say(enum sg_transaction_state state, struct sg_err *err)
{
	switch (state) {
	case SG_TRANSACTION_ISSUED:
		return SG_OK;
	case SG_TRANSACTION_DENIED:
		return sg_fail(
		    err, SG_E_DENIED, "request.denied", "an approver denied this request");
	case SG_TRANSACTION_PENDING:
		return sg_fail(
		    err, SG_E_PENDING, "request.pending", "an approver has not decided yet");
	case SG_TRANSACTION_RUNNING:
	case SG_TRANSACTION_FAILED:
		break;
	}
	return sg_fail(err, SG_E_INTERNAL, "tx.state", "a transaction in state %d", (int)state);
}

bool
sg_transaction_is_open(enum sg_transaction_state state)
{
	return state == SG_TRANSACTION_RUNNING || state == SG_TRANSACTION_PENDING;
}
