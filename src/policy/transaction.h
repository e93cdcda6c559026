/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/attempt.h - the life of a transaction: one idempotency key, one or more attempts
 * (ARCHITECTURE.md, "Idempotency")
 *
 * running -> issued, failed, or pending (waits for an approver) -> issued, failed, denied;
 * failed -> running, as the next attempt.
 * Threads: pure functions over what they are given.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "policy/policy.h"

/* The numbers are stored: none is ever given another meaning. They are macros, so that SQL is made
 * of them too (SG_SQL_NO of db/sql.h). */
#define SG_NO_ATTEMPT_RUNNING 1
#define SG_NO_ATTEMPT_PENDING 2
#define SG_NO_ATTEMPT_DENIED 3
#define SG_NO_ATTEMPT_ISSUED 4
#define SG_NO_ATTEMPT_FAILED 5

enum sg_attempt_state {
	SG_ATTEMPT_RUNNING = SG_NO_ATTEMPT_RUNNING,
	SG_ATTEMPT_PENDING = SG_NO_ATTEMPT_PENDING, /* waits for an approver */
	SG_ATTEMPT_DENIED = SG_NO_ATTEMPT_DENIED,   /* by an approver */
	SG_ATTEMPT_ISSUED = SG_NO_ATTEMPT_ISSUED,
	SG_ATTEMPT_FAILED =
	    SG_NO_ATTEMPT_FAILED, /* the next request with this key is the next attempt */
};

enum sg_attempt_kind {
	SG_ATTEMPT_ENROL = 1,
	SG_ATTEMPT_RENEW = 2,
};

/* What is known of a transaction under the key of a request. */
struct sg_attempt_known {
	enum sg_attempt_state state;
	int64_t started_at, finished_at; /* of its latest attempt */
};

/*
 * Does it answer the request? Every one but a failed one; an issued one for as long as the policy
 * says, by either of its times, for clocks that were set in between. policy: of the request; NULL:
 * a renewal.
 */
bool
sg_attempt_answers(
    const struct sg_attempt_known *known, const struct sg_policy *policy, int64_t now);

/* What one that answers has to say: SG_OK: the certificate. SG_E_DENIED "request.denied";
 * SG_E_PENDING "request.pending"; SG_E_INTERNAL "tx.state": it does not answer. */
SG_RC
sg_attempt_say(enum sg_attempt_state state, struct sg_err *err);

/* May an outcome be recorded? */
bool
sg_attempt_is_open(enum sg_attempt_state state);

/* For people: "running"; "unknown" for a number that is none of these. */
const char *
sg_attempt_state_name(enum sg_attempt_state state);
/* "enrol", "renew". */
const char *
sg_attempt_kind_name(enum sg_attempt_kind kind);
