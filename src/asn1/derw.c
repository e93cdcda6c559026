/* SPDX-License-Identifier: Apache-2.0 */

/*
 * derw.c - the DER writer: everything that leaves (answers, certificates, CRLs, requests of our
 * own) is put together here, element by element, in the caller's buffer
 */

#include "asn1/derw.h"

#include <string.h>

#include "base/date.h"
#include "asn1/der.h"

/* Size of a length field: 1 byte below 128, else 1 + the bytes of the number. */
static size_t
length_size(size_t len)
{
	size_t n = 1;
	if (len >= 0x80)
		for (size_t left = len; left > 0; left >>= 8)
			n++;
	return n;
}

static void
write_length(uint8_t *p, size_t size, size_t len)
{
	if (size == 1) {
		p[0] = (uint8_t)len;
		return;
	}
	p[0] = (uint8_t)(0x80 | (size - 1));
	for (size_t n = size - 1; n > 0; n--, len >>= 8)
		p[n] = (uint8_t)len;
}

size_t
sg_derw_begin(struct sg_buf *b, unsigned tag)
{
	uint8_t head[2] = {(uint8_t)tag, 0};
	sg_buf_put(b, head, 2);
	return b->len;
}

void
sg_derw_end(struct sg_buf *b, size_t mark)
{
	if (b->failed != SG_OK)
		return;
	size_t len = b->len - mark, size = length_size(len);
	sg_buf_insert_gap(b, mark, size - 1);
	if (b->failed == SG_OK)
		write_length(b->p + mark - 1, size, len);
}

void
sg_derw_head(struct sg_buf *b, unsigned tag, size_t len)
{
	uint8_t head[2 + sizeof len];
	size_t size = length_size(len);
	head[0] = (uint8_t)tag;
	write_length(head + 1, size, len);
	sg_buf_put(b, head, 1 + size);
}

void
sg_derw_tlv(struct sg_buf *b, unsigned tag, struct sg_slice val)
{
	sg_derw_head(b, tag, val.len);
	sg_buf_put_slice(b, val);
}

void
sg_derw_magnitude(struct sg_buf *b, struct sg_slice mag)
{
	while (mag.len > 0 && mag.p[0] == 0)
		mag = sg_slice(mag.p + 1, mag.len - 1);
	bool sign = mag.len == 0 || (mag.p[0] & 0x80);
	sg_derw_head(b, SG_DER_INTEGER, mag.len + sign);
	if (sign)
		sg_buf_put_u8(b, 0);
	sg_buf_put_slice(b, mag);
}

void
sg_derw_uint(struct sg_buf *b, uint64_t v)
{
	uint8_t bytes[8];
	for (size_t n = 0; n < sizeof bytes; n++)
		bytes[n] = (uint8_t)(v >> (56 - 8 * n));
	sg_derw_magnitude(b, sg_slice(bytes, sizeof bytes));
}

void
sg_derw_bool(struct sg_buf *b, bool v)
{
	uint8_t tlv[3] = {SG_DER_BOOLEAN, 1, v ? 0xff : 0};
	sg_buf_put(b, tlv, sizeof tlv);
}

void
sg_derw_null(struct sg_buf *b)
{
	static const uint8_t tlv[2] = {SG_DER_NULL, 0};
	sg_buf_put(b, tlv, sizeof tlv);
}

void
sg_derw_oid(struct sg_buf *b, struct sg_slice oid)
{
	sg_derw_tlv(b, SG_DER_OID, oid);
}

void
sg_derw_bits(struct sg_buf *b, struct sg_slice bits)
{
	sg_derw_head(b, SG_DER_BIT_STRING, bits.len + 1);
	sg_buf_put_u8(b, 0);
	sg_buf_put_slice(b, bits);
}

void
sg_derw_gentime(struct sg_buf *b, int64_t at)
{
	struct sg_date d = sg_date_from(at);
	if (d.year < 1 || d.year > 9999) {
		/* It has four digits; the length would not be true. */
		b->failed = b->failed == SG_OK ? SG_E_INTERNAL : b->failed;
		return;
	}
	sg_derw_head(b, SG_DER_GENTIME, 15);
	sg_buf_printf(
	    b, "%04d%02d%02d%02d%02d%02dZ", d.year, d.month, d.day, d.hour, d.minute, d.second);
}

void
sg_derw_time(struct sg_buf *b, int64_t at)
{
	struct sg_date d = sg_date_from(at);
	if (d.year < 1950 || d.year >= 2050) {
		sg_derw_gentime(b, at);
		return;
	}
	sg_derw_head(b, SG_DER_UTCTIME, 13);
	sg_buf_printf(b, "%02d%02d%02d%02d%02d%02dZ", d.year % 100, d.month, d.day, d.hour,
	    d.minute, d.second);
}

/* Order of the encodings as X.690 11.6 wants it: as bytes, the shorter padded with zeroes. */
static int
compare(struct sg_slice a, struct sg_slice b)
{
	int c = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);
	if (c != 0)
		return c;
	return a.len < b.len ? -1 : a.len > b.len;
}

#define SORT_MAX 64u

void
sg_derw_sort(struct sg_buf *b, size_t mark)
{
	struct sg_slice item[SORT_MAX];
	sg_buf_scoped copy = {.max = b->max};
	size_t n = 0;

	if (b->failed != SG_OK)
		return;
	struct sg_der d = sg_der_init(sg_slice(b->p + mark, b->len - mark), NULL);
	while (sg_der_more(&d)) {
		struct sg_tlv tlv = sg_der_any(&d, "set element");
		if (n == SORT_MAX || !sg_der_ok(&d)) {
			b->failed = SG_E_INTERNAL;
			return;
		}
		size_t at = n++;
		for (; at > 0 && compare(tlv.raw, item[at - 1]) < 0; at--)
			item[at] = item[at - 1];
		item[at] = tlv.raw;
	}
	for (size_t i = 0; i < n; i++)
		sg_buf_put_slice(&copy, item[i]);
	if (copy.failed != SG_OK)
		b->failed = copy.failed;
	else if (copy.len > 0)
		memcpy(b->p + mark, copy.p, copy.len);
}
