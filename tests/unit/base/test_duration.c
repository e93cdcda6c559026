/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/duration.h"

static void
duration__each_unit__seconds(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t want;
	} rows[] = {{"0s", 0}, {"1s", 1}, {"90s", 90}, {"1m", 60}, {"2h", 7200}, {"90d", 7776000},
	    {"1w", 604800}, {"1y", 31536000}, {"10y", 315360000},
	    {"1000000000y", INT64_C(31536000000000000)}};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_err err;
		int64_t s = -1;
		assert_int_equal(sg_duration_parse(sg_slice_str(rows[n].text), &s, &err), SG_OK);
		assert_true(s == rows[n].want);
	}
}

static void
duration__anything_else__refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "s", "1", "90", "d90", "90D", "90 d", " 90d", "90d ",
	    "-1d", "+1d", "1.5h", "01d", "1dd", "1d1h", "1000000001s", "99999999999999999999d",
	    "0x1d", "1\n", "1M"};
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		struct sg_err err = {0};
		int64_t s = 77;
		struct sg_slice text = sg_slice_str(bad[n]);
		uint8_t *copy = exact(text);
		expect_err(sg_duration_parse(sg_slice(copy, text.len), &s, &err), &err,
		    SG_E_MALFORMED, "duration");
		assert_int_equal(s, 77);
		free(copy);
	}
	struct sg_err err = {0};
	int64_t s = 77;
	expect_err(
	    sg_duration_parse(sg_slice("1d\0", 3), &s, &err), &err, SG_E_MALFORMED, "duration");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(duration__each_unit__seconds),
	    cmocka_unit_test(duration__anything_else__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
