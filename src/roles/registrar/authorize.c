/* SPDX-License-Identifier: Apache-2.0 */

/*
 * authorize.c - the ways in which a request may be authorized, their idempotency keys, and whether
 * its signer's certificate does
 *
 * Deny by default: every path that does not end in SG_OK of a policy or of a proved
 * renewal refuses.
 */

#include "roles/registrar/authorize.h"

#include <string.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "policy/challenge_text.h"
#include "policy/renewal.h"
#include "policy/request.h"
#include "ipc/edges/registrar_ca.h"
#include "roles/registrar/enroll.h"
#include "scep/check.h"
#include "x509/cert.h"
#include "x509/name_text.h"

/* The keyed hash of the challenge, which is all that the database knows of it. */
static enum sg_code
hash_challenge(struct work *w, uint8_t ret[SG_STORE_HASH_LEN], struct sg_err *err)
{
	const struct endpoint *e = w->endpoint;
	sg_buf_scoped text = {.max = SG_CHALLENGE_MAX * 4};

	enum sg_code rc = sg_challenge_of(&w->csr, &text, err);
	if (rc == SG_OK)
		rc = sg_hmac_sha256(
		    sg_buf_slice(&w->r->challenge_key), sg_buf_slice(&text), ret, err);
	w->knows_secret = rc == SG_OK && (e->policy->needs & SG_POLICY_NEEDS_SECRET) != 0 &&
			  sg_ct_equal(sg_slice(ret, SG_STORE_HASH_LEN),
			      sg_slice(e->secret_hash, sizeof e->secret_hash));
	return rc;
}

/* What tells the idempotency keys apart: never given another meaning. */
enum by {
	BY_CHALLENGE = SG_TRANSACTION_ENROL,
	BY_CERTIFICATE = SG_TRANSACTION_RENEW,
	BY_CHALLENGE_SIGNED = 3, /* by a challenge, under a certificate that names this CA */
};

/* Add a way, with its key: SHA-256(by | endpoint | PKCS#10 hash | who), of which who is the
 * challenge, or the signer's certificate where that names this CA. */
static enum sg_code
add_way(struct work *w, enum by by, const uint8_t auth_hash[SG_STORE_HASH_LEN],
    const uint8_t who[SG_STORE_HASH_LEN], struct sg_err *err)
{
	struct way *way = &w->way[w->way_n++];
	sg_buf_scoped all = {0};

	way->kind = by == BY_CERTIFICATE ? SG_TRANSACTION_RENEW : SG_TRANSACTION_ENROL;
	way->policy = by == BY_CERTIFICATE ? SG_POLICY_RENEWAL : w->endpoint->policy->kind;
	memcpy(way->auth_hash, auth_hash, sizeof way->auth_hash);
	sg_buf_put_u8(&all, (unsigned)by);
	sg_buf_puts(&all, w->endpoint->conf->name);
	sg_buf_put_u8(&all, 0);
	sg_buf_put(&all, w->csr_hash, sizeof w->csr_hash);
	sg_buf_put(&all, who, SG_STORE_HASH_LEN);
	enum sg_code rc = sg_buf_check(&all, err);
	return rc == SG_OK ? sg_sha256(sg_buf_slice(&all), way->key, err) : rc;
}

static enum sg_code
ask_signer(struct work *w, struct sg_frame_signer_answer *ret, struct sg_err *err)
{
	struct sg_frame_signer ask = {
	    .cert = w->msg.signer.raw, .endpoint = sg_slice_str(w->endpoint->conf->name)};

	if (ask.cert.len > SG_CERT_MAX) /* none of ours is so long */
		return sg_renewal_ours(false, false, err);
	return sg_peer_ask_signer(w->r->ctx->peer[PEER_CA], &ask, w->deadline_ms, ret, err);
}

/* Profile strict wants a message to be signed with the key of the request, or with a certificate
 * that this CA issued (RFC 8894 2.3): that one says so is not enough. A ca of the version before
 * does not tell. */
static enum sg_code
check_strict(struct work *w, struct sg_err *err)
{
	sg_frame_scoped(signer_answer) answer = {0};

	enum sg_code rc = registrar_check_one_key(w, err);
	if (rc != SG_E_DENIED)
		return rc;
	struct sg_err why = *err;
	rc = ask_signer(w, &answer, err);
	if (rc != SG_E_DENIED && (rc != SG_OK || answer.ours))
		return rc;
	*err = why;
	return SG_E_DENIED;
}

/* By its challenge, under a certificate that names this CA. One that cannot be read, and one that
 * may not count, leave the request to that certificate. */
