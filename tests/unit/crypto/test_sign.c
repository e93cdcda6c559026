/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto_test.h"

#include <pthread.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/sign.h"
#include "lib/alloc_fail.h"
#include "vectors.h"

static const struct sg_sigalg pkcs1_sha256 = {SG_SIG_RSA_PKCS1, SG_HASH_SHA256, 0, SG_HASH_NONE};
static const struct sg_sigalg pss_sha256 = {SG_SIG_RSA_PSS, SG_HASH_SHA256, 32, SG_HASH_NONE};
static const struct sg_sigalg ecdsa_sha256 = {SG_SIG_ECDSA, SG_HASH_SHA256, 0, SG_HASH_NONE};

static const struct {
	struct sg_sigalg alg;
	const char *spki, *sig;
} known[] = {
    {{SG_SIG_RSA_PKCS1, SG_HASH_SHA1, 0, SG_HASH_NONE}, rsa_spki, rsa_sig_sha1},
    {{SG_SIG_RSA_PKCS1, SG_HASH_SHA256, 0, SG_HASH_NONE}, rsa_spki, rsa_sig_sha256},
    {{SG_SIG_RSA_PKCS1, SG_HASH_SHA384, 0, SG_HASH_NONE}, rsa_spki, rsa_sig_sha384},
    {{SG_SIG_RSA_PKCS1, SG_HASH_SHA512, 0, SG_HASH_NONE}, rsa_spki, rsa_sig_sha512},
    {{SG_SIG_RSA_PSS, SG_HASH_SHA1, 20, SG_HASH_NONE}, rsa_spki, pss_sig_sha1_20},
    {{SG_SIG_RSA_PSS, SG_HASH_SHA256, 32, SG_HASH_NONE}, rsa_spki, pss_sig_sha256_32},
    {{SG_SIG_RSA_PSS, SG_HASH_SHA384, 48, SG_HASH_NONE}, rsa_spki, pss_sig_sha384_48},
    {{SG_SIG_RSA_PSS, SG_HASH_SHA512, 64, SG_HASH_NONE}, rsa_spki, pss_sig_sha512_64},
    {{SG_SIG_RSA_PSS, SG_HASH_SHA256, 0, SG_HASH_NONE}, rsa_spki, pss_sig_sha256_0},
    {{SG_SIG_RSA_PSS, SG_HASH_SHA256, 20, SG_HASH_NONE}, rsa_spki, pss_sig_sha256_20},
    {{SG_SIG_RSA_PSS, SG_HASH_SHA256, 32, SG_HASH_NONE}, rsa2049_spki, rsa2049_pss_sig_sha256_32},
    {{SG_SIG_ECDSA, SG_HASH_SHA256, 0, SG_HASH_NONE}, p256_spki, p256_sig_sha256},
    {{SG_SIG_ECDSA, SG_HASH_SHA1, 0, SG_HASH_NONE}, p256_spki, p256_sig_sha1},
    {{SG_SIG_ECDSA, SG_HASH_SHA512, 0, SG_HASH_NONE}, p256_spki, p256_sig_sha512},
    {{SG_SIG_ECDSA, SG_HASH_SHA384, 0, SG_HASH_NONE}, p384_spki, p384_sig_sha384},
    {{SG_SIG_ECDSA, SG_HASH_SHA512, 0, SG_HASH_NONE}, p521_spki, p521_sig_sha512},
};
#define KNOWN (sizeof known / sizeof known[0])

/* As sg_sign_verify; sg_sign_verify_either must say the same when the text is one of two,
 * whichever. */
static enum sg_code
verify(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice data, struct sg_slice sig,
    struct sg_err *err)
{
	static const char other[] = "another text";
	struct sg_err same = {0};

