/* SPDX-License-Identifier: Apache-2.0 */

/*
 * job.c - one enrolment or renewal: the only file that knows the whole way, from the owner's
 * options over trust, request and answer to the files
 *
 * The same job after a lost answer makes the same PKCS#10 again: the key is on disk before
 * anything is sent, and RSA PKCS#1 v1.5 signatures have no random part. The server then gives the
 * same certificate.
 * The certificate is written after its key: where it is, its key is. The old pair of a renewal
 * stays as it is until the new one is complete; at every moment there is a key with the certificate
 * that belongs to it.
 */

#include "enroll/job.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "crypto/key.h"
#include "enroll/exchange.h"
#include "enroll/files.h"
#include "enroll/issued.h"
#include "enroll/send.h"
#include "enroll/text.h"
#include "scep/caps.h"
#include "scep/pop.h"
#include "scep/request.h"
#include "scep/txid.h"
#include "x509/csr.h"
#include "x509/name.h"

struct sg_enroll_job {
	struct sg_enroll_job_options options;
	struct sg_slice subject;
	const struct sg_sans *sans;
	struct sg_buf old_der;
	struct sg_cert old;	/* renewal; raw is empty otherwise */
	struct sg_key *old_key; /* renewal */
	struct sg_key *key;	/* of the new certificate */
	const char *key_file;	/* of that */
	bool key_made;
	bool key_pending; /* it is in key_file.pending so far */
	struct sg_buf spki, csr;
};

void
sg_enroll_job_free(struct sg_enroll_job **jobp)
{
	struct sg_enroll_job *job = *jobp;

	if (job == NULL)
		return;
	sg_buf_clear(&job->old_der);
	sg_key_free(&job->old_key);
	sg_key_free(&job->key);
	sg_buf_clear(&job->spki);
	sg_buf_clear(&job->csr);
	sg_free(job);
	*jobp = NULL;
}

void
sg_enroll_result_clear(struct sg_enroll_result *result)
{
	sg_scep_reply_free(&result->reply);
	*result = (struct sg_enroll_result){0};
}

/* ---- before anything is sent ---- */

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static enum sg_code
check_files(const struct sg_enroll_job *job, struct sg_err *err)
{
	const struct sg_enroll_job_options *o = &job->options;
	bool renewal = o->old_cert_file != NULL;

	if (!renewal && strcmp(o->key_file, o->cert_file) == 0)
		return sg_fail(err, SG_E_USAGE, "client.files", "--key and --out: want two files");
	if (renewal &&
	    (same_file(o->cert_file, o->key_file) || same_file(o->cert_file, job->key_file)))
		return sg_fail(
		    err, SG_E_USAGE, "client.files", "--out and the keys: want different files");
	if (o->new_key_file != NULL && same_file(o->new_key_file, o->key_file))
		return sg_fail(err, SG_E_USAGE, "client.files",
		    "--new-key: want another file than --key, so that the old pair works until the "
		    "new one is complete");
	enum sg_code rc = sg_enroll_key_check_place(
	    renewal ? "new-key" : "key", job->key_file, err);
	if (rc == SG_OK)
		rc = sg_enroll_check_free("out", o->cert_file, o->replace, err);
	if (rc == SG_OK && o->chain_file != NULL)
		rc = sg_enroll_check_free("ca-out", o->chain_file, o->replace, err);
	return rc;
}

/* The old certificate is one that can be renewed, and the key is its own. */
static enum sg_code
check_old(const struct sg_enroll *c, const struct sg_enroll_job *job, struct sg_err *err)
{
	sg_scoped(key) key = NULL;
	sg_buf_scoped text = {0};

	enum sg_code rc = sg_key_from_spki(job->old.spki, &key, err);
	if (rc == SG_OK)
		rc = sg_key_same_public(key, job->old_key, err);
	if (rc == SG_E_DENIED)
		return sg_fail(err, SG_E_USAGE, "client.pair",
		    "--key and --cert: want the certificate and its own key, have '%.100s' and "
		    "another key",
		    sg_enroll_name_text(&text, job->old.subject));
	if (rc != SG_OK)
		return rc;
	for (size_t n = 0; n < job->old.exts.sans.n; n++)
		if (job->old.exts.sans.item[n].type == SG_SAN_OTHER)
			return sg_fail(err, SG_E_USAGE, "client.san",
			    "the certificate has an alternative name of a kind that cannot be "
			    "asked for: use signet enroll with the names that you want");
	if (c->options.now() > job->old.not_after)
		sg_enroll_warn(&c->options.listener,
		    "the certificate expired at %s: many servers then refuse a renewal; if so, use "
		    "signet enroll with a new challenge",
		    sg_enroll_time_text(&text, job->old.not_after));
	return SG_OK;
}

