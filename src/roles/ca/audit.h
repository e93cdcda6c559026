/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/audit.h - the audit, for who asks (private to roles/ca)
 */

#include "api/call.h"

SG_RC
ca_audit(struct sg_api_call *call, struct sg_err *err);
