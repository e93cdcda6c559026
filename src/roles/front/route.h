/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/route.h - what the URL of a request names: an endpoint, an operation, a message
 *
 * Pure: path and query in, slices of them out. Letter case and percent-encoding do not matter, a
 * run of slashes is one, "/pkiclient.exe" at the end may stand any number of times. An encoded
 * slash is no slash and dots are names like others, so that a proxy and we cannot understand a path
 * in two ways; none is ever a path of the file system.
 */

#include "base/err.h"
#include "base/slice.h"

enum front_place {
	FRONT_NOWHERE,
	FRONT_AT_ENDPOINT,
	FRONT_AT_ADMIN,	 /* NDES's page of challenges, which people look for */
	FRONT_AT_HEALTH, /* of load balancers; not /scep/health, which is an endpoint's */
};

enum front_operation {
	FRONT_OP_NONE,
	FRONT_OP_UNKNOWN,
	FRONT_OP_CACAPS,
	FRONT_OP_CACERT,
	FRONT_OP_PKI,
};

struct front_query {
	enum front_operation operation;
	struct sg_slice message; /* its value, still encoded; empty: none */
	bool messages_differ;	 /* there are several, and this is the first */
};

/* *ret_endpoint: of FRONT_AT_ENDPOINT, a name as it is in the URL, for sg_http_escaped_is(); no
 * endpoint need have it. */
enum front_place
front_route_path(struct sg_slice path, struct sg_slice *ret_endpoint);

/* What is empty counts as absent, and what is said twice in the same way counts once.
 * SG_E_MALFORMED ("http.query.operation") where two operations are named. */
SG_RC
front_route_query(struct sg_slice query, struct front_query *ret, struct sg_err *err);
