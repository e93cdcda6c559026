/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/ca.h - what ca may be asked over its control socket: certificates, revocation, lists
 *
 * Serial numbers are texts as openssl prints them, in lower case; a question may have them in upper
 * case and with ':' between bytes too.
 */

#include "api/route.h"
#include "api/status.h"
#include "base/limits.h"
#include "json/schema.h"

#define SG_API_SERIAL_MAX (3 * SG_SERIAL_MAX) /* bytes of its text: digits, and ':' or '-' */
#define SG_API_NAME_MAX 65536	  /* of a distinguished name: a certificate's, all of it escaped */
#define SG_API_FAILURE_MAX 2048	  /* of an error's text, all of it escaped */
#define SG_API_AUDIT_MAX 32768	  /* of a text of the audit, all of it escaped */
#define SG_API_REVOKED_SHOWN 1000 /* serial numbers of one answer */
#define SG_API_LINEAGE_SHOWN 20	  /* members of one answer; the list has all */

/* --- words --- */

enum sg_api_certificate_state {
	SG_API_CERTIFICATE_INTENT = 1,
	SG_API_CERTIFICATE_GOOD,
	SG_API_CERTIFICATE_HOLD,
	SG_API_CERTIFICATE_REVOKED,
	SG_API_CERTIFICATE_WITHDRAWN,
	SG_API_CERTIFICATE_FAILED,
};
extern const struct sg_json_word sg_api_certificate_state_words[];
/* What a list may ask for: values are sets of states, 1u << enum sg_api_certificate_state. */
extern const struct sg_json_word sg_api_certificate_states_words[];
/* Values are those of enum sg_crl_reason (x509/crl.h). */
extern const struct sg_json_word sg_api_reason_words[];

/* --- certificates --- */

#define SG_API_CERTIFICATE_FILTER_ROWS(R, T)                                                       \
	R(T, enum, optional, state, (sg_api_certificate_states_words),                             \
	    "only those in this state; all that were issued without it")                           \
	R(T, text, optional, subject, (0, 1024), "only those whose subject has this in it")        \
	R(T, hex, optional, trace, (1, 16), "only those whose trace id begins so")                 \
	R(T, time, optional, expires_before, (), "only those that end before")                     \
	R(T, text, optional, lineage, (1, SG_API_SERIAL_MAX),                                      \
	    "only those of the lineage of the certificate with this serial number")
SG_JSON_DECLARE(sg_api_certificate_filter, SG_API_CERTIFICATE_FILTER_ROWS);

#define SG_API_SERIAL_ROWS(R, T)                                                                   \
	R(T, text, required, serial, (1, SG_API_SERIAL_MAX),                                       \
	    "the serial number in hexadecimal, two digits a byte, as answers have it; ':' may "    \
	    "stand between two bytes")
SG_JSON_DECLARE(sg_api_serial, SG_API_SERIAL_ROWS);

#define SG_API_LINEAGE_MEMBER_ROWS(R, T)                                                           \
	R(T, text, required, serial, (1, SG_API_SERIAL_MAX), "its serial number")                  \
	R(T, enum, required, state, (sg_api_certificate_state_words), "its state")                 \
	R(T, time, required, not_before, (), "when it begins")                                     \
	R(T, time, required, not_after, (), "when it ends")                                        \
	R(T, text, optional, renews, (1, SG_API_SERIAL_MAX),                                       \
	    "the serial number of the certificate that it renews")
SG_JSON_DECLARE(sg_api_lineage_member, SG_API_LINEAGE_MEMBER_ROWS);

#define SG_API_LINEAGE_ROWS(R, T)                                                                  \
	R(T, text, required, first, (1, SG_API_SERIAL_MAX),                                        \
	    "the serial number of the certificate that it begins with")                            \
	R(T, int, required, size, (1, SG_JSON_INT_MAX), "how many certificates it has")            \
	R(T, int, required, live, (0, SG_JSON_INT_MAX),                                            \
	    "how many of them are good or on hold and have not ended")                             \
	R(T, list, required, members, (sg_api_lineage_member, 0, SG_API_LINEAGE_SHOWN),            \
	    "the newest of them, newest first")                                                    \
	R(T, int, required, more, (0, SG_JSON_INT_MAX), "how many older ones there are")
SG_JSON_DECLARE(sg_api_lineage, SG_API_LINEAGE_ROWS);

