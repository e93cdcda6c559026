/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include <openssl/evp.h>
#include <string.h>

#include "asn1/oid.h"
#include "lib/alloc_fail.h"
#include "scep/check.h"
#include "scep/verify.h"

/* ---- operations with a public key ---- */

static unsigned operations, keys_made;

int
__real_EVP_PKEY_verify(EVP_PKEY_CTX *ctx, const unsigned char *sig, size_t sig_len,
    const unsigned char *tbs, size_t tbs_len);
int
__wrap_EVP_PKEY_verify(EVP_PKEY_CTX *ctx, const unsigned char *sig, size_t sig_len,
    const unsigned char *tbs, size_t tbs_len);
int
__real_EVP_PKEY_verify_recover(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *out_len,
    const unsigned char *sig, size_t sig_len);
int
__wrap_EVP_PKEY_verify_recover(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *out_len,
    const unsigned char *sig, size_t sig_len);
int
__real_EVP_PKEY_fromdata(EVP_PKEY_CTX *ctx, EVP_PKEY **key, int selection, OSSL_PARAM *params);
int
__wrap_EVP_PKEY_fromdata(EVP_PKEY_CTX *ctx, EVP_PKEY **key, int selection, OSSL_PARAM *params);

int
__wrap_EVP_PKEY_verify(EVP_PKEY_CTX *ctx, const unsigned char *sig, size_t sig_len,
    const unsigned char *tbs, size_t tbs_len)
{
	operations++;
	return __real_EVP_PKEY_verify(ctx, sig, sig_len, tbs, tbs_len);
}

int
__wrap_EVP_PKEY_verify_recover(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *out_len,
    const unsigned char *sig, size_t sig_len)
{
	operations++;
	return __real_EVP_PKEY_verify_recover(ctx, out, out_len, sig, sig_len);
}

int
__wrap_EVP_PKEY_fromdata(EVP_PKEY_CTX *ctx, EVP_PKEY **key, int selection, OSSL_PARAM *params)
{
	keys_made++;
	return __real_EVP_PKEY_fromdata(ctx, key, selection, params);
}

static enum sg_code
verify(const struct fx_spec *s, struct sg_err *err)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};

	fx_build(s, &der);
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, err), *err);
	return sg_scep_verify(&msg, NULL, err);
}

static void
verify__every_scheme_and_hash__holds(void **state)
{
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	for (unsigned h = SG_HASH_SHA1; h <= SG_HASH_SHA512; h++) {
		for (unsigned scheme = SG_SIG_RSA_PKCS1; scheme <= SG_SIG_ECDSA; scheme++) {
			if (h == SG_HASH_SHA1 && scheme != SG_SIG_RSA_PKCS1)
				continue;
			fx_spec(&s);
			s.hash = (enum sg_hash)h;
			s.sigalg.scheme = (enum sg_sigscheme)scheme;
			s.sigalg.hash = s.hash;
			if (scheme == SG_SIG_RSA_PSS)
				s.sigalg.pss_salt_len = (int)sg_hash_len(s.hash);
			if (scheme == SG_SIG_ECDSA) {
				s.key = fx.ec_key;
				s.signer = &fx.ec;
				s.cert[0] = sg_buf_slice(&fx.ec_der);
			}
			fx_digest(&s);
			fx_assert_ok(verify(&s, &err), err);
			s.bad_sig = true;
			fx_assert_fails(verify(&s, &err), err, SG_E_SIGNATURE, "signature");
		}
	}
}

/* RFC 5754: the signature's own hash may differ from the digest's. */
static void
verify__signature_with_another_hash__holds(void **state)
{
	static const uint8_t rsa_sha512[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
	    0x0d, 0x01, 0x01, 0x0d, 0x05, 0x00};
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	s.sigalg.hash = SG_HASH_SHA512;
	s.sig_raw = sg_slice(rsa_sha512, sizeof(rsa_sha512));
	fx_assert_ok(verify(&s, &err), err);
}

