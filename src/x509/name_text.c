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
#include "base/utf8.h"
#include "x509/chars.h"
#include "x509/name.h"
#include "x509/name_private.h"
#include "asn1/oid.h"

#define TYPE_NAME_MAX 40u /* bytes; none is longer */

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
    {"POBox", AT "\x12"},
    {"physicalDeliveryOfficeName", AT "\x13"},
    {"telephoneNumber", AT "\x14"},
    {"Phone", AT "\x14"},
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

static bool
is_name_type(struct sg_slice oid)
{
	const struct sg_slice others[] = {SG_OID(uid), SG_OID(dc), SG_OID(email),
	    SG_OID(unstructured_name), SG_OID(unstructured_address)};

	return sg_slice_among(others, sizeof others / sizeof others[0], oid) ||
	       (oid.len == 3 && oid.p[0] == 0x55 && oid.p[1] == 0x04);
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

/* What surrounds the parts: names come from files and from several lines, too. */
static bool
is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* In a value, before a '=': where the name of a type begins, if one stands there after a divider.
 * Then a comma is missing, or it is the other form's name. before.len: there is none. */
static size_t
next_type(struct sg_slice before, const char *dividers)
{
	size_t end = before.len, at;

	while (end > 0 && is_space(before.p[end - 1]))
		end--;
	at = end;
	while (at > 0 && end - at < TYPE_NAME_MAX && strchr(dividers, before.p[at - 1]) == NULL)
		at--;
	/* A stranger's value may be '=' alone: only where a word stands is the table asked. */
	bool word = at > 0 && end > at && end - at < TYPE_NAME_MAX;
	bool is = word && type_by_name(sg_slice(before.p + at, end - at)).len > 0;
	return is ? at : before.len;
}

/* False when the value is not text. '=' is left to read well, but not where the name of another
 * type stands before it; '#' needs an escape only at the beginning, spaces only at the ends. */
static bool
put_value(struct sg_buf *b, const struct sg_name_attr *a)
{
	struct sg_chars chars = sg_chars_init(a->tag, a->val);
	enum sg_chars_step step;
	uint32_t c;
	bool first = true;
	size_t from = b->len;
	while ((step = sg_chars_next(&chars, &c)) == SG_CHARS_ONE) {
		bool end = first || chars.p == chars.end;
		if (sg_chars_is_control(c)) {
			put_escaped_bytes(b, c);
		} else {
			bool escaped = c == ' ' ? end : c == '#' ? first : is_special(c);
			/* A buffer that failed may have nothing to look back at. */
			if (c == '=' && b->failed == SG_OK) {
				struct sg_slice before = sg_slice(b->p + from, b->len - from);
				escaped = next_type(before, " /") < before.len;
			}
			if (escaped)
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

/* The text that is read, and where. */
struct reader {
	struct sg_slice text;
	size_t pos;
	bool slash; /* OpenSSL's form */
	bool begun; /* a type was read */
};

static int
peek_at(const struct reader *r, size_t pos)
{
	return pos < r->text.len ? r->text.p[pos] : -1;
}

static int
peek(const struct reader *r)
{
	return peek_at(r, r->pos);
}

static void
skip_spaces(struct reader *r)
{
	while (is_space(peek(r)))
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

/* Where a TYPE and '=' should be, and what stands there up to r->pos is none. */
static SG_RC
refuse_no_type(const struct reader *r, size_t from, struct sg_err *err)
{
	const char *advice =
	    r->slash ? "parts begin with '/'; inside a value write '\\/' and '\\+'"
		     : "inside a value write '\\,', '\\;' and '\\+', or quote all of it";

	size_t before = from;

	while (before > 0 && is_space(r->text.p[before - 1]))
		before--;
	if (before > 0 && r->text.p[before - 1] == '+')
		advice = "a '+' that belongs to a value is written '\\+'";
	else if (r->pos == from && peek(r) != -1)
		advice = r->slash ? "nothing stands between two '/'"
				  : "a part is missing before it";
	else if (!r->begun)
		advice = "write it as in CN=dev1, O=Test";
	return refuse(r, from, r->pos, "TYPE=value", advice, err);
}

static SG_RC
read_type(struct reader *r, struct sg_buf *oid, struct sg_err *err)
{
	skip_spaces(r);
	size_t from = r->pos;
	while (peek(r) != '=' && peek(r) != -1 && peek(r) != '+' && !divides(r, peek(r)))
		r->pos++;
	if (peek(r) != '=')
		return refuse_no_type(r, from, err);
	struct sg_slice word = sg_slice(r->text.p + from, r->pos - from);
	while (word.len > 0 && is_space(word.p[word.len - 1]))
		word.len--;
	size_t len = word.len;
	r->pos++;
	r->begun = true;
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
	bool quoted = word.len > 0 && (word.p[0] == '"' || word.p[0] == '\'');
	return refuse(r, from, from + len, "an attribute type",
	    quoted ? "quotes stand around a value, never around the whole name"
		   : "CN, O, OU, C, L, ST, E, serialNumber ..., or its number, as in 2.5.4.3",
	    err);
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

/* RFC 2253 4: what stands between quotes, and nothing but spaces after it. Windows writes a quote
 * inside twice. */
static SG_RC
read_quoted(struct reader *r, struct sg_buf *value, struct sg_err *err)
{
	size_t from = r->pos++;

	for (int c; (c = peek(r)) != '"' || peek_at(r, r->pos + 1) == '"';) {
		if (c == -1)
			return refuse(r, from, 0, "a '\"' at the end as well", "", err);
		r->pos += c == '"' ? 2 : 1;
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
advice_for(const struct reader *r, int c)
{
	if (c == '"')
		return r->slash ? "write '\\\"'; there is no quoting in this form"
				: "write '\\\"', or quote the whole value";
	if (!r->slash && (c == '<' || c == '>'))
		return c == '<' ? "write '\\<'" : "write '\\>'";
	return NULL;
}

/* At a '=' inside a value, which began at from. */
static SG_RC
check_next_type(const struct reader *r, size_t from, struct sg_err *err)
{
	struct sg_slice before = sg_slice(r->text.p + from, r->pos - from);
	size_t at = next_type(before, r->slash ? " ," : " /");

	if (at == before.len)
		return SG_OK;
	return refuse(r, from + at, r->pos + 1,
	    r->slash ? "'/' before the next part" : "',' before the next part",
	    "is it missing? a '=' that belongs to the value is written '\\='", err);
}

/* Up to what divides it from the next, unescaped, or the end; spaces at the ends belong to it only
 * when escaped. */
static SG_RC
read_plain(struct reader *r, struct sg_buf *value, struct sg_err *err)
{
	size_t keep = 0, from = r->pos;

	for (int c; (c = peek(r)) != -1 && c != '+' && !divides(r, c);) {
		const char *advice = advice_for(r, c);
		if (advice != NULL)
			return refuse(r, r->pos, 0, "a character of a value", advice, err);
		enum sg_code rc = c == '=' ? check_next_type(r, from, err) : SG_OK;
		if (rc != SG_OK)
			return rc;
		r->pos++;
		if (c == '\\') {
			rc = read_escape(r, value, err);
			if (rc != SG_OK)
				return rc;
		} else {
			sg_buf_put_u8(value, (unsigned)c);
		}
		if (!is_space(c))
			keep = value->len;
	}
	enum sg_code rc = sg_buf_check(value, err);
	if (rc == SG_OK)
		value->len = keep;
	return rc;
}

/* RFC 4514 2.4: '#' and the DER of the value in hexadecimal. We choose string types ourselves, so
 * what it is counts as text. */
static SG_RC
read_hex(struct reader *r, struct sg_buf *value, struct sg_err *err)
{
	sg_buf_scoped der = {0};
	size_t from = r->pos++;

	while (sg_hex_digit((uint8_t)peek_at(r, r->pos)) >= 0)
		r->pos++;
	size_t end = r->pos;
	skip_spaces(r);
	bool whole = peek(r) == -1 || peek(r) == '+' || divides(r, peek(r));
	enum sg_code rc = sg_hex_parse(sg_slice(r->text.p + from + 1, end - from - 1), &der, NULL);
	struct sg_der d = sg_der_init(sg_buf_slice(&der), NULL);
	struct sg_tlv tlv = sg_der_any(&d, "value");
	sg_der_end(&d, "value");
	if (rc == SG_OK && whole && sg_der_ok(&d))
		rc = sg_string_to_utf8(tlv.tag, tlv.val, value, NULL);
	if (rc == SG_E_NOMEM)
		return sg_buf_check(value, err);
	if (rc == SG_OK && whole && sg_der_ok(&d))
		return SG_OK;
	return refuse(r, from, end, "the DER of a string in hexadecimal after '#'",
	    "a '#' that belongs to the value is written '\\#'", err);
}

static SG_RC
read_value(struct reader *r, struct sg_buf *value, struct sg_err *err)
{
	skip_spaces(r);
	size_t from = r->pos;
	int c = r->slash ? -1 : peek(r); /* neither is in OpenSSL's form */
	enum sg_code rc = c == '"'   ? read_quoted(r, value, err)
			  : c == '#' ? read_hex(r, value, err)
				     : read_plain(r, value, err);
	if (rc == SG_OK && value->len == 0)
		return refuse(r, from, 0, "a value after '='",
		    peek(r) == '+' ? "a '+' that belongs to it is written '\\+'"
				   : "an empty one cannot be certified, leave its type out",
		    err);
	if (rc == SG_OK && !sg_utf8_is_valid(sg_buf_slice(value)) &&
	    memchr(value->p, 0, value->len) == NULL)
		return refuse(r, from, r->pos, "a value in UTF-8",
		    "'\\HH' writes one byte, so that '\\C3\\A4' is one letter", err);
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

/* "subject=" and "Subject:", as openssl and certutil print it. */
static void
skip_heading(struct reader *r)
{
	skip_spaces(r);
	struct sg_slice rest = sg_slice(r->text.p + r->pos, r->text.len - r->pos);
	if (!sg_ascii_starts(rest, "subject=") && !sg_ascii_starts(rest, "subject:"))
		return;
	r->pos += strlen("subject=");
	skip_spaces(r);
}

enum sg_code
sg_name_from_text(struct sg_slice text, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped b = {0};
	struct reader r = {.text = text};
	size_t seq = sg_derw_begin(&b, SG_DER_SEQUENCE);
	skip_heading(&r);
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
