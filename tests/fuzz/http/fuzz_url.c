/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/url.h: what is put behind a URL is found there again, whatever its bytes; a query that
 * strangers wrote is read
 */

#include "fuzz/fuzz.h"

#include <string.h>

#include "http/url.h"

/* Strangers' queries. */
static void
read_query(struct sg_slice query)
{
	struct sg_slice rest = query, name, v;
	sg_buf_scoped plain = {0}, spaced = {0};

	while (sg_http_query_next(&rest, &name, &v)) {
		require(name.p >= query.p && v.p >= name.p + name.len);
		require(v.p + v.len <= query.p + query.len && rest.p >= v.p + v.len);
		require(v.len == 0 || memchr(v.p, '&', v.len) == NULL);
	}
	if (sg_http_unescape(query, false, &plain, NULL) == SG_OK) {
		bool is_text = plain.len == 0 || memchr(plain.p, 0, plain.len) == NULL;
		require(!is_text || sg_http_escaped_is(query, sg_buf_text(&plain)));
		require(sg_http_unescape(query, true, &spaced, NULL) == SG_OK);
		require(plain.len == spaced.len && plain.len <= query.len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_slice input = sg_slice(data, len), name, v, end;
	sg_buf_scoped escaped = {.max = 4 * len + 16}, back = {.max = len + 16};
	sg_buf_scoped url = {.max = 4 * len + 64}, value = {.max = len + 16};
	struct sg_http_param params[] = {{"first", sg_slice_str("1")}, {"message", input}};

	read_query(input);
	sg_http_escape(&escaped, input);
	require(sg_http_unescape(sg_buf_slice(&escaped), false, &back, NULL) == SG_OK);
	require(sg_slice_eq(input, sg_buf_slice(&back)));
	/* As a value behind a URL of ours, and as the URL itself. */
	require(sg_http_url_add(sg_slice_str("http://h/scep"), params, 2, &url, NULL) == SG_OK);
	require(sg_http_url_check(sg_buf_slice(&url), NULL) == SG_OK);
	struct sg_slice query = sg_slice(url.p + 14, url.len - 14);
	require(sg_http_query_next(&query, &name, &v) && sg_slice_is(name, "first"));
	require(sg_http_query_next(&query, &name, &v) && sg_slice_is(name, "message"));
	require(!sg_http_query_next(&query, &name, &end));
	require(sg_http_unescape(v, true, &value, NULL) == SG_OK);
	require(sg_slice_eq(input, sg_buf_slice(&value)));
	sg_buf_reset(&url);
	bool good = sg_http_url_check(input, NULL) == SG_OK;
	require((sg_http_url_add(input, params, 1, &url, NULL) == SG_OK) == good);
	require(!good || sg_http_url_check(sg_buf_slice(&url), NULL) == SG_OK);
	return 0;
}
