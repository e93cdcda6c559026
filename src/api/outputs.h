/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/outputs.h - what commands print with --json, where that is no answer of a route: the SCEP
 * client, fsck of a stopped system, and the status of all roles
 *
 * Names, paths and what servers said are printable texts: escaped as on a terminal.
 */

#include "api/ca.h"
#include "api/registrar.h"
#include "base/limits.h"
#include "json/schema.h"

#define SG_API_CLIENT_TEXT_MAX 65536 /* of a name, a path, or what a server said, escaped */

#define SG_API_CLIENT_CERTIFICATE_ROWS(R, T)                                                       \
	R(T, text, required, subject, (1, SG_API_CLIENT_TEXT_MAX),                                 \
	    "the distinguished name, RFC 4514; (empty) where it has no attributes")                \
	R(T, texts, required, sans, (0, SG_SANS_MAX), "its names, such as dns:dev1.example")       \
	R(T, text, required, issuer, (1, SG_API_CLIENT_TEXT_MAX), "the name of the CA")            \
	R(T, text, required, serial, (1, 3 * SG_SERIAL_MAX),                                       \
	    "the serial number as openssl prints it, in lower case")                               \
	R(T, time, required, not_before, (), "when it begins")                                     \
	R(T, time, required, not_after, (), "when it ends")                                        \
	R(T, hex, required, sha256, (32, 32), "the fingerprint")

SG_JSON_DECLARE(sg_api_client_certificate, SG_API_CLIENT_CERTIFICATE_ROWS);

#define SG_API_CLIENT_WARNINGS_MAX 64
#define SG_API_CLIENT_WARNINGS_ROW(R, T)                                                           \
	R(T, texts, required, warnings, (0, SG_API_CLIENT_WARNINGS_MAX),                           \
	    "what is odd, the first of it")

/* --- signet enroll and signet renew --- */

enum sg_api_client_result {
	SG_API_CLIENT_ISSUED = 1,
	SG_API_CLIENT_PENDING,
	SG_API_CLIENT_REFUSED,
	SG_API_CLIENT_ERROR,
};
extern const struct sg_json_word sg_api_client_issued_words[], sg_api_client_refused_words[],
    sg_api_client_failed_words[];

#define SG_API_CLIENT_ISSUED_ROWS(R, T)                                                            \
	R(T, enum, required, result, (sg_api_client_issued_words), "what became of the request")   \
	SG_API_CLIENT_CERTIFICATE_ROWS(R, T)                                                       \
	R(T, text, required, key_file, (1, SG_API_CLIENT_TEXT_MAX), "where the key is")            \
	R(T, bool, required, key_made, (), "it was made by this")                                  \
	R(T, text, required, cert_file, (1, SG_API_CLIENT_TEXT_MAX), "where the certificate is")   \
	R(T, text, nullable, ca_file, (1, SG_API_CLIENT_TEXT_MAX),                                 \
	    "where its CAs are; null without --ca-out")                                            \
	R(T, text, required, transaction_id, (1, SG_TXID_MAX), "SCEP's id of the transaction")     \
	SG_API_CLIENT_WARNINGS_ROW(R, T)
SG_JSON_DECLARE(sg_api_client_issued, SG_API_CLIENT_ISSUED_ROWS);

#define SG_API_CLIENT_REFUSED_ROWS(R, T)                                                           \
	R(T, enum, required, result, (sg_api_client_refused_words), "what became of the request")  \
	R(T, text, required, transaction_id, (1, SG_TXID_MAX), "SCEP's id of the transaction")     \
	R(T, text, optional, fail_info, (1, 32),                                                   \
	    "of a refusal: badRequest, ... by RFC 8894; none: the server named none")              \
	R(T, text, optional, fail_info_text, (0, SG_API_CLIENT_TEXT_MAX), "what the server said")  \
	R(T, text, optional, trace, (1, 64), "the trace id in that: on the server, signet trace")  \
	SG_API_CLIENT_WARNINGS_ROW(R, T)
SG_JSON_DECLARE(sg_api_client_refused, SG_API_CLIENT_REFUSED_ROWS);

