/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/sign.c - every signature that is made or checked here
 *
 * Certificates, requests, messages and lists come with their bytes, an algorithm and a key of
 * key.c; fixed.c is its short way for the one key that checks its own signatures.
 */

#include "crypto/sign.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/init_private.h"
#include "crypto/key_private.h"

#define SIG_MAX (SG_RSA_MAX_BITS / 8u) /* an ECDSA signature on P-521 has at most 141 bytes */

/* RFC 8017 9.1.1: what the hash and two bytes leave of the encoded message; OpenSSL takes all of it
 * unless it is told otherwise. */
static int
pss_salt_max(const struct sg_key *key, enum sg_hash hash)
{
	return (int)((key->bits + 6) / 8) - (int)sg_hash_len(hash) - 2;
}

static enum sg_code
check_alg(const struct sg_key *key, struct sg_sigalg alg, struct sg_err *err)
{
	if (sg_ossl_md(alg.hash) == NULL)
		return sg_fail(err, SG_E_ALG, "hash.unknown",
		    "want a signature over SHA-1, SHA-256, SHA-384 or SHA-512, have number %d",
		    (int)alg.hash);
	bool fits = false;
	switch (alg.scheme) {
	case SG_SIG_RSA_PSS:
		fits = key->type == SG_KEY_RSA;
		if (fits &&
		    (alg.pss_salt_len < 0 || alg.pss_salt_len > pss_salt_max(key, alg.hash)))
			return sg_fail(err, SG_E_ALG, "sig.salt",
			    "RFC 8017 9.1.1: want a PSS salt of 0 to %d bytes with this key and "
			    "hash, have %d",
			    pss_salt_max(key, alg.hash), alg.pss_salt_len);
		break;
	case SG_SIG_RSA_PKCS1:
		fits = key->type == SG_KEY_RSA;
		break;
	case SG_SIG_ECDSA:
		fits = key->type != SG_KEY_RSA;
		break;
	case SG_SIG_NONE:
		break;
	}
	if (!fits)
		return sg_fail(err, SG_E_ALG, "sig.key",
		    "want a signature algorithm that fits the %s key, have %s",
		    sg_keytype_name(key->type), sg_sigscheme_name(alg.scheme));
	return SG_OK;
}

static enum sg_hash
pss_mgf1(struct sg_sigalg alg)
{
	return alg.pss_mgf1 != SG_HASH_NONE ? alg.pss_mgf1 : alg.hash;
}

static bool
set_pss(EVP_PKEY_CTX *ctx, struct sg_sigalg alg)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, sg_ossl_md(pss_mgf1(alg))) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, alg.pss_salt_len) == 1;
}

/* Hash and padding go in with the start of the operation: one by one they cost 1 us more. */
static bool
init(EVP_PKEY_CTX *ctx, struct sg_sigalg alg, enum sg_key_op op)
{
	char hash[16], pkcs1[] = OSSL_PKEY_RSA_PAD_MODE_PKCSV15;
	OSSL_PARAM params[3], *p = params;

	snprintf(hash, sizeof hash, "%s", EVP_MD_get0_name(sg_ossl_md(alg.hash)));
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, hash, 0);
	if (alg.scheme == SG_SIG_RSA_PKCS1)
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, pkcs1, 0);
	*p = OSSL_PARAM_construct_end();
	int ok = op == SG_KEY_OP_SIGN ? EVP_PKEY_sign_init_ex(ctx, params)
				      : EVP_PKEY_verify_init_ex(ctx, params);
	return ok == 1 && (alg.scheme != SG_SIG_RSA_PSS || set_pss(ctx, alg));
}

/* A context for one signature or its verification, from the key's idle ones or new. */
static EVP_PKEY_CTX *
ctx_for(const struct sg_key *key, struct sg_sigalg alg, enum sg_key_op op)
{
	EVP_PKEY_CTX *idle = NULL;
	if (alg.scheme != SG_SIG_RSA_PSS)
		idle = sg_key_ctx_take(key, (unsigned)op + (unsigned)alg.hash);
	if (idle != NULL)
		return idle;
	sg_auto(EVP_PKEY_CTX) ctx = EVP_PKEY_CTX_new_from_pkey(sg_ossl.ctx, key->pkey, NULL);
	if (ctx == NULL || !init(ctx, alg, op))
		return NULL;
	return sg_steal(ctx);
}

/* Put a context that worked back. */
static void
ctx_keep(const struct sg_key *key, struct sg_sigalg alg, enum sg_key_op op, EVP_PKEY_CTX **ctx)
{
	if (alg.scheme != SG_SIG_RSA_PSS) {
		sg_key_ctx_put(key, (unsigned)op + (unsigned)alg.hash, *ctx);
		*ctx = NULL;
	}
}

