/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bounds.c - the table of attribute types with their bounds, and what a name of each type of
 * subjectAltName looks like; asked by policy/request at the entrance and by issue/lint at the end
 */

#include "x509/bounds.h"

#include <string.h>

#include "asn1/der.h"
#include "base/ascii.h"
#include "asn1/tag.h"
#include "base/hex.h"
#include "base/limits.h"
#include "x509/chars.h"
#include "x509/name.h"
#include "x509/name_private.h"
#include "x509/san_other.h"
#include "x509/san_text.h"
#include "asn1/oid.h"

#define UNKNOWN_MAX 255u    /* characters of a type that is not in the table */
#define LONG_MAX_CHARS 255u /* name-lengths: 255 */
#define LOCAL_MAX 64u	    /* RFC 5321 4.5.3.1.1 */
#define ADDRESS_MAX 320u
#define HOST_MAX 253u /* RFC 1035 2.3.4, without the length bytes */
#define LABEL_MAX 63u

enum alphabet { TEXT, PRINTABLE, ASCII, COUNTRY };

struct rule {
	const char *oid; /* DER contents */
	size_t oid_len;
	enum alphabet alphabet;
	unsigned max; /* characters */
};

#define R(oid, alphabet, max)                                                                      \
	{                                                                                          \
		oid, sizeof(oid) - 1, alphabet, max                                                \
	}
#define AT(n) "\x55\x04" n
#define PKCS9 "\x2a\x86\x48\x86\xf7\x0d\x01\x09"
#define PILOT "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01"
#define JURISDICTION "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01"

static const struct rule rules[] = {
    R(AT("\x03"), TEXT, SG_CN_MAX),
    R(AT("\x04"), TEXT, 32768),	       /* surname: ub-name, as the other parts of a name */
    R(AT("\x05"), PRINTABLE, 64),      /* serialNumber */
    R(AT("\x06"), COUNTRY, 2),	       /* countryName */
    R(AT("\x07"), TEXT, 128),	       /* localityName */
    R(AT("\x08"), TEXT, 128),	       /* stateOrProvinceName */
    R(AT("\x09"), TEXT, 128),	       /* streetAddress */
    R(AT("\x0a"), TEXT, 64),	       /* organizationName */
    R(AT("\x0b"), TEXT, 64),	       /* organizationalUnitName */
    R(AT("\x0c"), TEXT, 64),	       /* title */
    R(AT("\x0d"), TEXT, 1024),	       /* description */
    R(AT("\x0f"), TEXT, 128),	       /* businessCategory */
    R(AT("\x11"), TEXT, 40),	       /* postalCode */
    R(AT("\x12"), TEXT, 40),	       /* postOfficeBox */
    R(AT("\x13"), TEXT, 128),	       /* physicalDeliveryOfficeName */
    R(AT("\x14"), PRINTABLE, 32),      /* telephoneNumber */
    R(AT("\x29"), TEXT, 32768),	       /* name */
    R(AT("\x2a"), TEXT, 32768),	       /* givenName */
    R(AT("\x2b"), TEXT, 32768),	       /* initials */
    R(AT("\x2c"), TEXT, 32768),	       /* generationQualifier */
    R(AT("\x2e"), PRINTABLE, 255),     /* dnQualifier, for which X.520 has no bound */
    R(AT("\x41"), TEXT, 128),	       /* pseudonym */
    R(PILOT "\x01", TEXT, 256),	       /* userId, RFC 4524 */
    R(PILOT "\x19", ASCII, LABEL_MAX), /* domainComponent: a label */
    R(PKCS9 "\x01", ASCII, 255),       /* emailAddress */
    R(PKCS9 "\x02", TEXT, 255),	       /* unstructuredName */
    R(PKCS9 "\x08", TEXT, 255),	       /* unstructuredAddress */
    R(JURISDICTION "\x01", TEXT, 128),
    R(JURISDICTION "\x02", TEXT, 128),
    R(JURISDICTION "\x03", COUNTRY, 2),
};

static struct rule
rule_of(struct sg_slice type)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (sg_slice_eq(type, sg_slice((const uint8_t *)rules[i].oid, rules[i].oid_len)))
			return rules[i];
	}
	return (struct rule){NULL, 0, TEXT, UNKNOWN_MAX};
}

/* Characters of which a reader sees nothing: spaces, and what Unicode calls default-ignorable
 * (joiners, fillers, variation selectors, controls of shorthand and of music). */
