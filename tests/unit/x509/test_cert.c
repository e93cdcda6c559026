/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "unit/x509/vectors.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/signed.h"
#include "asn1/oid.h"

#define ISSUER "30{ 31{ 30{ 06:550403 0c'Test CA' } } }"
#define SUBJECT "30{ 31{ 30{ 06:550403 0c'dev1' } } }"
#define SPKI "30{ 30{ 06:2a8648ce3d0201 06:2a8648ce3d030107 } 03:0004aabb }"
#define ALG "30{ 06:2a864886f70d01010b 05: }"
#define TIMES "30{ 17'260102030405Z' 18'20500102030405Z' }"
#define EXTS "a3{ 30{ 30{ 06:551d13 01:ff 04{ 30{} } } 30{ 06:551d0e 04{ 04:0102 } } } }"
#define TBS "30{ a0{ 02:02 } 02:0102 " ALG " " ISSUER " " TIMES " " SUBJECT " " SPKI " " EXTS " }"
#define GOOD "30{ " TBS " " ALG " 03:00cafe }"
#define V1 "30{ 30{ 02:0102 " ALG " " ISSUER " " TIMES " " SUBJECT " " SPKI " } " ALG " 03:00cafe }"

static struct sg_cert got;

static enum sg_code
parse(struct sg_slice der, struct sg_err *err)
{
	return sg_cert_parse(der, &got, err);
}

