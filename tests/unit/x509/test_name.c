/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "base/limits.h"
#include "x509/chars.h"
#include "x509/name.h"
#include "asn1/oid.h"

#define ATV(oid, value) "30{ 06:" oid " " value " }"
#define C_FI "31{ " ATV("550406", "13'FI'") " }"
#define O_TEST "31{ " ATV("55040a", "13'Test'") " }"
#define CN_DEV "31{ " ATV("550403", "0c'dev1'") " }"
#define GOOD "30{ " C_FI " " O_TEST " " CN_DEV " }"
#define MULTI "30{ " O_TEST " 31{ " ATV("550403", "0c'dev1'") " " ATV("550405", "13'77'") " } }"

static enum sg_code
check(struct sg_slice der, struct sg_err *err)
{
	return sg_name_check(der, err);
}

static void
name_check__good__ok(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {GOOD, GOOD, 0, ""},
	    {GOOD, MULTI, 0, ""},
	    {GOOD, "30{}", 0, ""},
	    {"0c'dev1'", "0c''", 0, ""},
	    {"0c'dev1'", "1e:00640065", 0, ""},		  /* BMPString */
	    {"0c'dev1'", "1e:d83dde00", 0, ""},		  /* with a pair of surrogates */
	    {"0c'dev1'", "1c:0001f600", 0, ""},		  /* UniversalString */
	    {"0c'dev1'", "14:e9", 0, ""},		  /* T61String as Latin-1 */
	    {"0c'dev1'", "16'a@b'", 0, ""},		  /* IA5String */
	    {"0c'dev1'", "12'123'", 0, ""},		  /* NumericString */
	    {"0c'dev1'", "13'a@b_*'", 0, ""},		  /* not PrintableString's alphabet */
	    {"0c'dev1'", "0c:c3a4e282acf09f9880", 0, ""}, /* two, three, four bytes */
	    {GOOD, "30{ x20(" CN_DEV ") }", 0, ""},
	};
	expect_good(check, GOOD, rows, sizeof rows / sizeof rows[0]);
}