static void
verify__key_handed_out__is_the_signers(void **state)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	sg_scoped(key) key = NULL;
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	fx_build(&s, &der);
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err);
	fx_assert_ok(sg_scep_verify(&msg, &key, &err), err);
	assert_int_equal(sg_key_same_public(key, fx.dev_key, &err), SG_OK);
	fx_assert_ok(sg_scep_verify_with(&msg, fx.dev_key, &err), err);
	fx_assert_fails(
	    sg_scep_verify_with(&msg, fx.ra_key, &err), err, SG_E_SIGNATURE, "signature");
	msg.sigalg.scheme = SG_SIG_ECDSA;
	assert_int_equal(sg_scep_verify(&msg, NULL, &err), SG_E_ALG);
}

static void
verify__digest__compared(void **state)
{
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	s.md[3] ^= 1;
	fx_attr(&s, SG_OID(message_digest))->val = sg_slice(s.md, 32);
	fx_assert_fails(verify(&s, &err), err, SG_E_SIGNATURE, "cms.digest");
	fx_spec(&s);
	fx_attr(&s, SG_OID(message_digest))->val = sg_slice(s.md, 31);
	fx_assert_fails(verify(&s, &err), err, SG_E_SIGNATURE, "cms.digest");
	fx_spec(&s);
	fx_drop_attr(&s, SG_OID(message_digest));
	fx_assert_fails(verify(&s, &err), err, SG_E_SIGNATURE, "cms.digest.missing");
	fx_spec(&s);
	s.no_content = true;
	fx_assert_fails(verify(&s, &err), err, SG_E_SIGNATURE, "cms.digest");
}

/* Field: signed as sent but not sorted; signed sorted and sent unsorted. */
static void
verify__unsorted__both_ways_hold(void **state)
{
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	s.unsorted = true;
	fx_assert_ok(verify(&s, &err), err);
	s.sign_sorted = true;
	fx_assert_ok(verify(&s, &err), err);
	s.bad_sig = true;
	fx_assert_fails(verify(&s, &err), err, SG_E_SIGNATURE, "signature");
}

/* Whether sorted or not, right or wrong: the key is used once. */
static void
verify__any_order_and_scheme__one_operation(void **state)
{
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	for (unsigned n = 0; n < 8 * 4; n++) {
		fx_spec(&s);
		s.unsorted = n & 1;
		s.sign_sorted = n & 2;
		s.bad_sig = n & 4;
		s.hash = (enum sg_hash)(SG_HASH_SHA256 + n / 8 % 2);
		s.sigalg = (struct sg_sigalg){
		    .scheme = n & 16 ? SG_SIG_RSA_PSS : SG_SIG_RSA_PKCS1, .hash = s.hash};
		if (n & 16)
			s.sigalg.pss_salt_len = (int)sg_hash_len(s.hash);
		fx_digest(&s);
		operations = 0;
		enum sg_code rc = verify(&s, &err);
		assert_int_equal(operations, 1);
		if (s.bad_sig)
			fx_assert_fails(rc, err, SG_E_SIGNATURE, "signature");
		else
			fx_assert_ok(rc, err);
	}
}

static const struct sg_scep_rules fx_rules = {.hashes = FX_HASHES, .ciphers = FX_CIPHERS};

/* As front does it: check, then verify; what is refused costs no operation and no key. */
static void
expect_free(const struct sg_scep_msg *msg, enum sg_code code, const char *rule)
{
	struct sg_err err = {0};

	operations = keys_made = 0;
	fx_assert_fails(sg_scep_check(msg, &fx_rules, &err), err, code, rule);
	assert_int_equal(operations, 0);
	assert_int_equal(keys_made, 0);
}

