/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/alloc.h"
#include "lib/alloc_fail.h"
#include "service/json.h"

static json_t *
parse(const char *text)
{
	struct sg_err err = {0};
	json_t *object = NULL;
	if (sg_json_parse(sg_slice_str(text), &object, &err) != SG_OK)
		fail_msg("%s", err.text);
	return object;
}

static void
parse__not_one_object__refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", " ", "{", "}", "[]", "1", "null", "\"text\"", "{}{}",
	    "{} x", "{\"a\":1,\"a\":2}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\":\"\xff\"}",
	    "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}", "{\"a\":01}", "{\"a\":NaN}",
	    "{\"a\":1e999}", "{\"a\":99999999999999999999}", "/* */{}"};
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		struct sg_err err = {0};
		json_t *object = NULL;
		struct sg_slice text = sg_slice_str(bad[n]);
		uint8_t *copy = exact(text);
		expect_err(sg_json_parse(sg_slice(copy, text.len), &object, &err), &err,
		    SG_E_MALFORMED, "control.json");
		assert_null(object);
		free(copy);
	}
	struct sg_err err = {0};
	json_t *object = NULL;
	expect_err(
	    sg_json_parse(sg_slice(NULL, 0), &object, &err), &err, SG_E_MALFORMED, "control.json");
}

/* Deeper than anybody's stack. */
static void
parse__nested_bomb__refused(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	json_t *object = NULL;
	for (int n = 0; n < 60000; n++)
		sg_buf_puts(&b, n == 0 ? "{\"a\":" : "[");
	expect_err(
	    sg_json_parse(sg_buf_slice(&b), &object, &err), &err, SG_E_MALFORMED, "control.json");
}

static void
get__members__or_what_stands_for_them(void **state)
{
	(void)state;
	json_t *o = parse("{\"t\":\"text\",\"n\":-5,\"x\":\"aB:01\",\"big\":9223372036854775807,"
			  "\"r\":1.5,\"odd\":\"abc\",\"list\":[1]}");
	struct sg_err err = {0};
	sg_buf_scoped b = {0};
	assert_string_equal(sg_json_text(o, "t"), "text");
	assert_string_equal(sg_json_text(o, "none"), "");
	assert_string_equal(sg_json_text(o, "n"), "");
	assert_true(sg_json_int(o, "n", 7) == -5);
	assert_true(sg_json_int(o, "big", 7) == INT64_MAX);
	assert_true(sg_json_int(o, "none", 7) == 7);
	assert_true(sg_json_int(o, "t", 7) == 7);
	assert_true(sg_json_int(o, "r", 7) == 7);
	assert_int_equal(sg_json_bytes(o, "x", &b, &err), SG_OK);
	assert_int_equal(sg_json_bytes(o, "none", &b, &err), SG_OK);
	assert_int_equal(sg_json_bytes(o, "list", &b, &err), SG_OK);
	expect_bytes(sg_buf_slice(&b), "ab01");
	expect_err(sg_json_bytes(o, "odd", &b, &err), &err, SG_E_MALFORMED, "control.hex");
	assert_non_null(strstr(err.text, "odd"));
	json_decref(o);
}

static void
set__each_kind__compact_text(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	json_t *o = json_object();
	sg_json_set_int(o, "n", INT64_MIN);
	sg_json_set_hex(o, "x", sg_slice("\xab\x01", 2));
	sg_json_set_hex(o, "none", sg_slice(NULL, 0));
	sg_json_set_text(o, "t", sg_slice_str("gr\xc3\xbc\xc3\x9f \"\n"));
	sg_json_set_text(o, "empty", sg_slice(NULL, 0));
	sg_json_set_text(o, "broken", sg_slice("\xff\x00z", 3));
	sg_json_finish(o, &b);
	assert_text(&b, "{\"n\":-9223372036854775808,\"x\":\"ab01\",\"none\":\"\","
			"\"t\":\"gr\xc3\xbc\xc3\x9f \\\"\\n\",\"empty\":\"\","
			"\"broken\":\"\\\\xff\\\\x00z\"}");
	/* And it can be read again. */
	json_decref(parse(sg_buf_text(&b)));
}

static void
finish__larger_than_the_buffer__sticky(void **state)
{
	(void)state;
	sg_buf_scoped b = {.max = 10};
	json_t *o = json_object();
	sg_json_set_text(o, "t", sg_slice_str("longer than that"));
	sg_json_finish(o, &b);
	assert_int_equal(b.failed, SG_E_LIMIT);
}

static void
fail__error__in_place_of_what_was_there(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {.code = SG_E_DENIED, .rule = "a.rule", .text = "say \"no\" \xff"};
	sg_buf_puts(&b, "{\"half\":");
	assert_int_equal(sg_json_fail(&b, &err), SG_E_DENIED);
	assert_text(&b, "{\"error\":\"say \\\"no\\\" \\\\xff\",\"rule\":\"a.rule\"}");
	err = (struct sg_err){.code = SG_E_INTERNAL};
	assert_int_equal(sg_json_fail(&b, &err), SG_E_INTERNAL);
	assert_text(&b, "{\"error\":\"\",\"rule\":\"internal\"}");
}

