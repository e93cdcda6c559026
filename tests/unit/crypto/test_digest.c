/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto_test.h"

#include <pthread.h>

#include "crypto/digest.h"
#include "crypto/init.h"
#include "crypto/random.h"

static void
assert_digest(enum sg_hash hash, const char *text, const char *hex)
{
	struct sg_err err = {0};
	sg_buf_scoped want = {0};
	uint8_t out[SG_HASH_LEN_MAX];
	assert_sg_ok(sg_digest(hash, sg_slice_str(text), out, &err));
	assert_slice_equal(sg_slice(out, sg_hash_len(hash)), unhex(hex, &want));
}

static void
digest__fips_180_examples__match(void **state)
{
	(void)state;
	assert_digest(SG_HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_digest(SG_HASH_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	assert_digest(SG_HASH_SHA256, "abc",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_digest(
	    SG_HASH_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_digest(SG_HASH_SHA384, "abc",
	    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	    "8086072ba1e7cc2358baeca134c825a7");
	assert_digest(SG_HASH_SHA512, "abc",
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

static void
digest__null_of_no_bytes__same_as_empty(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t a[SG_HASH_LEN_MAX], b[SG_SHA256_LEN];
	assert_sg_ok(sg_digest(SG_HASH_SHA256, sg_slice("", 0), a, &err));
	assert_sg_ok(sg_sha256(sg_slice(NULL, 0), b, &err));
	assert_memory_equal(a, b, sizeof b);
}

static void
digest__unknown_hash__alg(void **state)
{
	(void)state;
	struct sg_err err;
	uint8_t out[SG_HASH_LEN_MAX];
	assert_sg_fail(sg_digest(SG_HASH_NONE, TEST_MESSAGE, out, &err), SG_E_ALG, "hash.unknown");
	assert_sg_fail(
	    sg_digest((enum sg_hash)99, TEST_MESSAGE, out, &err), SG_E_ALG, "hash.unknown");
	assert_int_equal(sg_digest(SG_HASH_NONE, TEST_MESSAGE, out, NULL), SG_E_ALG);
}

static void
assert_hmac(const char *key_hex, const char *data_hex, const char *want_hex)
{
	struct sg_err err = {0};
	sg_buf_scoped key = {0}, data = {0}, want = {0};
	uint8_t out[SG_SHA256_LEN];
	assert_sg_ok(sg_hmac_sha256(unhex(key_hex, &key), unhex(data_hex, &data), out, &err));
	assert_slice_equal(sg_slice(out, sizeof out), unhex(want_hex, &want));
}

static void
hmac__rfc_4231_examples__match(void **state)
{
	(void)state;
	assert_hmac("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_hmac("4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	/* Case 6: a key longer than a block. */
	char key[2 * 131 + 1];
	memset(key, 'a', sizeof key - 1);
	key[sizeof key - 1] = '\0';
	assert_hmac(key,
	    "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a"
	    "65204b6579202d2048617368204b6579204669727374",
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void
hmac__empty_key_and_data__matches(void **state)
{
	(void)state;
	assert_hmac("", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void
ct_equal__content_and_length__decide(void **state)
{
	(void)state;
	assert_true(sg_ct_equal(sg_slice("abc", 3), sg_slice("abc", 3)));
	assert_false(sg_ct_equal(sg_slice("abc", 3), sg_slice("abd", 3)));
	assert_false(sg_ct_equal(sg_slice("abc", 3), sg_slice("xbc", 3)));
	assert_false(sg_ct_equal(sg_slice("abc", 3), sg_slice("abc", 2)));
	assert_true(sg_ct_equal(sg_slice(NULL, 0), sg_slice("", 0)));
}

static void *
thread_digests(void *arg)
{
	uint8_t out[SG_SHA256_LEN];
	for (int i = 0; i < 200; i++)
		if (sg_crypto_init(NULL) != SG_OK ||
		    sg_hmac_sha256(sg_slice("k", 1), TEST_MESSAGE, out, NULL) != SG_OK ||
		    sg_random(out, sizeof out, NULL) != SG_OK)
			return NULL;
	return arg;
}

static void
init__many_threads_at_once__all_succeed(void **state)
{
	(void)state;
	pthread_t threads[8];
	int ok = 0;
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, thread_digests, &ok), 0);
	for (int i = 0; i < 8; i++) {
		void *ret = NULL;
		assert_int_equal(pthread_join(threads[i], &ret), 0);
		assert_ptr_equal(ret, &ok);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(init__many_threads_at_once__all_succeed),
	    cmocka_unit_test(digest__fips_180_examples__match),
	    cmocka_unit_test(digest__null_of_no_bytes__same_as_empty),
	    cmocka_unit_test(digest__unknown_hash__alg),
	    cmocka_unit_test(hmac__rfc_4231_examples__match),
	    cmocka_unit_test(hmac__empty_key_and_data__matches),
	    cmocka_unit_test(ct_equal__content_and_length__decide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
