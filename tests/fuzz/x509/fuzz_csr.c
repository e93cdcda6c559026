/* SPDX-License-Identifier: Apache-2.0 */

/* sg_csr_parse, and what is done with the parts of a request that passed. */

#include "fuzz/fuzz.h"

#include "x509/chars.h"
#include "x509/csr.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/san_text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sg_buf_scoped text = {0};
	struct sg_csr csr;
	struct sg_err err;
	if (sg_csr_parse(sg_slice(data, len), &csr, &err) != SG_OK) {
		if (err.rule == NULL || err.text[0] == '\0')
			abort();
		return 0;
	}
	if (sg_name_check(csr.subject, NULL) != SG_OK || csr.raw.len != len || csr.sig.len == 0)
		abort();
	if (csr.challenge_fault.code != SG_OK && (csr.has_challenge || csr.challenge.len > 0))
		abort();
	if (csr.has_challenge &&
	    sg_string_to_utf8(csr.challenge_tag, csr.challenge, &text, NULL) != SG_OK)
		abort();
	sg_name_put_text(&text, csr.subject);
	if (!sg_sans_equal(&csr.exts.sans, &csr.exts.sans))
		abort();
	for (size_t i = 0; i < csr.exts.sans.n; i++)
		sg_san_put_text(&text, &csr.exts.sans.item[i]);
	return 0;
}
