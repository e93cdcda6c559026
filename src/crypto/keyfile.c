/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/keyfile.c - private keys of ours: made, read from PEM, written as PEM
 *
 * At the start of a role or a command, never with bytes of a stranger; ends in sg_key_wrap() of
 * key.c.
 */

#include "crypto/keyfile.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/pem.h"
#include "crypto/init.h"
#include "crypto/init_private.h"
#include "crypto/key_private.h"
#include "crypto/sign.h"

/* The three PEM labels of an unencrypted private key, and what their DER is to OpenSSL. */
static const struct container {
	const char *label;
	const char *structure;
	const char *keytype; /* NULL: inside */
} containers[] = {
    {"PRIVATE KEY", "PrivateKeyInfo", NULL},
    {"RSA PRIVATE KEY", "type-specific", "RSA"},
    {"EC PRIVATE KEY", "type-specific", "EC"},
};

/* Storage for the numbers of a key that OpenSSL made. */
struct numbers_store {
	uint8_t n[SG_RSA_MAX_BITS / 8];
	uint8_t e[SG_RSA_E_MAX_LEN];
	uint8_t point[1 + 2 * SG_KEY_COORD_MAX];
};

/* A public number of pkey into at most max bytes without leading zeros; false when absent
 * or too long. */
static bool
get_magnitude(EVP_PKEY *pkey, const char *name, uint8_t *out, size_t max, struct sg_slice *ret)
{
	sg_auto(BIGNUM) bn = NULL;
	if (EVP_PKEY_get_bn_param(pkey, name, &bn) != 1 || BN_num_bytes(bn) > (int)max)
		return false;
	*ret = sg_slice(out, (size_t)BN_bn2bin(bn, out));
	return true;
}

/* A coordinate, with leading zeros. */
static bool
get_coordinate(EVP_PKEY *pkey, const char *name, uint8_t *out, int len)
{
	sg_auto(BIGNUM) bn = NULL;
	return EVP_PKEY_get_bn_param(pkey, name, &bn) == 1 && BN_bn2binpad(bn, out, len) == len;
}

/* The curve of an EC key that names it; NULL for others and for explicit parameters. */
static const struct sg_spki_curve *
curve_of(EVP_PKEY *pkey)
{
	char name[32];
	int explicit_params = 0;

	if (EVP_PKEY_get_int_param(
		pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_params) == 1 &&
	    explicit_params != 0)
		return NULL;
	if (EVP_PKEY_get_group_name(pkey, name, sizeof name, NULL) != 1)
		return NULL;
	return sg_spki_curve_named(name);
}

static enum sg_code
rsa_numbers(
    EVP_PKEY *pkey, struct numbers_store *store, struct sg_key_numbers *num, struct sg_err *err)
{
	if (!get_magnitude(pkey, OSSL_PKEY_PARAM_RSA_N, store->n, sizeof store->n, &num->n))
		return sg_ossl_fail(err, SG_E_LIMIT, "key.size",
		    "want an RSA key of at most %u bits, have %d", SG_RSA_MAX_BITS,
		    EVP_PKEY_get_bits(pkey));
	if (!get_magnitude(pkey, OSSL_PKEY_PARAM_RSA_E, store->e, sizeof store->e, &num->e))
		return sg_ossl_fail(err, SG_E_LIMIT, "key.exponent",
		    "want an RSA exponent of at most %u bits", 8 * SG_RSA_E_MAX_LEN);
	return sg_key_check_numbers(num, err);
}

static enum sg_code
ec_numbers(
    EVP_PKEY *pkey, struct numbers_store *store, struct sg_key_numbers *num, struct sg_err *err)
{
	num->curve = curve_of(pkey);
	if (num->curve == NULL)
		return sg_ossl_fail(
		    err, SG_E_ALG, "key.curve", "want the named curve P-256, P-384 or P-521");
	int len = (int)(num->curve->bits + 7) / 8;
	store->point[0] = 0x04;
	if (!get_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_X, store->point + 1, len) ||
	    !get_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, store->point + 1 + len, len))
		return sg_ossl_fail(err, SG_E_MALFORMED, "key.point", "no public point");
	num->point = sg_slice(store->point, 1 + 2 * (size_t)len);
	return sg_key_check_numbers(num, err);
}

