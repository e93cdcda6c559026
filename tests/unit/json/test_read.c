/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include <stdio.h>

#include "lib/alloc_fail.h"
#include "unit/json/every.h"

/* A good value of each kind, by the name that it has in every.h. */
static const struct good {
	const char *name, *value;
} goods[] = {
    {"text", "\"hello\""},
    {"int", "7"},
    {"digits", "\"9223372036854775807\""},
    {"bool", "true"},
    {"time", "\"2026-11-28T12:00:00Z\""},
    {"hex", "\"00ff\""},
    {"enum", "\"green\""},
    {"object", "{\"a\":1}"},
    {"list", "[{\"a\":1},{\"a\":2,\"b\":\"xy\"}]"},
    {"texts", "[\"x\",\"\"]"},
};
#define GOODS (sizeof goods / sizeof goods[0])

static const struct {
	const char *prefix;
	const struct sg_json_schema *schema;
} presences[] = {
    {"r_", &every_required_schema},
    {"o_", &every_optional_schema},
    {"n_", &every_nullable_schema},
};

/* An object of all members; that of name has another value, or is not there (NULL). */
static void
put_all(struct sg_buf *b, const char *prefix, const char *name, const char *value)
{
	const char *between = "{";

	for (size_t n = 0; n < GOODS; n++) {
		const char *v = strcmp(goods[n].name, name) == 0 ? value : goods[n].value;
		if (v == NULL)
			continue;
		sg_buf_printf(b, "%s\"%s%s\": %s", between, prefix, goods[n].name, v);
		between = ", ";
	}
	sg_buf_puts(b, "}");
}

union any {
	struct every_required required;
	struct every_optional optional;
	struct every_nullable nullable;
	struct every every;
};

struct refusal {
	enum sg_code code;
	const char *rule, *member, *expected, *found;
};

static void
expect_text(const char *what, const char *have, const char *want, const char *text)
{
	if (want != NULL && strcmp(have, want) != 0)
		fail_msg("%s: %s '%s', not '%s'", text, what, have, want);
}

/* How a text is refused; what is NULL is not looked at. */
static void
expect_refusal(const char *text, size_t len, enum sg_json_mode mode,
    const struct sg_json_schema *schema, const struct refusal *want)
{
	struct sg_json_limits limits = sg_json_limits_default();
	sg_json_doc_scoped doc = {0};
	struct sg_json_fault fault;
	struct sg_err err = {0};
	union any ret, zero = {0};

	memset(&ret, 0x55, sizeof ret);
	enum sg_code rc = sg_json_read(
	    sg_slice(text, len), &limits, mode, schema, &doc, &ret, &fault, &err);
	if (rc != want->code || err.rule == NULL || strcmp(err.rule, want->rule) != 0)
		fail_msg("%s: %s %s: %s", text, sg_code_name(rc), err.rule, err.text);
	expect_text("member", fault.member, want->member, text);
	expect_text("expected", fault.expected, want->expected, text);
	expect_text("found", fault.found, want->found, text);
	assert_true(strlen(fault.found) > 0 && strlen(fault.expected) > 0);
	assert_memory_equal(&ret, &zero, schema->size);
}

static void
expect_read(
    const char *text, const struct sg_json_schema *schema, struct sg_json_doc *doc, void *ret)
{
	struct sg_json_limits limits = sg_json_limits_default();
	struct sg_json_fault fault;
	struct sg_err err = {0};

	if (sg_json_read(sg_slice_str(text), &limits, SG_JSON_STRICT, schema, doc, ret, &fault,
		&err) != SG_OK)
		fail_msg("%s: %s: %s", text, err.rule, err.text);
	assert_string_equal(fault.member, "");
}

static void
read__every_kind__value(void **state)
{
	sg_json_doc_scoped doc = {0};
	sg_buf_scoped text = {0};
	struct every_required v;

	(void)state;
	put_all(&text, "r_", "", NULL);
	expect_read(sg_buf_text(&text), &every_required_schema, &doc, &v);
	sg_buf_clear(&text); /* nothing is borrowed from it */
	assert_true(sg_slice_is(v.r_text, "hello"));
	assert_string_equal((const char *)v.r_text.p, "hello");
	assert_true(v.r_int == 7 && v.r_digits == INT64_MAX && v.r_bool);
	assert_true(v.r_time == 1795867200000000);
	expect_bytes(v.r_hex, "00ff");
	assert_int_equal(v.r_enum, 2);
	assert_true(v.r_object.a == 1 && !v.r_object.has_b);
	const struct every_inner *inner = v.r_list.item;
	assert_int_equal(v.r_list.n, 2);
	assert_true(inner[0].a == 1 && !inner[0].has_b && inner[1].a == 2 && inner[1].has_b);
	assert_true(sg_slice_is(inner[1].b, "xy"));
	const struct sg_slice *texts = v.r_texts.item;
	assert_int_equal(v.r_texts.n, 2);
	assert_true(sg_slice_is(texts[0], "x") && texts[1].len == 0);
}

