/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto_test.h"

#include "asn1/derw.h"
#include "base/limits.h"
#include "crypto/key_private.h"
#include "lib/alloc_fail.h"
#include "vectors.h"

static const char *const good_spkis[] = {rsa_spki, p256_spki, p384_spki, p521_spki};
#define GOOD (sizeof good_spkis / sizeof good_spkis[0])

/* An SPKI whose parts can each be wrong. */
struct recipe {
	const char *oid;    /* hexadecimal contents */
	const char *params; /* hexadecimal element, "" for none */
	struct sg_slice n, e;
	bool key_tail; /* an INTEGER more in RSAPublicKey */
	bool alg_tail; /* a NULL more in AlgorithmIdentifier */
};

#define OID_RSA "2a864886f70d010101"
#define NULL_TLV "0500"

static void
put_hex(struct sg_buf *b, const char *hex)
{
	sg_buf_scoped bytes = {0};
	sg_buf_put_slice(b, unhex(hex, &bytes));
}

static struct sg_slice
cook(const struct recipe *r, struct sg_buf *b)
{
	sg_buf_scoped oid = {0};
	sg_buf_reset(b);
	size_t spki = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t alg = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, unhex(r->oid, &oid));
	put_hex(b, r->params);
	if (r->alg_tail)
		sg_derw_null(b);
	sg_derw_end(b, alg);
	size_t bits = sg_derw_begin(b, SG_DER_BIT_STRING);
	sg_buf_put_u8(b, 0);
	size_t key = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_magnitude(b, r->n);
	sg_derw_magnitude(b, r->e);
	if (r->key_tail)
		sg_derw_uint(b, 1);
	sg_derw_end(b, key);
	sg_derw_end(b, bits);
	sg_derw_end(b, spki);
	assert_int_equal(b->failed, SG_OK);
	return sg_buf_slice(b);
}

/* A number of that many bits, all ones. */
static struct sg_slice
ones(unsigned bits, uint8_t *store)
{
	size_t len = (bits + 7) / 8;
	memset(store, 0xff, len);
	if (bits % 8 != 0)
		store[0] = (uint8_t)((1u << (bits % 8)) - 1);
	return sg_slice(store, len);
}

static struct recipe
good_recipe(uint8_t *store)
{
	return (struct recipe){
	    .oid = OID_RSA, .params = NULL_TLV, .n = ones(2048, store), .e = sg_slice("\x03", 1)};
}

static void
assert_refused(struct sg_slice spki, enum sg_code code, const char *rule)
{
	struct sg_err err;
	struct sg_key *key = (struct sg_key *)&err;
	assert_sg_fail(sg_key_from_spki(spki, &key, &err), code, rule);
	assert_ptr_equal(key, &err);
}

static void
from_spki__each_type__same_bytes_out(void **state)
{
	(void)state;
	const enum sg_keytype types[] = {SG_KEY_RSA, SG_KEY_P256, SG_KEY_P384, SG_KEY_P521};
	const unsigned bits[] = {2048, 256, 384, 521};
	for (size_t i = 0; i < GOOD; i++) {
		struct sg_err err = {0};
		sg_buf_scoped in = {0}, out = {0};
		sg_scoped(key) key = public_key(good_spkis[i]);
		assert_int_equal(sg_key_type(key), types[i]);
		assert_int_equal(sg_key_bits(key), bits[i]);
		assert_sg_ok(sg_key_put_spki(key, &out, &err));
		assert_slice_equal(sg_buf_slice(&out), unhex(good_spkis[i], &in));
	}
}

static void
from_spki__every_prefix__malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < GOOD; i++) {
		sg_buf_scoped b = {0};
		struct sg_slice spki = unhex(good_spkis[i], &b);
		for (size_t len = 0; len < spki.len; len++)
			assert_refused(sg_slice(spki.p, len), SG_E_MALFORMED, "der");
		sg_buf_put_u8(&b, 0);
		assert_refused(sg_buf_slice(&b), SG_E_MALFORMED, "der");
	}
}

