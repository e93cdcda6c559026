/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/client.h - one HTTP exchange at a time, blocking, on libcurl
 *
 * No redirect is followed, no proxy or other setting is taken from the environment, no
 * cookie, no compression, http and https only. Over TCP or a Unix socket; an answer is kept whole
 * or handed on as it comes.
 *
 * Limits:   answer and time as the call says.
 * Security: the answer is hostile. TLS verifies the server against ca_file or the system's
 *           roots; there is no switch to leave that out.
 * Threads:  a client belongs to one thread at a time; clients are independent.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct sg_http_client;
struct sg_http_reply;

/* A piece of an answer's body, in order; reply has its head. A failure ends the exchange with it.
 */
typedef enum sg_code
sg_http_piece(
    void *arg, const struct sg_http_reply *reply, struct sg_slice piece, struct sg_err *err);

struct sg_http_call {
	const char *url;
	bool post;
	const char *content_type;  /* of the body; NULL: none */
	struct sg_slice body;	   /* sent when post */
	const char *const *fields; /* more fields, "Name: value", ended by NULL; or NULL */
	size_t answer_max;	   /* 0: SG_HTTP_ANSWER_MAX */
	int64_t timeout_ms;	   /* of the whole exchange; 0: 30 s */
	const char *unix_path;	   /* of the socket that is asked, whatever the URL's host is;
				    * NULL: the host */
	sg_http_piece *piece;	   /* gets the body of an answer of 200, which is then in no
				    * reply and bounded by nothing; NULL: the reply has it */
	void *piece_arg;
	int64_t idle_ms;   /* instead of timeout_ms: the longest silence; 0: timeout_ms counts */
	const char *proxy; /* "http://host:port"; NULL: none */
	const char *user_agent;		  /* NULL: "signet" */
	const char *ca_file;		  /* PEM; NULL: the system's */
	const char *cert_file, *key_file; /* client certificate, PEM; NULL: none */
};

/* Zeroed to begin with; released with sg_http_reply_clear(). */
struct sg_http_reply {
	int status;
	char content_type[128]; /* lower case, without parameters; "" when absent or too long */
	char retry_after[64];
	int64_t length; /* Content-Length; -1 without */
	struct sg_buf body;
};

SG_RC
sg_http_client_new(struct sg_http_client **ret, struct sg_err *err);
void
sg_http_client_free(struct sg_http_client **clientp);

/*
 * Send and receive; connections are kept for the next call of this client. Any HTTP status
 * is SG_OK. Texts name the host, what failed, and what to do.
 *
 * SG_E_USAGE    "http.url"; "http.client.option": a CA, certificate or key file; "http.client.path"
 * SG_E_DENIED   "http.client.connect": the socket is another user's
 * SG_E_IO       "http.client.resolve", ".connect", ".tls", ".broken" (not HTTP, cut short)
 * SG_E_TIMEOUT  "http.client.timeout"
 * SG_E_LIMIT    "http.client.size"
 */
SG_RC
sg_http_client_call(struct sg_http_client *client, const struct sg_http_call *call,
    struct sg_http_reply *ret, struct sg_err *err);
/* What is kept of one line of an answer's head, with or without its line end; apart from the
 * exchange so that it can be tested with any bytes. */
void
sg_http_reply_line(struct sg_http_reply *reply, struct sg_slice line);
/* Seconds that a Retry-After asks for, a number or a date (RFC 9110 10.2.3); -1: neither. */
int64_t
sg_http_retry_after(const char *text, int64_t now);
void
sg_http_reply_clear(struct sg_http_reply *reply);
#define sg_http_reply_scoped __attribute__((cleanup(sg_http_reply_clear))) struct sg_http_reply
