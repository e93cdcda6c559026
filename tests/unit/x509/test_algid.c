/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "x509/algid.h"

#define SHA1 "06:2b0e03021a"
#define SHA256 "06:608648016503040201"
#define SHA512 "06:608648016503040203"
#define MGF1 "06:2a864886f70d010108"
#define RSA(n) "06:2a864886f70d0101" n
#define GOOD_HASH "30{ " SHA256 " 05: }"
#define GOOD_PSS                                                                                   \
	"30{ " RSA("0a") " 30{ a0{ 30{ " SHA256 " 05: } } a1{ 30{ " MGF1 " 30{ " SHA256            \
			 " 05: } } } a2{ 02:20 } a3{ 02:01 } } }"
#define GOOD_OAEP                                                                                  \
	"30{ " RSA("07") " 30{ a0{ 30{ " SHA256 " 05: } } a1{ 30{ " MGF1 " 30{ " SHA1              \
			 " 05: } } } a2{ 30{ " RSA("09") " 04: } } } }"

static enum sg_hash got_hash;
static struct sg_sigalg got_sig;
static struct sg_keytrans got_trans;
static enum sg_cipher got_cipher;
static struct sg_slice got_iv;

static enum sg_code
hash(struct sg_slice der, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);
	got_hash = sg_algid_hash(&d);
	sg_der_end(&d, "test");
	return sg_der_status(&d);
}

static enum sg_code
sig(struct sg_slice der, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);
	got_sig = sg_algid_sig(&d);
	sg_der_end(&d, "test");
	return sg_der_status(&d);
}

static enum sg_code
trans(struct sg_slice der, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);
	got_trans = sg_algid_keytrans(&d);
	sg_der_end(&d, "test");
	return sg_der_status(&d);
}

static enum sg_code
cipher(struct sg_slice der, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);
	got_cipher = sg_algid_cipher(&d, &got_iv);
	sg_der_end(&d, "test");
	return sg_der_status(&d);
}

static void
algid_hash__written__read_back(void **state)
{
	(void)state;
	for (enum sg_hash h = SG_HASH_SHA1; h <= SG_HASH_SHA512; h++) {
		sg_buf_scoped b = {0};
		sg_algid_put_hash(&b, h);
		assert_int_equal(hash(sg_buf_slice(&b), NULL), SG_OK);
		assert_int_equal(got_hash, h);
		expect_whole(hash, sg_buf_slice(&b));
	}
	static const struct bad_row rows[] = {{" 05:", "", 0, ""}};
	expect_good(hash, GOOD_HASH, rows, 1);
}

static void
algid_hash__bad__refused(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {"05:", "05:00", SG_E_MALFORMED, "alg.params"},
	    {"05:", "30{}", SG_E_MALFORMED, "alg.params"},
	    {"05:", "04:", SG_E_MALFORMED, "alg.params"},
	    {"05:", "05: 05:", SG_E_MALFORMED, "der"},
	    {SHA256, "", SG_E_MALFORMED, "der"},
	    {SHA256, "04:60", SG_E_MALFORMED, "der"},
	    {SHA256, "06:2a864886f70d0205", SG_E_ALG, "alg.md5"},
	    {SHA256, "06:2a864886f70d0202", SG_E_ALG, "alg.md5"},
	    {SHA256, "06:2a864886f70d0204", SG_E_ALG, "alg.md5"},
	    {SHA256, "06:2a864886f70d0203", SG_E_ALG, "alg.unknown"},
	    {SHA256, "06:608648016503040204", SG_E_ALG, "alg.unknown"}, /* SHA-224 */
	    {SHA256, RSA("0b"), SG_E_ALG, "alg.unknown"},
	    {GOOD_HASH, "31{ " SHA256 " }", SG_E_MALFORMED, "der"},
	};
	expect_bad(hash, GOOD_HASH, rows, sizeof rows / sizeof rows[0]);
}

static void
algid_sig__written__read_back(void **state)
{
	(void)state;
	for (enum sg_sigscheme s = SG_SIG_RSA_PKCS1; s <= SG_SIG_ECDSA; s++) {
		for (enum sg_hash h = SG_HASH_SHA1; h <= SG_HASH_SHA512; h++) {
			struct sg_sigalg alg = {.scheme = s, .hash = h};
			sg_buf_scoped b = {0};
			sg_algid_put_sig(&b, alg);
			assert_int_equal(sig(sg_buf_slice(&b), NULL), SG_OK);
			assert_int_equal(got_sig.scheme, s);
			assert_int_equal(got_sig.hash, h);
			assert_int_equal(
			    got_sig.pss_salt_len, s == SG_SIG_RSA_PSS ? (int)sg_hash_len(h) : 0);
			expect_whole(sig, sg_buf_slice(&b));
			sg_buf_reset(&b);
			sg_algid_put_signer_sig(&b, alg);
			assert_int_equal(sig(sg_buf_slice(&b), NULL), SG_OK);
			assert_int_equal(got_sig.hash, s == SG_SIG_RSA_PKCS1 ? SG_HASH_NONE : h);
		}
	}
}