static void
from_spki__any_byte_changed__refused_or_same_bytes_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < GOOD; i++) {
		struct sg_err err = {0};
		sg_buf_scoped b = {0}, out = {0};
		size_t len = unhex(good_spkis[i], &b).len;
		for (size_t n = 0; n < 8 * len; n++) {
			sg_scoped(key) key = NULL;
			b.p[n / 8] ^= (uint8_t)(1u << n % 8);
			/* A key has one encoding, and it is the one that we keep. */
			if (sg_key_from_spki(sg_buf_slice(&b), &key, NULL) == SG_OK) {
				sg_buf_reset(&out);
				assert_sg_ok(sg_key_put_spki(key, &out, &err));
				assert_slice_equal(sg_buf_slice(&out), sg_buf_slice(&b));
			}
			b.p[n / 8] ^= (uint8_t)(1u << n % 8);
		}
	}
}

static void
from_spki__rsa_without_null__accepted_and_written_with_it(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t store[1025];
	sg_buf_scoped in = {0}, out = {0}, want = {0};
	sg_scoped(key) key = NULL;
	struct recipe r = good_recipe(store);
	cook(&r, &want);
	r.params = "";
	assert_sg_ok(sg_key_from_spki(cook(&r, &in), &key, &err));
	assert_sg_ok(sg_key_put_spki(key, &out, &err));
	assert_slice_equal(sg_buf_slice(&out), sg_buf_slice(&want));
}

static void
canonical_spki__each_key__one_form(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t store[1025];
	sg_buf_scoped in = {0}, out = {0}, want = {0};
	for (size_t i = 0; i < GOOD; i++) {
		sg_buf_reset(&out);
		sg_buf_reset(&in);
		assert_sg_ok(sg_key_canonical_spki(unhex(good_spkis[i], &in), &out, &err));
		assert_slice_equal(sg_buf_slice(&out), sg_buf_slice(&in));
		for (size_t len = 0; len < in.len; len++)
			assert_sg_fail(sg_key_canonical_spki(sg_slice(in.p, len), &out, &err),
			    SG_E_MALFORMED, "der");
	}
	struct recipe r = good_recipe(store);
	cook(&r, &want);
	r.params = "";
	sg_buf_reset(&out);
	sg_buf_reset(&in);
	assert_sg_ok(sg_key_canonical_spki(cook(&r, &in), &out, &err));
	assert_slice_equal(sg_buf_slice(&out), sg_buf_slice(&want));
	r.params = "020100";
	sg_buf_reset(&in);
	assert_sg_fail(sg_key_canonical_spki(cook(&r, &in), &out, &err), SG_E_MALFORMED, "der");
}

static void
from_spki__rsa_structure__refused(void **state)
{
	(void)state;
	uint8_t store[1025];
	sg_buf_scoped b = {0};
	struct recipe r = good_recipe(store);
	r.params = "050100";
	assert_refused(cook(&r, &b), SG_E_MALFORMED, "der");
	r.params = "020100";
	assert_refused(cook(&r, &b), SG_E_MALFORMED, "der");
	r = good_recipe(store);
	r.alg_tail = true;
	assert_refused(cook(&r, &b), SG_E_MALFORMED, "der");
	r = good_recipe(store);
	r.key_tail = true;
	assert_refused(cook(&r, &b), SG_E_MALFORMED, "der");
	/* One unused bit; the BIT STRING's first octet is behind 3+4+15+4 bytes of headers. */
	r = good_recipe(store);
	cook(&r, &b);
	assert_int_equal(b.p[19], SG_DER_BIT_STRING);
	b.p[23] = 1;
	assert_refused(sg_buf_slice(&b), SG_E_MALFORMED, "der");
	/* A negative modulus: no sign byte. */
	sg_buf_scoped in = {0};
	cook(&r, &in);
	assert_int_equal(in.p[28], SG_DER_INTEGER);
	in.p[32] = 0x80;
	assert_refused(sg_buf_slice(&in), SG_E_MALFORMED, "der");
}