	enum sg_code rc = sg_sign_verify(key, alg, data, sig, err);
	enum sg_code first = sg_sign_verify_either(key, alg, data, sg_slice_str(other), sig, &same);
	assert_int_equal(first, rc);
	if (rc != SG_OK && err != NULL)
		assert_string_equal(same.rule, err->rule);
	assert_int_equal(
	    sg_sign_verify_either(key, alg, sg_slice_str(other), data, sig, &same), rc);
	return rc;
}

static void
verify__known_answers__hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		struct sg_err err = {0};
		sg_buf_scoped sig = {0};
		sg_scoped(key) key = public_key(known[i].spki);
		unhex(known[i].sig, &sig);
		/* Twice: with a new context and with the one that was kept. */
		assert_sg_ok(verify(key, known[i].alg, TEST_MESSAGE, sg_buf_slice(&sig), &err));
		assert_sg_ok(verify(key, known[i].alg, TEST_MESSAGE, sg_buf_slice(&sig), &err));
		assert_sg_fail(verify(key, known[i].alg, sg_slice_str("signet test messagf"),
				   sg_buf_slice(&sig), &err),
		    SG_E_SIGNATURE, "signature");
		assert_sg_ok(verify(key, known[i].alg, TEST_MESSAGE, sg_buf_slice(&sig), &err));
	}
}

static void
verify__another_algorithm_than_the_signature_has__refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++)
		for (size_t j = 0; j < KNOWN; j++) {
			sg_buf_scoped sig = {0};
			if (i == j || known[i].spki != known[j].spki)
				continue;
			sg_scoped(key) key = public_key(known[i].spki);
			struct sg_err err;
			assert_sg_fail(verify(key, known[j].alg, TEST_MESSAGE,
					   unhex(known[i].sig, &sig), &err),
			    SG_E_SIGNATURE, "signature");
		}
}

static void
verify__each_byte_changed__signature(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		struct sg_err err;
		sg_buf_scoped sig = {0};
		sg_scoped(key) key = public_key(known[i].spki);
		unhex(known[i].sig, &sig);
		for (size_t at = 0; at < sig.len; at++) {
			sig.p[at] ^= 1;
			assert_sg_fail(
			    verify(key, known[i].alg, TEST_MESSAGE, sg_buf_slice(&sig), &err),
			    SG_E_SIGNATURE, "signature");
			sig.p[at] ^= 1;
		}
	}
}

static void
verify__wrong_length__signature(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		struct sg_err err;
		sg_buf_scoped sig = {0};
		sg_scoped(key) key = public_key(known[i].spki);
		unhex(known[i].sig, &sig);
		for (size_t len = 0; len < sig.len; len++)
			assert_sg_fail(
			    verify(key, known[i].alg, TEST_MESSAGE, sg_slice(sig.p, len), &err),
			    SG_E_SIGNATURE, "signature");
		sg_buf_put_u8(&sig, 0);
		assert_sg_fail(verify(key, known[i].alg, TEST_MESSAGE, sg_buf_slice(&sig), &err),
		    SG_E_SIGNATURE, "signature");
		/* A leading zero more. */
		sg_buf_insert_gap(&sig, 0, 1);
		assert_sg_fail(
		    verify(key, known[i].alg, TEST_MESSAGE, sg_slice(sig.p, sig.len - 1), &err),
		    SG_E_SIGNATURE, "signature");
	}
}

static void
verify__rsa_signature_not_below_modulus__signature(void **state)
{
	(void)state;
	struct sg_err err;
	uint8_t sig[256];
	sg_scoped(key) key = public_key(rsa_spki);
	memset(sig, 0xff, sizeof sig);
	assert_sg_fail(verify(key, pkcs1_sha256, TEST_MESSAGE, sg_slice(sig, sizeof sig), &err),
	    SG_E_SIGNATURE, "signature");
	memset(sig, 0, sizeof sig);
	assert_sg_fail(verify(key, pkcs1_sha256, TEST_MESSAGE, sg_slice(sig, sizeof sig), &err),
	    SG_E_SIGNATURE, "signature");
}

