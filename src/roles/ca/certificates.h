/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/certificates.h - certificates that are listed and shown (private to roles/ca)
 */

#include "api/call.h"

/* GET /v1/ca/certificates, GET /v1/ca/certificates/{serial}. */
SG_RC
ca_certificates(struct sg_api_call *call, struct sg_err *err);
SG_RC
ca_certificate(struct sg_api_call *call, struct sg_err *err);
