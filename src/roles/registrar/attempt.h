/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/attempt.h - reserve, ask ca, record; or wait for the attempt that does
 * (private to roles/registrar)
 */

#include "roles/registrar/state.h"
#include "store/registrar/tx.h"

SG_RC
registrar_attempt(struct work *w, struct sg_err *err);

/* What is recorded of a certificate; borrows from der. What sg_cert_parse says. */
SG_RC
registrar_describe(const struct sg_regdb_tx *tx, struct sg_slice der, struct sg_slice steps,
    struct sg_regdb_tx_issued *ret, struct sg_err *err);
/* Record that an attempt failed, and why. */
SG_RC
registrar_record_failed(struct registrar *r, const struct sg_regdb_tx *tx, const struct sg_err *why,
    struct sg_slice steps, struct sg_err *err);
