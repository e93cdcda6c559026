/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/key.c - a key object from the numbers of a public key, and what can be asked of it
 *
 * Between the bytes of a SubjectPublicKeyInfo (asn1/spki.c reads them) and sign.c, cipher.c and
 * unwrap.c, which use the key. Private keys come from keyfile.c.
 */

#include "crypto/key_private.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "asn1/derw.h"
#include "asn1/oid.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "crypto/init.h"
#include "crypto/init_private.h"

#define RSA_MODULUS_MAX (SG_RSA_MAX_BITS / 8u)

static enum sg_code
check_rsa(const struct sg_key_numbers *num, struct sg_err *err)
{
	if (num->n.len > RSA_MODULUS_MAX || sg_spki_bits(num->n) < SG_RSA_MIN_BITS)
		return sg_fail(err, SG_E_LIMIT, "key.size",
		    "want an RSA key of %u to %u bits, have %u", SG_RSA_MIN_BITS, SG_RSA_MAX_BITS,
		    sg_spki_bits(num->n));
	if ((num->n.p[num->n.len - 1] & 1) == 0)
		return sg_fail(err, SG_E_MALFORMED, "key.modulus", "RSA modulus is even");
	if (num->e.len > SG_RSA_E_MAX_LEN)
		return sg_fail(err, SG_E_LIMIT, "key.exponent",
		    "want an RSA exponent of at most %u bits, have %u", 8 * SG_RSA_E_MAX_LEN,
		    sg_spki_bits(num->e));
	if (num->e.len == 0 || (num->e.p[num->e.len - 1] & 1) == 0)
		return sg_fail(err, SG_E_MALFORMED, "key.exponent", "RSA exponent is even");
	if (num->e.len == 1 && num->e.p[0] < 3)
		return sg_fail(err, SG_E_MALFORMED, "key.exponent", "RSA exponent is 1");
	return SG_OK;
}

enum sg_code
sg_key_check_numbers(const struct sg_key_numbers *num, struct sg_err *err)
{
	const struct sg_spki_curve *c = num->curve;
	if (c == NULL)
		return check_rsa(num, err);
	size_t want = sg_spki_point_len(c);
	if (num->point.len != want || num->point.p[0] != 0x04)
		return sg_fail(err, SG_E_MALFORMED, "key.point",
		    "want an uncompressed point of %zu bytes on %s, have %zu with"
		    " first byte %#x",
		    want, c->names[0], num->point.len, num->point.len == 0 ? 0u : num->point.p[0]);
	return SG_OK;
}

static void
put_spki(struct sg_buf *b, const struct sg_key_numbers *num)
{
	size_t spki = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t alg = sg_derw_begin(b, SG_DER_SEQUENCE);
	if (num->curve == NULL) {
		sg_derw_oid(b, SG_OID(rsa));
		sg_derw_null(b);
		sg_derw_end(b, alg);
		size_t bits = sg_derw_begin(b, SG_DER_BIT_STRING);
		sg_buf_put_u8(b, 0);
		size_t key = sg_derw_begin(b, SG_DER_SEQUENCE);
		sg_derw_magnitude(b, num->n);
		sg_derw_magnitude(b, num->e);
		sg_derw_end(b, key);
		sg_derw_end(b, bits);
	} else {
		sg_derw_oid(b, SG_OID(ec_public_key));
		sg_derw_oid(b, *num->curve->oid);
		sg_derw_end(b, alg);
		sg_derw_bits(b, num->point);
	}
	sg_derw_end(b, spki);
}

enum sg_code
sg_key_wrap(const struct sg_key_numbers *num, EVP_PKEY **pkey, bool is_private, struct sg_key **ret,
    struct sg_err *err)
{
	sg_scoped(key) key = sg_alloc(sizeof *key);
	if (key == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "no memory for a key");
	if (num->spki.len > 0)
		sg_buf_put_slice(&key->spki, num->spki);
	else
		put_spki(&key->spki, num);
	enum sg_code rc = sg_buf_check(&key->spki, err);
	if (rc != SG_OK)
		return rc;
	key->is_private = is_private;
	if (num->curve == NULL) {
		key->type = SG_KEY_RSA;
		key->bits = sg_spki_bits(num->n);
		key->len = num->n.len;
		/* UNSAFE: the SPKI ends with the INTEGERs n and e, e's first byte below 0x80 or
		 * after a sign byte. */
		size_t e_len = 2 + num->e.len + (num->e.p[0] >> 7);
		key->modulus = sg_slice(key->spki.p + key->spki.len - e_len - key->len, key->len);
	} else {
		key->type = num->curve->type;
		key->bits = num->curve->bits;
		key->len = (key->bits + 7) / 8;
	}
	key->pkey = sg_steal(*pkey);
	*ret = sg_steal(key);
	return SG_OK;
}

/* OSSL_PARAM numbers are in native order: x86 and ARM are little-endian, and reversing a
 * copy is what makes it so; big-endian machines take the bytes as they are. */
static void
native_order(struct sg_slice v, uint8_t *out)
{
	for (size_t i = 0; i < v.len; i++)
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		out[i] = v.p[v.len - 1 - i];
#else
		out[i] = v.p[i];
#endif
}

