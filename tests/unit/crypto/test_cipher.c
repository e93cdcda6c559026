/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto_test.h"

#include "crypto/cipher.h"
#include "crypto/digest.h"
#include "lib/alloc_fail.h"
#include "vectors.h"

static const struct {
	enum sg_cipher cipher;
	const char *hex;
} known[] = {
    {SG_CIPHER_AES128_CBC, cbc_aes_128},
    {SG_CIPHER_AES192_CBC, cbc_aes_192},
    {SG_CIPHER_AES256_CBC, cbc_aes_256},
    {SG_CIPHER_DES3_CBC, cbc_des_ede3},
};
#define KNOWN (sizeof known / sizeof known[0])

struct material {
	uint8_t key[SG_CEK_MAX];
	uint8_t iv[SG_IV_MAX];
};

static struct material
make_material(void)
{
	struct material m;
	for (size_t i = 0; i < sizeof m.key; i++)
		m.key[i] = (uint8_t)(0x10 + i);
	for (size_t i = 0; i < sizeof m.iv; i++)
		m.iv[i] = (uint8_t)(0x80 + i);
	return m;
}

static void
encrypt_cbc__known_answers__match(void **state)
{
	(void)state;
	struct material m = make_material();
	for (size_t i = 0; i < KNOWN; i++) {
		struct sg_err err = {0};
		sg_buf_scoped out = {0}, want = {0}, back = {0};
		sg_buf_puts(&out, "kept");
		assert_sg_ok(
		    sg_encrypt_cbc(known[i].cipher, m.key, m.iv, TEST_MESSAGE, &out, &err));
		assert_memory_equal(out.p, "kept", 4);
		sg_buf_consume(&out, 4);
		assert_slice_equal(sg_buf_slice(&out), unhex(known[i].hex, &want));
		sg_buf_puts(&back, "kept");
		assert_sg_ok(sg_decrypt_cbc(
		    known[i].cipher, false, m.key, m.iv, sg_buf_slice(&out), &back, &err));
		assert_memory_equal(back.p, "kept", 4);
		sg_buf_consume(&back, 4);
		assert_slice_equal(sg_buf_slice(&back), TEST_MESSAGE);
	}
}

static void
encrypt_cbc__every_length__reads_back(void **state)
{
	(void)state;
	struct material m = make_material();
	uint8_t plain[70];
	memset(plain, 0x01, sizeof plain); /* looks like padding */
	for (size_t i = 0; i < KNOWN; i++)
		for (size_t len = 0; len <= sizeof plain; len++) {
			struct sg_err err = {0};
			sg_buf_scoped ct = {0}, back = {0};
			struct sg_slice text = sg_slice(len == 0 ? NULL : plain, len);
			size_t block = sg_cipher_block_len(known[i].cipher);
			assert_sg_ok(sg_encrypt_cbc(known[i].cipher, m.key, m.iv, text, &ct, &err));
			assert_int_equal(ct.len, (len / block + 1) * block);
			assert_sg_ok(sg_decrypt_cbc(
			    known[i].cipher, false, m.key, m.iv, sg_buf_slice(&ct), &back, &err));
			assert_slice_equal(sg_buf_slice(&back), text);
		}
}

static void
decrypt_cbc__wrong_length__decrypt(void **state)
{
	(void)state;
	struct material m = make_material();
	uint8_t ct[48] = {0};
	for (size_t i = 0; i < KNOWN; i++)
		for (size_t len = 0; len <= sizeof ct; len++) {
			struct sg_err err;
			sg_buf_scoped out = {0};
			if (len != 0 && len % sg_cipher_block_len(known[i].cipher) == 0)
				continue;
			assert_sg_fail(sg_decrypt_cbc(known[i].cipher, false, m.key, m.iv,
					   sg_slice(ct, len), &out, &err),
			    SG_E_CRYPTO, "cms.decrypt");
			assert_int_equal(out.len, 0);
		}
}

/* Encrypt whole blocks as they are: the padding that is put behind them is cut off. */
static void
encrypt_raw(enum sg_cipher cipher, const uint8_t *plain, size_t len, struct sg_buf *ct)
{
	struct sg_err err = {0};
	struct material m = make_material();
	sg_buf_reset(ct);
	assert_sg_ok(sg_encrypt_cbc(cipher, m.key, m.iv, sg_slice(plain, len), ct, &err));
	ct->len = len;
}

