/* SPDX-License-Identifier: Apache-2.0 */

/*
 * san.c - subject alternative names: read from extensions, written into them, compared
 */

#include "x509/san.h"

#include <string.h>

#include "asn1/der.h"
#include "asn1/derw.h"
#include "asn1/oid.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "x509/bounds.h"
#include "x509/chars.h"
#include "x509/name.h"
#include "x509/san_other.h"
#include "x509/san_private.h"
#include "x509/stringprep.h"

static SG_RC
check_ascii(const char *what, struct sg_slice val, struct sg_err *err)
{
	size_t n = 0;

	while (n < val.len && val.p[n] >= 0x20 && val.p[n] <= 0x7e)
		n++;
	if (n == val.len)
		return SG_OK;
	uint32_t c = 0;
	const char *idn = strcmp(what, "dns") == 0 ? "; international names have the form xn--"
						   : "";
	if (sg_utf8_next(val.p + n, val.len - n, &c) > 0 && c >= 0x80)
		return sg_fail(err, SG_E_MALFORMED, "san.ascii",
		    "RFC 5280 4.2.1.6: %s: want printable ASCII, character %zu is U+%04X%s", what,
		    n + 1, (unsigned)c, idn);
	return sg_fail(err, SG_E_MALFORMED, "san.ascii",
	    "RFC 5280 4.2.1.6: %s: want printable ASCII, byte %zu is 0x%02x%s", what, n + 1,
	    val.p[n], val.p[n] >= 0x80 ? idn : "");
}

static SG_RC
check_upn(struct sg_slice val, struct sg_err *err)
{
	struct sg_chars chars = sg_chars_init(SG_DER_UTF8, val);
	enum sg_chars_step step;
	uint32_t c;
	while ((step = sg_chars_next(&chars, &c)) == SG_CHARS_ONE) {
		if (sg_chars_is_control(c))
			return sg_fail(err, SG_E_MALFORMED, "san.upn",
			    "userPrincipalName: has the control character U+%04X", (unsigned)c);
	}
	if (step == SG_CHARS_BROKEN)
		return sg_fail(err, SG_E_MALFORMED, "san.upn", "userPrincipalName: is not UTF-8");
	return SG_OK;
}

const char *
sg_san_type_name(enum sg_san_type type)
{
	switch (type) {
	case SG_SAN_DNS:
		return "dns";
	case SG_SAN_EMAIL:
		return "email";
	case SG_SAN_URI:
		return "uri";
	case SG_SAN_IP:
		return "ip";
	case SG_SAN_UPN:
		return "upn";
	case SG_SAN_DIRNAME:
		return "dirname";
	case SG_SAN_RID:
		return "rid";
	case SG_SAN_OTHERNAME:
		return "other";
	case SG_SAN_OTHER:
		break;
	}
	return "unknown";
}

/* As the contents of an OBJECT IDENTIFIER. */
static SG_RC
check_rid(struct sg_slice val, struct sg_err *err)
{
	sg_buf_scoped tlv = {.max = SG_OID_MAX + 2};
	sg_derw_oid(&tlv, val);
	struct sg_der d = sg_der_init(sg_buf_slice(&tlv), NULL);
	sg_der_oid(&d, "registeredID");
	if (tlv.failed == SG_E_NOMEM)
		return sg_buf_check(&tlv, err);
	if (tlv.failed == SG_OK && sg_der_ok(&d))
		return SG_OK;
	return sg_fail(err, SG_E_MALFORMED, "san.rid",
	    "registeredID: want an OID of at most %u bytes", SG_OID_MAX);
}