#define SG_API_CERTIFICATE_ROWS(R, T)                                                              \
	R(T, int, required, id, (1, SG_JSON_INT_MAX), "the order of issuing, the key of the list") \
	R(T, text, optional, serial, (1, SG_API_SERIAL_MAX),                                       \
	    "in lower-case hexadecimal, with '-' before a negative one of another CA; absent "     \
	    "where there is none")                                                                 \
	R(T, enum, required, state, (sg_api_certificate_state_words), "its state")                 \
	R(T, text, required, subject, (0, SG_API_NAME_MAX),                                        \
	    "the distinguished name as \"C=FI, O=Test, CN=dev1\", escaped as in RFC 4514")         \
	R(T, text, required, endpoint, (0, 1024), "where it was enrolled and may renew")           \
	R(T, text, required, template, (0, 1024), "by which it was made; import: elsewhere")       \
	R(T, time, optional, not_before, (), "when it begins; absent where none was to be made")   \
	R(T, time, optional, not_after, (), "when it ends; likewise")                              \
	R(T, hex, required, trace, (16, 16), "the trace id of its enrolment; zeros: it has none")  \
	R(T, text, optional, renews, (1, SG_API_SERIAL_MAX),                                       \
	    "the serial number of the certificate that it renews")                                 \
	R(T, text, optional, signer, (1, SG_API_SERIAL_MAX),                                       \
	    "the serial number of the certificate that signed its request, which a challenge "     \
	    "authorized")                                                                          \
	R(T, int, optional, lineage_id, (1, SG_JSON_INT_MAX),                                      \
	    "the id of the certificate that its lineage begins with")                              \
	R(T, time, optional, revoked_at, (), "when it was revoked or put on hold")                 \
	R(T, enum, optional, reason, (sg_api_reason_words), "and why")                             \
	R(T, text, optional, failure, (1, SG_API_FAILURE_MAX), "why there is no certificate")      \
	R(T, object, optional, lineage, (sg_api_lineage),                                          \
	    "all that comes from the same enrolment by renewals; not in lists")                    \
	R(T, hex, optional, der, (1, SG_CERT_MAX), "the certificate itself; not in lists")
SG_JSON_DECLARE(sg_api_certificate, SG_API_CERTIFICATE_ROWS);

#define SG_API_IMPORT_ROWS(R, T)                                                                   \
	R(T, text, optional, endpoint, (1, SG_ENDPOINT_MAX),                                       \
	    "where it may renew; default without it")                                              \
	R(T, hex, required, der, (1, SG_CERT_MAX), "the certificate")
SG_JSON_DECLARE(sg_api_import, SG_API_IMPORT_ROWS);

#define SG_API_IMPORTED_ROWS(R, T)                                                                 \
	R(T, text, required, serial, (1, SG_API_SERIAL_MAX), "its serial number")                  \
	R(T, bool, required, changed, (), "false: it was recorded before")
SG_JSON_DECLARE(sg_api_imported, SG_API_IMPORTED_ROWS);

/* --- revocation and lists --- */

#define SG_API_PUBLISHED_ROWS(R, T)                                                                \
	R(T, text, required, path, (1, 4096), "the file where it is published")                    \
	R(T, int, required, number, (1, INT64_MAX), "its CRL number")                              \
	R(T, int, required, entries, (0, SG_JSON_INT_MAX), "how many certificates are on it")
SG_JSON_DECLARE(sg_api_published, SG_API_PUBLISHED_ROWS);

#define SG_API_LISTS_ROW(R, T)                                                                     \
	R(T, list, required, lists, (sg_api_published, 0, 1 + SG_CONF_EARLIER_MAX),                \
	    "the revocation lists that are published with it, that of the key in use first")

#define SG_API_LISTS_ROWS(R, T) SG_API_LISTS_ROW(R, T)
SG_JSON_DECLARE(sg_api_lists, SG_API_LISTS_ROWS);

#define SG_API_REVOKE_ROWS(R, T)                                                                   \
	R(T, enum, optional, reason, (sg_api_reason_words), "why; unspecified without it")         \
	R(T, bool, optional, lineage, (),                                                          \
	    "revoke all that comes from the same enrolment by renewals, before and after it, "     \
	    "and let no renewal give another")
SG_JSON_DECLARE(sg_api_revoke, SG_API_REVOKE_ROWS);