static const struct bad_row bad[] = {
    {GOOD, "31{ " CN_DEV " }", SG_E_MALFORMED, "der"},
    {GOOD, "", SG_E_MALFORMED, "der"},
    {C_FI, "30{ " ATV("550406", "13'FI'") " }", SG_E_MALFORMED, "der"},
    {C_FI, "31{}", SG_E_MALFORMED, "name.rdn.empty"},
    {C_FI, "05:", SG_E_MALFORMED, "der"},
    {"30{ 06:550406", "31{ 06:550406", SG_E_MALFORMED, "der"},
    {"06:550406", "05:", SG_E_MALFORMED, "der"},
    {"06:550406", "", SG_E_MALFORMED, "der"},
    {"06:550406", "06:", SG_E_LIMIT, "der.oid"},
    {"06:550406", "06:5584", SG_E_MALFORMED, "der"},
    {"13'FI'", "", SG_E_MALFORMED, "der"},
    {"13'FI'", "13'FI' 13'FI'", SG_E_MALFORMED, "der"},
    {"13'FI'", "02:01", SG_E_MALFORMED, "name.value.type"},
    {"13'FI'", "30{}", SG_E_MALFORMED, "name.value.type"},
    {"13'FI'", "04'FI'", SG_E_MALFORMED, "name.value.type"},
    {"13'FI'", "03:00ff", SG_E_MALFORMED, "name.value.type"},
    {"13'FI'", "13:80", SG_E_MALFORMED, "name.value.encoding"},
    {"13'FI'", "16:ff", SG_E_MALFORMED, "name.value.encoding"},
    {"13'FI'", "0c:c0af", SG_E_MALFORMED, "name.value.encoding"},     /* overlong */
    {"13'FI'", "0c:eda080", SG_E_MALFORMED, "name.value.encoding"},   /* surrogate */
    {"13'FI'", "0c:f4908080", SG_E_MALFORMED, "name.value.encoding"}, /* above U+10FFFF */
    {"13'FI'", "0c:e282", SG_E_MALFORMED, "name.value.encoding"},     /* cut */
    {"13'FI'", "0c:80", SG_E_MALFORMED, "name.value.encoding"},
    {"13'FI'", "1e:004100", SG_E_MALFORMED, "name.value.encoding"},   /* odd */
    {"13'FI'", "1e:d83d0041", SG_E_MALFORMED, "name.value.encoding"}, /* lone surrogate */
    {"13'FI'", "1e:de00d83d", SG_E_MALFORMED, "name.value.encoding"},
    {"13'FI'", "1e:d83d", SG_E_MALFORMED, "name.value.encoding"},
    {"13'FI'", "1c:000000", SG_E_MALFORMED, "name.value.encoding"},
    {"13'FI'", "1c:00110000", SG_E_MALFORMED, "name.value.encoding"},
    {"13'FI'", "13:410042", SG_E_MALFORMED, "name.value.control"}, /* NUL */
    {"13'FI'", "1e:00410000", SG_E_MALFORMED, "name.value.control"},
    {"13'FI'", "0c:1b5b306d", SG_E_MALFORMED, "name.value.control"}, /* escape sequence */
    {"13'FI'", "16:0a", SG_E_MALFORMED, "name.value.control"},
    {"13'FI'", "0c:7f", SG_E_MALFORMED, "name.value.control"},
    {"13'FI'", "0c:c29b", SG_E_MALFORMED, "name.value.control"}, /* U+009B, CSI */
    {"13'FI'", "14:9b", SG_E_MALFORMED, "name.value.control"},
    {"13'FI'", "0c:e280ae", SG_E_MALFORMED, "name.value.control"}, /* U+202E */
    {"13'FI'", "1e:202e", SG_E_MALFORMED, "name.value.control"},
    {"13'FI'", "1e:2066", SG_E_MALFORMED, "name.value.control"},
    {"13'FI'", "1e:061c", SG_E_MALFORMED, "name.value.control"},
    {"13'FI'", "1e:feff", SG_E_MALFORMED, "name.value.control"},
    {GOOD, "30{ x21(" CN_DEV ") }", SG_E_LIMIT, "name.rdns"},
    {GOOD, "30{ 31{ " ATV("550403", "0c'a'") " " ATV("550403", "0c'b'") " } }", SG_E_MALFORMED,
	"name.rdn.dup"},
    {"13'FI'", "13{ x1400(0c'x') }", SG_E_LIMIT, "name.value.long"},
};

static void
name_check__bad__refused(void **state)
{
	(void)state;
	expect_bad(check, GOOD, bad, sizeof bad / sizeof bad[0]);
}

static void
name_check__prefixes_and_trailing_byte__refused(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	expect_whole(check, asn(&b, MULTI));
}

static void
expect_equal(const char *a, const char *b, bool want)
{
	sg_buf_scoped da = {0}, db = {0};
	asn(&da, a);
	asn(&db, b);
	assert_true(sg_name_equal(sg_buf_slice(&da), sg_buf_slice(&db)) == want);
	assert_true(sg_name_equal(sg_buf_slice(&db), sg_buf_slice(&da)) == want);
}

#define CN(value) "30{ 31{ " ATV("550403", value) " } }"

static void
name_equal__same_structure__true(void **state)
{
	(void)state;
	expect_equal(GOOD, GOOD, true);
	expect_equal("30{}", "30{}", true);
	expect_equal(CN("0c'Dev One'"), CN("13'dEV oNE'"), true);
	expect_equal(CN("0c'  Dev   One '"), CN("16'dev one'"), true);
	expect_equal(CN("0c:c3a4"), CN("1e:00e4"), true);
	expect_equal(CN("0c:c3a4"), CN("14:e4"), true);
	expect_equal(CN("0c:f09f9880"), CN("1e:d83dde00"), true);
	expect_equal(CN("0c''"), CN("13'  '"), true);
	/* RFC 4518: case and normalization beyond ASCII. */
	expect_equal(CN("0c:c3a4"), CN("0c:c384"), true);
	expect_equal(CN("0c:c3a4"), CN("0c:61cc88"), true);
	expect_equal(CN("0c:e284aa"), CN("0c'k'"), true);
	/* The values of one RDN are a set. */
	expect_equal(MULTI,
	    "30{ " O_TEST " 31{ " ATV("550405", "0c'77'") " " ATV("550403", "13'DEV1'") " } }",
	    true);
}

