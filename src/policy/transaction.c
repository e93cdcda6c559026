/* SPDX-License-Identifier: Apache-2.0 */

/*
 * attempt.c - the life of a transaction, for the store, which keeps it, and for registrar, which
 * drives it and shows it
 */

#include "policy/attempt.h"

#include <stddef.h>

bool
sg_attempt_answers(
    const struct sg_attempt_known *known, const struct sg_policy *policy, int64_t now)
{
	int64_t long_s = policy != NULL ? policy->answers_s : 0;

	if (known->state == SG_ATTEMPT_FAILED)
		return false;
	return known->state != SG_ATTEMPT_ISSUED || long_s == 0 ||
	       now - known->started_at < long_s || now - known->finished_at < long_s;
}

SG_RC
sg_attempt_say(enum sg_attempt_state state, struct sg_err *err)
{
	switch (state) {
	case SG_ATTEMPT_ISSUED:
		return SG_OK;
	case SG_ATTEMPT_DENIED:
		return sg_fail(
		    err, SG_E_DENIED, "request.denied", "an approver denied this request");
	case SG_ATTEMPT_PENDING:
		return sg_fail(
		    err, SG_E_PENDING, "request.pending", "an approver has not decided yet");
	case SG_ATTEMPT_RUNNING:
	case SG_ATTEMPT_FAILED:
		break;
	}
	return sg_fail(err, SG_E_INTERNAL, "tx.state", "a transaction in state %d", (int)state);
}

bool
sg_attempt_is_open(enum sg_attempt_state state)
{
	return state == SG_ATTEMPT_RUNNING || state == SG_ATTEMPT_PENDING;
}

static const char *const state_names[] = {
    [SG_ATTEMPT_RUNNING] = "running",
    [SG_ATTEMPT_PENDING] = "pending",
    [SG_ATTEMPT_DENIED] = "denied",
    [SG_ATTEMPT_ISSUED] = "issued",
    [SG_ATTEMPT_FAILED] = "failed",
};

const char *
sg_attempt_state_name(enum sg_attempt_state state)
{
	const size_t n = sizeof state_names / sizeof state_names[0];

	return (size_t)state < n && state_names[state] != NULL ? state_names[state] : "unknown";
}

const char *
sg_attempt_kind_name(enum sg_attempt_kind kind)
{
	return kind == SG_ATTEMPT_RENEW ? "renew" : "enrol";
}