#define SG_API_LINEAGE_REVOKED_ROWS(R, T)                                                          \
	R(T, int, required, size, (1, SG_JSON_INT_MAX), "how many certificates it has")            \
	R(T, int, required, ended, (0, SG_JSON_INT_MAX), "how many of the revoked had ended")      \
	R(T, int, required, revoked, (0, SG_JSON_INT_MAX), "how many were revoked by this")        \
	R(T, texts, required, serials, (0, SG_API_REVOKED_SHOWN),                                  \
	    "their serial numbers; of very many only the first")
SG_JSON_DECLARE(sg_api_lineage_revoked, SG_API_LINEAGE_REVOKED_ROWS);

#define SG_API_REVOKED_ROWS(R, T)                                                                  \
	R(T, bool, required, changed, (), "false: it was revoked for that reason before")          \
	SG_API_LISTS_ROW(R, T)                                                                     \
	R(T, int, optional, lineage_good, (0, SG_JSON_INT_MAX),                                    \
	    "of one certificate: how many others of its lineage are good")                         \
	R(T, object, optional, lineage, (sg_api_lineage_revoked), "of a lineage: what was revoked")
SG_JSON_DECLARE(sg_api_revoked, SG_API_REVOKED_ROWS);

#define SG_API_PUBLISH_ROWS(R, T)                                                                  \
	R(T, bool, optional, clock_was_ahead, (),                                                  \
	    "date the lists by the clock as it is, although the last ones have a later date")
SG_JSON_DECLARE(sg_api_publish, SG_API_PUBLISH_ROWS);

#define SG_API_ADOPTED_ROWS(R, T)                                                                  \
	R(T, int, required, revoked, (0, SG_JSON_INT_MAX), "certificates that are revoked by it")  \
	R(T, int, required, foreign, (0, SG_JSON_INT_MAX),                                         \
	    "entries whose certificate is not here; it is revoked when it is imported")            \
	R(T, int, required, known, (0, SG_JSON_INT_MAX), "entries that were known")                \
	SG_API_LISTS_ROW(R, T)
SG_JSON_DECLARE(sg_api_adopted, SG_API_ADOPTED_ROWS);

/* --- status --- */

#define SG_API_CA_LIST_ROWS(R, T)                                                                  \
	R(T, text, required, issuer, (0, SG_API_NAME_MAX), "the distinguished name of its issuer") \
	R(T, text, required, path, (1, 4096), "the file where it is published")                    \
	R(T, int, optional, number, (1, INT64_MAX), "its CRL number; absent: none was made")       \
	R(T, int, optional, entries, (0, SG_JSON_INT_MAX), "how many certificates are on it")      \
	R(T, time, optional, this_update, (), "from when it is valid")                             \
	R(T, time, optional, next_update, (), "until when")                                        \
	R(T, text, optional, problem, (1, SG_API_FAILURE_MAX), "why no newer one is published")
SG_JSON_DECLARE(sg_api_ca_list, SG_API_CA_LIST_ROWS);

#define SG_API_CA_STATUS_ROWS(R, T)                                                                \
	R(T, int, required, intent, (0, SG_JSON_INT_MAX), "requests that are about to be signed")  \
	R(T, int, required, good, (0, SG_JSON_INT_MAX), "certificates that are good")              \
	R(T, int, required, hold, (0, SG_JSON_INT_MAX), "certificates on hold")                    \
	R(T, int, required, revoked, (0, SG_JSON_INT_MAX), "certificates that are revoked")        \
	R(T, int, required, withdrawn, (0, SG_JSON_INT_MAX), "certificates that were withdrawn")   \
	R(T, int, required, failed, (0, SG_JSON_INT_MAX), "requests that give no certificate")     \
	R(T, text, required, issuer, (0, SG_API_NAME_MAX), "the distinguished name of the CA")     \
	R(T, time, required, issuer_not_after, (), "when its certificate ends")                    \
	R(T, int, required, crl_number, (0, INT64_MAX), "of the newest revocation list")           \
	R(T, int, required, audit_rows, (0, SG_JSON_INT_MAX), "acts that the audit has")           \
	R(T, list, required, lists, (sg_api_ca_list, 1, 1 + SG_CONF_EARLIER_MAX),                  \
	    "the revocation lists, that of the key in use first")                                  \
	R(T, int, required, clock_behind, (0, SG_JSON_INT_MAX),                                    \
	    "seconds from the clock to the latest time that is known; 0: it has not gone back")    \
	SG_API_STATUS_ROWS(R, T)