static enum sg_code
add_challenge(struct work *w, const uint8_t cert_hash[SG_STORE_HASH_LEN], struct sg_err *err)
{
	uint8_t hash[SG_STORE_HASH_LEN];

	if (w->msg.type != SG_SCEP_PKCSREQ)
		return SG_OK;
	enum sg_code rc = hash_challenge(w, hash, err);
	if (rc == SG_E_DENIED)
		return SG_OK; /* none, or a blank one */
	if (rc == SG_OK && w->endpoint->rules.strict)
		rc = check_strict(w, err);
	if (rc == SG_OK)
		return add_way(w, BY_CHALLENGE_SIGNED, hash, cert_hash, err);
	if (!sg_code_is_peer(rc))
		return rc;
	w->unused = *err;
	return SG_OK;
}

enum sg_code
registrar_identify(struct work *w, struct sg_err *err)
{
	uint8_t hash[SG_STORE_HASH_LEN];

	enum sg_code rc = sg_sha256(w->csr.raw, w->csr_hash, err);
	if (rc == SG_OK)
		rc = sg_sha256(w->msg.signer.spki, w->signer_hash, err);
	if (rc != SG_OK)
		return rc;
	if (w->names_us) {
		rc = sg_sha256(w->msg.signer.raw, hash, err);
		if (rc == SG_OK)
			rc = add_challenge(w, hash, err);
		return rc == SG_OK ? add_way(w, BY_CERTIFICATE, hash, hash, err) : rc;
	}
	rc = hash_challenge(w, hash, err);
	if (rc == SG_E_DENIED && w->msg.type == SG_SCEP_RENEWALREQ)
		return sg_fail(err, SG_E_DENIED, "renewal.foreign",
		    "a RenewalReq whose signer certificate this CA did not issue, and without a "
		    "challenge");
	return rc == SG_OK ? add_way(w, BY_CHALLENGE, hash, hash, err) : rc;
}

/* Ask ca whether it issued the signer's certificate and would renew it, then compare
 * what the request asks with what that certificate says, whose names it has from here on: ca
 * certifies them as they stand there. */
static enum sg_code
ask_renewal(struct work *w, struct sg_err *err)
{
	const struct sg_conf_endpoint *e = w->endpoint->conf;
	sg_frame_scoped(signer_answer) answer = {0};
	struct sg_cert old;

	enum sg_code rc = ask_signer(w, &answer, err);
	if (rc != SG_OK)
		return rc;
	rc = (enum sg_code)answer.code;
	if (rc != SG_OK)
		return sg_fail(err, rc, sg_err_rule_intern(answer.rule.p, answer.rule.len), "%.*s",
		    (int)answer.text.len, (const char *)answer.text.p);
	/* It is ours: what it says counts from here on. */
	rc = sg_cert_parse(w->msg.signer.raw, &old, err);
	if (rc == SG_OK)
		rc = sg_renewal_names(&old, &w->csr, (enum sg_renewal_sans)e->renewal_sans,
		    sg_slice_str(e->name), err);
	if (rc != SG_OK)
		return rc;
	w->csr.subject = old.subject;
	w->csr.exts.sans = old.exts.sans;
	return SG_OK;
}

void
registrar_ask(const struct work *w, struct sg_decide_case *ret)
{
	*ret = (struct sg_decide_case){
	    .policy = w->endpoint->policy,
	    .request = {.csr = &w->csr,
		.endpoint = sg_slice_str(w->endpoint->conf->name),
		.now = sg_clock_now(),
		.knows_secret = w->knows_secret,
		.patterns = w->endpoint->patterns},
	    .tmpl = w->endpoint->tmpl,
	    .now_us = sg_clock_now_us,
	    .may_decline = w->way_n > 1,
	};
}

enum sg_code
registrar_spell_subject(struct work *w, struct sg_slice name, struct sg_err *err)
{
	sg_buf_reset(&w->subject);
	sg_name_put_text(&w->subject, name);
	return sg_buf_check(&w->subject, err);
}

enum sg_code
registrar_authorize_renewal(struct work *w, struct sg_err *err)
{
	enum sg_code rc = sg_scep_check_renews(&w->msg, err);

	if (rc == SG_OK)
		rc = ask_renewal(w, err);
	if (rc == SG_OK) {
		registrar_mark(w, SG_STEP_ROLE_REGISTRAR, SG_STEP_AUTHORIZATION);
		rc = sg_request_check(&w->csr, w->endpoint->tmpl, err);
	}
	if (rc == SG_OK)
		registrar_mark(w, SG_STEP_ROLE_REGISTRAR, SG_STEP_REQUEST_CHECKED);
	return rc == SG_OK ? registrar_spell_subject(w, w->csr.subject, err) : rc;
}

void
registrar_tell_unused(const struct work *w, struct sg_err *err)
{
	struct sg_err why = *err;

	if (w->unused.rule == NULL || !sg_code_is_peer(err->code))
		return;
	sg_ignore(sg_fail(err, why.code, why.rule,
	    "%.300s; the certificate was asked because the challenge in the request does not "
	    "count: %.120s (%s)",
	    why.text, w->unused.text, w->unused.rule));
}
