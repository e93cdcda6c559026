/* SPDX-License-Identifier: Apache-2.0 */

/*
 * decimal.c - the one reader of numbers in text: no sign, no space, never past a bound
 */

#include "base/decimal.h"

#include "base/ascii.h"

enum sg_code
sg_decimal_parse(struct sg_slice text, uint64_t max, uint64_t *ret, struct sg_err *err)
{
	uint64_t v = 0;

	if (text.len == 0 || (text.len > 1 && text.p[0] == '0'))
		return sg_fail(err, SG_E_MALFORMED, "number", "want a decimal number");
	for (size_t n = 0; n < text.len; n++) {
		if (!sg_ascii_is_digit(text.p[n]))
			return sg_fail(err, SG_E_MALFORMED, "number", "want a decimal number");
		uint64_t d = (uint64_t)(text.p[n] - '0');
		if (v > (max - d) / 10 || d > max)
			return sg_fail(err, SG_E_LIMIT, "number", "want at most %llu",
			    (unsigned long long)max);
		v = v * 10 + d;
	}
	*ret = v;
	return SG_OK;
}
