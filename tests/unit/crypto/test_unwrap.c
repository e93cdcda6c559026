/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The encoded messages are made here, byte by byte, and encrypted by raw RSA, so that each
 * way in which one can be wrong is tried. A wrong one must give the substitute: the HMAC of
 * the ciphertext.
 */

#include "crypto_test.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "crypto/cipher.h"
#include "crypto/digest.h"
#include "crypto/key_private.h"
#include "crypto/unwrap.h"
#include "lib/alloc_fail.h"
#include "vectors.h"

#define LEN 256u /* bytes of the modulus */

static const struct sg_keytrans pkcs1 = {SG_TRANSPORT_PKCS1, SG_HASH_NONE, SG_HASH_NONE};
static const struct sg_keytrans oaep_sha256 = {SG_TRANSPORT_OAEP, SG_HASH_SHA256, SG_HASH_SHA256};

static const uint8_t secret_bytes[] = "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS";
#define SECRET sg_slice(secret_bytes, 32)

static struct sg_key *rsa;
static uint8_t cek[SG_CEK_MAX];

static int
set_up(void **state)
{
	(void)state;
	rsa = private_key(rsa_pem);
	for (size_t i = 0; i < sizeof cek; i++)
		cek[i] = (uint8_t)(i + 1);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sg_key_free(&rsa);
	return 0;
}

/* em ^ e mod n, without padding. */
static void
encrypt_raw(const struct sg_key *key, const uint8_t *em, uint8_t *out)
{
	size_t len = key->len;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
	assert_non_null(ctx);
	assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	assert_int_equal(EVP_PKEY_encrypt(ctx, out, &len, em, key->len), 1);
	assert_int_equal(len, key->len);
	EVP_PKEY_CTX_free(ctx);
}

static void
assert_gives(const struct sg_key *key, struct sg_keytrans trans, struct sg_slice wrapped,
    struct sg_slice want)
{
	struct sg_err err = {0};
	uint8_t out[SG_CEK_MAX];
	memset(out, 0xee, sizeof out);
	assert_sg_ok(sg_unwrap_key(key, trans, wrapped, SECRET, want.len, out, &err));
	assert_memory_equal(out, want.p, want.len);
	/* Not a byte more. */
	for (size_t i = want.len; i < sizeof out; i++)
		assert_int_equal(out[i], 0xee);
}

/* The substitute of the ciphertext, twice: it is deterministic. */
static void
assert_substitutes(
    const struct sg_key *key, struct sg_keytrans trans, struct sg_slice wrapped, size_t cek_len)
{
	struct sg_err err = {0};
	uint8_t want[SG_SHA256_LEN];
	assert_sg_ok(sg_hmac_sha256(SECRET, wrapped, want, &err));
	assert_gives(key, trans, wrapped, sg_slice(want, cek_len));
	assert_gives(key, trans, wrapped, sg_slice(want, cek_len));
}

/* Encrypt em and see whether it opens to the last cek_len bytes or to the substitute. */
static void
assert_em(struct sg_keytrans trans, const uint8_t *em, size_t cek_len, bool good)
{
	uint8_t wrapped[LEN];
	encrypt_raw(rsa, em, wrapped);
	if (good)
		assert_gives(
		    rsa, trans, sg_slice(wrapped, LEN), sg_slice(em + LEN - cek_len, cek_len));
	else
		assert_substitutes(rsa, trans, sg_slice(wrapped, LEN), cek_len);
}

static void
make_pkcs1(uint8_t em[LEN], size_t cek_len)
{
	em[0] = 0;
	em[1] = 2;
	memset(em + 2, 0x77, LEN - 2);
	em[LEN - cek_len - 1] = 0;
	memcpy(em + LEN - cek_len, cek, cek_len);
}

