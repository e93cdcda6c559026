/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "x509/ext.h"
#include "x509/ext_private.h"
#include "asn1/oid.h"

#define EXT(oid, critical, value) "30{ 06:" oid " " critical " 04{ " value " } }"
#define CRITICAL "01:ff"
#define BC EXT("551d13", CRITICAL, "30{ 01:ff 02:03 }")
#define KU EXT("551d0f", CRITICAL, "03:05a0")
#define EKU EXT("551d25", "", "30{ 06:2b06010505070302 06:2b06010505070301 }")
#define SKI EXT("551d0e", "", "04:0102030405")
#define AKI EXT("551d23", "", "30{ 80:0a0b }")
#define SAN EXT("551d11", "", "30{ 82'a.example' }")
#define SID                                                                                        \
	EXT("2b06010401823719"                                                                     \
	    "02",                                                                                  \
	    "", "30{}")
#define POLICIES EXT("551d20", "", "30{ 30{ 06:2a0304 } }")
#define GOOD "30{ " BC " " KU " " EKU " " SKI " " AKI " " SAN " " SID " " POLICIES " }"

static struct sg_exts got;

static enum sg_code
parse(struct sg_slice der, struct sg_err *err)
{
	return sg_exts_parse(der, &got, err);
}

static void
exts_parse__good__all_fields(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	assert_int_equal(parse(asn(&b, GOOD), NULL), SG_OK);
	assert_true(got.has_basic && got.ca);
	assert_int_equal(got.path_len, 3);
	assert_true(got.has_key_usage);
	assert_int_equal(got.key_usage, SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT);
	assert_true(got.has_eku);
	assert_int_equal(got.eku_n, 2);
	assert_true(sg_slice_eq(got.eku[0], SG_OID(eku_client_auth)));
	assert_true(sg_slice_eq(got.eku[1], SG_OID(eku_server_auth)));
	assert_true(sg_slice_eq(got.ski, sg_slice("\1\2\3\4\5", 5)));
	assert_true(sg_slice_eq(got.aki, sg_slice("\x0a\x0b", 2)));
	assert_true(got.has_san);
	assert_int_equal(got.sans.n, 1);
	assert_true(got.has_sid);
	assert_false(got.unknown_critical);
	expect_whole(parse, sg_buf_slice(&b));
}

static void
exts_parse__empty__nothing(void **state)
{
	(void)state;
	assert_int_equal(parse(sg_slice("\x30\x00", 2), NULL), SG_OK);
	assert_false(got.has_basic || got.has_key_usage || got.has_eku || got.has_san);
	assert_int_equal(got.path_len, -1);
}

static void
exts_parse__tolerated__ok(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {CRITICAL " 04{ 03:05a0", "01:00 04{ 03:05a0", 0, ""}, /* explicit FALSE */
	    {"03:05a0", "03:00a0", 0, ""},			   /* not minimal bits */
	    {"03:05a0", "03:070080", 0, ""},
	    {"03:05a0", "03:00a00000", 0, ""},
	    {"30{ 01:ff 02:03 }", "30{}", 0, ""},
	    {"30{ 01:ff 02:03 }", "30{ 01:00 }", 0, ""},
	    {"30{ 80:0a0b }", "30{}", 0, ""},
	    {"30{ 80:0a0b }", "30{ 80:0a0b a1{ a4{ 30{} } } 82:01 }", 0, ""},
	};
	expect_good(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
}

