/* SPDX-License-Identifier: Apache-2.0 */

/*
 * stringprep.c - text prepared for comparison, by the tables of libutf8proc: under
 * sg_name_equal and sg_san_equal. Nearly all names are ASCII and never come to the tables.
 */

#include "x509/stringprep.h"

#include <string.h>
#include <utf8proc.h>

#include "asn1/tag.h"
#include "base/ascii.h"

/* Characters of ASCII with case and runs of spaces folded, none at the ends. */
struct fold {
	struct sg_chars chars;
	bool exact; /* letter case stays */
	bool begun;
	bool pending; /* next is to be handed out, after a space that stood before it */
	uint32_t next;
};

static enum sg_chars_step
fold_next(struct fold *f, uint32_t *ret)
{
	if (f->pending) {
		f->pending = false;
		*ret = f->next;
		return SG_CHARS_ONE;
	}
	bool space = false;
	uint32_t c;
	enum sg_chars_step step;
	while ((step = sg_chars_next(&f->chars, &c)) == SG_CHARS_ONE && c == ' ')
		space = true;
	if (step != SG_CHARS_ONE)
		return step;
	if (!f->exact)
		c = sg_ascii_lower(c);
	if (space && f->begun) {
		f->pending = true;
		f->next = c;
		c = ' ';
	}
	f->begun = true;
	*ret = c;
	return SG_CHARS_ONE;
}

bool
sg_stringprep_equal_ascii(struct sg_chars a, struct sg_chars b, enum sg_stringprep_case how)
{
	struct fold fa = {.chars = a, .exact = how == SG_STRINGPREP_CASE_EXACT};
	struct fold fb = {.chars = b, .exact = how == SG_STRINGPREP_CASE_EXACT};

	for (;;) {
		uint32_t ca = 0, cb = 0;
		enum sg_chars_step sa = fold_next(&fa, &ca), sb = fold_next(&fb, &cb);
		if (sa != sb || sa == SG_CHARS_BROKEN || ca != cb)
			return false;
		if (sa == SG_CHARS_END)
			return true;
	}
}

