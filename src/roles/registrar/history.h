/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/history.h - what became of requests: transactions and events as the contract
 * shows them (private to roles/registrar)
 */

#include "api/call.h"

/* GET /v1/registrar/transactions. SG_E_USAGE "control.serial". */
SG_RC
registrar_transactions(struct sg_api_call *call, struct sg_err *err);
/* GET /v1/registrar/events. */
SG_RC
registrar_events(struct sg_api_call *call, struct sg_err *err);
/* GET /v1/registrar/trace. SG_E_NOTFOUND "trace.none". */
SG_RC
registrar_trace(struct sg_api_call *call, struct sg_err *err);
