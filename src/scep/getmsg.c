/* SPDX-License-Identifier: Apache-2.0 */

/*
 * getmsg.c - the message of a GET out of its URL, before anything else looks at it: in front
 */

#include "scep/getmsg.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/limits.h"

/* What a character of the value is, once unescaped. */
enum {
	CH_PAD = 64,
	CH_SKIP = 65,
	CH_BAD = 66,
	CH_END = 67,
	CH_PERCENT = 68,
	CH_SPACE = 69, /* '+' inside, nothing at the end */
};

struct reader {
	const uint8_t *p;
	size_t len, pos;
};

/* The byte that two hexadecimal digits at pos stand for, or -1. */
static int
hex_pair(struct reader *r)
{
	if (r->len - r->pos < 2)
		return -1;
	int hi = sg_hex_digit(r->p[r->pos]), lo = sg_hex_digit(r->p[r->pos + 1]);
	if (hi < 0 || lo < 0)
		return -1;
	r->pos += 2;
	return hi * 16 + lo;
}

/* What a byte stands for, plus one; 0 is a byte that is not base64. '+' comes as a space
 * from what decoded the query as a form; '-' and '_' are the url-safe alphabet. */
#define ROW4(c, v) [c] = (v) + 1, [(c) + 1] = (v) + 2, [(c) + 2] = (v) + 3, [(c) + 3] = (v) + 4
#define ROW8(c, v) ROW4(c, v), ROW4((c) + 4, (v) + 4)
#define ROW26(c, v)                                                                                \
	ROW8(c, v), ROW8((c) + 8, (v) + 8), ROW8((c) + 16, (v) + 16), [(c) + 24] = (v) + 25,       \
									     [(c) + 25] = (v) + 26

static const uint8_t classes[256] = {
    ROW26('A', 0),
    ROW26('a', 26),
    ROW8('0', 52),
    ['8'] = 61,
    ['9'] = 62,
    ['+'] = 63,
    ['-'] = 63,
    [' '] = CH_SPACE + 1,
    ['/'] = 64,
    ['_'] = 64,
    ['='] = CH_PAD + 1,
    ['\r'] = CH_SKIP + 1,
    ['\n'] = CH_SKIP + 1,
};

static unsigned
classify(int c)
{
	unsigned v = classes[c & 0xff];

	return v == 0 ? CH_BAD : v - 1;
}

/* The next character: plain, escaped (%2B) or escaped twice (%252B). */
static unsigned
next(struct reader *r)
{
	if (r->pos == r->len)
		return CH_END;
	int c = r->p[r->pos++];
	for (int level = 0; c == '%' && level < 2; level++) {
		c = hex_pair(r);
		if (c < 0)
			return CH_PERCENT;
	}
	return classify(c);
}

static enum sg_code
bad_char(const struct reader *r, unsigned v, struct sg_err *err)
{
	if (v == CH_PERCENT)
		return sg_fail(err, SG_E_MALFORMED, "getmsg.percent",
		    "RFC 3986 2.1: no two hexadecimal digits behind a percent sign at byte %zu",
		    r->pos);
	return sg_fail(err, SG_E_MALFORMED, "getmsg.base64",
	    "RFC 4648 4: a character that is not base64 before byte %zu", r->pos);
}

/* After the first '=' only one more and line feeds may come. */
static enum sg_code
read_padding(struct reader *r, size_t digits, struct sg_err *err)
{
	size_t pads = 1;

	for (;;) {
		unsigned v = next(r);
		if (v == CH_END)
			break;
		if (v == CH_PAD)
			pads++;
		else if (v != CH_SKIP && v != CH_SPACE)
			return bad_char(r, v, err);
	}
	if ((digits + pads) % 4 != 0 || pads > 2)
		return sg_fail(err, SG_E_MALFORMED, "getmsg.base64",
		    "RFC 4648 4: %zu characters and %zu of padding", digits, pads);
	return SG_OK;
}

