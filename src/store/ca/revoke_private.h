/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/revoke_private.h - a revocation within a verb's own transaction, private to src/store
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "db/sql.h"
#include "store/verbs.h"

/* A revocation in a verb's own transaction: the certificate's new state, and its audit row. */
struct sg_cadb_revoking {
	struct sg_slice serial, who;
	int reason;
	int64_t revoked_at; /* what the list says */
	int64_t now;
};
SG_RC
sg_cadb_revoke_cert(struct sg_sql *db, int64_t id, int to_state,
    const struct sg_cadb_revoking *what, struct sg_err *err);

/* A CRLReason that a certificate may be revoked with. */
bool
sg_cadb_revoke_reason_ok(int reason);