/*
 * Making one of these is a third of the cost of an RSA key, and none depends on a key: one
 * idle context for RSA and one for EC, taken and put back like those of a key.
 */
static EVP_PKEY_CTX *idle_fromdata[2];

static EVP_PKEY_CTX *
fromdata_take(bool is_rsa)
{
	EVP_PKEY_CTX *ctx = __atomic_exchange_n(&idle_fromdata[is_rsa], NULL, __ATOMIC_ACQ_REL);
	if (ctx != NULL)
		return ctx;
	ctx = EVP_PKEY_CTX_new_from_name(sg_ossl.ctx, is_rsa ? "RSA" : "EC", NULL);
	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) != 1) {
		EVP_PKEY_CTX_free(ctx);
		ctx = NULL;
	}
	return ctx;
}

static EVP_PKEY *
fromdata(bool is_rsa, OSSL_PARAM *params)
{
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *ctx = fromdata_take(is_rsa);
	if (ctx == NULL)
		return NULL;
	int ok = EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params);
	if (ok == 1)
		ctx = __atomic_exchange_n(&idle_fromdata[is_rsa], ctx, __ATOMIC_ACQ_REL);
	else
		EVP_PKEY_free(sg_steal(pkey));
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *
pkey_from_numbers(const struct sg_key_numbers *num)
{
	OSSL_PARAM params[3];
	uint8_t n[RSA_MODULUS_MAX], e[SG_RSA_E_MAX_LEN], point[1 + 2 * SG_KEY_COORD_MAX];
	char group[8];

	if (num->curve == NULL) {
		native_order(num->n, n);
		native_order(num->e, e);
		params[0] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n, num->n.len);
		params[1] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e, num->e.len);
	} else {
		/* The parameters are not const, though nothing writes to them. */
		memcpy(point, num->point.p, num->point.len);
		memcpy(group, num->curve->names[0], sizeof "P-256");
		params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
		params[1] = OSSL_PARAM_construct_octet_string(
		    OSSL_PKEY_PARAM_PUB_KEY, point, num->point.len);
	}
	params[2] = OSSL_PARAM_construct_end();
	return fromdata(num->curve == NULL, params);
}

static void
read_rsa(struct sg_der *params, struct sg_slice bits, struct sg_key_numbers *num)
{
	/* RFC 3279 2.3.1 wants NULL; some leave it out. */
	struct sg_tlv null = sg_der_opt(params, SG_DER_NULL, "rsaEncryption parameters");
	if (null.val.len != 0)
		sg_der_fail(params, SG_E_MALFORMED, "der", "NULL with %zu bytes", null.val.len);
	if (null.raw.len == 0)
		num->spki = (struct sg_slice){0};
	/* Lengths are checked, with rules of their own, by sg_key_check_numbers. */
	struct sg_der key = sg_der_inside(params, bits);
	struct sg_spki_rsa rsa = sg_spki_rsa_read(&key);
	num->n = rsa.n;
	num->e = rsa.e;
}

static void
read_ec(struct sg_der *params, struct sg_slice bits, struct sg_key_numbers *num)
{
	if (sg_der_peek(params) != SG_DER_OID)
		sg_der_fail(params, SG_E_ALG, "key.curve",
		    "RFC 5480 2.1.1: want a named curve, have tag %#x", sg_der_peek(params));
	num->curve = sg_spki_curve_find(sg_der_oid(params, "namedCurve"));
	if (num->curve == NULL)
		sg_der_fail(
		    params, SG_E_ALG, "key.curve", "want P-256, P-384 or P-521, have another");
	num->point = bits;
}

static enum sg_code
parse_spki(struct sg_slice der, struct sg_key_numbers *num, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);
	struct sg_spki spki = sg_spki_read(&d);
	struct sg_der params = sg_der_inside(&d, spki.params);

	/* DER leaves no choice but the one that read_rsa looks at. */
	num->spki = der;
	if (sg_slice_eq(spki.alg, SG_OID(rsa)))
		read_rsa(&params, spki.bits, num);
	else if (sg_slice_eq(spki.alg, SG_OID(ec_public_key)))
		read_ec(&params, spki.bits, num);
	else
		sg_der_fail(&d, SG_E_ALG, "key.type",
		    "want a key for rsaEncryption or ecPublicKey, have another");
	sg_der_end(&params, "subjectPublicKeyInfo algorithm");
	return sg_der_status(&d);
}

static enum sg_code
check_spki(struct sg_slice spki, struct sg_key_numbers *num, struct sg_err *err)
{
	enum sg_code rc = parse_spki(spki, num, err);

	return rc == SG_OK ? sg_key_check_numbers(num, err) : rc;
}

static enum sg_code
check_cost(const struct sg_key_numbers *num, struct sg_err *err)
{
	if (num->curve != NULL)
		return SG_OK;
	if (sg_spki_bits(num->n) > SG_RSA_STRANGER_BITS || num->e.len > SG_RSA_STRANGER_E_LEN)
		return sg_fail(err, SG_E_LIMIT, "key.cost",
		    "want an RSA key of at most %u bits with an exponent of at most %u, have %u "
		    "and %u: verifying with it would cost too much, no option allows it",
		    SG_RSA_STRANGER_BITS, 8 * SG_RSA_STRANGER_E_LEN, sg_spki_bits(num->n),
		    sg_spki_bits(num->e));
	return SG_OK;
}

