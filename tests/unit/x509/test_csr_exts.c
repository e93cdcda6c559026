/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "asn1/oid.h"
#include "x509/csr_exts_private.h"

#define EXT(oid, value) "30{ 06:" oid " 04{ " value " } }"
#define KU(value) EXT("551d0f", value)
#define BC(value) EXT("551d13", value)
#define EKU(value) EXT("551d25", value)
#define SAN(value) EXT("551d11", value)
#define CLIENT "06:2b06010505070302"
#define SERVER "06:2b06010505070301"

static struct sg_exts got;

static enum sg_code
parse(struct sg_slice der, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);

	got = (struct sg_exts){.path_len = -1};
	sg_csr_exts_read(&d, &got);
	return sg_der_status(&d);
}

static void
read_ok(const char *list)
{
	sg_buf_scoped b = {0};
	struct sg_err err = {.rule = ""};

	if (parse(asn(&b, list), &err) != SG_OK)
		fail_msg("%s: %s %s", list, err.rule, err.text);
	/* Slices point into b: only numbers are looked at afterwards. */
}

static void
exts_read__key_usage__meaning_in_any_encoding(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		uint32_t usage;
	} rows[] = {
	    {"30{ " KU("03:05a0") " }", SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT},
	    {"30{ " KU("03:0204") " }", SG_KU_KEY_CERT_SIGN},
	    {"30{ " KU("03:0106") " }", SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN},
	    /* Not minimal, with more bits than there are, with bits set that are not used. */
	    {"30{ " KU("03:000600") " }", SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN},
	    {"30{ " KU("03:00040000") " }", SG_KU_KEY_CERT_SIGN},
	    {"30{ " KU("03:0004ffffff") " }", SG_KU_KEY_CERT_SIGN | SG_KU_DECIPHER_ONLY},
	    {"30{ " KU("03:05bf") " }", SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT},
	    {"30{ " KU("03:06a0") " }", SG_KU_DIGITAL_SIGNATURE},
	    /* Lengths of BER, segments, something after it. */
	    {"30{ " KU("=03810200 =04") " }", SG_KU_KEY_CERT_SIGN},
	    {"30{ " KU("=038400000002 =0004") " }", SG_KU_KEY_CERT_SIGN},
	    {"30{ " KU("=2380 =03020004 =0000") " }", SG_KU_KEY_CERT_SIGN},
	    {"30{ " KU("23{ 03:0004 }") " }", SG_KU_KEY_CERT_SIGN},
	    {"30{ " KU("03:0004 05:") " }", SG_KU_KEY_CERT_SIGN},
	    /* Nothing that could be read. */
	    {"30{ " KU("") " }", 0},
	    {"30{ " KU("03:") " }", 0},
	    {"30{ " KU("03:00") " }", 0},
	    {"30{ " KU("03:0700") " }", 0},
	    {"30{ " KU("03:08ff") " }", 0},
	    {"30{ " KU("04:0004") " }", 0},
	    {"30{ " KU("=030500") " }", 0},
	    {"30{ " KU("=0389 =010101010101010101") " }", 0},
	    {"30{ " KU("=03ff") " }", 0},
	    {"30{ " KU("=1f") " }", 0},
	    {"30{ " KU("=2380") " }", 0},
	    /* It stands twice: the same, or once not to be read. */
	    {"30{ " KU("03:0204") " " KU("03:0004") " }", SG_KU_KEY_CERT_SIGN},
	    {"30{ " KU("03:0204") " " KU("05:") " }", SG_KU_KEY_CERT_SIGN},
	    {"30{ " KU("05:") " " KU("03:0204") " }", SG_KU_KEY_CERT_SIGN},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		read_ok(rows[i].list);
		if (got.key_usage != rows[i].usage || got.has_key_usage != (rows[i].usage != 0))
			fail_msg("%s: %x", rows[i].list, (unsigned)got.key_usage);
		assert_int_equal(sg_csr_exts_empty(&got), rows[i].usage == 0);
	}
}

