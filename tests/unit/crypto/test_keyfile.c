/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto_test.h"

#include "crypto/sign.h"
#include "lib/alloc_fail.h"
#include "vectors.h"

static void
assert_refused(const char *pem, enum sg_code code, const char *rule)
{
	struct sg_err err;
	struct sg_key *key = (struct sg_key *)&err;
	assert_sg_fail(sg_key_from_pem(sg_slice_str(pem), &key, &err), code, rule);
	assert_ptr_equal(key, &err);
}

static void
assert_public_is(const struct sg_key *key, const char *spki_hex)
{
	struct sg_err err = {0};
	sg_scoped(key) pub = public_key(spki_hex);
	assert_sg_ok(sg_key_same_public(key, pub, &err));
}

static void
from_pem__each_container__same_public(void **state)
{
	(void)state;
	const char *const pairs[][2] = {{rsa_pem, rsa_spki}, {rsa_pkcs1_pem, rsa_spki},
	    {p256_pem, p256_spki}, {p256_sec1_pem, p256_spki}, {p384_pem, p384_spki},
	    {p521_pem, p521_spki}};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		sg_scoped(key) key = private_key(pairs[i][0]);
		assert_public_is(key, pairs[i][1]);
	}
}

static void
from_pem__text_around_the_block__ignored(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_buf_scoped b = {0};
	sg_scoped(key) key = NULL;
	sg_buf_puts(&b, "a key\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
			"-----END EC PARAMETERS-----\n");
	sg_buf_puts(&b, p256_sec1_pem);
	sg_buf_puts(&b, "\nthe end\n");
	assert_sg_ok(sg_key_from_pem(sg_buf_slice(&b), &key, &err));
	assert_public_is(key, p256_spki);
}

static void
from_pem__odd_modulus_length__bits_counted(void **state)
{
	(void)state;
	sg_scoped(key) key = private_key(rsa_2050_pem);
	assert_int_equal(sg_key_bits(key), 2050);
}

static void
from_pem__encrypted__says_so(void **state)
{
	(void)state;
	assert_refused(rsa_encrypted_pem, SG_E_MALFORMED, "key.encrypted");
	assert_refused(p256_sec1_encrypted_pem, SG_E_MALFORMED, "key.encrypted");
}

static void
from_pem__no_private_key__malformed(void **state)
{
	(void)state;
	struct sg_err err;
	struct sg_key *key = NULL;
	assert_refused("", SG_E_MALFORMED, "key.pem");
	assert_sg_fail(sg_key_from_pem(sg_slice(NULL, 0), &key, &err), SG_E_MALFORMED, "key.pem");
	assert_refused("hello\n", SG_E_MALFORMED, "key.pem");
	assert_refused(rsa_public_pem, SG_E_MALFORMED, "key.pem");
}

static void
from_pem__two_keys__malformed(void **state)
{
	(void)state;
	struct sg_err err;
	sg_buf_scoped b = {0};
	struct sg_key *key = NULL;
	sg_buf_puts(&b, p256_pem);
	sg_buf_puts(&b, p384_pem);
	assert_sg_fail(sg_key_from_pem(sg_buf_slice(&b), &key, &err), SG_E_MALFORMED, "key.pem");
	sg_buf_reset(&b);
	sg_buf_puts(&b, p256_sec1_pem);
	sg_buf_puts(&b, p256_pem);
	assert_sg_fail(sg_key_from_pem(sg_buf_slice(&b), &key, &err), SG_E_MALFORMED, "key.pem");
}

static void
from_pem__broken_block__malformed(void **state)
{
	(void)state;
	assert_refused("-----BEGIN PRIVATE KEY-----\nMII\n", SG_E_MALFORMED, "pem");
	assert_refused("-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
	    SG_E_MALFORMED, "base64");
	assert_refused("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", SG_E_MALFORMED,
	    "key.decode");
	assert_refused("-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n",
	    SG_E_MALFORMED, "key.decode");
	assert_refused(p256_trailing_pem, SG_E_MALFORMED, "key.decode");
}

static void
from_pem__every_prefix__refused(void **state)
{
	(void)state;
	/* Up to the last character of the END line. */
	for (size_t len = 0; len + 1 < sizeof p256_pem - 1; len++) {
		struct sg_key *key = NULL;
		assert_int_not_equal(sg_key_from_pem(sg_slice(p256_pem, len), &key, NULL), SG_OK);
		assert_null(key);
	}
}

static void
from_pem__size_type_curve__refused(void **state)
{
	(void)state;
	assert_refused(rsa_1024_pem, SG_E_LIMIT, "key.size");
	assert_refused(ed25519_pem, SG_E_ALG, "key.type");
	assert_refused(rsa_pss_pem, SG_E_ALG, "key.type");
	assert_refused(k256_pem, SG_E_ALG, "key.curve");
	assert_refused(p256_explicit_pem, SG_E_ALG, "key.curve");
}

static void
from_pem__halves_that_do_not_fit__malformed(void **state)
{
	(void)state;
	assert_refused(p256_wrong_pair_pem, SG_E_MALFORMED, "key.pair");
	assert_refused(rsa_wrong_pair_pem, SG_E_MALFORMED, "key.pair");
}

