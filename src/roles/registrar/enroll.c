/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enroll.c - one PKCSReq or RenewalReq from the verified message to the answer
 */

#include "roles/registrar/enroll.h"

#include <string.h>

#include "base/clock.h"
#include "crypto/cipher.h"
#include "ipc/edges/registrar_keyd.h"
#include "roles/registrar/attempt.h"
#include "roles/registrar/authorize.h"
#include "roles/registrar/reply.h"
#include "scep/check.h"
#include "scep/pop.h"
#include "x509/name.h"
#include "x509/name_text.h"

void
registrar_mark(struct work *w, enum sg_step_role role, enum sg_step_id id)
{
	sg_steps_mark(&w->steps, role, id, SG_STEP_OK, sg_clock_now_us());
}

/* Only 17 and 19 reach issuing; whatever else the protocol has is named, the rest is
 * refused by the default. */
static enum sg_code
check_type(const struct work *w, struct sg_err *err)
{
	switch (w->msg.type) {
	case SG_SCEP_PKCSREQ:
	case SG_SCEP_RENEWALREQ:
		return SG_OK;
	case SG_SCEP_CERTPOLL:
		return sg_fail(err, SG_E_NOTFOUND, "poll.unknown",
		    "RFC 8894 4.4: no request is pending under this transactionID");
	case SG_SCEP_GETCERT:
	case SG_SCEP_GETCRL:
		return sg_fail(err, SG_E_NOTFOUND, "query.none",
		    "GetCert and GetCRL are not served at this endpoint");
	case SG_SCEP_CERTREP:
	case SG_SCEP_TYPE_NONE:
	default:
		return sg_fail(err, SG_E_MALFORMED, "scep.type", "this messageType issues nothing");
	}
}

static enum sg_code
ask_unwrap(struct work *w, struct sg_err *err)
{
	sg_frame_scoped(unwrap_answer) answer = {0};

	w->cek_len = sg_cipher_key_len(w->env.cipher);
	struct sg_frame_unwrap ask = {.transport = w->env.trans.transport,
	    .oaep_hash = w->env.trans.oaep_hash,
	    .mgf1_hash = w->env.trans.mgf1_hash,
	    .cek_len = w->cek_len,
	    .wrapped = w->env.wrapped};
	enum sg_code rc = sg_peer_ask_unwrap(
	    w->r->ctx->peer[PEER_KEYD], &ask, w->deadline_ms, &answer, err);
	if (rc != SG_OK)
		return rc;
	if (answer.code != SG_OK || answer.cek.len != w->cek_len)
		return sg_fail(err, SG_E_MALFORMED, "cms.wrapped",
		    "the encrypted key does not fit the RA's key");
	memcpy(w->cek, answer.cek.p, answer.cek.len);
	registrar_mark(w, SG_STEP_ROLE_KEYD, SG_STEP_UNWRAPPED);
	return SG_OK;
}

enum sg_code
registrar_check_one_key(const struct work *w, struct sg_err *err)
{
	sg_buf_scoped key = {0}, signer_key = {0};

	if (sg_slice_eq(w->msg.signer.spki, w->csr.spki))
		return SG_OK;
	/* The two may spell one key in two ways. */
	enum sg_code rc = sg_key_canonical_spki(w->csr.spki, &key, err);
	if (rc == SG_OK)
		rc = sg_key_put_spki(w->signer_key, &signer_key, err);
	if (rc != SG_OK || sg_slice_eq(sg_buf_slice(&key), sg_buf_slice(&signer_key)))
		return rc;
	return sg_fail(err, SG_E_DENIED, "scep.strict.key",
	    "RFC 8894 2.3: the message is signed with another key than the request's");
}

/* From the envelope to a request that its own key signed. Everything that fails here
 * looks the same from outside: on_tick. */
static enum sg_code
open_request(struct work *w, struct sg_err *err)
{
	if (!w->env.is_ours)
		return sg_fail(err, SG_E_MALFORMED, "cms.recipient.unknown",
		    "the message is encrypted for another certificate than this RA's: the device "
		    "has an old or a foreign one");
	enum sg_code rc = ask_unwrap(w, err);
	if (rc == SG_OK)
		rc = sg_envelope_decrypt(
		    &w->env, sg_slice(w->cek, w->cek_len), false, &w->plain, err);
	if (rc == SG_OK)
		rc = sg_csr_parse(sg_buf_slice(&w->plain), &w->csr, err);
	if (rc == SG_OK && sg_slice_eq(w->csr.spki, w->msg.signer.spki))
		rc = sg_scep_pop_verify_with(&w->csr, w->signer_key, err);
	else if (rc == SG_OK)
		rc = sg_scep_pop_verify(&w->csr, NULL, err);
	if (rc != SG_OK)
		return rc;
	sg_name_put_text(&w->subject, w->csr.subject);
	registrar_mark(w, SG_STEP_ROLE_REGISTRAR, SG_STEP_DECRYPTED);
	return SG_OK;
}

/* The answer will be encrypted to the signer's key: better to know before issuing. */
static enum sg_code
load_signer_key(struct work *w, struct sg_err *err)
{
	enum sg_code rc = sg_scep_check_signer(&w->msg, err);
	return rc == SG_OK ? sg_key_from_spki(w->msg.signer.spki, &w->signer_key, err) : rc;
}

enum sg_code
registrar_enroll(struct work *w, struct sg_err *err)
{
	enum sg_code rc = check_type(w, err);
	if (rc == SG_OK)
		rc = sg_envelope_decode(w->msg.content, &w->env, err);
	if (rc == SG_OK)
		rc = sg_envelope_check(
		    &w->env, w->endpoint->rules.ciphers, w->endpoint->rules.strict, err);
	if (rc == SG_OK)
		rc = sg_envelope_choose(&w->env, &w->r->ra_light, err);
	if (rc == SG_OK)
		rc = load_signer_key(w, err);
	if (rc != SG_OK)
		return rc;
	rc = open_request(w, err);
	if (rc != SG_OK) {
		/* Our own faults say nothing about the message. */
		w->on_tick = rc != SG_E_TIMEOUT && rc != SG_E_NOMEM;
		return rc;
	}
	/* Where it names us, registrar_identify looks at that. */
	w->names_us = sg_name_equal(w->msg.signer.issuer, w->r->ca_cert.subject);
	if (w->endpoint->rules.strict && !w->names_us)
		rc = registrar_check_one_key(w, err);
	if (rc == SG_OK)
		rc = registrar_identify(w, err);
	if (rc == SG_OK)
		rc = registrar_attempt(w, err);
	if (rc == SG_OK && w->answer.len == 0)
		rc = registrar_seal_success(w, err);
	return rc;
}