static void
unwrap__known_answers__open(void **state)
{
	(void)state;
	const struct {
		struct sg_keytrans trans;
		const char *hex;
		size_t len;
	} known[] = {
	    {pkcs1, wrapped_pkcs1_16, 16},
	    {pkcs1, wrapped_pkcs1_24, 24},
	    {pkcs1, wrapped_pkcs1_32, 32},
	    {{SG_TRANSPORT_OAEP, SG_HASH_SHA1, SG_HASH_SHA1}, wrapped_oaep_sha1, 16},
	    {oaep_sha256, wrapped_oaep_sha256, 16},
	    {{SG_TRANSPORT_OAEP, SG_HASH_SHA384, SG_HASH_SHA384}, wrapped_oaep_sha384, 16},
	    {{SG_TRANSPORT_OAEP, SG_HASH_SHA512, SG_HASH_SHA512}, wrapped_oaep_sha512, 16},
	    {{SG_TRANSPORT_OAEP, SG_HASH_SHA256, SG_HASH_SHA1}, wrapped_oaep_sha256_mgf1_sha1, 32},
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		sg_buf_scoped b = {0};
		struct sg_slice wrapped = unhex(known[i].hex, &b);
		assert_gives(rsa, known[i].trans, wrapped, sg_slice(cek, known[i].len));
		/* Any other length or transport gives the substitute. */
		for (size_t len = 1; len <= SG_CEK_MAX; len++)
			if (len != known[i].len)
				assert_substitutes(rsa, known[i].trans, wrapped, len);
		for (size_t j = 0; j < sizeof known / sizeof known[0]; j++)
			if (memcmp(&known[i].trans, &known[j].trans, sizeof pkcs1) != 0)
				assert_substitutes(rsa, known[j].trans, wrapped, known[i].len);
	}
}

static void
unwrap__modulus_of_2050_bits__opens(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_scoped(key) key = private_key(rsa_2050_pem);
	struct sg_slice wrapped = unhex(wrapped_pkcs1_2050, &b);
	assert_int_equal(wrapped.len, 257);
	assert_gives(key, pkcs1, wrapped, sg_slice(cek, 16));
	assert_gives(key, oaep_sha256, unhex(wrapped_oaep_2050, &b), sg_slice(cek, 16));
	assert_substitutes(key, oaep_sha256, unhex(wrapped_pkcs1_2050, &b), 16);
}

static void
unwrap__what_we_wrap__opens(void **state)
{
	(void)state;
	sg_scoped(key) pub = public_key(rsa_spki);
	for (enum sg_hash h = SG_HASH_NONE; h <= SG_HASH_SHA512; h++)
		for (enum sg_hash m = SG_HASH_SHA1; m <= SG_HASH_SHA512; m++)
			for (size_t len = 1; len <= SG_CEK_MAX; len += 5) {
				struct sg_err err = {0};
				sg_buf_scoped out = {0};
				struct sg_keytrans t = {SG_TRANSPORT_OAEP, h, m};
				if (h == SG_HASH_NONE)
					t = pkcs1;
				assert_sg_ok(sg_wrap_key(pub, t, sg_slice(cek, len), &out, &err));
				assert_int_equal(out.len, LEN);
				assert_gives(rsa, t, sg_buf_slice(&out), sg_slice(cek, len));
			}
}

/* More often than not a random padding of this length has a 00 at first. */
static void
unwrap__pkcs1_wrapped_many_times__opens_and_differs(void **state)
{
	(void)state;
	sg_scoped(key) pub = public_key(rsa_spki);
	sg_buf_scoped before = {0};
	for (int n = 0; n < 100; n++) {
		struct sg_err err = {0};
		sg_buf_scoped out = {0};
		assert_sg_ok(sg_wrap_key(pub, pkcs1, sg_slice(cek, 16), &out, &err));
		assert_gives(rsa, pkcs1, sg_buf_slice(&out), sg_slice(cek, 16));
		assert_false(sg_slice_eq(sg_buf_slice(&out), sg_buf_slice(&before)));
		sg_buf_clear(&before);
		sg_buf_put_slice(&before, sg_buf_slice(&out));
	}
}

