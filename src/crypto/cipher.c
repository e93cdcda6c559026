/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/cipher.c - contents encrypted and decrypted in CBC, a content key encrypted to a recipient
 *
 * The envelope (cms/envelope.c) is built from and opened with these; a content key comes back by
 * unwrap.c. A padding is looked at in constant time.
 */

#include "crypto/cipher.h"

#include <limits.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "crypto/cipher_private.h"
#include "crypto/ct.h"
#include "crypto/init.h"
#include "crypto/init_private.h"
#include "crypto/key_private.h"
#include "crypto/random.h"

#define DES_KEY_LEN 8u
#define PKCS1_LEN 11u /* of the shortest padding */

static enum sg_code
find_cipher(enum sg_cipher cipher, bool des_allowed, const EVP_CIPHER **ret, struct sg_err *err)
{
	enum sg_code rc = sg_crypto_init(err);
	if (rc != SG_OK)
		return rc;
	if (cipher == SG_CIPHER_DES_CBC && !des_allowed)
		return sg_fail(err, SG_E_ALG, "cipher.des", "single DES is refused");
	const EVP_CIPHER *found = sg_ossl_cipher(cipher);
	if (found == NULL)
		return sg_fail(err, SG_E_ALG, "cipher.unknown",
		    "want AES-CBC or 3DES-CBC, have number %d", (int)cipher);
	*ret = found;
	return SG_OK;
}

enum sg_code
sg_encrypt_cbc(enum sg_cipher cipher, const uint8_t *key, const uint8_t *iv, struct sg_slice plain,
    struct sg_buf *out, struct sg_err *err)
{
	const EVP_CIPHER *evp = NULL;
	enum sg_code rc = find_cipher(cipher, false, &evp, err);
	if (rc != SG_OK)
		return rc;
	size_t block = sg_cipher_block_len(cipher);
	if (plain.len > INT_MAX - block)
		return sg_fail(err, SG_E_LIMIT, "cipher.size", "%zu bytes at once", plain.len);
	size_t start = out->len, total = plain.len - plain.len % block + block;
	uint8_t *to = sg_buf_extend(out, total);
	if (to == NULL)
		return sg_buf_check(out, err);
	int n = 0, last = 0;
	sg_auto(EVP_CIPHER_CTX) ctx = EVP_CIPHER_CTX_new();
	if (ctx == NULL || EVP_EncryptInit_ex2(ctx, evp, key, iv, NULL) != 1 ||
	    EVP_EncryptUpdate(ctx, to, &n, plain.p, (int)plain.len) != 1 ||
	    EVP_EncryptFinal_ex(ctx, to + n, &last) != 1 || (size_t)(n + last) != total) {
		out->len = start;
		return sg_ossl_fail(
		    err, SG_E_NOMEM, "cipher", "%s did not encrypt", sg_cipher_name(cipher));
	}
	return SG_OK;
}

/* All ones when the last block does not end in n bytes of value n, 1 <= n <= block. Looks
 * at the whole block whatever the bytes are. */
static uint32_t
padding_bad(const uint8_t *last, size_t block)
{
	uint32_t pad = last[block - 1];
	uint32_t bad = sg_ct_is_zero(pad) | sg_ct_less((uint32_t)block, pad);
	for (size_t i = 0; i < block; i++)
		bad |= sg_ct_less((uint32_t)i, pad) & (last[block - 1 - i] ^ pad);
	return ~sg_ct_is_zero(bad);
}

static bool
decrypt_raw(const EVP_CIPHER *evp, const uint8_t *key, const uint8_t *iv,
    struct sg_slice ciphertext, uint8_t *to)
{
	int n = 0;
	sg_auto(EVP_CIPHER_CTX) ctx = EVP_CIPHER_CTX_new();
	return ctx != NULL && EVP_DecryptInit_ex2(ctx, evp, key, iv, NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	       EVP_DecryptUpdate(ctx, to, &n, ciphertext.p, (int)ciphertext.len) == 1 &&
	       (size_t)n == ciphertext.len;
}

enum sg_code
sg_decrypt_cbc(enum sg_cipher cipher, bool legacy_des, const uint8_t *key, const uint8_t *iv,
    struct sg_slice ciphertext, struct sg_buf *out, struct sg_err *err)
{
	const EVP_CIPHER *evp = NULL;
	uint8_t des_key[3 * DES_KEY_LEN];
	enum sg_code rc = find_cipher(cipher, legacy_des, &evp, err);
	if (rc != SG_OK)
		return rc;
	size_t block = sg_cipher_block_len(cipher);
	if (ciphertext.len == 0 || ciphertext.len % block != 0 || ciphertext.len > INT_MAX)
		return sg_fail(err, SG_E_CRYPTO, "cms.decrypt", "wrong length or padding");
	if (cipher == SG_CIPHER_DES_CBC) {
		for (size_t i = 0; i < 3; i++)
			memcpy(des_key + i * DES_KEY_LEN, key, DES_KEY_LEN);
		key = des_key;
	}
	size_t start = out->len;
	uint8_t *to = sg_buf_extend(out, ciphertext.len);
	if (to == NULL)
		return sg_buf_check(out, err);
	/* All lengths fit: without memory only it is not done. */
	bool done = decrypt_raw(evp, key, iv, ciphertext, to);
	sg_wipe(des_key, sizeof des_key);
	size_t pad = to[ciphertext.len - 1];
	/* One text for length and padding, so that nothing above can tell them apart. */
	if (!done || padding_bad(to + ciphertext.len - block, block) != 0) {
		sg_wipe(to, ciphertext.len);
		out->len = start;
		return done ? sg_fail(err, SG_E_CRYPTO, "cms.decrypt", "wrong length or padding")
			    : sg_ossl_fail(err, SG_E_NOMEM, "cipher", "%s did not decrypt",
				  sg_cipher_name(cipher));
	}
	sg_wipe(to + ciphertext.len - pad, pad);
	out->len -= pad;
	return SG_OK;
}

static bool
init_wrap(EVP_PKEY_CTX *ctx, struct sg_keytrans trans)
{
	char padded[] = OSSL_PKEY_RSA_PAD_MODE_NONE;
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, padded, 0),
	    OSSL_PARAM_construct_end(),
	};

	if (trans.transport == SG_TRANSPORT_PKCS1)
		return EVP_PKEY_encrypt_init_ex(ctx, params) == 1;
	return EVP_PKEY_encrypt_init(ctx) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_oaep_md(ctx, sg_ossl_md(trans.oaep_hash)) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, sg_ossl_md(trans.mgf1_hash)) == 1;
}

