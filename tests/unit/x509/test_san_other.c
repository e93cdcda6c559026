/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "x509/san_other.h"

static bool
sound(const char *value)
{
	sg_buf_scoped b = {0}, text = {0};

	sg_buf_puts(&text, "06:2a03 a0{ ");
	sg_buf_puts(&text, value);
	sg_buf_puts(&text, " }");
	return sg_san_other_is_sound(asn(&b, sg_buf_text(&text)));
}

static void
san_other_is_sound__values__der_and_plain_strings(void **state)
{
	static const struct {
		const char *value;
		bool sound;
	} rows[] = {
	    {"0c'abc'", true},
	    {"0c:", true},
	    {"0c:c3a4", true},
	    {"04:0a00ff", true}, /* bytes are bytes */
	    {"05:", true},
	    {"30{}", true},
	    {"31{ 02:01 }", true},
	    {"80:0a", true}, /* what a context says about its contents, nobody knows */
	    {"a0{ 1b'REALM' }", true},
	    {"30{ a0{ 1b'R' } a1{ 30{ a0{ 02:01 } a1{ 30{ 1b'krbtgt' } } } } }", true},
	    {"30{ 30{ 30{ 30{ 30{ 30{ 30{ 05: } } } } } } }", true},
	    {"30{ 30{ 30{ 30{ 30{ 30{ 30{ 30{ 05: } } } } } } } }", false}, /* 9 deep */
	    {"0c:ff", false},
	    {"0c:61000a", false},
	    {"0c:e280ae", false}, /* turns the direction of writing */
	    {"30{ 0c:1b }", false},
	    {"1e:00", false},
	    {"2c{ 0c'a' }", false}, /* a string in pieces is BER */
	    {"24{ 04:01 }", false},
	    {"30{ =0c05 }", false},
	    {"30{ =308100 }", false},
	    {"30{ =3080 =0000 }", false},
	    {"=0000", false},
	    {"0c'a' 0c'b'", false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (sound(rows[i].value) != rows[i].sound)
			fail_msg("%s", rows[i].value);
}

static void
san_other_is_sound__no_other_name__false(void **state)
{
	static const char *const rows[] = {"", "06:2a03", "a0{ 0c'a' }", "0c'a' a0{ 0c'a' }",
	    "06:2a83 a0{ 0c'a' }", "06:2a03 a1{ 0c'a' }",
	    "06:2a03 a0{ 0c'a' } 05:", "06:2a03 0c'a'"};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped b = {0};
		if (sg_san_other_is_sound(asn(&b, rows[i])))
			fail_msg("%s", rows[i]);
	}
}

static void
san_other_read__type_and_value__borrowed(void **state)
{
	sg_buf_scoped b = {0};

	(void)state;
	struct sg_der d = sg_der_init(asn(&b, "06:2a03 a0{ 04:0102 }"), NULL);
	struct sg_san_other other = sg_san_other_read(&d);
	assert_true(sg_der_ok(&d));
	assert_true(sg_slice_eq(other.type, sg_slice("\x2a\x03", 2)));
	assert_int_equal(other.value.tag, SG_DER_OCTET_STRING);
	assert_true(sg_slice_eq(other.value.val, sg_slice("\1\2", 2)));
}

/* What is printed is read back as the same bytes. */
static void
san_other_put_text__read_back__the_same(void **state)
{
	static const char *const values[] = {"0c'abc'", "0c'a:b#c'", "0c'#abc'", "0c:", "04:00ff",
	    "30{ 02:01 }", "13'printable'", "0c:c3a4", "0c'a\\b'", "0c'\"'"};

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		sg_buf_scoped line = {0}, b = {0}, text = {0}, back = {0};
		sg_buf_puts(&line, "06:2a03 a0{ ");
		sg_buf_puts(&line, values[i]);
		sg_buf_puts(&line, " }");
		sg_san_other_put_text(&text, asn(&b, sg_buf_text(&line)));
		assert_int_equal(
		    sg_san_other_from_text(sg_slice_str(sg_buf_text(&text)), &back, NULL), SG_OK);
		if (!sg_slice_eq(sg_buf_slice(&b), sg_buf_slice(&back)))
			fail_msg("%s: %s", values[i], sg_buf_text(&text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(san_other_is_sound__values__der_and_plain_strings),
	    cmocka_unit_test(san_other_is_sound__no_other_name__false),
	    cmocka_unit_test(san_other_read__type_and_value__borrowed),
	    cmocka_unit_test(san_other_put_text__read_back__the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
