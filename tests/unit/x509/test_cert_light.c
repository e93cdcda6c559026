/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/x509/asn.h"

#include "base/limits.h"
#include "x509/cert_light.h"

#define ISSUER "30{ 31{ 30{ 06:550403 0c'Test CA' } } }"
#define SUBJECT "30{ 31{ 30{ 06:550403 0c'dev1' } } }"
#define SPKI "30{ 30{ 06:2a8648ce3d0201 06:2a8648ce3d030107 } 03:0004aabb }"
#define ALG "30{ 06:2a864886f70d01010b 05: }"
#define TIMES "30{ 17'260102030405Z' 18'20500102030405Z' }"
#define BASIC "30{ 06:551d13 01:ff 04{ 30{} } }"
#define SKI "30{ 06:551d0e 04{ 04:0102 } }"
#define EXTS "a3{ 30{ " BASIC " " SKI " } }"
#define GOOD                                                                                       \
	"30{ 30{ a0{ 02:02 } 02:0102 " ALG " " ISSUER " " TIMES " " SUBJECT " " SPKI " " EXTS      \
	" } " ALG " 03:00cafe }"

static struct sg_cert_light got;

static enum sg_code
parse(struct sg_slice der, struct sg_err *err)
{
	enum sg_code rc = sg_cert_light_parse(der, &got, err);
	if (rc != SG_OK)
		assert_int_equal(got.raw.len + got.issuer.len + got.spki.len + got.serial.len, 0);
	return rc;
}

/* What is used is the same whatever stands around it. */
static enum sg_code
parse_same(struct sg_slice der, struct sg_err *err)
{
	sg_buf_scoped part = {0};
	enum sg_code rc = parse(der, err);
	if (rc != SG_OK)
		return rc;
	assert_true(sg_slice_eq(got.raw, der));
	assert_true(sg_slice_eq(got.serial, sg_slice("\1\2", 2)));
	assert_true(sg_slice_eq(got.issuer, asn(&part, ISSUER)));
	assert_true(sg_slice_eq(got.spki, asn(&part, SPKI)));
	return rc;
}