static enum sg_code
read_old(const struct sg_enroll *c, struct sg_enroll_job *job, struct sg_err *err)
{
	struct sg_slice one = {0};
	size_t n = 0;

	enum sg_code rc = sg_enroll_read_certs(
	    job->options.old_cert_file, &job->old_der, &one, 1, &n, err);
	if (rc == SG_OK)
		rc = sg_cert_parse(one, &job->old, err);
	if (rc == SG_OK)
		rc = sg_enroll_key_load(
		    &c->options.listener, job->options.key_file, &job->old_key, err);
	if (rc == SG_OK)
		rc = check_old(c, job, err);
	if (rc != SG_OK)
		return rc;
	job->subject = job->old.subject;
	job->sans = &job->old.exts.sans;
	return SG_OK;
}

/* The pin, and the certificates that it is made of. */
static enum sg_code
read_pin(struct sg_enroll *c, const struct sg_enroll_job *job, struct sg_err *err)
{
	struct sg_slice certs[SG_CMS_CERTS_MAX + 1];
	size_t n = 0;
	enum sg_code rc = SG_OK;

	c->pin = job->options.pin;
	if (c->pin.mode == SG_ENROLL_PIN_NONE && job->old.raw.len > 0) {
		c->pin.mode = SG_ENROLL_PIN_ISSUER;
		c->pin.issued = &job->old;
	}
	if (c->pin.mode != SG_ENROLL_PIN_FILE)
		return SG_OK;
	rc = sg_enroll_read_certs(
	    job->options.pin_file, &c->file_der, certs, SG_CMS_CERTS_MAX + 1, &n, err);
	if (rc == SG_OK && n > SG_CMS_CERTS_MAX)
		rc = sg_fail(err, SG_E_LIMIT, "client.certs",
		    "the file has more than %u certificates: give one with the CA that you mean",
		    SG_CMS_CERTS_MAX);
	for (size_t i = 0; rc == SG_OK && i < n; i++)
		rc = sg_enroll_trust_add(&c->trust, certs[i], SG_ENROLL_FROM_FILE, err);
	if (rc == SG_OK)
		return SG_OK;
	sg_err_prefix(err, "--ca-file");
	err->code = SG_E_USAGE;
	return SG_E_USAGE;
}

enum sg_code
sg_enroll_prepare(struct sg_enroll *c, const struct sg_enroll_job_options *options,
    struct sg_enroll_job **ret, struct sg_err *err)
{
	sg_scoped(enroll_job) job = sg_alloc(sizeof *job);

