/* SPDX-License-Identifier: Apache-2.0 */

/*
 * name_text.c - distinguished names to text and back: options, patterns, logs
 */

#include "x509/name_text.h"

#include <string.h>

#include "asn1/der.h"
#include "asn1/derw.h"
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

/* The text that is read, and where. */
struct reader {
	struct sg_slice text;
	size_t pos;
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

static SG_RC
read_type(struct reader *r, struct sg_buf *oid, struct sg_err *err)
{
	skip_spaces(r);
	size_t from = r->pos;
	while (peek(r) != '=' && peek(r) != -1)
		r->pos++;
	if (peek(r) == -1)
		return sg_fail(err, SG_E_MALFORMED, "name.text",
		    "at character %zu: want TYPE=value, found no '='", from + 1);
	struct sg_slice word = sg_slice(r->text.p + from, r->pos - from);
	while (word.len > 0 && word.p[word.len - 1] == ' ')
		word.len--;
	r->pos++;
	const struct sg_oid_entry *known = sg_oid_by_name(word);
	if (known != NULL && is_name_type(known->oid)) {
		sg_buf_put_slice(oid, known->oid);
		return sg_buf_check(oid, err);
	}
	enum sg_code rc = sg_oid_from_dotted(word, oid, err);
	if (rc == SG_OK || rc == SG_E_NOMEM)
		return rc;
	return sg_fail(err, SG_E_MALFORMED, "name.text",
	    "at character %zu: want an attribute type (CN, O, OU, C, ...) or a dotted number",
	    from + 1);
}

/* After a backslash: a special character, a space or two hexadecimal digits. */
static SG_RC
read_escape(struct reader *r, struct sg_buf *value, struct sg_err *err)
{
	int c = peek(r);
	if (c == ' ' || (c > 0 && is_special((uint32_t)c))) {
		sg_buf_put_u8(value, (unsigned)c);
		r->pos++;
		return SG_OK;
	}
	int high = c < 0 ? -1 : sg_hex_digit((uint8_t)c);
	int low = r->pos + 1 < r->text.len ? sg_hex_digit(r->text.p[r->pos + 1]) : -1;
	if (high < 0 || low < 0)
		return sg_fail(err, SG_E_MALFORMED, "name.text",
		    "at character %zu: want one of %s, a space or two hexadecimal digits after "
		    "'\\'",
		    r->pos + 1, special);
	sg_buf_put_u8(value, (unsigned)(high << 4 | low));
	r->pos += 2;
	return SG_OK;
}

/* Up to an unescaped ',' or '+' or the end; spaces at the ends belong to it only when escaped. */
static SG_RC
read_value(struct reader *r, struct sg_buf *value, struct sg_err *err)
{
	skip_spaces(r);
	size_t from = r->pos, keep = 0;
	for (int c; (c = peek(r)) != -1 && c != ',' && c != '+';) {
		if (c == '"' || c == '<' || c == '>' || c == ';' || (c == '#' && value->len == 0))
			return sg_fail(err, SG_E_MALFORMED, "name.text",
			    "at character %zu: '%c' must be written '\\%c'", r->pos + 1, c, c);
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
	if (rc != SG_OK)
		return rc;
	value->len = keep;
	if (keep == 0)
		return sg_fail(err, SG_E_MALFORMED, "name.text",
		    "at character %zu: the value is empty", from + 1);
	return SG_OK;
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
	while (peek(&r) != -1) {
		enum sg_code rc = read_rdn(&r, &b, err);
		if (rc != SG_OK)
			return rc;
		if (peek(&r) == -1)
			break;
		r.pos++; /* the comma */
		skip_spaces(&r);
		if (peek(&r) == -1)
			return sg_fail(err, SG_E_MALFORMED, "name.text",
			    "at character %zu: nothing follows the last ','", r.pos);
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