enum sg_code
sg_keytrans_check(
    const struct sg_key *key, struct sg_keytrans trans, size_t cek_len, struct sg_err *err)
{
	if (key->type != SG_KEY_RSA)
		return sg_fail(err, SG_E_ALG, "keytrans.key", "want an RSA key, have %s",
		    sg_keytype_name(key->type));
	if (cek_len == 0 || cek_len > SG_CEK_MAX)
		return sg_fail(err, SG_E_LIMIT, "keytrans.size",
		    "want a content key of 1 to %u bytes, have %zu", SG_CEK_MAX, cek_len);
	if (trans.transport == SG_TRANSPORT_PKCS1)
		return SG_OK;
	if (trans.transport != SG_TRANSPORT_OAEP || sg_ossl_md(trans.oaep_hash) == NULL ||
	    sg_ossl_md(trans.mgf1_hash) == NULL)
		return sg_fail(err, SG_E_ALG, "keytrans.unknown",
		    "want PKCS#1 v1.5, or OAEP with SHA-1 or SHA-2, have %d with %d and %d",
		    (int)trans.transport, (int)trans.oaep_hash, (int)trans.mgf1_hash);
	return SG_OK;
}

_Static_assert(
    SG_RSA_MIN_BITS / 8 >= PKCS1_LEN + SG_CEK_MAX, "every content key fits every RSA key");

/* RFC 8017 7.2.1: 00 02, bytes that are not 00, 00, the key. Here and not by OpenSSL, whose
 * generator is called again for each byte that was 00, and asks the kernel each time. */
static enum sg_code
put_pkcs1(uint8_t *em, size_t len, struct sg_slice cek, struct sg_err *err)
{
	size_t zero_at = len - cek.len - 1;

	enum sg_code rc = sg_random(em, zero_at, err);
	for (size_t i = 2; i < zero_at; i++)
		while (rc == SG_OK && em[i] == 0)
			rc = sg_random(em + i, 1, err);
	if (rc != SG_OK)
		return rc;
	em[0] = 0;
	em[1] = 2;
	em[zero_at] = 0;
	memcpy(em + zero_at + 1, cek.p, cek.len); /* UNSAFE: zero_at left room for it */
	return SG_OK;
}

enum sg_code
sg_wrap_key(const struct sg_key *key, struct sg_keytrans trans, struct sg_slice cek,
    struct sg_buf *out, struct sg_err *err)
{
	uint8_t wrapped[SG_RSA_MAX_BITS / 8], em[SG_RSA_MAX_BITS / 8];
	size_t len = sizeof wrapped;
	struct sg_slice plain = cek;

	enum sg_code rc = sg_keytrans_check(key, trans, cek.len, err);
	if (rc == SG_OK && trans.transport == SG_TRANSPORT_PKCS1) {
		rc = put_pkcs1(em, key->len, cek, err);
		plain = sg_slice(em, key->len);
	}
	if (rc != SG_OK)
		return rc;
	sg_auto(EVP_PKEY_CTX) ctx = EVP_PKEY_CTX_new_from_pkey(sg_ossl.ctx, key->pkey, NULL);
	bool done = ctx != NULL && init_wrap(ctx, trans) &&
		    EVP_PKEY_encrypt(ctx, wrapped, &len, plain.p, plain.len) == 1;
	sg_wipe(em, sizeof em);
	if (!done)
		return sg_ossl_fail(err, SG_E_CRYPTO, "wrap", "RSA encryption failed");
	sg_buf_put(out, wrapped, len);
	return sg_buf_check(out, err);
}