enum sg_code
sg_key_check_stranger(struct sg_slice spki, enum sg_keytype *ret_type, struct sg_err *err)
{
	struct sg_key_numbers num = {0};

	enum sg_code rc = check_spki(spki, &num, err);
	if (rc == SG_OK)
		rc = check_cost(&num, err);
	if (rc == SG_OK)
		*ret_type = num.curve == NULL ? SG_KEY_RSA : num.curve->type;
	return rc;
}

enum sg_code
sg_key_from_stranger(struct sg_slice spki, struct sg_key **ret, struct sg_err *err)
{
	enum sg_keytype type;

	enum sg_code rc = sg_key_check_stranger(spki, &type, err);
	return rc == SG_OK ? sg_key_from_spki(spki, ret, err) : rc;
}

enum sg_code
sg_key_from_spki(struct sg_slice spki, struct sg_key **ret, struct sg_err *err)
{
	struct sg_key_numbers num = {0};
	enum sg_code rc = sg_crypto_init(err);
	if (rc != SG_OK)
		return rc;
	rc = check_spki(spki, &num, err);
	if (rc != SG_OK)
		return rc;
	sg_auto(EVP_PKEY) pkey = pkey_from_numbers(&num);
	/* For EC this is the check that the point is on the curve (and its coordinates below
	 * the field's prime); the cofactor of all three curves is 1. */
	if (pkey == NULL && num.curve != NULL)
		return sg_ossl_fail(
		    err, SG_E_MALFORMED, "key.point", "not a point on %s", num.curve->names[0]);
	if (pkey == NULL)
		return sg_ossl_fail(err, SG_E_CRYPTO, "key.make", "no RSA key from these numbers");
	return sg_key_wrap(&num, &pkey, false, ret, err);
}

enum sg_code
sg_key_canonical_spki(struct sg_slice spki, struct sg_buf *out, struct sg_err *err)
{
	struct sg_key_numbers num = {0};
	enum sg_code rc = check_spki(spki, &num, err);
	if (rc != SG_OK)
		return rc;
	put_spki(out, &num);
	return sg_buf_check(out, err);
}

enum sg_code
sg_key_put_spki(const struct sg_key *key, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_put_slice(out, sg_buf_slice(&key->spki));
	return sg_buf_check(out, err);
}

enum sg_keytype
sg_key_type(const struct sg_key *key)
{
	return key->type;
}

unsigned
sg_key_bits(const struct sg_key *key)
{
	return key->bits;
}

enum sg_code
sg_key_same_public(const struct sg_key *a, const struct sg_key *b, struct sg_err *err)
{
	/* One encoder wrote both, so equal keys have equal bytes. */
	if (!sg_slice_eq(sg_buf_slice(&a->spki), sg_buf_slice(&b->spki)))
		return sg_fail(err, SG_E_DENIED, "key.match",
		    "want the same public key, have %s and %s", sg_keytype_name(a->type),
		    sg_keytype_name(b->type));
	return SG_OK;
}

void
sg_key_expect_many(struct sg_key *key)
{
	if (key->type != SG_KEY_P256 || key->fixed != NULL)
		return;
	/* The SPKI ends with the point. */
	size_t len = 1 + 2 * key->len;
	key->fixed = sg_fixed_new(sg_slice(key->spki.p + key->spki.len - len, len));
}

void
sg_key_free(struct sg_key **keyp)
{
	struct sg_key *key = sg_steal(*keyp);
	if (key == NULL)
		return;
	for (size_t i = 0; i < SG_KEY_OP_COUNT; i++)
		EVP_PKEY_CTX_free(key->idle[i]);
	EVP_PKEY_free(key->pkey);
	sg_fixed_free(key->fixed);
	sg_buf_clear(&key->spki);
	sg_free(key);
}

struct sg_sigalg
sg_key_sigalg(const struct sg_key *key, enum sg_hash hash)
{
	enum sg_sigscheme scheme = key->type == SG_KEY_RSA ? SG_SIG_RSA_PKCS1 : SG_SIG_ECDSA;
	return (struct sg_sigalg){.scheme = scheme, .hash = hash};
}

EVP_PKEY_CTX *
sg_key_ctx_take(const struct sg_key *key, unsigned slot)
{
	/* A cache: the key itself does not change, so callers rightly hold it const. */
	struct sg_key *k = (struct sg_key *)(uintptr_t)key;
	return __atomic_exchange_n(&k->idle[slot], NULL, __ATOMIC_ACQ_REL);
}

void
sg_key_ctx_put(const struct sg_key *key, unsigned slot, EVP_PKEY_CTX *ctx)
{
	struct sg_key *k = (struct sg_key *)(uintptr_t)key;
	EVP_PKEY_CTX_free(__atomic_exchange_n(&k->idle[slot], ctx, __ATOMIC_ACQ_REL));
}
