/* SPDX-License-Identifier: Apache-2.0 */

/*
 * pattern_syntax.c - patterns of subjects and alternative names, as far as syntax goes: the one
 * place that knows where a '*' and braces may stand, and what of a pattern is fixed
 *
 * conf asks first, so that a mistake gets its line; policy/pattern asks again before it reads a
 * pattern, and relies on the answer when it matches.
 */

#include "policy/pattern_syntax.h"

#include <string.h>

#include "base/ascii.h"
#include "base/hex.h"
#include "base/limits.h"
#include "x509/bounds.h"
#include "x509/san_text.h"

struct attr {
	struct sg_slice type;
	size_t stars;
	bool fixed;  /* at least one letter or digit of the value is not up to the requester */
	bool joined; /* '+' before or after it */
	bool plus;   /* after it */
};

static bool
is_one_of(uint8_t c, const char *chars)
{
	return c != 0 && strchr(chars, c) != NULL;
}

static struct sg_slice
after(struct sg_slice s, size_t n)
{
	return sg_slice(s.p + n, s.len - n);
}

static struct sg_slice
skip_spaces(struct sg_slice s)
{
	while (s.len > 0 && s.p[0] == ' ')
		s = after(s, 1);
	return s;
}

/* A word (letters, digits, '-') or dotted decimal, which "OID." may stand before. */
static bool
is_attr_type(struct sg_slice s)
{
	if (sg_ascii_starts(s, "OID."))
		return s.len > 4 && sg_ascii_is_digit(s.p[4]) && is_attr_type(after(s, 4));
	if (s.len == 0 || s.len > 64)
		return false;
	bool dotted = sg_ascii_is_digit(s.p[0]);
	bool has_dot = false;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.p[i];
		if (dotted ? !(sg_ascii_is_digit(c) || c == '.')
			   : !(sg_ascii_is_alnum(c) || c == '-'))
			return false;
		has_dot = has_dot || c == '.';
	}
	return !dotted || has_dot;
}

/* A '\' and what it escapes: how long that is, 0 when it escapes nothing. A '*' cannot be escaped:
 * in a name it would be one of its own accord. */
static size_t
read_escape(struct sg_slice s, uint8_t *ret)
{
	int high = s.len > 2 ? sg_hex_digit(s.p[1]) : -1,
	    low = s.len > 2 ? sg_hex_digit(s.p[2]) : -1;
	if (high >= 0 && low >= 0) {
		*ret = (uint8_t)(high << 4 | low);
		return *ret == '*' ? 0 : 3;
	}
	if (s.len < 2 || !is_one_of(s.p[1], ",+\"\\<>;= #"))
		return 0;
	*ret = s.p[1];
	return 2;
}

/* Does the character that s begins with show, so that it says who somebody is? */
static bool
shows(struct sg_slice s)
{
	size_t n = 1;
	if (s.p[0] < 0x80)
		return sg_ascii_is_alnum(s.p[0]);
	while (n < s.len && n < 4 && (s.p[n] & 0xc0) == 0x80)
		n++;
	return !sg_bounds_is_blank(sg_slice(s.p, n));
}

/* What may be written between the braces: printable ASCII without '*', '{' and '}', and the letters
 * of Latin-1 and Latin Extended, whole characters that look like themselves. *lead is the first
 * byte of such a letter, 0 between characters. */
static bool
may_be_more(uint8_t c, uint8_t *lead)
{
	unsigned code = (*lead & 0x1fu) << 6 | (c & 0x3fu);
	bool second = *lead != 0;
	*lead = !second && c >= 0x80 ? c : 0;
	if (second)
		return (c & 0xc0) == 0x80 && code <= 0x24f && code != 0xd7 && code != 0xf7;
	return (c >= ' ' && c <= '~' && c != '*' && c != '{' && c != '}') ||
	       (c >= 0xc3 && c <= 0xc9);
}