enum sg_code
sg_san_check(const struct sg_san *san, struct sg_err *err)
{
	const char *what = sg_san_type_name(san->type);
	if (san->val.len == 0)
		return sg_fail(err, SG_E_MALFORMED, "san.value.empty",
		    "RFC 5280 4.2.1.6: %s: want a value, found an empty one", what);
	if (san->val.len > SG_SAN_LEN_MAX)
		return sg_fail(err, SG_E_LIMIT, "san.long",
		    "subjectAltName: %s: want at most %u bytes, a fixed limit, found %zu", what,
		    SG_SAN_LEN_MAX, san->val.len);
	switch (san->type) {
	case SG_SAN_DNS:
	case SG_SAN_EMAIL:
	case SG_SAN_URI:
		return check_ascii(what, san->val, err);
	case SG_SAN_UPN:
		return check_upn(san->val, err);
	case SG_SAN_DIRNAME:
		return sg_name_check(san->val, err);
	case SG_SAN_IP:
		if (san->val.len != 4 && san->val.len != 16)
			return sg_fail(err, SG_E_MALFORMED, "san.ip",
			    "RFC 5280 4.2.1.6: iPAddress: want 4 or 16 bytes, found %zu",
			    san->val.len);
		return SG_OK;
	case SG_SAN_RID:
		return check_rid(san->val, err);
	case SG_SAN_OTHERNAME:
	case SG_SAN_OTHER:
		break;
	}
	return SG_OK;
}

static struct sg_san
read_other_name(struct sg_der *d)
{
	struct sg_slice contents = d->rest;
	struct sg_san_other other = sg_san_other_read(d);
	if (!sg_slice_eq(other.type, SG_OID(upn)))
		return (struct sg_san){SG_SAN_OTHERNAME, contents};
	if (other.value.tag != SG_DER_UTF8)
		sg_der_fail(d, SG_E_MALFORMED, "san.upn",
		    "userPrincipalName: want a UTF8String, found tag 0x%02x", other.value.tag);
	return (struct sg_san){SG_SAN_UPN, other.value.val};
}

static struct sg_san
read_one(struct sg_der *d)
{
	struct sg_tlv tlv = sg_der_any(d, "GeneralName");
	struct sg_san san = {.type = SG_SAN_OTHER, .val = tlv.raw};
	struct sg_der inner = sg_der_inside(d, tlv.val);
	switch (tlv.tag) {
	case SG_DER_CTX_CONS(0):
		san = read_other_name(&inner);
		break;
	case SG_DER_CTX(1):
		san = (struct sg_san){SG_SAN_EMAIL, tlv.val};
		break;
	case SG_DER_CTX(2):
		san = (struct sg_san){SG_SAN_DNS, tlv.val};
		break;
	case SG_DER_CTX_CONS(4): /* EXPLICIT: GeneralName is a choice, and so is Name */
		san = (struct sg_san){
		    SG_SAN_DIRNAME, sg_der_whole(&inner, SG_DER_SEQUENCE, "directoryName").raw};
		break;
	case SG_DER_CTX(6):
		san = (struct sg_san){SG_SAN_URI, tlv.val};
		break;
	case SG_DER_CTX(7):
		san = (struct sg_san){SG_SAN_IP, tlv.val};
		break;
	case SG_DER_CTX(8):
		san = (struct sg_san){SG_SAN_RID, tlv.val};
		break;
	case SG_DER_CTX_CONS(3): /* x400Address */
	case SG_DER_CTX_CONS(5): /* ediPartyName */
		break;
	default:
		sg_der_fail(d, SG_E_MALFORMED, "san.type",
		    "RFC 5280 4.2.1.6: want a GeneralName, found tag 0x%02x", tlv.tag);
	}
	sg_der_try(d, sg_san_check(&san, sg_der_err(d)));
	return san;
}

void
sg_sans_read(struct sg_der *d, struct sg_sans *ret)
{
	struct sg_der seq = sg_der_inside(
	    d, sg_der_whole(d, SG_DER_SEQUENCE, "subjectAltName").val);
	if (!sg_der_more(&seq))
		sg_der_fail(d, SG_E_MALFORMED, "san.empty",
		    "RFC 5280 4.2.1.6: subjectAltName: want at least one name");
	while (sg_der_more(&seq)) {
		if (ret->n == SG_SANS_MAX) {
			sg_der_fail(d, SG_E_LIMIT, "san.count",
			    "subjectAltName: want at most %u names, a fixed limit", SG_SANS_MAX);
			return;
		}
		ret->item[ret->n++] = read_one(&seq);
	}
}

