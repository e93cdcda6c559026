/* SPDX-License-Identifier: Apache-2.0 */

/*
 * reply.c - CertReps: the content encrypted to the signer of the request, the attributes
 * written and signed by keyd, the two put together
 */

#include "roles/registrar/reply.h"

#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "crypto/cipher.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "ipc/edges/registrar_keyd.h"
#include "roles/registrar/enroll.h"
#include "cms/assemble.h"
#include "scep/certrep.h"
#include "cms/degenerate.h"

#define CHECK_MS 10000

/* The client's digest where the endpoint has it, else SHA-256. */
static enum sg_hash
answer_hash(const struct work *w)
{
	enum sg_hash hash = w->msg.hash;
	return hash != SG_HASH_NONE && (w->endpoint->rules.hashes & 1u << hash) ? hash
										: SG_HASH_SHA256;
}

/* Have the attributes signed and assemble the message. content may be empty. */
static enum sg_code
sign_and_put(struct work *w, struct sg_frame_sign *ask, struct sg_slice content, struct sg_err *err)
{
	struct sg_slice ra = sg_buf_slice(&w->r->ra_der);
	enum sg_hash hash = answer_hash(w);
	sg_frame_scoped(sign_answer) answer = {0};

	ask->txid = w->msg.txid;
	ask->txid_tag = w->msg.txid_tag;
	ask->nonce = w->msg.sender_nonce;
	ask->hash = hash;
	enum sg_code rc = sg_peer_ask_sign(
	    w->r->ctx->peer[PEER_KEYD], ask, w->deadline_ms, &answer, err);
	if (rc != SG_OK)
		return rc;
	if (answer.code != SG_OK)
		return sg_fail(err, SG_E_INTERNAL, "keyd.sign", "keyd did not sign the answer");
	struct sg_cms_parts parts = {
	    .attrs = answer.attrs,
	    .hash = hash,
	    .sigalg = sg_key_sigalg(w->r->ra_key, hash),
	    .sig = answer.sig,
	    .signer = sg_cms_id_of_cert(&w->r->ra_cert),
	    .cert_n = 1,
	    .certs = &ra,
	    .content = content,
	};
	sg_buf_reset(&w->answer);
	return sg_cms_assemble(&w->answer, &parts, err);
}

/* The certs-only message, encrypted the way the client encrypted to us. */
static enum sg_code
seal_content(struct work *w, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped inner = {0};
	struct sg_slice certs[2] = {sg_buf_slice(&w->cert), sg_buf_slice(&w->r->ca_der)};
	/* Cisco's VPN client wants the CA's certificate inside; Juniper forbids it. */
	size_t n = w->endpoint->conf->profile == SG_CONF_PROFILE_CISCO ? 2 : 1;

	sg_degenerate_put(&inner, certs, n, NULL, 0);
	enum sg_code rc = sg_buf_check(&inner, err);
	if (rc != SG_OK)
		return rc;
	struct sg_envelope_facts facts = {.recipient = sg_cms_id_of_light(&w->msg.signer),
	    .key = w->signer_key,
	    .trans = w->env.trans,
	    .cipher = w->env.cipher,
	    .plain = sg_buf_slice(&inner)};
	return sg_envelope_seal(out, &facts, err);
}

enum sg_code
registrar_seal_success(struct work *w, struct sg_err *err)
{
	struct sg_frame_sign ask = {.status = SG_SCEP_SUCCESS};
	sg_buf_scoped content = {0};
	uint8_t digest[SG_HASH_LEN_MAX];
	enum sg_hash hash = answer_hash(w);

	enum sg_code rc = seal_content(w, &content, err);
	if (rc == SG_OK)
		rc = sg_digest(hash, sg_buf_slice(&content), digest, err);
	if (rc != SG_OK)
		return rc;
	ask.digest = sg_slice(digest, sg_hash_len(hash));
	rc = sign_and_put(w, &ask, sg_buf_slice(&content), err);
	if (rc == SG_OK)
		registrar_mark(w, SG_STEP_ROLE_KEYD, SG_STEP_SEALED);
	return rc;
}

enum sg_code
registrar_seal_failure(struct work *w, enum sg_scep_fail fail, struct sg_err *err)
{
	struct sg_frame_sign ask = {.status = SG_SCEP_FAILURE, .fail = fail};
	sg_buf_scoped text = {0};

	/* The peer learns the class and where its administrator finds the reason. */
	sg_buf_puts(&text, "refused; trace ");
	sg_hex_put(&text, sg_slice(w->trace, sizeof w->trace));
	ask.fail_text = sg_buf_slice(&text);
	return sign_and_put(w, &ask, sg_slice(NULL, 0), err);
}

static enum sg_code
check_unwrap(struct registrar *r, struct sg_err *err)
{
	sg_frame_scoped(unwrap_answer) answer = {0};
	sg_buf_scoped wrapped = {0};
	struct sg_keytrans trans = {.transport = SG_TRANSPORT_PKCS1};
	uint8_t cek[16];

	enum sg_code rc = sg_random(cek, sizeof cek, err);
	if (rc == SG_OK)
		rc = sg_wrap_key(r->ra_key, trans, sg_slice(cek, sizeof cek), &wrapped, err);
	if (rc != SG_OK)
		return rc;
	struct sg_frame_unwrap ask = {.transport = SG_TRANSPORT_PKCS1,
	    .cek_len = sizeof cek,
	    .wrapped = sg_buf_slice(&wrapped)};
	rc = sg_peer_ask_unwrap(
	    r->ctx->peer[PEER_KEYD], &ask, sg_clock_mono_ms() + CHECK_MS, &answer, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_ct_equal(answer.cek, sg_slice(cek, sizeof cek)))
		return sg_fail(err, SG_E_CONF, "ra.key",
		    "ra.key: it does not belong to ra.certificate: name two files that were made "
		    "together");
	return SG_OK;
}

enum sg_code
registrar_check_keyd(struct registrar *r, struct sg_err *err)
{
	struct sg_frame_sign ask = {.status = SG_SCEP_PENDING,
	    .txid = sg_slice_str("self-test"),
	    .txid_tag = 0x13,
	    .hash = SG_HASH_SHA256};
	sg_frame_scoped(sign_answer) answer = {0};

	enum sg_code rc = check_unwrap(r, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_peer_ask_sign(
	    r->ctx->peer[PEER_KEYD], &ask, sg_clock_mono_ms() + CHECK_MS, &answer, err);
	if (rc == SG_OK && answer.code != SG_OK)
		rc = sg_fail(err, SG_E_INTERNAL, "keyd.sign", "keyd did not sign");
	if (rc == SG_OK)
		rc = sg_sign_verify(r->ra_key, sg_key_sigalg(r->ra_key, SG_HASH_SHA256),
		    answer.attrs, answer.sig, err);
	return rc;
}
