/* SPDX-License-Identifier: Apache-2.0 */

/*
 * job.c - one enrolment or renewal from the server's capabilities to the files
 *
 * The same command after a lost answer makes the same PKCS#10 again: the key is on disk
 * before anything is sent, and RSA PKCS#1 v1.5 signatures have no random part. The server
 * then gives the same certificate.
 * The certificate is written last: where it is, its key is.
 */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "enroll/client.h"
#include "scep/request.h"
#include "x509/csr.h"

void
sg_enroll_job_clear(struct sg_enroll_job *job)
{
	sg_buf_clear(&job->spki);
	sg_buf_clear(&job->csr);
	sg_enroll_ekus_clear(&job->ekus);
	sg_key_free(&job->key);
	sg_key_free(&job->old_key);
}

static void
warn_insecure(struct sg_enroll *c)
{
	char have[2 * SG_SHA256_LEN + 1] = "";
	const struct sg_cert *ra = &c->trust.item[c->trust.ra].cert;
	sg_buf_scoped name = {0};

	/* Without memory the warning is less helpful. */
	sg_ignore(sg_enroll_fingerprint(ra->raw, have, NULL));
	cli_client_warn(c,
	    "--insecure-ca: nobody checked that this is the right server: whoever is on the way "
	    "can read the challenge and hand out certificates of a CA of their own; the RA is "
	    "'%s', SHA-256 %s",
	    sg_enroll_name_text(&name, ra->subject), have);
}

enum sg_code
sg_enroll_meet(struct sg_enroll *c, struct sg_enroll_job *job, struct sg_err *err)
{
	enum sg_code rc = sg_enroll_get_caps(c, err);
	if (rc == SG_OK)
		rc = sg_enroll_get_certs(c, err);
	if (rc == SG_OK)
		rc = sg_enroll_trust_settle(&c->trust, &c->pin, sg_clock_now(), err);
	if (rc == SG_OK)
		rc = sg_enroll_choose(c, &job->choice, err);
	if (rc == SG_OK && c->pin.mode == SG_ENROLL_PIN_INSECURE)
		warn_insecure(c);
	return rc;
}

static enum sg_code
make_csr(struct sg_enroll_job *job, struct sg_err *err)
{
	sg_buf_scoped info = {0};

	enum sg_code rc = sg_key_put_spki(job->key, &job->spki, err);
	if (rc != SG_OK)
		return rc;
	struct sg_csr_facts facts = {
	    .subject = job->subject,
	    .spki = sg_buf_slice(&job->spki),
	    .challenge = job->challenge,
	    .sans = job->sans,
	    .key_usage = job->key_usage,
	    .eku_n = job->ekus.n,
	};
	for (size_t n = 0; n < job->ekus.n; n++)
		facts.eku[n] = sg_buf_slice(&job->ekus.store[n]);
	sg_csr_put_info(&info, &facts);
	rc = sg_buf_check(&info, err);
	if (rc == SG_OK)
		rc = sg_csr_sign(&job->csr, job->key, job->choice.hash, sg_buf_slice(&info), err);
	return rc;
}

/*
 * The same for every repeat. An enrolment's is the key's hash; a renewal with the same key
 * is another transaction, so that its old certificate goes in.
 */
static enum sg_code
make_txid(const struct sg_enroll_job *job, char ret[SG_TXID_MAX + 1], struct sg_err *err)
{
	sg_buf_scoped both = {0};

	if (job->choice.txid != NULL) {
		snprintf(ret, SG_TXID_MAX + 1, "%s", job->choice.txid);
		return SG_OK;
	}
	if (job->old_cert.len == 0)
		return sg_txid_from_key(job->key, ret, err);
	sg_buf_put_slice(&both, sg_buf_slice(&job->spki));
	sg_buf_put_slice(&both, job->old_cert);
	enum sg_code rc = sg_buf_check(&both, err);
	if (rc == SG_OK)
		rc = sg_enroll_fingerprint(sg_buf_slice(&both), ret, err);
	return rc;
}