static void
read__absent_or_null__has_says_so(void **state)
{
	(void)state;
	for (size_t n = 0; n < GOODS; n++) {
		sg_json_doc_scoped doc = {0};
		sg_buf_scoped text = {0};
		union any v;

		put_all(&text, "o_", goods[n].name, NULL);
		expect_read(sg_buf_text(&text), &every_optional_schema, &doc, &v);
		for (size_t i = 0; i < GOODS; i++)
			assert_int_equal(
			    *((bool *)&v + every_optional_schema.member[i].has_offset), i != n);
		sg_buf_reset(&text);
		put_all(&text, "n_", goods[n].name, "null");
		expect_read(sg_buf_text(&text), &every_nullable_schema, &doc, &v);
		for (size_t i = 0; i < GOODS; i++)
			assert_int_equal(
			    *((bool *)&v + every_nullable_schema.member[i].has_offset), i != n);
	}
}

/* Of each kind: what is of another type, and what is out of bounds. */
static const struct bad {
	const char *name, *value, *rule, *expected, *found;
} bads[] = {
    {"text", "1", "json.type", "a string", "an integer"},
    {"text", "[]", "json.type", "a string", "an array"},
    {"text", "\"\"", "json.bounds", "1 to 8 bytes", "0"},
    {"text", "\"123456789\"", "json.bounds", "1 to 8 bytes", "9"},
    {"text", "\"\\u20ac\\u20ac\\u20ac\"", "json.bounds", "1 to 8 bytes", "9"},
    {"int", "\"7\"", "json.type", "an integer", "a string"},
    {"int", "7.0", "json.type", "an integer", "a number with fraction or exponent"},
    {"int", "1e1", "json.type", "an integer", "a number with fraction or exponent"},
    {"int", "-0.0", "json.type", "an integer", "a number with fraction or exponent"},
    {"int", "true", "json.type", "an integer", "true"},
    {"int", "-6", "json.bounds", "-5 to 100", "-6"},
    {"int", "101", "json.bounds", "-5 to 100", "101"},
    {"int", "9007199254740992", "json.bounds", "-5 to 100", "9007199254740992"},
    {"int", "9223372036854775807", "json.bounds", "-5 to 100", "9223372036854775807"},
    {"int", "9223372036854775808", "json.bounds", "a number of at most 64 bits", "a larger one"},
    {"int", "1e999", "json.bounds", "a number of at most 64 bits", "a larger one"},
    {"digits", "7", "json.type", "an integer as a string of digits", "an integer"},
    {"digits", "\"\"", "json.type", "an integer as a string of digits", "something else"},
    {"digits", "\"07\"", "json.type", NULL, "something else"},
    {"digits", "\"-0\"", "json.type", NULL, "something else"},
    {"digits", "\"+7\"", "json.type", NULL, "something else"},
    {"digits", "\" 7\"", "json.type", NULL, "something else"},
    {"digits", "\"-\"", "json.type", NULL, "something else"},
    {"digits", "\"7e1\"", "json.type", NULL, "something else"},
    {"digits", "\"9223372036854775808\"", "json.bounds",
	"-9223372036854775808 to 9223372036854775807", "a number of more than 64 bits"},
    {"digits", "\"-9223372036854775809\"", "json.bounds", NULL, "a number of more than 64 bits"},
    {"bool", "0", "json.type", "true or false", "an integer"},
    {"bool", "\"true\"", "json.type", "true or false", "a string"},
    {"time", "0", "json.type", "a time in UTC such as 2026-11-28T12:00:00Z", "an integer"},
    {"time", "\"\"", "json.type", NULL, "something else"},
    {"time", "\"Z\"", "json.type", NULL, "something else"},
    {"time", "\"2026-11-28\"", "json.type", NULL, "something else"},
    {"time", "\"2026-11-28 12:00:00Z\"", "json.type", NULL, "something else"},
    {"time", "\"2026-11-28t12:00:00z\"", "json.type", NULL, "something else"},
    {"time", "\"2026-11-28T12:00:00\"", "json.type", NULL, "something else"},
    {"time", "\"2026-11-28T12:00:00+00:00\"", "json.type", NULL, "something else"},
    {"time", "\"2026-11-28T12:00:00.Z\"", "json.type", NULL, "something else"},
    {"time", "\"2026-11-28T12:00:00.1234567Z\"", "json.type", NULL, "something else"},
    {"time", "\"2026-11-28T12:00:00.12-456Z\"", "json.type", NULL, "something else"},
    {"time", "\"2026-11-28T12:00:00,5Z\"", "json.type", NULL, "something else"},
    {"time", "\"+026-11-28T12:00:00Z\"", "json.type", NULL, "something else"},
    {"time", "\"12026-11-28T12:00:00Z\"", "json.type", NULL, "something else"},
    {"time", "\"2016-12-31T23:59:60Z\"", "json.bounds",
	"a date that exists, of the years 1 to 9999", "'2016-12-31T23:59:60Z'"},
    {"time", "\"2026-02-29T00:00:00Z\"", "json.bounds", NULL, "'2026-02-29T00:00:00Z'"},
    {"time", "\"2026-01-01T24:00:00Z\"", "json.bounds", NULL, NULL},
    {"time", "\"0000-01-01T00:00:00Z\"", "json.bounds", NULL, NULL},
    {"hex", "255", "json.type", "a string of pairs of lower-case hexadecimal digits", "an integer"},
    {"hex", "\"f\"", "json.type", NULL, "an odd number of them"},
    {"hex", "\"FF\"", "json.type", NULL, "another character"},
    {"hex", "\"0x\"", "json.type", NULL, "another character"},
    {"hex", "\"00:ff\"", "json.type", NULL, "another character"},
    {"hex", "\"\"", "json.bounds", "1 to 4 bytes", "0"},
    {"hex", "\"0011223344\"", "json.bounds", "1 to 4 bytes", "5"},
    {"enum", "2", "json.type", "one of red, green, dark-blue", "an integer"},
    {"enum", "\"Green\"", "json.bounds", "one of red, green, dark-blue", "'Green'"},
    {"enum", "\"\"", "json.bounds", NULL, "''"},
    {"enum", "\"\\u001b[2J\"", "json.bounds", NULL, "'\\x1b[2J'"},
    {"object", "[]", "json.type", "an object", "an array"},
    {"object", "\"a\"", "json.type", "an object", "a string"},
    {"list", "{}", "json.type", "an array", "an object"},
    {"list", "\"a\"", "json.type", "an array", "a string"},
    {"list", "[]", "json.bounds", "1 to 3 items", "0"},
    {"list", "[{\"a\":1},{\"a\":1},{\"a\":1},{\"a\":1}]", "json.bounds", "1 to 3 items", "4"},
    {"texts", "{}", "json.type", "an array of strings", "an object"},
    {"texts", "[]", "json.bounds", "1 to 3 items", "0"},
    {"texts", "[\"\",\"\",\"\",\"\"]", "json.bounds", "1 to 3 items", "4"},
};