static void
algid_sig__without_params_and_defaults__ok(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	assert_int_equal(sig(asn(&b, "30{ " RSA("0b") " }"), NULL), SG_OK);
	assert_int_equal(got_sig.hash, SG_HASH_SHA256);
	assert_int_equal(sig(asn(&b, "30{ " RSA("0a") " 30{} }"), NULL), SG_OK);
	assert_int_equal(got_sig.hash, SG_HASH_SHA1);
	assert_int_equal(got_sig.pss_salt_len, 20);
	assert_int_equal(sig(asn(&b, "30{ " RSA("0a") " }"), NULL), SG_OK);
	assert_int_equal(got_sig.hash, SG_HASH_SHA1);
	assert_int_equal(got_sig.pss_salt_len, 20);
	assert_int_equal(sig(asn(&b, "30{ 06:2a8648ce3d040302 05: }"), NULL), SG_OK);
	assert_int_equal(got_sig.scheme, SG_SIG_ECDSA);
	/* MGF1 with another hash, said or by default, and written again as it was. */
	static const struct {
		const char *from, *to;
		enum sg_hash hash, mgf1;
	} others[] = {
	    {"a0{ 30{ " SHA256 " 05: } }", "a0{ 30{ " SHA512 " 05: } }", SG_HASH_SHA512,
		SG_HASH_SHA256},
	    {"a0{ 30{ " SHA256 " 05: } } ", "", SG_HASH_SHA1, SG_HASH_SHA256},
	    {"a1{ 30{ " MGF1 " 30{ " SHA256 " 05: } } } ", "", SG_HASH_SHA256, SG_HASH_SHA1},
	};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		sg_buf_scoped again = {0};
		asn_with(&b, GOOD_PSS, others[i].from, others[i].to);
		for (int n = 0; n < 2; n++) {
			assert_int_equal(sig(sg_buf_slice(n ? &again : &b), NULL), SG_OK);
			assert_int_equal(got_sig.hash, others[i].hash);
			assert_int_equal(got_sig.pss_mgf1, others[i].mgf1);
			sg_algid_put_sig(&again, got_sig);
		}
		sg_buf_reset(&again);
	}
	static const struct bad_row rows[] = {
	    {"a2{ 02:20 }", "a2{ 02:00 }", 0, ""},
	    {"a2{ 02:20 }", "a2{ 02:40 }", 0, ""},
	    {" a3{ 02:01 }", "", 0, ""},
	    {" 05: } } a1", " } } a1", 0, ""},
	};
	expect_good(sig, GOOD_PSS, rows, sizeof rows / sizeof rows[0]);
}

static void
algid_sig__bad__refused(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {RSA("0a"), RSA("04"), SG_E_ALG, "alg.md5"},
	    {RSA("0a"), RSA("02"), SG_E_ALG, "alg.md5"},
	    {RSA("0a"), RSA("03"), SG_E_ALG, "alg.md5"},
	    {RSA("0a"), RSA("0e"), SG_E_ALG, "alg.unknown"},
	    {RSA("0a"), RSA("0b"), SG_E_MALFORMED, "alg.params"},
	    {RSA("0a"), "06:2a8648ce3d040302", SG_E_MALFORMED, "alg.params"},
	    {RSA("0a"), "06:2a8648ce380403", SG_E_ALG, "alg.unknown"}, /* DSA */
	    {RSA("0a"), "06:2b6570", SG_E_ALG, "alg.unknown"},	       /* Ed25519 */
	    {"30{ a0{ 30{ " SHA256, "31{ a0{ 30{ " SHA256, SG_E_MALFORMED, "der"},
	    {"a0{ 30{ " SHA256, "a0{ 30{ 06:2a864886f70d0205", SG_E_ALG, "alg.md5"},
	    {"a0{ 30{ " SHA256 " 05: } }", "a0{ 30{ " SHA256 " 05: } 05: }", SG_E_MALFORMED, "der"},
	    {MGF1, RSA("09"), SG_E_ALG, "alg.unknown"},
	    {MGF1 " 30{ " SHA256 " 05: }", MGF1, SG_E_MALFORMED, "der"},
	    {MGF1 " 30{ " SHA256 " 05: }", MGF1 " 05:", SG_E_MALFORMED, "der"},
	    {"a2{ 02:20 }", "a2{ 02:0401 }", SG_E_ALG, "alg.pss.salt"},
	    {"a2{ 02:20 }", "a2{ 02:ff }", SG_E_MALFORMED, "der"},
	    {"a2{ 02:20 }", "a2{ 02:020000000000000000 }", SG_E_LIMIT, "der.integer"},
	    {"a2{ 02:20 }", "a2{ 02:20 02:20 }", SG_E_MALFORMED, "der"},
	    {"a2{ 02:20 }", "a2{ 02:20 } a2{ 02:20 }", SG_E_MALFORMED, "der"},
	    {"a2{ 02:20 }", "a2{}", SG_E_MALFORMED, "der"},
	    {"a3{ 02:01 }", "a3{ 02:02 }", SG_E_ALG, "alg.pss.trailer"},
	    {"a3{ 02:01 }", "a3{ 02:01 } a4{ 02:01 }", SG_E_MALFORMED, "der"},
	    {GOOD_PSS, "30{ " RSA("0a") " 05: }", SG_E_MALFORMED, "der"},
	    {GOOD_PSS, "30{ 06:2a8648ce3d040302 05:00 }", SG_E_MALFORMED, "alg.params"},
	    {GOOD_PSS, "30{ 06:2a8648ce3d040302 30{} }", SG_E_MALFORMED, "alg.params"},
	    {MGF1 " 30{ " SHA256, MGF1 " 30{ 06:2a864886f70d0205", SG_E_ALG, "alg.md5"},
	};
	expect_bad(sig, GOOD_PSS, rows, sizeof rows / sizeof rows[0]);
	sg_buf_scoped b = {0};
	expect_whole(sig, asn(&b, GOOD_PSS));
}

