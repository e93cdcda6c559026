/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/job.h - one enrolment or renewal, from what the owner wants to the files on disk
 *
 * sg_enroll_prepare() reads and checks all that can be without the network, sg_enroll_run() asks
 * the server. A session is for one job, and neither is used after the other was released.
 * Ownership: a job borrows what its options point to; released by sg_enroll_job_free().
 * Security:  nothing secret leaves before the server's RA is trusted; the challenge is encrypted
 *            to that RA and to nothing else.
 * Files:     the key is on disk before anything is sent, the certificate is written after it: where
 *            a certificate is, its key is. Each file is whole or not there. A certificate of our
 *            key that no trusted CA issued, that cannot be read, or whose answer needs an option
 *            that was not given, goes to cert_file.unverified.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "enroll/choice.h"
#include "enroll/session.h"
#include "enroll/trust.h"
#include "scep/message.h"
#include "scep/reply.h"
#include "x509/cert.h"

struct sg_enroll_job_options {
	/* The server: pin.mode NONE is for a renewal, which then trusts the CA that issued. */
	struct sg_enroll_pin pin;
	const char *pin_file; /* PEM: the CAs of SG_ENROLL_PIN_FILE */
	struct sg_enroll_choice choice;
	const char *txid; /* NULL: made from the key */

	/* The files. An enrolment makes key_file when there is none. A renewal has old_cert_file,
	 * the certificate of key_file, and may have new_key_file, made when there is none. */
	const char *key_file, *old_cert_file, *new_key_file;
	const char *cert_file;	/* the new certificate */
	const char *chain_file; /* NULL: the CA certificates are not written */
	unsigned key_bits;	/* of a new key: RSA */
	bool replace;		/* cert_file and chain_file */

	/* The request; a renewal takes subject and names from the old certificate. */
	struct sg_slice subject;    /* DER */
	const struct sg_sans *sans; /* NULL: none */
	uint32_t key_usage;	    /* enum sg_key_usage bits, 0: none */
	size_t eku_n;
	struct sg_slice eku[SG_EKUS_MAX]; /* OID contents */
};

struct sg_enroll_job;

/*
 * Nothing is sent. SG_E_USAGE ("client.files", "client.path", "client.exists", "client.pair",
 * "client.san", "client.subject"), and what the reading of files and keys says.
 */
SG_RC
sg_enroll_prepare(struct sg_enroll *c, const struct sg_enroll_job_options *options,
    struct sg_enroll_job **ret, struct sg_err *err);
void
sg_enroll_job_free(struct sg_enroll_job **jobp);

/* Zeroed to begin with; released with sg_enroll_result_clear(). */
struct sg_enroll_result {
	struct sg_scep_reply reply; /* the server's: SUCCESS, FAILURE or PENDING, and its reason */
	char txid[SG_TXID_MAX + 1];
	struct sg_cert cert;  /* SUCCESS: that of our key; borrows from reply */
	bool stored;	      /* cert is in a file: cert_file, after a failure perhaps another */
	const char *key_file; /* SUCCESS: the key of cert; of the options */
	bool key_made;
};

/*
 * Capabilities, certificates, trust, request, answer, checks, files. SG_OK whenever the server
 * answered: reply.status says what. challenge may be empty.
 * After a failure ret->cert may have been issued all the same (ret->cert.raw is not empty), and be
 * nowhere on disk (!ret->stored): whoever can show it does.
 * After a failure, and after SG_SCEP_PENDING, the same job may be made again: it asks for the same
 * certificate. Failures are those of trust.h, choice.h, exchange.h, send.h, issued.h and files.h.
 */
SG_RC
sg_enroll_run(struct sg_enroll *c, struct sg_enroll_job *job, struct sg_slice challenge,
    struct sg_enroll_result *ret, struct sg_err *err);
void
sg_enroll_result_clear(struct sg_enroll_result *result);
#define sg_enroll_result_scoped                                                                    \
	__attribute__((cleanup(sg_enroll_result_clear))) struct sg_enroll_result