static void
unwrap__substitute__known_answer(void **state)
{
	(void)state;
	uint8_t wrapped[LEN];
	sg_buf_scoped b = {0};
	memset(wrapped, 0x55, sizeof wrapped);
	unhex(substitute_of_55, &b);
	for (size_t len = 1; len <= SG_CEK_MAX; len++) {
		assert_gives(rsa, pkcs1, sg_slice(wrapped, LEN), sg_slice(b.p, len));
		assert_gives(rsa, oaep_sha256, sg_slice(wrapped, LEN), sg_slice(b.p, len));
	}
}

static void
unwrap__two_bad_ciphertexts_or_secrets__differ(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t wrapped[LEN], a[SG_CEK_MAX], b[SG_CEK_MAX], c[SG_CEK_MAX];
	memset(wrapped, 0x55, sizeof wrapped);
	assert_sg_ok(sg_unwrap_key(rsa, pkcs1, sg_slice(wrapped, LEN), SECRET, 32, a, &err));
	assert_sg_ok(sg_unwrap_key(
	    rsa, pkcs1, sg_slice(wrapped, LEN), sg_slice(secret_bytes, 31), 32, c, &err));
	wrapped[LEN - 1] ^= 1;
	assert_sg_ok(sg_unwrap_key(rsa, pkcs1, sg_slice(wrapped, LEN), SECRET, 32, b, &err));
	assert_memory_not_equal(a, b, 32);
	assert_memory_not_equal(a, c, 32);
}

static void
unwrap_pkcs1__each_length__opens(void **state)
{
	(void)state;
	for (size_t len = 1; len <= SG_CEK_MAX; len++) {
		uint8_t em[LEN];
		make_pkcs1(em, len);
		assert_em(pkcs1, em, len, true);
	}
}

static void
unwrap_pkcs1__key_of_any_bytes__opens(void **state)
{
	(void)state;
	const uint8_t fills[] = {0x00, 0x02, 0xff};
	for (size_t i = 0; i < sizeof fills; i++) {
		uint8_t em[LEN];
		make_pkcs1(em, 16);
		memset(em + LEN - 16, fills[i], 16);
		assert_em(pkcs1, em, 16, true);
	}
}

static void
unwrap_pkcs1__each_byte_of_padding_wrong__substitute(void **state)
{
	(void)state;
	for (size_t at = 0; at < LEN - 16; at++) {
		uint8_t em[LEN];
		make_pkcs1(em, 16);
		/* A zero too early, or a byte that has to be 0 or 2 and is not. */
		em[at] = at >= 2 && at < LEN - 17 ? 0x00 : 0x01;
		assert_em(pkcs1, em, 16, false);
	}
}

static void
unwrap_pkcs1__each_bit_of_the_fixed_bytes__substitute(void **state)
{
	(void)state;
	const size_t at[] = {0, 1, LEN - 17};
	for (size_t i = 0; i < 3; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			uint8_t em[LEN];
			make_pkcs1(em, 16);
			em[at[i]] ^= (uint8_t)(1u << bit);
			/* Above the modulus there is no ciphertext. */
			if (memcmp(em, rsa->modulus.p, LEN) < 0)
				assert_em(pkcs1, em, 16, false);
		}
}

static void
unwrap_pkcs1__padding_bytes_of_one_bit__open(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 8; bit++) {
		uint8_t em[LEN];
		make_pkcs1(em, 32);
		memset(em + 2, (int)(1u << bit), LEN - 32 - 3);
		assert_em(pkcs1, em, 32, true);
	}
}

static void
unwrap_pkcs1__key_of_another_length__substitute(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 64; len++) {
		uint8_t em[LEN];
		memset(em, 0x77, LEN);
		em[0] = 0;
		em[1] = 2;
		em[LEN - len - 1] = 0;
		if (len != 16)
			assert_em(pkcs1, em, 16, false);
	}
}

static void
unwrap_pkcs1__no_zero_or_signature_block__substitute(void **state)
{
	(void)state;
	uint8_t em[LEN];
	memset(em, 0x77, LEN);
	em[0] = 0;
	em[1] = 2;
	assert_em(pkcs1, em, 16, false);
	make_pkcs1(em, 16);
	em[1] = 1;
	memset(em + 2, 0xff, LEN - 19);
	assert_em(pkcs1, em, 16, false);
	memset(em, 0, LEN);
	assert_em(pkcs1, em, 16, false);
}

