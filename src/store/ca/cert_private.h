/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/cert_private.h - certificates within a verb's own transaction, private to src/store
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "db/sql.h"

/* The state of the certificate with this serial number, or 0: there is none. */
SG_RC
sg_cadb_cert_get_state(
    struct sg_sql *db, struct sg_slice serial, int64_t *ret_state, struct sg_err *err);
