/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/registrar/size_private.h - how much there is of what is bounded, private to src/store
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "db/sql.h"

/* How much there is of what triggers count: rows, and bytes of texts. */
struct sg_regdb_size {
	uint64_t n, bytes;
};
SG_RC
sg_regdb_get_size(
    struct sg_sql *db, const char *what, struct sg_regdb_size *ret, struct sg_err *err);
