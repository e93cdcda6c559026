/* SPDX-License-Identifier: Apache-2.0 */

/*
 * name_text.c - distinguished names to text and back: options, patterns, logs
 */

#include "x509/name_text.h"

#include <string.h>

#include "asn1/der.h"
#include "asn1/derw.h"
#include "base/ascii.h"
#include "base/escape.h"
#include "base/hex.h"
#include "x509/chars.h"
#include "x509/name.h"
#include "x509/name_private.h"
#include "asn1/oid.h"

static const char special[] = ",+\"\\<>;=#";

static bool
is_special(uint32_t c)
{
	return c != 0 && c < 0x80 && strchr(special, (int)c) != NULL;
}

static void
put_escaped_bytes(struct sg_buf *b, uint32_t c)
{
	sg_buf_scoped utf8 = {0};
	sg_chars_put_utf8(&utf8, c);
	for (size_t i = 0; i < utf8.len; i++)
		sg_buf_printf(b, "\\%02X", utf8.p[i]);
	if (utf8.failed != SG_OK)
		b->failed = utf8.failed;
}

/* False when the value is not text. '=' needs no escape and is left to read well; '#' only
 * at the beginning, spaces only at the ends. */
static bool
put_value(struct sg_buf *b, const struct sg_name_attr *a)
{
	struct sg_chars chars = sg_chars_init(a->tag, a->val);
	enum sg_chars_step step;
	uint32_t c;
	bool first = true;
	while ((step = sg_chars_next(&chars, &c)) == SG_CHARS_ONE) {
		bool end = first || chars.p == chars.end;
		if (sg_chars_is_control(c)) {
			put_escaped_bytes(b, c);
		} else {
			if (c == ' ' ? end : c == '#' ? first : c != '=' && is_special(c))
				sg_buf_put_u8(b, '\\');
			sg_chars_put_utf8(b, c);
		}
		first = false;
	}
	return step == SG_CHARS_END;
}

static void
put_type(struct sg_buf *b, struct sg_slice type)
{
	const struct sg_oid_entry *known = sg_oid_find(type);
	if (known != NULL)
		sg_buf_puts(b, known->abbr != NULL ? known->abbr : known->name);
	else
		sg_oid_put_text(b, type, 0);
}

void
sg_name_put_text(struct sg_buf *b, struct sg_slice name)
{
	sg_buf_scoped text = {0};
	struct sg_name_list list = {0};
	bool good = sg_name_list(name, &list, NULL) == SG_OK;
	for (size_t i = 0; good && i < list.n; i++) {
		if (i > 0)
			sg_buf_puts(&text, list.attr[i].rdn == list.attr[i - 1].rdn ? "+" : ", ");
		put_type(&text, list.attr[i].type);
		sg_buf_put_u8(&text, '=');
		good = put_value(&text, &list.attr[i]);
	}
	if (!good)
		sg_buf_puts(b, "(broken name)");
	else if (text.failed != SG_OK)
		b->failed = text.failed;
	else
		sg_buf_put_slice(b, sg_buf_slice(&text));
}

/* Types that people write beside the names of asn1/oid.h: what OpenSSL, Java and Windows call them,
 * and those that we print as numbers. */
#define AT "\x55\x04"
#define JURISDICTION "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01"
static const struct {
	const char *name, *oid;
} aliases[] = {
    {"EMAIL", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"},
    {"T", AT "\x0c"},
    {"I", AT "\x2b"},
    {"DNQ", AT "\x2e"},
    {"description", AT "\x0d"},
    {"businessCategory", AT "\x0f"},
    {"postalCode", AT "\x11"},
    {"postOfficeBox", AT "\x12"},
    {"physicalDeliveryOfficeName", AT "\x13"},
    {"telephoneNumber", AT "\x14"},
    {"name", AT "\x29"},
    {"generationQualifier", AT "\x2c"},
    {"GENERATION", AT "\x2c"},
    {"pseudonym", AT "\x41"},
    {"organizationIdentifier", AT "\x61"},
    {"jurisdictionL", JURISDICTION "\x01"},
    {"jurisdictionLocalityName", JURISDICTION "\x01"},
    {"jurisdictionST", JURISDICTION "\x02"},
    {"jurisdictionStateOrProvinceName", JURISDICTION "\x02"},
    {"jurisdictionC", JURISDICTION "\x03"},
    {"jurisdictionCountryName", JURISDICTION "\x03"},
};

/* The text that is read, and where. */
struct reader {
	struct sg_slice text;
	size_t pos;
	bool slash; /* OpenSSL's form */
};

static int
peek(const struct reader *r)
{
	return r->pos < r->text.len ? r->text.p[r->pos] : -1;
}

static void
skip_spaces(struct reader *r)
{
	while (peek(r) == ' ')
		r->pos++;
}

static bool
divides(const struct reader *r, int c)
{
	return r->slash ? c == '/' : c == ',' || c == ';';
}

/* Bytes that begin a character, up to and with the one at pos. */
static size_t
character(const struct reader *r, size_t pos)
{
	size_t n = 1;

	for (size_t i = 0; i < pos && i < r->text.len; i++)
		n += (r->text.p[i] & 0xc0) != 0x80;
	return n;
}

/* want says what should stand at pos, advice what to do. What stands there is shown up to end, the
 * whole of the last character. */
static SG_RC
refuse(const struct reader *r, size_t pos, size_t end, const char *want, const char *advice,
    struct sg_err *err)
{
	sg_buf_scoped found = {0};

	if (end <= pos)
		end = pos + 1;
	while (end < r->text.len && (r->text.p[end] & 0xc0) == 0x80)
		end++;
	if (pos < r->text.len)
		sg_escape_put_line(&found, sg_slice(r->text.p + pos, end - pos), 32);
	const char *quote = pos < r->text.len ? "'" : "";
	return sg_fail(err, SG_E_MALFORMED, "name.text",
	    "at character %zu: want %s, found %s%s%s%s%s", character(r, pos), want, quote,
	    pos < r->text.len ? sg_buf_text(&found) : "the end", quote,
	    advice[0] == '\0' ? "" : ": ", advice);
}

static bool
is_name_type(struct sg_slice oid)
{
	const struct sg_slice others[] = {SG_OID(uid), SG_OID(dc), SG_OID(email),
	    SG_OID(unstructured_name), SG_OID(unstructured_address)};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (sg_slice_eq(oid, others[i]))
			return true;
	}
	return oid.len == 3 && oid.p[0] == 0x55 && oid.p[1] == 0x04;
}

