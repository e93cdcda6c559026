/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/init_private.h - what the files of src/crypto share about OpenSSL; nobody else includes it
 *
 * One library context of our own (no openssl.cnf, no environment) with the default
 * provider, and every algorithm fetched once by sg_crypto_init().
 * Threads: sg_ossl is written once, under pthread_once, and only read afterwards.
 */

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/evp.h>

#include "base/alg.h"
#include "base/err.h"

#define SG_DEFINE_CLEANUP(type, release)                                                           \
	static inline void sg_auto_##type(type **p)                                                \
	{                                                                                          \
		release(*p);                                                                       \
	}
#define sg_auto(type) __attribute__((cleanup(sg_auto_##type))) type *

SG_DEFINE_CLEANUP(BIGNUM, BN_free)
SG_DEFINE_CLEANUP(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
SG_DEFINE_CLEANUP(EVP_MAC_CTX, EVP_MAC_CTX_free)
SG_DEFINE_CLEANUP(EVP_MD_CTX, EVP_MD_CTX_free)
SG_DEFINE_CLEANUP(EVP_PKEY, EVP_PKEY_free)
SG_DEFINE_CLEANUP(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
SG_DEFINE_CLEANUP(OSSL_DECODER_CTX, OSSL_DECODER_CTX_free)
SG_DEFINE_CLEANUP(OSSL_ENCODER_CTX, OSSL_ENCODER_CTX_free)

struct sg_ossl {
	OSSL_LIB_CTX *ctx;
	EVP_MD *md[SG_HASH_SHA512 + 1];
	EVP_CIPHER *cipher[SG_CIPHER_DES_CBC + 1];
	EVP_MAC_CTX *hmac_sha256; /* with no key worth the name, to be duplicated */
};

extern struct sg_ossl sg_ossl;

/* The fetched algorithm, or NULL for one that does not exist; after sg_crypto_init(). */
const EVP_MD *
sg_ossl_md(enum sg_hash hash);
const EVP_CIPHER *
sg_ossl_cipher(enum sg_cipher cipher);

/*
 * As sg_fail, with the last reason that OpenSSL gave for itself at the end of the text; empties the
 * error queue. Becomes SG_E_NOMEM when that reason was a failed allocation.
 */
#define sg_ossl_fail(err, code, rule, ...)                                                         \
	sg_ossl_fail_at((err), (code), (rule), __FILE__, __LINE__, __VA_ARGS__)

enum sg_code
sg_ossl_fail_at(struct sg_err *err, enum sg_code code, const char *rule, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 6, 7)));
