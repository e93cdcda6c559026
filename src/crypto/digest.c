/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/digest.c - hashes, HMAC and MGF1 with the algorithms that init.c fetched
 *
 * Below everything that signs, compares or names by hash; nothing is looked up by name here.
 */

#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/alloc.h"
#include "crypto/init.h"
#include "crypto/init_private.h"

enum sg_code
sg_digest(enum sg_hash hash, struct sg_slice data, uint8_t out[SG_HASH_LEN_MAX], struct sg_err *err)
{
	enum sg_code rc = sg_crypto_init(err);
	if (rc != SG_OK)
		return rc;
	const EVP_MD *md = sg_ossl_md(hash);
	if (md == NULL)
		return sg_fail(err, SG_E_ALG, "hash.unknown",
		    "want SHA-1, SHA-256, SHA-384 or SHA-512, have number %d", (int)hash);
	/* The algorithm was fetched at the start: only memory is left to fail, here and below,
	 * and OpenSSL does not always say so. */
	if (EVP_Digest(data.p, data.len, out, NULL, md, NULL) != 1)
		return sg_ossl_fail(err, SG_E_NOMEM, "hash", "%s failed", sg_hash_name(hash));
	return SG_OK;
}

enum sg_code
sg_sha256(struct sg_slice data, uint8_t out[SG_SHA256_LEN], struct sg_err *err)
{
	enum sg_code rc = sg_crypto_init(err);
	if (rc != SG_OK)
		return rc;
	if (EVP_Digest(data.p, data.len, out, NULL, sg_ossl.md[SG_HASH_SHA256], NULL) != 1)
		return sg_ossl_fail(err, SG_E_NOMEM, "hash", "SHA-256 failed");
	return SG_OK;
}

enum sg_code
sg_mgf1_xor(
    enum sg_hash hash, struct sg_slice seed, uint8_t *target, size_t len, struct sg_err *err)
{
	uint8_t mask[SG_HASH_LEN_MAX];
	size_t h = sg_hash_len(hash);
	sg_auto(EVP_MD_CTX) ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return sg_ossl_fail(err, SG_E_NOMEM, "memory", "no memory for a hash");
	for (uint32_t block = 0; block * h < len; block++) {
		uint8_t counter[4] = {0, 0, (uint8_t)(block >> 8), (uint8_t)block};
		if (EVP_DigestInit_ex2(ctx, sg_ossl_md(hash), NULL) != 1 ||
		    EVP_DigestUpdate(ctx, seed.p, seed.len) != 1 ||
		    EVP_DigestUpdate(ctx, counter, sizeof counter) != 1 ||
		    EVP_DigestFinal_ex(ctx, mask, NULL) != 1)
			return sg_ossl_fail(err, SG_E_CRYPTO, "hash", "MGF1 failed");
		size_t from = block * h, n = len - from < h ? len - from : h;
		for (size_t i = 0; i < n; i++)
			target[from + i] ^= mask[i];
	}
	sg_wipe(mask, sizeof mask);
	return SG_OK;
}

/*
 * A copy of the context is two thirds of the cost of a short HMAC: one idle copy is kept,
 * taken out and put back like the contexts of a key. It remembers the key that it was used
 * with last, which its process keeps anyhow, and begins with another one each time.
 */
static EVP_MAC_CTX *idle_hmac;

enum sg_code
sg_hmac_sha256(
    struct sg_slice key, struct sg_slice data, uint8_t out[SG_SHA256_LEN], struct sg_err *err)
{
	enum sg_code rc = sg_crypto_init(err);
	if (rc != SG_OK)
		return rc;
	/* OpenSSL takes a NULL key for "the key that is set already". */
	const uint8_t *key_p = key.len == 0 ? (const uint8_t *)"" : key.p;
	size_t len = 0;
	sg_auto(EVP_MAC_CTX) ctx = __atomic_exchange_n(&idle_hmac, NULL, __ATOMIC_ACQ_REL);
	if (ctx == NULL)
		ctx = EVP_MAC_CTX_dup(sg_ossl.hmac_sha256);
	if (ctx == NULL || EVP_MAC_init(ctx, key_p, key.len, NULL) != 1 ||
	    EVP_MAC_update(ctx, data.p, data.len) != 1 ||
	    EVP_MAC_final(ctx, out, &len, SG_SHA256_LEN) != 1 || len != SG_SHA256_LEN)
		return sg_ossl_fail(err, SG_E_NOMEM, "hmac", "HMAC-SHA-256 failed");
	ctx = __atomic_exchange_n(&idle_hmac, ctx, __ATOMIC_ACQ_REL);
	return SG_OK;
}

bool
sg_ct_equal(struct sg_slice a, struct sg_slice b)
{
	return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.p, b.p, a.len) == 0);
}
