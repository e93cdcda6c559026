/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/registrar/challenge.h - one-time challenges, known by their keyed hash
 *
 * Ownership, errors and threads: store/verbs.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "policy/challenge.h"
#include "store/verbs.h"

struct sg_regdb_challenge {
	uint8_t hash[SG_STORE_HASH_LEN]; /* keyed hash of the challenge */
	enum sg_challenge_state state;	 /* ignored by _add: free */
	int64_t tx;			 /* that reserved or used it; 0 */
	uint32_t failures;
	int64_t created_at;
	int64_t expires_at;	  /* valid while now < expires_at */
	struct sg_slice endpoint; /* empty: any */
	struct sg_slice subject;  /* what it is bound to: sg_binding_put */
	struct sg_slice sans;	  /* text, the caller's format; empty: not bound */
	struct sg_slice created_by;
	struct sg_slice note;
};

/* SG_E_CONFLICT "challenge.exists": this hash is known. */
SG_RC
sg_regdb_challenge_add(
    struct sg_db *store, const struct sg_regdb_challenge *row, struct sg_err *err);

/* What a challenge is bound to, whatever its state. SG_E_NOTFOUND "challenge.unknown". */
SG_RC
sg_regdb_challenge_binding(struct sg_db *store, const uint8_t hash[SG_STORE_HASH_LEN],
    struct sg_buf *ret, struct sg_err *err);

/* Forget up to max challenges that expired before now and are not reserved. */
SG_RC
sg_regdb_challenge_purge(
    struct sg_db *store, int64_t now, unsigned max, uint64_t *ret_purged, struct sg_err *err);

/* Newest last, by expiry. each returns false to stop. */
SG_RC
sg_regdb_challenge_list(struct sg_db *store, unsigned limit,
    bool (*each)(void *arg, const struct sg_regdb_challenge *row), void *arg, struct sg_err *err);