enum sg_code
sg_sans_parse(struct sg_slice seq, struct sg_sans *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(seq, err);
	*ret = (struct sg_sans){0};
	sg_sans_read(&d, ret);
	if (!sg_der_ok(&d))
		*ret = (struct sg_sans){0};
	return sg_der_status(&d);
}

static void
put_upn(struct sg_buf *b, struct sg_slice val)
{
	size_t name = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	sg_derw_oid(b, SG_OID(upn));
	size_t value = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	sg_derw_tlv(b, SG_DER_UTF8, val);
	sg_derw_end(b, value);
	sg_derw_end(b, name);
}

/* As it stands, where each value has a string type that it may have: a certificate with a
 * PrintableString that is none is refused by strict readers. */
static void
put_dirname(struct sg_buf *b, struct sg_slice name)
{
	sg_buf_scoped own = {0};

	if (!sg_name_has_own_types(name)) {
		enum sg_code rc = sg_name_reencode(name, name, &own, NULL);
		if (rc != SG_OK && b->failed == SG_OK)
			b->failed = rc;
		name = sg_buf_slice(&own);
	}
	sg_derw_tlv(b, SG_DER_CTX_CONS(4), name);
}

static void
put_one(struct sg_buf *b, const struct sg_san *san)
{
	switch (san->type) {
	case SG_SAN_DNS:
		sg_derw_tlv(b, SG_DER_CTX(2), san->val);
		return;
	case SG_SAN_EMAIL:
		sg_derw_tlv(b, SG_DER_CTX(1), san->val);
		return;
	case SG_SAN_URI:
		sg_derw_tlv(b, SG_DER_CTX(6), san->val);
		return;
	case SG_SAN_IP:
		sg_derw_tlv(b, SG_DER_CTX(7), san->val);
		return;
	case SG_SAN_UPN:
		put_upn(b, san->val);
		return;
	case SG_SAN_DIRNAME:
		put_dirname(b, san->val);
		return;
	case SG_SAN_RID:
		sg_derw_tlv(b, SG_DER_CTX(8), san->val);
		return;
	case SG_SAN_OTHERNAME:
		sg_derw_tlv(b, SG_DER_CTX_CONS(0), san->val);
		return;
	case SG_SAN_OTHER:
		break;
	}
	if (b->failed == SG_OK)
		b->failed = SG_E_INTERNAL;
}

void
sg_sans_put(struct sg_buf *b, const struct sg_sans *sans)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	for (size_t i = 0; i < sans->n; i++)
		put_one(b, &sans->item[i]);
	sg_derw_end(b, seq);
}

/* The part of an address after the last '@' without letter case, the rest byte by byte. */
static bool
same_email(struct sg_slice a, struct sg_slice b)
{
	size_t at = a.len;
	while (at > 0 && a.p[at - 1] != '@')
		at--;
	if (a.len != b.len || !sg_slice_eq(sg_slice(a.p, at), sg_slice(b.p, at)))
		return false;
	/* The same '@' must be the last one of both. */
	if (memchr(b.p + at, '@', b.len - at) != NULL)
		return false;
	return sg_ascii_same(sg_slice(a.p + at, a.len - at), sg_slice(b.p + at, b.len - at));
}

/* How much of a URI has no letter case: the scheme and, after "//" and what names a user, the
 * host. */
static bool
same_uri(struct sg_slice a, struct sg_slice b)
{
	size_t scheme = 0, host, end, n;

	if (a.len != b.len)
		return false;
	while (scheme < a.len && a.p[scheme] != ':')
		scheme++;
	if (scheme == a.len)
		return sg_slice_eq(a, b);
	host = scheme;
	if (a.len - scheme >= 3 && memcmp(a.p + scheme, "://", 3) == 0)
		host = scheme + 3;
	end = host;
	while (host > scheme && end < a.len && strchr("/?#", a.p[end]) == NULL)
		end++;
	for (n = host; n < end; n++)
		if (a.p[n] == '@')
			host = n + 1;
	/* The bytes that divide it are the same in both, being compared byte by byte. */
	return sg_ascii_same(sg_slice(a.p, scheme), sg_slice(b.p, scheme)) &&
	       memcmp(a.p + scheme, b.p + scheme, host - scheme) == 0 &&
	       sg_ascii_same(sg_slice(a.p + host, end - host), sg_slice(b.p + host, end - host)) &&
	       memcmp(a.p + end, b.p + end, a.len - end) == 0;
}

