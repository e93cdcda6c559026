/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "x509/ext.h"

#define UPN "a0{ 06:2b060104018237140203 a0{ 0c'a@b' } }"
#define OTHER "a0{ 06:2a0304 a0{ 04:01 } }"
#define NAME "30{ 31{ 30{ 06:550403 0c'x' } } }"
#define GOOD                                                                                       \
	"30{ 82'a.example' 81'a@b.example' 86'urn:x' 87:c0000201 "                                 \
	"87:20010db8000000000000000000000001 " UPN " a4{ " NAME " } " OTHER                        \
	" 88:2a03 a3{} a5{ 81:61 } }"

static struct sg_sans got;

static enum sg_code
parse(struct sg_slice der, struct sg_err *err)
{
	return sg_sans_parse(der, &got, err);
}

static void
sans_parse__good__all_kinds(void **state)
{
	(void)state;
	sg_buf_scoped b = {0}, name = {0}, other = {0};
	assert_int_equal(parse(asn(&b, GOOD), NULL), SG_OK);
	assert_int_equal(got.n, 11);
	assert_int_equal(got.item[0].type, SG_SAN_DNS);
	assert_true(sg_slice_is(got.item[0].val, "a.example"));
	assert_int_equal(got.item[1].type, SG_SAN_EMAIL);
	assert_int_equal(got.item[2].type, SG_SAN_URI);
	assert_int_equal(got.item[3].type, SG_SAN_IP);
	assert_int_equal(got.item[3].val.len, 4);
	assert_int_equal(got.item[4].type, SG_SAN_IP);
	assert_int_equal(got.item[4].val.len, 16);
	assert_int_equal(got.item[5].type, SG_SAN_UPN);
	assert_true(sg_slice_is(got.item[5].val, "a@b"));
	assert_int_equal(got.item[6].type, SG_SAN_DIRNAME);
	assert_true(sg_slice_eq(got.item[6].val, asn(&name, NAME)));
	assert_int_equal(got.item[7].type, SG_SAN_OTHERNAME);
	assert_true(sg_slice_eq(got.item[7].val, asn(&other, "06:2a0304 a0{ 04:01 }")));
	assert_int_equal(got.item[8].type, SG_SAN_RID);
	assert_true(sg_slice_eq(got.item[8].val, sg_slice("\x2a\x03", 2)));
	assert_int_equal(got.item[9].type, SG_SAN_OTHER);
	assert_int_equal(got.item[10].type, SG_SAN_OTHER);
	expect_whole(parse, sg_buf_slice(&b));
}

