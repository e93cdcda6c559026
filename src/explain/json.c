/* SPDX-License-Identifier: Apache-2.0 */

/*
 * explain/json.c - writes JSON into a buffer: strings escaped, commas where they belong
 */

#include "explain/json.h"

#include "base/utf8.h"

/* The length of the well-formed UTF-8 character at the start of s, or 0. */
static size_t
utf8_len(struct sg_slice s)
{
	for (size_t n = 1; n <= 4 && n <= s.len; n++)
		if (sg_utf8_is_valid(sg_slice(s.p, n)))
			return n;
	return 0;
}

static void
put_char(struct sg_buf *b, struct sg_slice c)
{
	uint8_t first = c.p[0];

	if (first == '"' || first == '\\')
		sg_buf_printf(b, "\\%c", first);
	else if (first == '\n')
		sg_buf_puts(b, "\\n");
	else if (first == '\t')
		sg_buf_puts(b, "\\t");
	else if (first < 0x20 || first == 0x7f)
		sg_buf_printf(b, "\\u%04x", (unsigned)first);
	else
		sg_buf_put_slice(b, c);
}

void
sg_json_put_string(struct sg_buf *b, struct sg_slice s)
{
	sg_buf_put_u8(b, '"');
	while (s.len > 0) {
		size_t n = s.p[0] < 0x80 ? 1 : utf8_len(s);
		if (n == 0) {
			sg_buf_puts(b, "\\ufffd");
			n = 1;
		} else {
			put_char(b, sg_slice(s.p, n));
		}
		s = sg_slice(s.p + n, s.len - n);
	}
	sg_buf_put_u8(b, '"');
}

static void
put_name(struct sg_buf *b, const char *name)
{
	if (b->len > 0 && b->p[b->len - 1] != '{' && b->p[b->len - 1] != '[')
		sg_buf_put_u8(b, ',');
	sg_json_put_string(b, sg_slice_str(name));
	sg_buf_put_u8(b, ':');
}

void
sg_json_put_field(struct sg_buf *b, const char *name, const char *value)
{
	put_name(b, name);
	sg_json_put_string(b, sg_slice_str(value));
}

void
sg_json_put_int(struct sg_buf *b, const char *name, long long value)
{
	put_name(b, name);
	sg_buf_printf(b, "%lld", value);
}
