/* SPDX-License-Identifier: Apache-2.0 */

/*
 * duration.c - durations as operators write them
 */

#include "base/duration.h"

#include "base/decimal.h"

enum sg_code
sg_duration_parse(struct sg_slice text, int64_t *ret_s, struct sg_err *err)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {
	    {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}, {'y', 365 * 86400}};
	uint64_t n;

	if (text.len < 2)
		return sg_fail(err, SG_E_MALFORMED, "duration",
		    "want a number and one of s m h d w y, as in 90d");
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (text.p[text.len - 1] != (uint8_t)units[i].unit)
			continue;
		enum sg_code rc = sg_decimal_parse(
		    sg_slice(text.p, text.len - 1), 1000000000u, &n, NULL);
		if (rc != SG_OK)
			break;
		*ret_s = (int64_t)n * units[i].seconds;
		return SG_OK;
	}
	return sg_fail(
	    err, SG_E_MALFORMED, "duration", "want a number and one of s m h d w y, as in 90d");
}