static void
assert_padding(enum sg_cipher cipher, const uint8_t *plain, size_t len, bool good)
{
	struct sg_err err = {0};
	struct material m = make_material();
	sg_buf_scoped ct = {0}, out = {0};
	encrypt_raw(cipher, plain, len, &ct);
	sg_buf_puts(&out, "kept");
	if (good) {
		assert_sg_ok(
		    sg_decrypt_cbc(cipher, false, m.key, m.iv, sg_buf_slice(&ct), &out, &err));
		assert_int_equal(out.len - 4, len - plain[len - 1]);
	} else {
		assert_sg_fail(
		    sg_decrypt_cbc(cipher, false, m.key, m.iv, sg_buf_slice(&ct), &out, &err),
		    SG_E_CRYPTO, "cms.decrypt");
		/* No plaintext stays in the buffer. */
		assert_int_equal(out.len, 4);
		for (size_t i = 4; i < 4 + len; i++)
			assert_int_equal(out.p[i], 0);
	}
}

static void
decrypt_cbc__every_padding_byte__decided(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		size_t block = sg_cipher_block_len(known[i].cipher);
		for (unsigned pad = 0; pad < 256; pad++) {
			uint8_t plain[32];
			size_t len = 2 * block;
			memset(plain, (int)pad, len);
			assert_padding(known[i].cipher, plain, len, pad >= 1 && pad <= block);
		}
	}
}

static void
decrypt_cbc__one_padding_byte_wrong__decrypt(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		size_t block = sg_cipher_block_len(known[i].cipher);
		for (size_t pad = 2; pad <= block; pad++)
			for (size_t at = 0; at < block; at++) {
				uint8_t plain[32];
				size_t len = 2 * block;
				memset(plain, (int)pad, len);
				plain[len - 1 - at] ^= 0x80;
				assert_padding(known[i].cipher, plain, len, at >= pad);
			}
	}
}

static void
decrypt_cbc__same_text_for_length_and_padding__no_oracle(void **state)
{
	(void)state;
	struct sg_err length = {0}, padding = {0};
	struct material m = make_material();
	sg_buf_scoped ct = {0}, out = {0};
	uint8_t plain[16] = {0};
	encrypt_raw(SG_CIPHER_AES128_CBC, plain, sizeof plain, &ct);
	assert_int_equal(sg_decrypt_cbc(SG_CIPHER_AES128_CBC, false, m.key, m.iv,
			     sg_slice(ct.p, 15), &out, &length),
	    SG_E_CRYPTO);
	assert_int_equal(sg_decrypt_cbc(SG_CIPHER_AES128_CBC, false, m.key, m.iv, sg_buf_slice(&ct),
			     &out, &padding),
	    SG_E_CRYPTO);
	assert_string_equal(length.text, padding.text);
	assert_string_equal(length.rule, padding.rule);
}

static void
cbc__single_des__only_to_read_and_only_when_asked(void **state)
{
	(void)state;
	struct sg_err err;
	struct material m = make_material();
	sg_buf_scoped ct = {0}, out = {0};
	unhex(cbc_des, &ct);
	assert_sg_fail(sg_encrypt_cbc(SG_CIPHER_DES_CBC, m.key, m.iv, TEST_MESSAGE, &out, &err),
	    SG_E_ALG, "cipher.des");
	assert_sg_fail(
	    sg_decrypt_cbc(SG_CIPHER_DES_CBC, false, m.key, m.iv, sg_buf_slice(&ct), &out, &err),
	    SG_E_ALG, "cipher.des");
	assert_sg_ok(
	    sg_decrypt_cbc(SG_CIPHER_DES_CBC, true, m.key, m.iv, sg_buf_slice(&ct), &out, &err));
	assert_slice_equal(sg_buf_slice(&out), TEST_MESSAGE);
}

