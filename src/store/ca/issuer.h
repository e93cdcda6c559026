/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/issuer.h - the keys that this database has certificates of: a small number for each
 *
 * Ownership, errors and threads: store/verbs.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/verbs.h"

/* A small number for an issuer, made when first asked; key_hash is SHA-256 of its
 * SubjectPublicKeyInfo. */
SG_RC
sg_cadb_issuer_no(struct sg_db *store, const uint8_t key_hash[SG_STORE_HASH_LEN],
    struct sg_slice name, int64_t now, int *ret_issuer, struct sg_err *err);

struct sg_cadb_issuer {
	int id;
	uint8_t key_hash[SG_STORE_HASH_LEN];
	struct sg_slice name;	/* Name TLV; lent */
	int64_t last_not_after; /* of all that it issued; 0: nothing */
};

/* All issuers that ever were. each returns false to stop. */
SG_RC
sg_cadb_issuer_list(struct sg_db *store, bool (*each)(void *arg, const struct sg_cadb_issuer *row),
    void *arg, struct sg_err *err);
