/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sg_ber_to_der: what comes out is DER, stays as it is a second time, and its primitive
 * contents are those of the input; what the input says to be DER has strict lengths all the
 * way down
 */

#include "fuzz/fuzz.h"

#include "asn1/ber.h"
#include "asn1/der.h"
#include "base/limits.h"

/* Every length is definite and minimal, and nothing is left over. */
static void
walk(struct sg_slice contents, unsigned depth)
{
	struct sg_der d = sg_der_init(contents, NULL);

	if (depth > SG_DER_DEPTH_MAX)
		abort();
	while (sg_der_more(&d)) {
		struct sg_tlv tlv = sg_der_any(&d, "element");
		if (!sg_der_ok(&d))
			abort();
		if (tlv.tag == (SG_DER_OCTET_STRING | 0x20))
			abort();
		if (tlv.tag & 0x20)
			walk(tlv.val, depth + 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sg_buf_scoped out = {.max = 2 * len + 16}, again = {0};
	struct sg_slice in = sg_slice(data, len);
	struct sg_err err = {.rule = NULL};
	bool was_der = false;

	enum sg_code rc = sg_ber_to_der(in, SG_DER_DEPTH_MAX, &was_der, &out, &err);
	if (rc != SG_OK) {
		if (err.rule == NULL || err.code != rc || rc == SG_E_NOMEM || rc == SG_E_INTERNAL)
			abort();
		if (err.rule[0] != 'b') /* "ber...": the copy is never larger than planned */
			abort();
		return 0;
	}
	struct sg_slice der = was_der ? in : sg_buf_slice(&out);
	if (was_der != (out.len == 0))
		abort();
	walk(der, 0);
	if (sg_ber_to_der(der, SG_DER_DEPTH_MAX, &was_der, &again, NULL) != SG_OK || !was_der)
		abort();
	return 0;
}
