/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/enroll/pki.h"

#include "enroll/text.h"
#include "x509/name.h"
#include "x509/name_text.h"

static void
texts__of_everything__as_messages_say_them(void **state)
{
	sg_buf_scoped name = {0}, b = {0};
	char hex[2 * SG_SHA256_LEN + 1];
	struct sg_err err = {0};

	(void)state;
	assert_ok(sg_name_from_text(sg_slice_str("CN=a, O=b"), &name, &err), err);
	assert_string_equal(sg_enroll_name_text(&b, sg_buf_slice(&name)), "CN=a, O=b");
	assert_string_equal(sg_enroll_name_text(&b, sg_slice("\x30\x00", 2)), "(empty)");
	assert_string_equal(sg_enroll_time_text(&b, PKI_NOW), "2025-11-20T12:00:00Z");
	assert_string_equal(sg_enroll_time_text(&b, 0), "-");
	assert_string_equal(sg_enroll_shown(&b, "a\nb\033"), "a\\x0ab\\x1b");
	assert_ok(sg_enroll_fingerprint(sg_slice("abc", 3), hex, &err), err);
	assert_string_equal(
	    hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
first_line__of_answers__what_people_read(void **state)
{
	static const struct {
		const char *text;
		bool html;
		const char *line;
	} rows[] = {
	    {"no such order\nmore", false, "no such order"},
	    {"\r\n\n  --\n  why\tnot\r\n", false, "why not"},
	    {"", false, ""},
	    {"\n \n", false, ""},
	    {"\x1b[2J\xe2\x80\xaex", false, "\\x1b[2J\\xe2\\x80\\xaex"},
	    {"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head>", true,
		"404 Not Found"},
	    {"<a href='x'></a><p>gone<br>away", true, "gone"},
	    {"<never closed", true, ""},
	    {"a <b", false, "a <b"},
	};
	char text[5000];
	sg_buf_scoped b = {0};

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++)
		assert_string_equal(
		    sg_enroll_first_line(&b, sg_slice_str(rows[n].text), rows[n].html),
		    rows[n].line);
	assert_string_equal(sg_enroll_first_line(&b, sg_slice("a\0b", 3), false), "");
	memset(text, 'x', sizeof text);
	sg_enroll_first_line(&b, sg_slice(text, sizeof text), false);
	assert_in_range(b.len, 120, 130);
}

static void
texts__two_at_once__independent(void **state)
{
	sg_buf_scoped one = {0}, two = {0};

	(void)state;
	const char *a = sg_enroll_time_text(&one, PKI_NOW);
	const char *b = sg_enroll_time_text(&two, PKI_NOW + 1);
	for (int n = 0; n < 10; n++)
		assert_string_equal(sg_enroll_shown(&two, "other"), "other");
	assert_string_equal(a, "2025-11-20T12:00:00Z");
	assert_non_null(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts__of_everything__as_messages_say_them),
	    cmocka_unit_test(first_line__of_answers__what_people_read),
	    cmocka_unit_test(texts__two_at_once__independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
