/* SPDX-License-Identifier: Apache-2.0 */

/*
 * serial_key.c - serial numbers between certificate, database, command line and CRL
 */

#include "x509/serial_key.h"

#include <string.h>

#include "base/alloc.h"
#include "asn1/der.h"
#include "base/hex.h"
#include "asn1/derw.h"

static struct sg_slice
without_zeros(struct sg_slice s)
{
	while (s.len > 1 && s.p[0] == 0)
		s = sg_slice(s.p + 1, s.len - 1);
	return s;
}

/* Does the INTEGER of this magnitude have these contents? */
static bool
is_as_written(struct sg_slice magnitude, struct sg_slice contents)
{
	size_t sign = magnitude.p[0] >= 0x80 ? 1 : 0;
	return contents.p[0] < 0x80 && contents.len == magnitude.len + sign;
}

struct sg_slice
sg_serial_key(struct sg_slice contents, uint8_t store[SG_SERIAL_MAX + 1])
{
	struct sg_slice magnitude = without_zeros(contents);

	if (contents.len == 0 || contents.len > SG_SERIAL_MAX || is_as_written(magnitude, contents))
		return magnitude;
	store[0] = 0;
	memcpy(store + 1, contents.p, contents.len);
	return sg_slice(store, contents.len + 1);
}

static bool
is_contents(struct sg_slice key)
{
	return key.len > 1 && key.p[0] == 0;
}

void
sg_serial_key_put_integer(struct sg_buf *b, struct sg_slice key)
{
	if (is_contents(key))
		sg_derw_tlv(b, SG_DER_INTEGER, sg_slice(key.p + 1, key.len - 1));
	else
		sg_derw_magnitude(b, key);
}

/* Two's complement, in place: of n and of -n. */
static void
negate(uint8_t *p, size_t len)
{
	unsigned carry = 1;

	for (size_t i = len; i > 0; i--) {
		unsigned v = (uint8_t)~p[i - 1] + carry;
		p[i - 1] = (uint8_t)v;
		carry = v >> 8;
	}
}

void
sg_serial_key_put_text(struct sg_buf *b, struct sg_slice key)
{
	uint8_t number[SG_SERIAL_MAX];
	struct sg_slice s = is_contents(key) ? sg_slice(key.p + 1, key.len - 1) : key;

	if (is_contents(key) && s.p[0] >= 0x80 && s.len <= sizeof number) {
		memcpy(number, s.p, s.len);
		negate(number, s.len);
		s = sg_slice(number, s.len);
		sg_buf_puts(b, "-");
	}
	sg_hex_put(b, without_zeros(s));
}

enum sg_code
sg_serial_key_from_text(struct sg_slice text, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped number = {0};
	bool negative = text.len > 0 && text.p[0] == '-';

	if (negative)
		text = sg_slice(text.p + 1, text.len - 1);
	enum sg_code rc = sg_hex_parse(text, &number, err);
	if (rc == SG_OK && number.len == 0)
		return sg_fail(err, SG_E_MALFORMED, "serial.text", "there is no serial number");
	if (rc != SG_OK)
		return rc;
	struct sg_slice s = without_zeros(sg_buf_slice(&number));
	if (!negative || (s.len == 1 && s.p[0] == 0)) {
		sg_buf_put_slice(out, s);
		return sg_buf_check(out, err);
	}
	sg_buf_put_u8(out, 0);
	negate(number.p + (number.len - s.len), s.len);
	if (s.p[0] < 0x80)
		sg_buf_put_u8(out, 0xff);
	sg_buf_put_slice(out, s);
	return sg_buf_check(out, err);
}

void
sg_serial_key_widen(struct sg_buf *key)
{
	bool contents = is_contents(sg_buf_slice(key));
	bool negative = contents && key->p[1] >= 0x80;
	/* The zero that tells contents, and a sign where the number alone would be negative. */
	size_t more = contents ? 1 : key->len > 0 && key->p[0] >= 0x80 ? 3 : 2;

	sg_buf_insert_gap(key, 0, more);
	if (key->failed != SG_OK)
		return;
	memset(key->p, 0, more);
	if (negative)
		key->p[1] = 0xff;
}
