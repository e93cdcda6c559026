/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/history.h - what became of requests: transactions and events as the contract
 * shows them (private to roles/registrar)
 */

#include "api/call.h"

/* GET /v1/registrar/transactions. SG_E_USAGE "control.serial". */
enum sg_code
registrar_list_transactions(struct sg_api_call *call, struct sg_err *err);
/* GET /v1/registrar/events. */
enum sg_code
registrar_list_events(struct sg_api_call *call, struct sg_err *err);
/* GET /v1/registrar/trace. SG_E_NOTFOUND "trace.none". */
enum sg_code
registrar_find_trace(struct sg_api_call *call, struct sg_err *err);
