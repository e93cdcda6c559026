/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/alg.h"

/* The values travel in frames and stand in databases: they never change. */
_Static_assert(
    SG_HASH_SHA1 == 1 && SG_HASH_SHA256 == 2 && SG_HASH_SHA384 == 3 && SG_HASH_SHA512 == 4,
    "hashes");
_Static_assert(SG_CIPHER_AES128_CBC == 1 && SG_CIPHER_AES192_CBC == 2 &&
		   SG_CIPHER_AES256_CBC == 3 && SG_CIPHER_DES3_CBC == 4 && SG_CIPHER_DES_CBC == 5,
    "ciphers");
_Static_assert(SG_KEY_RSA == 1 && SG_KEY_P256 == 2 && SG_KEY_P384 == 3 && SG_KEY_P521 == 4, "keys");
_Static_assert(SG_SIG_RSA_PKCS1 == 1 && SG_SIG_RSA_PSS == 2 && SG_SIG_ECDSA == 3, "schemes");
_Static_assert(SG_TRANSPORT_PKCS1 == 1 && SG_TRANSPORT_OAEP == 2, "transports");

static void
hash__each__length_and_name(void **state)
{
	(void)state;
	static const size_t len[] = {0, 20, 32, 48, 64};
	static const char *const name[] = {"none", "SHA-1", "SHA-256", "SHA-384", "SHA-512"};
	for (unsigned n = 0; n < 5; n++) {
		assert_int_equal(sg_hash_len((enum sg_hash)n), len[n]);
		assert_string_equal(sg_hash_name((enum sg_hash)n), name[n]);
	}
}

static void
cipher__each__lengths_and_name(void **state)
{
	(void)state;
	static const size_t key[] = {0, 16, 24, 32, 24, 8}, block[] = {0, 16, 16, 16, 8, 8};
	static const char *const name[] = {
	    "none", "AES-128-CBC", "AES-192-CBC", "AES-256-CBC", "3DES-CBC", "DES-CBC"};
	for (unsigned n = 0; n < 6; n++) {
		assert_int_equal(sg_cipher_key_len((enum sg_cipher)n), key[n]);
		assert_int_equal(sg_cipher_block_len((enum sg_cipher)n), block[n]);
		assert_string_equal(sg_cipher_name((enum sg_cipher)n), name[n]);
	}
}

static void
key_and_scheme__each__name(void **state)
{
	(void)state;
	static const char *const keys[] = {"none", "RSA", "P-256", "P-384", "P-521"};
	static const char *const schemes[] = {"none", "RSA", "RSA-PSS", "ECDSA"};
	for (unsigned n = 0; n < 5; n++)
		assert_string_equal(sg_keytype_name((enum sg_keytype)n), keys[n]);
	for (unsigned n = 0; n < 4; n++)
		assert_string_equal(sg_sigscheme_name((enum sg_sigscheme)n), schemes[n]);
}

/* Numbers from a frame that are no algorithm at all. */
static void
unknown__past_the_last__nothing(void **state)
{
	(void)state;
	static const unsigned odd[] = {6, 7, 255, 256, 0x7fffffff, 0x80000000u, 0xffffffffu};
	for (size_t n = 0; n < sizeof odd / sizeof odd[0]; n++) {
		assert_int_equal(sg_hash_len((enum sg_hash)odd[n]), 0);
		assert_int_equal(sg_cipher_key_len((enum sg_cipher)odd[n]), 0);
		assert_int_equal(sg_cipher_block_len((enum sg_cipher)odd[n]), 0);
		assert_string_equal(sg_hash_name((enum sg_hash)odd[n]), "unknown");
		assert_string_equal(sg_cipher_name((enum sg_cipher)odd[n]), "unknown");
		assert_string_equal(sg_keytype_name((enum sg_keytype)odd[n]), "unknown");
		assert_string_equal(sg_sigscheme_name((enum sg_sigscheme)odd[n]), "unknown");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hash__each__length_and_name),
	    cmocka_unit_test(cipher__each__lengths_and_name),
	    cmocka_unit_test(key_and_scheme__each__name),
	    cmocka_unit_test(unknown__past_the_last__nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
