/* SPDX-License-Identifier: Apache-2.0 */

/*
 * authorize.c - the idempotency key of a request, and whether somebody allowed it
 *
 * Deny by default: every path that does not end in SG_OK of a policy or of a proved
 * renewal refuses.
 */

#include <string.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "policy/challenge_text.h"
#include "policy/policy.h"
#include "policy/renewal.h"
#include "policy/request.h"
#include "roles/registrar/state.h"
#include "x509/name.h"

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

	w->kind = ours ? SG_ATTEMPT_RENEW : SG_ATTEMPT_ENROL;
	if (ours) {
		w->policy = SG_POLICY_RENEWAL;
		rc = sg_sha256(w->msg.signer.raw, w->auth_hash, err);
	} else {
		w->policy = w->endpoint->conf->policy == SG_POLICY_STATIC ? SG_POLICY_STATIC
									  : SG_POLICY_ONE_TIME;
		rc = hash_challenge(w, err);
	}
	if (rc == SG_OK)
		rc = sg_sha256(w->csr.raw, w->csr_hash, err);
	if (rc == SG_OK)
		rc = sg_sha256(w->msg.signer.spki, w->signer_hash, err);
	if (rc == SG_OK)
		rc = make_key(w, err);
	return rc;
}

static enum sg_offer_state
offer_state(enum sg_challenge_state state)
{
	switch (state) {
	case SG_CHALLENGE_FREE:
		return SG_OFFER_FRESH;
	case SG_CHALLENGE_RESERVED:
		return SG_OFFER_RESERVED;
	case SG_CHALLENGE_USED:
		return SG_OFFER_USED;
	case SG_CHALLENGE_BURNED:
		return SG_OFFER_BURNT;
	}
	return SG_OFFER_UNKNOWN;
}

static enum sg_code
ask_one_time(
    const struct sg_regdb_challenge *row, const struct sg_policy_request *req, struct sg_err *err)
{
	struct sg_offer offer = {.state = SG_OFFER_UNKNOWN};

	if (row != NULL)
		offer = (struct sg_offer){.state = offer_state(row->state),
		    .expires_at = row->expires_at,
		    .endpoint = row->endpoint,
		    .binding = row->subject};
	return sg_policy_verify(&sg_policy_one_time, &offer, req, err);
}

static enum sg_code
ask_static(const struct work *w, const struct sg_policy_request *req, struct sg_err *err)
{
	const struct endpoint *e = w->endpoint;

	if (!sg_ct_equal(sg_slice(w->auth_hash, sizeof w->auth_hash),
		sg_slice(e->challenge_hash, sizeof e->challenge_hash)))
		return sg_fail(
		    err, SG_E_DENIED, "challenge.wrong", "the challenge is not this endpoint's");
	return sg_policy_verify(&sg_policy_static, e->patterns, req, err);
}

/* Ask ca whether it issued the signer's certificate and would renew it, then compare
 * what the request asks with what that certificate says. */
static enum sg_code
ask_renewal(struct work *w, struct sg_err *err)
{
	struct sg_msg ask = {.type = SG_RC_SIGNER};
	sg_answer_scoped answer = {0};

	ask.v[SG_RC_SIGNER_CERT].b = w->msg.signer.raw;
	ask.v[SG_RC_SIGNER_ENDPOINT].b = sg_slice_str(w->endpoint->conf->name);
	enum sg_code rc = sg_peer_call(
	    w->r->ctx->peer[PEER_CA], &ask, w->deadline_ms, &answer, err);
	if (rc != SG_OK)
		return rc;
	rc = (enum sg_code)answer.msg.v[SG_RC_SIGNER_ANSWER_CODE].u;
	if (rc != SG_OK) {
		struct sg_slice rule = answer.msg.v[SG_RC_SIGNER_ANSWER_RULE].b;
		struct sg_slice text = answer.msg.v[SG_RC_SIGNER_ANSWER_TEXT].b;
		return sg_fail(err, rc, sg_err_rule_intern(rule.p, rule.len), "%.*s", (int)text.len,
		    (const char *)text.p);
	}
	struct sg_slice name = sg_slice_str(w->endpoint->conf->name);
	struct sg_renewal renewal = {.signer = w->msg.signer.raw,
	    .record = w->msg.signer.raw,
	    .record_endpoint = name,
	    .endpoint = name,
	    .now = sg_clock_now(),
	    .grace_s = w->endpoint->conf->renewal_grace_s};
	return sg_renewal_check(&renewal, &w->csr, err);
}

