/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/registrar/challenge_private.h - a challenge within a verb's own transaction, private to
 * src/store
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "db/sql.h"
#include "policy/challenge.h"
#include "store/registrar/challenge.h"

/* The row of a challenge in a verb's own transaction, lent until q ends. SG_OK and *ret_found
 * false: there is none. */
SG_RC
sg_regdb_challenge_find(struct sg_query *q, struct sg_sql *db,
    const uint8_t hash[SG_STORE_HASH_LEN], bool *ret_found, struct sg_regdb_challenge *ret,
    struct sg_err *err);
/* A row as policy sees it; the slices are the row's. */
struct sg_offer
sg_regdb_challenge_offer(const struct sg_regdb_challenge *row);