static void
verify__trivial_ecdsa_values__signature(void **state)
{
	(void)state;
	struct sg_err err;
	/* r and s of 0, 1, -1, the order; BER length; an INTEGER more. */
	const char *const sigs[] = {"3006020100020100", "3006020101020101", "30060201ff0201ff",
	    "3026022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551020101",
	    "308106020101020101", "3009020101020101020101", "30800201010201010000"};
	sg_scoped(key) key = public_key(p256_spki);
	for (size_t i = 0; i < sizeof sigs / sizeof sigs[0]; i++) {
		sg_buf_scoped sig = {0};
		assert_sg_fail(verify(key, ecdsa_sha256, TEST_MESSAGE, unhex(sigs[i], &sig), &err),
		    SG_E_SIGNATURE, "signature");
	}
}

static void
verify__mgf1_with_another_hash__as_the_algorithm_says(void **state)
{
	(void)state;
	struct sg_err err;
	sg_buf_scoped sig = {0};
	sg_scoped(key) key = public_key(rsa_spki);
	assert_sg_fail(verify(key, pss_sha256, TEST_MESSAGE, unhex(pss_sig_mgf1_sha1, &sig), &err),
	    SG_E_SIGNATURE, "signature");
	/* Unless the algorithm says so. */
	struct sg_sigalg alg = pss_sha256;
	alg.pss_mgf1 = SG_HASH_SHA1;
	assert_sg_ok(verify(key, alg, TEST_MESSAGE, unhex(pss_sig_mgf1_sha1, &sig), &err));
	assert_sg_ok(sg_sign_verify_either(
	    key, alg, sg_slice("other", 5), TEST_MESSAGE, sg_buf_slice(&sig), &err));
	alg.pss_mgf1 = SG_HASH_SHA512;
	assert_sg_fail(
	    verify(key, alg, TEST_MESSAGE, sg_buf_slice(&sig), &err), SG_E_SIGNATURE, "signature");
}

static void
verify__another_key__signature(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_buf_scoped sig = {0};
	sg_scoped(key) other = NULL;
	assert_sg_ok(sg_key_generate(SG_KEY_P256, 0, &other, &err));
	assert_sg_fail(
	    verify(other, ecdsa_sha256, TEST_MESSAGE, unhex(p256_sig_sha256, &sig), &err),
	    SG_E_SIGNATURE, "signature");
}

/* Signing and verifying refuse the same algorithms. */
static void
assert_alg_refused(const struct sg_key *key, struct sg_sigalg alg, const char *rule)
{
	struct sg_err err;
	sg_buf_scoped out = {0};
	uint8_t sig[256] = {0};
	assert_sg_fail(
	    verify(key, alg, TEST_MESSAGE, sg_slice(sig, sizeof sig), &err), SG_E_ALG, rule);
	assert_sg_fail(sg_sign_tbs(key, alg, TEST_MESSAGE, &out, &err), SG_E_ALG, rule);
	assert_int_equal(out.len, 0);
}

static void
sign_and_verify__algorithm_that_does_not_fit__alg(void **state)
{
	(void)state;
	sg_scoped(key) rsa = private_key(rsa_pem);
	sg_scoped(key) ec = private_key(p256_pem);
	assert_alg_refused(rsa, ecdsa_sha256, "sig.key");
	assert_alg_refused(ec, pkcs1_sha256, "sig.key");
	assert_alg_refused(ec, pss_sha256, "sig.key");
	assert_alg_refused(
	    rsa, (struct sg_sigalg){SG_SIG_NONE, SG_HASH_SHA256, 0, SG_HASH_NONE}, "sig.key");
	assert_alg_refused(rsa,
	    (struct sg_sigalg){(enum sg_sigscheme)9, SG_HASH_SHA256, 0, SG_HASH_NONE}, "sig.key");
	assert_alg_refused(rsa, (struct sg_sigalg){SG_SIG_RSA_PKCS1, SG_HASH_NONE, 0, SG_HASH_NONE},
	    "hash.unknown");
	assert_alg_refused(rsa,
	    (struct sg_sigalg){SG_SIG_RSA_PKCS1, (enum sg_hash)9, 0, SG_HASH_NONE}, "hash.unknown");
	assert_alg_refused(
	    rsa, (struct sg_sigalg){SG_SIG_RSA_PSS, SG_HASH_SHA256, -1, SG_HASH_NONE}, "sig.salt");
	assert_alg_refused(
	    rsa, (struct sg_sigalg){SG_SIG_RSA_PSS, SG_HASH_SHA256, 223, SG_HASH_NONE}, "sig.salt");
	assert_alg_refused(
	    rsa, (struct sg_sigalg){SG_SIG_RSA_PSS, SG_HASH_SHA512, 191, SG_HASH_NONE}, "sig.salt");
}