/* Printable ASCII in a string type of one byte a character, and short: what needs no tables. */
static bool
is_plain(struct sg_chars s)
{
	size_t len = (size_t)(s.end - s.p);
	unsigned beyond = 0;

	if (!sg_chars_is_string(s.tag) || s.tag == SG_DER_BMP || s.tag == SG_DER_UNIVERSAL ||
	    len > SG_STRINGPREP_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		beyond |= (unsigned)(s.p[i] < ' ') | (unsigned)(s.p[i] > '~');
	return beyond == 0;
}

/* Code points, as libutf8proc has them. */
struct text {
	size_t n;
	utf8proc_int32_t at[SG_STRINGPREP_MAX];
};

/* RFC 4518 2.2; what is a control character for us as well is asked before. */
static bool
maps_to_nothing(uint32_t c)
{
	return c == 0xad || c == 0x34f || c == 0x6dd || c == 0x70f || c == 0x1806 ||
	       (c >= 0x180b && c <= 0x180e) || (c >= 0x200b && c <= 0x200d) ||
	       (c >= 0x2060 && c <= 0x2063) || (c >= 0x206a && c <= 0x206f) ||
	       (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfffc || (c >= 0x1d173 && c <= 0x1d17a) ||
	       c == 0xe0001 || (c >= 0xe0020 && c <= 0xe007f);
}

/* Append what c decomposes to. False: no room. */
static bool
put_decomposed(struct text *t, utf8proc_int32_t c, unsigned options)
{
	int boundclass = UTF8PROC_BOUNDCLASS_START;
	utf8proc_ssize_t room = (utf8proc_ssize_t)(SG_STRINGPREP_MAX - t->n);
	utf8proc_ssize_t n = utf8proc_decompose_char(
	    c, t->at + t->n, room, (utf8proc_option_t)options, &boundclass);

	/* It says how many there are, whether they had room or not. */
	if (n < 0 || n > room)
		return false;
	t->n += (size_t)n;
	return true;
}

/* Combining marks in their canonical order (Unicode 3.11, D109). False: more of them in a row than
 * any language has, which would be sorted in the square of their number. */
static bool
reorder(struct text *t)
{
	size_t marks = 0;

	for (size_t i = 0; i < t->n; i++) {
		utf8proc_int32_t c = t->at[i];
		utf8proc_propval_t class = utf8proc_get_property(c)->combining_class;
		size_t k = i;
		marks = class == 0 ? 0 : marks + 1;
		if (marks > SG_STRINGPREP_MARKS_MAX)
			return false;
		for (; class != 0 && k > 0; k--) {
			if (utf8proc_get_property(t->at[k - 1])->combining_class <= class)
				break;
			t->at[k] = t->at[k - 1];
		}
		t->at[k] = c;
	}
	return true;
}

/* The characters without those that show nothing, in NFD. */
static bool
decompose(struct sg_chars chars, struct text *ret)
{
	enum sg_chars_step step;
	uint32_t c;

	ret->n = 0;
	while ((step = sg_chars_next(&chars, &c)) == SG_CHARS_ONE) {
		utf8proc_int32_t one = (utf8proc_int32_t)c;
		if (!sg_chars_is_control(c)) {
			if (maps_to_nothing(c))
				continue;
			if (utf8proc_category(one) == UTF8PROC_CATEGORY_ZS)
				one = ' ';
		}
		if (!put_decomposed(ret, one, UTF8PROC_DECOMPOSE))
			return false;
	}
	return step == SG_CHARS_END && reorder(ret);
}

static bool
is_mark(utf8proc_int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
	       category == UTF8PROC_CATEGORY_ME;
}

static void
fold_spaces(struct text *t)
{
	size_t n = 0;
	bool space = false;

	for (size_t i = 0; i < t->n; i++) {
		if (t->at[i] == ' ' && !(i + 1 < t->n && is_mark(t->at[i + 1]))) {
			space = true;
			continue;
		}
		if (space && n > 0)
			t->at[n++] = ' ';
		space = false;
		t->at[n++] = t->at[i];
	}
	t->n = n;
}

/* False: broken, or too long. */
static bool
prepare(struct sg_chars chars, enum sg_stringprep_case how, struct text *scratch, struct text *ret)
{
	unsigned options = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;

	if (how == SG_STRINGPREP_CASE_IGNORE)
		options |= UTF8PROC_CASEFOLD;
	if (!decompose(chars, scratch))
		return false;
	ret->n = 0;
	for (size_t i = 0; i < scratch->n; i++)
		if (!put_decomposed(ret, scratch->at[i], options))
			return false;
	if (!reorder(ret))
		return false;
	utf8proc_ssize_t n = utf8proc_normalize_utf32(
	    ret->at, (utf8proc_ssize_t)ret->n, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	if (n < 0)
		return false;
	ret->n = (size_t)n;
	fold_spaces(ret);
	return true;
}

static bool
is_long(struct sg_chars chars)
{
	size_t n = 0;
	uint32_t c;

	if (chars.tag != SG_DER_BMP && chars.tag != SG_DER_UNIVERSAL && chars.tag != SG_DER_T61)
		return (size_t)(chars.end - chars.p) > SG_STRINGPREP_MAX;
	while (n <= SG_STRINGPREP_MAX && sg_chars_next(&chars, &c) == SG_CHARS_ONE)
		n += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	return n > SG_STRINGPREP_MAX;
}

/* Of its own, since what it puts onto the stack is more than all above it. */
__attribute__((noinline)) static bool
equal_by_tables(struct sg_chars a, struct sg_chars b, enum sg_stringprep_case how)
{
	struct text scratch, ta, tb;

	if (is_long(a) || is_long(b) || !prepare(a, how, &scratch, &ta) ||
	    !prepare(b, how, &scratch, &tb))
		return sg_chars_equal(a, b);
	return ta.n == tb.n && memcmp(ta.at, tb.at, ta.n * sizeof ta.at[0]) == 0;
}

bool
sg_stringprep_equal(struct sg_chars a, struct sg_chars b, enum sg_stringprep_case how)
{
	size_t len = (size_t)(a.end - a.p);

	if (!is_plain(a) || !is_plain(b))
		return equal_by_tables(a, b, how);
	return (len == (size_t)(b.end - b.p) && memcmp(a.p, b.p, len) == 0) ||
	       sg_stringprep_equal_ascii(a, b, how);
}
