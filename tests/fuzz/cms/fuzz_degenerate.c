/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fuzz_degenerate.c - a certs-only message, from GetCACert or out of an answer; what is
 * read can be written and read again
 */

#include "fuzz/fuzz.h"

#include "cms/degenerate.h"
#include "scep/ra.h"
#include "scep/reply.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sg_degenerate_scoped deg = {0}, again = {0};
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	size_t index = 0;

	if (sg_degenerate_decode(sg_slice(data, len), &deg, &err) != SG_OK)
		return 0;
	if (sg_scep_ra_select(deg.cert, deg.cert_n, NULL, &index, &err) == SG_OK)
		require(index < deg.cert_n);
	sg_degenerate_put(&b, deg.cert, deg.cert_n, deg.crl, deg.crl_n);
	enum sg_code rc = sg_degenerate_decode(sg_buf_slice(&b), &again, &err);
	require(rc == SG_OK);
	require(again.cert_n == deg.cert_n && again.crl_n == deg.crl_n);
	for (size_t i = 0; i < deg.cert_n; i++)
		require(sg_slice_eq(deg.cert[i], again.cert[i]));
	return 0;
}