static void
exts_parse__bad__refused(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {GOOD, "31{ " BC " }", SG_E_MALFORMED, "der"},
	    {BC, "31{}", SG_E_MALFORMED, "der"},
	    {BC, "30{}", SG_E_MALFORMED, "der"},
	    {BC, "30{ 06:551d13 }", SG_E_MALFORMED, "der"},
	    {BC, "30{ 06:551d13 01:ff 03:00 }", SG_E_MALFORMED, "der"},
	    {BC, "30{ 06:551d13 01:01 04:3000 }", SG_E_MALFORMED, "der"},
	    {BC, "30{ 06:551d13 01:ff 01:ff 04:3000 }", SG_E_MALFORMED, "der"},
	    {BC, "30{ 06:551d13 04:3000 04:3000 }", SG_E_MALFORMED, "der"},
	    /* Duplicates of each kind. */
	    {BC, BC " " BC, SG_E_MALFORMED, "ext.dup"},
	    {KU, KU " " KU, SG_E_MALFORMED, "ext.dup"},
	    {EKU, EKU " " EKU, SG_E_MALFORMED, "ext.dup"},
	    {SKI, SKI " " SKI, SG_E_MALFORMED, "ext.dup"},
	    {AKI, AKI " " AKI, SG_E_MALFORMED, "ext.dup"},
	    {SAN, SAN " " SAN, SG_E_MALFORMED, "ext.dup"},
	    {SID, SID " " SID, SG_E_MALFORMED, "ext.dup"},
	    {POLICIES, POLICIES " " POLICIES, SG_E_MALFORMED, "ext.dup"},
	    {GOOD, "30{ x33(" POLICIES ") }", SG_E_MALFORMED, "ext.dup"},
	    /* keyUsage */
	    {"03:05a0", "", SG_E_MALFORMED, "der"},
	    {"03:05a0", "04:05a0", SG_E_MALFORMED, "der"},
	    {"03:05a0", "03:05a0 05:", SG_E_MALFORMED, "der"},
	    {"03:05a0", "03:", SG_E_MALFORMED, "ext.ku"},
	    {"03:05a0", "03:08a0", SG_E_MALFORMED, "ext.ku"},
	    {"03:05a0", "03:01", SG_E_MALFORMED, "ext.ku"},
	    {"03:05a0", "03:06a0", SG_E_MALFORMED, "ext.ku"},
	    {"03:05a0", "03:00", SG_E_MALFORMED, "ext.ku.empty"},
	    {"03:05a0", "03:0700", SG_E_MALFORMED, "ext.ku.empty"},
	    {"03:05a0", "03:068040", SG_E_MALFORMED, "ext.ku.bits"},
	    {"03:05a0", "03:0000000001", SG_E_MALFORMED, "ext.ku.bits"},
	    /* extKeyUsage */
	    {"30{ 06:2b06010505070302 06:2b06010505070301 }", "30{}", SG_E_MALFORMED,
		"ext.eku.empty"},
	    {"30{ 06:2b06010505070302 06:2b06010505070301 }", "", SG_E_MALFORMED, "der"},
	    {"06:2b06010505070301", "06:2b06010505070302", SG_E_MALFORMED, "ext.eku.dup"},
	    {"06:2b06010505070301", "05:", SG_E_MALFORMED, "der"},
	    {"06:2b06010505070301", "06:", SG_E_LIMIT, "der.oid"},
	    /* basicConstraints */
	    {"30{ 01:ff 02:03 }", "30{ 01:ff 02:ff }", SG_E_MALFORMED, "der"},
	    {"30{ 01:ff 02:03 }", "30{ 01:ff 02:00010000 }", SG_E_MALFORMED, "der"},
	    {"30{ 01:ff 02:03 }", "30{ 01:ff 02:010000 }", SG_E_LIMIT, "der.integer"},
	    {"30{ 01:ff 02:03 }", "30{ 02:03 }", SG_E_MALFORMED, "ext.bc.pathlen"},
	    {"30{ 01:ff 02:03 }", "30{ 01:00 02:03 }", SG_E_MALFORMED, "ext.bc.pathlen"},
	    {"30{ 01:ff 02:03 }", "30{ 02:03 01:ff }", SG_E_MALFORMED, "der"},
	    {"30{ 01:ff 02:03 }", "30{ 01:ff 02:03 05: }", SG_E_MALFORMED, "der"},
	    /* key identifiers */
	    {"04:0102030405", "04:", SG_E_LIMIT, "ext.ski.length"},
	    {"04:0102030405", "04{ x65(=01) }", SG_E_LIMIT, "ext.ski.length"},
	    {"04:0102030405", "05:", SG_E_MALFORMED, "der"},
	    {"80:0a0b", "80:", SG_E_LIMIT, "ext.aki.length"},
	    {"80:0a0b", "80{ x65(=01) }", SG_E_LIMIT, "ext.aki.length"},
	    {"80:0a0b", "80:0a0b 80:0a0b", SG_E_MALFORMED, "der"},
	    {"80:0a0b", "82:01 80:0a0b", SG_E_MALFORMED, "der"},
	    /* subjectAltName */
	    {"30{ 82'a.example' }", "30{}", SG_E_MALFORMED, "san.empty"},
	    {"30{ 82'a.example' }", "30{ 82'a.example' } 05:", SG_E_MALFORMED, "der"},
	};
	expect_bad(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
}

static void
exts_parse__unknown_critical__noted(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	/* Name constraints and policies: critical, and not understood here. */
	assert_int_equal(parse(asn(&b, "30{ " KU " " EXT("551d1e", CRITICAL, "30{}") " " EXT(
					   "551d20", CRITICAL, "30{}") " }"),
			     NULL),
	    SG_OK);
	assert_true(got.unknown_critical);
	assert_true(sg_slice_eq(got.unknown_oid, sg_slice("\x55\x1d\x1e", 3)));
	/* Critical or not makes no difference for what is understood. */
	assert_int_equal(
	    parse(asn(&b, "30{ " EXT("551d23", CRITICAL, "30{ 80:01 }") " }"), NULL), SG_OK);
	assert_false(got.unknown_critical);
}