static void
sans_parse__bad__refused(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {GOOD, "30{}", SG_E_MALFORMED, "san.empty"},
	    {GOOD, "31{ 82'a' }", SG_E_MALFORMED, "der"},
	    {"82'a.example'", "82''", SG_E_MALFORMED, "san.value.empty"},
	    {"82'a.example'", "82:6100", SG_E_MALFORMED, "san.ascii"},
	    {"82'a.example'", "82:610a", SG_E_MALFORMED, "san.ascii"},
	    {"82'a.example'", "82:7f", SG_E_MALFORMED, "san.ascii"},
	    {"82'a.example'", "82:c3a4", SG_E_MALFORMED, "san.ascii"},
	    {"82'a.example'", "a2{ 16'a' }", SG_E_MALFORMED, "san.type"},
	    {"82'a.example'", "16'a.example'", SG_E_MALFORMED, "san.type"},
	    {"82'a.example'", "89'a'", SG_E_MALFORMED, "san.type"},
	    {"81'a@b.example'", "81:1b", SG_E_MALFORMED, "san.ascii"},
	    {"81'a@b.example'", "81''", SG_E_MALFORMED, "san.value.empty"},
	    {"86'urn:x'", "86:00", SG_E_MALFORMED, "san.ascii"},
	    {"86'urn:x'", "86''", SG_E_MALFORMED, "san.value.empty"},
	    {"87:c0000201", "87:", SG_E_MALFORMED, "san.value.empty"},
	    {"87:c0000201", "87:c00002", SG_E_MALFORMED, "san.ip"},
	    {"87:c0000201", "87:c0000201ffffff00", SG_E_MALFORMED, "san.ip"}, /* with a mask */
	    {"0c'a@b'", "0c''", SG_E_MALFORMED, "san.value.empty"},
	    {"0c'a@b'", "16'a@b'", SG_E_MALFORMED, "san.upn"},
	    {"0c'a@b'", "0c:ff", SG_E_MALFORMED, "san.upn"},
	    {"0c'a@b'", "0c:6100", SG_E_MALFORMED, "san.upn"},
	    {"0c'a@b'", "0c:e280ae", SG_E_MALFORMED, "san.upn"},
	    {"0c'a@b'", "0c'a' 0c'b'", SG_E_MALFORMED, "der"},
	    {"0c'a@b'", "", SG_E_MALFORMED, "der"},
	    {"a0{ 0c'a@b' }", "0c'a@b'", SG_E_MALFORMED, "der"},
	    {"a0{ 0c'a@b' }", "", SG_E_MALFORMED, "der"},
	    {"a0{ 0c'a@b' }", "a0{ 0c'a@b' } 05:", SG_E_MALFORMED, "der"},
	    {"06:2a0304", "", SG_E_MALFORMED, "der"},
	    {"88:2a03", "88:", SG_E_MALFORMED, "san.value.empty"},
	    {"88:2a03", "88:2a83", SG_E_MALFORMED, "san.rid"},
	    {"88:2a03", "88:8003", SG_E_MALFORMED, "san.rid"},
	    {"88:2a03", "88{ x33(=01) }", SG_E_MALFORMED, "san.rid"},
	    {"a4{ " NAME " }", "a4{ " NAME " " NAME " }", SG_E_MALFORMED, "der"},
	    {"a4{ " NAME " }", "a4{}", SG_E_MALFORMED, "der"},
	    {"0c'x'", "0c:1b", SG_E_MALFORMED, "name.value.control"},
	    {GOOD, "30{ x101(82'a') }", SG_E_LIMIT, "san.count"},
	    {GOOD, "30{ 82{ x2049(=61) } }", SG_E_LIMIT, "san.long"},
	};
	expect_bad(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
	static const struct bad_row good[] = {
	    {GOOD, "30{ x100(82'a') }", 0, ""},
	    {GOOD, "30{ 82{ x2048(=61) } }", 0, ""},
	};
	expect_good(parse, GOOD, good, 2);
}

static void
visit(struct sg_slice der, enum asn_edit edit)
{
	struct sg_err err;
	(void)edit;
	sg_ignore(parse(der, &err));
}

static void
sans_parse__every_edit__survived(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	asn_each_edit(asn(&b, GOOD), visit);
}

static void
sans_put__parsed__same_bytes(void **state)
{
	(void)state;
	sg_buf_scoped b = {0}, out = {0};
	asn(&b, "30{ 82'a.example' 81'a@b.example' 86'urn:x' 87:c0000201 " UPN " a4{ " NAME
		" } " OTHER " 88:2a03 }");
	assert_int_equal(parse(sg_buf_slice(&b), NULL), SG_OK);
	sg_sans_put(&out, &got);
	assert_true(sg_slice_eq(sg_buf_slice(&b), sg_buf_slice(&out)));
}

static void
sans_put__directory_name_in_a_wrong_type__in_one_that_holds_it(void **state)
{
	static const char *const rows[][2] = {
	    {"13'S*1'", "0c'S*1'"},
	    {"0c'S1'", "13'S1'"},
	    {"16'S_1'", "16'S_1'"},
	    {"1e:0053005f", "0c'S_'"},
	};
	sg_buf_scoped a = {0}, b = {0}, text = {0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped out = {0};
		for (size_t k = 0; k < 2; k++) {
			sg_buf_reset(&text);
			sg_buf_printf(
			    &text, "30{ a4{ 30{ 31{ 30{ 06:550405 %s } } } } }", rows[i][k]);
			asn(k == 0 ? &a : &b, sg_buf_text(&text));
		}
		assert_int_equal(parse(sg_buf_slice(&a), NULL), SG_OK);
		sg_sans_put(&out, &got);
		assert_true(sg_slice_eq(sg_buf_slice(&out), sg_buf_slice(&b)));
	}
}

static void
sans_put__x400_address__buffer_fails(void **state)
{
	(void)state;
	sg_buf_scoped b = {0}, out = {0};
	assert_int_equal(parse(asn(&b, "30{ 82'a' "
				       "a3{} }"),
			     NULL),
	    SG_OK);
	sg_sans_put(&out, &got);
	assert_int_equal(sg_buf_check(&out, NULL), SG_E_INTERNAL);
}

