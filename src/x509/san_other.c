/* SPDX-License-Identifier: Apache-2.0 */

/*
 * san_other.c - alternative names of any type that a template names by its OID: read and judged
 * for san.c and bounds.c, and to text and back for san_text.c
 */

#include "x509/san_other.h"

#include <string.h>

#include "asn1/derw.h"
#include "asn1/oid.h"
#include "base/escape.h"
#include "base/hex.h"
#include "x509/chars.h"

#define DEPTH_MAX 8u /* Kerberos, the deepest that is in use, has 5 */

struct sg_san_other
sg_san_other_read(struct sg_der *d)
{
	struct sg_san_other ret = {.type = sg_der_oid(d, "otherName type")};
	struct sg_der inner = sg_der_enter(d, SG_DER_CTX_CONS(0), "otherName value");
	ret.value = sg_der_any(&inner, "otherName value");
	sg_der_end(&inner, "otherName value");
	sg_der_end(d, "otherName");
	return sg_der_ok(d) ? ret : (struct sg_san_other){0};
}

/* A string of the type as its readers would show it. */
static bool
is_plain_string(const struct sg_tlv *tlv)
{
	struct sg_chars chars = sg_chars_init(tlv->tag, tlv->val);
	enum sg_chars_step step;
	uint32_t c;

	while ((step = sg_chars_next(&chars, &c)) == SG_CHARS_ONE)
		if (sg_chars_is_control(c))
			return false;
	return step == SG_CHARS_END;
}

static bool
is_sound(struct sg_tlv tlv, unsigned depth)
{
	bool universal = (tlv.tag & 0xc0) == 0, inside = (tlv.tag & 0x20) != 0;
	struct sg_der d = sg_der_init(tlv.val, NULL);

	if (depth == DEPTH_MAX || tlv.tag == 0 ||
	    (universal && inside && tlv.tag != SG_DER_SEQUENCE && tlv.tag != SG_DER_SET))
		return false;
	if (!inside)
		return !sg_chars_is_string(tlv.tag) || is_plain_string(&tlv);
	while (sg_der_more(&d)) {
		struct sg_tlv part = sg_der_any(&d, "value");
		if (sg_der_ok(&d) && !is_sound(part, depth + 1))
			return false;
	}
	return sg_der_ok(&d);
}

bool
sg_san_other_is_sound(struct sg_slice contents)
{
	struct sg_der d = sg_der_init(contents, NULL);
	struct sg_san_other other = sg_san_other_read(&d);

	return sg_der_ok(&d) && is_sound(other.value, 0);
}

/* The value: text, or '#' and hexadecimal. */
static enum sg_code
put_value(struct sg_slice text, struct sg_buf *out, struct sg_err *err)
{
	if (text.p[0] != '#') {
		sg_derw_tlv(out, SG_DER_UTF8, text);
		return SG_OK;
	}
	size_t from = out->len;
	enum sg_code rc = sg_hex_parse(sg_slice(text.p + 1, text.len - 1), out, err);
	struct sg_der d = sg_der_init(sg_slice(out->p + from, out->len - from), NULL);
	sg_der_any(&d, "value");
	sg_der_end(&d, "value");
	if (rc == SG_E_NOMEM)
		return rc;
	if (rc != SG_OK || !sg_der_ok(&d))
		return sg_fail(err, SG_E_MALFORMED, "san.text",
		    "other: want the DER of one value in hexadecimal after '#'");
	return SG_OK;
}

enum sg_code
sg_san_other_from_text(struct sg_slice text, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped oid = {.max = SG_OID_MAX};
	const uint8_t *colon = text.len > 0 ? memchr(text.p, ':', text.len) : NULL;
	size_t len = colon == NULL ? 0 : (size_t)(colon - text.p);

	if (len == 0 || len + 1 == text.len)
		return sg_fail(err, SG_E_MALFORMED, "san.text",
		    "other: want an OID, ':' and a value: other:1.3.6.1.4.1.9999.1:text");
	enum sg_code rc = sg_oid_from_dotted(sg_slice(text.p, len), &oid, err);
	if (rc != SG_OK)
		return rc;
	if (sg_slice_eq(sg_buf_slice(&oid), SG_OID(upn)))
		return sg_fail(
		    err, SG_E_MALFORMED, "san.text", "other: write a userPrincipalName as upn:");
	sg_derw_oid(out, sg_buf_slice(&oid));
	size_t value = sg_derw_begin(out, SG_DER_CTX_CONS(0));
	rc = put_value(sg_slice(colon + 1, text.len - len - 1), out, err);
	sg_derw_end(out, value);
	return rc == SG_OK ? sg_buf_check(out, err) : rc;
}

void
sg_san_other_put_text(struct sg_buf *b, struct sg_slice contents)
{
	struct sg_der d = sg_der_init(contents, NULL);
	struct sg_san_other other = sg_san_other_read(&d);

	if (!sg_der_ok(&d)) {
		sg_hex_put(b, contents);
		return;
	}
	sg_oid_put_text(b, other.type, 0);
	sg_buf_put_u8(b, ':');
	struct sg_slice val = other.value.val;
	/* A backslash would be escaped, spaces at the ends passed over when it is read back. */
	if (other.value.tag == SG_DER_UTF8 && val.len > 0 && val.p[0] != '#' && val.p[0] != ' ' &&
	    val.p[val.len - 1] != ' ' && memchr(val.p, '\\', val.len) == NULL &&
	    is_plain_string(&other.value)) {
		sg_escape_put(b, val, SG_SAN_LEN_MAX);
		return;
	}
	sg_buf_put_u8(b, '#');
	sg_hex_put(b, other.value.raw);
}