/* Our object around a private key that OpenSSL read or made; takes it over. */
static enum sg_code
wrap_private(EVP_PKEY **pkey, struct sg_key **ret, struct sg_err *err)
{
	struct numbers_store store;
	struct sg_key_numbers num = {0};
	enum sg_code rc;

	if (EVP_PKEY_is_a(*pkey, "RSA"))
		rc = rsa_numbers(*pkey, &store, &num, err);
	else if (EVP_PKEY_is_a(*pkey, "EC"))
		rc = ec_numbers(*pkey, &store, &num, err);
	else
		rc = sg_fail(err, SG_E_ALG, "key.type", "want an RSA or EC key, have %s",
		    EVP_PKEY_get0_type_name(*pkey));
	if (rc != SG_OK)
		return rc;
	return sg_key_wrap(&num, pkey, true, ret, err);
}

enum sg_code
sg_key_generate(enum sg_keytype type, unsigned bits, struct sg_key **ret, struct sg_err *err)
{
	enum sg_code rc = sg_crypto_init(err);
	if (rc != SG_OK)
		return rc;
	sg_auto(EVP_PKEY) pkey = NULL;
	switch (type) {
	case SG_KEY_RSA:
		if (bits < SG_RSA_MIN_BITS || bits > SG_RSA_MAX_BITS || bits % 8 != 0)
			return sg_fail(err, SG_E_LIMIT, "key.size",
			    "want an RSA key of %u to %u bits, a multiple of 8, have %u",
			    SG_RSA_MIN_BITS, SG_RSA_MAX_BITS, bits);
		pkey = EVP_PKEY_Q_keygen(sg_ossl.ctx, NULL, "RSA", (size_t)bits);
		break;
	case SG_KEY_P256:
	case SG_KEY_P384:
	case SG_KEY_P521:
		pkey = EVP_PKEY_Q_keygen(sg_ossl.ctx, NULL, "EC", sg_keytype_name(type));
		break;
	case SG_KEY_NONE:
	default:
		return sg_fail(
		    err, SG_E_ALG, "key.type", "want RSA or EC, have number %d", (int)type);
	}
	if (pkey == NULL)
		return sg_ossl_fail(err, SG_E_CRYPTO, "key.generate", "could not make a %s key",
		    sg_keytype_name(type));
	return wrap_private(&pkey, ret, err);
}

/* The one private key of a PEM text as DER, and what it is in. */
static enum sg_code
find_block(
    struct sg_slice pem, struct sg_buf *der, const struct container **ret, struct sg_err *err)
{
	const struct container *found = NULL;
	for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++) {
		for (size_t pos = 0;;) {
			sg_buf_scoped block = {0};
			enum sg_code rc = sg_pem_next(pem, containers[i].label, &pos, &block, err);
			if (rc == SG_E_NOTFOUND)
				break;
			if (rc != SG_OK)
				return rc;
			if (found != NULL)
				return sg_fail(err, SG_E_MALFORMED, "key.pem",
				    "want one private key, have a second one");
			found = &containers[i];
			sg_buf_put_slice(der, sg_buf_slice(&block));
		}
	}
	if (found == NULL)
		return sg_fail(err, SG_E_MALFORMED, "key.pem",
		    "want a PEM block PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY, have none");
	*ret = found;
	return sg_buf_check(der, err);
}