	if (job == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for an enrolment");
	job->options = *options;
	job->subject = options->subject;
	job->sans = options->sans;
	job->key_file = options->new_key_file != NULL ? options->new_key_file : options->key_file;
	enum sg_code rc = check_files(job, err);
	if (rc == SG_OK && options->old_cert_file != NULL)
		rc = read_old(c, job, err);
	if (rc == SG_OK)
		rc = read_pin(c, job, err);
	if (rc == SG_OK && options->old_cert_file == NULL) {
		rc = sg_enroll_key_load(&c->options.listener, job->key_file, &job->key, err);
		rc = rc == SG_E_NOTFOUND ? SG_OK : rc; /* it is made when the server is known */
	}
	if (rc == SG_OK && sg_name_is_empty(job->subject) && options->old_cert_file == NULL &&
	    (job->sans == NULL || job->sans->n == 0))
		rc = sg_fail(err, SG_E_USAGE, "client.subject",
		    "an empty --subject needs at least one --san");
	if (rc == SG_OK)
		*ret = sg_steal(job);
	return rc;
}

/* ---- the server ---- */

/* Capabilities, certificates, trust: nothing secret leaves. */
static enum sg_code
meet(struct sg_enroll *c, struct sg_enroll_job *job, struct sg_err *err)
{
	enum sg_code rc = sg_enroll_get_caps(c, err);
	if (rc == SG_OK)
		rc = sg_enroll_get_certs(c, err);
	if (rc == SG_OK)
		rc = sg_enroll_trust_settle(&c->trust, &c->pin, c->options.now(), err);
	if (rc == SG_OK)
		rc = sg_enroll_choose(&job->options.choice, c->caps, c->caps_note, err);
	if (rc != SG_OK || c->pin.mode != SG_ENROLL_PIN_INSECURE)
		return rc;
	char have[2 * SG_SHA256_LEN + 1] = "";
	const struct sg_cert *ra = &c->trust.item[c->trust.ra].cert;
	sg_buf_scoped name = {0};
	/* Without memory the warning is less helpful. */
	sg_ignore(sg_enroll_fingerprint(ra->raw, have, NULL));
	sg_enroll_warn(&c->options.listener,
	    "--insecure-ca: nobody checked that this is the right server: whoever is on the way "
	    "can read the challenge and hand out certificates of a CA of their own; the RA is "
	    "'%s', SHA-256 %s",
	    sg_enroll_name_text(&name, ra->subject), have);
	return SG_OK;
}

/*
 * The key of the new certificate: the given one, the one that an earlier try left, or a
 * new one. That of a renewal gets its name only when its certificate has come.
 */
static enum sg_code
get_key(const struct sg_enroll *c, struct sg_enroll_job *job, struct sg_err *err)
{
	const struct sg_enroll_listener *to = &c->options.listener;
	char pending[PATH_MAX];

	if (job->key != NULL)
		return SG_OK;
	if (job->old_key == NULL) {
		job->key_made = true;
		return sg_enroll_key_make(job->key_file, job->options.key_bits, &job->key, err);
	}
	enum sg_code rc = sg_enroll_key_load(to, job->key_file, &job->key, err);
	if (rc != SG_E_NOTFOUND || job->options.new_key_file == NULL)
		return rc;
	snprintf(pending, sizeof pending, "%s.pending", job->key_file);
	job->key_made = job->key_pending = true;
	rc = sg_enroll_key_load(to, pending, &job->key, err);
	if (rc == SG_E_NOTFOUND)
		rc = sg_enroll_key_make(pending, job->options.key_bits, &job->key, err);
	return rc;
}

static enum sg_code
make_csr(struct sg_enroll_job *job, struct sg_slice challenge, struct sg_err *err)
{
	sg_buf_scoped info = {0};

	enum sg_code rc = sg_key_put_spki(job->key, &job->spki, err);
	if (rc != SG_OK)
		return rc;
	struct sg_csr_facts facts = {
	    .subject = job->subject,
	    .spki = sg_buf_slice(&job->spki),
	    .challenge = challenge,
	    .sans = job->sans,
	    .key_usage = job->options.key_usage,
	    .eku_n = job->options.eku_n,
	};
	for (size_t n = 0; n < facts.eku_n; n++)
		facts.eku[n] = job->options.eku[n];
	sg_csr_put_info(&info, &facts);
	rc = sg_buf_check(&info, err);
	if (rc == SG_OK)
		rc = sg_scep_pop_sign(
		    &job->csr, job->key, job->options.choice.hash, sg_buf_slice(&info), err);
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

	if (job->options.txid != NULL) {
		snprintf(ret, SG_TXID_MAX + 1, "%s", job->options.txid);
		return SG_OK;
	}
	if (job->old.raw.len == 0)
		return sg_scep_txid_from_key(job->key, ret, err);
	sg_buf_put_slice(&both, sg_buf_slice(&job->spki));
	sg_buf_put_slice(&both, job->old.raw);
	enum sg_code rc = sg_buf_check(&both, err);
	if (rc == SG_OK)
		rc = sg_enroll_fingerprint(sg_buf_slice(&both), ret, err);
	return rc;
}

static enum sg_code
ask(struct sg_enroll *c, struct sg_enroll_job *job, struct sg_slice challenge,
    struct sg_enroll_result *ret, struct sg_err *err)
{
	bool renewal = job->old_key != NULL;