/* MGF1 written from the RFC, apart from the one under test. */
static void
mgf1_xor(enum sg_hash hash, const uint8_t *seed, size_t seed_len, uint8_t *to, size_t len)
{
	size_t h = sg_hash_len(hash);
	for (size_t i = 0; i < len; i++) {
		struct sg_err err = {0};
		uint8_t in[LEN + 4], mask[SG_HASH_LEN_MAX];
		memcpy(in, seed, seed_len);
		memset(in + seed_len, 0, 4);
		in[seed_len + 3] = (uint8_t)(i / h);
		assert_sg_ok(sg_digest(hash, sg_slice(in, seed_len + 4), mask, &err));
		to[i] ^= mask[i % h];
	}
}

/* The plain form: 00, seed, lHash, zeros, 01, key. */
static void
make_oaep(struct sg_keytrans t, uint8_t em[LEN], size_t cek_len)
{
	struct sg_err err = {0};
	uint8_t label[SG_HASH_LEN_MAX];
	size_t h = sg_hash_len(t.oaep_hash);
	memset(em, 0, LEN);
	memset(em + 1, 0x5a, h);
	assert_sg_ok(sg_digest(t.oaep_hash, sg_slice("", 0), label, &err));
	memcpy(em + 1 + h, label, h);
	em[LEN - cek_len - 1] = 1;
	memcpy(em + LEN - cek_len, cek, cek_len);
}

static void
mask_oaep(struct sg_keytrans t, uint8_t em[LEN])
{
	size_t h = sg_hash_len(t.oaep_hash);
	mgf1_xor(t.mgf1_hash, em + 1, h, em + 1 + h, LEN - 1 - h);
	mgf1_xor(t.mgf1_hash, em + 1 + h, LEN - 1 - h, em + 1, h);
}

/* As assert_em, from the plain form. */
static void
assert_oaep(struct sg_keytrans t, const uint8_t plain[LEN], size_t cek_len, bool good)
{
	uint8_t em[LEN], wrapped[LEN];
	memcpy(em, plain, LEN);
	mask_oaep(t, em);
	assert_true(memcmp(em, rsa->modulus.p, LEN) < 0);
	encrypt_raw(rsa, em, wrapped);
	if (good)
		assert_gives(
		    rsa, t, sg_slice(wrapped, LEN), sg_slice(plain + LEN - cek_len, cek_len));
	else
		assert_substitutes(rsa, t, sg_slice(wrapped, LEN), cek_len);
}

static void
unwrap_oaep__each_hash_and_length__opens(void **state)
{
	(void)state;
	for (enum sg_hash h = SG_HASH_SHA1; h <= SG_HASH_SHA512; h++)
		for (enum sg_hash m = SG_HASH_SHA1; m <= SG_HASH_SHA512; m++) {
			struct sg_keytrans t = {SG_TRANSPORT_OAEP, h, m};
			for (size_t len = 1; len <= SG_CEK_MAX; len += 3) {
				uint8_t em[LEN];
				make_oaep(t, em, len);
				assert_oaep(t, em, len, true);
			}
		}
}

static void
unwrap_oaep__each_byte_wrong__substitute(void **state)
{
	(void)state;
	uint8_t em[LEN];
	size_t h = SG_SHA256_LEN;
	/* The seed may be anything; from there on up to the key every byte counts. */
	for (size_t at = 1 + h; at < LEN - 16; at++) {
		make_oaep(oaep_sha256, em, 16);
		em[at] ^= (uint8_t)(1u << (at % 8));
		assert_oaep(oaep_sha256, em, 16, false);
	}
	make_oaep(oaep_sha256, em, 16);
	em[0] = 1;
	assert_oaep(oaep_sha256, em, 16, false);
	make_oaep(oaep_sha256, em, 16);
	memset(em + 1, 0xa5, h);
	assert_oaep(oaep_sha256, em, 16, true);
}