static void
sign__pss_salt_not_the_hash_length__alg(void **state)
{
	(void)state;
	struct sg_err err;
	sg_buf_scoped out = {0};
	sg_scoped(key) key = private_key(rsa_pem);
	struct sg_sigalg alg = {SG_SIG_RSA_PSS, SG_HASH_SHA256, 20, SG_HASH_NONE};
	assert_sg_fail(sg_sign_tbs(key, alg, TEST_MESSAGE, &out, &err), SG_E_ALG, "sig.salt");
}

static void
sign__public_key__internal(void **state)
{
	(void)state;
	struct sg_err err;
	sg_buf_scoped out = {0};
	sg_scoped(key) key = public_key(rsa_spki);
	assert_sg_fail(
	    sg_sign_tbs(key, pkcs1_sha256, TEST_MESSAGE, &out, &err), SG_E_INTERNAL, "key.private");
	assert_int_equal(out.len, 0);
}

static void
sign__pkcs1__known_answers(void **state)
{
	(void)state;
	sg_scoped(key) key = private_key(rsa_pem);
	for (size_t i = 0; i < 4; i++)
		for (int again = 0; again < 2; again++) {
			struct sg_err err = {0};
			sg_buf_scoped out = {0}, want = {0};
			assert_sg_ok(sg_sign_tbs(key, known[i].alg, TEST_MESSAGE, &out, &err));
			assert_slice_equal(sg_buf_slice(&out), unhex(known[i].sig, &want));
		}
}

static void
sign__every_key_and_hash__verifies(void **state)
{
	(void)state;
	const char *const pems[] = {rsa_pem, rsa_2050_pem, p256_pem, p384_pem, p521_pem};
	for (size_t i = 0; i < 5; i++) {
		sg_scoped(key) key = private_key(pems[i]);
		for (enum sg_hash h = SG_HASH_SHA1; h <= SG_HASH_SHA512; h++) {
			struct sg_err err = {0};
			sg_buf_scoped out = {0};
			struct sg_sigalg alg = sg_key_sigalg(key, h);
			sg_buf_puts(&out, "kept");
			assert_sg_ok(sg_sign_tbs(key, alg, TEST_MESSAGE, &out, &err));
			assert_memory_equal(out.p, "kept", 4);
			assert_sg_ok(
			    verify(key, alg, TEST_MESSAGE, sg_slice(out.p + 4, out.len - 4), &err));
			if (alg.scheme != SG_SIG_RSA_PKCS1)
				continue;
			alg = (struct sg_sigalg){
			    SG_SIG_RSA_PSS, h, (int)sg_hash_len(h), SG_HASH_NONE};
			sg_buf_reset(&out);
			assert_sg_ok(sg_sign_tbs(key, alg, TEST_MESSAGE, &out, &err));
			assert_sg_ok(verify(key, alg, TEST_MESSAGE, sg_buf_slice(&out), &err));
		}
	}
}

