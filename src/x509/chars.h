/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/chars.h - the characters of ASN.1 strings, one after the other
 *
 * Nothing is allocated. PrintableString, NumericString and IA5String are read as ASCII
 * (their alphabets are not enforced: '@', '*' and '_' in PrintableString are common),
 * T61String as Latin-1, BMPString as UTF-16, whatever their standards say: that is what
 * the field writes.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct sg_chars {
	unsigned tag;
	const uint8_t *p, *end;
};

enum sg_chars_step {
	SG_CHARS_END,
	SG_CHARS_ONE,	/* *ret is a character, perhaps NUL */
	SG_CHARS_BROKEN /* not an encoding of this string type */
};

/* True for the string types above. */
bool
sg_chars_is_string(unsigned tag);
/* "UTF8String"; "an unknown type" for others. */
const char *
sg_chars_type_name(unsigned tag);
struct sg_chars
sg_chars_init(unsigned tag, struct sg_slice val);
enum sg_chars_step
sg_chars_next(struct sg_chars *c, uint32_t *ret);
/* The same characters to the end, in whatever string types; never when one is broken. */
bool
sg_chars_equal(struct sg_chars a, struct sg_chars b);
/* NUL, control characters (C0, DEL, C1), line separators, bidirectional controls, byte order
 * marks, interlinear annotation, noncharacters: what may not stand in a name. */
bool
sg_chars_is_control(uint32_t c);
void
sg_chars_put_utf8(struct sg_buf *b, uint32_t c);
/* The contents of one DirectoryString or IA5String as UTF-8 appended to out; NUL passes: the
 * caller decides. SG_E_MALFORMED ("string", "string.encoding"). */
SG_RC
sg_string_to_utf8(unsigned tag, struct sg_slice val, struct sg_buf *out, struct sg_err *err);
