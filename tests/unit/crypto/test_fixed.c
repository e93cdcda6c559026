/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_fixed.c - the check of our own signatures against EVP_PKEY_verify: on every one of
 * thousands of right and wrong ones both must say the same
 */

#include "crypto_test.h"

#include <pthread.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "asn1/der.h"
#include "asn1/derw.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/key_private.h"
#include "crypto/init_private.h"
#include "crypto/sign.h"
#include "lib/alloc_fail.h"

#define ROUNDS 400
static const char order_hex[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

struct rig {
	struct sg_key *key, *other;
	EVP_PKEY_CTX *evp;
	struct sg_buf order;
	size_t right, wrong;
};

static int
setup(void **state)
{
	struct sg_err err = {0};
	struct rig *r = sg_alloc(sizeof *r);
	assert_sg_ok(sg_key_generate(SG_KEY_P256, 0, &r->key, &err));
	assert_sg_ok(sg_key_generate(SG_KEY_P256, 0, &r->other, &err));
	sg_key_expect_many(r->key);
	assert_non_null(r->key->fixed);
	r->evp = EVP_PKEY_CTX_new_from_pkey(sg_ossl.ctx, r->key->pkey, NULL);
	assert_non_null(r->evp);
	assert_int_equal(EVP_PKEY_verify_init(r->evp), 1);
	unhex(order_hex, &r->order);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;
	EVP_PKEY_CTX_free(r->evp);
	sg_key_free(&r->key);
	sg_key_free(&r->other);
	sg_buf_clear(&r->order);
	sg_free(r);
	return 0;
}

/* Both answers; they must be one. */
static bool
holds(struct rig *r, struct sg_slice sig, struct sg_slice hash)
{
	bool ours = sg_fixed_holds(r->key->fixed, sig, hash);
	bool theirs = EVP_PKEY_verify(r->evp, sig.p, sig.len, hash.p, hash.len) == 1;

	assert_int_equal(ours, theirs);
	*(ours ? &r->right : &r->wrong) += 1;
	return ours;
}

static void
put_sig(struct sg_buf *b, struct sg_slice s1, struct sg_slice s2)
{
	sg_buf_reset(b);
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_magnitude(b, s1);
	sg_derw_magnitude(b, s2);
	sg_derw_end(b, seq);
}

static void
take_sig(struct sg_slice sig, struct sg_slice *r, struct sg_slice *s)
{
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(sig, &err);
	struct sg_der seq = sg_der_enter(&d, SG_DER_SEQUENCE, "sig");
	*r = sg_der_magnitude(&seq, 32, "r");
	*s = sg_der_magnitude(&seq, 32, "s");
	sg_der_end(&d, "sig");
	assert_sg_ok(sg_der_status(&d));
}

static struct sg_slice
random_hash(uint8_t ret[SG_HASH_LEN_MAX], size_t len)
{
	struct sg_err err = {0};
	assert_sg_ok(sg_random(ret, len, &err));
	return sg_slice(ret, len);
}

/* A signature over a hash as it is. */
static void
sign_hash(const struct sg_key *key, struct sg_slice hash, struct sg_buf *ret)
{
	size_t len = 128;
	sg_auto(EVP_PKEY_CTX) ctx = EVP_PKEY_CTX_new_from_pkey(sg_ossl.ctx, key->pkey, NULL);
	sg_buf_reset(ret);
	uint8_t *p = sg_buf_extend(ret, len);
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, p, &len, hash.p, hash.len), 1);
	ret->len = len;
}

/* a + sign * b over len + 1 bytes, as a magnitude in out. */
static struct sg_slice
arith(struct sg_slice a, int sign, struct sg_slice b, uint8_t out[40])
{
	sg_auto(BIGNUM) x = BN_bin2bn(a.p, (int)a.len, NULL);
	sg_auto(BIGNUM) y = BN_bin2bn(b.p, (int)b.len, NULL);
	assert_int_equal(sign > 0 ? BN_add(x, x, y) : BN_sub(x, x, y), 1);
	assert_false(BN_is_negative(x));
	return sg_slice(out, (size_t)BN_bn2bin(x, out));
}