static void
cert_parse__good__all_fields(void **state)
{
	(void)state;
	sg_buf_scoped b = {0}, part = {0};
	struct sg_err err = {0};
	if (parse(asn(&b, GOOD), &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_true(sg_slice_eq(got.raw, sg_buf_slice(&b)));
	assert_true(sg_slice_eq(got.tbs, asn(&part, TBS)));
	assert_int_equal(got.version, 3);
	assert_true(sg_slice_eq(got.serial, sg_slice("\1\2", 2)));
	assert_true(sg_slice_eq(got.issuer, asn(&part, ISSUER)));
	assert_true(sg_slice_eq(got.subject, asn(&part, SUBJECT)));
	assert_true(sg_slice_eq(got.spki, asn(&part, SPKI)));
	assert_int_equal(got.not_before, 1767323045);
	assert_int_equal(got.not_after, 2524705445);
	assert_true(got.has_exts);
	assert_true(got.exts.has_basic && !got.exts.ca);
	assert_true(sg_slice_eq(got.exts.ski, sg_slice("\1\2", 2)));
	assert_int_equal(got.sigalg.scheme, SG_SIG_RSA_PKCS1);
	assert_int_equal(got.sigalg.hash, SG_HASH_SHA256);
	assert_true(sg_slice_eq(got.sig, sg_slice("\xca\xfe", 2)));
	expect_whole(parse, sg_buf_slice(&b));
}

static void
cert_parse__throw_away_signers__tolerated(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {GOOD, V1, 0, ""},
	    {"a0{ 02:02 } ", "a0{ 02:02 } ", 0, ""},
	    {"02:0102", "02:8102", 0, ""}, /* negative */
	    {"02:0102", "02:0000", 0, ""}, /* padded */
	    {"02:0102", "02{ x64(=11) }", 0, ""},
	    {ISSUER, "30{}", 0, ""},
	    {SUBJECT, "30{}", 0, ""},
	    {"0c'dev1'", "0c{ x65(=61) }", 0, ""},
	    {"0c'dev1'", "0c:1b", 0, ""},
	    {SPKI " ", SPKI " 81:00ff 82:00ff ", 0, ""},
	    {"06:551d13 01:ff 04{ 30{} }", "06:551d23 01:ff 04{ 30{ 80:01 } }", 0, ""},
	    {"17'260102030405Z' 18'20500102030405Z'", "17'260102030405Z' 17'250102030405Z'", 0, ""},
	};
	expect_good(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
	sg_buf_scoped b = {0};
	assert_int_equal(parse(asn(&b, V1), NULL), SG_OK);
	assert_int_equal(got.version, 1);
	assert_false(got.has_exts);
	assert_int_equal(got.exts.path_len, -1);
}

static void
cert_parse__unknown_algorithm__scheme_none(void **state)
{
	(void)state;
	static const char *const algs[] = {"30{ 06:2a864886f70d010104 05: }", /* MD5 */
	    "30{ 06:2b6570 }", "30{ 06:2a864886f70d010101 05: }"};
	for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
		sg_buf_scoped text = {0}, b = {0};
		sg_buf_printf(&text,
		    "30{ 30{ a0{ 02:02 } 02:0102 %s " ISSUER " " TIMES " " SUBJECT " " SPKI
		    " } %s 03:00cafe }",
		    algs[i], algs[i]);
		assert_int_equal(parse(asn(&b, sg_buf_text(&text)), NULL), SG_OK);
		assert_int_equal(got.sigalg.scheme, SG_SIG_NONE);
		assert_int_equal(got.sigalg.hash, SG_HASH_NONE);
	}
}

static void
cert_parse__bad__refused(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {GOOD, "31{ 05: }", SG_E_MALFORMED, "der"},
	    {GOOD, "30{}", SG_E_MALFORMED, "der"},
	    {"a0{ 02:02 }", "a0{ 02:03 }", SG_E_MALFORMED, "cert.version"},
	    {"a0{ 02:02 }", "a0{ 02:01 }", SG_E_MALFORMED, "cert.version.exts"},
	    {"a0{ 02:02 }", "", SG_E_MALFORMED, "cert.version.exts"},
	    {"a0{ 02:02 }", "a0{ 02:ff }", SG_E_MALFORMED, "der"},
	    {"a0{ 02:02 }", "a0{}", SG_E_MALFORMED, "der"},
	    {"a0{ 02:02 }", "a0{ 02:02 02:02 }", SG_E_MALFORMED, "der"},
	    {"a0{ 02:02 }", "02:02", SG_E_MALFORMED, "der"},
	    {"02:0102", "", SG_E_MALFORMED, "der"},
	    {"02:0102", "04:0102", SG_E_MALFORMED, "der"},
	    {"02:0102", "02:", SG_E_MALFORMED, "cert.serial"},
	    {"02:0102", "02{ x65(=11) }", SG_E_LIMIT, "cert.serial.long"},
	    {ALG, "", SG_E_MALFORMED, "der"},
	    {ALG, "30{ 06:2a864886f70d01010c 05: }", SG_E_MALFORMED, "cert.alg.mismatch"},
	    {ALG, "30{ 06:2a864886f70d01010b }", SG_E_MALFORMED, "cert.alg.mismatch"},
	    {ISSUER, "", SG_E_MALFORMED, "der"},
	    {ISSUER, "31{}", SG_E_MALFORMED, "der"},
	    {ISSUER, "30{ 31{} }", SG_E_MALFORMED, "name.rdn.empty"},
	    {TIMES, "", SG_E_MALFORMED, "der.time"},
	    {TIMES, "30{}", SG_E_MALFORMED, "der"},
	    {"17'260102030405Z'", "17'2601020304Z'", SG_E_MALFORMED, "der.time"},
	    {"17'260102030405Z'", "17'26010203040+Z'", SG_E_MALFORMED, "der.time"},
	    {"17'260102030405Z'", "17'261302030405Z'", SG_E_MALFORMED, "time"},
	    {"17'260102030405Z'", "13'260102030405Z'", SG_E_MALFORMED, "der.time"},
	    {"18'20500102030405Z'", "18'20500102030405Z' 05:", SG_E_MALFORMED, "der"},
	    {SUBJECT, "30{ 05: }", SG_E_MALFORMED, "der"},
	    {SPKI, "", SG_E_MALFORMED, "der"},
	    {SPKI, "31{}", SG_E_MALFORMED, "der"},
	    {SPKI, SPKI " " SPKI, SG_E_MALFORMED, "der"},
	    {SPKI " ", SPKI " 82:00 81:00 ", SG_E_MALFORMED, "der"},
	    {EXTS, EXTS " " EXTS, SG_E_MALFORMED, "der"},
	    {EXTS, "a3{}", SG_E_MALFORMED, "der"},
	    {EXTS, "a3{ 30{} 30{} }", SG_E_MALFORMED, "der"},
	    {EXTS, "a3{ 31{} }", SG_E_MALFORMED, "der"},
	    {EXTS, "a3{ 30{ 30{ 06:551d25 04{ 30{} } } } }", SG_E_MALFORMED, "ext.eku.empty"},
	    {EXTS, EXTS " 05:", SG_E_MALFORMED, "der"},
	    {"03:00cafe", "", SG_E_MALFORMED, "der"},
	    {"03:00cafe", "04:00cafe", SG_E_MALFORMED, "der"},
	    {"03:00cafe", "03:07cafe", SG_E_MALFORMED, "der"},
	    {"03:00cafe", "03:00", SG_E_MALFORMED, "cert.signature.empty"},
	    {"03:00cafe", "03:00cafe 05:", SG_E_MALFORMED, "der"},
	    {SPKI, "30{ 04{ x16384(=00) } }", SG_E_LIMIT, "cert.size"},
	};
	expect_bad(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
	/* Unknown is tolerated, broken is not. */
	static const struct bad_row params[] = {
	    {"30{ 30{ a0{ 02:02 } 02:0102 " ALG,
		"30{ 30{ a0{ 02:02 } 02:0102 30{ 06:2a864886f70d01010b 04: }", SG_E_MALFORMED,
		"cert.alg.mismatch"},
	};
	expect_bad(parse, GOOD, params, 1);
	static const char broken[] =
	    "30{ 30{ a0{ 02:02 } 02:0102 30{ 06:2a864886f70d01010b 04: } " ISSUER " " TIMES
	    " " SUBJECT " " SPKI " } 30{ 06:2a864886f70d01010b 04: } 03:00cafe }";
	static const struct bad_row same[] = {
	    {"03:00cafe", "03:00cafe", SG_E_MALFORMED, "alg.params"}};
	expect_bad(parse, broken, same, 1);
}

static size_t accepted[ASN_EDITS];

static void
visit(struct sg_slice der, enum asn_edit edit)
{
	struct sg_err err;
	accepted[edit] += parse(der, &err) == SG_OK;
}

static void
cert_parse__every_edit__bulk_refused(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	asn_each_edit(asn(&b, GOOD), visit);
	assert_in_range(accepted[ASN_DROP], 3, 12);
	assert_in_range(accepted[ASN_DOUBLE], 1, 10);
	assert_in_range(accepted[ASN_EXTRA], 1, 20);
}

static void
make_leaf(struct sg_cert_facts *f, struct sg_sans *sans)
{
	static const uint8_t serial[] = {0xff, 1, 2, 3};
	*sans = (struct sg_sans){.n = 2,
	    .item = {{SG_SAN_DNS, sg_slice_str("a.example")}, {SG_SAN_UPN, sg_slice_str("a@b")}}};
	*f = (struct sg_cert_facts){
	    .serial = sg_slice(serial, sizeof serial),
	    .sigalg = {.scheme = SG_SIG_ECDSA, .hash = SG_HASH_SHA256},
	    .not_before = 1767323045,
	    .not_after = 2524705445,
	    .path_len = -1,
	    .key_usage = SG_KU_DIGITAL_SIGNATURE,
	    .eku_n = 2,
	    .eku = {SG_OID(eku_client_auth), SG_OID(eku_smartcard_logon)},
	    .sans = sans,
	    .ski = sg_slice("\1\2", 2),
	    .aki = sg_slice("\3\4", 2),
	    .cdp_url = sg_slice_str("http://a.example/ca.crl"),
	    .ca_issuers_url = sg_slice_str("http://a.example/ca.cer"),
	    .ocsp_url = sg_slice_str("http://a.example/ocsp"),
	    .policy_n = 2,
	    .policy = {sg_slice("\x2a\3\4", 3), sg_slice("\x2a\3\5", 3)},
	};
}

static enum sg_code
write_cert(struct sg_buf *out, const struct sg_cert_facts *f)
{
	sg_buf_scoped tbs = {0};
	sg_cert_put_tbs(&tbs, f);
	enum sg_code rc = sg_buf_check(&tbs, NULL);
	if (rc != SG_OK)
		return rc;
	sg_signed_put(out, sg_buf_slice(&tbs), f->sigalg, sg_slice("\xca\xfe", 2));
	return sg_buf_check(out, NULL);
}

static void
cert_put_tbs__leaf__exact_bytes(void **state)
{
	(void)state;
	sg_buf_scoped issuer = {0}, subject = {0}, spki = {0}, tbs = {0}, want = {0};
	struct sg_sans sans;
	struct sg_cert_facts f;
	make_leaf(&f, &sans);
	f.issuer = asn(&issuer, ISSUER);
	f.subject = asn(&subject, SUBJECT);
	f.spki = asn(&spki, SPKI);
	sg_cert_put_tbs(&tbs, &f);
	asn(&want,
	    "30{ a0{ 02:02 } 02:00ff010203 30{ 06:2a8648ce3d040302 } " ISSUER " " TIMES " " SUBJECT
	    " " SPKI " a3{ 30{"
	    " 30{ 06:551d13 01:ff 04{ 30{} } }"
	    " 30{ 06:551d0f 01:ff 04{ 03:0780 } }"
	    " 30{ 06:551d25 04{ 30{ 06:2b06010505070302 06:2b060104018237140202 } } }"
	    " 30{ 06:551d0e 04{ 04:0102 } }"
	    " 30{ 06:551d23 04{ 30{ 80:0304 } } }"
	    " 30{ 06:551d11 04{ 30{ 82'a.example' a0{ 06:2b060104018237140203 a0{ 0c'a@b' } } } } }"
	    " 30{ 06:551d1f 04{ 30{ 30{ a0{ a0{ 86'http://a.example/ca.crl' } } } } } }"
	    " 30{ 06:2b06010505070101 04{ 30{ 30{ 06:2b06010505073001 86'http://a.example/ocsp' }"
	    " 30{ 06:2b06010505073002 86'http://a.example/ca.cer' } } } }"
	    " 30{ 06:551d20 04{ 30{ 30{ 06:2a0304 } 30{ 06:2a0305 } } } }"
	    " } } }");
	assert_int_equal(sg_buf_check(&tbs, NULL), SG_OK);
	assert_true(sg_slice_eq(sg_buf_slice(&tbs), sg_buf_slice(&want)));
}

static void
cert_put_tbs__leaf__read_back(void **state)
{
	(void)state;
	sg_buf_scoped issuer = {0}, subject = {0}, spki = {0}, out = {0};
	struct sg_sans sans;
	struct sg_cert_facts f;
	make_leaf(&f, &sans);
	f.issuer = asn(&issuer, ISSUER);
	f.subject = asn(&subject, SUBJECT);
	f.spki = asn(&spki, SPKI);
	assert_int_equal(write_cert(&out, &f), SG_OK);
	assert_int_equal(parse(sg_buf_slice(&out), NULL), SG_OK);
	assert_int_equal(got.version, 3);
	assert_int_equal(got.serial.p[0], 0); /* positive */
	assert_int_equal(got.not_before, f.not_before);
	assert_int_equal(got.not_after, f.not_after);
	assert_true(got.exts.has_basic && !got.exts.ca);
	assert_int_equal(got.exts.key_usage, f.key_usage);
	assert_int_equal(got.exts.eku_n, 2);
	assert_true(sg_sans_equal(&got.exts.sans, &sans));
	assert_true(sg_slice_eq(got.exts.ski, f.ski));
	assert_true(sg_slice_eq(got.exts.aki, f.aki));
	assert_false(got.exts.unknown_critical);
	assert_int_equal(got.sigalg.scheme, SG_SIG_ECDSA);
}

static void
cert_put_tbs__ca_and_bare__exact_bytes(void **state)
{
	(void)state;
	sg_buf_scoped issuer = {0}, spki = {0}, tbs = {0}, want = {0};
	struct sg_cert_facts f = {
	    .serial = sg_slice("\0\0\1", 3), /* leading zeroes go */
	    .sigalg = {.scheme = SG_SIG_RSA_PKCS1, .hash = SG_HASH_SHA256},
	    .issuer = asn(&issuer, ISSUER),
	    .subject = sg_buf_slice(&issuer),
	    .spki = asn(&spki, SPKI),
	    .not_before = 1767323045,
	    .not_after = 2524705445,
	    .ca = true,
	    .path_len = 0,
	    .key_usage = SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN,
	};
	sg_cert_put_tbs(&tbs, &f);
	asn(&want, "30{ a0{ 02:02 } 02:01 " ALG " " ISSUER " " TIMES " " ISSUER " " SPKI " a3{ 30{"
		   " 30{ 06:551d13 01:ff 04{ 30{ 01:ff 02:00 } } }"
		   " 30{ 06:551d0f 01:ff 04{ 03:0106 } } } } }");
	assert_true(sg_slice_eq(sg_buf_slice(&tbs), sg_buf_slice(&want)));
	f.path_len = -1;
	f.key_usage = 0;
	sg_buf_reset(&tbs);
	sg_cert_put_tbs(&tbs, &f);
	asn(&want, "30{ a0{ 02:02 } 02:01 " ALG " " ISSUER " " TIMES " " ISSUER " " SPKI " a3{ 30{"
		   " 30{ 06:551d13 01:ff 04{ 30{ 01:ff } } } } } }");
	assert_true(sg_slice_eq(sg_buf_slice(&tbs), sg_buf_slice(&want)));
	/* path_len is of a CA only. */
	f.ca = false;
	f.path_len = 5;
	sg_buf_reset(&tbs);
	sg_cert_put_tbs(&tbs, &f);
	asn(&want, "30{ a0{ 02:02 } 02:01 " ALG " " ISSUER " " TIMES " " ISSUER " " SPKI " a3{ 30{"
		   " 30{ 06:551d13 01:ff 04{ 30{} } } } } }");
	assert_true(sg_slice_eq(sg_buf_slice(&tbs), sg_buf_slice(&want)));
}

static void
cert_put_tbs__empty_subject__critical_san(void **state)
{
	(void)state;
	sg_buf_scoped issuer = {0}, subject = {0}, spki = {0}, tbs = {0}, want = {0};
	struct sg_sans sans = {.n = 1, .item = {{SG_SAN_DNS, sg_slice_str("a.example")}}};
	struct sg_cert_facts f = {
	    .serial = sg_slice("\1", 1),
	    .sigalg = {.scheme = SG_SIG_RSA_PKCS1, .hash = SG_HASH_SHA256},
	    .issuer = asn(&issuer, ISSUER),
	    .subject = asn(&subject, "30{}"),
	    .spki = asn(&spki, SPKI),
	    .not_before = 1767323045,
	    .not_after = 2524705445,
	    .sans = &sans,
	};
	sg_cert_put_tbs(&tbs, &f);
	asn(&want, "30{ a0{ 02:02 } 02:01 " ALG " " ISSUER " " TIMES " 30{} " SPKI " a3{ 30{"
		   " 30{ 06:551d13 01:ff 04{ 30{} } }"
		   " 30{ 06:551d11 01:ff 04{ 30{ 82'a.example' } } } } } }");
	assert_true(sg_slice_eq(sg_buf_slice(&tbs), sg_buf_slice(&want)));
}

static enum sg_code
write_nomem(void)
{
	static const uint8_t empty[] = {0x30, 0};
	sg_buf_scoped out = {0};
	struct sg_sans sans;
	struct sg_cert_facts f;
	make_leaf(&f, &sans);
	f.issuer = f.subject = f.spki = sg_slice(empty, 2);
	return write_cert(&out, &f);
}

static void
cert_put_tbs__no_memory__nomem(void **state)
{
	(void)state;
	expect_nomem(write_nomem);
}

static size_t certificates;

static void
real_cert(const char *path, struct sg_slice data)
{
	struct sg_err err = {0};
	sg_buf_scoped text = {0};
	struct sg_der d = sg_der_init(data, NULL);
	struct sg_tlv whole = sg_der_whole(&d, SG_DER_SEQUENCE, "test");
	/* A degenerate PKCS#7 or an error page is for others. */
	if (!sg_der_ok(&d) || whole.val.p[0] != SG_DER_SEQUENCE)
		return;
	if (parse(data, &err) != SG_OK)
		fail_msg("%s: %s", path, err.text);
	assert_true(got.exts.ca);
	assert_int_not_equal(got.sigalg.scheme, SG_SIG_NONE);
	assert_true(got.not_before < got.not_after);
	sg_name_put_text(&text, got.subject);
	assert_null(strstr(sg_buf_text(&text), "broken"));
	expect_whole(parse, data);
	certificates++;
}

static void
cert_parse__real_certificates__ok(void **state)
{
	(void)state;
	if (!vectors_each("GetCACert.response.bin", real_cert))
		skip();
	assert_in_range(certificates, 1, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cert_parse__good__all_fields),
	    cmocka_unit_test(cert_parse__throw_away_signers__tolerated),
	    cmocka_unit_test(cert_parse__unknown_algorithm__scheme_none),
	    cmocka_unit_test(cert_parse__bad__refused),
	    cmocka_unit_test(cert_parse__every_edit__bulk_refused),
	    cmocka_unit_test(cert_put_tbs__leaf__exact_bytes),
	    cmocka_unit_test(cert_put_tbs__leaf__read_back),
	    cmocka_unit_test(cert_put_tbs__ca_and_bare__exact_bytes),
	    cmocka_unit_test(cert_put_tbs__empty_subject__critical_san),
	    cmocka_unit_test(cert_put_tbs__no_memory__nomem),
	    cmocka_unit_test(cert_parse__real_certificates__ok),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
