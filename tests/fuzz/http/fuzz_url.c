/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/url.h: what is put behind a URL is found there again, whatever its bytes; a query that
 * strangers wrote is taken apart
 */

#include "fuzz/fuzz.h"

#include <string.h>

#include "http/url.h"

/* Strangers' queries. */
static void
take_apart(struct sg_slice query)
{
	struct sg_err err = {.rule = NULL};
	struct sg_slice v;
	sg_buf_scoped plain = {0}, spaced = {0};

	enum sg_code rc = sg_http_query_get(query, "operation", true, &v, &err);
	if (rc == SG_OK)
		require(v.len <= query.len && v.p >= query.p &&
			v.p + v.len <= query.p + query.len && memchr(v.p, '&', v.len) == NULL);
	else
		require(rc == SG_E_NOTFOUND || rc == SG_E_MALFORMED);
	if (sg_http_unescape(query, false, &plain, &err) == SG_OK) {
		require(sg_http_unescape(query, true, &spaced, NULL) == SG_OK);
		require(plain.len == spaced.len && plain.len <= query.len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_slice input = sg_slice(data, len), v;
	sg_buf_scoped escaped = {.max = 4 * len + 16}, back = {.max = len + 16};
	sg_buf_scoped url = {.max = 4 * len + 64}, value = {.max = len + 16};
	struct sg_http_param params[] = {{"first", sg_slice_str("1")}, {"message", input}};

	take_apart(input);
	sg_http_escape(&escaped, input);
	require(sg_http_unescape(sg_buf_slice(&escaped), false, &back, NULL) == SG_OK);
	require(sg_slice_eq(input, sg_buf_slice(&back)));
	/* As a value behind a URL of ours, and as the URL itself. */
	require(sg_http_url_add(sg_slice_str("http://h/scep"), params, 2, &url, NULL) == SG_OK);
	require(sg_http_url_check(sg_buf_slice(&url), NULL) == SG_OK);
	struct sg_slice query = sg_slice(url.p + 14, url.len - 14);
	require(sg_http_query_get(query, "message", false, &v, NULL) == SG_OK);
	require(sg_http_unescape(v, true, &value, NULL) == SG_OK);
	require(sg_slice_eq(input, sg_buf_slice(&value)));
	sg_buf_reset(&url);
	bool good = sg_http_url_check(input, NULL) == SG_OK;
	require((sg_http_url_add(input, params, 1, &url, NULL) == SG_OK) == good);
	require(!good || sg_http_url_check(sg_buf_slice(&url), NULL) == SG_OK);
	return 0;
}