/* A SubjectPublicKeyInfo with a modulus of so many bits. */
static void
put_rsa(struct sg_buf *b, unsigned bits, struct sg_slice e)
{
	uint8_t n[SG_RSA_MAX_BITS / 8 + 1];
	size_t len = (bits + 7) / 8;

	memset(n, 0xa5, sizeof n);
	n[0] = (uint8_t)(1u << (bits - 1) % 8);
	size_t spki = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t alg = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, sg_slice("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9));
	sg_derw_null(b);
	sg_derw_end(b, alg);
	size_t text = sg_derw_begin(b, SG_DER_BIT_STRING);
	sg_buf_put_u8(b, 0);
	size_t key = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_magnitude(b, sg_slice(n, len));
	sg_derw_magnitude(b, e);
	sg_derw_end(b, key);
	sg_derw_end(b, text);
	sg_derw_end(b, spki);
}

static void
check__key_that_costs_too_much__refused_before_any_arithmetic(void **state)
{
	static const struct {
		unsigned bits;
		const char *e;
		size_t e_len;
		const char *rule; /* NULL: within the bounds */
	} rows[] = {
	    {2048, "\x01\x00\x01", 3, NULL},
	    {4096, "\x01\x00\x01", 3, NULL},
	    {4096, "\xff\xff\xff\xff", 4, NULL},
	    {2048, "\x03", 1, NULL},
	    {2047, "\x01\x00\x01", 3, "key.size"},
	    {4097, "\x01\x00\x01", 3, "key.cost"},
	    {8192, "\x01\x00\x01", 3, "key.cost"},
	    {8193, "\x01\x00\x01", 3, "key.size"},
	    {2048, "\x01\x00\x00\x00\x01", 5, "key.cost"},
	    {2048, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "key.cost"},
	    {8192, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "key.cost"},
	    {2048, "\xff\xff\xff\xff\xff\xff\xff\xff\xff", 9, "key.exponent"},
	};
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	fx_build(&s, &der);
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err);
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		sg_buf_scoped spki = {0};
		sg_scoped(key) key = NULL;
		put_rsa(&spki, rows[n].bits, sg_slice(rows[n].e, rows[n].e_len));
		msg.signer.spki = sg_buf_slice(&spki);
		if (rows[n].rule == NULL) {
			fx_assert_ok(sg_scep_check(&msg, &fx_rules, &err), err);
			fx_assert_ok(sg_key_from_stranger(msg.signer.spki, &key, &err), err);
			continue;
		}
		expect_free(&msg, SG_E_LIMIT, rows[n].rule);
		operations = keys_made = 0;
		fx_assert_fails(sg_scep_verify(&msg, NULL, &err), err, SG_E_LIMIT, rows[n].rule);
		assert_int_equal(operations + keys_made, 0);
	}
}

static void
check__signer_that_cannot_be_answered__refused_before_any_arithmetic(void **state)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	s.key = fx.ec_key;
	s.signer = &fx.ec;
	s.cert[0] = sg_buf_slice(&fx.ec_der);
	s.sigalg.scheme = SG_SIG_ECDSA;
	fx_build(&s, &der);
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err);
	expect_free(&msg, SG_E_ALG, "scep.answer.key");
}

static void
verify__attribute_changed__refused(void **state)
{
	sg_buf_scoped der = {0};
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	fx_build(&s, &der);
	sg_scep_msg_scoped msg = {0};
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err);
	size_t at = (size_t)(msg.txid.p - der.p);
	der.p[at] ^= 1;
	fx_assert_fails(sg_scep_verify(&msg, NULL, &err), err, SG_E_SIGNATURE, "signature");
}

/* A message that was changed is refused, or nothing that counts was changed: the bytes
 * outside the signature are versions, the set of hashes and the certificate's own fields. */
static unsigned
check_mutant(struct sg_slice der, const struct sg_scep_msg *good)
{
	struct sg_scep_rules rules = {.hashes = FX_HASHES};
	sg_scep_msg_scoped msg = {0};
	sg_scoped(key) key = NULL;
	struct sg_err err = {0};

	if (sg_scep_decode(der, &msg, &err) != SG_OK ||
	    sg_scep_check(&msg, &rules, &err) != SG_OK || sg_scep_verify(&msg, &key, &err) != SG_OK)
		return 0;
	fx_assert_slice(msg.content, good->content);
	fx_assert_slice(msg.txid, good->txid);
	fx_assert_slice(msg.sender_nonce, good->sender_nonce);
	assert_int_equal(msg.type, good->type);
	assert_int_equal(msg.hash, good->hash);
	assert_int_equal(sg_key_same_public(key, fx.dev_key, &err), SG_OK);
	return 1;
}