static void
holds__signatures_over_hashes_of_every_length__as_evp(void **state)
{
	struct rig *r = *state;
	const size_t lens[] = {20, 32, 48, 64};
	uint8_t hash[SG_HASH_LEN_MAX];
	for (size_t i = 0; i < ROUNDS; i++) {
		sg_buf_scoped sig = {0};
		struct sg_slice h = random_hash(hash, lens[i % 4]);
		sign_hash(r->key, h, &sig);
		assert_true(holds(r, sg_buf_slice(&sig), h));
		/* Only the first 32 bytes count. */
		hash[31] ^= 1;
		assert_int_equal(holds(r, sg_buf_slice(&sig), h), h.len < 32);
		hash[31] ^= 1;
		hash[h.len - 1] ^= 1;
		assert_int_equal(holds(r, sg_buf_slice(&sig), h), h.len > 32);
		hash[h.len - 1] ^= 1;
		hash[0] ^= 0x80;
		assert_false(holds(r, sg_buf_slice(&sig), h));
	}
}

static void
holds__extreme_hashes__as_evp(void **state)
{
	struct rig *r = *state;
	uint8_t hash[SG_HASH_LEN_MAX] = {0}, more[40];
	struct sg_slice order = sg_buf_slice(&r->order), one = sg_slice("\x01", 1), h;
	sg_buf_scoped sig = {0};
	for (int i = 0; i < 5; i++) {
		h = sg_slice(hash, 32);
		if (i == 1)
			memset(hash, 0xff, sizeof hash);
		if (i == 2)
			h = order; /* zero, modulo the order */
		if (i == 3)
			h = arith(order, 1, one, more);
		if (i == 4)
			h = arith(order, -1, one, more);
		sign_hash(r->key, h, &sig);
		assert_true(holds(r, sg_buf_slice(&sig), h));
		hash[7] ^= 4;
		assert_int_equal(holds(r, sg_buf_slice(&sig), h), i > 1);
	}
}

static void
holds__other_key__never(void **state)
{
	struct rig *r = *state;
	uint8_t hash[SG_HASH_LEN_MAX];
	for (size_t i = 0; i < ROUNDS; i++) {
		sg_buf_scoped sig = {0};
		struct sg_slice h = random_hash(hash, 32);
		sign_hash(r->other, h, &sig);
		assert_false(holds(r, sg_buf_slice(&sig), h));
	}
}