static bool
shows_nothing(uint32_t c)
{
	return c == ' ' || c == 0xa0 || c == 0xad || c == 0x34f || c == 0x115f || c == 0x1160 ||
	       c == 0x1680 || (c >= 0x17b4 && c <= 0x17b5) || (c >= 0x180b && c <= 0x180f) ||
	       (c >= 0x2000 && c <= 0x200f) || c == 0x202f || (c >= 0x205f && c <= 0x206f) ||
	       c == 0x2800 || c == 0x3000 || c == 0x3164 || (c >= 0xfe00 && c <= 0xfe0f) ||
	       c == 0xfeff || c == 0xffa0 || (c >= 0xfff0 && c <= 0xfff8) ||
	       (c >= 0x1bca0 && c <= 0x1bca3) || (c >= 0x1d173 && c <= 0x1d17a) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

bool
sg_bounds_is_blank(struct sg_slice utf8)
{
	struct sg_chars chars = sg_chars_init(SG_DER_UTF8, utf8);
	uint32_t c;

	while (sg_chars_next(&chars, &c) == SG_CHARS_ONE)
		if (!shows_nothing(c))
			return false;
	return true;
}

/* The string type of the standard: PrintableString, IA5String, else UTF8String. */
static unsigned
own_tag(struct sg_slice type)
{
	switch (rule_of(type).alphabet) {
	case COUNTRY:
	case PRINTABLE:
		return SG_DER_PRINTABLE;
	case ASCII:
		return SG_DER_IA5;
	case TEXT:
		break;
	}
	return SG_DER_UTF8;
}

/* Types that we do not write hold nothing. */
static bool
holds(unsigned tag, struct sg_slice utf8)
{
	uint8_t all = 0;

	for (size_t i = 0; i < utf8.len; i++)
		all |= utf8.p[i];
	return tag == SG_DER_UTF8 || (tag == SG_DER_IA5 && all < 0x80) ||
	       (tag == SG_DER_PRINTABLE && sg_ascii_is_printable(utf8));
}

unsigned
sg_name_tag_for(struct sg_slice type, struct sg_slice utf8, unsigned asked)
{
	unsigned own = own_tag(type);

	if (holds(own, utf8))
		return own;
	return holds(asked, utf8) ? asked : SG_DER_UTF8;
}

static void
put_type(struct sg_buf *b, struct sg_slice type)
{
	const struct sg_oid_entry *known = sg_oid_find(type);
	if (known != NULL && known->abbr != NULL)
		sg_buf_puts(b, known->abbr);
	else
		sg_oid_put_text(b, type, 1);
}

static SG_RC
refuse_length(
    const struct sg_name_attr *a, const char *type, size_t max, size_t found, struct sg_err *err)
{
	if (sg_slice_eq(a->type, SG_OID(dc)))
		return sg_fail(err, SG_E_LIMIT, "name.dc.length",
		    "RFC 1035 2.3.4: DC: want a label of at most %zu characters, found %zu", max,
		    found);
	if (sg_slice_eq(a->type, SG_OID(cn)))
		return sg_fail(err, SG_E_LIMIT, "name.cn.length",
		    "%sCN: want at most %zu characters, found %zu",
		    max == SG_CN_MAX ? "RFC 5280 A.1: " : "", max, found);
	return sg_fail(err, SG_E_LIMIT, "name.length",
	    "%.100s: want at most %zu characters, found %zu", type, max, found);
}

static SG_RC
check_value(const struct sg_name_attr *a, enum sg_name_lengths lengths, struct sg_err *err)
{
	struct rule rule = rule_of(a->type);
	struct sg_chars chars = sg_chars_init(a->tag, a->val);
	sg_buf_scoped type = {0};
	size_t n = 0, max = rule.max;
	bool blank = true, letters = true;
	uint32_t c;

	while (sg_chars_next(&chars, &c) == SG_CHARS_ONE) {
		n++;
		blank = blank && shows_nothing(c);
		letters = letters && sg_ascii_is_letter(c);
	}
	if (lengths == SG_NAME_LENGTHS_255 && max < LONG_MAX_CHARS &&
	    (rule.alphabet == TEXT || rule.alphabet == PRINTABLE))
		max = LONG_MAX_CHARS;
	bool country = rule.alphabet != COUNTRY || (letters && n == 2);
	if (!blank && country && n <= max)
		return SG_OK;
	put_type(&type, a->type);
	if (n == 0)
		return sg_fail(err, SG_E_MALFORMED, "name.value.empty",
		    "RFC 5280 A.1: %.100s: want at least one character, which every "
		    "DirectoryString "
		    "has, found none",
		    sg_buf_text(&type));
	if (blank)
		return sg_fail(err, SG_E_MALFORMED, "name.value.empty",
		    "%.100s: want at least one character that can be seen, found %zu that cannot",
		    sg_buf_text(&type), n);
	if (!country)
		return sg_fail(err, SG_E_MALFORMED, "name.country",
		    "RFC 5280 A.1: %.100s: want two letters (ISO 3166), found %zu character%s%s",
		    sg_buf_text(&type), n, n == 1 ? "" : "s",
		    letters ? "" : ", not all of them letters of ASCII");
	return refuse_length(a, sg_buf_text(&type), max, n, err);
}

enum sg_code
sg_name_check_bounds(struct sg_slice name, enum sg_name_lengths lengths, struct sg_err *err)
{
	struct sg_name_list list;
	enum sg_code rc = sg_name_check(name, err);
	if (rc == SG_OK)
		rc = sg_name_list(name, &list, err);
	for (size_t i = 0; rc == SG_OK && i < list.n; i++)
		rc = check_value(&list.attr[i], lengths, err);
	return rc;
}

bool
sg_name_has_own_types(struct sg_slice name)
{
	struct sg_name_list list;
	if (sg_name_check(name, NULL) != SG_OK || sg_name_list(name, &list, NULL) != SG_OK)
		return false;
	for (size_t i = 0; i < list.n; i++) {
		const struct sg_name_attr *a = &list.attr[i];
		/* PKCS #9 allows IA5String in these two. */
		bool ia5 = sg_slice_eq(a->type, SG_OID(unstructured_name)) ||
			   sg_slice_eq(a->type, SG_OID(unstructured_address));
		if (own_tag(a->type) != SG_DER_UTF8) {
			if (a->tag != sg_name_tag_for(a->type, a->val, a->tag))
				return false;
		} else if (a->tag == SG_DER_NUMERIC || (a->tag == SG_DER_IA5 && !ia5)) {
			return false;
		}
		/* The readers take more in a PrintableString than its alphabet has. */
		if (a->tag == SG_DER_PRINTABLE && !sg_ascii_is_printable(a->val))
			return false;
	}
	return true;
}

/* False, and why. */
#define FAULT(why, ...) (sg_buf_printf((why), __VA_ARGS__), false)

/* What a character is called: a byte of ASCII that shows, else its number. */
static bool
bad_char(struct sg_buf *why, size_t at, uint8_t c, const char *want)
{
	if (c == '*')
		return FAULT(why, "character %zu is '*': wildcards are not given", at + 1);
	if (c == ' ')
		return FAULT(why, "character %zu is a space: %s", at + 1, want);
	if (c > ' ' && c < 0x7f)
		return FAULT(why, "character %zu is '%c': %s", at + 1, c, want);
	return FAULT(why, "byte %zu is 0x%02x: %s", at + 1, c, want);
}

/* One label of a host name, which begins at that offset; nth from 1. */
static bool
is_label(struct sg_slice s, size_t offset, size_t nth, struct sg_buf *why)
{
	for (size_t i = 0; i < s.len; i++)
		if (!sg_ascii_is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-')
			return bad_char(why, offset + i, s.p[i],
			    "a host name has letters, digits, '-' and '_' (international ones in "
			    "their form xn--)");
	if (s.len > LABEL_MAX)
		return FAULT(
		    why, "label %zu has %zu characters: want at most %u", nth, s.len, LABEL_MAX);
	if (s.p[0] == '-' || s.p[s.len - 1] == '-')
		return FAULT(why, "label %zu %s with '-'", nth, s.p[0] == '-' ? "begins" : "ends");
	return true;
}

/* A host name: labels of letters, digits, '-' and '_' (which Windows names have), none
 * empty; no wildcard and no final dot. */
static bool
is_host(struct sg_slice s, struct sg_buf *why)
{
	if (s.len == 0)
		return FAULT(why, "the host name is empty");
	if (s.p[0] == '.')
		return FAULT(why, "the host name begins with a dot");
	if (s.p[s.len - 1] == '.')
		return FAULT(why, "the host name ends with a dot: write it without");
	if (s.len > HOST_MAX)
		return FAULT(
		    why, "the host name has %zu characters: want at most %u", s.len, HOST_MAX);
	for (size_t at = 0, nth = 1; at < s.len; nth++) {
		const uint8_t *dot = memchr(s.p + at, '.', s.len - at);
		size_t len = dot == NULL ? s.len - at : (size_t)(dot - s.p) - at;
		if (len == 0)
			return FAULT(why, "label %zu is empty: two dots in a row", nth);
		if (!is_label(sg_slice(s.p + at, len), at, nth, why))
			return false;
		at += len + 1;
	}
	return true;
}

/* local@host; the local part printable without what could start another address. */
static bool
is_address(struct sg_slice s, bool utf8, struct sg_buf *why)
{
	const uint8_t *at = s.len > 0 ? memchr(s.p, '@', s.len) : NULL;
	struct sg_chars chars;
	enum sg_chars_step step;
	size_t n = 0, seen = 0;
	uint32_t c;

	if (at == NULL)
		return FAULT(why, "it has no '@'");
	size_t local = (size_t)(at - s.p);
	chars = sg_chars_init(SG_DER_UTF8, sg_slice(s.p, local));
	while ((step = sg_chars_next(&chars, &c)) == SG_CHARS_ONE) {
		n++;
		seen += !shows_nothing(c);
		if (c <= ' ' || sg_chars_is_control(c) || (c >= 0x80 && !utf8) ||
		    (c < 0x80 && strchr("\"(),:;<>[\\]", (int)c) != NULL))
			return FAULT(why, "character %zu (U+%04X) cannot stand before the '@'%s", n,
			    (unsigned)c, c >= 0x80 ? ": want ASCII" : "");
	}
	if (step != SG_CHARS_END)
		return FAULT(why, "what stands before the '@' is not UTF-8");
	if (seen == 0)
		return FAULT(why, "nothing stands before the '@'");
	if (n > LOCAL_MAX)
		return FAULT(
		    why, "%zu characters stand before the '@': want at most %u", n, LOCAL_MAX);
	if (n + s.len - local > ADDRESS_MAX)
		return FAULT(
		    why, "it has %zu characters: want at most %u", n + s.len - local, ADDRESS_MAX);
	if (is_host(sg_slice(at + 1, s.len - local - 1), why))
		return true;
	return FAULT(why, ", after the '@'");
}

static bool
is_uri(struct sg_slice s, struct sg_buf *why)
{
	const uint8_t *colon = s.len > 0 ? memchr(s.p, ':', s.len) : NULL;
	bool names = false; /* more than "http://" */

	if (colon == NULL || colon == s.p)
		return FAULT(why, "it has no scheme, as in https:");
	/* RFC 3986 3.1: a scheme begins with a letter. */
	if (!sg_ascii_is_letter(s.p[0]))
		return FAULT(why, "its scheme does not begin with a letter");
	for (const uint8_t *p = s.p; p < colon; p++)
		if (!sg_ascii_is_alnum(*p) && *p != '+' && *p != '-' && *p != '.')
			return bad_char(why, (size_t)(p - s.p), *p,
			    "a scheme has letters, digits, '+', '-' and '.'");
	for (const uint8_t *p = colon + 1, *end = s.p + s.len; p < end; p++) {
		if (*p <= ' ' || *p >= 0x7f || strchr("\"<>\\^`{|}", *p) != NULL)
			return bad_char(why, (size_t)(p - s.p), *p, "a URI has it as %HH");
		if (*p == '%' && (end - p < 3 || sg_hex_digit(p[1]) < 0 || sg_hex_digit(p[2]) < 0))
			return FAULT(why,
			    "no two hexadecimal digits follow the '%%' at character %zu",
			    (size_t)(p - s.p) + 1);
		names = names || *p != '/';
	}
	return names || FAULT(why, "it names nothing after its scheme");
}

static bool
san_ok(const struct sg_san *san, enum sg_name_lengths lengths, struct sg_buf *why)
{
	struct sg_err err = {0};

	switch (san->type) {
	case SG_SAN_DNS:
		return is_host(san->val, why);
	case SG_SAN_EMAIL:
		return is_address(san->val, false, why);
	case SG_SAN_UPN:
		return is_address(san->val, true, why);
	case SG_SAN_URI:
		return is_uri(san->val, why);
	case SG_SAN_IP:
		return san->val.len == 4 || san->val.len == 16 ||
		       FAULT(why, "an address has 4 or 16 bytes, this one %zu", san->val.len);
	case SG_SAN_DIRNAME:
		if (sg_name_is_empty(san->val))
			return FAULT(why, "the name is empty");
		return sg_name_check_bounds(san->val, lengths, &err) == SG_OK ||
		       FAULT(why, "%s", err.text);
	case SG_SAN_RID:
		return true; /* its reader has looked at all there is */
	case SG_SAN_OTHERNAME:
		return sg_san_other_is_sound(san->val) ||
		       FAULT(why, "its value is not well-formed DER, is nested too deep or has "
				  "control characters");
	case SG_SAN_OTHER:
	default:
		return false;
	}
}

enum sg_code
sg_san_check_bounds(const struct sg_san *san, enum sg_name_lengths lengths, struct sg_err *err)
{
	sg_buf_scoped text = {0}, why = {0};

	if (san_ok(san, lengths, &why))
		return SG_OK;
	sg_san_put_text(&text, san);
	return sg_fail(err, SG_E_MALFORMED, "san.form", "%.200s: %s", sg_buf_text(&text),
	    why.len > 0 ? sg_buf_text(&why) : "names of this kind are not given");
}