static void
from_pem__nth_allocation_fails__no_key(void **state)
{
	(void)state;
	const char *const pems[] = {rsa_pem, rsa_pkcs1_pem, p256_sec1_pem};
	for (size_t i = 0; i < 3; i++) {
		unsigned long n = 1;
		for (;; n++) {
			sg_scoped(key) key = NULL;
			alloc_fail_at(n);
			enum sg_code rc = sg_key_from_pem(sg_slice_str(pems[i]), &key, NULL);
			alloc_fail_at(0);
			if (rc == SG_OK)
				break;
			assert_null(key);
		}
		assert_true(n > 2 && n < 50);
	}
}

static void
put_pem__each_type__reads_back(void **state)
{
	(void)state;
	const char *const pems[] = {rsa_pem, p256_pem, p384_pem, p521_pem};
	for (size_t i = 0; i < 4; i++) {
		struct sg_err err = {0};
		sg_buf_scoped out = {0};
		sg_scoped(key) key = private_key(pems[i]);
		assert_sg_ok(sg_key_put_pem(key, &out, &err));
		/* PKCS#8 has one encoding of these keys: the same text comes out. */
		assert_string_equal(sg_buf_text(&out), pems[i]);
	}
}

static void
put_pem__public_key__internal(void **state)
{
	(void)state;
	struct sg_err err;
	sg_buf_scoped out = {0};
	sg_scoped(key) key = public_key(rsa_spki);
	assert_sg_fail(sg_key_put_pem(key, &out, &err), SG_E_INTERNAL, "key.private");
	assert_int_equal(out.len, 0);
}

static void
generate__each_type__signs(void **state)
{
	(void)state;
	const enum sg_keytype types[] = {SG_KEY_RSA, SG_KEY_P256, SG_KEY_P384, SG_KEY_P521};
	for (size_t i = 0; i < 4; i++) {
		struct sg_err err = {0};
		sg_buf_scoped sig = {0}, pem = {0}, spki = {0};
		sg_scoped(key) key = NULL;
		sg_scoped(key) again = NULL;
		sg_scoped(key) pub = NULL;
		assert_sg_ok(sg_key_generate(types[i], 2048, &key, &err));
		assert_int_equal(sg_key_type(key), types[i]);
		assert_sg_ok(sg_key_put_pem(key, &pem, &err));
		assert_sg_ok(sg_key_from_pem(sg_buf_slice(&pem), &again, &err));
		assert_sg_ok(sg_key_same_public(key, again, &err));
		assert_sg_ok(sg_key_put_spki(key, &spki, &err));
		assert_sg_ok(sg_key_from_spki(sg_buf_slice(&spki), &pub, &err));
		struct sg_sigalg alg = sg_key_sigalg(key, SG_HASH_SHA256);
		assert_sg_ok(sg_sign_tbs(again, alg, TEST_MESSAGE, &sig, &err));
		assert_sg_ok(sg_sign_verify(pub, alg, TEST_MESSAGE, sg_buf_slice(&sig), &err));
	}
}

static void
generate__size_or_type__refused(void **state)
{
	(void)state;
	struct sg_err err;
	struct sg_key *key = NULL;
	const unsigned bits[] = {0, 1024, 2047, 2049, 8193, 8200, 16384};
	for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
		assert_sg_fail(
		    sg_key_generate(SG_KEY_RSA, bits[i], &key, &err), SG_E_LIMIT, "key.size");
	assert_sg_fail(sg_key_generate(SG_KEY_NONE, 0, &key, &err), SG_E_ALG, "key.type");
	assert_sg_fail(sg_key_generate((enum sg_keytype)77, 0, &key, &err), SG_E_ALG, "key.type");
	assert_null(key);
}

static void
generate__two_keys__differ(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_scoped(key) a = NULL;
	sg_scoped(key) b = NULL;
	assert_sg_ok(sg_key_generate(SG_KEY_P256, 0, &a, &err));
	assert_sg_ok(sg_key_generate(SG_KEY_P256, 0, &b, &err));
	assert_sg_fail(sg_key_same_public(a, b, &err), SG_E_DENIED, "key.match");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(from_pem__each_container__same_public),
	    cmocka_unit_test(from_pem__text_around_the_block__ignored),
	    cmocka_unit_test(from_pem__odd_modulus_length__bits_counted),
	    cmocka_unit_test(from_pem__encrypted__says_so),
	    cmocka_unit_test(from_pem__no_private_key__malformed),
	    cmocka_unit_test(from_pem__two_keys__malformed),
	    cmocka_unit_test(from_pem__broken_block__malformed),
	    cmocka_unit_test(from_pem__every_prefix__refused),
	    cmocka_unit_test(from_pem__size_type_curve__refused),
	    cmocka_unit_test(from_pem__halves_that_do_not_fit__malformed),
	    cmocka_unit_test(from_pem__nth_allocation_fails__no_key),
	    cmocka_unit_test(put_pem__each_type__reads_back),
	    cmocka_unit_test(put_pem__public_key__internal),
	    cmocka_unit_test(generate__each_type__signs),
	    cmocka_unit_test(generate__size_or_type__refused),
	    cmocka_unit_test(generate__two_keys__differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