static enum sg_code
ask_policy(const struct work *w, const struct sg_regdb_challenge *row, struct sg_err *err)
{
	struct sg_policy_request req = {
	    &w->csr, sg_slice_str(w->endpoint->conf->name), sg_clock_now()};

	switch (w->policy) {
	case SG_POLICY_ONE_TIME:
		return ask_one_time(row, &req, err);
	case SG_POLICY_STATIC:
		return ask_static(w, &req, err);
	case SG_POLICY_RENEWAL: /* see authorize_renewal */
		break;
	}
	return sg_fail(err, SG_E_DENIED, "policy.none", "no policy allows this request");
}

enum sg_code
registrar_spell_subject(struct work *w, struct sg_slice name, struct sg_err *err)
{
	sg_buf_reset(&w->subject);
	sg_name_put_text(&w->subject, name);
	return sg_buf_check(&w->subject, err);
}

enum sg_code
registrar_keep_binding(void *arg, const struct sg_regdb_challenge *row, struct sg_err *err)
{
	struct work *w = arg;
	struct sg_binding binding;

	sg_buf_reset(&w->binding);
	sg_buf_put_slice(&w->binding, row->subject);
	enum sg_code rc = sg_buf_check(&w->binding, err);
	if (rc == SG_OK)
		rc = sg_binding_get(sg_buf_slice(&w->binding), &binding, err);
	if (rc != SG_OK)
		return rc == SG_E_MALFORMED ? SG_E_INTERNAL : rc; /* our own record */
	return binding.any ? SG_OK : registrar_spell_subject(w, binding.subject, err);
}

/* After the policy's word the endpoint's template. */
static enum sg_code
check_request(struct work *w, enum sg_code rc, struct sg_err *err)
{
	if (rc == SG_OK) {
		registrar_mark(w, SG_STEP_ROLE_REGISTRAR, SG_STEP_AUTHORIZATION);
		rc = sg_request_check(&w->csr, w->endpoint->tmpl, err);
	}
	if (rc == SG_OK)
		registrar_mark(w, SG_STEP_ROLE_REGISTRAR, SG_STEP_REQUEST_CHECKED);
	return rc;
}

enum sg_code
registrar_authorize_renewal(struct work *w, struct sg_err *err)
{
	enum sg_code rc = check_request(w, ask_renewal(w, err), err);

	/* ca certifies the old certificate's names as they stand there. */
	if (rc == SG_OK)
		rc = registrar_spell_subject(w, w->msg.signer.subject, err);
	w->may_start = rc == SG_OK;
	return rc;
}

enum sg_code
registrar_judge(void *arg, const struct sg_regdb_challenge *row, struct sg_err *err)
{
	struct work *w = arg;

	if (!w->may_start)
		return sg_fail(
		    err, SG_E_BUSY, "tx.changed", "the attempt ended meanwhile: try again");
	if (w->policy == SG_POLICY_RENEWAL)
		return SG_OK;
	w->steps.n = w->steps_before; /* of an earlier run of the same job */
	enum sg_code rc = check_request(w, ask_policy(w, row, err), err);
	if (rc == SG_OK && w->policy == SG_POLICY_ONE_TIME)
		rc = registrar_keep_binding(w, row, err);
	w->reserve->subject = sg_buf_slice(&w->subject);
	return rc;
}
