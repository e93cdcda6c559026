/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fuzz_query.c - the bodies of CertPoll, GetCert and GetCRL; and what a server said it can do.
 * What is read is written again as the same bytes.
 */

#include "fuzz/fuzz.h"

#include "base/limits.h"
#include "scep/caps.h"
#include "scep/query.h"
#include "x509/name.h"
#include "x509/name_text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_slice input = sg_slice(data, len), issuer, other;
	sg_buf_scoped b = {0}, c = {0}, text = {0};
	struct sg_err err = {0};

	if (sg_scep_issuer_subject_parse(input, &issuer, &other, &err) == SG_OK) {
		sg_scep_issuer_subject_put(&b, issuer, other);
		require(sg_slice_eq(input, sg_buf_slice(&b)));
		sg_name_put_text(&text, issuer);
		sg_ignore(sg_name_equal(issuer, other));
	} else {
		require(err.rule != NULL);
	}
	if (sg_scep_issuer_serial_parse(input, &issuer, &other, &err) == SG_OK) {
		require(other.len > 0 && other.len <= SG_SERIAL_MAX);
		sg_scep_issuer_serial_put(&c, issuer, other);
		require(sg_slice_eq(input, sg_buf_slice(&c)));
	}
	sg_buf_reset(&b);
	uint32_t caps = sg_scep_caps_parse(input);
	sg_scep_caps_put(&b, caps);
	require(sg_scep_caps_parse(sg_buf_slice(&b)) == caps);
	return 0;
}
