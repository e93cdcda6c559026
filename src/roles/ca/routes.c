/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/routes.c - which function answers which route of ca
 */

#include "roles/ca/routes.h"

#include "api/ca.h"
#include "roles/ca/audit.h"
#include "roles/ca/backup.h"
#include "roles/ca/certificates.h"
#include "roles/ca/import.h"
#include "roles/ca/report.h"
#include "roles/ca/revocation.h"

static sg_api_handler *const handlers[SG_API_ca_n] = {
    [SG_API_ca_certificates] = ca_certificates,
    [SG_API_ca_certificate] = ca_certificate,
    [SG_API_ca_import] = ca_import,
    [SG_API_ca_revoke] = ca_revoke,
    [SG_API_ca_release] = ca_release,
    [SG_API_ca_publish] = ca_publish,
    [SG_API_ca_adopt] = ca_adopt,
    [SG_API_ca_audit] = ca_audit,
    [SG_API_ca_backup] = ca_backup,
    [SG_API_ca_status] = ca_status,
};

const struct sg_api ca_api = {.routes = &sg_api_ca_routes, .handler = handlers};
