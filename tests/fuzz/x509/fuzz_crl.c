/* SPDX-License-Identifier: Apache-2.0 */

/* sg_crl_parse and sg_crl_next. */

#include "fuzz/fuzz.h"

#include "x509/crl.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_crl crl;
	struct sg_err err;
	if (sg_crl_parse(sg_slice(data, len), &crl, &err) != SG_OK)
		return 0;
	struct sg_der d = sg_der_init(crl.entries, &err);
	while (sg_der_more(&d)) {
		struct sg_crl_item item = sg_crl_next(&d);
		if (!sg_der_ok(&d))
			break;
		if (sg_reason_name(item.reason) == NULL || item.serial.len == 0)
			abort();
	}
	return 0;
}