static void
cbc__unknown_cipher__alg(void **state)
{
	(void)state;
	struct sg_err err;
	struct material m = make_material();
	sg_buf_scoped out = {0};
	const enum sg_cipher bad[] = {SG_CIPHER_NONE, (enum sg_cipher)6, (enum sg_cipher)99};
	for (size_t i = 0; i < 3; i++) {
		assert_sg_fail(sg_encrypt_cbc(bad[i], m.key, m.iv, TEST_MESSAGE, &out, &err),
		    SG_E_ALG, "cipher.unknown");
		assert_sg_fail(sg_decrypt_cbc(bad[i], true, m.key, m.iv, TEST_MESSAGE, &out, &err),
		    SG_E_ALG, "cipher.unknown");
	}
}

static void
cbc__no_memory_or_room__fails(void **state)
{
	(void)state;
	struct sg_err err;
	struct material m = make_material();
	uint8_t ct[32] = {0};
	sg_buf_scoped a = {0}, b = {0}, small = {.max = 16};
	alloc_fail_at(1);
	assert_sg_fail(sg_encrypt_cbc(SG_CIPHER_AES128_CBC, m.key, m.iv, TEST_MESSAGE, &a, &err),
	    SG_E_NOMEM, "memory");
	alloc_fail_at(1);
	assert_sg_fail(sg_decrypt_cbc(SG_CIPHER_AES128_CBC, false, m.key, m.iv,
			   sg_slice(ct, sizeof ct), &b, &err),
	    SG_E_NOMEM, "memory");
	alloc_fail_at(0);
	assert_sg_fail(
	    sg_encrypt_cbc(SG_CIPHER_AES128_CBC, m.key, m.iv, TEST_MESSAGE, &small, &err),
	    SG_E_LIMIT, "limit.buffer");
}

static void
wrap_key__wrong_key_size_or_transport__refused(void **state)
{
	(void)state;
	struct sg_err err;
	uint8_t cek[SG_CEK_MAX + 1] = {0};
	sg_buf_scoped out = {0};
	sg_scoped(key) rsa = public_key(rsa_spki);
	sg_scoped(key) ec = public_key(p256_spki);
	const struct sg_keytrans pkcs1 = {.transport = SG_TRANSPORT_PKCS1};
	const struct sg_keytrans bad[] = {{SG_TRANSPORT_NONE, SG_HASH_NONE, SG_HASH_NONE},
	    {(enum sg_transport)3, SG_HASH_SHA1, SG_HASH_SHA1},
	    {SG_TRANSPORT_OAEP, SG_HASH_NONE, SG_HASH_SHA1},
	    {SG_TRANSPORT_OAEP, SG_HASH_SHA1, SG_HASH_NONE},
	    {SG_TRANSPORT_OAEP, (enum sg_hash)5, SG_HASH_SHA1}};
	assert_sg_fail(
	    sg_wrap_key(ec, pkcs1, sg_slice(cek, 16), &out, &err), SG_E_ALG, "keytrans.key");
	assert_sg_fail(
	    sg_wrap_key(rsa, pkcs1, sg_slice(cek, 0), &out, &err), SG_E_LIMIT, "keytrans.size");
	assert_sg_fail(sg_wrap_key(rsa, pkcs1, sg_slice(cek, sizeof cek), &out, &err), SG_E_LIMIT,
	    "keytrans.size");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_sg_fail(sg_wrap_key(rsa, bad[i], sg_slice(cek, 16), &out, &err), SG_E_ALG,
		    "keytrans.unknown");
	assert_int_equal(out.len, 0);
	alloc_fail_at(1);
	assert_sg_fail(
	    sg_wrap_key(rsa, pkcs1, sg_slice(cek, 16), &out, &err), SG_E_NOMEM, "memory");
	alloc_fail_at(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encrypt_cbc__known_answers__match),
	    cmocka_unit_test(encrypt_cbc__every_length__reads_back),
	    cmocka_unit_test(decrypt_cbc__wrong_length__decrypt),
	    cmocka_unit_test(decrypt_cbc__every_padding_byte__decided),
	    cmocka_unit_test(decrypt_cbc__one_padding_byte_wrong__decrypt),
	    cmocka_unit_test(decrypt_cbc__same_text_for_length_and_padding__no_oracle),
	    cmocka_unit_test(cbc__single_des__only_to_read_and_only_when_asked),
	    cmocka_unit_test(cbc__unknown_cipher__alg),
	    cmocka_unit_test(cbc__no_memory_or_room__fails),
	    cmocka_unit_test(wrap_key__wrong_key_size_or_transport__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
