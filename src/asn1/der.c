/* SPDX-License-Identifier: Apache-2.0 */

#include "asn1/der.h"

#include "base/clock.h"
#include "base/limits.h"

struct sg_der
sg_der_init(struct sg_slice contents)
{
	return (struct sg_der){.rest = contents};
}

bool
sg_der_more(const struct sg_der *d)
{
	return d->rest.len > 0;
}

unsigned
sg_der_peek(const struct sg_der *d)
{
	return d->rest.len > 0 ? d->rest.p[0] : 0;
}

/* Parse a definite, minimal length at p[1...]; the header's size goes to *ret_head. */
static enum sg_code
read_length(
    struct sg_slice s, const char *what, size_t *ret_head, size_t *ret_len, struct sg_err *err)
{
	if (s.len < 2)
		return sg_fail(err, SG_E_MALFORMED, "der", "X.690 8.1: %s ends too early", what);
	unsigned first = s.p[1];
	if (first < 0x80) {
		*ret_head = 2;
		*ret_len = first;
		return SG_OK;
	}
	size_t n = first & 0x7f;
	if (n == 0 || n > 4 || n > s.len - 2)
		return sg_fail(err, SG_E_MALFORMED, "der",
		    "X.690 10.1: %s has an indefinite, too long or cut length", what);
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		len = len << 8 | s.p[2 + i];
	if (len < 0x80 || len >> (8 * (n - 1)) == 0)
		return sg_fail(err, SG_E_MALFORMED, "der",
		    "X.690 10.1: the length of %s is not minimal", what);
	*ret_head = 2 + n;
	*ret_len = len;
	return SG_OK;
}

enum sg_code
sg_der_any(struct sg_der *d, const char *what, struct sg_tlv *ret, struct sg_err *err)
{
	size_t head = 0, len = 0;

	if (d->rest.len == 0)
		return sg_fail(err, SG_E_MALFORMED, "der", "X.690 8.1: %s is missing", what);
	if ((d->rest.p[0] & 0x1f) == 0x1f)
		return sg_fail(
		    err, SG_E_MALFORMED, "der", "X.690 8.1.2.4: %s has a tag above 30", what);
	enum sg_code rc = read_length(d->rest, what, &head, &len, err);
	if (rc != SG_OK)
		return rc;
	if (len > d->rest.len - head)
		return sg_fail(err, SG_E_MALFORMED, "der",
		    "X.690 8.1.3: %s says %zu bytes, %zu are there", what, len, d->rest.len - head);
	ret->tag = d->rest.p[0];
	ret->raw = sg_slice(d->rest.p, head + len);
	ret->val = sg_slice(d->rest.p + head, len);
	d->rest = sg_slice(d->rest.p + head + len, d->rest.len - head - len);
	return SG_OK;
}

enum sg_code
sg_der_get(struct sg_der *d, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err)
{
	if (sg_der_more(d) && d->rest.p[0] != tag)
		return sg_fail(err, SG_E_MALFORMED, "der", "%s: want tag 0x%02x, have 0x%02x", what,
		    tag, d->rest.p[0]);
	return sg_der_any(d, what, ret, err);
}

enum sg_code
sg_der_opt(struct sg_der *d, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err)
{
	if (sg_der_peek(d) == tag && sg_der_more(d))
		return sg_der_any(d, what, ret, err);
	*ret = (struct sg_tlv){0};
	return SG_OK;
}

enum sg_code
sg_der_enter(
    struct sg_der *d, unsigned tag, const char *what, struct sg_der *ret, struct sg_err *err)
{
	struct sg_tlv tlv;
	enum sg_code rc = sg_der_get(d, tag, what, &tlv, err);
	if (rc == SG_OK)
		*ret = sg_der_init(tlv.val);
	return rc;
}

enum sg_code
sg_der_end(const struct sg_der *d, const char *what, struct sg_err *err)
{
	if (d->rest.len > 0)
		return sg_fail(err, SG_E_MALFORMED, "der", "%s: %zu bytes too many at the end",
		    what, d->rest.len);
	return SG_OK;
}

enum sg_code
sg_der_whole(
    struct sg_slice der, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err)
{
	struct sg_tlv tlv;
	struct sg_der d = sg_der_init(der);
	enum sg_code rc = sg_der_get(&d, tag, what, &tlv, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, what, err);
	if (rc == SG_OK)
		*ret = tlv;
	return rc;
}

enum sg_code
sg_der_magnitude(
    struct sg_der *d, size_t max_len, const char *what, struct sg_slice *ret, struct sg_err *err)
{
	struct sg_tlv tlv;
	enum sg_code rc = sg_der_get(d, SG_DER_INTEGER, what, &tlv, err);
	if (rc != SG_OK)
		return rc;
	struct sg_slice v = tlv.val;
	if (v.len == 0)
		return sg_fail(err, SG_E_MALFORMED, "der", "X.690 8.3.1: %s is empty", what);
	if (v.p[0] & 0x80)
		return sg_fail(err, SG_E_MALFORMED, "der", "%s is negative", what);
	if (v.len > 1 && v.p[0] == 0 && (v.p[1] & 0x80) == 0)
		return sg_fail(err, SG_E_MALFORMED, "der", "X.690 8.3.2: %s is not minimal", what);
	if (v.p[0] == 0)
		v = sg_slice(v.p + 1, v.len - 1);
	if (v.len > max_len)
		return sg_fail(err, SG_E_LIMIT, "der.integer", "%s has %zu bytes, at most %zu",
		    what, v.len, max_len);
	*ret = v;
	return SG_OK;
}

