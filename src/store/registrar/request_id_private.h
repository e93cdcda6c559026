/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/registrar/request_id_private.h - the name of an attempt at ca, private to src/store
 */

#include <stdint.h>

#include "db/sql.h"
#include "store/verbs.h"

/* The name of an attempt of this registrar. */
SG_RC
sg_regdb_request_id(struct sg_sql *db, int64_t tx, uint32_t attempt,
    uint8_t ret[SG_STORE_REQUEST_ID_LEN], struct sg_err *err);

/* instance 16, transaction 8, attempt 4. */
void
sg_regdb_make_request_id(
    const uint8_t instance[16], int64_t tx, uint32_t attempt, uint8_t ret[SG_STORE_REQUEST_ID_LEN]);