/* As other programs sign, with a salt of their choice. */
static void
pss_sign(const char *pem, const EVP_MD *md, int salt, uint8_t *sig, size_t *ret_len)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *rsa = NULL;
	struct sg_slice message = TEST_MESSAGE;

	*ret_len = 512;
	assert_int_equal(EVP_DigestSignInit(ctx, &rsa, md, NULL, pkey), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(rsa, RSA_PKCS1_PSS_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(rsa, salt), 1);
	assert_int_equal(EVP_DigestSign(ctx, sig, ret_len, message.p, message.len), 1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	BIO_free(bio);
}

/* RFC 8017 9.1.1: from none to all that the key has room for, which differs by the hash and by
 * whether the modulus has one bit more than whole bytes. */
static void
verify__pss_with_every_salt_of_others__holds(void **state)
{
	static const struct {
		const char *pem;
		enum sg_hash hash;
		int most;
	} keys[] = {{rsa_pem, SG_HASH_SHA256, 222}, {rsa_pem, SG_HASH_SHA512, 190},
	    {rsa_2050_pem, SG_HASH_SHA256, 223}};
	(void)state;
	for (size_t n = 0; n < sizeof keys / sizeof keys[0]; n++) {
		sg_scoped(key) key = private_key(keys[n].pem);
		const EVP_MD *md = keys[n].hash == SG_HASH_SHA256 ? EVP_sha256() : EVP_sha512();
		const int salts[] = {0, 1, 20, 64, 65, keys[n].most - 1, keys[n].most};
		for (size_t i = 0; i < sizeof salts / sizeof salts[0]; i++) {
			struct sg_sigalg alg = {
			    SG_SIG_RSA_PSS, keys[n].hash, salts[i], SG_HASH_NONE};
			struct sg_slice other = sg_slice("other", 5);
			struct sg_err err = {0};
			uint8_t sig[512];
			size_t len;
			pss_sign(keys[n].pem, md, salts[i], sig, &len);
			struct sg_slice s = sg_slice(sig, len);
			assert_sg_ok(sg_sign_verify(key, alg, TEST_MESSAGE, s, &err));
			assert_sg_ok(sg_sign_verify_either(key, alg, other, TEST_MESSAGE, s, &err));
			alg.pss_salt_len += alg.pss_salt_len == keys[n].most ? -1 : 1;
			assert_sg_fail(sg_sign_verify(key, alg, TEST_MESSAGE, s, &err),
			    SG_E_SIGNATURE, "signature");
			assert_sg_fail(
			    sg_sign_verify_either(key, alg, other, TEST_MESSAGE, s, &err),
			    SG_E_SIGNATURE, "signature");
			alg.pss_salt_len = keys[n].most + 1;
			assert_sg_fail(
			    sg_sign_verify(key, alg, TEST_MESSAGE, s, &err), SG_E_ALG, "sig.salt");
		}
	}
}

static void
sign__pss_and_ecdsa_twice__differ(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_buf_scoped a = {0}, b = {0}, c = {0}, d = {0};
	sg_scoped(key) rsa = private_key(rsa_pem);
	sg_scoped(key) ec = private_key(p256_pem);
	assert_sg_ok(sg_sign_tbs(rsa, pss_sha256, TEST_MESSAGE, &a, &err));
	assert_sg_ok(sg_sign_tbs(rsa, pss_sha256, TEST_MESSAGE, &b, &err));
	assert_false(sg_slice_eq(sg_buf_slice(&a), sg_buf_slice(&b)));
	assert_sg_ok(sg_sign_tbs(ec, ecdsa_sha256, TEST_MESSAGE, &c, &err));
	assert_sg_ok(sg_sign_tbs(ec, ecdsa_sha256, TEST_MESSAGE, &d, &err));
	assert_false(sg_slice_eq(sg_buf_slice(&c), sg_buf_slice(&d)));
}

static void
sign__pkcs1_after_pss__not_mixed_up(void **state)
{
	(void)state;
	sg_scoped(key) key = private_key(rsa_pem);
	const struct sg_sigalg algs[] = {pss_sha256, pkcs1_sha256, pss_sha256, pkcs1_sha256};
	for (size_t i = 0; i < 4; i++) {
		struct sg_err err = {0};
		sg_buf_scoped out = {0}, known_sig = {0};
		assert_sg_ok(sg_sign_tbs(key, algs[i], TEST_MESSAGE, &out, &err));
		assert_sg_ok(verify(key, algs[i], TEST_MESSAGE, sg_buf_slice(&out), &err));
		unhex(rsa_sig_sha256, &known_sig);
		assert_int_equal(sg_slice_eq(sg_buf_slice(&out), sg_buf_slice(&known_sig)), i % 2);
	}
}

static void
sign__no_memory_or_room__fails(void **state)
{
	(void)state;
	struct sg_err err;
	sg_buf_scoped out = {0}, small = {.max = 255};
	sg_scoped(key) key = private_key(rsa_pem);
	alloc_fail_at(1);
	assert_sg_fail(
	    sg_sign_tbs(key, pkcs1_sha256, TEST_MESSAGE, &out, &err), SG_E_NOMEM, "memory");
	alloc_fail_at(0);
	assert_sg_fail(
	    sg_sign_tbs(key, pkcs1_sha256, TEST_MESSAGE, &small, &err), SG_E_LIMIT, "limit.buffer");
}

static void *
thread_signs(void *arg)
{
	const struct sg_key *key = arg;
	struct sg_sigalg alg = sg_key_sigalg(key, SG_HASH_SHA256);
	for (int i = 0; i < 50; i++) {
		sg_buf_scoped sig = {0};
		if (sg_sign_tbs(key, alg, TEST_MESSAGE, &sig, NULL) != SG_OK ||
		    verify(key, alg, TEST_MESSAGE, sg_buf_slice(&sig), NULL) != SG_OK ||
		    verify(key, alg, sg_slice("x", 1), sg_buf_slice(&sig), NULL) != SG_E_SIGNATURE)
			return NULL;
	}
	return arg;
}

static void
sign__one_key_in_many_threads__holds(void **state)
{
	(void)state;
	struct sg_key *keys[2] = {private_key(rsa_pem), private_key(p256_pem)};
	pthread_t threads[8];
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, thread_signs, keys[i % 2]), 0);
	for (size_t i = 0; i < 8; i++) {
		void *ret = NULL;
		assert_int_equal(pthread_join(threads[i], &ret), 0);
		assert_ptr_equal(ret, keys[i % 2]);
	}
	sg_key_free(&keys[0]);
	sg_key_free(&keys[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verify__known_answers__hold),
	    cmocka_unit_test(verify__pss_with_every_salt_of_others__holds),
	    cmocka_unit_test(verify__another_algorithm_than_the_signature_has__refused),
	    cmocka_unit_test(verify__each_byte_changed__signature),
	    cmocka_unit_test(verify__wrong_length__signature),
	    cmocka_unit_test(verify__rsa_signature_not_below_modulus__signature),
	    cmocka_unit_test(verify__trivial_ecdsa_values__signature),
	    cmocka_unit_test(verify__mgf1_with_another_hash__as_the_algorithm_says),
	    cmocka_unit_test(verify__another_key__signature),
	    cmocka_unit_test(sign_and_verify__algorithm_that_does_not_fit__alg),
	    cmocka_unit_test(sign__pss_salt_not_the_hash_length__alg),
	    cmocka_unit_test(sign__public_key__internal),
	    cmocka_unit_test(sign__pkcs1__known_answers),
	    cmocka_unit_test(sign__every_key_and_hash__verifies),
	    cmocka_unit_test(sign__pss_and_ecdsa_twice__differ),
	    cmocka_unit_test(sign__pkcs1_after_pss__not_mixed_up),
	    cmocka_unit_test(sign__no_memory_or_room__fails),
	    cmocka_unit_test(sign__one_key_in_many_threads__holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
