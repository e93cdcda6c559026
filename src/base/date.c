/* SPDX-License-Identifier: Apache-2.0 */

/*
 * date.c - seconds since 1970 as a date of the calendar and as text, and back
 */

#include "base/date.h"

/* Days since 1970-01-01 of a proleptic Gregorian date; eras of 400 years that start in March. */
static int64_t
days_from(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

struct sg_date
sg_date_from(int64_t at)
{
	int64_t days = at / 86400, left = at % 86400;
	if (left < 0) {
		left += 86400;
		days--;
	}
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);
	return (struct sg_date){
	    .year = (int)(yoe + era * 400 + (month <= 2)),
	    .month = month,
	    .day = (int)(doy - (153 * mp + 2) / 5 + 1),
	    .hour = (int)(left / 3600),
	    .minute = (int)(left / 60 % 60),
	    .second = (int)(left % 60),
	};
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

enum sg_code
sg_date_to(const struct sg_date *date, int64_t *ret, struct sg_err *err)
{
	if (date->year < 1 || date->year > 9999 || date->month < 1 || date->month > 12 ||
	    date->day < 1 || date->day > days_in_month(date->year, date->month) || date->hour < 0 ||
	    date->hour > 23 || date->minute < 0 || date->minute > 59 || date->second < 0 ||
	    date->second > 59)
		return sg_fail(err, SG_E_MALFORMED, "time", "no such date: %d-%d-%d %d:%d:%d",
		    date->year, date->month, date->day, date->hour, date->minute, date->second);
	*ret = days_from(date->year, date->month, date->day) * 86400 + date->hour * 3600 +
	       date->minute * 60 + date->second;
	return SG_OK;
}

void
sg_date_put(struct sg_buf *b, int64_t at)
{
	struct sg_date d = sg_date_from(at);
	sg_buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year, d.month, d.day, d.hour, d.minute,
	    d.second);
}

void
sg_date_put_us(struct sg_buf *b, int64_t at_us)
{
	int64_t at = at_us / 1000000, us = at_us % 1000000;
	if (us < 0) {
		us += 1000000;
		at--;
	}
	struct sg_date d = sg_date_from(at);
	sg_buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", d.year, d.month, d.day, d.hour,
	    d.minute, d.second, (int)us);
}
