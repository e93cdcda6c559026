/* SPDX-License-Identifier: Apache-2.0 */

/*
 * utf8.c - what is well-formed UTF-8 (RFC 3629), one character at a time
 */

#include "base/utf8.h"

size_t
sg_utf8_next(const uint8_t *p, size_t left, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = p[0] < 0x80   ? 1
		     : p[0] < 0xc2 ? 0
		     : p[0] < 0xe0 ? 2
		     : p[0] < 0xf0 ? 3
		     : p[0] < 0xf5 ? 4
				   : 0;
	if (len == 0 || len > left)
		return 0;
	uint32_t cp = len == 1 ? p[0] : p[0] & (0x7fu >> len);
	for (size_t n = 1; n < len; n++) {
		if ((p[n] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (p[n] & 0x3fu);
	}
	if (cp < least[len] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	*ret = cp;
	return len;
}

bool
sg_utf8_is_valid(struct sg_slice s)
{
	for (size_t n = 0; n < s.len;) {
		uint32_t cp = 0;
		size_t len = sg_utf8_next(s.p + n, s.len - n, &cp);
		if (len == 0 || cp == 0)
			return false;
		n += len;
	}
	return true;
}
