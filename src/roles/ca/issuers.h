/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/issuers.h - key and certificate of this CA, and of those before (private to roles/ca)
 */

#include "base/err.h"

struct ca;

/* Read key and certificate of this CA and of those before. */
SG_RC
ca_issuers_load(struct ca *ca, struct sg_err *err);
/* And find them in the database. SG_E_CONF "issuer.new-key". */
SG_RC
ca_issuers_record(struct ca *ca, struct sg_err *err);
