/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "explain/json.h"

static void
json_put_string__hostile_text__escaped(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		const char *want;
	} rows[] = {
	    {"", 0, "\"\""},
	    {"plain", 5, "\"plain\""},
	    {"a\"b\\c", 5, "\"a\\\"b\\\\c\""},
	    {"a\nb\tc\rd", 7, "\"a\\nb\\tc\\u000dd\""},
	    {"a\0b", 3, "\"a\\u0000b\""},
	    {"\x1b[31m\x7f", 6, "\"\\u001b[31m\\u007f\""},
	    {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
	    {"\xff", 1, "\"\\ufffd\""},
	    {"\xc3", 1, "\"\\ufffd\""},
	    {"\xc3(", 2, "\"\\ufffd(\""},
	    {"\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\""},
	    {"\xe2\x82", 2, "\"\\ufffd\\ufffd\""},
	    {"</script>", 9, "\"</script>\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped b = {0};
		sg_json_put_string(&b, sg_slice(rows[i].in, rows[i].len));
		assert_string_equal(sg_buf_text(&b), rows[i].want);
	}
}

static void
json_put_field__several__commas(void **state)
{
	sg_buf_scoped b = {0};

	(void)state;
	sg_buf_puts(&b, "{");
	sg_json_put_field(&b, "a", "1");
	sg_json_put_int(&b, "b", -5);
	sg_json_put_field(&b, "c\"", "");
	sg_buf_puts(&b, "}");
	assert_string_equal(sg_buf_text(&b), "{\"a\":\"1\",\"b\":-5,\"c\\\"\":\"\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_put_string__hostile_text__escaped),
	    cmocka_unit_test(json_put_field__several__commas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
