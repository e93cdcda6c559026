/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/api/toy.h"

#include "api/problem.h"

static const uint8_t trace[16] = {1, 2, 3, [15] = 16};

static void
put__error_and_fault__whole(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err why = {0};
	const struct sg_json_fault fault = {"sans[3]", "12 bytes", "at most 8 bytes"};

	sg_ignore(sg_fail(&why, SG_E_DENIED, "challenge.used", "it was \"used\" on %d", 5));
	sg_api_problem_put(&b, &why, &fault, 403, trace);
	const char *text = sg_buf_text(&b);
	static const char *const parts[] = {
	    "{\"type\":\"urn:signet:rule:challenge.used\",\"title\":\"", "\",\"status\":403,",
	    "\"detail\":\"it was \\\"used\\\" on "
	    "5\",\"code\":\"denied\",\"rule\":\"challenge.used\",",
	    "\"member\":\"sans[3]\",\"expected\":\"at most 8 bytes\",\"found\":\"12 bytes\","
	    "\"remedy\":\"",
	    "\",\"trace\":\"01020300000000000000000000000010\"}"};
	for (size_t n = 0; n < sizeof parts / sizeof parts[0]; n++) {
		text = strstr(text, parts[n]);
		assert_non_null(text);
	}
}

static void
put__without_fault_or_text__still_valid(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	const struct sg_err why = {.code = SG_E_INTERNAL, .rule = "no.such-rule"};
	sg_json_doc_scoped doc = {0};
	struct sg_json_limits limits = sg_json_limits_default();
	struct sg_api_problem p;
	struct sg_err err = {0};

	sg_api_problem_put(&b, &why, NULL, 500, trace);
	if (sg_json_read(sg_buf_slice(&b), &limits, SG_JSON_STRICT, &sg_api_problem_schema, &doc,
		&p, NULL, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_false(p.has_member || p.has_expected || p.has_found);
	assert_true(sg_slice_eq(p.detail, p.title));
}

static void
read__every_code__comes_back(void **state)
{
	(void)state;
	static const enum sg_code codes[] = {SG_E_MALFORMED, SG_E_LIMIT, SG_E_ALG, SG_E_SIGNATURE,
	    SG_E_TIME, SG_E_REPLAY, SG_E_DENIED, SG_E_PENDING, SG_E_NOTFOUND, SG_E_CONFLICT,
	    SG_E_BUSY, SG_E_TIMEOUT, SG_E_IO, SG_E_NOMEM, SG_E_INTERNAL, SG_E_CRYPTO, SG_E_USAGE,
	    SG_E_CONF};

	for (size_t n = 0; n < sizeof codes / sizeof codes[0]; n++) {
		sg_buf_scoped b = {0};
		struct sg_err why = {0}, err = {0};
		int status = sg_api_status(codes[n]);
		assert_in_range(status, 400, 599);
		sg_ignore(sg_fail(&why, codes[n], "serial", "no such serial number: 05"));
		sg_api_problem_put(&b, &why, NULL, status, trace);
		expect_err(
		    sg_api_problem_read(status, sg_buf_slice(&b), &err), &err, codes[n], "serial");
		assert_string_equal(err.text, "no such serial number: 05");
	}
}

#define PROBLEM(code, rule)                                                                        \
	"{\"type\":\"x\",\"title\":\"x\",\"status\":418,\"detail\":\"some text\",\"code\":\"" code \
	"\",\"rule\":\"" rule "\",\"remedy\":\"x\",\"later\":[1],"                                 \
	"\"trace\":\"00000000000000000000000000000000\"}"

/* Of a newer version, or no problem at all: always a failure. */
static void
read__what_is_not_known__failure(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int status;
		enum sg_code code;
		const char *rule;
	} all[] = {{PROBLEM("teapot", "tea.cold"), 418, SG_E_DENIED, "tea.cold"},
	    {PROBLEM("teapot", "tea.cold"), 500, SG_E_INTERNAL, "tea.cold"},
	    {PROBLEM("ok", "tea.cold"), 404, SG_E_DENIED, "tea.cold"},
	    {PROBLEM("denied", "Tea Cold"), 403, SG_E_DENIED, "rule.other"},
	    {"", 502, SG_E_INTERNAL, "api.answer"},
	    {"Bad Gateway\n", 502, SG_E_INTERNAL, "api.answer"},
	    {"{}", 400, SG_E_INTERNAL, "api.answer"}, {"[]", 200, SG_E_INTERNAL, "api.answer"}};

	for (size_t n = 0; n < sizeof all / sizeof all[0]; n++) {
		struct sg_err err = {0};
		expect_err(sg_api_problem_read(all[n].status, sg_slice_str(all[n].text), &err),
		    &err, all[n].code, all[n].rule);
	}
}

/* The last line of a list that is followed, and lines that are items. */
static void
read_line__problem_or_item__told_apart(void **state)
{
	(void)state;
	static const char *const items[] = {"{}", "{\"id\":1}", "{\"problem\":\"text\"}",
	    "{\"id\":1,\"problem\":{}}", "[]", "x", ""};
	sg_buf_scoped b = {0};
	struct sg_err why = {0}, err = {0};

	sg_ignore(sg_fail(&why, SG_E_BUSY, "store.busy", "locked"));
	sg_buf_puts(&b, "{\"problem\":");
	sg_api_problem_put(&b, &why, NULL, 503, trace);
	sg_buf_puts(&b, "}");
	expect_err(sg_api_problem_read_line(sg_buf_slice(&b), &err), &err, SG_E_BUSY, "store.busy");
	assert_string_equal(err.text, "locked");
	for (size_t n = 0; n < sizeof items / sizeof items[0]; n++)
		assert_int_equal(sg_api_problem_read_line(sg_slice_str(items[n]), &err), SG_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(put__error_and_fault__whole),
	    cmocka_unit_test(put__without_fault_or_text__still_valid),
	    cmocka_unit_test(read__every_code__comes_back),
	    cmocka_unit_test(read__what_is_not_known__failure),
	    cmocka_unit_test(read_line__problem_or_item__told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
