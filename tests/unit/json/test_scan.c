/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/utf8.h"
#include "json/scan_private.h"

static void
scan__depth_and_values__at_both_ends(void **state)
{
	struct sg_json_limits limits = {.size = SIZE_MAX, .depth = 4, .values = 1000};
	static const struct {
		const char *text;
		size_t at; /* 0: within the limits */
	} rows[] = {
	    {"[[[[]]]]", 0},
	    {"[[[[[]]]]]", 4},
	    {"{\"a\":{\"b\":[{}]}}", 0},
	    {"{\"a\":{\"b\":[{\"c\":[", 16},
	    {"[[],[],[],[[]]]", 0},
	    {"]]]]]]]][[[[", 0},
	    {"\"[[[[[[[\"", 0},
	    {"\"\\\"[[[[[[[\"", 0},
	    {"\"\\\\\"[[[[[", 8},
	    {"\"[[[[[[[\\", 0},
	    {"", 0},
	};
	sg_buf_scoped many = {0};
	struct sg_err err;
	size_t at;

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		enum sg_code rc = sg_json_scan(sg_slice_str(rows[n].text), &limits, &at, &err);
		if (rows[n].at == 0) {
			assert_int_equal(rc, SG_OK);
			continue;
		}
		expect_err(rc, &err, SG_E_LIMIT, "json.depth");
		assert_int_equal(at, rows[n].at);
	}
	sg_buf_puts(&many, "[");
	for (unsigned n = 2; n < limits.values; n++)
		sg_buf_puts(&many, ",");
	assert_int_equal(sg_json_scan(sg_buf_slice(&many), &limits, &at, &err), SG_OK);
	sg_buf_puts(&many, ",");
	expect_err(
	    sg_json_scan(sg_buf_slice(&many), &limits, &at, &err), &err, SG_E_LIMIT, "json.size");
}

static void
scan_path__every_position__the_member(void **state)
{
	static const struct {
		const char *text; /* up to the byte of the question */
		const char *path;
	} rows[] = {
	    {"", ""},
	    {"{", ""},
	    {"{\"a\"", "a"},
	    {"{\"a\":", "a"},
	    {"{\"a\":1", "a"},
	    {"{\"a\":1,", ""},
	    {"{\"a\":1,\"b\":[", "b[0]"},
	    {"{\"a\":1,\"b\":[1,", "b[1]"},
	    {"{\"a\":1,\"b\":[1,{\"c\":\"x,y\"", "b[1].c"},
	    {"{\"a\":1,\"b\":[1,{\"c\":{}", "b[1].c"},
	    {"{\"a\":1,\"b\":[1,{\"c\":{}}", "b[1]"},
	    {"{\"a\":1,\"b\":[1,{\"c\":{}}]", "b"},
	    {"{\"a\":1,\"b\":[1,{\"c\":{}}],\"d", "d"},
	    {"[[1,2],[3,", "[1][1]"},
	    {"}}]]{\"a\":", "a"},
	    {"{\"a\\\"b\":", "a\\x5c\"b"},
	    {"{\"a\\", "a\\x5c"},
	    {"{\"\xff\":", "\\xff"},
	};
	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_json_path path = {0};
		sg_buf_scoped text = {0};
		sg_buf_puts(&text, rows[n].text);
		size_t at = text.len;
		/* What comes after it does not count, but for the end of a name. */
		sg_buf_puts(&text, "\"x\":[{\"y\":");
		sg_json_scan_path(sg_slice(text.p, text.len), at, &path);
		if (strncmp(path.text, rows[n].path, strlen(rows[n].path)) != 0)
			fail_msg("%s: %s", rows[n].text, path.text);
		path = (struct sg_json_path){0};
		sg_json_scan_path(sg_slice_str(rows[n].text), SIZE_MAX, &path);
		assert_string_equal(path.text, rows[n].path);
	}
}

static void
scan_path__very_deep__cut(void **state)
{
	struct sg_json_path path = {0};
	sg_buf_scoped text = {0};

	(void)state;
	for (unsigned n = 0; n < 10000; n++)
		sg_buf_puts(&text, "{\"long-name\":[1,");
	sg_json_scan_path(sg_buf_slice(&text), text.len, &path);
	assert_int_equal(strlen(path.text), sizeof path.text - 1);
	assert_int_equal(strncmp(path.text, "long-name[1].long-name[1].", 26), 0);
}

static void
path__no_room__cut_between_characters(void **state)
{
	struct sg_json_path path = {0};
	char small[4];

	(void)state;
	sg_json_path_cut(small, sizeof small, "ab\xe2\x82\xac");
	assert_string_equal(small, "ab");
	sg_json_path_cut(small, sizeof small, "\xe2\x82\xac");
	assert_string_equal(small, "\xe2\x82\xac");
	sg_json_path_cut(small, sizeof small, "abcd");
	assert_string_equal(small, "abc");
	for (unsigned n = 0; n < 100; n++) {
		sg_json_path_name(&path, sg_slice_str("\xe2\x82\xac"));
		sg_json_path_index(&path, n);
		assert_true(sg_utf8_is_valid(sg_slice_str(path.text)));
		assert_int_equal(path.len, strlen(path.text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scan__depth_and_values__at_both_ends),
	    cmocka_unit_test(scan_path__every_position__the_member),
	    cmocka_unit_test(scan_path__very_deep__cut),
	    cmocka_unit_test(path__no_room__cut_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