/*
 * The value up to the next ',' or '+' that is not escaped. What stands between the braces after a
 * '*' is what it may be, too, and fixes nothing. Braces are braces with a '\' as well, since they
 * are when the pattern is matched. NULL or what is wrong.
 */
static const char *
read_value(struct sg_slice *s, struct attr *ret)
{
	static const char wrong_more[] =
	    "a character other than printable ASCII (without '*', '{', "
	    "'}') and Latin letters between '{' and '}' after '*'";
	bool braces = false, star = false; /* inside them; just after one */
	size_t len = 0, more = 0;
	uint8_t lead = 0;
	*s = skip_spaces(*s);
	if (s->len > 0 && s->p[0] == '#')
		return "a '#' at the beginning of a value without '\\'";
	for (size_t n; s->len > 0 && s->p[0] != ',' && s->p[0] != '+'; *s = after(*s, n), len++) {
		uint8_t c = s->p[0];
		bool escaped = c == '\\';
		n = escaped ? read_escape(*s, &c) : 1;
		if (n == 0)
			return "a '\\' that escapes nothing";
		if (!escaped && is_one_of(c, "=\"<>;"))
			return "one of = \" < > ; without '\\' in a value, is a comma missing?";
		if (braces && c == '{')
			return "a '{' between '{' and '}'";
		if (braces && c == '}' && more == 0)
			return "nothing between '{' and '}' after '*'";
		if (braces && c == '}' && lead == 0) {
			braces = false;
		} else if (c == '*') {
			ret->stars++;
		} else if (braces) {
			more++;
			if (!may_be_more(c, &lead))
				return wrong_more;
		} else if (star && c == '{') {
			braces = true;
			more = 0;
		} else if (!escaped && shows(*s)) {
			ret->fixed = true;
		}
		star = c == '*';
	}
	if (braces)
		return "a '{' after '*' without a '}'";
	return len == 0 ? "a type without value" : NULL;
}

static bool
is_cn(struct sg_slice type)
{
	return sg_ascii_is(type, "cn") || sg_ascii_is(type, "commonname") ||
	       sg_slice_is(type, "2.5.4.3") || sg_ascii_is(type, "OID.2.5.4.3");
}

/* The next TYPE=VALUE; *s moves after it and its separator. NULL or what is wrong. */
static const char *
next_attr(struct sg_slice *s, struct attr *ret)
{
	size_t len = 0;
	*s = skip_spaces(*s);
	while (len < s->len && !is_one_of(s->p[len], "=,+"))
		len++;
	if (len == s->len || s->p[len] != '=')
		return "no TYPE=VALUE";
	*ret = (struct attr){.type = sg_slice(s->p, len), .joined = ret->plus};
	while (ret->type.len > 0 && s->p[ret->type.len - 1] == ' ')
		ret->type.len--;
	if (!is_attr_type(ret->type))
		return "a type that is neither a word nor a dotted OID";
	*s = after(*s, len + 1);
	const char *wrong = read_value(s, ret);
	if (wrong != NULL)
		return wrong;
	if (s->len == 1)
		return "a separator at the end";
	if (s->len > 0) {
		ret->plus = s->p[0] == '+';
		ret->joined = ret->joined || ret->plus;
		*s = after(*s, 1);
	}
	if (ret->stars > 0 && (!is_cn(ret->type) || ret->joined))
		return "a '*' elsewhere than in a CN that stands alone";
	return ret->stars > 1 ? "more than one '*' in a CN" : NULL;
}

const char *
sg_pattern_subject_wrong(struct sg_slice pattern)
{
	struct attr a = {0};
	size_t n = 0;
	if (pattern.len == 0)
		return "nothing";
	while (pattern.len > 0) {
		const char *wrong = next_attr(&pattern, &a);
		if (wrong != NULL)
			return wrong;
		if (++n > SG_NAME_RDNS_MAX)
			return "more attributes than a name may have";
	}
	return NULL;
}

