/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/date.c - the time of the Date field of every answer
 */

#include "http/date.h"

#include <stdio.h>

#include "base/date.h"

void
sg_http_date(char ret[SG_HTTP_DATE_LEN + 1], int64_t at)
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970 began on a Thursday */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct sg_date d = sg_date_from(at);
	int64_t day = at >= 0 ? (at / 86400) % 7 : 0;
	int month = d.month >= 1 && d.month <= 12 ? d.month - 1 : 0;

	snprintf(ret, SG_HTTP_DATE_LEN + 1, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
	    days + 3 * day, (unsigned)d.day % 100, months + 3 * month, (unsigned)d.year % 10000,
	    (unsigned)d.hour % 100, (unsigned)d.minute % 100, (unsigned)d.second % 100);
}