enum sg_code
sg_sign_tbs(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice tbs, struct sg_buf *out,
    struct sg_err *err)
{
	uint8_t hash[SG_HASH_LEN_MAX], sig[SIG_MAX];
	size_t hash_len = sg_hash_len(alg.hash), sig_len = sizeof sig;

	enum sg_code rc = check_alg(key, alg, err);
	if (rc != SG_OK)
		return rc;
	if (!key->is_private)
		return sg_fail(err, SG_E_INTERNAL, "key.private",
		    "want a private key to sign with, have a public one");
	if (alg.scheme == SG_SIG_RSA_PSS &&
	    ((size_t)alg.pss_salt_len != hash_len || pss_mgf1(alg) != alg.hash))
		return sg_fail(err, SG_E_ALG, "sig.salt",
		    "want a PSS salt as long as the hash (%zu bytes) and MGF1 with the same, have "
		    "%d and %s",
		    hash_len, alg.pss_salt_len, sg_hash_name(pss_mgf1(alg)));
	rc = sg_digest(alg.hash, tbs, hash, err);
	if (rc != SG_OK)
		return rc;
	sg_auto(EVP_PKEY_CTX) ctx = ctx_for(key, alg, SG_KEY_OP_SIGN);
	if (ctx == NULL || EVP_PKEY_sign(ctx, sig, &sig_len, hash, hash_len) != 1)
		return sg_ossl_fail(err, SG_E_CRYPTO, "sign", "%s key did not sign with %s",
		    sg_keytype_name(key->type), sg_hash_name(alg.hash));
	ctx_keep(key, alg, SG_KEY_OP_SIGN, &ctx);
	sg_buf_put(out, sig, sig_len);
	return sg_buf_check(out, err);
}

/* What can be refused before any arithmetic. */
static enum sg_code
check_verify(
    const struct sg_key *key, struct sg_sigalg alg, struct sg_slice sig, struct sg_err *err)
{
	enum sg_code rc = check_alg(key, alg, err);
	if (rc != SG_OK)
		return rc;
	if (key->type == SG_KEY_RSA && sig.len != key->len)
		return sg_fail(err, SG_E_SIGNATURE, "signature",
		    "RFC 8017 8.2.2: want a signature of %zu bytes, have %zu", key->len, sig.len);
	if (sig.len == 0)
		return sg_fail(err, SG_E_SIGNATURE, "signature", "the signature is empty");
	return SG_OK;
}

static enum sg_code
does_not_hold(struct sg_sigalg alg, struct sg_err *err)
{
	return sg_ossl_fail(err, SG_E_SIGNATURE, "signature",
	    "the %s signature with %s does not hold", sg_sigscheme_name(alg.scheme),
	    sg_hash_name(alg.hash));
}

enum sg_code
sg_sign_verify(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice data,
    struct sg_slice sig, struct sg_err *err)
{
	uint8_t hash[SG_HASH_LEN_MAX];

	enum sg_code rc = check_verify(key, alg, sig, err);
	if (rc == SG_OK)
		rc = sg_digest(alg.hash, data, hash, err);
	if (rc != SG_OK)
		return rc;
	sg_auto(EVP_PKEY_CTX) ctx = ctx_for(key, alg, SG_KEY_OP_VERIFY);
	/* The algorithm fits the key: what is left to fail is memory. */
	if (ctx == NULL)
		return sg_ossl_fail(err, SG_E_NOMEM, "verify", "no verification with %s and %s",
		    sg_keytype_name(key->type), sg_hash_name(alg.hash));
	/* Malformed ECDSA signatures give -1, wrong ones 0. */
	if (EVP_PKEY_verify(ctx, sig.p, sig.len, hash, sg_hash_len(alg.hash)) != 1)
		return does_not_hold(alg, err);
	ctx_keep(key, alg, SG_KEY_OP_VERIFY, &ctx);
	return SG_OK;
}

/* What the signature was made of: with PKCS#1 v1.5 the hash, whose whole encoding EVP compares;
 * with PSS the encoded message. */
static enum sg_code
recover(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice sig, uint8_t out[SIG_MAX],
    size_t *ret_len, struct sg_err *err)
{
	bool pss = alg.scheme == SG_SIG_RSA_PSS;

	*ret_len = SIG_MAX;
	sg_auto(EVP_PKEY_CTX) ctx = EVP_PKEY_CTX_new_from_pkey(sg_ossl.ctx, key->pkey, NULL);
	if (ctx == NULL || EVP_PKEY_verify_recover_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, pss ? RSA_NO_PADDING : RSA_PKCS1_PADDING) != 1 ||
	    (!pss && EVP_PKEY_CTX_set_signature_md(ctx, sg_ossl_md(alg.hash)) != 1))
		return sg_ossl_fail(err, SG_E_NOMEM, "verify", "no verification with %s and %s",
		    sg_keytype_name(key->type), sg_hash_name(alg.hash));
	if (EVP_PKEY_verify_recover(ctx, out, ret_len, sig.p, sig.len) != 1)
		return does_not_hold(alg, err);
	return SG_OK;
}