static void
name_equal__different__false(void **state)
{
	(void)state;
	expect_equal(GOOD, "30{}", false);
	expect_equal(GOOD, "30{ " O_TEST " " C_FI " " CN_DEV " }", false);
	expect_equal(GOOD, "30{ " C_FI " " O_TEST " }", false);
	expect_equal(GOOD, "30{ " C_FI " " O_TEST " " CN_DEV " " CN_DEV " }", false);
	expect_equal(MULTI, "30{ " O_TEST " " CN_DEV " 31{ " ATV("550405", "13'77'") " } }", false);
	expect_equal(CN("0c'dev one'"), CN("0c'devone'"), false);
	expect_equal(CN("0c'dev'"), CN("0c'dev1'"), false);
	expect_equal(CN("0c'dev'"), "30{ 31{ " ATV("55040a", "0c'dev'") " } }", false);
	expect_equal(CN("0c:d0b0"), CN("0c'a'"), false); /* Cyrillic */
	/* A NUL does not cut. */
	expect_equal(CN("0c:6100"), CN("0c'a'"), false);
}

static void
name_equal__broken__false(void **state)
{
	(void)state;
	expect_equal(CN("0c:ff"), CN("0c:ff"), false);
	expect_equal(CN("02:01"), CN("02:01"), false);
	expect_equal("30{ 31{} }", "30{ 31{} }", false);
	expect_equal("31{}", "31{}", false);
	expect_equal("30{ 31{ " ATV("550403", "0c'a'") " " ATV("550403", "0c'a'") " } }",
	    "30{ 31{ " ATV("550403", "0c'a'") " " ATV("550403", "0c'b'") " } }", false);
}

