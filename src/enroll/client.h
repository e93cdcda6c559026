/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/client.h - the SCEP client (RFC 8894) behind enroll, renew, getcacert and getcacaps
 *
 * One struct sg_enroll per command, in this order: sg_enroll_open, sg_enroll_get_caps,
 * sg_enroll_get_certs, sg_enroll_trust_settle (nothing secret has left so far), sg_enroll_send,
 * sg_enroll_take, and what writes and prints.
 * Ownership: everything hangs on struct sg_enroll; sg_enroll_close releases it. Slices of the
 *            trust borrow from its buffers.
 * Limits:    SG_HTTP_ANSWER_MAX, SG_CMS_CERTS_MAX, SG_ENROLL_WAIT_MAX_S.
 * Security:  the server is hostile until its RA certificate chains to what the user pinned;
 *            the challenge is encrypted to that RA and to nothing else.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "cli/args.h"
#include "cli/json.h"
#include "cli/text.h"
#include "crypto/key.h"
#include "enroll/text.h"
#include "enroll/trust.h"
#include "http/client.h"
#include "cms/degenerate.h"
#include "scep/reply.h"
#include "x509/cert.h"

#define SG_ENROLL_FILE_MAX (256u * 1024u) /* PEM files that we read */
#define SG_ENROLL_RETRIES_MAX 20
#define SG_ENROLL_WAIT_MAX_S 300 /* a longer Retry-After is told, not waited for */

struct sg_enroll {
	const struct cli_args *args;
	const char *url;
	struct sg_http_client *http;
	int64_t timeout_ms;
	unsigned retries, tries; /* tries: of the last exchange */
	uint32_t caps;		 /* enum sg_scep_cap; 0: none */
	char caps_note[160];	 /* why there are none */
	struct sg_buf caps_text, certs_der, file_der, answer_der;
	struct sg_degenerate certs;
	struct sg_enroll_pin pin;
	struct sg_enroll_trust trust;
	json_t *warnings;
};

