/* SPDX-License-Identifier: Apache-2.0 */

/*
 * chars.c - the characters of ASN.1 strings, one after the other: under the checks of names and
 * challenges, and under their comparison
 */

#include "x509/chars.h"

#include <stddef.h>

#include "asn1/tag.h"

static const struct {
	unsigned tag;
	const char *name;
} types[] = {
    {SG_DER_UTF8, "UTF8String"},
    {SG_DER_NUMERIC, "NumericString"},
    {SG_DER_PRINTABLE, "PrintableString"},
    {SG_DER_T61, "TeletexString"},
    {SG_DER_IA5, "IA5String"},
    {SG_DER_UNIVERSAL, "UniversalString"},
    {SG_DER_BMP, "BMPString"},
};

static const char *
find_type(unsigned tag)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].tag == tag)
			return types[i].name;
	return NULL;
}

bool
sg_chars_is_string(unsigned tag)
{
	return find_type(tag) != NULL;
}

const char *
sg_chars_type_name(unsigned tag)
{
	const char *name = find_type(tag);

	return name != NULL ? name : "an unknown type";
}

struct sg_chars
sg_chars_init(unsigned tag, struct sg_slice val)
{
	static const uint8_t none;
	const uint8_t *p = val.len == 0 ? &none : val.p;
	return (struct sg_chars){.tag = tag, .p = p, .end = p + val.len};
}

/* Unicode 3.9, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF. */
static enum sg_chars_step
next_utf8(struct sg_chars *c, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	uint8_t lead = *c->p;
	size_t more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || (size_t)(c->end - c->p) <= more)
		return SG_CHARS_BROKEN;
	uint32_t v = more == 0 ? lead : lead & (0x3fu >> more);
	for (size_t i = 1; i <= more; i++) {
		if ((c->p[i] & 0xc0) != 0x80)
			return SG_CHARS_BROKEN;
		v = v << 6 | (c->p[i] & 0x3f);
	}
	if (v < least[more] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return SG_CHARS_BROKEN;
	c->p += more + 1;
	*ret = v;
	return SG_CHARS_ONE;
}

static enum sg_chars_step
next_utf16(struct sg_chars *c, uint32_t *ret)
{
	if (c->end - c->p < 2)
		return SG_CHARS_BROKEN;
	uint32_t v = (uint32_t)c->p[0] << 8 | c->p[1];
	if (v < 0xd800 || v > 0xdfff) {
		c->p += 2;
		*ret = v;
		return SG_CHARS_ONE;
	}
	if (v > 0xdbff || c->end - c->p < 4)
		return SG_CHARS_BROKEN;
	uint32_t low = (uint32_t)c->p[2] << 8 | c->p[3];
	if (low < 0xdc00 || low > 0xdfff)
		return SG_CHARS_BROKEN;
	c->p += 4;
	*ret = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
	return SG_CHARS_ONE;
}

static enum sg_chars_step
next_utf32(struct sg_chars *c, uint32_t *ret)
{
	if (c->end - c->p < 4)
		return SG_CHARS_BROKEN;
	uint32_t v = (uint32_t)c->p[0] << 24 | (uint32_t)c->p[1] << 16 | (uint32_t)c->p[2] << 8 |
		     c->p[3];
	if (v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return SG_CHARS_BROKEN;
	c->p += 4;
	*ret = v;
	return SG_CHARS_ONE;
}

enum sg_chars_step
sg_chars_next(struct sg_chars *c, uint32_t *ret)
{
	if (c->p == c->end)
		return SG_CHARS_END;
	switch (c->tag) {
	case SG_DER_UTF8:
		return next_utf8(c, ret);
	case SG_DER_BMP:
		return next_utf16(c, ret);
	case SG_DER_UNIVERSAL:
		return next_utf32(c, ret);
	case SG_DER_T61:
		*ret = *c->p++;
		return SG_CHARS_ONE;
	case SG_DER_NUMERIC:
	case SG_DER_PRINTABLE:
	case SG_DER_IA5:
		if (*c->p >= 0x80)
			return SG_CHARS_BROKEN;
		*ret = *c->p++;
		return SG_CHARS_ONE;
	default:
		return SG_CHARS_BROKEN;
	}
}

bool
sg_chars_equal(struct sg_chars a, struct sg_chars b)
{
	for (;;) {
		uint32_t ca = 0, cb = 0;
		enum sg_chars_step sa = sg_chars_next(&a, &ca), sb = sg_chars_next(&b, &cb);
		if (sa != sb || sa == SG_CHARS_BROKEN || ca != cb)
			return false;
		if (sa == SG_CHARS_END)
			return true;
	}
}

bool
sg_chars_is_control(uint32_t c)
{
	if (c < 0x7f)
		return c < 0x20;
	return c <= 0x9f || c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xfdd0 && c <= 0xfdef) ||
	       (c & 0xfffe) == 0xfffe;
}

void
sg_chars_put_utf8(struct sg_buf *b, uint32_t c)
{
	if (c < 0x80) {
		sg_buf_put_u8(b, c);
		return;
	}
	if (c < 0x800) {
		sg_buf_put_u8(b, 0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			sg_buf_put_u8(b, 0xe0 | c >> 12);
		} else {
			sg_buf_put_u8(b, 0xf0 | c >> 18);
			sg_buf_put_u8(b, 0x80 | (c >> 12 & 0x3f));
		}
		sg_buf_put_u8(b, 0x80 | (c >> 6 & 0x3f));
	}
	sg_buf_put_u8(b, 0x80 | (c & 0x3f));
}

enum sg_code
sg_string_to_utf8(unsigned tag, struct sg_slice val, struct sg_buf *out, struct sg_err *err)
{
	if (!sg_chars_is_string(tag))
		return sg_fail(err, SG_E_MALFORMED, "string",
		    "want a string type of X.520 or IA5String, found tag 0x%02x", tag);
	struct sg_chars c = sg_chars_init(tag, val);
	enum sg_chars_step step;
	uint32_t one;
	while ((step = sg_chars_next(&c, &one)) == SG_CHARS_ONE)
		;
	if (step == SG_CHARS_BROKEN)
		return sg_fail(err, SG_E_MALFORMED, "string.encoding",
		    "string with tag 0x%02x: byte %zu is not an encoding of that type", tag,
		    (size_t)(val.len - (size_t)(c.end - c.p)) + 1);
	if (tag != SG_DER_BMP && tag != SG_DER_UNIVERSAL && tag != SG_DER_T61) {
		sg_buf_put_slice(out, val); /* ASCII and UTF-8 are UTF-8 */
		return sg_buf_check(out, err);
	}
	c = sg_chars_init(tag, val);
	while (sg_chars_next(&c, &one) == SG_CHARS_ONE)
		sg_chars_put_utf8(out, one);
	return sg_buf_check(out, err);
}