bool
sg_pattern_subject_is_free(struct sg_slice pattern)
{
	struct attr a = {0};
	if (pattern.len == 0)
		return true;
	while (pattern.len > 0) {
		if (next_attr(&pattern, &a) != NULL)
			return true;
		/* Relying parties take the CN as who somebody is. */
		if (a.stars > 0 && !a.fixed)
			return true;
	}
	return false;
}

static const struct {
	const char *prefix;
	enum sg_san_type kind;
} san_kinds[] = {
    {"dns:", SG_SAN_DNS},
    {"email:", SG_SAN_EMAIL},
    {"uri:", SG_SAN_URI},
    {"ip:", SG_SAN_IP},
    {"upn:", SG_SAN_UPN},
};

#define SAN_KINDS_N (sizeof san_kinds / sizeof san_kinds[0])

/* The part after "dns:"; 0 when the kind is unknown. */
static enum sg_san_type
read_kind(struct sg_slice pattern, struct sg_slice *ret_value)
{
	for (size_t i = 0; i < SAN_KINDS_N; i++) {
		size_t len = strlen(san_kinds[i].prefix);
		if (pattern.len >= len && memcmp(pattern.p, san_kinds[i].prefix, len) == 0) {
			*ret_value = after(pattern, len);
			return san_kinds[i].kind;
		}
	}
	return 0;
}

enum sg_san_type
sg_pattern_san_kind(struct sg_slice pattern)
{
	struct sg_slice value;
	return read_kind(pattern, &value);
}

/* Where '*' may stand, by the kind: what policy/pattern can match. */
static const char *
star_wrong(enum sg_san_type kind, struct sg_slice value)
{
	const uint8_t *star = memchr(value.p, '*', value.len);
	if (star == NULL)
		return NULL;
	struct sg_slice tail = after(value, (size_t)(star - value.p) + 1);
	if (tail.len > 0 && memchr(tail.p, '*', tail.len) != NULL)
		return "more than one '*'";
	bool whole = star == value.p && tail.len > 1;
	if (kind == SG_SAN_DNS && !(whole && tail.p[0] == '.'))
		return "a '*' that is not the whole first label";
	if ((kind == SG_SAN_EMAIL || kind == SG_SAN_UPN) && !(whole && tail.p[0] == '@'))
		return "a '*' that is not the whole part before '@'";
	if (kind == SG_SAN_URI && memchr(value.p, ':', (size_t)(star - value.p)) == NULL)
		return "a '*' that does not stand after the scheme";
	return NULL;
}

const char *
sg_pattern_san_wrong(struct sg_slice pattern)
{
	uint8_t store[SG_SAN_LEN_MAX];
	struct sg_slice value;
	struct sg_san address;
	enum sg_san_type kind = read_kind(pattern, &value);
	if (kind == 0)
		return "none of dns: email: uri: ip: upn: in front";
	if (value.len == 0)
		return "a kind without a name";
	if (kind == SG_SAN_IP && sg_san_from_text(pattern, &address, store, NULL) != SG_OK)
		return "an address that is not numeric and whole";
	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] == ' ' || (value.p[i] >= 0x80 && kind != SG_SAN_UPN))
			return "a space or a character that is not ASCII";
	}
	return star_wrong(kind, value);
}

bool
sg_pattern_san_is_free(struct sg_slice pattern)
{
	struct sg_slice value;
	enum sg_san_type kind = read_kind(pattern, &value);
	if (kind == 0)
		return true;
	/* A scheme alone fixes nobody. */
	for (size_t i = 0; kind == SG_SAN_URI && i + 3 <= value.len; i++) {
		if (memcmp(value.p + i, "://", 3) == 0) {
			value = after(value, i + 3);
			break;
		}
	}
	for (; value.len > 0; value = after(value, 1)) {
		if (shows(value))
			return false;
	}
	return true;
}