static void
exts_read__basic_constraints__ca_in_any_encoding(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		bool ca;
	} rows[] = {
	    {"30{ " BC("30{ 01:ff }") " }", true},
	    {"30{ " BC("30{ 01:01 }") " }", true},
	    {"30{ " BC("30{ 01:0001 }") " }", true},
	    {"30{ " BC("30{ 01:ff 02:00 }") " }", true},
	    {"30{ " BC("30{ 01:ff 02:ff }") " }", true},
	    {"30{ " BC("30{ 01:ff 02:ffffffffffffffffffff }") " }", true},
	    {"30{ " BC("30{ 01:ff 02:00 05: }") " }", true},
	    {"30{ " BC("30{ 02:00 01:ff }") " }", true},
	    {"30{ " BC("30{ 01:00 01:ff }") " }", true},
	    {"30{ " BC("=308103 =0101ff") " }", true},
	    {"30{ " BC("=3080 =0101ff =0000") " }", true},
	    {"30{ " BC("30{ =018101ff }") " }", true},
	    {"30{ " BC("30{}") " }", false},
	    {"30{ " BC("30{ 01:00 }") " }", false},
	    {"30{ " BC("30{ 01: }") " }", false},
	    {"30{ " BC("30{ 02:00 }") " }", false},
	    {"30{ " BC("30{ 01:00 02:00 }") " }", false},
	    {"30{ " BC("30{ 02:ff }") " }", false},
	    {"30{ " BC("") " }", false},
	    {"30{ " BC("31{}") " }", false},
	    {"30{ " BC("05:") " }", false},
	    {"30{ " BC("=3005") " }", false},
	    {"30{ " BC("30{ 01:ff }") " " BC("30{ 01:01 02:05 }") " }", true},
	    {"30{ " BC("30{ 01:ff }") " " BC("31{}") " }", true},
	    {"30{ " BC("30{}") " " BC("30{ 01:00 }") " }", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		read_ok(rows[i].list);
		if (got.ca != rows[i].ca || got.path_len != -1)
			fail_msg("%s: %d", rows[i].list, got.ca);
		assert_int_equal(sg_csr_exts_empty(&got), !rows[i].ca);
	}
}

static void
exts_read__purposes__a_set_of_what_can_be_read(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		size_t n;
	} rows[] = {
	    {"30{ " EKU("30{ " CLIENT " }") " }", 1},
	    {"30{ " EKU("30{ " CLIENT " " SERVER " }") " }", 2},
	    {"30{ " EKU("30{ " CLIENT " " CLIENT " }") " }", 1},
	    {"30{ " EKU("30{ 05: " CLIENT " 06: }") " }", 1},
	    {"30{ " EKU("=3080 " CLIENT " =0000") " }", 1},
	    {"30{ " EKU("30{}") " }", 0},
	    {"30{ " EKU("") " }", 0},
	    {"30{ " EKU("0c'clientAuth'") " }", 0},
	    {"30{ " EKU("30{ 06{ x33(=01) } }") " }", 0},
	    {"30{ " EKU("30{ " CLIENT " " SERVER " }") " " EKU("30{ " SERVER " " CLIENT " }") " }",
		2},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		read_ok(rows[i].list);
		if (got.eku_n != rows[i].n || got.has_eku != (rows[i].n > 0))
			fail_msg("%s: %zu", rows[i].list, got.eku_n);
	}
}

static void
exts_read__names__a_set(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		size_t n;
	} rows[] = {
	    {"30{ " SAN("30{ 82'a.example' }") " }", 1},
	    {"30{ " SAN("30{ 82'a.example' 82'A.EXAMPLE' 82'b.example' }") " }", 2},
	    {"30{ " SAN("30{ 82'a' 82'b' }") " " SAN("30{ 82'b' 82'a' 82'b' }") " }", 2},
	    {"30{ 30{ 06:551d11 01:07 04{ 30{ 82'a' } } } }", 1},
	    {"30{}", 0},
	    /* No name is asked for, which contradicts nothing. */
	    {"30{ " SAN("30{}") " }", 0},
	    {"30{ " SAN("30{}") " " SAN("30{ 82'a' }") " }", 1},
	    {"30{ " SAN("30{ 82'a' }") " " SAN("30{}") " }", 1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		read_ok(rows[i].list);
		assert_int_equal(got.sans.n, rows[i].n);
		assert_int_equal(got.has_san, rows[i].n > 0);
	}
}

static void
exts_read__others__skipped(void **state)
{
	(void)state;
	/* Unknown ones, those that only certificates have, broken, critical, and twice. */
	read_ok("30{ 30{ 06:2a03 01:ff 04:00 } 30{ 06:2a03 04:0102 } " EXT("551d0e", "05:") " " EXT(
	    "551d23", "=ff") " " EXT("2b0601040182371902", "") " }");
	assert_true(sg_csr_exts_empty(&got));
	assert_false(got.unknown_critical);
}

#define GOOD                                                                                       \
	"30{ " KU("03:05a0") " " BC("30{}") " " EKU("30{ " CLIENT " }") " " SAN("30{ 82'a' }") " " \
											       "}"