static enum sg_code
decode_private(struct sg_slice der, const struct container *in, EVP_PKEY **ret, struct sg_err *err)
{
	sg_auto(EVP_PKEY) pkey = NULL;
	const unsigned char *p = der.p;
	size_t left = der.len;
	sg_auto(OSSL_DECODER_CTX) ctx = OSSL_DECODER_CTX_new_for_pkey(
	    &pkey, "DER", in->structure, in->keytype, EVP_PKEY_KEYPAIR, sg_ossl.ctx, NULL);
	if (ctx == NULL)
		return sg_ossl_fail(err, SG_E_CRYPTO, "key.decode", "no decoder");
	if (OSSL_DECODER_from_data(ctx, &p, &left) != 1 || pkey == NULL)
		return sg_ossl_fail(err, SG_E_MALFORMED, "key.decode",
		    "PEM block %s is not a private key", in->label);
	if (left != 0)
		return sg_fail(err, SG_E_MALFORMED, "key.decode",
		    "PEM block %s has %zu bytes behind the key", in->label, left);
	*ret = sg_steal(pkey);
	return SG_OK;
}

/* A key whose halves do not fit would make signatures that nobody can verify: one
 * signature, verified, says that they do. */
static enum sg_code
check_pair(const struct sg_key *key, struct sg_err *err)
{
	sg_buf_scoped sig = {0};
	struct sg_sigalg alg = sg_key_sigalg(key, SG_HASH_SHA256);
	struct sg_slice tbs = sg_slice_str("does the private key fit the public key?");
	enum sg_code rc = sg_sign_tbs(key, alg, tbs, &sig, err);
	if (rc == SG_OK)
		rc = sg_sign_verify(key, alg, tbs, sg_buf_slice(&sig), err);
	if (rc == SG_E_SIGNATURE || rc == SG_E_CRYPTO)
		return sg_fail(err, SG_E_MALFORMED, "key.pair",
		    "the private key is damaged: it does not fit its public key");
	return rc;
}

enum sg_code
sg_key_from_pem(struct sg_slice pem, struct sg_key **ret, struct sg_err *err)
{
	sg_buf_scoped der = {0};
	const struct container *in = NULL;
	sg_auto(EVP_PKEY) pkey = NULL;
	sg_scoped(key) key = NULL;

	enum sg_code rc = sg_crypto_init(err);
	if (rc != SG_OK)
		return rc;
	/* "BEGIN ENCRYPTED PRIVATE KEY" or "Proc-Type: 4,ENCRYPTED". */
	if (pem.len > 0 && memmem(pem.p, pem.len, "ENCRYPTED", 9) != NULL)
		return sg_fail(err, SG_E_MALFORMED, "key.encrypted",
		    "the private key is encrypted: want it without a passphrase (openssl pkey -in "
		    "FILE -out NEW)");
	rc = find_block(pem, &der, &in, err);
	if (rc != SG_OK)
		return rc;
	rc = decode_private(sg_buf_slice(&der), in, &pkey, err);
	if (rc != SG_OK)
		return rc;
	rc = wrap_private(&pkey, &key, err);
	if (rc != SG_OK)
		return rc;
	rc = check_pair(key, err);
	if (rc != SG_OK)
		return rc;
	*ret = sg_steal(key);
	return SG_OK;
}

enum sg_code
sg_key_put_pem(const struct sg_key *key, struct sg_buf *out, struct sg_err *err)
{
	unsigned char *pem = NULL;
	size_t len = 0;

	if (!key->is_private)
		return sg_fail(
		    err, SG_E_INTERNAL, "key.private", "want a private key, have a public one");
	sg_auto(OSSL_ENCODER_CTX) ctx = OSSL_ENCODER_CTX_new_for_pkey(
	    key->pkey, EVP_PKEY_KEYPAIR, "PEM", "PrivateKeyInfo", NULL);
	if (ctx == NULL || OSSL_ENCODER_to_data(ctx, &pem, &len) != 1)
		return sg_ossl_fail(err, SG_E_CRYPTO, "key.encode", "no PKCS#8 of this key");
	sg_buf_put(out, pem, len);
	OPENSSL_clear_free(pem, len);
	return sg_buf_check(out, err);
}