static void
from_spki__rsa_sizes__limits_hold(void **state)
{
	(void)state;
	const unsigned bad[] = {1, 512, 1024, 2040, 2047, 8193, 8200};
	const unsigned good[] = {2048, 2049, 2055, 2056, 3072, 4096, 8191, 8192};
	uint8_t store[1025];
	sg_buf_scoped b = {0};
	struct recipe r = good_recipe(store);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		r.n = ones(bad[i], store);
		assert_refused(cook(&r, &b), SG_E_LIMIT, "key.size");
	}
	r.n = sg_slice(NULL, 0);
	assert_refused(cook(&r, &b), SG_E_LIMIT, "key.size");
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct sg_err err = {0};
		sg_scoped(key) key = NULL;
		sg_buf_scoped out = {0};
		r.n = ones(good[i], store);
		assert_sg_ok(sg_key_from_spki(cook(&r, &b), &key, &err));
		assert_int_equal(sg_key_bits(key), good[i]);
		assert_slice_equal(key->modulus, r.n);
		assert_sg_ok(sg_key_put_spki(key, &out, &err));
		assert_slice_equal(sg_buf_slice(&out), sg_buf_slice(&b));
	}
}

static void
from_spki__rsa_even_modulus__malformed(void **state)
{
	(void)state;
	uint8_t store[1025];
	sg_buf_scoped b = {0};
	struct recipe r = good_recipe(store);
	store[255] = 0xfe;
	assert_refused(cook(&r, &b), SG_E_MALFORMED, "key.modulus");
}

static void
from_spki__rsa_exponents__limits_hold(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t store[1025];
	sg_buf_scoped b = {0};
	struct recipe r = good_recipe(store);
	const char *const malformed[] = {"\x01", "\x02", "\x04", "\x01\x00\x00"};
	const size_t malformed_len[] = {1, 1, 1, 3};
	r.e = sg_slice(NULL, 0);
	assert_refused(cook(&r, &b), SG_E_MALFORMED, "key.exponent");
	for (size_t i = 0; i < 4; i++) {
		r.e = sg_slice(malformed[i], malformed_len[i]);
		assert_refused(cook(&r, &b), SG_E_MALFORMED, "key.exponent");
	}
	r.e = sg_slice("\x01\x00\x00\x00\x00\x00\x00\x00\x01", SG_RSA_E_MAX_LEN + 1);
	assert_refused(cook(&r, &b), SG_E_LIMIT, "key.exponent");
	r.e = sg_slice("\xff\xff\xff\xff\xff\xff\xff\xff", SG_RSA_E_MAX_LEN);
	sg_scoped(key) key = NULL;
	sg_buf_scoped out = {0};
	assert_sg_ok(sg_key_from_spki(cook(&r, &b), &key, &err));
	assert_sg_ok(sg_key_put_spki(key, &out, &err));
	assert_slice_equal(sg_buf_slice(&out), sg_buf_slice(&b));
	/* The modulus is found in front of an exponent with a sign byte, too. */
	assert_slice_equal(key->modulus, r.n);
}

static void
from_spki__point_off_the_curve__malformed(void **state)
{
	(void)state;
	for (size_t i = 1; i < GOOD; i++) {
		sg_buf_scoped b = {0};
		struct sg_slice spki = unhex(good_spkis[i], &b);
		b.p[spki.len - 1] ^= 1;
		assert_refused(sg_buf_slice(&b), SG_E_MALFORMED, "key.point");
	}
}

static void
from_spki__coordinate_not_below_prime__malformed(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_slice spki = unhex(p256_spki, &b);
	memset(b.p + spki.len - 64, 0xff, 32);
	assert_refused(sg_buf_slice(&b), SG_E_MALFORMED, "key.point");
	memset(b.p + spki.len - 64, 0, 64);
	assert_refused(sg_buf_slice(&b), SG_E_MALFORMED, "key.point");
}

static void
from_spki__other_point_forms__malformed(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	assert_refused(unhex(p256_compressed_spki, &b), SG_E_MALFORMED, "key.point");
	assert_refused(unhex(p256_hybrid_spki, &b), SG_E_MALFORMED, "key.point");
	/* The point at infinity, no point, a byte too few and too many. */
	const char *const head = "301306072a8648ce3d020106082a8648ce3d030107";
	const size_t lens[] = {0, 1, 64, 66};
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		uint8_t point[66] = {(uint8_t)(lens[i] > 1 ? 0x04 : 0x00)};
		sg_buf_reset(&b);
		size_t spki = sg_derw_begin(&b, SG_DER_SEQUENCE);
		put_hex(&b, head);
		sg_derw_bits(&b, sg_slice(point, lens[i]));
		sg_derw_end(&b, spki);
		assert_refused(sg_buf_slice(&b), SG_E_MALFORMED, "key.point");
	}
}