/* The CA certificates that are trusted, the one that issued first. */
static enum sg_code
write_chain(struct sg_enroll *c, const struct sg_cert *cert, const char *path, struct sg_err *err)
{
	struct sg_slice chain[SG_ENROLL_CERTS_MAX];
	const struct sg_cert *at = cert;
	size_t n = 0;

	while (n < SG_ENROLL_CERTS_MAX) {
		const struct sg_enroll_cert *issuer = NULL;
		if (sg_enroll_trust_issuer(&c->trust, at, &c->pin, &issuer, NULL) != SG_OK ||
		    sg_slice_eq(issuer->cert.raw, at->raw))
			break;
		chain[n++] = issuer->cert.raw;
		at = &issuer->cert;
	}
	if (n > 0)
		return sg_enroll_write_certs(c->args, path, chain, n, err);
	cli_client_warn(
	    c, "--ca-out: no CA certificate is known that issued it: nothing was written");
	return SG_OK;
}

static enum sg_code
write_files(struct sg_enroll *c, const struct sg_enroll_job *job, const struct sg_cert *cert,
    struct sg_err *err)
{
	const char *ca_file = cli_get(c->args, "ca-out");
	enum sg_code rc = SG_OK;

	if (ca_file != NULL)
		rc = write_chain(c, cert, ca_file, err);
	if (rc == SG_OK && job->key_pending)
		rc = sg_enroll_key_settle(job->key_file, err);
	if (rc == SG_OK)
		rc = sg_enroll_write_certs(c->args, job->cert_file, &cert->raw, 1, err);
	if (rc != SG_OK)
		sg_err_prefix(err,
		    "a certificate was issued but could not be stored: mend that and run the "
		    "same command again, the server then gives it again");
	return rc;
}

static enum sg_code
exchange(struct sg_enroll *c, struct sg_enroll_job *job, char txid[SG_TXID_MAX + 1],
    struct sg_reply *reply, struct sg_err *err)
{
	enum sg_code rc = make_csr(job, err);
	if (rc == SG_OK)
		rc = make_txid(job, txid, err);
	if (rc != SG_OK)
		return rc;
	struct sg_enroll_request request = {
	    .type = job->type,
	    .choice = &job->choice,
	    .csr = sg_buf_slice(&job->csr),
	    .signer_key = job->old_key != NULL ? job->old_key : job->key,
	    .signer_cert = job->old_cert,
	    .subject = job->subject,
	    .txid = txid,
	};
	return sg_enroll_send(c, &request, reply, err);
}

int
sg_enroll_finish(struct sg_enroll *c, struct sg_enroll_job *job)
{
	sg_reply_scoped reply = {0};
	struct sg_cert cert = {0};
	struct sg_err err;
	char txid[SG_TXID_MAX + 1] = "";

	enum sg_code rc = exchange(c, job, txid, &reply, &err);
	if (rc != SG_OK)
		return cli_client_fail(c, &err);
	if (reply.status != SG_SCEP_SUCCESS)
		return sg_enroll_refused(c, &reply, txid);
	struct sg_enroll_want want = {
	    .spki = sg_buf_slice(&job->spki),
	    .subject = job->subject,
	    .sans = job->sans,
	    .old = job->old_cert,
	};
	rc = sg_enroll_take(c, &reply, &want, &cert, &err);
	if (rc == SG_OK)
		rc = write_files(c, job, &cert, &err);
	if (rc != SG_OK)
		return cli_client_fail(c, &err);
	struct cli_client_result result = {
	    .cert = &cert,
	    .key_file = job->key_file,
	    .cert_file = job->cert_file,
	    .ca_file = cli_get(c->args, "ca-out"),
	    .txid = txid,
	    .key_made = job->key_made,
	};
	cli_client_report(c, &result);
	return EXIT_OK;
}
