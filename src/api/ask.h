/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/ask.h - the side that asks: the URL of a question, and a page of a list read
 */

#include "api/route.h"
#include "base/buf.h"
#include "base/err.h"
#include "json/read.h"

/* Beside the parameters of a route's own: those of every list. */
struct sg_api_ask_page {
	bool has_after;
	int64_t after;
	unsigned limit; /* 0: as many as the route gives */
	bool follow;
};

/* Append "http://signet" and path and query. params is a struct of route->params, or NULL; page is
 * NULL but for a list. SG_E_USAGE ("json.bounds", "utf8"): a parameter cannot be such. */
SG_RC
sg_api_put_url(struct sg_buf *b, const struct sg_api_route *route, const void *params,
    const struct sg_api_ask_page *page, struct sg_err *err);

/* What an answer is read with: a role may say more than it may be asked with. */
struct sg_json_limits
sg_api_answer_limits(void);

/* A page of a list: items of route->answer. */
struct sg_api_got {
	struct sg_json_list items;
	bool has_next;
	int64_t next;
};
/* Read it, tolerant. SG_E_MALFORMED, SG_E_LIMIT, SG_E_NOMEM. */
SG_RC
sg_api_read_page(const struct sg_api_route *route, struct sg_slice text, struct sg_json_doc *doc,
    struct sg_api_got *ret, struct sg_err *err);