static void
unwrap_oaep__masked_bytes_changed__substitute(void **state)
{
	(void)state;
	for (size_t at = 1; at < LEN; at += 3) {
		uint8_t em[LEN], wrapped[LEN];
		make_oaep(oaep_sha256, em, 16);
		mask_oaep(oaep_sha256, em);
		em[at] ^= 0x10;
		encrypt_raw(rsa, em, wrapped);
		assert_substitutes(rsa, oaep_sha256, sg_slice(wrapped, LEN), 16);
	}
}

static void
unwrap_oaep__label_or_another_length__substitute(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	const struct sg_keytrans sha1 = {SG_TRANSPORT_OAEP, SG_HASH_SHA1, SG_HASH_SHA1};
	assert_substitutes(rsa, sha1, unhex(wrapped_oaep_label, &b), 16);
	for (size_t len = 1; len <= 64; len++) {
		uint8_t em[LEN];
		make_oaep(oaep_sha256, em, 16);
		memset(em + LEN - 65, 0, 65);
		em[LEN - len - 1] = 1;
		memset(em + LEN - len, 0x33, len);
		if (len != 16)
			assert_oaep(oaep_sha256, em, 16, false);
	}
}

static void
unwrap__leading_zeros_missing__same_answer(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_buf_scoped b = {0};
	struct sg_slice wrapped = unhex(wrapped_pkcs1_leading_zero, &b);
	assert_int_equal(wrapped.p[0], 0);
	assert_gives(rsa, pkcs1, wrapped, sg_slice(cek, 16));
	assert_gives(rsa, pkcs1, sg_slice(wrapped.p + 1, LEN - 1), sg_slice(cek, 16));
	/* A bad one gives one substitute in both spellings. */
	uint8_t full[LEN] = {0}, want[SG_SHA256_LEN];
	memset(full + 100, 0x55, LEN - 100);
	assert_sg_ok(sg_hmac_sha256(SECRET, sg_slice(full, LEN), want, &err));
	for (size_t skip = 0; skip <= 100; skip += 10)
		assert_gives(rsa, pkcs1, sg_slice(full + skip, LEN - skip), sg_slice(want, 32));
}

static void
unwrap__zero_one_and_minus_one__substitute(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t c[LEN] = {0}, want[SG_SHA256_LEN];
	assert_substitutes(rsa, pkcs1, sg_slice(c, LEN), 16);
	assert_substitutes(rsa, oaep_sha256, sg_slice(c, LEN), 16);
	assert_sg_ok(sg_hmac_sha256(SECRET, sg_slice(c, LEN), want, &err));
	assert_gives(rsa, pkcs1, sg_slice(NULL, 0), sg_slice(want, 16));
	c[LEN - 1] = 1;
	assert_substitutes(rsa, pkcs1, sg_slice(c, LEN), 16);
	memcpy(c, rsa->modulus.p, LEN);
	c[LEN - 1] ^= 1; /* odd: now n - 1 */
	assert_substitutes(rsa, pkcs1, sg_slice(c, LEN), 16);
	assert_substitutes(rsa, oaep_sha256, sg_slice(c, LEN), 16);
}

static void
assert_refused(const struct sg_key *key, struct sg_keytrans t, struct sg_slice wrapped,
    struct sg_slice secret, size_t cek_len, enum sg_code code, const char *rule)
{
	struct sg_err err;
	uint8_t out[SG_CEK_MAX];
	memset(out, 0xee, sizeof out);
	assert_sg_fail(sg_unwrap_key(key, t, wrapped, secret, cek_len, out, &err), code, rule);
	for (size_t i = 0; i < sizeof out; i++)
		assert_int_equal(out[i], 0xee);
}

