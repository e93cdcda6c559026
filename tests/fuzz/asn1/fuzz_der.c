/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The readers of asn1/der.h over one element each: what is read, the writer writes again as
 * the same bytes
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

	struct sg_der d = sg_der_init(raw, NULL);
	uint64_t v = sg_der_uint(&d, UINT64_MAX, "x");
	if (sg_der_ok(&d)) {
		sg_derw_uint(&b, v);
		same(raw, &b);
	}
	d = sg_der_init(raw, NULL);
	struct sg_slice s = sg_der_magnitude(&d, SG_INT_MAX_LEN, "x");
	if (sg_der_ok(&d)) {
		sg_derw_magnitude(&c, s);
		same(raw, &c);
	}
	sg_buf_reset(&b);
	d = sg_der_init(raw, NULL);
	bool yes = sg_der_bool(&d, "x");
	if (sg_der_ok(&d)) {
		sg_derw_bool(&b, yes);
		same(raw, &b);
	}
}

static void
try_strings(struct sg_slice raw)
{
	sg_buf_scoped b = {0};

	struct sg_der d = sg_der_init(raw, NULL);
	struct sg_slice s = sg_der_oid(&d, "x");
	if (sg_der_ok(&d)) {
		sg_derw_oid(&b, s);
		same(raw, &b);
	}
	d = sg_der_init(raw, NULL);
	s = sg_der_bits(&d, "x");
	if (sg_der_ok(&d)) {
		sg_derw_bits(&b, s);
		same(raw, &b);
	}
}

static void
try_time(struct sg_slice raw)
{
	sg_buf_scoped b = {0};
	int64_t back;

	struct sg_der d = sg_der_init(raw, NULL);
	int64_t at = sg_der_time(&d, "x");
	if (!sg_der_ok(&d))
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
	struct sg_der d = sg_der_init(sg_slice(data, len), NULL);

	while (sg_der_more(&d)) {
		struct sg_tlv tlv = sg_der_any(&d, "x");
		if (!sg_der_ok(&d))
			break;
		sg_buf_scoped b = {.max = 2 * len + 16};
		sg_derw_tlv(&b, tlv.tag, tlv.val);
		same(tlv.raw, &b);
		try_numbers(tlv.raw);
		try_strings(tlv.raw);
		try_time(tlv.raw);
		if (tlv.tag & 0x20) /* into it, as deep as it goes */
			d = sg_der_inside(&d, tlv.val);
	}
	return 0;
}