static void
read__other_type_or_out_of_bounds__refused_in_every_presence(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof bads / sizeof bads[0]; n++)
		for (size_t p = 0; p < 3; p++) {
			sg_buf_scoped text = {0};
			char member[32];
			const struct bad *bad = &bads[n];

			snprintf(member, sizeof member, "%s%s", presences[p].prefix, bad->name);
			put_all(&text, presences[p].prefix, bad->name, bad->value);
			struct refusal want = {
			    SG_E_MALFORMED, bad->rule, member, bad->expected, bad->found};
			expect_refusal(sg_buf_text(&text), text.len, SG_JSON_STRICT,
			    presences[p].schema, &want);
			expect_refusal(sg_buf_text(&text), text.len,
			    strcmp(bad->name, "enum") == 0 ? SG_JSON_STRICT : SG_JSON_TOLERANT,
			    presences[p].schema, &want);
		}
}

static void
read__absent_null_unknown_twice__refused_with_path(void **state)
{
	(void)state;
	for (size_t n = 0; n < GOODS; n++)
		for (size_t p = 0; p < 3; p++) {
			sg_buf_scoped text = {0};
			char member[32];
			const char *prefix = presences[p].prefix;
			const struct sg_json_schema *schema = presences[p].schema;

			snprintf(member, sizeof member, "%s%s", prefix, goods[n].name);
			struct refusal absent = {
			    SG_E_MALFORMED, "json.absent", member, NULL, "nothing"};
			put_all(&text, prefix, goods[n].name, NULL);
			if (*prefix != 'o')
				expect_refusal(
				    sg_buf_text(&text), text.len, SG_JSON_STRICT, schema, &absent);

			struct refusal type = {SG_E_MALFORMED, "json.type", member, NULL, "null"};
			sg_buf_reset(&text);
			put_all(&text, prefix, goods[n].name, "null");
			if (*prefix != 'n')
				expect_refusal(
				    sg_buf_text(&text), text.len, SG_JSON_STRICT, schema, &type);

			struct refusal twice = {SG_E_MALFORMED, "json.duplicate", member,
			    "one member of a name", "two"};
			sg_buf_reset(&text);
			put_all(&text, prefix, "", NULL);
			text.len--;
			sg_buf_printf(&text, ", \"%s\": %s}", member, goods[n].value);
			expect_refusal(
			    sg_buf_text(&text), text.len, SG_JSON_STRICT, schema, &twice);
			expect_refusal(
			    sg_buf_text(&text), text.len, SG_JSON_TOLERANT, schema, &twice);

			struct refusal unknown = {
			    SG_E_MALFORMED, "json.unknown", "other", NULL, "another name"};
			sg_buf_reset(&text);
			put_all(&text, prefix, "", NULL);
			text.len--;
			sg_buf_printf(&text, ", \"other\": %s}", goods[n].value);
			expect_refusal(
			    sg_buf_text(&text), text.len, SG_JSON_STRICT, schema, &unknown);
		}
}