static void
unwrap__public_reasons__refused(void **state)
{
	(void)state;
	uint8_t c[LEN + 1] = {0};
	struct sg_slice full = sg_slice(c, LEN);
	sg_scoped(key) ec = private_key(p256_pem);
	sg_scoped(key) pub = public_key(rsa_spki);
	const struct sg_keytrans none = {.transport = SG_TRANSPORT_NONE};
	const struct sg_keytrans md5 = {SG_TRANSPORT_OAEP, SG_HASH_SHA1, SG_HASH_NONE};

	assert_refused(ec, pkcs1, full, SECRET, 16, SG_E_ALG, "keytrans.key");
	assert_refused(rsa, none, full, SECRET, 16, SG_E_ALG, "keytrans.unknown");
	assert_refused(rsa, md5, full, SECRET, 16, SG_E_ALG, "keytrans.unknown");
	assert_refused(rsa, pkcs1, full, SECRET, 0, SG_E_LIMIT, "keytrans.size");
	assert_refused(rsa, pkcs1, full, SECRET, 33, SG_E_LIMIT, "keytrans.size");
	assert_refused(pub, pkcs1, full, SECRET, 16, SG_E_INTERNAL, "key.private");
	assert_refused(
	    rsa, pkcs1, full, sg_slice(secret_bytes, 15), 16, SG_E_INTERNAL, "unwrap.secret");
	assert_refused(rsa, pkcs1, sg_slice(c, LEN + 1), SECRET, 16, SG_E_MALFORMED, "unwrap.size");
	assert_refused(rsa, pkcs1, rsa->modulus, SECRET, 16, SG_E_MALFORMED, "unwrap.range");
	memset(c, 0xff, LEN);
	assert_refused(rsa, pkcs1, full, SECRET, 16, SG_E_MALFORMED, "unwrap.range");
	assert_refused(rsa, oaep_sha256, full, SECRET, 16, SG_E_MALFORMED, "unwrap.range");
	/* And the key is as good as before. */
	sg_buf_scoped b = {0};
	assert_gives(rsa, pkcs1, unhex(wrapped_pkcs1_16, &b), sg_slice(cek, 16));
}

static void
unwrap__no_allocation_of_ours__cannot_fail_there(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_slice wrapped = unhex(wrapped_pkcs1_16, &b);
	alloc_fail_at(1);
	assert_gives(rsa, pkcs1, wrapped, sg_slice(cek, 16));
	alloc_fail_at(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(unwrap__known_answers__open),
	    cmocka_unit_test(unwrap__modulus_of_2050_bits__opens),
	    cmocka_unit_test(unwrap__what_we_wrap__opens),
	    cmocka_unit_test(unwrap__pkcs1_wrapped_many_times__opens_and_differs),
	    cmocka_unit_test(unwrap__substitute__known_answer),
	    cmocka_unit_test(unwrap__two_bad_ciphertexts_or_secrets__differ),
	    cmocka_unit_test(unwrap_pkcs1__each_length__opens),
	    cmocka_unit_test(unwrap_pkcs1__key_of_any_bytes__opens),
	    cmocka_unit_test(unwrap_pkcs1__each_byte_of_padding_wrong__substitute),
	    cmocka_unit_test(unwrap_pkcs1__each_bit_of_the_fixed_bytes__substitute),
	    cmocka_unit_test(unwrap_pkcs1__padding_bytes_of_one_bit__open),
	    cmocka_unit_test(unwrap_pkcs1__key_of_another_length__substitute),
	    cmocka_unit_test(unwrap_pkcs1__no_zero_or_signature_block__substitute),
	    cmocka_unit_test(unwrap_oaep__each_hash_and_length__opens),
	    cmocka_unit_test(unwrap_oaep__each_byte_wrong__substitute),
	    cmocka_unit_test(unwrap_oaep__masked_bytes_changed__substitute),
	    cmocka_unit_test(unwrap_oaep__label_or_another_length__substitute),
	    cmocka_unit_test(unwrap__leading_zeros_missing__same_answer),
	    cmocka_unit_test(unwrap__zero_one_and_minus_one__substitute),
	    cmocka_unit_test(unwrap__public_reasons__refused),
	    cmocka_unit_test(unwrap__no_allocation_of_ours__cannot_fail_there),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
