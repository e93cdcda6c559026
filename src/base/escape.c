/* SPDX-License-Identifier: Apache-2.0 */

/*
 * escape.c - text of strangers made fit for a terminal and a log
 */

#include "base/escape.h"

#include "base/utf8.h"

/* Controls, format characters that reorder or hide text, private use and non-characters. */
static bool
is_safe(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == '\\')
		return false;
	if (cp == 0xad || cp == 0x61c || (cp >= 0x200b && cp <= 0x200f) ||
	    (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff)
		return false;
	return !(cp >= 0xe000 && cp <= 0xf8ff) && !(cp >= 0xfff0 && cp <= 0xffff) && cp < 0xe0000;
}

static void
escape(struct sg_buf *b, struct sg_slice s, size_t max, bool backslash_stays)
{
	size_t start = b->len;

	for (size_t n = 0; n < s.len;) {
		if (b->len - start >= max) {
			sg_buf_puts(b, "...");
			return;
		}
		uint32_t cp = 0;
		size_t len = sg_utf8_next(s.p + n, s.len - n, &cp);
		if (len > 0 && (is_safe(cp) || (backslash_stays && cp == '\\'))) {
			sg_buf_put(b, s.p + n, len);
			n += len;
			continue;
		}
		sg_buf_printf(b, "\\x%02x", s.p[n]);
		n++;
	}
}

void
sg_escape_put(struct sg_buf *b, struct sg_slice s, size_t max)
{
	escape(b, s, max, false);
}

void
sg_escape_put_line(struct sg_buf *b, struct sg_slice s, size_t max)
{
	escape(b, s, max, true);
}