#define LONG_ROWS(R, T)                                                                            \
	R(T, bool, optional, the_first_of_the_members_that_have_long_names, (), "")                \
	R(T, bool, optional, the_second_of_them_has_one_too, (), "")                               \
	R(T, bool, optional, the_third_of_the_members_that_have_long_names, (), "")                \
	R(T, bool, optional, the_fourth_of_the_members_that_have_long_names, (), "")               \
	R(T, bool, optional, the_fifth_of_the_members_that_have_long_names, (), "")                \
	R(T, bool, optional, the_sixth_of_the_members_that_have_long_names, (), "")                \
	R(T, bool, optional, a, (), "")
SG_JSON_DECLARE(names, LONG_ROWS);
SG_JSON_DEFINE(names, LONG_ROWS, "members with long names");

static void
read__more_names_than_have_room__whole_ones_and_dots(void **state)
{
	static const struct refusal unknown = {SG_E_MALFORMED, "json.unknown", "b",
	    "one of the_first_of_the_members_that_have_long_names, "
	    "the_second_of_them_has_one_too, "
	    "the_third_of_the_members_that_have_long_names, "
	    "the_fourth_of_the_members_that_have_long_names, "
	    "the_fifth_of_the_members_that_have_long_names, ...",
	    "another name"};
	static const char text[] = "{\"b\":true}";

	(void)state;
	expect_refusal(text, sizeof text - 1, SG_JSON_STRICT, &names_schema, &unknown);
}

