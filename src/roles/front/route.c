/* SPDX-License-Identifier: Apache-2.0 */

/*
 * route.c - from the URL of a request to the endpoint and the operation that it names
 *
 * scep.c calls it first for every request.
 */

#include "roles/front/route.h"

#include <string.h>

#include "base/ascii.h"
#include "http/url.h"

/* Take a prefix of the path off, letter case ignored (IIS does). */
static bool
strip(struct sg_slice *path, const char *prefix)
{
	size_t len = strlen(prefix);
	if (!sg_ascii_starts(*path, prefix))
		return false;
	*path = sg_slice(path->p + len, path->len - len);
	return true;
}

/* Nothing, or what Windows and Cisco put after every path. */
static bool
is_tail(struct sg_slice rest)
{
	while (strip(&rest, "/pkiclient.exe"))
		continue;
	return rest.len == 0 || sg_slice_is(rest, "/");
}

struct sg_slice
front_route_endpoint(struct sg_slice path)
{
	struct sg_slice rest = path, standard = sg_slice_str("default"), none = {0};

	if (strip(&rest, "/certsrv/mscep/mscep.dll") || strip(&rest, "/cgi-bin/pkiclient.exe"))
		return is_tail(rest) ? standard : none;
	if (!strip(&rest, "/scep"))
		return none;
	if (is_tail(rest))
		return standard;
	if (rest.p[0] != '/')
		return none;
	size_t len = 1;
	while (len < rest.len && rest.p[len] != '/')
		len++;
	if (!is_tail(sg_slice(rest.p + len, rest.len - len)))
		return none;
	return sg_slice(rest.p + 1, len - 1);
}

enum front_operation
front_route_operation(enum sg_http_method method, struct sg_slice query)
{
	struct sg_slice v;

	if (sg_http_query_get(query, "operation", true, &v, NULL) != SG_OK)
		/* Many clients leave it out when they POST. */
		return method == SG_HTTP_POST ? FRONT_OP_PKI : FRONT_OP_NONE;
	if (sg_ascii_is(v, "GetCACaps"))
		return FRONT_OP_CACAPS;
	if (sg_ascii_is(v, "GetCACert"))
		return FRONT_OP_CACERT;
	return sg_ascii_is(v, "PKIOperation") ? FRONT_OP_PKI : FRONT_OP_UNKNOWN;
}