/* cli/client.c: what all commands do. */
SG_RC
sg_enroll_open(const struct cli_args *args, struct sg_enroll **ret, struct sg_err *err);
void
sg_enroll_close(struct sg_enroll **clientp);
#define sg_enroll_scoped __attribute__((cleanup(sg_enroll_close))) struct sg_enroll
/* Print the failure, what to do about it, and with --json an object; returns the exit code. */
int
cli_client_fail(struct sg_enroll *c, const struct sg_err *why);
/* "signet renew: warning: ..." on standard error, and into the JSON. */
void
cli_client_warn(struct sg_enroll *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* exchange.c. GetCACaps; a missing or odd answer means none (RFC 8894 3.5.2). */
SG_RC
sg_enroll_get_caps(struct sg_enroll *c, struct sg_err *err);
/* GetCACert: fills certs and adds them to the trust, of which nothing is trusted yet. */
SG_RC
sg_enroll_get_certs(struct sg_enroll *c, struct sg_err *err);
/*
 * One PKIOperation, not repeated: *ret_again is true when it may be, after having waited.
 * attempt counts from 0.
 */
SG_RC
sg_enroll_operate(struct sg_enroll *c, struct sg_slice message, bool post, unsigned attempt,
    bool *ret_again, struct sg_buf *ret, struct sg_err *err);

/* cli/client_options.c: what the command line says about the message. */
struct sg_enroll_choice {
	enum sg_cipher cipher;
	enum sg_hash hash;
	struct sg_keytrans trans;
	bool pss, post, get, legacy, legacy_des;
	const char *txid; /* NULL: none given */
};
/* What was said. SG_E_USAGE. */
SG_RC
cli_client_read_choice(const struct cli_args *a, struct sg_enroll_choice *ret, struct sg_err *err);
/* What was not said, by the capabilities. SG_E_ALG ("client.cipher", "client.digest"). */
SG_RC
sg_enroll_choose(struct sg_enroll *c, struct sg_enroll_choice *choice, struct sg_err *err);
/* Pin from --ca-fingerprint, --ca-file, --insecure-ca, --ra-fingerprint. issued: renew. */
SG_RC
cli_client_read_pin(struct sg_enroll *c, const struct sg_cert *issued, struct sg_err *err);
/* The challenge from --challenge or --challenge-file; empty when neither is given. */
SG_RC
cli_client_read_challenge(struct sg_enroll *c, struct sg_buf *out, struct sg_err *err);
/* --san; store has SG_SAN_LEN_MAX bytes for each. */
SG_RC
cli_client_read_sans(
    const struct cli_args *a, struct sg_buf *store, struct sg_sans *ret, struct sg_err *err);
SG_RC
cli_client_read_key_usage(const struct cli_args *a, uint32_t *ret, struct sg_err *err);
struct sg_enroll_ekus {
	size_t n;
	struct sg_buf store[SG_EKUS_MAX];
};
void
sg_enroll_ekus_clear(struct sg_enroll_ekus *ekus);
SG_RC
cli_client_read_ekus(const struct cli_args *a, struct sg_enroll_ekus *ret, struct sg_err *err);

/* files.c: keys and certificates on disk. */

/* "rsa-3072" to bits. SG_E_USAGE ("client.key-type"). */
SG_RC
cli_client_key_bits(const struct cli_args *a, unsigned *ret, struct sg_err *err);
/* Warn when others can read a file with a secret, or own it; what it is called there. */
void
sg_enroll_warn_open(struct sg_enroll *c, const char *what, const char *path);
/* The key in path, RSA; SG_E_NOTFOUND when there is no file. Warns as above. */
SG_RC
sg_enroll_key_load(struct sg_enroll *c, const char *path, struct sg_key **ret, struct sg_err *err);
/* A key can be made here, or is there already. SG_E_USAGE ("client.path"). */
SG_RC
sg_enroll_key_check_place(const char *option, const char *path, struct sg_err *err);
/* Make a key and write it; SG_E_CONFLICT when path exists. */
SG_RC
sg_enroll_key_make(const char *path, unsigned bits, struct sg_key **ret, struct sg_err *err);
/* Move path.pending to path, for good. */
SG_RC
sg_enroll_key_settle(const char *path, struct sg_err *err);
/* SG_E_USAGE ("client.exists") when path exists and --force was not given. */
SG_RC
sg_enroll_check_free(const struct cli_args *a, const char *option, struct sg_err *err);
/* PEM certificates, DER one behind the other in out, each a slice in ret. */
SG_RC
sg_enroll_read_certs(const char *path, struct sg_buf *out, struct sg_slice *ret, size_t max,
    size_t *ret_n, struct sg_err *err);
/* Write PEM certificates, atomically; replaces only with --force. */
SG_RC
sg_enroll_write_certs(const struct cli_args *a, const char *path, const struct sg_slice *certs,
    size_t n, struct sg_err *err);

/* send.c */
struct sg_enroll_request {
	enum sg_scep_type type;
	const struct sg_enroll_choice *choice;
	struct sg_slice csr;
	const struct sg_key *signer_key;
	struct sg_slice signer_cert; /* empty: a throw-away certificate for signer_key */
	struct sg_slice subject;     /* of that */
	const char *txid;
};
/* Send until there is an answer that is ours: signed by the RA, of this transaction. */
SG_RC
sg_enroll_send(struct sg_enroll *c, const struct sg_enroll_request *r, struct sg_reply *ret,
    struct sg_err *err);
/* What the issued certificate is compared with. */
struct sg_enroll_want {
	struct sg_slice spki, subject;
	const struct sg_sans *sans;
	struct sg_slice old; /* the certificate that is renewed; or empty */
};
/*
 * The certificate of our key in a SUCCESS, checked: chain, validity; differences from what
 * was asked become warnings. *ret borrows from the reply.
 * SG_E_MALFORMED ("client.issued...."), SG_E_SIGNATURE ("client.issuer"), SG_E_TIME.
 */
SG_RC
sg_enroll_take(struct sg_enroll *c, const struct sg_reply *reply, const struct sg_enroll_want *want,
    struct sg_cert *ret, struct sg_err *err);
/* FAILURE and PENDING: say what the server said; returns the exit code. */
int
sg_enroll_refused(struct sg_enroll *c, const struct sg_reply *reply, const char *txid);

/* job.c: what enroll and renew have in common once all inputs are there. */
struct sg_enroll_job {
	enum sg_scep_type type;
	struct sg_enroll_choice choice;
	struct sg_slice subject, challenge;
	const struct sg_sans *sans;
	uint32_t key_usage;
	struct sg_enroll_ekus ekus;
	struct sg_buf spki, csr;
	struct sg_key *key;	  /* of the new certificate */
	struct sg_key *old_key;	  /* renew; else NULL */
	struct sg_slice old_cert; /* renew; else empty */
	const char *key_file, *cert_file;
	bool key_made, key_pending; /* pending: the key is in key_file.pending so far */
};
void
sg_enroll_job_clear(struct sg_enroll_job *job);
#define sg_enroll_job_scoped __attribute__((cleanup(sg_enroll_job_clear))) struct sg_enroll_job
/* Capabilities, certificates, trust: nothing secret leaves. */
SG_RC
sg_enroll_meet(struct sg_enroll *c, struct sg_enroll_job *job, struct sg_err *err);
/* Request, answer, checks, files, report; returns the exit code, everything was said. */
int
sg_enroll_finish(struct sg_enroll *c, struct sg_enroll_job *job);

/* cli/client_show.c */

/* {"subject", "issuer", "serial", "not_before", "not_after", "sha256", "sans"} */
json_t *
cli_client_cert_json(const struct sg_cert *cert);
/* The same, as aligned lines. */
void
cli_client_cert_print(const struct sg_cert *cert);
/* A line "  label        text". */
void
cli_client_line(const char *label, const char *text);

struct cli_client_result {
	const struct sg_cert *cert;
	const char *key_file, *cert_file, *ca_file; /* ca_file may be NULL */
	const char *txid;
	bool key_made;
};
/* The issued certificate, where it is, and the warnings. */
void
cli_client_report(struct sg_enroll *c, const struct cli_client_result *r);

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