static void
holds__each_bit_flipped__as_evp(void **state)
{
	struct rig *r = *state;
	uint8_t hash[SG_HASH_LEN_MAX];
	for (size_t i = 0; i < 3; i++) {
		sg_buf_scoped sig = {0};
		struct sg_slice h = random_hash(hash, 32);
		sign_hash(r->key, h, &sig);
		for (size_t bit = 0; bit < 8 * sig.len; bit++) {
			sig.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_false(holds(r, sg_buf_slice(&sig), h));
			sig.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		for (size_t bit = 0; bit < 256; bit++) {
			hash[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_false(holds(r, sg_buf_slice(&sig), h));
			hash[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		for (size_t len = 0; len < sig.len; len++)
			assert_false(holds(r, sg_slice(sig.p, len), h));
		sg_buf_put_u8(&sig, 0);
		assert_false(holds(r, sg_buf_slice(&sig), h));
		assert_true(holds(r, sg_slice(sig.p, sig.len - 1), h));
	}
}

static void
holds__negated_s__is_a_signature_too(void **state)
{
	struct rig *r = *state;
	uint8_t hash[SG_HASH_LEN_MAX], more[40];
	for (size_t i = 0; i < ROUNDS; i++) {
		sg_buf_scoped sig = {0}, twin = {0};
		struct sg_slice h = random_hash(hash, 32), n1, n2;
		sign_hash(r->key, h, &sig);
		take_sig(sg_buf_slice(&sig), &n1, &n2);
		put_sig(&twin, n1, arith(sg_buf_slice(&r->order), -1, n2, more));
		assert_true(holds(r, sg_buf_slice(&twin), h));
		put_sig(&twin, n2, n1);
		assert_false(holds(r, sg_buf_slice(&twin), h));
		put_sig(&twin, arith(sg_buf_slice(&r->order), -1, n1, more), n2);
		assert_false(holds(r, sg_buf_slice(&twin), h));
	}
}

/* Every pair of 0, 1, the order and its neighbours, 2^256 - 1, a right number, and a right
 * one plus the order. */
static void
holds__numbers_at_and_past_the_ends__never(void **state)
{
	struct rig *r = *state;
	uint8_t hash[SG_HASH_LEN_MAX], space[8][40], ones[32];
	sg_buf_scoped sig = {0}, made = {0};
	struct sg_slice h = random_hash(hash, 32), one = sg_slice("\x01", 1), n1, n2;
	struct sg_slice order = sg_buf_slice(&r->order);
	memset(ones, 0xff, sizeof ones);
	sign_hash(r->key, h, &sig);
	take_sig(sg_buf_slice(&sig), &n1, &n2);
	const struct sg_slice a[] = {sg_slice("", 0), one, order, arith(order, 1, one, space[0]),
	    arith(order, -1, one, space[1]), arith(order, 1, order, space[2]),
	    sg_slice(ones, sizeof ones), n1, n2, arith(n1, 1, order, space[3]),
	    arith(n2, 1, order, space[4])};
	const size_t n = sizeof a / sizeof a[0];
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			put_sig(&made, a[i], a[j]);
			assert_int_equal(
			    holds(r, sg_buf_slice(&made), h), a[i].p == n1.p && a[j].p == n2.p);
			/* With a hash of zero u1 is 0, and u1*G the point at infinity. */
			uint8_t zero[32] = {0};
			assert_false(holds(r, sg_buf_slice(&made), sg_slice(zero, sizeof zero)));
		}
}

/* s = 1 and e = r*d make u1*G and u2*Q one point, e = -r*d its negative: only who has the
 * private key d finds such. */
static void
holds__sum_that_is_infinity_or_a_doubling__as_evp(void **state)
{
	struct rig *r = *state;
	uint8_t hash[SG_HASH_LEN_MAX], num[32];
	sg_auto(BIGNUM) d = NULL;
	sg_auto(BIGNUM) order = BN_bin2bn(r->order.p, (int)r->order.len, NULL);
	BN_CTX *bn = BN_CTX_new();
	assert_int_equal(EVP_PKEY_get_bn_param(r->key->pkey, "priv", &d), 1);
	for (size_t i = 0; i < ROUNDS; i++) {
		sg_buf_scoped made = {0};
		struct sg_slice h = random_hash(hash, 32);
		sg_auto(BIGNUM) x = BN_bin2bn(h.p, (int)h.len, NULL);
		assert_int_equal(BN_nnmod(x, x, order, bn), 1);
		assert_int_equal(BN_bn2binpad(x, num, 32), 32);
		sg_auto(BIGNUM) e = BN_new();
		assert_int_equal(BN_mod_mul(e, x, d, order, bn), 1);
		if (i % 2 == 0)
			assert_int_equal(BN_sub(e, order, e), 1);
		assert_int_equal(BN_bn2binpad(e, hash, 32), 32);
		put_sig(&made, sg_slice(num, 32), sg_slice("\x01", 1));
		assert_false(holds(r, sg_buf_slice(&made), h));
	}
	BN_CTX_free(bn);
}

static void
holds__not_der__as_evp(void **state)
{
	struct rig *r = *state;
	uint8_t hash[SG_HASH_LEN_MAX];
	struct sg_slice h = random_hash(hash, 32), n1, n2;
	sg_buf_scoped sig = {0}, made = {0};
	const char *const sigs[] = {"", "30", "3000", "3006020100020100", "30060201ff0201ff",
	    "308106020101020101", "3009020101020101020101", "30800201010201010000",
	    "3006020101040101", "3106020101020101", "300702020001020101", "30050201010200"};
	for (size_t i = 0; i < sizeof sigs / sizeof sigs[0]; i++)
		assert_false(holds(r, unhex(sigs[i], &made), h));
	/* A right signature with a padded number. */
	sign_hash(r->key, h, &sig);
	take_sig(sg_buf_slice(&sig), &n1, &n2);
	sg_buf_reset(&made);
	size_t seq = sg_derw_begin(&made, SG_DER_SEQUENCE);
	sg_derw_head(&made, SG_DER_INTEGER, n1.len + 2);
	sg_buf_put(&made, "\0\0", 2);
	sg_buf_put_slice(&made, n1);
	sg_derw_magnitude(&made, n2);
	sg_derw_end(&made, seq);
	assert_false(holds(r, sg_buf_slice(&made), h));
}

static void *
thread_checks(void *arg)
{
	const struct sg_key *key = arg;
	struct sg_sigalg alg = sg_key_sigalg(key, SG_HASH_SHA256);
	for (int i = 0; i < 100; i++) {
		sg_buf_scoped sig = {0};
		if (sg_sign_tbs(key, alg, TEST_MESSAGE, &sig, NULL) != SG_OK ||
		    sg_sign_check(key, alg, TEST_MESSAGE, sg_buf_slice(&sig), NULL) != SG_OK ||
		    sg_sign_check(key, alg, sg_slice("x", 1), sg_buf_slice(&sig), NULL) !=
			SG_E_SIGNATURE)
			return NULL;
	}
	return arg;
}

static void
holds__in_many_threads(void **state)
{
	struct rig *r = *state;
	pthread_t threads[4];
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, thread_checks, r->key), 0);
	for (size_t i = 0; i < 4; i++) {
		void *ret = NULL;
		assert_int_equal(pthread_join(threads[i], &ret), 0);
		assert_ptr_equal(ret, r->key);
	}
}

static void
expect_many__other_keys__no_tables_and_the_same_answers(void **state)
{
	(void)state;
	const enum sg_keytype types[] = {SG_KEY_RSA, SG_KEY_P256, SG_KEY_P384, SG_KEY_P521};
	for (size_t i = 0; i < 4; i++) {
		struct sg_err err = {0};
		sg_buf_scoped sig = {0};
		sg_scoped(key) key = NULL;
		assert_sg_ok(sg_key_generate(types[i], 2048, &key, &err));
		sg_key_expect_many(key);
		assert_int_equal(key->fixed != NULL, types[i] == SG_KEY_P256);
		/* A second time changes nothing. */
		const struct sg_fixed *first = key->fixed;
		sg_key_expect_many(key);
		assert_ptr_equal(key->fixed, first);
		for (enum sg_hash h = SG_HASH_SHA1; h <= SG_HASH_SHA512; h++) {
			struct sg_sigalg alg = sg_key_sigalg(key, h);
			sg_buf_reset(&sig);
			assert_sg_ok(sg_sign_tbs(key, alg, TEST_MESSAGE, &sig, &err));
			assert_sg_ok(
			    sg_sign_check(key, alg, TEST_MESSAGE, sg_buf_slice(&sig), &err));
			sig.p[sig.len - 1] ^= 1;
			assert_sg_fail(
			    sg_sign_check(key, alg, TEST_MESSAGE, sg_buf_slice(&sig), &err),
			    SG_E_SIGNATURE, "signature");
		}
	}
}

static void
sign_check__algorithm_that_does_not_fit__alg(void **state)
{
	struct rig *r = *state;
	struct sg_err err;
	uint8_t sig[256] = {0};
	struct sg_slice s = sg_slice(sig, sizeof sig);
	assert_sg_fail(sg_sign_check(r->key,
			   (struct sg_sigalg){SG_SIG_RSA_PKCS1, SG_HASH_SHA256, 0, SG_HASH_NONE},
			   TEST_MESSAGE, s, &err),
	    SG_E_ALG, "sig.key");
	assert_sg_fail(
	    sg_sign_check(r->key, (struct sg_sigalg){SG_SIG_ECDSA, SG_HASH_NONE, 0, SG_HASH_NONE},
		TEST_MESSAGE, s, &err),
	    SG_E_ALG, "hash.unknown");
	assert_sg_fail(sg_sign_check(r->key,
			   (struct sg_sigalg){SG_SIG_ECDSA, (enum sg_hash)9, 0, SG_HASH_NONE},
			   TEST_MESSAGE, s, &err),
	    SG_E_ALG, "hash.unknown");
}

static void
new__not_a_point_or_no_memory__null(void **state)
{
	struct rig *r = *state;
	uint8_t point[65];
	struct sg_slice spki = sg_buf_slice(&r->key->spki);
	memcpy(point, spki.p + spki.len - 65, 65);
	point[64] ^= 1;
	assert_null(sg_fixed_new(sg_slice(point, 65)));
	assert_null(sg_fixed_new(sg_slice(point, 64)));
	/* The point at infinity has an encoding, but no tables. */
	assert_null(sg_fixed_new(sg_slice("", 1)));
	point[64] ^= 1;
	alloc_fail_at(1);
	assert_null(sg_fixed_new(sg_slice(point, 65)));
	alloc_fail_at(0);
	struct sg_fixed *fixed = sg_fixed_new(sg_slice(point, 65));
	assert_non_null(fixed);
	sg_fixed_free(fixed);
	sg_fixed_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(holds__signatures_over_hashes_of_every_length__as_evp),
	    cmocka_unit_test(holds__extreme_hashes__as_evp),
	    cmocka_unit_test(holds__other_key__never),
	    cmocka_unit_test(holds__each_bit_flipped__as_evp),
	    cmocka_unit_test(holds__negated_s__is_a_signature_too),
	    cmocka_unit_test(holds__numbers_at_and_past_the_ends__never),
	    cmocka_unit_test(holds__sum_that_is_infinity_or_a_doubling__as_evp),
	    cmocka_unit_test(holds__not_der__as_evp),
	    cmocka_unit_test(holds__in_many_threads),
	    cmocka_unit_test(expect_many__other_keys__no_tables_and_the_same_answers),
	    cmocka_unit_test(sign_check__algorithm_that_does_not_fit__alg),
	    cmocka_unit_test(new__not_a_point_or_no_memory__null),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
