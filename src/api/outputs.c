/* SPDX-License-Identifier: Apache-2.0 */

/*
 * api/outputs.c - the tables of what commands print, from the rows of the header
 */

#include "api/outputs.h"

const struct sg_json_word sg_api_client_issued_words[] = {
    {"issued", SG_API_CLIENT_ISSUED, "the certificate is stored"},
    {0},
};

const struct sg_json_word sg_api_client_refused_words[] = {
    {"pending", SG_API_CLIENT_PENDING, "it waits for an approver: the same command asks again"},
    {"refused", SG_API_CLIENT_REFUSED, "the server refused it"},
    {0},
};

const struct sg_json_word sg_api_client_failed_words[] = {
    {"error", SG_API_CLIENT_ERROR, "there was no answer, or none that may be trusted"},
    {0},
};

const struct sg_json_word sg_api_server_role_words[] = {
    {"CA", SG_API_SERVER_CA, "it signs certificates"},
    {"RA", SG_API_SERVER_RA, "it answers in the name of a CA"},
    {0},
};

SG_JSON_DEFINE(sg_api_client_certificate, SG_API_CLIENT_CERTIFICATE_ROWS, "a certificate");
SG_JSON_DEFINE(sg_api_client_issued, SG_API_CLIENT_ISSUED_ROWS, "a certificate that was issued");
SG_JSON_DEFINE(sg_api_client_refused, SG_API_CLIENT_REFUSED_ROWS, "a request without certificate");
SG_JSON_DEFINE(sg_api_client_failed, SG_API_CLIENT_FAILED_ROWS, "why a command failed");
SG_JSON_DEFINE(
    sg_api_server_certificate, SG_API_SERVER_CERTIFICATE_ROWS, "a certificate of a SCEP server");
SG_JSON_DEFINE(sg_api_server_certificates, SG_API_SERVER_CERTIFICATES_ROWS,
    "the certificates of a SCEP server");
SG_JSON_DEFINE(sg_api_server_capabilities, SG_API_SERVER_CAPABILITIES_ROWS,
    "what a SCEP server says that it can do");
SG_JSON_DEFINE(sg_api_finding, SG_API_FINDING_ROWS, "what is wrong with a database");
SG_JSON_DEFINE(sg_api_fsck, SG_API_FSCK_ROWS, "what was found in the databases");
SG_JSON_DEFINE(sg_api_system_status, SG_API_SYSTEM_STATUS_ROWS, "what the running system holds");