static void
cert_light__good__issuer_serial_key(void **state)
{
	(void)state;
	sg_buf_scoped b = {0}, part = {0};
	struct sg_err err = {0};
	if (parse_same(asn(&b, GOOD), &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_true(sg_slice_eq(got.subject, asn(&part, SUBJECT)));
	assert_true(sg_slice_eq(sg_cert_light_ski(&got), sg_slice("\1\2", 2)));
	for (size_t n = 0; n < b.len; n++)
		assert_int_not_equal(parse(sg_slice(b.p, n), NULL), SG_OK);
}

static void
cert_light__garbage_in_what_is_not_used__accepted(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {"a0{ 02:02 }", "", 0, ""},
	    {"a0{ 02:02 }", "a0{ 02:00 }", 0, ""},
	    {"a0{ 02:02 }", "a0{ 02:03 }", 0, ""},
	    {"a0{ 02:02 }", "a0{ 0c'x' 05: }", 0, ""},
	    {"a0{ 02:02 }", "a0:ff", 0, ""},
	    {ALG " " ISSUER, "30{} " ISSUER, 0, ""},
	    {ALG " " ISSUER, "30{ 06:2a864886f70d010104 05: } " ISSUER, 0, ""},
	    {ALG " " ISSUER, "05: " ISSUER, 0, ""},
	    {TIMES, "30{ 17'260002030405Z' 17'261301010101Z' }", 0, ""},
	    {TIMES, "30{ 17'2601020304Z' 18'20490101000000.5Z' }", 0, ""},
	    {TIMES, "30{ 17'260102030405+0100' 18'2050' }", 0, ""},
	    {TIMES, "30{}", 0, ""},
	    {TIMES, "04:ffff", 0, ""},
	    {SUBJECT, "30{}", 0, ""},
	    {SUBJECT, "30{ 31{} }", 0, ""},
	    {SUBJECT, "0c'dev1'", 0, ""},
	    {SPKI " ", SPKI " 81:00ff 82: ", 0, ""},
	    {EXTS, "", 0, ""},
	    {EXTS, "a3{}", 0, ""},
	    {EXTS, "a3:ffff", 0, ""},
	    {EXTS, EXTS " " EXTS, 0, ""},
	    {EXTS, "a3{ 30{ " BASIC " " BASIC " } }", 0, ""},
	    {EXTS, "a3{ 30{ 30{ 06:551d11 04{ 30{ 82: 87:0a00000100000000 } } } } }", 0, ""},
	    {EXTS, "a3{ 30{ 30{ 06:551d0f 04{ 03:00 } } 30{ 06:551d25 04{ 30{} } } } }", 0, ""},
	    {EXTS, "a3{ 30{ 30{ 06:551d0e 04:0102 } } }", 0, ""},
	    {EXTS, "a3{ 30{ x5000( 30{ 06:551d0e } ) } }", 0, ""},
	    {ALG " 03:00cafe", ALG " 03:", 0, ""},
	    {ALG " 03:00cafe", "30{ 06:2b6570 } 03:00", 0, ""},
	    {ALG " 03:00cafe", "", 0, ""},
	    {ALG " 03:00cafe", ALG " 03:05cafe 05: 05:", 0, ""},
	};
	expect_good(parse_same, GOOD, rows, sizeof rows / sizeof rows[0]);
}

static void
cert_light__odd_issuer_and_serial__as_they_stand(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {"02:0102", "02:8102", 0, ""}, /* negative */
	    {"02:0102", "02:0000", 0, ""}, /* padded */
	    {"02:0102", "02{ x64(=11) }", 0, ""},
	    {ISSUER, "30{}", 0, ""},
	    {ISSUER, "30{ 31{} }", 0, ""},
	    {ISSUER, "30{ 31{ x2( 30{ 06:550403 0c'a' } ) } }", 0, ""},
	    {ISSUER, "30{ x21( 31{ 30{ 06:550403 0c: } } ) }", 0, ""},
	    {ISSUER, "30{ 31{ 30{ 06:550403 30:ffff } } }", 0, ""},
	};
	expect_good(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
}

static void
cert_light__bad__refused(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {GOOD, "31{ 05: }", SG_E_MALFORMED, "der"},
	    {GOOD, "30{}", SG_E_MALFORMED, "der"},
	    {GOOD, GOOD " 05:", SG_E_MALFORMED, "der"},
	    {"02:0102", "", SG_E_MALFORMED, "der"},
	    {"02:0102", "04:0102", SG_E_MALFORMED, "der"},
	    {"02:0102", "02:", SG_E_MALFORMED, "cert.serial"},
	    {"02:0102", "02{ x65(=11) }", SG_E_LIMIT, "cert.serial.long"},
	    {ISSUER, "31{}", SG_E_MALFORMED, "der"},
	    {ISSUER, "0c'Test CA'", SG_E_MALFORMED, "der"},
	    {ISSUER, "30{ 30{} }", SG_E_MALFORMED, "der"},
	    {ISSUER, "30{ 31{ 05: } }", SG_E_MALFORMED, "der"},
	    {ISSUER, "30{ 31{ 30{} } }", SG_E_MALFORMED, "der"},
	    {ISSUER, "30{ 31{ 30{ 06:550480 0c'x' } } }", SG_E_MALFORMED, "der"},
	    {ISSUER, "30{ 31{ 30{ 06: 0c'x' } } }", SG_E_LIMIT, "der.oid"},
	    {ISSUER, "30{ 31{ 30{ 06:550403 } } }", SG_E_MALFORMED, "der"},
	    {ISSUER, "30{ 31{ 30{ 06:550403 0c'x' 0c'y' } } }", SG_E_MALFORMED, "der"},
	    {ISSUER, "30{ 31{ 30{ 06:550403 0c{ x16400(=61) } } } }", SG_E_LIMIT,
		"cert.issuer.long"},
	    {SUBJECT, "", SG_E_MALFORMED, "der"},
	    {SPKI, "05:", SG_E_MALFORMED, "der"},
	    {SPKI " " EXTS, "", SG_E_MALFORMED, "der"},
	    {EXTS, "04{ x66000(=61) }", SG_E_LIMIT, "cert.size"},
	};
	expect_bad(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
}

static void
ski__odd_extensions__found_or_none(void **state)
{
	(void)state;
	static const struct {
		const char *exts;
		struct sg_slice ski;
	} rows[] = {
	    {"", {0}},
	    {"a3{}", {0}},
	    {"a3{ 30{ " BASIC " } }", {0}},
	    {"a3{ 30{ " SKI " } }", {(const uint8_t *)"\1\2", 2}},
	    {"81:00 a3{ 30{ 05: 30{} 30{ 06: } " BASIC " " BASIC " " SKI " } }",
		{(const uint8_t *)"\1\2", 2}},
	    {"a3{ 30{ 30{ 06:551d0e 01:ff 04{ 04:0304 } } " SKI " } }",
		{(const uint8_t *)"\3\4", 2}},
	    {"a3{ 30{ 30{ 06:551d0e 04:0506 } } }", {(const uint8_t *)"\5\6", 2}},
	    {"a3{ 30{ 30{ 06:551d0e 04: } } }", {0}},
	    {"a3{ 30{ 30{ 06:551d0e 05: } } }", {0}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		if (parse(asn_with(&b, GOOD, EXTS, rows[i].exts), &err) != SG_OK)
			fail_msg("row %zu: %s", i, err.text);
		if (!sg_slice_eq(sg_cert_light_ski(&got), rows[i].ski))
			fail_msg("row %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cert_light__good__issuer_serial_key),
	    cmocka_unit_test(cert_light__garbage_in_what_is_not_used__accepted),
	    cmocka_unit_test(cert_light__odd_issuer_and_serial__as_they_stand),
	    cmocka_unit_test(cert_light__bad__refused),
	    cmocka_unit_test(ski__odd_extensions__found_or_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
