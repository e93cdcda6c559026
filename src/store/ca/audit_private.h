/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/audit_private.h - audit rows within a verb's own transaction, private to src/store
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "db/sql.h"
#include "store/ca/audit.h"

/* The audit row of an act, in the transaction of the act. ret_seq: its number, or NULL. */
SG_RC
sg_cadb_audit_add(struct sg_sql *db, struct sg_slice who, const char *act, struct sg_slice object,
    struct sg_slice detail, int64_t at, int64_t *ret_seq, struct sg_err *err);

/* All rows of the audit in order. A row's texts are lent until the next one is asked for. */
void
sg_cadb_audit_begin(struct sg_query *q, struct sg_sql *db);
SG_RC
sg_cadb_audit_next(
    struct sg_query *q, bool *ret_found, struct sg_cadb_audit_row *ret, struct sg_err *err);

/* hash = SHA-256(previous hash, the row's fields each with its length). */
SG_RC
sg_cadb_audit_hash(const uint8_t prev[SG_STORE_HASH_LEN], const struct sg_cadb_audit_row *row,
    uint8_t ret[SG_STORE_HASH_LEN], struct sg_err *err);