/* RFC 8017 9.1.2, steps 3 to 11, on an encoded message of len bytes, as long as the modulus: it is
 * unmasked in place; *ret_h is the hash in it and *ret_salt what follows. */
static enum sg_code
open_pss(const struct sg_key *key, struct sg_sigalg alg, uint8_t *em, size_t len,
    struct sg_slice *ret_h, struct sg_slice *ret_salt, struct sg_err *err)
{
	size_t h = sg_hash_len(alg.hash), salt = (size_t)alg.pss_salt_len;
	unsigned em_bits = key->bits - 1;
	size_t skip = len - (em_bits + 7) / 8; /* 1 for a modulus of 8n + 1 bits */
	uint8_t *db = em + skip, top = (uint8_t)(0xff >> (8 * (len - skip) - em_bits));
	size_t db_len = len - skip - h - 1;
	bool ok = true;

	if (len != key->len || len < skip + h + salt + 2 || em[len - 1] != 0xbc ||
	    (skip == 1 && em[0] != 0) || (db[0] & ~top) != 0)
		return does_not_hold(alg, err);
	*ret_h = sg_slice(db + db_len, h);
	enum sg_code rc = sg_mgf1_xor(pss_mgf1(alg), *ret_h, db, db_len, err);
	if (rc != SG_OK)
		return rc;
	db[0] &= top;
	for (size_t i = 0; i < db_len - salt - 1; i++)
		ok = ok && db[i] == 0;
	*ret_salt = sg_slice(db + db_len - salt, salt);
	return ok && db[db_len - salt - 1] == 1 ? SG_OK : does_not_hold(alg, err);
}

/* Steps 12 to 14: is h the hash of eight zeros, the hash of the message, and the salt? */
static enum sg_code
check_pss(struct sg_sigalg alg, struct sg_slice h, struct sg_slice salt, const uint8_t *hash,
    struct sg_err *err)
{
	uint8_t text[8 + SG_HASH_LEN_MAX + SG_PSS_SALT_MAX] = {0}, own[SG_HASH_LEN_MAX];

	memcpy(text + 8, hash, h.len);
	if (salt.len > 0)
		memcpy(text + 8 + h.len, salt.p, salt.len);
	enum sg_code rc = sg_digest(alg.hash, sg_slice(text, 8 + h.len + salt.len), own, err);
	if (rc != SG_OK)
		return rc;
	return sg_slice_eq(h, sg_slice(own, h.len)) ? SG_OK : does_not_hold(alg, err);
}

enum sg_code
sg_sign_verify_either(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice one,
    struct sg_slice other, struct sg_slice sig, struct sg_err *err)
{
	uint8_t hash[2][SG_HASH_LEN_MAX], out[SIG_MAX];
	struct sg_slice h = {0}, salt = {0};
	size_t len = 0;

	if (key->type != SG_KEY_RSA) {
		enum sg_code first = sg_sign_verify(key, alg, one, sig, err);
		return first != SG_E_SIGNATURE ? first : sg_sign_verify(key, alg, other, sig, err);
	}
	enum sg_code rc = check_verify(key, alg, sig, err);
	if (rc == SG_OK)
		rc = sg_digest(alg.hash, one, hash[0], err);
	if (rc == SG_OK)
		rc = sg_digest(alg.hash, other, hash[1], err);
	if (rc == SG_OK)
		rc = recover(key, alg, sig, out, &len, err);
	if (rc == SG_OK && alg.scheme == SG_SIG_RSA_PSS)
		rc = open_pss(key, alg, out, len, &h, &salt, err);
	if (rc != SG_OK)
		return rc;
	for (size_t n = 0; n < 2; n++) {
		struct sg_slice want = sg_slice(hash[n], sg_hash_len(alg.hash));
		if (alg.scheme != SG_SIG_RSA_PSS)
			rc = sg_slice_eq(sg_slice(out, len), want) ? SG_OK
								   : does_not_hold(alg, err);
		else
			rc = check_pss(alg, h, salt, hash[n], err);
		if (rc != SG_E_SIGNATURE)
			return rc;
	}
	return rc;
}

enum sg_code
sg_sign_check(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice data,
    struct sg_slice sig, struct sg_err *err)
{
	uint8_t hash[SG_HASH_LEN_MAX];

	if (key->fixed != NULL && alg.scheme == SG_SIG_ECDSA && sg_hash_len(alg.hash) > 0) {
		enum sg_code rc = sg_digest(alg.hash, data, hash, err);
		if (rc != SG_OK)
			return rc;
		if (sg_fixed_holds(key->fixed, sig, sg_slice(hash, sg_hash_len(alg.hash))))
			return SG_OK;
	}
	/* No tables, or they do not say yes: why not is EVP's to say. */
	return sg_sign_verify(key, alg, data, sig, err);
}
