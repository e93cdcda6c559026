/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/init.c - OpenSSL in this process: one context, each algorithm fetched once
 *
 * All of crypto/ stands on it and begins with sg_crypto_init(); here its errors become ours, too.
 */

#include "crypto/init.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "crypto/init_private.h"
#include "crypto/random_private.h"

struct sg_ossl sg_ossl;

static pthread_once_t init_once = PTHREAD_ONCE_INIT;
static const char *init_failed = "not run";

static const char *const md_names[] = {
    [SG_HASH_SHA1] = "SHA1",
    [SG_HASH_SHA256] = "SHA256",
    [SG_HASH_SHA384] = "SHA384",
    [SG_HASH_SHA512] = "SHA512",
};

static const char *const cipher_names[] = {
    [SG_CIPHER_AES128_CBC] = "AES-128-CBC",
    [SG_CIPHER_AES192_CBC] = "AES-192-CBC",
    [SG_CIPHER_AES256_CBC] = "AES-256-CBC",
    [SG_CIPHER_DES3_CBC] = "DES-EDE3-CBC",
    /* Single DES is in the legacy provider only; EDE with one key thrice is the same. */
    [SG_CIPHER_DES_CBC] = "DES-EDE3-CBC",
};

static const char *
init_hmac(void)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(sg_ossl.ctx, "HMAC", NULL);
	if (mac == NULL)
		return "HMAC";
	sg_ossl.hmac_sha256 = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac);
	/* With a key, though each use sets its own: only an initialised context may be copied. */
	static const unsigned char no_key[1];
	if (sg_ossl.hmac_sha256 == NULL ||
	    EVP_MAC_init(sg_ossl.hmac_sha256, no_key, sizeof no_key, params) != 1)
		return "HMAC-SHA-256";
	return NULL;
}

/* What could not be had, or NULL. */
static const char *
init_all(void)
{
	/* No configuration file may change our algorithms; and no handler that tears OpenSSL
	 * down at exit under threads that still use it. */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) != 1)
		return "libcrypto";
	sg_ossl.ctx = OSSL_LIB_CTX_new();
	if (sg_ossl.ctx == NULL || OSSL_PROVIDER_load(sg_ossl.ctx, "default") == NULL)
		return "the default provider";
	for (size_t i = SG_HASH_SHA1; i <= SG_HASH_SHA512; i++) {
		sg_ossl.md[i] = EVP_MD_fetch(sg_ossl.ctx, md_names[i], NULL);
		if (sg_ossl.md[i] == NULL)
			return md_names[i];
	}
	for (size_t i = SG_CIPHER_AES128_CBC; i <= SG_CIPHER_DES_CBC; i++) {
		sg_ossl.cipher[i] = EVP_CIPHER_fetch(sg_ossl.ctx, cipher_names[i], NULL);
		if (sg_ossl.cipher[i] == NULL)
			return cipher_names[i];
	}
	if (!sg_random_begin())
		return "random numbers";
	return init_hmac();
}

static void
init_run(void)
{
	init_failed = init_all();
}

enum sg_code
sg_crypto_init(struct sg_err *err)
{
	if (pthread_once(&init_once, init_run) != 0 || init_failed != NULL)
		return sg_ossl_fail(err, SG_E_CRYPTO, "crypto.init",
		    "OpenSSL gives no %s in this process", init_failed);
	return SG_OK;
}

const EVP_MD *
sg_ossl_md(enum sg_hash hash)
{
	return (unsigned)hash <= SG_HASH_SHA512 ? sg_ossl.md[hash] : NULL;
}

const EVP_CIPHER *
sg_ossl_cipher(enum sg_cipher cipher)
{
	return (unsigned)cipher <= SG_CIPHER_DES_CBC ? sg_ossl.cipher[cipher] : NULL;
}

/* "RSA lib" and the like: that another part of OpenSSL gave up, which has said why. */
static bool
only_passes_on(unsigned long e)
{
	const int flags = ERR_RFLAG_FATAL | ERR_RFLAG_COMMON;
	int reason = ERR_GET_REASON(e);

	return (reason & flags) == ERR_RFLAG_COMMON && (reason & ~flags) < ERR_LIB_USER;
}

enum sg_code
sg_ossl_fail_at(struct sg_err *err, enum sg_code code, const char *rule, const char *file, int line,
    const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);

	const char *reason = NULL;
	/* Whatever gave up because of it said so later: a signature that "does not hold". */
	for (unsigned long e; (e = ERR_get_error()) != 0;) {
		if (!only_passes_on(e))
			reason = ERR_reason_error_string(e);
		if (ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE) {
			code = SG_E_NOMEM;
			rule = "memory";
		}
	}
	return sg_fail_at(err, code, rule, file, line, "%s%s%s", text, reason == NULL ? "" : ": ",
	    reason == NULL ? "" : reason);
}
