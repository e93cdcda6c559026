/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/route.h - which endpoint and which operation a request's URL names
 *
 * Pure: path, query and method in, names out.
 */

#include "base/slice.h"
#include "http/parse.h"

enum front_operation {
	FRONT_OP_NONE,
	FRONT_OP_UNKNOWN,
	FRONT_OP_CACAPS,
	FRONT_OP_CACERT,
	FRONT_OP_PKI,
};

/* The name of an endpoint, which may not exist; empty: the path is not one of SCEP. */
struct sg_slice
front_route_endpoint(struct sg_slice path);
enum front_operation
front_route_operation(enum sg_http_method method, struct sg_slice query);
