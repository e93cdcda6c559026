/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/lease_private.h - a lease within a verb's own transaction, private to src/store
 */

#include "base/err.h"
#include "base/slice.h"
#include "db/sql.h"
#include "store/ca/lease.h"

SG_RC
sg_cadb_lease_check(const struct sg_cadb_lease *lease, struct sg_err *err);
SG_RC
sg_cadb_lease_write(
    struct sg_sql *db, struct sg_cadb_lease *lease, int64_t now, struct sg_err *err);
