/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/params_private.h - the parameters of a route, from a path and a query
 */

#include "api/route.h"
#include "base/err.h"
#include "json/read.h"

/* Parameters that every list has. */
#define SG_API_PAGING_ROWS(R, T)                                                                   \
	R(T, int, optional, limit, (1, SG_API_PAGE_MAX),                                           \
	    "how many items at most, by default 100; with follow: how many of the newest come "    \
	    "before what is new, by default none")                                                 \
	R(T, int, optional, after, (1, SG_JSON_INT_MAX),                                           \
	    "go on after this key, which is next of the page before; with follow: begin after "    \
	    "the "                                                                                 \
	    "item that has it")
SG_JSON_DECLARE(sg_api_paging, SG_API_PAGING_ROWS);
/* And beside them those that can be followed. */
#define SG_API_FOLLOWING_ROWS(R, T)                                                                \
	R(T, bool, optional, follow, (),                                                           \
	    "items as JSON lines, from old to new, and then each that comes, without end")
SG_JSON_DECLARE(sg_api_following, SG_API_FOLLOWING_ROWS);

/* Is this path, as received, of this template? */
bool
sg_api_path_fits(const char *path_template, struct sg_slice path);

struct sg_api_read_params {
	void *params; /* a struct of route->params, zeroed */
	struct sg_api_paging *paging;
	struct sg_api_following *following;
};

/*
 * Read all parameters. They borrow from the doc. SG_E_MALFORMED: the rules of json/read.h, and
 * "api.escape".
 */
SG_RC
sg_api_params_read(const struct sg_api_route *route, struct sg_slice path, struct sg_slice query,
    const struct sg_api_read_params *p, struct sg_json_doc *doc, struct sg_json_fault *fault,
    struct sg_err *err);
