/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "scep/oids.h"

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
	fx_attr(&s, sg_scep_oid_message_digest)->val = sg_slice(s.md, 32);
	fx_assert_fails(verify(&s, &err), err, SG_E_SIGNATURE, "cms.digest");
	fx_spec(&s);
	fx_attr(&s, sg_scep_oid_message_digest)->val = sg_slice(s.md, 31);
	fx_assert_fails(verify(&s, &err), err, SG_E_SIGNATURE, "cms.digest");
	fx_spec(&s);
	fx_drop_attr(&s, sg_scep_oid_message_digest);
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
	struct sg_der d = sg_der_init(der);
	struct sg_err err = {0};

	while (sg_der_more(&d)) {
		struct sg_tlv tlv = {0};
		fx_assert_ok(sg_der_any(&d, "element", &tlv, &err), err);
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
		sg_alloc_fail_at(n);
		rc = sg_scep_verify(&msg, &key, &err);
		sg_alloc_fail_at(0);
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
	    cmocka_unit_test(verify__attribute_changed__refused),
	    cmocka_unit_test(verify__every_bit_flipped__signed_facts_hold),
	    cmocka_unit_test(verify__every_element_changed__signed_facts_hold),
	    cmocka_unit_test(verify__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
