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
	static const uint8_t rsa_sha512[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
	    0xf7, 0x0d, 0x01, 0x01, 0x0d, 0x05, 0x00};
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
	    cmocka_unit_test(verify__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
