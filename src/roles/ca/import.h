/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/import.h - records certificates that were issued elsewhere (private to roles/ca)
 */

#include "api/call.h"

/* POST /v1/ca/certificates. */
SG_RC
ca_import(struct sg_api_call *call, struct sg_err *err);
