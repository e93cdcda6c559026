/* SPDX-License-Identifier: Apache-2.0 */

#include "base/str.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

void
sg_hex(struct sg_buf *b, struct sg_slice s)
{
	for (size_t n = 0; n < s.len; n++) {
		char two[2] = {hex_digits[s.p[n] >> 4], hex_digits[s.p[n] & 15]};
		sg_buf_put(b, two, 2);
	}
}

static int
hex_value(uint8_t c)
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
sg_unhex(struct sg_slice text, struct sg_buf *out, struct sg_err *err)
{
	for (size_t n = 0; n < text.len; n += 2) {
		if (text.p[n] == ':' && n > 0 && text.p[n - 1] != ':' && n + 1 < text.len) {
			n--;
			continue;
		}
		int high = hex_value(text.p[n]);
		int low = n + 1 < text.len ? hex_value(text.p[n + 1]) : -1;
		if (high < 0 || low < 0)
			return sg_fail(err, SG_E_MALFORMED, "hex",
			    "want pairs of hexadecimal digits, character %zu is not", n + 1);
		sg_buf_put_u8(out, (unsigned)(high << 4 | low));
	}
	return sg_buf_check(out, err);
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
sg_base64(struct sg_buf *b, struct sg_slice s)
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
sg_unbase64(struct sg_slice text, bool wrapped, struct sg_buf *out, struct sg_err *err)
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

/* The first occurrence of a text at or behind pos, or text.len. */
static size_t
find(struct sg_slice text, size_t pos, const char *what)
{
	size_t len = strlen(what);
	const uint8_t *at = NULL;
	if (pos < text.len)
		at = memmem(text.p + pos, text.len - pos, what, len);
	return at == NULL ? text.len : (size_t)(at - text.p);
}

enum sg_code
sg_pem_next(
    struct sg_slice text, const char *label, size_t *pos, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped begin = {0}, end = {0};

	sg_buf_printf(&begin, "-----BEGIN %s-----", label);
	sg_buf_printf(&end, "-----END %s-----", label);
	enum sg_code rc = sg_buf_check(&begin, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&end, err);
	if (rc != SG_OK)
		return rc;
	size_t from = find(text, *pos, sg_buf_text(&begin)); /* room for the NUL is there */
	if (from == text.len)
		return sg_fail(err, SG_E_NOTFOUND, "pem", "no PEM block \"%s\"", label);
	from += begin.len;
	size_t to = find(text, from, sg_buf_text(&end));
	if (to == text.len)
		return sg_fail(err, SG_E_MALFORMED, "pem", "PEM block \"%s\" has no end", label);
	rc = sg_unbase64(sg_slice(text.p + from, to - from), true, out, err);
	if (rc == SG_OK)
		*pos = to + end.len;
	return rc;
}

void
sg_pem(struct sg_buf *b, const char *label, struct sg_slice der)
{
	sg_buf_printf(b, "-----BEGIN %s-----\n", label);
	for (size_t n = 0; n < der.len; n += 48) {
		size_t len = der.len - n < 48 ? der.len - n : 48;
		sg_base64(b, sg_slice(der.p + n, len));
		sg_buf_puts(b, "\n");
	}
	sg_buf_printf(b, "-----END %s-----\n", label);
}

enum sg_code
sg_parse_u64(struct sg_slice text, uint64_t max, uint64_t *ret, struct sg_err *err)
{
	uint64_t v = 0;

	if (text.len == 0 || (text.len > 1 && text.p[0] == '0'))
		return sg_fail(err, SG_E_MALFORMED, "number", "want a decimal number");
	for (size_t n = 0; n < text.len; n++) {
		if (text.p[n] < '0' || text.p[n] > '9')
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

/* Length of the well-formed UTF-8 sequence at p (1..4), its code point in *ret; 0 if none. */
static size_t
utf8_next(const uint8_t *p, size_t left, uint32_t *ret)
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

/* Controls, format characters that reorder or hide text, private use and non-characters. */
static bool
is_safe(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == '"' || cp == '\\')
		return false;
	if (cp == 0xad || cp == 0x61c || (cp >= 0x200b && cp <= 0x200f) ||
	    (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff)
		return false;
	return !(cp >= 0xe000 && cp <= 0xf8ff) && !(cp >= 0xfff0 && cp <= 0xffff) && cp < 0xe0000;
}

/* With characters that stay although they are not safe by themselves. */
static void
escape(struct sg_buf *b, struct sg_slice s, size_t max, const char *stay)
{
	size_t start = b->len;

	for (size_t n = 0; n < s.len;) {
		if (b->len - start >= max) {
			sg_buf_puts(b, "...");
			return;
		}
		uint32_t cp = 0;
		size_t len = utf8_next(s.p + n, s.len - n, &cp);
		bool stays = cp > 0 && cp < 0x80 && strchr(stay, (int)cp) != NULL;
		if (len > 0 && (stays || is_safe(cp))) {
			sg_buf_put(b, s.p + n, len);
			n += len;
			continue;
		}
		sg_buf_printf(b, "\\x%02x", s.p[n]);
		n++;
	}
}

void
sg_escape(struct sg_buf *b, struct sg_slice s, size_t max)
{
	escape(b, s, max, "");
}

void
sg_escape_line(struct sg_buf *b, struct sg_slice s, size_t max)
{
	escape(b, s, max, "\"\\");
}

bool
sg_is_utf8(struct sg_slice s)
{
	for (size_t n = 0; n < s.len;) {
		uint32_t cp = 0;
		size_t len = utf8_next(s.p + n, s.len - n, &cp);
		if (len == 0 || cp == 0)
			return false;
		n += len;
	}
	return true;
}

bool
sg_is_printable(struct sg_slice s)
{
	for (size_t n = 0; n < s.len; n++) {
		uint8_t c = s.p[n];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			     (c >= 'a' && c <= 'z');
		if (!alnum && (c == 0 || strchr(" '()+,-./:=?", c) == NULL))
			return false;
	}
	return true;
}
