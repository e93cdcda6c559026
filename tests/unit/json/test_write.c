/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include <jansson.h>

#include "lib/alloc_fail.h"
#include "unit/json/every.h"

static const struct every_inner inners[] = {
    {.a = 1}, {.a = 9, .has_b = true, .b = {(const uint8_t *)"x\"", 2}}};
static const struct sg_slice two_texts[] = {{NULL, 0}, {(const uint8_t *)"b", 1}};

static struct every_required
full(void)
{
	return (struct every_required){
	    .r_text = sg_slice_str("hello"),
	    .r_int = -5,
	    .r_digits = INT64_MIN,
	    .r_bool = true,
	    .r_time = 1795867200000000,
	    .r_hex = sg_slice("\x00\xff", 2),
	    .r_enum = 7,
	    .r_object = {.a = 3},
	    .r_list = {inners, 2},
	    .r_texts = {two_texts, 2},
	};
}

static const char full_text[] =
    "{\"r_text\":\"hello\",\"r_int\":-5,\"r_digits\":\"-9223372036854775808\",\"r_bool\":true,"
    "\"r_time\":\"2026-11-28T12:00:00Z\",\"r_hex\":\"00ff\",\"r_enum\":\"dark-blue\","
    "\"r_object\":{\"a\":3},\"r_list\":[{\"a\":1},{\"a\":9,\"b\":\"x\\\"\"}],"
    "\"r_texts\":[\"\",\"b\"]}";

static void
put__every_kind__compact(void **state)
{
	struct every_required v = full();
	struct every_optional o = {0};
	struct every_nullable n = {0};
	sg_buf_scoped b = {0};

	(void)state;
	sg_json_put(&b, &every_required_schema, &v);
	assert_string_equal(sg_buf_text(&b), full_text);
	sg_buf_reset(&b);
	sg_json_put(&b, &every_optional_schema, &o);
	assert_string_equal(sg_buf_text(&b), "{}");
	o.has_o_bool = true;
	o.has_o_texts = true;
	sg_buf_reset(&b);
	sg_json_put(&b, &every_optional_schema, &o);
	assert_string_equal(sg_buf_text(&b), "{\"o_bool\":false,\"o_texts\":[]}");
	n.has_n_int = true;
	sg_buf_reset(&b);
	sg_json_put(&b, &every_nullable_schema, &n);
	assert_string_equal(sg_buf_text(&b),
	    "{\"n_text\":null,\"n_int\":0,\"n_digits\":null,\"n_bool\":null,\"n_time\":null,"
	    "\"n_hex\":null,\"n_enum\":null,\"n_object\":null,\"n_list\":null,\"n_texts\":null}");
}

static void
put__what_was_written__reads_the_same(void **state)
{
	struct sg_json_limits limits = sg_json_limits_default();
	struct every_required v = full(), w;
	sg_json_doc_scoped doc = {0};
	sg_buf_scoped b = {0}, again = {0};
	struct sg_err err;

	(void)state;
	sg_json_put(&b, &every_required_schema, &v);
	assert_int_equal(sg_json_read(sg_buf_slice(&b), &limits, SG_JSON_STRICT,
			     &every_required_schema, &doc, &w, NULL, &err),
	    SG_OK);
	sg_json_put(&again, &every_required_schema, &w);
	assert_string_equal(sg_buf_text(&again), full_text);
	/* And jansson's own writer has nothing to change. */
	json_t *root = json_loads(full_text, 0, NULL);
	char *theirs = json_dumps(root, JSON_COMPACT);
	assert_string_equal(theirs, full_text);
	free(theirs);
	json_decref(root);
}

static void
put_string__outside_text__is_json(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *want;
	} rows[] = {
	    {"", 0, "\"\""},
	    {"a/b", 3, "\"a/b\""},
	    {"\"\\", 2, "\"\\\"\\\\\""},
	    {"\n\x1b\x7f", 3, "\"\\n\\u001b\\u007f\""},
	    {"\xc2\x9b", 2, "\"\\u009b\""},			   /* CSI of a terminal */
	    {"\xe2\x80\xae\xe2\x80\xa8", 6, "\"\\u202e\\u2028\""}, /* right to left, new line */
	    {"\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\""},
	    {"a\0b", 3, "\"a\\\\x00b\""},
	    {"\xff\xc3\xa9", 3, "\"\\\\xff\xc3\xa9\""},
	    {"\\\xff", 2, "\"\\\\x5c\\\\xff\""},
	};
	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		sg_buf_scoped b = {0};
		json_error_t e;
		sg_json_put_string(&b, sg_slice(rows[n].text, rows[n].len));
		assert_string_equal(sg_buf_text(&b), rows[n].want);
		json_t *v = json_loadb(sg_buf_text(&b), b.len, JSON_DECODE_ANY, &e);
		assert_true(json_is_string(v));
		json_decref(v);
	}
	for (uint32_t cp = 1; cp < 0x3000; cp++) {
		sg_buf_scoped b = {0};
		char text[4] = {0};
		json_error_t e;
		if (cp < 0x80)
			text[0] = (char)cp;
		else if (cp < 0x800) {
			text[0] = (char)(0xc0 | cp >> 6);
			text[1] = (char)(0x80 | (cp & 0x3f));
		} else {
			text[0] = (char)(0xe0 | cp >> 12);
			text[1] = (char)(0x80 | (cp >> 6 & 0x3f));
			text[2] = (char)(0x80 | (cp & 0x3f));
		}
		sg_json_put_string(&b, sg_slice_str(text));
		json_t *v = json_loadb(sg_buf_text(&b), b.len, JSON_DECODE_ANY, &e);
		assert_string_equal(json_string_value(v), text);
		json_decref(v);
	}
}