static void
algid_cipher__written__read_back(void **state)
{
	(void)state;
	static const uint8_t iv[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	for (enum sg_cipher c = SG_CIPHER_AES128_CBC; c <= SG_CIPHER_DES_CBC; c++) {
		sg_buf_scoped b = {0};
		sg_algid_put_cipher(&b, c, iv);
		assert_int_equal(cipher(sg_buf_slice(&b), NULL), SG_OK);
		assert_int_equal(got_cipher, c);
		assert_true(sg_slice_eq(got_iv, sg_slice(iv, c <= SG_CIPHER_AES256_CBC ? 16 : 8)));
		expect_whole(cipher, sg_buf_slice(&b));
	}
}

static void
algid_cipher__bad__refused(void **state)
{
	(void)state;
	static const char good[] = "30{ 06:60864801650304012a 04'0123456789abcdef' }";
	static const struct bad_row rows[] = {
	    {"04'0123456789abcdef'", "", SG_E_MALFORMED, "alg.iv"},
	    {"04'0123456789abcdef'", "05:", SG_E_MALFORMED, "alg.iv"},
	    {"04'0123456789abcdef'", "04'0123456789abcde'", SG_E_MALFORMED, "alg.iv"},
	    {"04'0123456789abcdef'", "04'0123456789abcdef0'", SG_E_MALFORMED, "alg.iv"},
	    {"04'0123456789abcdef'", "30{ 04'0123456789abcdef' }", SG_E_MALFORMED, "alg.iv"},
	    {"04'0123456789abcdef'", "04'01234567' 04'89abcdef'", SG_E_MALFORMED, "der"},
	    {"06:60864801650304012a", "06:2a864886f70d0307", SG_E_MALFORMED, "alg.iv"},
	    {"06:60864801650304012a", "06:2a864886f70d0302", SG_E_ALG, "alg.unknown"},	 /* RC2 */
	    {"06:60864801650304012a", "06:60864801650304012e", SG_E_ALG, "alg.unknown"}, /* GCM */
	};
	expect_bad(cipher, good, rows, sizeof rows / sizeof rows[0]);
}

static void
algid_keytrans__written__read_back(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_algid_put_keytrans(&b, (struct sg_keytrans){.transport = SG_TRANSPORT_PKCS1});
	assert_int_equal(trans(sg_buf_slice(&b), NULL), SG_OK);
	assert_int_equal(got_trans.transport, SG_TRANSPORT_PKCS1);
	assert_int_equal(got_trans.oaep_hash, SG_HASH_NONE);
	for (enum sg_hash h = SG_HASH_SHA1; h <= SG_HASH_SHA512; h++) {
		for (enum sg_hash m = SG_HASH_SHA1; m <= SG_HASH_SHA512; m++) {
			sg_buf_reset(&b);
			sg_algid_put_keytrans(&b, (struct sg_keytrans){SG_TRANSPORT_OAEP, h, m});
			assert_int_equal(trans(sg_buf_slice(&b), NULL), SG_OK);
			assert_int_equal(got_trans.transport, SG_TRANSPORT_OAEP);
			assert_int_equal(got_trans.oaep_hash, h);
			assert_int_equal(got_trans.mgf1_hash, m);
		}
	}
	expect_whole(trans, sg_buf_slice(&b));
}

static void
algid_keytrans__defaults_and_hashes_apart__ok(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	assert_int_equal(trans(asn(&b, "30{ " RSA("07") " }"), NULL), SG_OK);
	assert_int_equal(got_trans.oaep_hash, SG_HASH_SHA1);
	assert_int_equal(got_trans.mgf1_hash, SG_HASH_SHA1);
	assert_int_equal(trans(asn(&b, GOOD_OAEP), NULL), SG_OK);
	assert_int_equal(got_trans.oaep_hash, SG_HASH_SHA256);
	assert_int_equal(got_trans.mgf1_hash, SG_HASH_SHA1);
	assert_int_equal(trans(asn(&b, "30{ " RSA("01") " }"), NULL), SG_OK);
}

static void
algid_keytrans__bad__refused(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {RSA("09") " 04:", RSA("09") " 04:00", SG_E_ALG, "alg.oaep.label"},
	    {RSA("09") " 04:", RSA("09"), SG_E_ALG, "alg.oaep.label"},
	    {RSA("09") " 04:", RSA("09") " 05:", SG_E_ALG, "alg.oaep.label"},
	    {RSA("09") " 04:", RSA("0a") " 04:", SG_E_ALG, "alg.oaep.label"},
	    {"a2{ 30{ " RSA("09") " 04: } }", "a2{ 30{ " RSA("09") " 04: } 05: }", SG_E_MALFORMED,
		"der"},
	    {"a2{", "a3{", SG_E_MALFORMED, "der"},
	    {SHA256, "06:2a864886f70d0205", SG_E_ALG, "alg.md5"},
	    {RSA("07"), RSA("01"), SG_E_MALFORMED, "alg.params"},
	    {RSA("07"), "06:2a8648ce3d0201", SG_E_ALG, "alg.unknown"},
	};
	expect_bad(trans, GOOD_OAEP, rows, sizeof rows / sizeof rows[0]);
	sg_buf_scoped b = {0};
	expect_whole(trans, asn(&b, GOOD_OAEP));
}

