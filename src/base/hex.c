/* SPDX-License-Identifier: Apache-2.0 */

/*
 * hex.c - bytes as hexadecimal digits and back
 */

#include "base/hex.h"

static const char hex_digits[] = "0123456789abcdef";

void
sg_hex_put(struct sg_buf *b, struct sg_slice s)
{
	for (size_t n = 0; n < s.len; n++) {
		char two[2] = {hex_digits[s.p[n] >> 4], hex_digits[s.p[n] & 15]};
		sg_buf_put(b, two, 2);
	}
}

int
sg_hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum sg_code
sg_hex_parse(struct sg_slice text, struct sg_buf *out, struct sg_err *err)
{
	for (size_t n = 0; n < text.len; n += 2) {
		if (text.p[n] == ':' && n > 0 && text.p[n - 1] != ':' && n + 1 < text.len) {
			n--;
			continue;
		}
		int high = sg_hex_digit(text.p[n]);
		int low = n + 1 < text.len ? sg_hex_digit(text.p[n + 1]) : -1;
		if (high < 0 || low < 0)
			return sg_fail(err, SG_E_MALFORMED, "hex",
			    "want pairs of hexadecimal digits, character %zu is not", n + 1);
		sg_buf_put_u8(out, (unsigned)(high << 4 | low));
	}
	return sg_buf_check(out, err);
}