/* An attribute type by a name that it has; empty when it is none. */
static struct sg_slice
type_by_name(struct sg_slice word)
{
	const struct sg_oid_entry *known = sg_oid_by_name(word);

	if (known != NULL && is_name_type(known->oid))
		return known->oid;
	for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
		if (sg_ascii_is(word, aliases[i].name))
			return sg_slice_str(aliases[i].oid);
	return sg_slice(NULL, 0);
}

static SG_RC
read_type(struct reader *r, struct sg_buf *oid, struct sg_err *err)
{
	skip_spaces(r);
	size_t from = r->pos;
	while (peek(r) != '=' && peek(r) != -1 && peek(r) != '+' && !divides(r, peek(r)))
		r->pos++;
	if (peek(r) != '=')
		return refuse(r, from, 0, "TYPE=value",
		    r->slash ? "parts begin with '/'; inside a value write '\\/' and '\\+'"
			     : "inside a value write '\\,', '\\;' and '\\+', or quote all of it",
		    err);
	struct sg_slice word = sg_slice(r->text.p + from, r->pos - from);
	while (word.len > 0 && word.p[word.len - 1] == ' ')
		word.len--;
	size_t len = word.len;
	r->pos++;
	if (sg_ascii_is(word, "SN"))
		return refuse(r, from, from + 2, "a type of one meaning",
		    "SN is surname to some and serialNumber to others, write 'surname=' or "
		    "'serialNumber='",
		    err);
	struct sg_slice known = type_by_name(word);
	if (known.len > 0) {
		sg_buf_put_slice(oid, known);
		return sg_buf_check(oid, err);
	}
	if (sg_ascii_starts(word, "OID."))
		word = sg_slice(word.p + 4, word.len - 4);
	enum sg_code rc = sg_oid_from_dotted(word, oid, err);
	if (rc == SG_OK || rc == SG_E_NOMEM)
		return rc;
	return refuse(r, from, from + len, "an attribute type",
	    "CN, O, OU, C, L, ST, serialNumber ..., or its number, as in 2.5.4.3", err);
}

/* After a backslash: a special character, a space or two hexadecimal digits, as OpenSSL prints
 * them with an 'x' before. */
static SG_RC
read_escape(struct reader *r, struct sg_buf *value, struct sg_err *err)
{
	int c = peek(r);
	if (c == ' ' || c == '/' || (c > 0 && is_special((uint32_t)c))) {
		sg_buf_put_u8(value, (unsigned)c);
		r->pos++;
		return SG_OK;
	}
	size_t at = c == 'x' ? r->pos + 1 : r->pos;
	int high = at < r->text.len ? sg_hex_digit(r->text.p[at]) : -1;
	int low = at + 1 < r->text.len ? sg_hex_digit(r->text.p[at + 1]) : -1;
	if (high < 0 || low < 0)
		return refuse(r, r->pos, 0,
		    "one of ,+\"\\<>;=#/, a space or two hexadecimal digits after '\\'",
		    "a '\\' itself is written '\\\\'", err);
	sg_buf_put_u8(value, (unsigned)(high << 4 | low));
	r->pos = at + 2;
	return SG_OK;
}

