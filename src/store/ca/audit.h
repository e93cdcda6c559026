/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/audit.h - the audit chain: one row per act, in the transaction of the act, each with the
 * hash of the one before; and where the database stands by it
 *
 * Ownership, errors and threads: store/verbs.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/verbs.h"

struct sg_cadb_audit_row {
	int64_t seq; /* from 1, without a gap */
	int64_t at;
	struct sg_slice who, act, object, detail;
	uint8_t hash[SG_STORE_HASH_LEN]; /* SHA-256 of the previous hash and this row */
};

/* An act that has no verb of its own here: a backup. Also when the disk is full. */
SG_RC
sg_cadb_audit(struct sg_db *store, struct sg_slice who, struct sg_slice act, struct sg_slice object,
    struct sg_slice detail, int64_t now, struct sg_err *err);

struct sg_cadb_audit_filter {
	struct sg_slice act; /* exact; empty: any */
	bool ascending;	     /* oldest first */
	int64_t after;	     /* cursor, of ascending: only numbers above */
	int64_t before;	     /* cursor, of the other: only numbers below; 0: from the newest */
	unsigned limit;	     /* 0: 100 */
};

/* Newest first, or ascending. */
SG_RC
sg_cadb_audit_list(struct sg_db *store, const struct sg_cadb_audit_filter *filter,
    bool (*each)(void *arg, const struct sg_cadb_audit_row *row), void *arg, struct sg_err *err);

/* Where this database stands, for answers and against being set back. */
struct sg_cadb_head {
	int64_t audit_seq; /* 0: nothing yet */
	uint8_t audit_hash[SG_STORE_HASH_LEN];
	uint64_t crl_number; /* highest of any issuer */
};

SG_RC
sg_cadb_get_head(struct sg_db *store, struct sg_cadb_head *ret, struct sg_err *err);