static void
from_spki__other_keys_and_curves__alg(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	assert_refused(unhex(ed25519_spki, &b), SG_E_ALG, "key.type");
	assert_refused(unhex(rsa_pss_spki, &b), SG_E_ALG, "key.type");
	assert_refused(unhex(k256_spki, &b), SG_E_ALG, "key.curve");
	assert_refused(unhex(p256_explicit_spki, &b), SG_E_ALG, "key.curve");
}

static void
from_spki__nth_allocation_fails__nomem(void **state)
{
	(void)state;
	for (size_t i = 0; i < GOOD; i++) {
		sg_buf_scoped b = {0};
		struct sg_slice spki = unhex(good_spkis[i], &b);
		unsigned long n = 1;
		for (;; n++) {
			struct sg_err err = {0};
			sg_scoped(key) key = NULL;
			alloc_fail_at(n);
			enum sg_code rc = sg_key_from_spki(spki, &key, &err);
			alloc_fail_at(0);
			if (rc == SG_OK)
				break;
			assert_int_equal(rc, SG_E_NOMEM);
			assert_string_equal(err.rule, "memory");
			assert_null(key);
		}
		assert_true(n > 1 && n < 10);
	}
}

static void
put_spki__buffer_full__limit(void **state)
{
	(void)state;
	struct sg_err err;
	sg_scoped(key) key = public_key(rsa_spki);
	sg_buf_scoped out = {.max = 10};
	assert_sg_fail(sg_key_put_spki(key, &out, &err), SG_E_LIMIT, "limit.buffer");
}

static void
same_public__private_and_other__decided(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_scoped(key) pub = public_key(p256_spki);
	sg_scoped(key) priv = private_key(p256_pem);
	sg_scoped(key) other = NULL;
	sg_scoped(key) rsa = public_key(rsa_spki);
	assert_sg_ok(sg_key_same_public(pub, priv, &err));
	assert_sg_ok(sg_key_generate(SG_KEY_P256, 0, &other, &err));
	assert_sg_fail(sg_key_same_public(pub, other, &err), SG_E_DENIED, "key.match");
	assert_sg_fail(sg_key_same_public(pub, rsa, &err), SG_E_DENIED, "key.match");
}

static void
sigalg__by_type__default(void **state)
{
	(void)state;
	sg_scoped(key) rsa = public_key(rsa_spki);
	sg_scoped(key) ec = public_key(p384_spki);
	assert_int_equal(sg_key_sigalg(rsa, SG_HASH_SHA256).scheme, SG_SIG_RSA_PKCS1);
	assert_int_equal(sg_key_sigalg(rsa, SG_HASH_SHA256).hash, SG_HASH_SHA256);
	assert_int_equal(sg_key_sigalg(ec, SG_HASH_SHA384).scheme, SG_SIG_ECDSA);
}

static void
free__null__nothing(void **state)
{
	(void)state;
	struct sg_key *key = NULL;
	sg_key_free(&key);
	key = public_key(p256_spki);
	sg_key_free(&key);
	assert_null(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(from_spki__each_type__same_bytes_out),
	    cmocka_unit_test(from_spki__every_prefix__malformed),
	    cmocka_unit_test(from_spki__any_byte_changed__refused_or_same_bytes_out),
	    cmocka_unit_test(from_spki__rsa_without_null__accepted_and_written_with_it),
	    cmocka_unit_test(canonical_spki__each_key__one_form),
	    cmocka_unit_test(from_spki__rsa_structure__refused),
	    cmocka_unit_test(from_spki__rsa_sizes__limits_hold),
	    cmocka_unit_test(from_spki__rsa_even_modulus__malformed),
	    cmocka_unit_test(from_spki__rsa_exponents__limits_hold),
	    cmocka_unit_test(from_spki__point_off_the_curve__malformed),
	    cmocka_unit_test(from_spki__coordinate_not_below_prime__malformed),
	    cmocka_unit_test(from_spki__other_point_forms__malformed),
	    cmocka_unit_test(from_spki__other_keys_and_curves__alg),
	    cmocka_unit_test(from_spki__nth_allocation_fails__nomem),
	    cmocka_unit_test(put_spki__buffer_full__limit),
	    cmocka_unit_test(same_public__private_and_other__decided),
	    cmocka_unit_test(sigalg__by_type__default),
	    cmocka_unit_test(free__null__nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