static void
name_equal_ascii__beyond_ascii__as_it_stands(void **state)
{
	sg_buf_scoped a = {0}, b = {0};
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
	    {CN("0c'  Dev   One '"), CN("16'dev one'"), true},
	    {CN("0c:c3a4"), CN("1e:00e4"), true},
	    {CN("0c:c3a4"), CN("0c:c384"), false},
	    {CN("0c:c3a4"), CN("0c:61cc88"), false},
	    {CN("0c:61c2ad"), CN("0c'a'"), false},
	    {CN("0c'a'"), "30{}", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (sg_name_equal_ascii(asn(&a, rows[i].a), asn(&b, rows[i].b)) != rows[i].equal)
			fail_msg("row %zu", i);
}

static void
name_get__last_value__utf8(void **state)
{
	(void)state;
	sg_buf_scoped b = {0}, out = {0};
	struct sg_err err;
	struct sg_slice name = asn(
	    &b, "30{ " CN_DEV " 31{ " ATV("550403", "1e:00e4") " } " O_TEST " }");
	assert_int_equal(sg_name_get(name, SG_OID(cn), &out, &err), SG_OK);
	assert_text(&out, "\xc3\xa4");
	assert_int_equal(sg_name_get(name, SG_OID(ou), &out, &err), SG_E_NOTFOUND);
	assert_string_equal(err.rule, "name.attribute");
	assert_int_equal(sg_name_get(sg_slice("\x30", 1), SG_OID(ou), &out, &err), SG_E_MALFORMED);
	name = asn(&b, CN("02:01"));
	assert_int_equal(sg_name_get(name, SG_OID(cn), &out, &err), SG_E_MALFORMED);
	assert_string_equal(err.rule, "string");
}

static void
name_reencode__mixed_types__ours(void **state)
{
	(void)state;
	sg_buf_scoped b = {0}, out = {0}, want = {0};
	struct sg_slice name = asn(&b,
	    "30{ 31{ " ATV("550406", "0c'FI'") " } 31{ " ATV("0992268993f22c640119",
		"0c'x'") " }"
			 " 31{ " ATV("2a864886f70d010901", "13'a@b'") " } 31{ " ATV(
			     "550405", "0c'7'") " }"
						" 31{ " ATV("55042e", "16'q'") " " ATV(
						    "550403", "1e:00e4") " } }");
	asn(&want, "30{ 31{ " ATV("550406", "13'FI'") " } 31{ " ATV("0992268993f22c640119",
		       "16'x'") " }"
				" 31{ " ATV("2a864886f70d010901", "16'a@b'") " } 31{ " ATV(
				    "550405", "13'7'") " }"
						       " 31{ " ATV("55042e", "13'q'") " " ATV(
							   "550403", "0c:c3a4") " } }");
	assert_int_equal(sg_name_reencode(name, name, &out, NULL), SG_OK);
	assert_true(sg_slice_eq(sg_buf_slice(&out), sg_buf_slice(&want)));
	assert_true(sg_name_equal(name, sg_buf_slice(&out)));
}

static enum sg_code
reencode(struct sg_slice der, struct sg_err *err)
{
	sg_buf_scoped out = {0};
	enum sg_code rc = sg_name_reencode(der, der, &out, err);
	if (rc != SG_OK)
		assert_int_equal(out.len, 0);
	return rc;
}

#define NAME(serial, mail)                                                                         \
	"30{ 31{ " ATV("550405", serial) " } 31{ " ATV("550403", "0c'x'") " " ATV(                 \
	    "2a864886f70d010901", mail) " } }"

static void
name_reencode__value_that_does_not_fit__asked_or_utf8(void **state)
{
	static const struct {
		const char *name, *asked, *want;
	} rows[] = {
	    {NAME("13'a*'", "16'a@b'"), NULL, NAME("0c'a*'", "16'a@b'")},
	    {NAME("13'a*'", "0c:c3a4"), NAME("13'a*'", "0c:c3a4"), NAME("0c'a*'", "0c:c3a4")},
	    {NAME("0c'a*'", "16'a@b'"), NAME("16'a*'", "0c'a@b'"), NAME("16'a*'", "16'a@b'")},
	    {NAME("1e:0061002a", "14:e4"), NAME("1e:0061002a", "14:e4"), NAME("0c'a*'", "0c:c3a4")},
	    /* Another type, and the same in another RDN, say nothing. */
	    {NAME("0c'a*'", "16'a@b'"), "30{ 31{ " ATV("550404", "16'a*'") " } }",
		NAME("0c'a*'", "16'a@b'")},
	    {NAME("0c'a*'", "16'a@b'"),
		"30{ 31{ " ATV("550403", "0c'x'") " } 31{ " ATV("550405", "16'a*'") " } }",
		NAME("0c'a*'", "16'a@b'")},
	};
	sg_buf_scoped name = {0}, asked = {0}, want = {0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped out = {0};
		struct sg_slice like = rows[i].asked == NULL ? sg_slice(NULL, 0)
							     : asn(&asked, rows[i].asked);
		assert_int_equal(
		    sg_name_reencode(asn(&name, rows[i].name), like, &out, NULL), SG_OK);
		if (!sg_slice_eq(sg_buf_slice(&out), asn(&want, rows[i].want)))
			fail_msg("row %zu", i);
		assert_true(sg_name_equal(sg_buf_slice(&name), sg_buf_slice(&out)));
	}
}

static void
name_reencode__broken__refused(void **state)
{
	static const struct bad_row rows[] = {
	    {"13'FI'", "13:00", SG_E_MALFORMED, "name.value.control"},
	    {"13'FI'", "0c:ff", SG_E_MALFORMED, "name.value.encoding"},
	};
	sg_buf_scoped b = {0}, out = {0};
	struct sg_err err;

	(void)state;
	expect_bad(reencode, GOOD, rows, sizeof rows / sizeof rows[0]);
	assert_int_equal(
	    sg_name_reencode(asn(&b, GOOD), sg_slice("\x31\x00", 2), &out, &err), SG_E_MALFORMED);
	assert_string_equal(err.rule, "der");
	assert_int_equal(out.len, 0);
}

static struct sg_slice nomem_name;

static enum sg_code
reencode_nomem(void)
{
	return reencode(nomem_name, NULL);
}

static void
name_reencode__no_memory__nomem(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	nomem_name = asn(&b, MULTI);
	expect_nomem(reencode_nomem);
}

static void
name_is_empty__only_empty__true(void **state)
{
	(void)state;
	assert_true(sg_name_is_empty(sg_slice("\x30\x00", 2)));
	assert_false(sg_name_is_empty(sg_slice("\x30\x01\x00", 3)));
	assert_false(sg_name_is_empty(sg_slice(NULL, 0)));
}

static void
string_to_utf8__nul_passes_broken_refused(void **state)
{
	(void)state;
	sg_buf_scoped out = {0};
	struct sg_err err;
	assert_int_equal(sg_string_to_utf8(SG_DER_UTF8, sg_slice("a\0", 2), &out, &err), SG_OK);
	assert_true(sg_slice_eq(sg_buf_slice(&out), sg_slice("a\0", 2)));
	sg_buf_reset(&out);
	assert_int_equal(
	    sg_string_to_utf8(SG_DER_BMP, sg_slice("\0a\x20\xac\0\0", 6), &out, &err), SG_OK);
	assert_true(sg_slice_eq(sg_buf_slice(&out), sg_slice("a\xe2\x82\xac\0", 5)));
	sg_buf_reset(&out);
	assert_int_equal(sg_string_to_utf8(SG_DER_T61, sg_slice("\xe4", 1), &out, &err), SG_OK);
	assert_text(&out, "\xc3\xa4");
	sg_buf_reset(&out);
	assert_int_equal(
	    sg_string_to_utf8(SG_DER_UNIVERSAL, sg_slice("\0\x01\xf6\0", 4), &out, &err), SG_OK);
	assert_text(&out, "\xf0\x9f\x98\x80");
	assert_int_equal(
	    sg_string_to_utf8(SG_DER_OCTET_STRING, sg_slice("a", 1), &out, &err), SG_E_MALFORMED);
	assert_string_equal(err.rule, "string");
	assert_int_equal(
	    sg_string_to_utf8(SG_DER_UTF8, sg_slice("a\xff", 2), &out, &err), SG_E_MALFORMED);
	assert_string_equal(err.rule, "string.encoding");
	assert_non_null(strstr(err.text, "byte 2"));
	assert_int_equal(sg_string_to_utf8(SG_DER_UTF8, sg_slice(NULL, 0), &out, &err), SG_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(name_check__good__ok),
	    cmocka_unit_test(name_check__bad__refused),
	    cmocka_unit_test(name_check__prefixes_and_trailing_byte__refused),
	    cmocka_unit_test(name_equal__same_structure__true),
	    cmocka_unit_test(name_equal__different__false),
	    cmocka_unit_test(name_equal__broken__false),
	    cmocka_unit_test(name_equal_ascii__beyond_ascii__as_it_stands),
	    cmocka_unit_test(name_get__last_value__utf8),
	    cmocka_unit_test(name_reencode__mixed_types__ours),
	    cmocka_unit_test(name_reencode__value_that_does_not_fit__asked_or_utf8),
	    cmocka_unit_test(name_reencode__broken__refused),
	    cmocka_unit_test(name_reencode__no_memory__nomem),
	    cmocka_unit_test(name_is_empty__only_empty__true),
	    cmocka_unit_test(string_to_utf8__nul_passes_broken_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
