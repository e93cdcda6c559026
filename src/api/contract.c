/* SPDX-License-Identifier: Apache-2.0 */

/*
 * contract.c - the table of all routes, from which `signet api` and its tests are made
 */

#include "api/contract.h"

#include <stddef.h>

#include "api/ca.h"
#include "api/registrar.h"

const struct sg_api_routes *const sg_api_contract[] = {
    &sg_api_registrar_routes, &sg_api_ca_routes, NULL};

const struct sg_api_output sg_api_outputs[] = {{NULL, NULL}};
