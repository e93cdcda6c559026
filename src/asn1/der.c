/* SPDX-License-Identifier: Apache-2.0 */

/*
 * der.c - the strict reader: one element after the other, each length and tag checked here and
 * nowhere else
 *
 * Every parser of certificates, requests, names and messages reads through it, after ber.c has
 * made DER of what is not. The readers return values; the error is in the state that they share.
 */

#include "asn1/der.h"

#include <stdarg.h>

#include "base/ascii.h"
#include "base/date.h"
#include "base/limits.h"

/* Without a name of the rule's own: the encoding itself is broken. */
#define fail_der(d, ...) sg_der_fail(d, SG_E_MALFORMED, "der", __VA_ARGS__)

struct sg_der
sg_der_inside(const struct sg_der *d, struct sg_slice contents)
{
	return (struct sg_der){contents, d->state};
}

enum sg_code
sg_der_status(const struct sg_der *d)
{
	return d->state->code;
}

bool
sg_der_ok(const struct sg_der *d)
{
	return d->state->code == SG_OK;
}

bool
sg_der_more(const struct sg_der *d)
{
	return d->rest.len > 0 && d->state->code == SG_OK;
}

unsigned
sg_der_peek(const struct sg_der *d)
{
	return sg_der_more(d) ? d->rest.p[0] : 0;
}

struct sg_err *
sg_der_err(const struct sg_der *d)
{
	return d->state->err;
}

void
sg_der_fail_at(struct sg_der *d, enum sg_code code, const char *rule, const char *file, int line,
    const char *fmt, ...)
{
	if (d->state->code != SG_OK)
		return;
	va_list ap;
	va_start(ap, fmt);
	d->state->code = sg_fail_va(d->state->err, code, rule, file, line, fmt, ap);
	va_end(ap);
}