/* RFC 2253 4: what stands between quotes, and nothing but spaces after it. */
static SG_RC
read_quoted(struct reader *r, struct sg_buf *value, struct sg_err *err)
{
	size_t from = r->pos++;

	for (int c; (c = peek(r)) != '"';) {
		if (c == -1)
			return refuse(r, from, 0, "a '\"' at the end as well", "", err);
		r->pos++;
		if (c != '\\') {
			sg_buf_put_u8(value, (unsigned)c);
			continue;
		}
		enum sg_code rc = read_escape(r, value, err);
		if (rc != SG_OK)
			return rc;
	}
	r->pos++;
	skip_spaces(r);
	if (peek(r) != -1 && peek(r) != '+' && !divides(r, peek(r)))
		return refuse(r, r->pos, 0, "',' or the end after a quoted value",
		    "a '\"' inside it is written '\\\"'", err);
	return sg_buf_check(value, err);
}

/* What must be escaped in a value without quotes; NULL: c need not. */
static const char *
advice_for(const struct reader *r, int c, bool first)
{
	if (c == '"')
		return r->slash ? "write '\\\"'; there is no quoting in this form"
				: "write '\\\"', or quote the whole value";
	if (!r->slash && c == '#' && first)
		return "write '\\#'";
	if (!r->slash && (c == '<' || c == '>'))
		return c == '<' ? "write '\\<'" : "write '\\>'";
	return NULL;
}

/* Up to what divides it from the next, unescaped, or the end; spaces at the ends belong to it only
 * when escaped. */
static SG_RC
read_plain(struct reader *r, struct sg_buf *value, struct sg_err *err)
{
	size_t keep = 0;

	for (int c; (c = peek(r)) != -1 && c != '+' && !divides(r, c);) {
		const char *advice = advice_for(r, c, value->len == 0);
		if (advice != NULL)
			return refuse(r, r->pos, 0, "a character of a value", advice, err);
		r->pos++;
		if (c == '\\') {
			enum sg_code rc = read_escape(r, value, err);
			if (rc != SG_OK)
				return rc;
		} else {
			sg_buf_put_u8(value, (unsigned)c);
		}
		if (c != ' ')
			keep = value->len;
	}
	enum sg_code rc = sg_buf_check(value, err);
	if (rc == SG_OK)
		value->len = keep;
	return rc;
}

static SG_RC
read_value(struct reader *r, struct sg_buf *value, struct sg_err *err)
{
	skip_spaces(r);
	size_t from = r->pos;
	enum sg_code rc = !r->slash && peek(r) == '"' ? read_quoted(r, value, err)
						      : read_plain(r, value, err);
	if (rc == SG_OK && value->len == 0)
		return refuse(r, from, 0, "a value after '='",
		    "an empty one cannot be certified, leave its type out", err);
	return rc;
}

/* One RDN: TYPE=value, joined by '+'. */
static SG_RC
read_rdn(struct reader *r, struct sg_buf *b, struct sg_err *err)
{
	size_t set = sg_derw_begin(b, SG_DER_SET), n = 0;
	for (;; n++) {
		sg_buf_scoped oid = {0}, value = {0};
		enum sg_code rc = read_type(r, &oid, err);
		if (rc == SG_OK)
			rc = read_value(r, &value, err);
		if (rc != SG_OK)
			return rc;
		sg_name_put_attr(b, sg_buf_slice(&oid), sg_buf_slice(&value), 0);
		if (peek(r) != '+')
			break;
		r->pos++;
	}
	if (n > 0)
		sg_derw_sort(b, set);
	sg_derw_end(b, set);
	return SG_OK;
}

enum sg_code
sg_name_from_text(struct sg_slice text, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped b = {0};
	struct reader r = {.text = text};
	size_t seq = sg_derw_begin(&b, SG_DER_SEQUENCE);
	skip_spaces(&r);
	r.slash = peek(&r) == '/';
	if (r.slash && r.pos + 1 == text.len)
		return refuse(&r, text.len, 0, "TYPE=value after '/'", "", err);
	if (r.slash)
		r.pos++;
	while (peek(&r) != -1) {
		enum sg_code rc = read_rdn(&r, &b, err);
		if (rc != SG_OK)
			return rc;
		if (peek(&r) == -1)
			break;
		size_t at = r.pos++; /* what divides it from the next */
		skip_spaces(&r);
		if (peek(&r) == -1)
			return sg_fail(err, SG_E_MALFORMED, "name.text",
			    "at character %zu: nothing follows the last '%c': take it out",
			    character(&r, at), text.p[at]);
	}
	sg_derw_end(&b, seq);
	enum sg_code rc = sg_buf_check(&b, err);
	if (rc == SG_OK)
		rc = sg_name_check(sg_buf_slice(&b), err);
	if (rc != SG_OK)
		return rc;
	sg_buf_put_slice(out, sg_buf_slice(&b));
	return sg_buf_check(out, err);
}
