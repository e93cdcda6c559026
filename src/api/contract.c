/* SPDX-License-Identifier: Apache-2.0 */

/*
 * contract.c - the table of all routes, from which `signet api` and its tests are made
 */

#include "api/contract.h"

#include <stddef.h>

#include "api/ca.h"
#include "api/outputs.h"
#include "api/registrar.h"

const struct sg_api_routes *const sg_api_contract[] = {
    &sg_api_registrar_routes, &sg_api_ca_routes, NULL};

const struct sg_api_output sg_api_outputs[] = {
    {"enroll", &sg_api_client_issued_schema},
    {"enroll", &sg_api_client_refused_schema},
    {"enroll", &sg_api_client_failed_schema},
    {"renew", &sg_api_client_issued_schema},
    {"renew", &sg_api_client_refused_schema},
    {"renew", &sg_api_client_failed_schema},
    {"getcacert", &sg_api_server_certificates_schema},
    {"getcacert", &sg_api_client_failed_schema},
    {"getcacaps", &sg_api_server_capabilities_schema},
    {"getcacaps", &sg_api_client_failed_schema},
    {"fsck", &sg_api_fsck_schema},
    {"status", &sg_api_system_status_schema},
    {0},
};