/* Whole texts over struct every, and their refusals. */
static const struct {
	const char *text;
	struct refusal want;
} texts[] = {
    {"{\"optional\":{\"o_list\":[{\"a\":1},{\"a\":10}]},\"nullable\":null}",
	{SG_E_MALFORMED, "json.bounds", "optional.o_list[1].a", "0 to 9", "10"}},
    {"{\"optional\":{\"o_list\":[{\"a\":1},7]},\"nullable\":null}",
	{SG_E_MALFORMED, "json.type", "optional.o_list[1]", "an object", "an integer"}},
    {"{\"optional\":{\"o_list\":[{}]},\"nullable\":null}",
	{SG_E_MALFORMED, "json.absent", "optional.o_list[0].a", "an integer", "nothing"}},
    {"{\"optional\":{\"o_list\":[{\"a\":1,\"c\":[]}]},\"nullable\":null}",
	{SG_E_MALFORMED, "json.unknown", "optional.o_list[0].c", "one of a, b", "another name"}},
    {"{\"optional\":{\"o_list\":[{\"a\":1},{\"b\":\"\",\"a\":1,\"b\":\"\"}]},\"nullable\":null}",
	{SG_E_MALFORMED, "json.duplicate", "optional.o_list[1].b", NULL, NULL}},
    {"{\"optional\":{\"x\":{\"y\":[1,2,{\"z\":1,\"\\u007a\":2}]}},\"nullable\":null}",
	{SG_E_MALFORMED, "json.duplicate", NULL, NULL, NULL}},
    {"{\"optional\":{\"o_texts\":[\"a\",true]},\"nullable\":null}",
	{SG_E_MALFORMED, "json.type", "optional.o_texts[1]", "a string", "true"}},
    {"{\"optional\":{\"o_int\":1}}",
	{SG_E_MALFORMED, "json.absent", "nullable", "an object", "nothing"}},
    {"{}", {SG_E_MALFORMED, "json.absent", "optional", "an object", "nothing"}},
    {"{\"\":1,\"optional\":{},\"nullable\":null}",
	{SG_E_MALFORMED, "json.unknown", "", "one of required, optional, nullable",
	    "another name"}},
    {"{\"a\\u001b\\\\\":1,\"optional\":{},\"nullable\":null}",
	{SG_E_MALFORMED, "json.unknown", "a\\x1b\\x5c", NULL, NULL}},
    {"[]", {SG_E_MALFORMED, "json.type", "", "an object", "an array"}},
    {"null", {SG_E_MALFORMED, "json.type", "", "an object", "null"}},
    {"1", {SG_E_MALFORMED, "json.type", "", "an object", "an integer"}},
    {"\"x\"", {SG_E_MALFORMED, "json.type", "", "an object", "a string"}},
    {"", {SG_E_MALFORMED, "json.syntax", "", "one object of JSON", NULL}},
    {" \n", {SG_E_MALFORMED, "json.syntax", "", NULL, NULL}},
    {"{", {SG_E_MALFORMED, "json.syntax", "", NULL, "the end (line 1, column 1)"}},
    {"{\"optional\":{\"o_list\":[",
	{SG_E_MALFORMED, "json.syntax", "optional.o_list[0]", NULL, "the end (line 1, column 23)"}},
    {"{}}",
	{SG_E_MALFORMED, "json.syntax", NULL, NULL, "more after the object (line 1, column 3)"}},
    {"{} {}", {SG_E_MALFORMED, "json.syntax", NULL, NULL, NULL}},
    {"{\n\"a\":,\n}",
	{SG_E_MALFORMED, "json.syntax", NULL, NULL, "what is not JSON (line 2, column 5)"}},
    {"{\"a\":1,}", {SG_E_MALFORMED, "json.syntax", NULL, NULL, NULL}},
    {"{\"a\":[1 2]}", {SG_E_MALFORMED, "json.syntax", "a[0]", NULL, NULL}},
    {"{\"a\":[1]]}", {SG_E_MALFORMED, "json.syntax", NULL, NULL, NULL}},
    {"{'a':1}", {SG_E_MALFORMED, "json.syntax", NULL, NULL, NULL}},
    {"{a:1}", {SG_E_MALFORMED, "json.syntax", NULL, NULL, NULL}},
    {"{\"a\":01}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":+1}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":.5}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":NaN}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":Infinity}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":0x10}", {SG_E_MALFORMED, "json.syntax", NULL, NULL, NULL}},
    {"{\"a\":True}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":1 /* no */}", {SG_E_MALFORMED, "json.syntax", NULL, NULL, NULL}},
    {"\xef\xbb\xbf{}", {SG_E_MALFORMED, "json.syntax", NULL, NULL, NULL}},
    {"{\"a\":\"\\ud800\"}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":\"\\udc00\\ud800\"}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":\"\\u12\"}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":\"\\x41\"}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":\"\t\"}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":\"\\u0000\"}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\\u0000\":1}", {SG_E_MALFORMED, "json.syntax", NULL, NULL, NULL}},
    {"{\"a\":\"\xc0\x80\"}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":\"\xed\xa0\x80\"}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":\"\xff\"}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\":\"\xe2\x82\"}", {SG_E_MALFORMED, "json.syntax", "a", NULL, NULL}},
    {"{\"a\xff\":1}", {SG_E_MALFORMED, "json.syntax", NULL, NULL, NULL}},
};

static void
read__whole_texts__refused(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++)
		expect_refusal(texts[n].text, strlen(texts[n].text), SG_JSON_STRICT, &every_schema,
		    &texts[n].want);
	struct refusal want = {SG_E_MALFORMED, "json.syntax", NULL, NULL, NULL};
	expect_refusal("{\0}", 3, SG_JSON_STRICT, &every_schema, &want);
	expect_refusal("{}\0", 3, SG_JSON_STRICT, &every_schema, &want);
}

