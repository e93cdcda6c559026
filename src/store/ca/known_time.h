/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/known_time.h - the latest time that the CA is known to have been at
 */

#include <stdint.h>

#include "base/err.h"
#include "db/db.h"

/* Remember now where it is later than what is known. *ret_known: what was known before; 0:
 * nothing yet. */
SG_RC
sg_cadb_known_time(struct sg_db *store, int64_t now, int64_t *ret_known, struct sg_err *err);

/* The clock was ahead: now is the time that is known. Audited. */
SG_RC
sg_cadb_known_time_set_back(
    struct sg_db *store, struct sg_slice who, int64_t now, struct sg_err *err);