static void
expect_equal(const char *a, const char *b, bool want)
{
	sg_buf_scoped da = {0}, db = {0};
	struct sg_sans sa, sb;
	assert_int_equal(sg_sans_parse(asn(&da, a), &sa, NULL), SG_OK);
	assert_int_equal(sg_sans_parse(asn(&db, b), &sb, NULL), SG_OK);
	assert_true(sg_sans_equal(&sa, &sb) == want);
	assert_true(sg_sans_equal(&sb, &sa) == want);
}

static void
sans_equal__same_names__true(void **state)
{
	(void)state;
	expect_equal(GOOD, GOOD, true);
	expect_equal("30{ 82'a' 82'b' }", "30{ 82'b' 82'a' }", true);
	/* A set: a repeated name counts once. */
	expect_equal("30{ 82'a' 82'a' 82'b' }", "30{ 82'a' 82'b' 82'b' }", true);
	expect_equal("30{ 82'a' }", "30{ 82'a' 82'A' }", true);
	expect_equal("30{ 86'HTTP://A.example/x' }", "30{ 86'http://a.EXAMPLE/x' }", true);
	expect_equal("30{ 86'http://u@A' }", "30{ 86'http://u@a' }", true);
	expect_equal("30{ 86'URN:x' }", "30{ 86'urn:x' }", true);
	expect_equal("30{ a0{ 06:2b060104018237140203 a0{ 0c'a@B' } } }",
	    "30{ a0{ 06:2b060104018237140203 a0{ 0c'a@b' } } }", true);
	/* A UPN is text: "j\u00e4", composed or not. */
	expect_equal("30{ a0{ 06:2b060104018237140203 a0{ 0c:6ac3a44062 } } }",
	    "30{ a0{ 06:2b060104018237140203 a0{ 0c:6a61cc884042 } } }", true);
	expect_equal("30{ a4{ 30{ 31{ 30{ 06:550403 0c:c3a4 } } } } }",
	    "30{ a4{ 30{ 31{ 30{ 06:550403 0c:c384 } } } } }", true);
	expect_equal("30{ 82'A.Example' }", "30{ 82'a.eXAMPLE' }", true);
	expect_equal("30{ 81'me@A.Example' }", "30{ 81'me@a.example' }", true);
	expect_equal("30{ a4{ " NAME " } }", "30{ a4{ 30{ 31{ 30{ 06:550403 13'X' } } } } }", true);
}

static void
sans_equal__different__false(void **state)
{
	(void)state;
	expect_equal("30{ 82'a' 82'a' }", "30{ 82'a' 82'b' }", false);
	expect_equal("30{ 82'a' }", "30{ 82'a' 82'a' 82'b' }", false);
	expect_equal("30{ 86'urn:a' }", "30{ 86'urn:A' }", false);
	expect_equal("30{ 86'http://h/a' }", "30{ 86'http://h/A' }", false);
	expect_equal("30{ 86'http://u@h' }", "30{ 86'http://U@h' }", false);
	expect_equal("30{ 86'http://h?a@b' }", "30{ 86'http://h?A@b' }", false);
	expect_equal("30{ 86'http:h' }", "30{ 86'http:H' }", false);
	expect_equal("30{ 86'a:/b' }", "30{ 86'a/:b' }", false);
	expect_equal("30{ 86'a@h' }", "30{ 86'a:h' }", false);
	expect_equal("30{ 86'a' }", "30{ 86'A' }", false);
	expect_equal("30{ 82'a' }", "30{ 86'a' }", false);
	expect_equal("30{ 82'a' }", "30{ 82'b' }", false);
	expect_equal("30{ 82'a' }", "30{ 82'a.' }", false);
	expect_equal("30{ 81'Me@a' }", "30{ 81'me@a' }", false);
	expect_equal("30{ 81'a@b@c' }", "30{ 81'a@B@c' }", false);
	expect_equal("30{ 81'ab@c' }", "30{ 81'a@bc' }", false);
	expect_equal("30{ 86'urn:X' }", "30{ 86'urn:x' }", false);
	expect_equal("30{ " UPN " }", "30{ a0{ 06:2b060104018237140203 a0{ 0c'A@b' } } }", false);
	expect_equal("30{ a0{ 06:2b060104018237140203 a0{ 0c:6ac3a44062 } } }",
	    "30{ a0{ 06:2b060104018237140203 a0{ 0c:6ac3844062 } } }", false);
	expect_equal("30{ a0{ 06:2b060104018237140203 a0{ 0c'a@b@c' } } }",
	    "30{ a0{ 06:2b060104018237140203 a0{ 0c'a@B@c' } } }", false);
	expect_equal("30{ a0{ 06:2b060104018237140203 a0{ 0c'ab' } } }",
	    "30{ a0{ 06:2b060104018237140203 a0{ 0c'a@b' } } }", false);
	expect_equal("30{ 87:c0000201 }", "30{ 87:c0000202 }", false);
	expect_equal("30{ "
		     "a3{} }",
	    "30{ 88:2a03 }", false);
}

