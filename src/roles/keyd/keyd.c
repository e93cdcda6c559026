/* SPDX-License-Identifier: Apache-2.0 */

/*
 * keyd.c - the two operations with the RA key: what registrar asks for a request (unwrap) and for
 * its answer (sign)
 */

#include "roles/keyd/keyd.h"

#include <unistd.h>

#include "base/alloc.h"
#include "crypto/init.h"
#include "crypto/random.h"
#include "crypto/key.h"
#include "crypto/keyfile.h"
#include "crypto/sign.h"
#include "crypto/unwrap.h"
#include "service/log.h"
#include "service/service.h"
#include "ipc/edges/registrar_keyd.h"
#include "scep/certrep.h"

#define SECRET_MIN 32u
#define NONCE_LEN 16u
#define FILE_MAX 65536u

struct keyd {
	struct sg_key *key;
	struct sg_buf secret; /* of the implicit rejection */
};

static bool
is_hash(uint64_t v)
{
	return v >= SG_HASH_SHA1 && v <= SG_HASH_SHA512;
}

/* The numbers of a frame as an algorithm of the allow-list. */
static enum sg_code
get_keytrans(const struct sg_frame_unwrap *ask, struct sg_keytrans *ret, struct sg_err *err)
{
	switch (ask->transport) {
	case SG_TRANSPORT_PKCS1:
		*ret = (struct sg_keytrans){.transport = SG_TRANSPORT_PKCS1};
		return SG_OK;
	case SG_TRANSPORT_OAEP:
		if (!is_hash(ask->oaep_hash) || !is_hash(ask->mgf1_hash))
			break;
		*ret = (struct sg_keytrans){
		    SG_TRANSPORT_OAEP, (enum sg_hash)ask->oaep_hash, (enum sg_hash)ask->mgf1_hash};
		return SG_OK;
	default:
		break;
	}
	return sg_fail(err, SG_E_ALG, "keyd.transport", "no such key transport");
}

/*
 * Where memory runs out while OpenSSL renews the blinding of an RSA key, that stays half renewed,
 * and signatures and unwrapped keys are wrong from then on without a word. Another process
 * begins with a whole one, and what was in flight is asked again.
 */
static void
end_if_broken(enum sg_code rc, const struct sg_err *err)
{
	if (rc != SG_E_NOMEM && rc != SG_E_CRYPTO)
		return;
	sg_log(SG_LOG_ERROR, "memory", "ending to begin with a whole key: %s", err->text);
	_exit(1);
}

static void
unwrap(struct keyd *k, struct sg_peer_request *req)
{
	const struct sg_frame_unwrap *ask = sg_peer_asked_unwrap(req);
	struct sg_keytrans trans;
	struct sg_err err = {0};
	uint8_t cek[SG_CEK_MAX] = {0};
	size_t len = (size_t)ask->cek_len;

	enum sg_code rc = get_keytrans(ask, &trans, NULL);
	if (rc == SG_OK)
		rc = sg_unwrap_key(
		    k->key, trans, ask->wrapped, sg_buf_slice(&k->secret), len, cek, &err);
	end_if_broken(rc, &err);
	struct sg_frame_unwrap_answer answer = {.code = rc};
	if (rc == SG_OK)
		answer.cek = sg_slice(cek, len);
	sg_peer_reply_unwrap(req, &answer);
	sg_wipe(cek, sizeof cek);
}

static enum sg_code
write_attrs(const struct sg_frame_sign *ask, struct sg_buf *attrs, struct sg_err *err)
{
	uint8_t nonce[NONCE_LEN];

	if (!is_hash(ask->hash))
		return sg_fail(err, SG_E_ALG, "keyd.hash", "no such hash");
	enum sg_code rc = sg_random(nonce, sizeof nonce, err);
	if (rc != SG_OK)
		return rc;
	struct sg_scep_certrep_facts facts = {
	    .status = (enum sg_scep_status)ask->status,
	    .fail = (enum sg_scep_fail)ask->fail,
	    .fail_text = ask->fail_text,
	    .txid = ask->txid,
	    .txid_tag = (unsigned)ask->txid_tag,
	    .recipient_nonce = ask->nonce,
	    .sender_nonce = sg_slice(nonce, sizeof nonce),
	    .hash = (enum sg_hash)ask->hash,
	    .digest = ask->digest,
	};
	return sg_scep_certrep_put_attrs(attrs, &facts, err);
}

static void
sign(struct keyd *k, struct sg_peer_request *req)
{
	const struct sg_frame_sign *ask = sg_peer_asked_sign(req);
	sg_buf_scoped attrs = {0}, sig = {0};
	struct sg_err err = {0};

	enum sg_code rc = write_attrs(ask, &attrs, &err);
	if (rc == SG_OK) {
		enum sg_hash hash = (enum sg_hash)ask->hash;
		rc = sg_sign_tbs(
		    k->key, sg_key_sigalg(k->key, hash), sg_buf_slice(&attrs), &sig, &err);
	}
	end_if_broken(rc, &err);
	if (rc != SG_OK)
		sg_log(SG_LOG_ERROR, err.rule, "cannot sign an answer: %s", err.text);
	struct sg_frame_sign_answer answer = {.code = rc};
	if (rc == SG_OK) {
		answer.attrs = sg_buf_slice(&attrs);
		answer.sig = sg_buf_slice(&sig);
	}
	sg_peer_reply_sign(req, &answer);
}

/* On the loop's thread, without fibers: there is nothing to wait for in an operation. */
void
keyd_handle(struct sg_peer_request *req, void *arg)
{
	struct sg_service_ctx *ctx = arg;

	if (req->frame->type == SG_FRAME_UNWRAP)
		unwrap(ctx->state, req);
	else if (req->frame->type == SG_FRAME_SIGN)
		sign(ctx->state, req);
	else if (req->frame->type == SG_FRAME_KEYD_HEALTH)
		sg_peer_reply_keyd_health(req, &(struct sg_frame_keyd_health_answer){.ready = 1});
	else
		sg_peer_drop(req);
}

enum sg_code
keyd_start(struct sg_service_ctx *ctx, struct sg_err *err)
{
	struct keyd *k = sg_xalloc(sizeof *k);
	sg_buf_scoped pem = {.max = FILE_MAX};

	ctx->state = k;
	enum sg_code rc = sg_crypto_init(err);
	if (rc == SG_OK)
		rc = sg_service_take_file(ctx, "ra.key", &pem, err);
	if (rc == SG_OK)
		rc = sg_key_from_pem(sg_buf_slice(&pem), &k->key, err);
	if (rc == SG_OK && sg_key_type(k->key) != SG_KEY_RSA)
		rc = sg_fail(err, SG_E_CONF, "keyd.key",
		    "ra.key: want an RSA key, because clients encrypt to it; have %s",
		    sg_keytype_name(sg_key_type(k->key)));
	if (rc == SG_OK)
		rc = sg_service_take_file(ctx, "ra.reject-secret", &k->secret, err);
	if (rc == SG_OK && k->secret.len < SECRET_MIN)
		rc = sg_fail(err, SG_E_CONF, "keyd.secret",
		    "ra.reject-secret: want at least %u random bytes, have %zu", SECRET_MIN,
		    k->secret.len);
	return rc;
}
