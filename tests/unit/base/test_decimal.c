/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/decimal.h"

static void
parse_u64__numbers__up_to_max(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t max, want;
	} rows[] = {
	    {"0", 0, 0},
	    {"0", UINT64_MAX, 0},
	    {"1", 1, 1},
	    {"9", 9, 9},
	    {"10", 10, 10},
	    {"65535", 65535, 65535},
	    {"18446744073709551615", UINT64_MAX, UINT64_MAX},
	    {"18446744073709551614", UINT64_MAX - 1, UINT64_MAX - 1},
	};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_err err;
		uint64_t v = 77;
		assert_int_equal(
		    sg_decimal_parse(sg_slice_str(rows[n].text), rows[n].max, &v, &err), SG_OK);
		assert_true(v == rows[n].want);
	}
}

static void
parse_u64__bad__refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t max;
		enum sg_code code;
	} rows[] = {
	    {"", 9, SG_E_MALFORMED},
	    {"00", 9, SG_E_MALFORMED},
	    {"01", 9, SG_E_MALFORMED},
	    {"+1", 9, SG_E_MALFORMED},
	    {"-1", 9, SG_E_MALFORMED},
	    {" 1", 9, SG_E_MALFORMED},
	    {"1 ", 99, SG_E_MALFORMED},
	    {"1x", 99, SG_E_MALFORMED},
	    {"0x1", 99, SG_E_MALFORMED},
	    {"1.0", 99, SG_E_MALFORMED},
	    {"1e3", 9999, SG_E_MALFORMED},
	    {"\xb2", 9, SG_E_MALFORMED},
	    {"1", 0, SG_E_LIMIT},
	    {"10", 9, SG_E_LIMIT},
	    {"9", 8, SG_E_LIMIT},
	    {"65536", 65535, SG_E_LIMIT},
	    {"18446744073709551615", UINT64_MAX - 1, SG_E_LIMIT},
	    {"18446744073709551616", UINT64_MAX, SG_E_LIMIT},
	    {"28446744073709551615", UINT64_MAX, SG_E_LIMIT},
	    {"184467440737095516150", UINT64_MAX, SG_E_LIMIT},
	};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_err err = {0};
		uint64_t v = 77;
		struct sg_slice text = sg_slice_str(rows[n].text);
		uint8_t *copy = exact(text);
		expect_err(sg_decimal_parse(sg_slice(copy, text.len), rows[n].max, &v, &err), &err,
		    rows[n].code, "number");
		assert_true(v == 77);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parse_u64__numbers__up_to_max),
	    cmocka_unit_test(parse_u64__bad__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
