/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/date.h"

/* Known moments, both ways. */
static const struct {
	int64_t at;
	struct sg_date date;
	const char *text;
} moments[] = {
    {-62135596800, {1, 1, 1, 0, 0, 0}, "0001-01-01T00:00:00Z"},
    {-11676096000, {1600, 1, 1, 0, 0, 0}, "1600-01-01T00:00:00Z"},
    {-2203977600, {1900, 2, 28, 0, 0, 0}, "1900-02-28T00:00:00Z"},
    {-2203891200, {1900, 3, 1, 0, 0, 0}, "1900-03-01T00:00:00Z"},
    {-631152001, {1949, 12, 31, 23, 59, 59}, "1949-12-31T23:59:59Z"},
    {-631152000, {1950, 1, 1, 0, 0, 0}, "1950-01-01T00:00:00Z"},
    {-1, {1969, 12, 31, 23, 59, 59}, "1969-12-31T23:59:59Z"},
    {0, {1970, 1, 1, 0, 0, 0}, "1970-01-01T00:00:00Z"},
    {951782400, {2000, 2, 29, 0, 0, 0}, "2000-02-29T00:00:00Z"},
    {951868800, {2000, 3, 1, 0, 0, 0}, "2000-03-01T00:00:00Z"},
    {1763646240, {2025, 11, 20, 13, 44, 0}, "2025-11-20T13:44:00Z"},
    {2147483648, {2038, 1, 19, 3, 14, 8}, "2038-01-19T03:14:08Z"},
    {2524607999, {2049, 12, 31, 23, 59, 59}, "2049-12-31T23:59:59Z"},
    {2524608000, {2050, 1, 1, 0, 0, 0}, "2050-01-01T00:00:00Z"},
    {4107542399, {2100, 2, 28, 23, 59, 59}, "2100-02-28T23:59:59Z"},
    {4107542400, {2100, 3, 1, 0, 0, 0}, "2100-03-01T00:00:00Z"},
    {253402300799, {9999, 12, 31, 23, 59, 59}, "9999-12-31T23:59:59Z"},
};

static bool
same(const struct sg_date *a, const struct sg_date *b)
{
	return a->year == b->year && a->month == b->month && a->day == b->day &&
	       a->hour == b->hour && a->minute == b->minute && a->second == b->second;
}

static void
date__known_moments__both_ways(void **state)
{
	(void)state;
	struct sg_err err;
	for (size_t n = 0; n < sizeof moments / sizeof moments[0]; n++) {
		sg_buf_scoped b = {0};
		int64_t at = 0;
		struct sg_date d = sg_date_from(moments[n].at);
		sg_date_put(&b, moments[n].at);
		assert_string_equal(sg_buf_text(&b), moments[n].text);
		assert_true(same(&d, &moments[n].date));
		assert_int_equal(sg_date_to(&d, &at, &err), SG_OK);
		assert_true(at == moments[n].at);
	}
}

/* Every day of ten thousand years follows the one before by the rules of the calendar. */
static void
date__every_day__in_order(void **state)
{
	(void)state;
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t at = -62135596800;
	for (int y = 1; y <= 9999; y++) {
		bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
		for (int m = 1; m <= 12; m++) {
			for (int d = 1; d <= days[m - 1] + (m == 2 && leap); d++, at += 86400) {
				struct sg_date want = {y, m, d, 23, 59, 59};
				struct sg_date have = sg_date_from(at + 86399);
				int64_t back = 0;
				if (!same(&have, &want) ||
				    sg_date_to(&want, &back, NULL) != SG_OK || back != at + 86399)
					fail_msg("%d-%d-%d", y, m, d);
			}
		}
	}
	assert_true(at == 253402300800);
}

static void
date_to__each_field_out_of_range__refused(void **state)
{
	(void)state;
	static const struct sg_date bad[] = {
	    {0, 1, 1, 0, 0, 0}, {-1, 1, 1, 0, 0, 0}, {10000, 1, 1, 0, 0, 0}, {2026, 0, 1, 0, 0, 0},
	    {2026, 13, 1, 0, 0, 0}, {2026, 1, 0, 0, 0, 0}, {2026, 1, 32, 0, 0, 0},
	    {2026, 4, 31, 0, 0, 0}, {2026, 2, 29, 0, 0, 0}, {2024, 2, 30, 0, 0, 0},
	    {1900, 2, 29, 0, 0, 0}, {2100, 2, 29, 0, 0, 0}, {2026, 1, 1, -1, 0, 0},
	    {2026, 1, 1, 24, 0, 0}, {2026, 1, 1, 0, -1, 0}, {2026, 1, 1, 0, 60, 0},
	    {2026, 1, 1, 0, 0, -1}, {2026, 1, 1, 0, 0, 60},
	    {2026, 1, 1, 23, 59, 60}, /* no leap seconds: RFC 5280 4.1.2.5 */
	};
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		struct sg_err err = {0};
		int64_t at = 77;
		expect_err(sg_date_to(&bad[n], &at, &err), &err, SG_E_MALFORMED, "time");
		assert_int_equal(at, 77);
	}
}

static void
put_time_us__around_the_epoch__six_digits(void **state)
{
	(void)state;
	static const struct {
		int64_t us;
		const char *text;
	} rows[] = {
	    {0, "1970-01-01T00:00:00.000000Z"},
	    {1, "1970-01-01T00:00:00.000001Z"},
	    {999999, "1970-01-01T00:00:00.999999Z"},
	    {1000000, "1970-01-01T00:00:01.000000Z"},
	    {-1, "1969-12-31T23:59:59.999999Z"},
	    {-1000000, "1969-12-31T23:59:59.000000Z"},
	    {-1000001, "1969-12-31T23:59:58.999999Z"},
	    {1763646240123456, "2025-11-20T13:44:00.123456Z"},
	};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		sg_buf_scoped b = {0};
		sg_date_put_us(&b, rows[n].us);
		assert_string_equal(sg_buf_text(&b), rows[n].text);
	}
}

/* Numbers that are no dates are survived. */
static void
put_time__any_number__ends(void **state)
{
	(void)state;
	static const int64_t at[] = {
	    INT64_MIN, INT64_MIN + 1, INT64_MAX, -62135596801, 253402300800};
	for (size_t n = 0; n < sizeof at / sizeof at[0]; n++) {
		sg_buf_scoped b = {0};
		sg_date_put(&b, at[n]);
		sg_date_put_us(&b, at[n]);
		assert_int_equal(b.failed, SG_OK);
		assert_true(b.len > 40 && b.len < 120);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(date__known_moments__both_ways),
	    cmocka_unit_test(date__every_day__in_order),
	    cmocka_unit_test(date_to__each_field_out_of_range__refused),
	    cmocka_unit_test(put_time_us__around_the_epoch__six_digits),
	    cmocka_unit_test(put_time__any_number__ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