static void
exts_read__bad__refused(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {GOOD, "31{}", SG_E_MALFORMED, "der"},
	    {GOOD, "30{} 30{}", SG_E_MALFORMED, "der"},
	    {GOOD, "30{ 05: }", SG_E_MALFORMED, "der"},
	    {GOOD, "30{ 30{} }", SG_E_MALFORMED, "der"},
	    {GOOD, "30{ 30{ 06:551d11 } }", SG_E_MALFORMED, "der"},
	    {GOOD, "30{ 30{ 06:551d11 04: 04: } }", SG_E_MALFORMED, "der"},
	    {GOOD, "30{ 30{ 06: 04: } }", SG_E_LIMIT, "der.oid"},
	    {"30{ 82'a' }", "", SG_E_MALFORMED, "der"},
	    {"30{ 82'a' }", "30{} 05:", SG_E_MALFORMED, "der"},
	    {"30{ 82'a' }", "31{}", SG_E_MALFORMED, "der"},
	    {"30{ 82'a' }", "30{ 82: }", SG_E_MALFORMED, "san.value.empty"},
	    {"30{ 82'a' }", "30{ 82'a' } 05:", SG_E_MALFORMED, "der"},
	    /* Two that contradict each other. */
	    {"03:05a0 } }", "03:05a0 } } " KU("03:0204"), SG_E_MALFORMED, "csr.exts.twice"},
	    {"04{ 30{} } }", "04{ 30{} } } " BC("30{ 01:ff }"), SG_E_MALFORMED, "csr.exts.twice"},
	    {"30{ " CLIENT " } } }", "30{ " CLIENT " } } } " EKU("30{ " SERVER " }"),
		SG_E_MALFORMED, "csr.exts.twice"},
	    {"30{ " CLIENT " } } }", "30{ " CLIENT " } } } " EKU("30{ " CLIENT " " SERVER " }"),
		SG_E_MALFORMED, "csr.exts.twice"},
	    {"30{ 82'a' } } }", "30{ 82'a' } } } " SAN("30{ 82'b' }"), SG_E_MALFORMED,
		"csr.exts.twice"},
	    {"30{ 82'a' } } }", "30{ 82'a' } } } " SAN("30{ 82'a' 82'b' }"), SG_E_MALFORMED,
		"csr.exts.twice"},
	    {GOOD, "30{ x33(" KU("03:05a0") ") }", SG_E_LIMIT, "ext.count"},
	};
	expect_bad(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
}

static void
exts_read__many_purposes__33_are_read(void **state)
{
	(void)state;
	for (unsigned n = 32; n <= 120; n += n == 32 ? 1 : 87) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		size_t seq = sg_derw_begin(&b, SG_DER_SEQUENCE),
		       ext = sg_derw_begin(&b, SG_DER_SEQUENCE);
		sg_derw_oid(&b, SG_OID(eku));
		size_t value = sg_derw_begin(&b, SG_DER_OCTET_STRING);
		size_t ekus = sg_derw_begin(&b, SG_DER_SEQUENCE);
		for (unsigned i = 0; i < n; i++) {
			uint8_t oid[2] = {0x2a, (uint8_t)i};
			sg_derw_oid(&b, sg_slice(oid, 2));
		}
		sg_derw_end(&b, ekus);
		sg_derw_end(&b, value);
		sg_derw_end(&b, ext);
		sg_derw_end(&b, seq);
		assert_int_equal(parse(sg_buf_slice(&b), &err), SG_OK);
		assert_int_equal(got.eku_n, n == 32 ? 32 : SG_EKUS_MAX + 1);
	}
}

static void
visit(struct sg_slice der, enum asn_edit edit)
{
	struct sg_err err;
	(void)edit;
	(void)parse(der, &err);
	/* Nothing but the names that stand there, and nothing that only a CA has. */
	assert_false(got.ca);
	assert_in_range(got.sans.n, 0, 2);
}

static void
exts_read__every_edit__survived(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	asn_each_edit(asn(&b, GOOD), visit);
}

static void
exts_equal__each_part__counts(void **state)
{
	(void)state;
	static const char *const lists[] = {"30{}", "30{ " KU("03:05a0") " }",
	    "30{ " KU("03:0780") " }", "30{ " BC("30{ 01:ff }") " }",
	    "30{ " EKU("30{ " CLIENT " }") " }", "30{ " EKU("30{ " SERVER " }") " }",
	    "30{ " SAN("30{ 82'a' }") " }", "30{ " SAN("30{ 82'b' }") " }",
	    "30{ " SAN("30{ 82'a' 82'b' }") " }"};
	enum { N = sizeof lists / sizeof lists[0] };
	sg_buf_scoped b = {0}, c = {0};

	for (size_t i = 0; i < N; i++) {
		assert_int_equal(parse(asn(&b, lists[i]), NULL), SG_OK);
		struct sg_exts one = got;
		for (size_t k = 0; k < N; k++) {
			assert_int_equal(parse(asn(&c, lists[k]), NULL), SG_OK);
			assert_int_equal(sg_csr_exts_equal(&one, &got), i == k);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(exts_read__key_usage__meaning_in_any_encoding),
	    cmocka_unit_test(exts_read__basic_constraints__ca_in_any_encoding),
	    cmocka_unit_test(exts_read__purposes__a_set_of_what_can_be_read),
	    cmocka_unit_test(exts_read__names__a_set),
	    cmocka_unit_test(exts_read__others__skipped),
	    cmocka_unit_test(exts_read__bad__refused),
	    cmocka_unit_test(exts_read__many_purposes__33_are_read),
	    cmocka_unit_test(exts_read__every_edit__survived),
	    cmocka_unit_test(exts_equal__each_part__counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