enum sg_code
sg_der_uint(struct sg_der *d, uint64_t max, const char *what, uint64_t *ret, struct sg_err *err)
{
	struct sg_slice v;
	enum sg_code rc = sg_der_magnitude(d, 8, what, &v, err);
	if (rc != SG_OK)
		return rc;
	uint64_t n = 0;
	for (size_t i = 0; i < v.len; i++)
		n = n << 8 | v.p[i];
	if (n > max)
		return sg_fail(err, SG_E_LIMIT, "der.integer", "%s is %llu, at most %llu", what,
		    (unsigned long long)n, (unsigned long long)max);
	*ret = n;
	return SG_OK;
}

enum sg_code
sg_der_oid(struct sg_der *d, const char *what, struct sg_slice *ret, struct sg_err *err)
{
	struct sg_tlv tlv;
	enum sg_code rc = sg_der_get(d, SG_DER_OID, what, &tlv, err);
	if (rc != SG_OK)
		return rc;
	if (tlv.val.len == 0 || tlv.val.len > SG_OID_MAX)
		return sg_fail(err, SG_E_LIMIT, "der.oid", "%s: an OID of %zu bytes, want 1 to %u",
		    what, tlv.val.len, SG_OID_MAX);
	bool first = true;
	for (size_t n = 0; n < tlv.val.len; n++) {
		if (first && tlv.val.p[n] == 0x80)
			return sg_fail(
			    err, SG_E_MALFORMED, "der", "X.690 8.19.2: %s: padded OID", what);
		first = (tlv.val.p[n] & 0x80) == 0;
	}
	if (!first)
		return sg_fail(err, SG_E_MALFORMED, "der", "X.690 8.19.2: %s: cut OID", what);
	*ret = tlv.val;
	return SG_OK;
}

enum sg_code
sg_der_bool(struct sg_der *d, const char *what, bool *ret, struct sg_err *err)
{
	struct sg_tlv tlv;
	enum sg_code rc = sg_der_get(d, SG_DER_BOOLEAN, what, &tlv, err);
	if (rc != SG_OK)
		return rc;
	if (tlv.val.len != 1 || (tlv.val.p[0] != 0 && tlv.val.p[0] != 0xff))
		return sg_fail(
		    err, SG_E_MALFORMED, "der", "X.690 11.1: %s is neither 00 nor FF", what);
	*ret = tlv.val.p[0] != 0;
	return SG_OK;
}

enum sg_code
sg_der_bits(struct sg_der *d, const char *what, struct sg_slice *ret, struct sg_err *err)
{
	struct sg_tlv tlv;
	enum sg_code rc = sg_der_get(d, SG_DER_BIT_STRING, what, &tlv, err);
	if (rc != SG_OK)
		return rc;
	if (tlv.val.len < 1 || tlv.val.p[0] != 0)
		return sg_fail(err, SG_E_MALFORMED, "der",
		    "X.690 8.6.2: %s is not a BIT STRING of whole bytes", what);
	*ret = sg_slice(tlv.val.p + 1, tlv.val.len - 1);
	return SG_OK;
}

/* The decimal number of the two digits at p, or -1. */
static int
two(const uint8_t *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + (p[1] - '0');
}

enum sg_code
sg_der_time(struct sg_der *d, const char *what, int64_t *ret, struct sg_err *err)
{
	struct sg_tlv tlv;
	enum sg_code rc = sg_der_any(d, what, &tlv, err);
	if (rc != SG_OK)
		return rc;
	bool utc = tlv.tag == SG_DER_UTCTIME;
	if ((!utc && tlv.tag != SG_DER_GENTIME) || tlv.val.len != (utc ? 13u : 15u) ||
	    tlv.val.p[tlv.val.len - 1] != 'Z')
		return sg_fail(err, SG_E_MALFORMED, "der.time",
		    "RFC 5280 4.1.2.5: %s is not YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ", what);
	const uint8_t *p = tlv.val.p;
	int century = utc ? (two(p) >= 50 ? 19 : 20) : two(p);
	p += utc ? 0 : 2;
	int part[6];
	for (size_t n = 0; n < 6; n++) {
		part[n] = two(p + 2 * n);
		if (part[n] < 0 || century < 0)
			return sg_fail(err, SG_E_MALFORMED, "der.time",
			    "RFC 5280 4.1.2.5: %s has something else than digits", what);
	}
	struct sg_date date = {
	    century * 100 + part[0], part[1], part[2], part[3], part[4], part[5]};
	rc = sg_date_to(&date, ret, err);
	if (rc != SG_OK)
		sg_err_prefix(err, "%s", what);
	return rc;
}