static void
read__what_is_refused__no_secret_told(void **state)
{
	static const char *const secrets[] = {
	    "{\"optional\":{\"o_text\":\"hunter2-is-long\"},\"nullable\":null}",
	    "{\"optional\":{\"o_hex\":\"hunter2-is-long\"},\"nullable\":null}",
	    "{\"optional\":{\"o_int\":\"hunter2-is-long\"},\"nullable\":null}",
	    "{\"optional\":{\"o_time\":\"hunter2-is-long\"},\"nullable\":null}",
	    "{\"optional\":{\"o_text\":\"hunter2\\q\"}}",
	    "{\"optional\":{\"o_text\":hunter2}}",
	    "{\"optional\":{\"o_text\":\"hunter2",
	};
	(void)state;
	for (size_t n = 0; n < sizeof secrets / sizeof secrets[0]; n++) {
		struct sg_json_limits limits = sg_json_limits_default();
		sg_json_doc_scoped doc = {0};
		struct sg_json_fault fault;
		struct sg_err err;
		struct every v;
		enum sg_code rc = sg_json_read(sg_slice_str(secrets[n]), &limits, SG_JSON_STRICT,
		    &every_schema, &doc, &v, &fault, &err);
		assert_int_equal(rc, SG_E_MALFORMED);
		assert_null(strstr(err.text, "hunter2"));
		assert_null(strstr(fault.found, "hunter2"));
	}
}

static void
read__good_edges__accepted(void **state)
{
	static const struct {
		const char *name, *value;
	} rows[] = {
	    {"int", "-5"},
	    {"int", "100"},
	    {"int", "-0"},
	    {"digits", "\"-9223372036854775808\""},
	    {"digits", "\"0\""},
	    {"text", "\"a\""},
	    {"text", "\"12345678\""},
	    {"text", "\"\\ud83d\\ude00\""},
	    {"text", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""},
	    {"hex", "\"00\""},
	    {"hex", "\"deadbeef\""},
	    {"time", "\"0001-01-01T00:00:00Z\""},
	    {"time", "\"9999-12-31T23:59:59.999999Z\""},
	    {"time", "\"2024-02-29T00:00:00Z\""},
	    {"list", "[{\"a\":0},{\"a\":9},{\"a\":1,\"b\":\"\"}]"},
	    {"texts", "[\"\"]"},
	};
	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		sg_json_doc_scoped doc = {0};
		sg_buf_scoped text = {0};
		struct every_required v;
		put_all(&text, "r_", rows[n].name, rows[n].value);
		expect_read(sg_buf_text(&text), &every_required_schema, &doc, &v);
	}
}

static void
read__fraction__microseconds(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} rows[] = {
	    {"\"1970-01-01T00:00:00.5Z\"", 500000},
	    {"\"1970-01-01T00:00:00.000001Z\"", 1},
	    {"\"1970-01-01T00:00:01.120Z\"", 1120000},
	    {"\"1969-12-31T23:59:59.999999Z\"", -1},
	    {"\"0001-01-01T00:00:00Z\"", -62135596800000000},
	};
	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		sg_json_doc_scoped doc = {0};
		sg_buf_scoped text = {0};
		struct every_required v;
		put_all(&text, "r_", "time", rows[n].text);
		expect_read(sg_buf_text(&text), &every_required_schema, &doc, &v);
		assert_true(v.r_time == rows[n].us);
	}
}

static void
read__tolerant__skips_what_is_new(void **state)
{
	struct sg_json_limits limits = sg_json_limits_default();
	const char *text = "{\"new\":{\"a\":[1.5]},\"a\":1,\"b\":\"x\",\"other\":null}";
	sg_json_doc_scoped doc = {0};
	sg_buf_scoped all = {0};
	struct every_inner v;
	struct every_required r;

	(void)state;
	assert_int_equal(sg_json_read(sg_slice_str(text), &limits, SG_JSON_TOLERANT,
			     &every_inner_schema, &doc, &v, NULL, NULL),
	    SG_OK);
	assert_true(v.a == 1 && v.has_b && sg_slice_is(v.b, "x"));
	put_all(&all, "r_", "enum", "\"mauve\"");
	assert_int_equal(sg_json_read(sg_buf_slice(&all), &limits, SG_JSON_TOLERANT,
			     &every_required_schema, &doc, &r, NULL, NULL),
	    SG_OK);
	assert_int_equal(r.r_enum, -1);
}

static void
read__beyond_limits__refused_first(void **state)
{
	struct sg_json_limits limits = {.size = 40, .depth = 3, .values = 100};
	const char *deep = "{\"list\":[{\"x\":[",
		   *fits = "{\"a\":1,\"b\":\"[[[[[[\\\"[[[[\"}        ";
	sg_json_doc_scoped doc = {0};
	struct sg_json_fault fault;
	struct every_inner v;
	struct sg_err err;

	(void)state;
	expect_err(sg_json_read(sg_slice_str(deep), &limits, SG_JSON_STRICT, &every_inner_schema,
		       &doc, &v, &fault, &err),
	    &err, SG_E_LIMIT, "json.depth");
	assert_string_equal(fault.member, "list[0].x");
	/* Brackets in strings are text, and so many bytes as the limit are read. */
	limits.size = strlen(fits);
	expect_err(sg_json_read(sg_slice_str(fits), &limits, SG_JSON_STRICT, &every_inner_schema,
		       &doc, &v, &fault, &err),
	    &err, SG_E_MALFORMED, "json.bounds");
	limits.size--;
	expect_err(sg_json_read(sg_slice_str(fits), &limits, SG_JSON_STRICT, &every_inner_schema,
		       &doc, &v, &fault, &err),
	    &err, SG_E_LIMIT, "json.size");
	assert_string_equal(fault.member, "");
}

