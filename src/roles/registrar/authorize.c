/* SPDX-License-Identifier: Apache-2.0 */

/*
 * authorize.c - the idempotency key of a request, and whether it was allowed
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
#include "x509/name.h"
#include "x509/name_text.h"

/* The keyed hash of the challenge, which is all that the database knows of it. */
static enum sg_code
hash_challenge(struct work *w, struct sg_err *err)
{
	sg_buf_scoped text = {.max = SG_CHALLENGE_MAX * 4};

	enum sg_code rc = sg_challenge_of(&w->csr, &text, err);
	if (rc == SG_E_DENIED && w->msg.type == SG_SCEP_RENEWALREQ)
		return sg_fail(err, SG_E_DENIED, "renewal.foreign",
		    "a RenewalReq whose signer certificate this CA did not issue, and without a "
		    "challenge");
	if (rc == SG_OK)
		rc = sg_hmac_sha256(
		    sg_buf_slice(&w->r->challenge_key), sg_buf_slice(&text), w->auth_hash, err);
	return rc;
}

/* SHA-256(kind | endpoint | PKCS#10 hash | authorization). */
static enum sg_code
make_key(struct work *w, struct sg_err *err)
{
	sg_buf_scoped all = {0};

	sg_buf_put_u8(&all, (unsigned)w->kind);
	sg_buf_puts(&all, w->endpoint->conf->name);
	sg_buf_put_u8(&all, 0);
	sg_buf_put(&all, w->csr_hash, sizeof w->csr_hash);
	sg_buf_put(&all, w->auth_hash, sizeof w->auth_hash);
	enum sg_code rc = sg_buf_check(&all, err);
	return rc == SG_OK ? sg_sha256(sg_buf_slice(&all), w->key, err) : rc;
}

enum sg_code
registrar_identify(struct work *w, struct sg_err *err)
{
	bool ours = sg_name_equal(w->msg.signer.issuer, w->r->ca_cert.subject);
	enum sg_code rc;

	w->kind = ours ? SG_TRANSACTION_RENEW : SG_TRANSACTION_ENROL;
	if (ours) {
		w->policy = SG_POLICY_RENEWAL;
		rc = sg_sha256(w->msg.signer.raw, w->auth_hash, err);
	} else {
		const struct endpoint *e = w->endpoint;
		w->policy = e->policy->kind;
		rc = hash_challenge(w, err);
		w->knows_secret = rc == SG_OK && (e->policy->needs & SG_POLICY_NEEDS_SECRET) != 0 &&
				  sg_ct_equal(sg_slice(w->auth_hash, sizeof w->auth_hash),
				      sg_slice(e->secret_hash, sizeof e->secret_hash));
	}
	if (rc == SG_OK)
		rc = sg_sha256(w->csr.raw, w->csr_hash, err);
	if (rc == SG_OK)
		rc = sg_sha256(w->msg.signer.spki, w->signer_hash, err);
	if (rc == SG_OK)
		rc = make_key(w, err);
	return rc;
}

/* Ask ca whether it issued the signer's certificate and would renew it, then compare
 * what the request asks with what that certificate says. */
static enum sg_code
ask_renewal(struct work *w, struct sg_err *err)
{
	struct sg_frame_signer ask = {
	    .cert = w->msg.signer.raw, .endpoint = sg_slice_str(w->endpoint->conf->name)};
	sg_frame_scoped(signer_answer) answer = {0};
	struct sg_cert old;

	if (ask.cert.len > SG_CERT_MAX)
		return sg_renewal_ours(false, false, err);
	enum sg_code rc = sg_peer_ask_signer(
	    w->r->ctx->peer[PEER_CA], &ask, w->deadline_ms, &answer, err);
	if (rc != SG_OK)
		return rc;
	rc = (enum sg_code)answer.code;
	if (rc != SG_OK)
		return sg_fail(err, rc, sg_err_rule_intern(answer.rule.p, answer.rule.len), "%.*s",
		    (int)answer.text.len, (const char *)answer.text.p);
	/* It is ours: what it says counts from here on. */
	rc = sg_cert_parse(ask.cert, &old, err);
	return rc == SG_OK ? sg_renewal_names(&old, &w->csr, err) : rc;
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
	enum sg_code rc = ask_renewal(w, err);

	if (rc == SG_OK) {
		registrar_mark(w, SG_STEP_ROLE_REGISTRAR, SG_STEP_AUTHORIZATION);
		rc = sg_request_check(&w->csr, w->endpoint->tmpl, err);
	}
	if (rc == SG_OK)
		registrar_mark(w, SG_STEP_ROLE_REGISTRAR, SG_STEP_REQUEST_CHECKED);
	/* ca certifies the old certificate's names as they stand there. */
	if (rc == SG_OK)
		rc = registrar_spell_subject(w, w->msg.signer.subject, err);
	w->may_start = rc == SG_OK;
	return rc;
}
