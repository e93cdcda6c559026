/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "scep/pop.h"
#include "x509/csr.h"

static void
pop__every_key__holds(void **state)
{
	struct sg_err err = {0};
	struct sg_key *keys[] = {fx.dev_key, fx.ec_key};
	struct sg_slice spkis[] = {fx.dev.spki, fx.ec.spki};

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		for (unsigned h = SG_HASH_SHA1; h <= SG_HASH_SHA512; h++) {
			sg_buf_scoped info = {0}, der = {0};
			sg_scoped(key) key = NULL;
			struct sg_csr csr;
			struct sg_csr_facts f = {.subject = fx.dev.subject, .spki = spkis[k]};
			sg_csr_put_info(&info, &f);
			fx_assert_ok(sg_scep_pop_sign(
					 &der, keys[k], (enum sg_hash)h, sg_buf_slice(&info), &err),
			    err);
			fx_assert_ok(sg_csr_parse(sg_buf_slice(&der), &csr, &err), err);
			fx_assert_ok(sg_scep_pop_verify(&csr, &key, &err), err);
			assert_int_equal(sg_key_same_public(key, keys[k], &err), SG_OK);
			fx_assert_ok(sg_scep_pop_verify(&csr, NULL, &err), err);
		}
	}
}

static void
pop__wrong__refused(void **state)
{
	struct sg_err err = {0};
	struct sg_csr csr;
	sg_buf_scoped der = {0};
	sg_scoped(key) key = NULL;

	(void)state;
	sg_buf_put_slice(&der, sg_buf_slice(&fx.csr));
	der.p[der.len - 1] ^= 1;
	fx_assert_ok(sg_csr_parse(sg_buf_slice(&der), &csr, &err), err);
	fx_assert_fails(sg_scep_pop_verify(&csr, &key, &err), err, SG_E_SIGNATURE, "csr.signature");
	assert_null(key);
	/* Somebody else's key in the request. */
	fx_assert_ok(sg_csr_parse(sg_buf_slice(&fx.csr), &csr, &err), err);
	csr.spki = fx.ra.spki;
	fx_assert_fails(sg_scep_pop_verify(&csr, &key, &err), err, SG_E_SIGNATURE, "csr.signature");
	csr.spki = fx.ec.spki;
	assert_int_equal(sg_scep_pop_verify(&csr, &key, &err), SG_E_ALG);
	fx_assert_ok(sg_csr_parse(sg_buf_slice(&fx.csr), &csr, &err), err);
	csr.sigalg = (struct sg_sigalg){0};
	fx_assert_fails(sg_scep_pop_verify(&csr, &key, &err), err, SG_E_ALG, "csr.alg");
	csr.sigalg = (struct sg_sigalg){.scheme = SG_SIG_RSA_PKCS1};
	fx_assert_fails(sg_scep_pop_verify(&csr, &key, &err), err, SG_E_ALG, "csr.alg");
	/* md5WithRSAEncryption in place of sha256WithRSAEncryption. */
	size_t at = der.len;
	while (memcmp(der.p + at - 4, "\x0b\x05\x00\x03", 4) != 0)
		at--;
	der.p[at - 4] = 0x04;
	assert_int_equal(sg_csr_parse(sg_buf_slice(&der), &csr, &err), SG_E_ALG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pop__every_key__holds),
	    cmocka_unit_test(pop__wrong__refused),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