/* Text, where an address of email is ASCII: the part before the last '@' but for its case, the part
 * after it without. */
static bool
same_upn(struct sg_slice a, struct sg_slice b)
{
	size_t at_a = a.len, at_b = b.len;

	while (at_a > 0 && a.p[at_a - 1] != '@')
		at_a--;
	while (at_b > 0 && b.p[at_b - 1] != '@')
		at_b--;
	return (at_a == 0) == (at_b == 0) &&
	       sg_stringprep_equal(sg_chars_init(SG_DER_UTF8, sg_slice(a.p, at_a)),
		   sg_chars_init(SG_DER_UTF8, sg_slice(b.p, at_b)), SG_STRINGPREP_CASE_EXACT) &&
	       sg_stringprep_equal(sg_chars_init(SG_DER_UTF8, sg_slice(a.p + at_a, a.len - at_a)),
		   sg_chars_init(SG_DER_UTF8, sg_slice(b.p + at_b, b.len - at_b)),
		   SG_STRINGPREP_CASE_IGNORE);
}

bool
sg_san_equal(const struct sg_san *a, const struct sg_san *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case SG_SAN_DNS:
		return sg_ascii_same(a->val, b->val);
	case SG_SAN_EMAIL:
		return same_email(a->val, b->val);
	case SG_SAN_UPN:
		return same_upn(a->val, b->val);
	case SG_SAN_DIRNAME:
		return sg_name_equal(a->val, b->val);
	case SG_SAN_URI:
		return same_uri(a->val, b->val);
	case SG_SAN_IP:
	case SG_SAN_RID:
	case SG_SAN_OTHERNAME:
	case SG_SAN_OTHER:
		break;
	}
	return sg_slice_eq(a->val, b->val);
}

/* Without the tables: a UPN as an address of email, a directory name byte by byte. */
static bool
equal_spelling(const struct sg_san *a, const struct sg_san *b)
{
	if (a->type == b->type && a->type == SG_SAN_UPN)
		return same_email(a->val, b->val);
	if (a->type == b->type && a->type == SG_SAN_DIRNAME)
		return sg_slice_eq(a->val, b->val);
	return sg_san_equal(a, b);
}

typedef bool
equal_san(const struct sg_san *a, const struct sg_san *b);

static bool
has_each(const struct sg_sans *set, const struct sg_sans *of, equal_san *equal)
{
	for (size_t i = 0; i < of->n; i++) {
		size_t k = 0;
		while (k < set->n && !equal(&of->item[i], &set->item[k]))
			k++;
		if (k == set->n)
			return false;
	}
	return true;
}

bool
sg_sans_equal(const struct sg_sans *a, const struct sg_sans *b)
{
	return has_each(a, b, sg_san_equal) && has_each(b, a, sg_san_equal);
}

bool
sg_sans_equal_spelling(const struct sg_sans *a, const struct sg_sans *b)
{
	return has_each(a, b, equal_spelling) && has_each(b, a, equal_spelling);
}

static void
leave_out_repeated(struct sg_sans *sans, equal_san *equal)
{
	size_t n = 0;
	for (size_t i = 0; i < sans->n; i++) {
		size_t k = 0;
		while (k < n && !equal(&sans->item[k], &sans->item[i]))
			k++;
		if (k == n)
			sans->item[n++] = sans->item[i];
	}
	sans->n = n;
}

void
sg_sans_unique(struct sg_sans *sans)
{
	leave_out_repeated(sans, sg_san_equal);
}

void
sg_sans_unique_spelling(struct sg_sans *sans)
{
	leave_out_repeated(sans, equal_spelling);
}
