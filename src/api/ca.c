/* SPDX-License-Identifier: Apache-2.0 */

/*
 * api/ca.c - the rows and words of what ca may be asked, as tables
 */

#include "api/ca.h"

#include "x509/crl.h"

const struct sg_json_word sg_api_certificate_state_words[] = {
    {"intent", SG_API_CERTIFICATE_INTENT,
	"about to be signed; only in databases of earlier versions"},
    {"good", SG_API_CERTIFICATE_GOOD, "issued, and not revoked"},
    {"hold", SG_API_CERTIFICATE_HOLD, "revoked, and may be released"},
    {"revoked", SG_API_CERTIFICATE_REVOKED, "revoked for good"},
    {"withdrawn", SG_API_CERTIFICATE_WITHDRAWN,
	"revoked because it could not be reported where that was wanted"},
    {"failed", SG_API_CERTIFICATE_FAILED, "a request that will never be a certificate"},
    {0},
};

const struct sg_json_word sg_api_certificate_states_words[] = {
    {"good", 1u << SG_API_CERTIFICATE_GOOD, "issued, and not revoked"},
    {"revoked",
	1u << SG_API_CERTIFICATE_REVOKED | 1u << SG_API_CERTIFICATE_HOLD |
	    1u << SG_API_CERTIFICATE_WITHDRAWN,
	"revoked, on hold or withdrawn"},
    {"hold", 1u << SG_API_CERTIFICATE_HOLD, "on hold"},
    {"intent", 1u << SG_API_CERTIFICATE_INTENT, "about to be signed"},
    {"failed", 1u << SG_API_CERTIFICATE_FAILED, "will never be a certificate"},
    {0},
};

#define WORD(name, value, word, text) {word, value, text},
const struct sg_json_word sg_api_reason_words[] = {SG_REASON_ROWS(WORD){0}};
#undef WORD

SG_JSON_DEFINE(
    sg_api_certificate_filter, SG_API_CERTIFICATE_FILTER_ROWS, "which certificates a list has");
SG_JSON_DEFINE(sg_api_serial, SG_API_SERIAL_ROWS, "one certificate");
SG_JSON_DEFINE(sg_api_lineage_member, SG_API_LINEAGE_MEMBER_ROWS, "a certificate of a lineage");
SG_JSON_DEFINE(sg_api_lineage, SG_API_LINEAGE_ROWS,
    "all certificates that come from one enrolment by renewals");
SG_JSON_DEFINE(sg_api_certificate, SG_API_CERTIFICATE_ROWS, "a certificate as the CA knows it");
SG_JSON_DEFINE(sg_api_import, SG_API_IMPORT_ROWS, "a certificate that is to be recorded");
SG_JSON_DEFINE(sg_api_imported, SG_API_IMPORTED_ROWS, "what was recorded");
SG_JSON_DEFINE(sg_api_published, SG_API_PUBLISHED_ROWS, "a revocation list that is published");
SG_JSON_DEFINE(sg_api_lists, SG_API_LISTS_ROWS, "what was published");
SG_JSON_DEFINE(sg_api_revoke, SG_API_REVOKE_ROWS, "why, and what with it");
SG_JSON_DEFINE(
    sg_api_lineage_revoked, SG_API_LINEAGE_REVOKED_ROWS, "what was revoked of a lineage");
SG_JSON_DEFINE(sg_api_revoked, SG_API_REVOKED_ROWS, "what was revoked");
SG_JSON_DEFINE(sg_api_publish, SG_API_PUBLISH_ROWS, "how lists are dated");
SG_JSON_DEFINE(sg_api_adopted, SG_API_ADOPTED_ROWS, "what was taken over from a list");
SG_JSON_DEFINE(sg_api_ca_list, SG_API_CA_LIST_ROWS, "a revocation list of the CA");
SG_JSON_DEFINE(sg_api_ca_status, SG_API_CA_STATUS_ROWS, "what the CA holds and how it is");
SG_JSON_DEFINE(sg_api_audit_filter, SG_API_AUDIT_FILTER_ROWS, "which acts a list has");
SG_JSON_DEFINE(sg_api_audit, SG_API_AUDIT_ROWS, "a row of the audit: an act of the CA");

SG_API_ROUTES_DEFINE(ca, SG_API_CA_ROUTES);
