/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The readers of asn1/der.h over one element each: what is read, the writer writes again as
 * the same bytes; a failure moves nothing
 */

#include "fuzz/fuzz.h"

#include "base/date.h"
#include "asn1/der.h"
#include "asn1/derw.h"
#include "base/limits.h"

static void
same(struct sg_slice read, const struct sg_buf *written)
{
	if (written->failed != SG_OK || !sg_slice_eq(read, sg_buf_slice(written)))
		abort();
}

static void
try_numbers(struct sg_slice raw)
{
	sg_buf_scoped b = {0}, c = {0};
	struct sg_slice s;
	uint64_t v;
	bool yes;

	struct sg_der d = sg_der_init(raw);
	if (sg_der_uint(&d, UINT64_MAX, "x", &v, NULL) == SG_OK) {
		sg_derw_uint(&b, v);
		same(raw, &b);
	}
	d = sg_der_init(raw);
	if (sg_der_magnitude(&d, SG_INT_MAX_LEN, "x", &s, NULL) == SG_OK) {
		sg_derw_magnitude(&c, s);
		same(raw, &c);
	}
	sg_buf_reset(&b);
	d = sg_der_init(raw);
	if (sg_der_bool(&d, "x", &yes, NULL) == SG_OK) {
		sg_derw_bool(&b, yes);
		same(raw, &b);
	}
}

static void
try_strings(struct sg_slice raw)
{
	sg_buf_scoped b = {0};
	struct sg_slice s;

	struct sg_der d = sg_der_init(raw);
	if (sg_der_oid(&d, "x", &s, NULL) == SG_OK) {
		sg_derw_oid(&b, s);
		same(raw, &b);
	}
	d = sg_der_init(raw);
	if (sg_der_bits(&d, "x", &s, NULL) == SG_OK) {
		sg_derw_bits(&b, s);
		same(raw, &b);
	}
}

static void
try_time(struct sg_slice raw)
{
	sg_buf_scoped b = {0};
	int64_t at, back;

	struct sg_der d = sg_der_init(raw);
	if (sg_der_time(&d, "x", &at, NULL) != SG_OK)
		return;
	struct sg_date date = sg_date_from(at);
	if (sg_date_to(&date, &back, NULL) != SG_OK || back != at)
		abort();
	if (raw.p[0] == SG_DER_UTCTIME)
		sg_derw_time(&b, at);
	else
		sg_derw_gentime(&b, at);
	same(raw, &b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_der d = sg_der_init(sg_slice(data, len));
	struct sg_tlv tlv;

	while (sg_der_any(&d, "x", &tlv, NULL) == SG_OK) {
		sg_buf_scoped b = {.max = 2 * len + 16};
		sg_derw_tlv(&b, tlv.tag, tlv.val);
		same(tlv.raw, &b);
		try_numbers(tlv.raw);
		try_strings(tlv.raw);
		try_time(tlv.raw);
		if (tlv.tag & 0x20) /* into it, as deep as it goes */
			d = sg_der_init(tlv.val);
	}
	return 0;
}