static void
visit(struct sg_slice der, enum asn_edit edit)
{
	struct sg_err err;
	(void)edit;
	sg_ignore(hash(der, &err));
	sg_ignore(sig(der, &err));
	sg_ignore(trans(der, &err));
	sg_ignore(cipher(der, &err));
}

static void
algid_all__every_edit__survived(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	asn_each_edit(asn(&b, GOOD_PSS), visit);
	asn_each_edit(asn(&b, GOOD_OAEP), visit);
}

static void
algid_put__nothing__buffer_fails(void **state)
{
	(void)state;
	sg_buf_scoped b1 = {0}, b2 = {0}, b3 = {0}, b4 = {0}, b5 = {0};
	uint8_t iv[16] = {0};
	sg_algid_put_hash(&b1, SG_HASH_NONE);
	sg_algid_put_sig(&b2, (struct sg_sigalg){.scheme = SG_SIG_ECDSA});
	sg_algid_put_sig(&b3, (struct sg_sigalg){.scheme = SG_SIG_RSA_PSS});
	sg_algid_put_cipher(&b4, SG_CIPHER_NONE, iv);
	sg_algid_put_keytrans(&b5, (struct sg_keytrans){0});
	assert_int_equal(sg_buf_check(&b1, NULL), SG_E_INTERNAL);
	assert_int_equal(sg_buf_check(&b2, NULL), SG_E_INTERNAL);
	assert_int_equal(sg_buf_check(&b3, NULL), SG_E_INTERNAL);
	assert_int_equal(sg_buf_check(&b4, NULL), SG_E_INTERNAL);
	assert_int_equal(sg_buf_check(&b5, NULL), SG_E_INTERNAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(algid_hash__written__read_back),
	    cmocka_unit_test(algid_hash__bad__refused),
	    cmocka_unit_test(algid_sig__written__read_back),
	    cmocka_unit_test(algid_sig__without_params_and_defaults__ok),
	    cmocka_unit_test(algid_sig__bad__refused),
	    cmocka_unit_test(algid_cipher__written__read_back),
	    cmocka_unit_test(algid_cipher__bad__refused),
	    cmocka_unit_test(algid_keytrans__written__read_back),
	    cmocka_unit_test(algid_keytrans__defaults_and_hashes_apart__ok),
	    cmocka_unit_test(algid_keytrans__bad__refused),
	    cmocka_unit_test(algid_all__every_edit__survived),
	    cmocka_unit_test(algid_put__nothing__buffer_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
