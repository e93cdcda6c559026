/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/transaction.h - the life of a transaction: one idempotency key, one or more attempts
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
#define SG_NO_TRANSACTION_RUNNING 1
#define SG_NO_TRANSACTION_PENDING 2
#define SG_NO_TRANSACTION_DENIED 3
#define SG_NO_TRANSACTION_ISSUED 4
#define SG_NO_TRANSACTION_FAILED 5

enum sg_transaction_state {
	SG_TRANSACTION_RUNNING = SG_NO_TRANSACTION_RUNNING,
	SG_TRANSACTION_PENDING = SG_NO_TRANSACTION_PENDING, /* waits for an approver */
	SG_TRANSACTION_DENIED = SG_NO_TRANSACTION_DENIED,   /* by an approver */
	SG_TRANSACTION_ISSUED = SG_NO_TRANSACTION_ISSUED,
	SG_TRANSACTION_FAILED =
	    SG_NO_TRANSACTION_FAILED, /* the next request with this key is the next attempt */
};

enum sg_transaction_kind {
	SG_TRANSACTION_ENROL = 1,
	SG_TRANSACTION_RENEW = 2,
};

/* What is known of a transaction under the key of a request. */
struct sg_transaction_known {
	enum sg_transaction_state state;
	enum sg_policy_kind policy;	 /* that its latest attempt was granted by */
	int64_t started_at, finished_at; /* of its latest attempt */
};

/*
 * Does it answer the request? Every one but a failed one; an issued one for as long as its own
 * policy says, whatever the request could be granted by now, and by either of its times, for clocks
 * that were set in between.
 */
bool
sg_transaction_answers(const struct sg_transaction_known *known, int64_t now);

/* What one that answers has to say: SG_OK: the certificate. SG_E_DENIED "request.denied";
 * SG_E_PENDING "request.pending"; SG_E_INTERNAL "tx.state": it does not answer. */
SG_RC
sg_transaction_say(enum sg_transaction_state state, struct sg_err *err);

/* May an outcome be recorded? */
bool
sg_transaction_is_open(enum sg_transaction_state state);
