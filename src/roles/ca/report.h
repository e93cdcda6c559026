/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/report.h - what ca holds and how it is (private to roles/ca)
 */

#include "api/call.h"

/* GET /v1/ca/status. */
SG_RC
ca_status(struct sg_api_call *call, struct sg_err *err);