static void
put_time__edges__or_failure(void **state)
{
	static const struct {
		int64_t us;
		const char *want; /* NULL: a failure */
	} rows[] = {
	    {0, "1970-01-01T00:00:00Z"},
	    {1, "1970-01-01T00:00:00.000001Z"},
	    {-1, "1969-12-31T23:59:59.999999Z"},
	    {1120000, "1970-01-01T00:00:01.120000Z"},
	    {-62135596800000000, "0001-01-01T00:00:00Z"},
	    {-62135596800000001, NULL},
	    {253402300799999999, "9999-12-31T23:59:59.999999Z"},
	    {253402300800000000, NULL},
	    {INT64_MAX, NULL},
	    {INT64_MIN, NULL},
	};
	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		sg_buf_scoped b = {0};
		struct sg_err err;
		sg_json_put_time(&b, rows[n].us);
		if (rows[n].want == NULL)
			expect_err(sg_buf_check(&b, &err), &err, SG_E_INTERNAL, "buffer");
		else
			assert_string_equal(sg_buf_text(&b), rows[n].want);
	}
}

static void
put__what_the_schema_cannot_say__failure(void **state)
{
	struct every_required v = full();
	sg_buf_scoped b = {0};
	struct sg_err err;

	(void)state;
	v.r_enum = 3;
	sg_json_put(&b, &every_required_schema, &v);
	expect_err(sg_buf_check(&b, &err), &err, SG_E_INTERNAL, "buffer");
	v = full();
	v.r_int = SG_JSON_INT_MAX + 1;
	sg_buf_reset(&b);
	sg_json_put(&b, &every_required_schema, &v);
	expect_err(sg_buf_check(&b, &err), &err, SG_E_INTERNAL, "buffer");
	for (size_t n = 7; n < 10; n++) {
		sg_buf_reset(&b);
		sg_json_put_text(&b, &every_required_schema.member[n], &v);
		expect_err(sg_buf_check(&b, &err), &err, SG_E_INTERNAL, "buffer");
	}
	assert_null(sg_json_word_of(every_words, 3));
	assert_string_equal(sg_json_word_of(every_words, 7), "dark-blue");
}

static void
put__no_room_or_memory__failure(void **state)
{
	struct every_required v = full();
	struct sg_err err;

	(void)state;
	v.r_text = sg_slice_str("\xff");
	for (size_t max = 1; max < sizeof full_text - 1; max++) {
		sg_buf_scoped b = {.max = max};
		sg_json_put(&b, &every_required_schema, &v);
		expect_err(sg_buf_check(&b, &err), &err, SG_E_LIMIT, "limit.buffer");
	}
	for (unsigned long n = 1; n < 3; n++) {
		sg_buf_scoped b = {0};
		alloc_fail_at(n);
		sg_json_put(&b, &every_required_schema, &v);
		alloc_fail_at(0);
		expect_err(sg_buf_check(&b, &err), &err, SG_E_NOMEM, "memory");
	}
}

static void
put_indented__any_object__a_member_a_line(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"{}", "{}\n"},
	    {"[ ]", "[]\n"},
	    {"{\"a\":1,\"b\":[],\"c\":{}}", "{\n  \"a\": 1,\n  \"b\": [],\n  \"c\": {}\n}\n"},
	    {"{\"a\":[1,{\"b\":null}]}",
		"{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ]\n}\n"},
	    {" { \"a\" :\t[ [\r\n] ] } ", "{\n  \"a\": [\n    []\n  ]\n}\n"},
	    {"{\"a, [\\\"\":\" {: \\\\\"}", "{\n  \"a, [\\\"\": \" {: \\\\\"\n}\n"},
	    {"{\"\xc2\x9b\":\"\x7f\xc3\xa9\xe2\x80\xae\xf0\x9f\x98\x80\xff\"}",
		"{\n  \"\\u009b\": \"\\u007f\xc3\xa9\\u202e\xf0\x9f\x98\x80\xff\"\n}\n"},
	    {"]]}", "\n]\n]\n}\n"},
	    {"", "\n"},
	};
	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		sg_buf_scoped b = {0};
		sg_json_put_indented(&b, sg_slice_str(rows[n].text));
		assert_string_equal(sg_buf_text(&b), rows[n].want);
	}
	/* As jansson indents. */
	sg_buf_scoped b = {0};
	sg_json_put_indented(&b, sg_slice_str(full_text));
	json_t *root = json_loads(full_text, 0, NULL);
	char *theirs = json_dumps(root, JSON_INDENT(2));
	assert_int_equal(strncmp(sg_buf_text(&b), theirs, strlen(theirs)), 0);
	free(theirs);
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(put__every_kind__compact),
	    cmocka_unit_test(put__what_was_written__reads_the_same),
	    cmocka_unit_test(put_string__outside_text__is_json),
	    cmocka_unit_test(put_time__edges__or_failure),
	    cmocka_unit_test(put__what_the_schema_cannot_say__failure),
	    cmocka_unit_test(put__no_room_or_memory__failure),
	    cmocka_unit_test(put_indented__any_object__a_member_a_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