static void
verify__every_bit_flipped__signed_facts_hold(void **state)
{
	sg_buf_scoped der = {0}, copy = {0};
	sg_scep_msg_scoped good = {0};
	struct sg_err err = {0};
	struct fx_spec s;
	unsigned survivors = 0;

	(void)state;
	fx_spec(&s);
	fx_build(&s, &der);
	sg_buf_put_slice(&copy, sg_buf_slice(&der));
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&copy), &good, &err), err);
	for (size_t bit = 0; bit < der.len * 8; bit++) {
		der.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		survivors += check_mutant(sg_buf_slice(&der), &good);
		der.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	/* Most of the certificate, nothing of the rest. */
	assert_true(survivors < good.signer.raw.len * 8 + 200);
}

enum mutation { MUT_DELETE, MUT_EMPTY, MUT_DOUBLE, MUT_INTEGER, MUT_NULL, MUT_SEQUENCE, MUT_N };

/* Put one element, changed. */
static void
put_mutant(struct sg_buf *b, const struct sg_tlv *tlv, enum mutation how)
{
	if (how == MUT_EMPTY)
		sg_derw_tlv(b, tlv->tag, (struct sg_slice){0});
	if (how == MUT_DOUBLE) {
		sg_buf_put_slice(b, tlv->raw);
		sg_buf_put_slice(b, tlv->raw);
	}
	if (how == MUT_INTEGER)
		sg_derw_uint(b, 0x7fffffff);
	if (how == MUT_NULL)
		sg_derw_null(b);
	if (how == MUT_SEQUENCE)
		sg_derw_tlv(b, SG_DER_SEQUENCE, tlv->raw);
}

/* Copy DER, changing the element number *left; lengths around it stay right. */
static void
copy_mutated(struct sg_slice der, struct sg_buf *b, int *left, enum mutation how)
{
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(der, &err);

	while (sg_der_more(&d)) {
		struct sg_tlv tlv = sg_der_any(&d, "element");
		fx_assert_ok(sg_der_status(&d), err);
		if ((*left)-- == 0) {
			put_mutant(b, &tlv, how);
		} else if (tlv.tag & 0x20) {
			size_t mark = sg_derw_begin(b, tlv.tag);
			copy_mutated(tlv.val, b, left, how);
			sg_derw_end(b, mark);
		} else {
			sg_buf_put_slice(b, tlv.raw);
		}
	}
}

static void
verify__every_element_changed__signed_facts_hold(void **state)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped good = {0};
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	fx_build(&s, &der);
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &good, &err), err);
	for (unsigned how = 0; how < MUT_N; how++) {
		for (int i = 0;; i++) {
			sg_buf_scoped b = {0};
			int left = i;
			copy_mutated(sg_buf_slice(&der), &b, &left, (enum mutation)how);
			if (left >= 0)
				break;
			check_mutant(sg_buf_slice(&b), &good);
		}
	}
}

static void
verify__no_memory__says_so(void **state)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	s.unsorted = true;
	s.sign_sorted = true;
	fx_build(&s, &der);
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err);
	enum sg_code rc = SG_E_NOMEM;
	for (unsigned long n = 1; rc != SG_OK; n++) {
		sg_scoped(key) key = NULL;
		alloc_fail_at(n);
		rc = sg_scep_verify(&msg, &key, &err);
		alloc_fail_at(0);
		if (rc != SG_OK) {
			assert_int_equal(rc, SG_E_NOMEM);
			assert_null(key);
		}
		assert_true(n < 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verify__every_scheme_and_hash__holds),
	    cmocka_unit_test(verify__signature_with_another_hash__holds),
	    cmocka_unit_test(verify__key_handed_out__is_the_signers),
	    cmocka_unit_test(verify__digest__compared),
	    cmocka_unit_test(verify__unsorted__both_ways_hold),
	    cmocka_unit_test(verify__any_order_and_scheme__one_operation),
	    cmocka_unit_test(check__key_that_costs_too_much__refused_before_any_arithmetic),
	    cmocka_unit_test(check__signer_that_cannot_be_answered__refused_before_any_arithmetic),
	    cmocka_unit_test(verify__attribute_changed__refused),
	    cmocka_unit_test(verify__every_bit_flipped__signed_facts_hold),
	    cmocka_unit_test(verify__every_element_changed__signed_facts_hold),
	    cmocka_unit_test(verify__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