static void
read_text__parameters__by_the_same_rules(void **state)
{
	static const struct {
		size_t member; /* of every_optional */
		const char *text, *rule, *found;
	} rows[] = {
	    {0, "hello", NULL, NULL},
	    {0, "", "json.bounds", "0"},
	    {0, "123456789", "json.bounds", "9"},
	    {0, "\xff", "json.type", "what is not UTF-8"},
	    {1, "-5", NULL, NULL},
	    {1, "0", NULL, NULL},
	    {1, "-0", "json.type", "something else"},
	    {1, "01", "json.type", "something else"},
	    {1, "1.0", "json.type", "something else"},
	    {1, "", "json.type", "something else"},
	    {1, "101", "json.bounds", "101"},
	    {1, "99999999999999999999", "json.bounds", "a number of more than 64 bits"},
	    {2, "-9223372036854775808", NULL, NULL},
	    {3, "true", NULL, NULL},
	    {3, "false", NULL, NULL},
	    {3, "1", "json.type", "something else"},
	    {4, "2026-11-28T12:00:00Z", NULL, NULL},
	    {4, "2026-11-28T12:00:00+00:00", "json.type", "something else"},
	    {5, "00ff", NULL, NULL},
	    {5, "0", "json.type", "an odd number of them"},
	    {6, "dark-blue", NULL, NULL},
	    {6, "blue", "json.bounds", "'blue'"},
	};
	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		const struct sg_json_member *m = &every_optional_schema.member[rows[n].member];
		struct every_optional v = {0};
		sg_json_doc_scoped doc = {0};
		sg_buf_scoped back = {0};
		struct sg_json_fault fault;
		struct sg_err err = {0};
		enum sg_code rc = sg_json_read_text(
		    m, sg_slice_str(rows[n].text), &doc, &v, &fault, &err);
		if (rows[n].rule == NULL) {
			assert_int_equal(rc, SG_OK);
			assert_true(*(bool *)((char *)&v + m->has_offset));
			sg_json_put_text(&back, m, &v);
			assert_string_equal(sg_buf_text(&back), rows[n].text);
			continue;
		}
		expect_err(rc, &err, SG_E_MALFORMED, rows[n].rule);
		assert_string_equal(fault.member, m->name);
		assert_string_equal(fault.found, rows[n].found);
		assert_false(*(bool *)((char *)&v + m->has_offset));
	}
	for (size_t n = 7; n < 10; n++) {
		sg_json_doc_scoped doc = {0};
		struct every_optional v = {0};
		struct sg_err err;
		expect_err(sg_json_read_text(&every_optional_schema.member[n], sg_slice_str("x"),
			       &doc, &v, NULL, &err),
		    &err, SG_E_INTERNAL, "json.kind");
	}
}

/* Reads with ever later failures, until there is none; how many there were. */
static unsigned long
fail_each(struct sg_slice text, const struct sg_json_schema *schema)
{
	struct sg_json_limits limits = sg_json_limits_default();

	for (unsigned long n = 1;; n++) {
		sg_json_doc_scoped doc = {0};
		union any v, zero = {0};
		struct sg_err err = {0};
		alloc_fail_at(n);
		enum sg_code rc = sg_json_read(
		    text, &limits, SG_JSON_STRICT, schema, &doc, &v, NULL, &err);
		alloc_fail_at(0);
		if (rc == SG_OK)
			return n - 1;
		expect_err(rc, &err, SG_E_NOMEM, "memory");
		assert_memory_equal(&v, &zero, schema->size);
	}
}

static void
read__each_allocation_fails__no_memory(void **state)
{
	(void)state;
	for (size_t p = 0; p < 3; p++) {
		sg_buf_scoped text = {0};
		put_all(&text, presences[p].prefix, "text", "\"\\u00e9\\n\"");
		assert_true(fail_each(sg_buf_slice(&text), presences[p].schema) > 30);
	}
	/* A list that has a block of its own. */
	sg_buf_scoped many = {0};
	sg_buf_puts(&many, "{\"r_texts\":[\"");
	for (unsigned n = 0; n < 5000; n++)
		sg_buf_puts(&many, "x");
	sg_buf_puts(&many, "\",\"\"]");
	for (size_t n = 0; n < GOODS; n++)
		if (strcmp(goods[n].name, "texts") != 0)
			sg_buf_printf(&many, ",\"r_%s\":%s", goods[n].name, goods[n].value);
	sg_buf_puts(&many, "}");
	assert_true(fail_each(sg_buf_slice(&many), &every_required_schema) > 30);
}