#define SG_API_CLIENT_FAILED_ROWS(R, T)                                                            \
	R(T, enum, required, result, (sg_api_client_failed_words), "what became of the request")   \
	R(T, text, required, rule, (1, 64), "what was broken; signet explain RULE says more")      \
	R(T, text, required, error, (1, 2048), "what was wrong, in one sentence")                  \
	R(T, text, optional, remedy, (1, 2048), "what to do")                                      \
	R(T, text, optional, certificate, (1, 4 * SG_CERT_MAX),                                    \
	    "PEM: a certificate that was issued and could not be stored")                          \
	SG_API_CLIENT_WARNINGS_ROW(R, T)
SG_JSON_DECLARE(sg_api_client_failed, SG_API_CLIENT_FAILED_ROWS);

/* --- signet getcacert and signet getcacaps; when they fail, the last of those above --- */

enum sg_api_server_role { SG_API_SERVER_CA = 1, SG_API_SERVER_RA };
extern const struct sg_json_word sg_api_server_role_words[];

#define SG_API_SERVER_CERTIFICATE_ROWS(R, T)                                                       \
	SG_API_CLIENT_CERTIFICATE_ROWS(R, T)                                                       \
	R(T, enum, required, role, (sg_api_server_role_words), "what it is for")                   \
	R(T, bool, required, recipient, (), "requests are encrypted to it")
SG_JSON_DECLARE(sg_api_server_certificate, SG_API_SERVER_CERTIFICATE_ROWS);

#define SG_API_SERVER_CERTS_MAX (3 * SG_CMS_CERTS_MAX) /* as many as the client keeps */
#define SG_API_SERVER_CERTIFICATES_ROWS(R, T)                                                      \
	R(T, text, required, url, (1, SG_API_CLIENT_TEXT_MAX), "the server's")                     \
	R(T, list, required, certificates,                                                         \
	    (sg_api_server_certificate, 1, SG_API_SERVER_CERTS_MAX),                               \
	    "what the server gave; nothing authenticates it")                                      \
	SG_API_CLIENT_WARNINGS_ROW(R, T)
SG_JSON_DECLARE(sg_api_server_certificates, SG_API_SERVER_CERTIFICATES_ROWS);

#define SG_API_SERVER_WORDS_MAX 100 /* ten are known */
#define SG_API_SERVER_CAPABILITIES_ROWS(R, T)                                                      \
	R(T, text, required, url, (1, SG_API_CLIENT_TEXT_MAX), "the server's")                     \
	R(T, texts, required, capabilities, (1, SG_API_SERVER_WORDS_MAX),                          \
	    "each word that the server sent, known or not")
SG_JSON_DECLARE(sg_api_server_capabilities, SG_API_SERVER_CAPABILITIES_ROWS);

/* --- signet fsck --- */

#define SG_API_FINDING_ROWS(R, T)                                                                  \
	R(T, text, required, invariant, (1, 16), "which one is broken, such as I1")                \
	R(T, text, required, text, (1, 2048), "by what")
SG_JSON_DECLARE(sg_api_finding, SG_API_FINDING_ROWS);

#define SG_API_FSCK_ROWS(R, T)                                                                     \
	R(T, list, required, findings, (sg_api_finding, 0, SG_JSON_INT_MAX), "all that is wrong")  \
	R(T, int, required, transactions, (0, SG_JSON_INT_MAX), "that were looked at")             \
	R(T, int, required, issued, (0, SG_JSON_INT_MAX), "those that got a certificate")          \
	R(T, int, required, running, (0, SG_JSON_INT_MAX), "those that had not ended")             \
	R(T, int, required, challenges, (0, SG_JSON_INT_MAX), "that were looked at")               \
	R(T, int, required, certificates, (0, SG_JSON_INT_MAX), "that were looked at")             \
	R(T, int, required, revoked, (0, SG_JSON_INT_MAX), "those that are revoked")               \
	R(T, int, required, intents, (0, SG_JSON_INT_MAX), "that got no certificate yet")          \
	R(T, int, required, audit_rows, (0, SG_JSON_INT_MAX), "that were looked at")
SG_JSON_DECLARE(sg_api_fsck, SG_API_FSCK_ROWS);

/* --- signet status --- */

#define SG_API_SYSTEM_STATUS_ROWS(R, T)                                                            \
	R(T, object, optional, ca, (sg_api_ca_status), "where it runs here and answers")           \
	R(T, object, optional, registrar, (sg_api_registrar_status), "the same")
SG_JSON_DECLARE(sg_api_system_status, SG_API_SYSTEM_STATUS_ROWS);
