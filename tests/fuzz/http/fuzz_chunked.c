/* SPDX-License-Identifier: Apache-2.0 */

/* A chunked body: whole, and byte by byte, must give the same verdict and the same content. */

#include "fuzz/fuzz.h"

#include <string.h>

#include "http/parse.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_http_rules rules = sg_http_rules_default();
	struct sg_http_chunks whole = {0}, pieces = {0};
	struct sg_err err = {0}, err2 = {0};
	sg_buf_scoped out = {0}, out2 = {0};
	size_t used, used2 = 0;
	rules.body_max = 1000;
	enum sg_http_got got = sg_http_parse_chunks(
	    &whole, &rules, sg_slice(data, len), &out, &used, &err);
	enum sg_http_got got2 = SG_HTTP_MORE;
	for (size_t i = 0; i < len && got2 == SG_HTTP_MORE; i++) {
		size_t n;
		got2 = sg_http_parse_chunks(
		    &pieces, &rules, sg_slice(data + i, 1), &out2, &n, &err2);
		used2 += n;
	}
	require(got == got2 && whole.status == pieces.status && used == used2 && used <= len);
	require(out.len <= rules.body_max && sg_slice_eq(sg_buf_slice(&out), sg_buf_slice(&out2)));
	require(got != SG_HTTP_MORE || used == len);
	if (got == SG_HTTP_BAD)
		require(whole.status >= 400 && strcmp(err.rule, err2.rule) == 0);
	return 0;
}