static void
read__refused_without_memory__no_false_answer(void **state)
{
	struct sg_json_limits limits = sg_json_limits_default();
	const char *text = "{\"a\":1,\"\u00e9\u00e9\":1}";

	(void)state;
	for (unsigned long n = 1;; n++) {
		sg_json_doc_scoped doc = {0};
		struct sg_json_fault fault;
		struct every_inner v;
		struct sg_err err = {0};
		alloc_fail_at(n);
		enum sg_code rc = sg_json_read(sg_slice_str(text), &limits, SG_JSON_STRICT,
		    &every_inner_schema, &doc, &v, &fault, &err);
		alloc_fail_at(0);
		assert_true(rc == SG_E_NOMEM || rc == SG_E_MALFORMED);
		if (rc == SG_E_MALFORMED && strcmp(fault.member, "\u00e9\u00e9") == 0)
			break;
		assert_true(n < 100);
	}
}

static void
read_text__no_memory__said(void **state)
{
	(void)state;
	for (size_t n = 0; n < every_optional_schema.n; n++) {
		const struct sg_json_member *m = &every_optional_schema.member[n];
		sg_json_doc_scoped doc = {0};
		struct every_optional v = {0};
		struct sg_err err;
		if (m->kind != SG_JSON_TEXT && m->kind != SG_JSON_HEX)
			continue;
		alloc_fail_at(1);
		enum sg_code rc = sg_json_read_text(m, sg_slice_str("00ff"), &doc, &v, NULL, &err);
		alloc_fail_at(0);
		expect_err(rc, &err, SG_E_NOMEM, "memory");
		assert_true(doc.failed);
		assert_false(*(bool *)((char *)&v + m->has_offset));
	}
}

static void
doc__many_sizes__apart_and_zeroed(void **state)
{
	sg_json_doc_scoped doc = {0};
	uint8_t *got[200];

	(void)state;
	for (size_t n = 0; n < 200; n++) {
		got[n] = sg_json_doc_take(&doc, n * 37);
		assert_non_null(got[n]);
		assert_int_equal((uintptr_t)got[n] % 16, 0);
		for (size_t i = 0; i < n * 37; i++)
			assert_int_equal(got[n][i], 0);
		memset(got[n], (int)n, n * 37);
	}
	for (size_t n = 0; n < 200; n++)
		for (size_t i = 0; i < n * 37; i++)
			assert_int_equal(got[n][i], n);
	struct sg_slice kept = sg_json_doc_keep(&doc, sg_slice_str("kept"));
	assert_string_equal((const char *)kept.p, "kept");
	assert_non_null(sg_json_doc_keep(&doc, sg_slice(NULL, 0)).p);
	assert_false(doc.failed);
	assert_null(sg_json_doc_take(&doc, SIZE_MAX));
	assert_null(sg_json_doc_keep(&doc, sg_slice("", SIZE_MAX)).p);
	assert_true(doc.failed);
	sg_json_doc_clear(&doc);
	assert_false(doc.failed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(read__every_kind__value),
	    cmocka_unit_test(read__more_names_than_have_room__whole_ones_and_dots),
	    cmocka_unit_test(read__absent_or_null__has_says_so),
	    cmocka_unit_test(read__other_type_or_out_of_bounds__refused_in_every_presence),
	    cmocka_unit_test(read__absent_null_unknown_twice__refused_with_path),
	    cmocka_unit_test(read__whole_texts__refused),
	    cmocka_unit_test(read__what_is_refused__no_secret_told),
	    cmocka_unit_test(read__good_edges__accepted),
	    cmocka_unit_test(read__fraction__microseconds),
	    cmocka_unit_test(read__tolerant__skips_what_is_new),
	    cmocka_unit_test(read__beyond_limits__refused_first),
	    cmocka_unit_test(read_text__parameters__by_the_same_rules),
	    cmocka_unit_test(read__each_allocation_fails__no_memory),
	    cmocka_unit_test(read__refused_without_memory__no_false_answer),
	    cmocka_unit_test(read_text__no_memory__said),
	    cmocka_unit_test(doc__many_sizes__apart_and_zeroed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
