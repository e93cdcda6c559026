/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/url.h - queries: reading the parameters of one, putting them after a URL
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
 * The next parameter of a query, still encoded; *query goes on after it. A parameter without '='
 * has an empty value, empty parameters are passed over. False: there are no more. Parameters end
 * with '&', and with '?', since there are clients that append "?operation=..." to whatever URL they
 * have.
 */
bool
sg_http_query_next(struct sg_slice *query, struct sg_slice *ret_name, struct sg_slice *ret_value);

/* Does a percent-encoded text stand for this word, but for the case of letters? Not where a '%' is
 * without two hexadecimal digits. */
bool
sg_http_escaped_is(struct sg_slice text, const char *word);

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
 * query, '&'; parameters of the same names that the URL has are left out. The URL is checked as by
 * sg_http_url_check().
 */
SG_RC
sg_http_url_add(struct sg_slice url, const struct sg_http_param *params, size_t n,
    struct sg_buf *out, struct sg_err *err);