SG_JSON_DECLARE(sg_api_ca_status, SG_API_CA_STATUS_ROWS);

/* --- audit --- */

#define SG_API_AUDIT_FILTER_ROWS(R, T)                                                             \
	R(T, text, optional, act, (1, 64), "only those of this act: issue, revoke, backup, ...")
SG_JSON_DECLARE(sg_api_audit_filter, SG_API_AUDIT_FILTER_ROWS);

#define SG_API_AUDIT_ROWS(R, T)                                                                    \
	R(T, int, required, seq, (1, SG_JSON_INT_MAX), "its number, without a gap")                \
	R(T, time, required, at, (), "when it was done")                                           \
	R(T, text, required, who, (0, SG_API_AUDIT_MAX),                                           \
	    "who did it: a user of the system, a "                                                 \
	    "role, or supervisor")                                                                 \
	R(T, text, required, act, (1, SG_API_AUDIT_MAX), "what was done")                          \
	R(T, text, required, object, (0, SG_API_AUDIT_MAX), "to what: a serial number, a list")    \
	R(T, text, required, detail, (0, SG_API_AUDIT_MAX), "what else is recorded of it")         \
	R(T, hex, required, hash, (32, 32),                                                        \
	    "SHA-256 over the hash of the row before and this one; signet fsck verifies it")
SG_JSON_DECLARE(sg_api_audit, SG_API_AUDIT_ROWS);

/* --- routes --- */

#define SG_API_CA_ROUTES(R)                                                                        \
	R(ca, certificates, GET, "/v1/ca/certificates", LIST, READ, sg_api_certificate_filter,     \
	    sg_api_none, sg_api_certificate, "List certificates, newest first.")                   \
	R(ca, import, POST, "/v1/ca/certificates", ONE, CERTIFICATE, sg_api_none, sg_api_import,   \
	    sg_api_imported,                                                                       \
	    "Record a certificate that a key of this CA signed elsewhere. Twice does no harm.")    \
	R(ca, certificate, GET, "/v1/ca/certificates/{serial}", ONE, READ, sg_api_serial,          \
	    sg_api_none, sg_api_certificate, "Show one certificate and its lineage.")              \
	R(ca, revoke, POST, "/v1/ca/certificates/{serial}/revoke", ONE, CERTIFICATE,               \
	    sg_api_serial, sg_api_revoke, sg_api_revoked,                                          \
	    "Revoke a certificate, or all of its lineage, and publish a list that has it. "        \
	    "Twice does no harm; a revoked certificate stays revoked, but what is on hold can be " \
	    "released.")                                                                           \
	R(ca, release, POST, "/v1/ca/certificates/{serial}/release", ONE, CERTIFICATE,             \
	    sg_api_serial, sg_api_none, sg_api_lists,                                              \
	    "Release a certificate from hold, and publish a list without it.")                     \
	R(ca, publish, POST, "/v1/ca/crl", ONE, CERTIFICATE, sg_api_none, sg_api_publish,          \
	    sg_api_lists, "Publish new revocation lists now.")                                     \
	R(ca, adopt, POST, "/v1/ca/crl/adopt", ONE, CERTIFICATE, sg_api_none, sg_api_none,         \
	    sg_api_adopted,                                                                        \
	    "Revoke what a list says that `signet ca crl --adopt` put beside the published one, "  \
	    "after a backup came back, and publish a list with a higher number.")                  \
	R(ca, audit, GET, "/v1/ca/audit", FOLLOWED, READ, sg_api_audit_filter, sg_api_none,        \
	    sg_api_audit, "List the acts of the CA, newest first.")                                \
	R(ca, backup, GET, "/v1/ca/backup", BYTES, BACKUP, sg_api_none, sg_api_none, sg_api_none,  \
	    "Read the whole database as it is now; it goes on meanwhile. One at a time.")          \
	R(ca, status, GET, "/v1/ca/status", ONE, READ, sg_api_none, sg_api_none, sg_api_ca_status, \
	    "Say what the CA holds and how it is.")
SG_API_ROUTES_DECLARE(ca, SG_API_CA_ROUTES);
