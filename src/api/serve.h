/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/serve.h - a question of HTTP to the handler of its route, and the answer back
 *
 * In this order: path (404 "api.path"), method (405 "api.method"), right (403 "api.right"), media
 * type of a body (415 "api.media"), parameters and body by their rows (400), the handler. The same
 * for every transport, which brings the principal and a sink.
 *
 * Security: a question is hostile until it is read. Nothing is known of a path without its right
 *           but that it exists, which the documentation says.
 * Threads:  any number at once; the handler runs in the caller's thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "api/call.h"
#include "base/slice.h"
#include "http/parse.h"

/* Where an answer goes. */
struct sg_api_sink {
	void *arg;
	/* Begin: fields are more field lines, each ending in CR LF; content_type may be NULL.
	 * has_length: length bytes follow, none of them where HEAD was asked; end() says that
	 * all of it was put. HEAD of a file or of what is followed has no length: the handler
	 * of a file is not called. */
	enum sg_code (*begin)(void *arg, int status, const char *content_type, const char *fields,
	    bool has_length, uint64_t length, struct sg_err *err);
	enum sg_code (*put)(void *arg, struct sg_slice piece, struct sg_err *err);
	enum sg_code (*end)(void *arg, struct sg_err *err);
	/* Wait; false: the other side has gone, or this process is about to end. */
	bool (*wait_ms)(void *arg, int64_t ms);
	/* The answer that is about to begin takes as long as its reader wants; a failure is told as
	 * a problem instead. May be NULL. */
	enum sg_code (*stay)(void *arg, struct sg_err *err);
	/* A question was refused, with this status: one of 500 or above belongs into the log. May
	 * be NULL. */
	void (*refused)(void *arg, int status, const struct sg_err *why);
};

struct sg_api_ask {
	enum sg_http_method method;
	struct sg_slice path, query; /* as received */
	bool has_query;
	struct sg_slice content_type;
	struct sg_slice body;
	uint8_t trace[16]; /* of this question: random bytes */
};

/* What one role answers: its rows, and as many handlers. */
struct sg_api {
	const struct sg_api_routes *routes;
	sg_api_handler *const
	    *handler; /* by the numbers of the rows; one that is NULL is our mistake */
};

/*
 * Answer one question, whatever it is. role is the state that handlers get. SG_OK also for a
 * problem: it is an answer. Else the sink failed, or an answer that had begun could not be
 * finished: the connection is to be closed.
 */
SG_RC
sg_api_serve(const struct sg_api *api, const struct sg_api_ask *ask,
    const struct sg_api_principal *who, void *role, const struct sg_api_sink *sink,
    struct sg_err *err);