static void
sans_unique__repeated__the_first_spelling_of_each(void **state)
{
	sg_buf_scoped a = {0}, b = {0};
	struct sg_sans sans = {0}, want;

	(void)state;
	sg_sans_unique(&sans);
	assert_int_equal(sans.n, 0);
	assert_int_equal(
	    sg_sans_parse(asn(&a, "30{ 82'a' 81'x@b' 82'A' 82'b' 81'x@B' 81'X@b' }"), &sans, NULL),
	    SG_OK);
	assert_int_equal(
	    sg_sans_parse(asn(&b, "30{ 82'a' 81'x@b' 82'b' 81'X@b' }"), &want, NULL), SG_OK);
	sg_sans_unique(&sans);
	assert_int_equal(sans.n, want.n);
	for (size_t i = 0; i < want.n; i++)
		assert_true(sans.item[i].type == want.item[i].type &&
			    sg_slice_eq(sans.item[i].val, want.item[i].val));
}

#define UPN_TEXT(hex) "a0{ 06:2b060104018237140203 a0{ 0c:" hex " } }"
#define DIRNAME(hex) "a4{ 30{ 31{ 30{ 06:550403 0c:" hex " } } } }"

/* All that a stranger sends is compared with all of it: his spelling counts as it stands. */
static void
sans_unique_spelling__as_spelled__other_spellings_stay(void **state)
{
	static const struct {
		const char *names;
		size_t n, n_spelled;
	} rows[] = {
	    {"30{ 82'a' 82'A' 82'b' }", 2, 2},
	    {"30{ " UPN_TEXT("6140622e63") " " UPN_TEXT("6140422e43") " }", 1, 1},
	    {"30{ " UPN_TEXT("c3a440622e63") " " UPN_TEXT("61cc8840622e63") " }", 1, 2},
	    {"30{ " UPN_TEXT("c3a440622e63") " " UPN_TEXT("c3a440622e63") " }", 1, 1},
	    {"30{ " DIRNAME("41") " " DIRNAME("61") " " DIRNAME("41") " }", 1, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped b = {0};
		struct sg_sans sans, all, spelled;
		assert_int_equal(sg_sans_parse(asn(&b, rows[i].names), &sans, NULL), SG_OK);
		all = spelled = sans;
		sg_sans_unique(&all);
		sg_sans_unique_spelling(&spelled);
		assert_int_equal(all.n, rows[i].n);
		assert_int_equal(spelled.n, rows[i].n_spelled);
		assert_true(sg_sans_equal(&sans, &spelled));
		assert_true(sg_sans_equal_spelling(&sans, &spelled));
		assert_true(sg_sans_equal_spelling(&sans, &all) == (all.n == spelled.n));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sans_parse__good__all_kinds),
	    cmocka_unit_test(sans_parse__bad__refused),
	    cmocka_unit_test(sans_parse__every_edit__survived),
	    cmocka_unit_test(sans_put__parsed__same_bytes),
	    cmocka_unit_test(sans_put__directory_name_in_a_wrong_type__in_one_that_holds_it),
	    cmocka_unit_test(sans_put__x400_address__buffer_fails),
	    cmocka_unit_test(sans_equal__same_names__true),
	    cmocka_unit_test(sans_equal__different__false),
	    cmocka_unit_test(sans_unique__repeated__the_first_spelling_of_each),
	    cmocka_unit_test(sans_unique_spelling__as_spelled__other_spellings_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
