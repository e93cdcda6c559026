/* SPDX-License-Identifier: Apache-2.0 */

/*
 * attempt.c - the life of a transaction, for the store, which keeps it, and for registrar, which
 * drives it and shows it
 */

#include "policy/attempt.h"

#include <stddef.h>

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
