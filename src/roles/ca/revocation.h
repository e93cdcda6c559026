/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/revocation.h - revokes and releases, and publishes lists (private to roles/ca)
 */

#include "api/call.h"

/* POST /v1/ca/certificates/{serial}/revoke and .../release. */
SG_RC
ca_revoke(struct sg_api_call *call, struct sg_err *err);
SG_RC
ca_release(struct sg_api_call *call, struct sg_err *err);
/* POST /v1/ca/crl and /v1/ca/crl/adopt. */
SG_RC
ca_publish(struct sg_api_call *call, struct sg_err *err);
SG_RC
ca_adopt(struct sg_api_call *call, struct sg_err *err);