/* Whole groups of four plain characters, which is nearly all of a message. */
static size_t
decode_plain(struct reader *r, uint8_t *dst)
{
	size_t n = 0;

	while (r->len - r->pos >= 4) {
		const uint8_t *p = r->p + r->pos;
		/* 0 wraps around: bytes that are not base64 are above 63 as well. */
		unsigned a = classes[p[0]] - 1u, b = classes[p[1]] - 1u;
		unsigned c = classes[p[2]] - 1u, d = classes[p[3]] - 1u;
		if ((a | b | c | d) > 63)
			break;
		dst[n] = (uint8_t)(a << 2 | b >> 4);
		dst[n + 1] = (uint8_t)(b << 4 | c >> 2);
		dst[n + 2] = (uint8_t)(c << 6 | d);
		n += 3;
		r->pos += 4;
	}
	return n;
}

/* Decode into dst, which has room for three quarters of the value. */
static enum sg_code
decode(struct reader *r, uint8_t *dst, size_t *ret_len, struct sg_err *err)
{
	uint32_t acc = 0;
	size_t digits = 0, n = 0;
	bool space = false; /* the last character is one */

	for (;;) {
		if (digits % 4 == 0)
			n += decode_plain(r, dst + n);
		unsigned v = next(r);
		space = v == CH_SPACE || (v == CH_END && space);
		if (v == CH_SPACE)
			v = 62;
		if (v < 64) {
			acc = acc << 6 | v;
			if (++digits % 4 == 0) {
				dst[n++] = (uint8_t)(acc >> 16);
				dst[n++] = (uint8_t)(acc >> 8);
				dst[n++] = (uint8_t)acc;
			}
			continue;
		}
		if (v == CH_SKIP)
			continue;
		enum sg_code rc = SG_OK;
		if (v == CH_PAD)
			rc = read_padding(r, digits, err);
		else if (v != CH_END)
			rc = bad_char(r, v, err);
		if (rc != SG_OK)
			return rc;
		break;
	}
	/* A lone space after whole groups is what an editor or a proxy left there. */
	unsigned left = digits % 4 == 1 && space ? 0 : digits % 4;
	if (left == 1 || (left == 2 && (acc & 0xf) != 0) || (left == 3 && (acc & 3) != 0))
		return sg_fail(err, SG_E_MALFORMED, "getmsg.base64",
		    "RFC 4648 3.5: the last characters do not end a byte");
	if (left >= 2)
		dst[n++] = (uint8_t)(left == 2 ? acc >> 4 : acc >> 10);
	if (left == 3)
		dst[n++] = (uint8_t)(acc >> 2);
	*ret_len = n;
	return SG_OK;
}

enum sg_code
sg_scep_getmsg_decode(struct sg_slice value, struct sg_buf *out, struct sg_err *err)
{
	struct reader r = {value.p, value.len, 0};
	size_t start = out->len, n = 0;

	if (value.len > SG_HTTP_LINE_MAX)
		return sg_fail(err, SG_E_LIMIT, "getmsg.size",
		    "a message= of %zu characters, at most %u", value.len, SG_HTTP_LINE_MAX);
	uint8_t *dst = sg_buf_extend(out, value.len / 4 * 3 + 3);
	if (dst == NULL)
		return sg_buf_check(out, err);
	enum sg_code rc = decode(&r, dst, &n, err);
	if (rc == SG_OK && n == 0)
		rc = sg_fail(err, SG_E_MALFORMED, "getmsg.empty", "message= is empty");
	out->len = rc == SG_OK ? start + n : start;
	return rc;
}

void
sg_scep_getmsg_put(struct sg_buf *b, struct sg_slice message)
{
	sg_buf_scoped text = {0};

	sg_base64_put(&text, message);
	if (text.failed != SG_OK)
		b->failed = text.failed;
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '+')
			sg_buf_puts(b, "%2B");
		else if (text.p[i] == '/')
			sg_buf_puts(b, "%2F");
		else if (text.p[i] == '=')
			sg_buf_puts(b, "%3D");
		else
			sg_buf_put_u8(b, text.p[i]);
	}
}
