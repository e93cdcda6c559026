/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/client_options.h - the command line of enroll, renew, getcacert and getcacaps, read into the
 * options of the library
 *
 * What is wrong with it is SG_E_USAGE.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "enroll/job.h"
#include "enroll/session.h"
#include "x509/cert.h"

/* How the server is reached. */
SG_RC
cli_client_read_net(const struct cli_args *a, struct sg_enroll_options *ret, struct sg_err *err);
/* How the message is made, and where the CA certificates go. */
SG_RC
cli_client_read_message(
    const struct cli_args *a, struct sg_enroll_job_options *ret, struct sg_err *err);
/* Pin from --ca-fingerprint, --ca-file, --insecure-ca, --ra-fingerprint. */
SG_RC
cli_client_read_pin(
    const struct cli_args *a, bool renewal, struct sg_enroll_job_options *ret, struct sg_err *err);
/* "rsa-3072" to bits. ("client.key-type") */
SG_RC
cli_client_read_key_bits(const struct cli_args *a, unsigned *ret, struct sg_err *err);
/* The challenge from --challenge or --challenge-file; empty when neither is given. */
SG_RC
cli_client_read_challenge(const struct cli_client *c, struct sg_buf *out, struct sg_err *err);
/* --san; store has SG_SAN_LEN_MAX bytes for each. */
SG_RC
cli_client_read_sans(
    const struct cli_args *a, struct sg_buf *store, struct sg_sans *ret, struct sg_err *err);
SG_RC
cli_client_read_key_usage(const struct cli_args *a, uint32_t *ret, struct sg_err *err);
/* --eku, what the options borrow in a store of their own. */
struct cli_client_ekus {
	struct sg_buf item[SG_EKUS_MAX];
};
void
cli_client_ekus_clear(struct cli_client_ekus *ekus);
SG_RC
cli_client_read_ekus(const struct cli_args *a, struct cli_client_ekus *store,
    struct sg_enroll_job_options *ret, struct sg_err *err);

/* Options of several commands. */
#define CLI_CLIENT_OPTIONS_NET                                                                     \
	{"timeout", 0, "TIME", "for one exchange (default: 30s)"},                                 \
	    {"retries", 0, "N", "how often to try again when nobody answers (default: 3)"},        \
	    {"tls-ca", 0, "FILE", "PEM: roots for https:// (default: the system's)"},              \
	{                                                                                          \
		"proxy", 0, "URL", "http://host:port; the environment is not looked at"            \
	}
#define CLI_CLIENT_OPTIONS_TRUST                                                                   \
	{"ca-fingerprint", 0, "HEX",                                                               \
	    "SHA-256 of a CA certificate of the server; checked before the challenge leaves"},     \
	    {"ca-file", 0, "FILE",                                                                 \
		"PEM: the CA certificates to trust, in place of a fingerprint"},                   \
	    {"ra-fingerprint", 0, "HEX",                                                           \
		"SHA-256 of the RA certificate; needed when it lacks the purpose of an RA"},       \
	{                                                                                          \
		"insecure-ca", 0, NULL,                                                            \
		    "do not check the CA: whoever is on the way can read the challenge"            \
	}
#define CLI_CLIENT_OPTIONS_MESSAGE                                                                 \
	{"challenge-file", 0, "FILE", "the challenge; - for standard input"},                      \
	    {"challenge", 0, "TEXT", "discouraged: ps and the shell's history show it"},           \
	    {"post", 0, NULL, "send by POST (default: when the server offers it)"},                \
	    {"get", 0, NULL, "send by GET"},                                                       \
	    {"cipher", 0, "NAME", "aes-128, aes-192, aes-256 or 3des (default: aes-128)"},         \
	    {"digest", 0, "NAME", "sha256, sha384, sha512 or sha1 (default: sha256)"},             \
	    {"oaep", 0, NULL, "RSAES-OAEP with SHA-256 for the content key"},                      \
	    {"pss", 0, NULL, "RSASSA-PSS for the message's signature"},                            \
	    {"txid", 0, "TEXT", "the transactionID (default: made from the key)"},                 \
	    {"legacy", 0, NULL, "allow 3DES and SHA-1 with a server that has nothing better"},     \
	    {"legacy-des", 0, NULL,                                                                \
		"read answers in single DES and SHA-1 (old micromdm); requests never use DES"},    \
	    {"ca-out", 0, "FILE", "PEM: write the CA certificates, issuing CA first"},             \
	{                                                                                          \
		"force", 0, NULL, "overwrite --out and --ca-out"                                   \
	}
