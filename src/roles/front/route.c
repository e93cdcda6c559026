/* SPDX-License-Identifier: Apache-2.0 */

/*
 * route.c - from the URL of a request to the endpoint and the operation that it names
 *
 * scep.c calls it first for every request.
 */

#include "roles/front/route.h"

#include "base/ascii.h"
#include "http/url.h"

/* The next segment of a path, or an empty one at its end. */
static struct sg_slice
next_segment(struct sg_slice *path)
{
	size_t begin = 0;
	while (begin < path->len && path->p[begin] == '/')
		begin++;
	size_t end = begin;
	while (end < path->len && path->p[end] != '/')
		end++;
	struct sg_slice segment = sg_slice(path->p + begin, end - begin);
	*path = sg_slice(path->p + end, path->len - end);
	return segment;
}

/* Nothing, or what Windows and Cisco put after every path. */
static bool
is_tail(struct sg_slice segment, struct sg_slice rest)
{
	while (sg_http_escaped_is(segment, "pkiclient.exe"))
		segment = next_segment(&rest);
	return segment.len == 0;
}

enum front_place
front_route_path(struct sg_slice path, struct sg_slice *ret_endpoint)
{
	struct sg_slice rest = path;
	struct sg_slice root = next_segment(&rest), next = next_segment(&rest);

	*ret_endpoint = sg_slice_str("default");
	if (sg_http_escaped_is(root, "scep")) {
		if (!is_tail(next, rest)) {
			*ret_endpoint = next;
			next = next_segment(&rest);
		}
	} else if (sg_http_escaped_is(root, "cgi-bin")) {
		if (!sg_http_escaped_is(next, "pkiclient.exe"))
			return FRONT_NOWHERE;
	} else if (sg_http_escaped_is(root, "certsrv")) {
		if (sg_http_escaped_is(next, "mscep_admin"))
			return FRONT_AT_ADMIN;
		if (!sg_http_escaped_is(next, "mscep"))
			return FRONT_NOWHERE;
		next = next_segment(&rest);
		if (sg_http_escaped_is(next, "mscep.dll"))
			next = next_segment(&rest);
	} else {
		bool health = sg_http_escaped_is(root, "health") && next.len == 0;
		return health ? FRONT_AT_HEALTH : FRONT_NOWHERE;
	}
	return is_tail(next, rest) ? FRONT_AT_ENDPOINT : FRONT_NOWHERE;
}

/* How many bytes at the beginning are white space, encoded or not. */
static size_t
space_at(struct sg_slice v)
{
	static const char *const encoded[] = {"%20", "%09", "%0a", "%0d"};
	if (v.len > 0 && v.p[0] == '+')
		return 1;
	for (size_t i = 0; i < sizeof encoded / sizeof *encoded; i++)
		if (sg_ascii_starts(v, encoded[i]))
			return 3;
	return 0;
}

static struct sg_slice
trim(struct sg_slice v)
{
	size_t n;
	while ((n = space_at(v)) > 0)
		v = sg_slice(v.p + n, v.len - n);
	do {
		v.len -= n;
		n = v.len > 0 ? space_at(sg_slice(v.p + v.len - 1, 1)) : 0;
		if (n == 0 && v.len > 2)
			n = space_at(sg_slice(v.p + v.len - 3, 3)) == 3 ? 3 : 0;
	} while (n > 0);
	return v;
}

static enum front_operation
operation_of(struct sg_slice value)
{
	if (sg_http_escaped_is(value, "GetCACaps"))
		return FRONT_OP_CACAPS;
	if (sg_http_escaped_is(value, "GetCACert"))
		return FRONT_OP_CACERT;
	return sg_http_escaped_is(value, "PKIOperation") ? FRONT_OP_PKI : FRONT_OP_UNKNOWN;
}

enum sg_code
front_route_query(struct sg_slice query, struct front_query *ret, struct sg_err *err)
{
	struct sg_slice name, value, unknown = {0};

	*ret = (struct front_query){0};
	while (sg_http_query_next(&query, &name, &value)) {
		if (sg_http_escaped_is(name, "message")) {
			if (ret->message.len == 0)
				ret->message = value;
			else if (value.len > 0 && !sg_slice_eq(value, ret->message))
				ret->messages_differ = true;
			continue;
		}
		value = trim(value);
		if (!sg_http_escaped_is(name, "operation") || value.len == 0)
			continue;
		enum front_operation operation = operation_of(value);
		if (ret->operation != FRONT_OP_NONE &&
		    (ret->operation != operation ||
			(operation == FRONT_OP_UNKNOWN && !sg_slice_eq(value, unknown))))
			return sg_fail(err, SG_E_MALFORMED, "http.query.operation",
			    "the URL names two operations");
		ret->operation = operation;
		unknown = value;
	}
	return SG_OK;
}