static enum sg_code
say_who(struct sg_verb_call *c, struct sg_err *err)
{
	if (sg_json_text(c->ask, "fail")[0] != '\0')
		return sg_fail(err, SG_E_DENIED, "a.rule", "no");
	sg_json_set_text(c->answer, "who", sg_slice_str(c->who));
	sg_json_set_text(c->answer, "role", sg_slice_str(c->role));
	return SG_OK;
}

static void
serve__questions__answer_or_error(void **state)
{
	static const struct sg_verb verbs[] = {{"who", say_who}};
	static const struct {
		const char *question;
		enum sg_code code;
		const char *json;
	} rows[] = {
	    {"{\"verb\":\"who\"}", SG_OK, "{\"who\":\"uid 7\",\"role\":\"mine\"}"},
	    {"{\"verb\":\"who\",\"fail\":\"1\"}", SG_E_DENIED,
		"{\"error\":\"no\",\"rule\":\"a.rule\"}"},
	    {"{\"verb\":\"whom\"}", SG_E_USAGE,
		"{\"error\":\"ca does not know 'whom'\",\"rule\":\"control.verb\"}"},
	    {"{}", SG_E_USAGE, "{\"error\":\"ca does not know ''\",\"rule\":\"control.verb\"}"},
	    {"[]", SG_E_MALFORMED,
		"{\"error\":\"want one JSON object\",\"rule\":\"control.json\"}"},
	};
	char mine[] = "mine";

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_verb_call call = {.role = mine};
		sg_buf_scoped b = {0};
		enum sg_code rc = sg_json_serve(
		    "ca", verbs, 1, sg_slice_str(rows[n].question), 7, &call, &b);
		assert_int_equal(rc, rows[n].code);
		assert_string_equal(sg_buf_text(&b), rows[n].json);
	}
}

/* jansson's allocations count too. */
static void
parse__nth_allocation_fails__refused_and_untouched(void **state)
{
	static const char text[] =
	    "{\"verb\":\"who\",\"list\":[1,2.5,true,null,{\"a\":\"\\u20ac\"}],"
	    "\"text\":\"a text that is longer than most of them\"}";
	bool done = false;

	(void)state;
	for (unsigned long n = 1; !done; n++) {
		struct sg_err err = {0};
		json_t *object = NULL;
		alloc_fail_at(n);
		enum sg_code rc = sg_json_parse(sg_slice_str(text), &object, &err);
		alloc_fail_at(0);
		done = rc == SG_OK;
		assert_true(done || rc == SG_E_NOMEM);
		assert_true(done == (object != NULL));
		if (done)
			assert_int_equal(json_array_size(json_object_get(object, "list")), 5);
		json_decref(object);
		assert_true(n > 5 || !done);
		assert_true(n < 1000);
	}
}

static enum sg_code
say_much(struct sg_verb_call *c, struct sg_err *err)
{
	sg_buf_scoped bytes = {0};
	enum sg_code rc = sg_json_bytes(c->ask, "bytes", &bytes, err);
	if (rc != SG_OK)
		return rc;
	sg_json_set_text(c->answer, "text", sg_slice_str(sg_json_text(c->ask, "text")));
	sg_json_set_text(c->answer, "raw", sg_buf_slice(&bytes));
	sg_json_set_hex(c->answer, "bytes", sg_buf_slice(&bytes));
	sg_json_set_int(c->answer, "n", 5);
	return SG_OK;
}

static void
serve__nth_allocation_fails__whole_answer_or_none(void **state)
{
	static const struct sg_verb verbs[] = {{"much", say_much}};
	static const char ask[] = "{\"verb\":\"much\",\"text\":\"some text\",\"bytes\":\"ff00ab\"}";
	static const char want[] = "{\"text\":\"some text\",\"raw\":\"\\\\xff\\\\x00\\\\xab\","
				   "\"bytes\":\"ff00ab\",\"n\":5}";
	unsigned whole = 0;

	(void)state;
	for (unsigned long n = 1; whole < 3; n++) {
		struct sg_verb_call call = {.role = NULL};
		sg_buf_scoped b = {0};
		alloc_fail_at(n);
		enum sg_code rc = sg_json_serve("ca", verbs, 1, sg_slice_str(ask), 7, &call, &b);
		alloc_fail_at(0);
		whole = rc == SG_OK && sg_buf_check(&b, NULL) == SG_OK ? whole + 1 : 0;
		if (whole > 0) {
			assert_string_equal(sg_buf_text(&b), want);
		} else if (rc != SG_OK) {
			assert_int_equal(rc, SG_E_NOMEM);
			assert_non_null(strstr(sg_buf_text(&b), "\"rule\":\"memory\""));
		}
		assert_true(n > 20 || whole == 0);
		assert_true(n < 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parse__not_one_object__refused),
	    cmocka_unit_test(parse__nested_bomb__refused),
	    cmocka_unit_test(get__members__or_what_stands_for_them),
	    cmocka_unit_test(set__each_kind__compact_text),
	    cmocka_unit_test(finish__larger_than_the_buffer__sticky),
	    cmocka_unit_test(fail__error__in_place_of_what_was_there),
	    cmocka_unit_test(serve__questions__answer_or_error),
	    cmocka_unit_test(parse__nth_allocation_fails__refused_and_untouched),
	    cmocka_unit_test(serve__nth_allocation_fails__whole_answer_or_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