/* The length in the long form: minimal, of at most four bytes. False after a failure. */
static bool
read_long_length(struct sg_der *d, const char *what, size_t *ret_head, size_t *ret_len)
{
	struct sg_slice s = d->rest;
	size_t n = s.p[1] & 0x7f, len = 0;

	if (n == 0 || n > 4 || n > s.len - 2) {
		fail_der(d, "X.690 10.1: %s has an indefinite, too long or cut length", what);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		len = len << 8 | s.p[2 + i];
	if (len < 0x80 || len >> (8 * (n - 1)) == 0) {
		fail_der(d, "X.690 10.1: the length of %s is not minimal", what);
		return false;
	}
	*ret_head = 2 + n;
	*ret_len = len;
	return true;
}

struct sg_tlv
sg_der_any(struct sg_der *d, const char *what)
{
	const struct sg_tlv none = {0};
	struct sg_slice s = d->rest;

	if (!sg_der_ok(d))
		return none;
	if (s.len == 0) {
		fail_der(d, "X.690 8.1: %s is missing", what);
		return none;
	}
	if ((s.p[0] & 0x1f) == 0x1f) {
		fail_der(d, "X.690 8.1.2.4: %s has a tag above 30", what);
		return none;
	}
	if (s.len < 2) {
		fail_der(d, "X.690 8.1: %s ends too early", what);
		return none;
	}
	size_t head = 2, len = s.p[1];
	if (len >= 0x80 && !read_long_length(d, what, &head, &len))
		return none;
	if (len > s.len - head) {
		fail_der(
		    d, "X.690 8.1.3: %s says %zu bytes, %zu are there", what, len, s.len - head);
		return none;
	}
	d->rest = sg_slice(s.p + head + len, s.len - head - len);
	return (struct sg_tlv){s.p[0], sg_slice(s.p, head + len), sg_slice(s.p + head, len)};
}

struct sg_tlv
sg_der_get(struct sg_der *d, unsigned tag, const char *what)
{
	if (sg_der_more(d) && d->rest.p[0] != tag)
		fail_der(d, "%s: want tag 0x%02x, have 0x%02x", what, tag, d->rest.p[0]);
	return sg_der_any(d, what);
}

struct sg_tlv
sg_der_opt(struct sg_der *d, unsigned tag, const char *what)
{
	if (sg_der_more(d) && d->rest.p[0] == tag)
		return sg_der_any(d, what);
	return (struct sg_tlv){0};
}

struct sg_der
sg_der_enter(struct sg_der *d, unsigned tag, const char *what)
{
	return sg_der_inside(d, sg_der_get(d, tag, what).val);
}

void
sg_der_end(struct sg_der *d, const char *what)
{
	if (d->rest.len > 0)
		fail_der(d, "%s: %zu bytes too many at the end", what, d->rest.len);
}

struct sg_tlv
sg_der_whole(struct sg_der *d, unsigned tag, const char *what)
{
	struct sg_tlv tlv = sg_der_get(d, tag, what);
	sg_der_end(d, what);
	return sg_der_ok(d) ? tlv : (struct sg_tlv){0};
}

struct sg_slice
sg_der_magnitude(struct sg_der *d, size_t max_len, const char *what)
{
	struct sg_slice v = sg_der_get(d, SG_DER_INTEGER, what).val;

	if (v.len == 0) {
		fail_der(d, "X.690 8.3.1: %s is empty", what);
		return v;
	}
	if (v.p[0] & 0x80)
		fail_der(d, "%s is negative", what);
	else if (v.len > 1 && v.p[0] == 0 && (v.p[1] & 0x80) == 0)
		fail_der(d, "X.690 8.3.2: %s is not minimal", what);
	if (v.p[0] == 0)
		v = sg_slice(v.p + 1, v.len - 1);
	if (v.len > max_len)
		sg_der_fail(d, SG_E_LIMIT, "der.integer", "%s has %zu bytes, at most %zu", what,
		    v.len, max_len);
	return sg_der_ok(d) ? v : (struct sg_slice){0};
}

uint64_t
sg_der_uint(struct sg_der *d, uint64_t max, const char *what)
{
	struct sg_slice v = sg_der_magnitude(d, 8, what);
	uint64_t n = 0;

	for (size_t i = 0; i < v.len; i++)
		n = n << 8 | v.p[i];
	if (n <= max)
		return n;
	sg_der_fail(d, SG_E_LIMIT, "der.integer", "%s is %llu, at most %llu", what,
	    (unsigned long long)n, (unsigned long long)max);
	return 0;
}

struct sg_slice
sg_der_oid(struct sg_der *d, const char *what)
{
	struct sg_slice v = sg_der_get(d, SG_DER_OID, what).val;
	bool first = true; /* of a component */

	if (v.len == 0 || v.len > SG_OID_MAX)
		sg_der_fail(d, SG_E_LIMIT, "der.oid", "%s: an OID of %zu bytes, want 1 to %u", what,
		    v.len, SG_OID_MAX);
	for (size_t n = 0; n < v.len; n++) {
		if (first && v.p[n] == 0x80)
			fail_der(d, "X.690 8.19.2: %s: padded OID", what);
		first = (v.p[n] & 0x80) == 0;
	}
	if (!first)
		fail_der(d, "X.690 8.19.2: %s: cut OID", what);
	return sg_der_ok(d) ? v : (struct sg_slice){0};
}

bool
sg_der_bool(struct sg_der *d, const char *what)
{
	struct sg_slice v = sg_der_get(d, SG_DER_BOOLEAN, what).val;

	if (v.len == 1 && (v.p[0] == 0 || v.p[0] == 0xff))
		return v.p[0] != 0;
	fail_der(d, "X.690 11.1: %s is neither 00 nor FF", what);
	return false;
}

struct sg_slice
sg_der_bits(struct sg_der *d, const char *what)
{
	struct sg_slice v = sg_der_get(d, SG_DER_BIT_STRING, what).val;

	if (v.len >= 1 && v.p[0] == 0)
		return sg_slice(v.p + 1, v.len - 1);
	fail_der(d, "X.690 8.6.2: %s is not a BIT STRING of whole bytes", what);
	return (struct sg_slice){0};
}

/* The decimal number of the two digits at p, or -1. */
static int
two(const uint8_t *p)
{
	if (!sg_ascii_is_digit(p[0]) || !sg_ascii_is_digit(p[1]))
		return -1;
	return (p[0] - '0') * 10 + (p[1] - '0');
}

int64_t
sg_der_time(struct sg_der *d, const char *what)
{
	struct sg_tlv tlv = sg_der_any(d, what);
	bool utc = tlv.tag == SG_DER_UTCTIME;

	if ((!utc && tlv.tag != SG_DER_GENTIME) || tlv.val.len != (utc ? 13u : 15u) ||
	    tlv.val.p[tlv.val.len - 1] != 'Z') {
		sg_der_fail(d, SG_E_MALFORMED, "der.time",
		    "RFC 5280 4.1.2.5: %s is not YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ", what);
		return 0;
	}
	const uint8_t *p = tlv.val.p;
	int century = utc ? (two(p) >= 50 ? 19 : 20) : two(p);
	p += utc ? 0 : 2;
	int part[6];
	for (size_t n = 0; n < 6; n++) {
		part[n] = two(p + 2 * n);
		if (part[n] < 0 || century < 0) {
			sg_der_fail(d, SG_E_MALFORMED, "der.time",
			    "RFC 5280 4.1.2.5: %s has something else than digits", what);
			return 0;
		}
	}
	struct sg_date date = {
	    century * 100 + part[0], part[1], part[2], part[3], part[4], part[5]};
	int64_t at = 0;
	sg_der_try(d, sg_date_to(&date, &at, sg_der_err(d)));
	if (sg_der_ok(d))
		return at;
	sg_err_prefix(sg_der_err(d), "%s", what);
	return 0;
}
