/* SPDX-License-Identifier: Apache-2.0 */

/* A request head: whole, and byte by byte, must give the same verdict and the same parts. */

#include "fuzz/fuzz.h"

#include <string.h>

#include "http/parse.h"
#include "http/url.h"

static bool
inside(struct sg_slice s, const uint8_t *data, size_t len)
{
	return s.len == 0 || sg_slice_is(s, "/") || (s.p >= data && s.p + s.len <= data + len);
}

static void
check_parts(const struct sg_http_head *h, const uint8_t *data, size_t len)
{
	struct sg_slice query = h->query, name, value;
	require(h->head_len <= len);
	require(inside(h->path, data, len) && inside(h->query, data, len));
	require(inside(h->host, data, len) && inside(h->fields, data, len));
	require(h->method != SG_HTTP_NONE && h->path.len > 0 && h->minor <= 1);
	require(h->minor == 0 || h->host.len > 0);
	require(inside(sg_http_field(h->fields, "host"), data, len));
	require(inside(sg_http_field(h->fields, "no-such-field"), data, len));
	while (sg_http_query_next(&query, &name, &value)) {
		sg_buf_scoped out = {0};
		require(inside(name, data, len) && inside(value, data, len));
		sg_ignore(sg_http_unescape(value, true, &out, NULL));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_http_rules rules = sg_http_rules_default();
	struct sg_http_parser whole = {0}, pieces = {0};
	struct sg_http_head head, head2, seen;
	struct sg_err err = {0}, err2 = {0};
	/* The first byte chooses small limits, so that they are met. */
	if (len > 0 && (data[0] & 0x80) != 0) {
		rules.line_max = 64 + (data[0] & 0x3f);
		rules.head_max = 200;
		rules.fields_max = 5;
		rules.methods = ~0u;
		data++;
		len--;
	}
	enum sg_http_got got = sg_http_parse_head(&whole, &rules, data, len, &head, &err);
	enum sg_http_got got2 = SG_HTTP_MORE;
	size_t step = len / 4096 + 1;
	for (size_t n = 0; got2 == SG_HTTP_MORE && n <= len;
	     n += n + step > len && n < len ? len - n : step)
		got2 = sg_http_parse_head(&pieces, &rules, data, n, &head2, &err2);
	require(got == got2 && whole.status == pieces.status);
	sg_http_parser_seen(&whole, data, &seen);
	require(inside(seen.path, data, len) && inside(seen.target, data, len));
	if (got == SG_HTTP_DONE) {
		check_parts(&head, data, len);
		require(sg_slice_eq(head.path, head2.path) && sg_slice_eq(head.query, head2.query));
		require(head.length == head2.length && head.chunked == head2.chunked);
		require(head.head_len == head2.head_len);
	}
	if (got == SG_HTTP_BAD)
		require(
		    whole.status >= 400 && err.rule != NULL && strcmp(err.rule, err2.rule) == 0);
	return 0;
}
