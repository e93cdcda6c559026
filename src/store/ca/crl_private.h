/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/crl_private.h - what lists say of one certificate, within a verb's own transaction,
 * private to src/store
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "db/sql.h"
#include "store/ca/cert.h"

/* Revoke a certificate that was just recorded if an adopted list has it. */
SG_RC
sg_cadb_crl_take_adopted(
    struct sg_sql *db, int64_t cert_id, const struct sg_cadb_new_cert *cert, struct sg_err *err);
/* Was it released from hold by an act later than that audit row? */
SG_RC
sg_cadb_crl_released(
    struct sg_sql *db, struct sg_slice serial, int64_t after, bool *ret, struct sg_err *err);