static void
exts_parse__32_and_33_extensions__limit(void **state)
{
	(void)state;
	for (unsigned n = 32; n <= 33; n++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		size_t seq = sg_derw_begin(&b, SG_DER_SEQUENCE);
		for (unsigned i = 0; i < n; i++) {
			uint8_t oid[2] = {0x2a, (uint8_t)i};
			sg_extw_end(&b, sg_extw_begin(&b, sg_slice(oid, 2), false));
		}
		sg_derw_end(&b, seq);
		assert_int_equal(parse(sg_buf_slice(&b), &err), n == 32 ? SG_OK : SG_E_LIMIT);
		if (n == 33)
			assert_string_equal(err.rule, "ext.count");
	}
}

static void
exts_parse__32_and_33_purposes__limit(void **state)
{
	(void)state;
	for (unsigned n = 32; n <= 33; n++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		uint8_t oid[33][2];
		struct sg_slice eku[33];
		for (unsigned i = 0; i < 33; i++) {
			oid[i][0] = 0x2a;
			oid[i][1] = (uint8_t)i;
			eku[i] = sg_slice(oid[i], 2);
		}
		size_t seq = sg_derw_begin(&b, SG_DER_SEQUENCE);
		sg_ext_put_eku(&b, eku, n);
		sg_derw_end(&b, seq);
		assert_int_equal(parse(sg_buf_slice(&b), &err), n == 32 ? SG_OK : SG_E_LIMIT);
		if (n == 33)
			assert_string_equal(err.rule, "ext.eku.count");
	}
}

static void
exts_parse__failure__ret_empty(void **state)
{
	(void)state;
	struct sg_exts before = {.path_len = 77, .eku_n = 5};
	sg_buf_scoped b = {0};
	assert_int_not_equal(sg_exts_parse(asn(&b, "30{ " KU " 05: }"), &before, NULL), SG_OK);
	assert_int_equal(before.path_len, -1);
	assert_int_equal(before.eku_n, 0);
	assert_false(before.has_key_usage);
}

static size_t edits_accepted;

static void
visit(struct sg_slice der, enum asn_edit edit)
{
	struct sg_err err;
	(void)edit;
	edits_accepted += parse(der, &err) == SG_OK;
}

static void
exts_parse__every_edit__survived(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	asn_each_edit(asn(&b, GOOD), visit);
	/* Whole extensions may go, as may optional fields; the bulk must be refused. */
	assert_in_range(edits_accepted, 8, 60);
}

static void
ext_put_key_usage__each_bit__der(void **state)
{
	(void)state;
	for (unsigned n = 0; n <= 8; n++) {
		sg_buf_scoped b = {0};
		size_t seq = sg_derw_begin(&b, SG_DER_SEQUENCE);
		sg_ext_put_key_usage(&b, 1u << n | 1u);
		sg_derw_end(&b, seq);
		assert_int_equal(parse(sg_buf_slice(&b), NULL), SG_OK);
		assert_int_equal(got.key_usage, 1u << n | 1u);
	}
	sg_buf_scoped b = {0}, want = {0};
	sg_ext_put_key_usage(&b, SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT);
	assert_true(sg_slice_eq(sg_buf_slice(&b), asn(&want, KU)));
	sg_buf_reset(&b);
	sg_ext_put_key_usage(&b, SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN);
	asn(&want, EXT("551d0f", CRITICAL, "03:0106"));
	assert_true(sg_slice_eq(sg_buf_slice(&b), sg_buf_slice(&want)));
	sg_buf_reset(&b);
	sg_ext_put_key_usage(&b, SG_KU_KEY_AGREEMENT | SG_KU_DECIPHER_ONLY);
	asn(&want, EXT("551d0f", CRITICAL, "03:070880"));
	assert_true(sg_slice_eq(sg_buf_slice(&b), sg_buf_slice(&want)));
}

static void
key_usage_put_text__bits__words(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_ext_put_usage_text(&b, 0);
	assert_text(&b, "");
	sg_ext_put_usage_text(&b, SG_KU_DIGITAL_SIGNATURE | SG_KU_CRL_SIGN | SG_KU_DECIPHER_ONLY);
	assert_text(&b, "digitalSignature, cRLSign, decipherOnly");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(exts_parse__good__all_fields),
	    cmocka_unit_test(exts_parse__empty__nothing),
	    cmocka_unit_test(exts_parse__tolerated__ok),
	    cmocka_unit_test(exts_parse__bad__refused),
	    cmocka_unit_test(exts_parse__unknown_critical__noted),
	    cmocka_unit_test(exts_parse__32_and_33_extensions__limit),
	    cmocka_unit_test(exts_parse__32_and_33_purposes__limit),
	    cmocka_unit_test(exts_parse__failure__ret_empty),
	    cmocka_unit_test(exts_parse__every_edit__survived),
	    cmocka_unit_test(ext_put_key_usage__each_bit__der),
	    cmocka_unit_test(key_usage_put_text__bits__words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
