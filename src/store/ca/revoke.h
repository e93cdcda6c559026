/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/revoke.h - revoking, holding and releasing one certificate
 *
 * Ownership, errors and threads: store/verbs.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/verbs.h"

/* CRLReason of RFC 5280 5.3.1 as far as callers need names. */
#define SG_CADB_REASON_HOLD 6

/*
 * Revoke with a CRLReason (0..10 without 7 and 8); SG_CADB_REASON_HOLD may be released or
 * turned into a revocation later. withdrawn: because a notification failed.
 * *ret_changed false: it already was revoked with that reason.
 *
 * SG_E_NOTFOUND  "serial.unknown"
 * SG_E_CONFLICT  "revoke.already": revoked for another reason, and that stays
 */
SG_RC
sg_cadb_revoke(struct sg_db *store, struct sg_slice serial, int reason, bool withdrawn,
    struct sg_slice who, int64_t now, bool *ret_changed, struct sg_err *err);

/* From hold to good. SG_E_CONFLICT "release.state": not on hold. */
SG_RC
sg_cadb_release(struct sg_db *store, struct sg_slice serial, struct sg_slice who, int64_t now,
    struct sg_err *err);
