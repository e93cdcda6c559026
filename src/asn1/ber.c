/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ber.c - BER to DER, once, before the strict readers see a message
 *
 * A first pass finds out whether anything needs to change (most messages are DER); only
 * then a second one writes the copy. The recursion is bounded by max_depth.
 */

#include "asn1/ber.h"
#include "asn1/derw.h"

struct ber {
	struct sg_slice rest;
	bool was_der;
	struct sg_buf *out; /* NULL in the first pass */
	unsigned max_depth;
};

struct head {
	unsigned tag;
	bool indefinite;
	size_t size, len; /* of the header; of the contents when definite */
};

static enum sg_code
read_head(struct ber *r, size_t limit, struct head *ret, struct sg_err *err)
{
	const uint8_t *p = r->rest.p;

	if (limit < 2)
		return sg_fail(err, SG_E_MALFORMED, "ber", "X.690 8.1: an element is cut");
	if ((p[0] & 0x1f) == 0x1f)
		return sg_fail(err, SG_E_MALFORMED, "ber", "X.690 8.1.2.4: a tag above 30");
	size_t n = p[1] & 0x7f, len = p[1];
	bool indefinite = p[1] == 0x80;
	if (p[1] >= 0x80) {
		if (n > limit - 2)
			return sg_fail(
			    err, SG_E_MALFORMED, "ber", "X.690 8.1.3.5: a length is cut");
		len = 0;
		for (size_t i = 0; i < n; i++) {
			if (len >> 32 != 0)
				return sg_fail(
				    err, SG_E_MALFORMED, "ber", "X.690 8.1.3: huge length");
			len = len << 8 | p[2 + i];
		}
		if (indefinite || len < 0x80 || p[2] == 0)
			r->was_der = false;
	} else {
		n = 0;
	}
	if (indefinite && (p[0] & 0x20) == 0)
		return sg_fail(
		    err, SG_E_MALFORMED, "ber", "X.690 8.1.3.2: indefinite length of a primitive");
	if (!indefinite && len > limit - 2 - n)
		return sg_fail(err, SG_E_MALFORMED, "ber",
		    "X.690 8.1.3: an element says %zu bytes, %zu are there", len, limit - 2 - n);
	*ret = (struct head){p[0], indefinite, 2 + n, len};
	return SG_OK;
}

static void
skip(struct ber *r, size_t n)
{
	r->rest = sg_slice(r->rest.p + n, r->rest.len - n);
}

static bool
at_end_of_contents(const struct ber *r, size_t limit)
{
	return limit >= 2 && r->rest.p[0] == 0 && r->rest.p[1] == 0;
}

static enum sg_code
element(struct ber *r, size_t limit, unsigned depth, bool segment, struct sg_err *err);

/* The elements inside a constructed one, up to its length or its end-of-contents. */
static enum sg_code
contents(struct ber *r, const struct head *h, size_t limit, unsigned depth, bool segment,
    struct sg_err *err)
{
	size_t start_len = r->rest.len;
	size_t room = h->indefinite ? limit : h->len;

	for (;;) {
		size_t used = start_len - r->rest.len;
		if (!h->indefinite && used == room)
			return SG_OK;
		if (h->indefinite && at_end_of_contents(r, room - used)) {
			skip(r, 2);
			return SG_OK;
		}
		if (used >= room)
			return sg_fail(
			    err, SG_E_MALFORMED, "ber", "X.690 8.1.5: end-of-contents is missing");
		enum sg_code rc = element(r, room - used, depth + 1, segment, err);
		if (rc != SG_OK)
			return rc;
	}
}

/* Copy a primitive element, or only its contents when it is a segment of a string. */
static enum sg_code
primitive(struct ber *r, const struct head *h, bool segment, struct sg_err *err)
{
	if (segment && h->tag != SG_DER_OCTET_STRING)
		return sg_fail(err, SG_E_MALFORMED, "ber",
		    "X.690 8.7.3: an OCTET STRING has a segment with tag 0x%02x", h->tag);
	struct sg_slice val = sg_slice(r->rest.p + h->size, h->len);
	if (r->out != NULL && segment)
		sg_buf_put_slice(r->out, val);
	else if (r->out != NULL)
		sg_derw_tlv(r->out, h->tag, val);
	skip(r, h->size + h->len);
	return SG_OK;
}

static enum sg_code
element(struct ber *r, size_t limit, unsigned depth, bool segment, struct sg_err *err)
{
	struct head h = {0};

	if (depth > r->max_depth)
		return sg_fail(err, SG_E_LIMIT, "ber.depth", "nested deeper than %u", r->max_depth);
	enum sg_code rc = read_head(r, limit, &h, err);
	if (rc != SG_OK)
		return rc;
	if (h.tag == 0 && h.len == 0)
		return sg_fail(err, SG_E_MALFORMED, "ber", "X.690 8.1.5: stray end-of-contents");
	if ((h.tag & 0x20) == 0)
		return primitive(r, &h, segment, err);
	bool octets = h.tag == (SG_DER_OCTET_STRING | 0x20);
	if (segment && !octets)
		return sg_fail(err, SG_E_MALFORMED, "ber",
		    "X.690 8.7.3: an OCTET STRING has a segment with tag 0x%02x", h.tag);
	if (octets)
		r->was_der = false;
	size_t mark = 0;
	if (r->out != NULL && !segment)
		mark = sg_derw_begin(r->out, octets ? SG_DER_OCTET_STRING : h.tag);
	skip(r, h.size);
	rc = contents(r, &h, limit - h.size, depth, octets, err);
	if (rc == SG_OK && r->out != NULL && !segment)
		sg_derw_end(r->out, mark);
	return rc;
}

static enum sg_code
pass(struct ber *r, struct sg_slice in, struct sg_err *err)
{
	r->rest = in;
	enum sg_code rc = element(r, in.len, 1, false, err);
	if (rc == SG_OK && r->rest.len > 0)
		return sg_fail(
		    err, SG_E_MALFORMED, "ber.trailing", "%zu bytes behind the end", r->rest.len);
	return rc;
}

enum sg_code
sg_ber_to_der(struct sg_slice ber, unsigned max_depth, bool *ret_was_der, struct sg_buf *out,
    struct sg_err *err)
{
	struct ber r = {.was_der = true, .max_depth = max_depth};

	enum sg_code rc = pass(&r, ber, err);
	if (rc != SG_OK)
		return rc;
	if (!r.was_der) {
		r.out = out;
		rc = pass(&r, ber, err);
		if (rc == SG_OK)
			rc = sg_buf_check(out, err);
		if (rc != SG_OK)
			return rc;
	}
	*ret_was_der = r.was_der;
	return SG_OK;
}