	enum sg_code rc = make_csr(job, challenge, err);
	if (rc == SG_OK)
		rc = make_txid(job, ret->txid, err);
	if (rc != SG_OK)
		return rc;
	struct sg_enroll_request request = {
	    .type = renewal && (c->caps & SG_CAP_RENEWAL) ? SG_SCEP_RENEWALREQ : SG_SCEP_PKCSREQ,
	    .choice = &job->options.choice,
	    .csr = sg_buf_slice(&job->csr),
	    .signer_key = renewal ? job->old_key : job->key,
	    .signer_cert = job->old.raw,
	    .subject = job->subject,
	    .txid = ret->txid,
	};
	return sg_enroll_send(c, &request, &ret->reply, err);
}

/* ---- the files ---- */

/* The CA certificates that are trusted, the one that issued first. */
static enum sg_code
write_chain(const struct sg_enroll *c, const struct sg_enroll_job *job, const struct sg_cert *cert,
    struct sg_err *err)
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
		return sg_enroll_write_certs(
		    job->options.chain_file, chain, n, job->options.replace, err);
	sg_enroll_warn(&c->options.listener,
	    "--ca-out: no CA certificate is known that issued it: nothing was written");
	return SG_OK;
}

/* One that no trusted CA issued, that cannot be read, or that came in an answer which is refused,
 * goes beside the file where nothing looks for a certificate: it may be the pin that is wrong, or
 * an option that is missing, and not every server gives a certificate twice. */
static enum sg_code
keep_unverified(
    const struct sg_enroll_job *job, struct sg_enroll_result *result, struct sg_err *why)
{
	const struct sg_scep_reply *reply = &result->reply;
	struct sg_slice certs[SG_CMS_CERTS_MAX + 1] = {result->cert.raw};
	sg_buf_scoped shown = {0};
	char path[PATH_MAX];
	struct sg_err own;
	size_t n = 1;

	for (size_t i = 0; i < reply->certs.cert_n; i++)
		if (!sg_slice_eq(reply->certs.cert[i], result->cert.raw))
			certs[n++] = reply->certs.cert[i];
	snprintf(path, sizeof path, "%s.unverified", job->options.cert_file);
	result->stored = sg_enroll_write_certs(path, certs, n, true, &own) == SG_OK;
	if (result->stored)
		sg_err_prefix(why, "the certificate that came is not used, but kept as %s",
		    sg_enroll_shown(&shown, path));
	else
		sg_err_prefix(why, "the certificate that came is not used (%.150s)", own.text);
	return why->code;
}

/* The certificate goes before what only comes with it. */
static enum sg_code
write_files(const struct sg_enroll *c, const struct sg_enroll_job *job,
    struct sg_enroll_result *result, struct sg_err *err)
{
	enum sg_code rc = SG_OK;

	if (job->key_pending)
		rc = sg_enroll_key_settle(job->key_file, err);
	if (rc == SG_OK)
		rc = sg_enroll_write_certs(
		    job->options.cert_file, &result->cert.raw, 1, job->options.replace, err);
	if (rc != SG_OK) {
		sg_err_prefix(err,
		    "a certificate was issued but could not be stored: fix that and run the same "
		    "command again, many servers then give it again");
		return rc;
	}
	result->stored = true;
	if (job->options.chain_file != NULL)
		rc = write_chain(c, job, &result->cert, err);
	if (rc != SG_OK)
		sg_err_prefix(err, "the certificate is stored, its CAs (--ca-out) could not be");
	return rc;
}

enum sg_code
sg_enroll_run(struct sg_enroll *c, struct sg_enroll_job *job, struct sg_slice challenge,
    struct sg_enroll_result *ret, struct sg_err *err)
{
	enum sg_code rc = meet(c, job, err);
	if (rc == SG_OK)
		rc = get_key(c, job, err);
	if (rc == SG_OK)
		rc = ask(c, job, challenge, ret, err);
	if (ret->reply.status != SG_SCEP_SUCCESS)
		return rc;
	struct sg_enroll_want want = {
	    .spki = sg_buf_slice(&job->spki),
	    .subject = job->subject,
	    .sans = job->sans,
	    .old = job->old.raw,
	    .key_usage = job->options.key_usage,
	    .eku_n = job->options.eku_n,
	    .eku = job->options.eku,
	};
	ret->key_file = job->key_file;
	ret->key_made = job->key_made;
	enum sg_code found = sg_enroll_issued_find(
	    &ret->reply, &want, &ret->cert, rc == SG_OK ? err : NULL);
	if (found != SG_OK) {
		rc = rc == SG_OK ? found : rc;
		return ret->cert.raw.len > 0 ? keep_unverified(job, ret, err) : rc;
	}
	if (rc == SG_OK)
		rc = sg_enroll_issued_check(c, &ret->reply, &want, &ret->cert, err);
	return rc == SG_OK ? write_files(c, job, ret, err) : keep_unverified(job, ret, err);
}
