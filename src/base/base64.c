/* SPDX-License-Identifier: Apache-2.0 */

/*
 * base64.c - RFC 4648 section 4 as it is written: one text for the same bytes
 */

#include "base/base64.h"

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
sg_base64_put(struct sg_buf *b, struct sg_slice s)
{
	for (size_t n = 0; n < s.len; n += 3) {
		size_t left = s.len - n;
		uint32_t v = (uint32_t)s.p[n] << 16;
		v |= left > 1 ? (uint32_t)s.p[n + 1] << 8 : 0;
		v |= left > 2 ? (uint32_t)s.p[n + 2] : 0;
		char four[4] = {base64_digits[v >> 18], base64_digits[v >> 12 & 63],
		    left > 1 ? base64_digits[v >> 6 & 63] : '=',
		    left > 2 ? base64_digits[v & 63] : '='};
		sg_buf_put(b, four, 4);
	}
}

static int
base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

enum sg_code
sg_base64_parse(struct sg_slice text, bool wrapped, struct sg_buf *out, struct sg_err *err)
{
	uint32_t v = 0;
	unsigned digits = 0, pads = 0;

	for (size_t n = 0; n < text.len; n++) {
		uint8_t c = text.p[n];
		if (wrapped && (c == '\r' || c == '\n' || c == ' ' || c == '\t'))
			continue;
		int d = base64_value(c);
		bool pad_here = c == '=' && digits % 4 + pads >= 2 && pads < 2;
		if (!pad_here && (d < 0 || pads > 0))
			return sg_fail(err, SG_E_MALFORMED, "base64",
			    "RFC 4648 4: character %zu is not base64", n + 1);
		if (pad_here) {
			pads++;
			continue;
		}
		v = v << 6 | (uint32_t)d;
		if (++digits % 4 == 0) {
			uint8_t three[3] = {(uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
			sg_buf_put(out, three, 3);
			v = 0;
		}
	}
	unsigned tail = digits % 4;
	if ((tail + pads) % 4 != 0 || tail == 1)
		return sg_fail(err, SG_E_MALFORMED, "base64", "RFC 4648 4: the end is missing");
	if (tail == 2 && (v & 15) == 0)
		sg_buf_put_u8(out, v >> 4);
	else if (tail == 3 && (v & 3) == 0)
		sg_buf_put_u16(out, v >> 2);
	else if (tail != 0)
		return sg_fail(
		    err, SG_E_MALFORMED, "base64", "RFC 4648 3.5: pad bits are not zero");
	return sg_buf_check(out, err);
}
