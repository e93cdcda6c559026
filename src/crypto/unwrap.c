/* SPDX-License-Identifier: Apache-2.0 */

/*
 * unwrap.c - decrypt a content key without saying whether the padding was right
 *
 * Because the length of the content key is known, every byte of a right encoding has a
 * known place: nothing is searched for, and no index, loop count or branch depends on the
 * plaintext. What is wrong is gathered in one word, which becomes a mask that chooses, byte
 * by byte, between the end of the plaintext and the substitute that was computed before.
 * The exponentiation is OpenSSL's, with blinding, which is on for every private key.
 */

#include "crypto/unwrap.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "crypto/cipher_private.h"
#include "crypto/ct.h"
#include "crypto/digest.h"
#include "crypto/init_private.h"
#include "crypto/key_private.h"

#define SECRET_MIN 16u /* bytes; a substitute that a stranger can compute is none */

struct scratch {
	uint8_t wrapped[SG_RSA_MAX_BITS / 8]; /* padded to the modulus */
	uint8_t em[SG_RSA_MAX_BITS / 8];      /* the encoded message, RFC 8017 7.1.1 and 7.2.1 */
	uint8_t substitute[SG_SHA256_LEN];
	size_t len; /* of wrapped and em: the modulus' */
};

static void
scratch_wipe(struct scratch *s)
{
	sg_wipe(s, sizeof *s);
}

/* RFC 8017 7.2.2: 00 02, bytes that are not 00, 00, then the key up to the end. Returns not
 * 0 when anything is wrong. */
static uint32_t
pkcs1_wrong(const struct scratch *s, size_t cek_len)
{
	size_t zero_at = s->len - cek_len - 1;
	uint32_t wrong = s->em[0];
	wrong |= s->em[1] ^ 2u;
	for (size_t i = 2; i < zero_at; i++)
		wrong |= sg_ct_is_zero(s->em[i]);
	wrong |= s->em[zero_at];
	return wrong;
}

/* RFC 8017 7.1.2: 00, masked seed, masked (hash of the empty label, zeros, 01, key). Unmasks
 * em in place; *ret_wrong is not 0 when anything is wrong. */
static enum sg_code
oaep_wrong(struct scratch *s, struct sg_keytrans trans, size_t cek_len, uint32_t *ret_wrong,
    struct sg_err *err)
{
	uint8_t label[SG_HASH_LEN_MAX];
	size_t h = sg_hash_len(trans.oaep_hash);
	uint8_t *seed = s->em + 1, *db = seed + h;
	size_t db_len = s->len - 1 - h, one_at = db_len - cek_len - 1;

	enum sg_code rc = sg_digest(trans.oaep_hash, sg_slice("", 0), label, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_mgf1_xor(trans.mgf1_hash, sg_slice(db, db_len), seed, h, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_mgf1_xor(trans.mgf1_hash, sg_slice(seed, h), db, db_len, err);
	if (rc != SG_OK)
		return rc;
	uint32_t wrong = s->em[0];
	for (size_t i = 0; i < h; i++)
		wrong |= (uint32_t)(db[i] ^ label[i]);
	for (size_t i = h; i < one_at; i++)
		wrong |= db[i];
	wrong |= db[one_at] ^ 1u;
	*ret_wrong = wrong;
	return SG_OK;
}

/* em = wrapped ^ d mod n. */
static enum sg_code
rsa_raw(const struct sg_key *key, struct scratch *s, struct sg_err *err)
{
	size_t len = s->len;
	sg_auto(EVP_PKEY_CTX) ctx = sg_key_ctx_take(key, SG_KEY_OP_DECRYPT);
	if (ctx == NULL) {
		ctx = EVP_PKEY_CTX_new_from_pkey(sg_ossl.ctx, key->pkey, NULL);
		if (ctx == NULL || EVP_PKEY_decrypt_init(ctx) != 1 ||
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) != 1)
			return sg_ossl_fail(err, SG_E_CRYPTO, "unwrap.rsa", "no raw RSA");
	}
	if (EVP_PKEY_decrypt(ctx, s->em, &len, s->wrapped, s->len) != 1 || len != s->len)
		return sg_ossl_fail(err, SG_E_CRYPTO, "unwrap.rsa", "RSA failed");
	sg_key_ctx_put(key, SG_KEY_OP_DECRYPT, sg_steal(ctx));
	return SG_OK;
}

/* What can be refused before anything secret is touched. */
static enum sg_code
check_public(const struct sg_key *key, struct sg_keytrans trans, struct sg_slice wrapped,
    struct sg_slice secret, size_t cek_len, struct sg_err *err)
{
	enum sg_code rc = sg_keytrans_check(key, trans, cek_len, err);
	if (rc != SG_OK)
		return rc;
	if (!key->is_private)
		return sg_fail(err, SG_E_INTERNAL, "key.private",
		    "want a private key to unwrap with, have a public one");
	if (secret.len < SECRET_MIN)
		return sg_fail(err, SG_E_INTERNAL, "unwrap.secret",
		    "want a secret of at least %u bytes, have %zu", SECRET_MIN, secret.len);
	if (wrapped.len > key->len)
		return sg_fail(err, SG_E_MALFORMED, "unwrap.size",
		    "RFC 8017 7.2.2: want an encrypted key of %zu bytes, have %zu", key->len,
		    wrapped.len);
	return SG_OK;
}

enum sg_code
sg_unwrap_key(const struct sg_key *key, struct sg_keytrans trans, struct sg_slice wrapped,
    struct sg_slice secret, size_t cek_len, uint8_t out[SG_CEK_MAX], struct sg_err *err)
{
	__attribute__((cleanup(scratch_wipe))) struct scratch s;
	uint32_t wrong = 0;

	enum sg_code rc = check_public(key, trans, wrapped, secret, cek_len, err);
	if (rc != SG_OK)
		return rc;
	/* Some clients drop leading zeros; all spellings of one number are one ciphertext. */
	s.len = key->len;
	memset(s.wrapped, 0, s.len - wrapped.len);
	if (wrapped.len > 0)
		memcpy(s.wrapped + s.len - wrapped.len, wrapped.p, wrapped.len);
	if (memcmp(s.wrapped, key->modulus.p, s.len) >= 0)
		return sg_fail(err, SG_E_MALFORMED, "unwrap.range",
		    "RFC 8017 5.1.2: the encrypted key is not below the modulus");
	rc = sg_hmac_sha256(secret, sg_slice(s.wrapped, s.len), s.substitute, err);
	if (rc != SG_OK)
		return rc;
	rc = rsa_raw(key, &s, err);
	if (rc != SG_OK)
		return rc;
	if (trans.transport == SG_TRANSPORT_PKCS1)
		wrong = pkcs1_wrong(&s, cek_len);
	else
		rc = oaep_wrong(&s, trans, cek_len, &wrong, err);
	if (rc != SG_OK)
		return rc;
	uint32_t right = sg_ct_is_zero(wrong);
	for (size_t i = 0; i < cek_len; i++)
		out[i] = sg_ct_select(right, s.em[s.len - cek_len + i], s.substitute[i]);
	return SG_OK;
}
