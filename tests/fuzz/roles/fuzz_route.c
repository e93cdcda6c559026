/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A request target, split at its first "?": what is named lies in it, and writing the path
 * otherwise (each letter in the other case, each slash twice, another tail) names the same.
 */

#include "fuzz/fuzz.h"

#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "roles/front/route.h"

static bool
inside(struct sg_slice s, struct sg_slice of)
{
	return s.len == 0 || (s.p >= of.p && s.p + s.len <= of.p + of.len);
}

static void
check_path(struct sg_slice path)
{
	struct sg_slice name, again;
	sg_buf_scoped other = {.max = 2 * path.len + 32};

	enum front_place place = front_route_path(path, &name);
	require(place != FRONT_AT_ENDPOINT || name.len > 0);
	require(place != FRONT_AT_ENDPOINT || sg_slice_is(name, "default") || inside(name, path));
	require(memchr(name.p, '/', name.len) == NULL);
	for (size_t i = 0; i < path.len; i++) {
		uint8_t c = path.p[i];
		if (c == '/')
			sg_buf_puts(&other, "/");
		sg_buf_put_u8(&other, sg_ascii_is_letter(c) ? c ^ 0x20u : (unsigned)c);
	}
	if (place == FRONT_AT_ENDPOINT)
		sg_buf_puts(&other, "/pkiclient.exe/");
	require(front_route_path(sg_buf_slice(&other), &again) == place);
	require(place != FRONT_AT_ENDPOINT || sg_ascii_same(name, again));
}

static void
check_query(struct sg_slice query)
{
	struct front_query q, twice;
	struct sg_err err;
	sg_buf_scoped both = {.max = 2 * query.len + 1};

	if (front_route_query(query, &q, &err) != SG_OK) {
		require(strcmp(err.rule, "http.query.operation") == 0);
		return;
	}
	require(inside(q.message, query));
	sg_buf_put_slice(&both, query);
	sg_buf_puts(&both, "&");
	sg_buf_put_slice(&both, query);
	require(front_route_query(sg_buf_slice(&both), &twice, NULL) == SG_OK);
	require(twice.operation == q.operation && sg_slice_eq(twice.message, q.message));
	require(twice.messages_differ == q.messages_differ);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *mark = len > 0 ? memchr(data, '?', len) : NULL;
	size_t n = mark != NULL ? (size_t)(mark - data) : len;

	check_path(sg_slice(data, n));
	if (mark != NULL)
		check_query(sg_slice(mark + 1, len - n - 1));
	return 0;
}
