/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/url.h - queries: taking parameters out of one, putting them after a URL
 *
 * Threads: no shared state.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct sg_http_param {
	const char *name;      /* written as it is: ours */
	struct sg_slice value; /* any bytes: percent-encoded */
};

/*
 * The value of the first parameter of this name (exact case, any case with any_case),
 * still encoded. SG_E_NOTFOUND ("http.query.absent") when there is none,
 * SG_E_MALFORMED ("http.query.twice") when there are several.
 */
SG_RC
sg_http_query_get(struct sg_slice query, const char *name, bool any_case, struct sg_slice *ret,
    struct sg_err *err);

/*
 * Undo percent-encoding. '+' stays '+' unless plus_is_space. A '%' without two hex digits
 * is SG_E_MALFORMED ("http.escape").
 */
SG_RC
sg_http_unescape(struct sg_slice text, bool plus_is_space, struct sg_buf *out, struct sg_err *err);

/* RFC 3986 unreserved characters stay, everything else becomes %XX. */
void
sg_http_escape(struct sg_buf *b, struct sg_slice s);

/* SG_E_MALFORMED ("http.url") unless it is http:// or https:// with a host, of printable ASCII
 * without spaces, and without a fragment. */
SG_RC
sg_http_url_check(struct sg_slice url, struct sg_err *err);

/*
 * Append the URL with the parameters after its path, after '?' or, when it already has a
 * query, '&'. The URL is checked as by sg_http_url_check().
 */
SG_RC
sg_http_url_add(struct sg_slice url, const struct sg_http_param *params, size_t n,
    struct sg_buf *out, struct sg_err *err);
