/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/parse.h - the strict reader of HTTP/1 requests: head, body framing, chunks
 *
 * What two readers could understand differently is refused (RFC 9112 section 11.2), and
 * after a refusal the connection is closed: folded fields, two Content-Lengths, one with
 * Transfer-Encoding, bare LF, controls, signs and spaces in numbers, spaces before ':'.
 *
 * Ownership: the head lends slices of the caller's buffer; nothing is allocated.
 * Limits:    struct sg_http_rules, by default those of base/limits.h.
 * Security:  input is hostile. Time is linear in the bytes that arrive, however they are
 *            cut; the verdict does not depend on how they are cut.
 * Threads:   no shared state.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum sg_http_method {
	SG_HTTP_NONE = 0,
	SG_HTTP_GET = 1,
	SG_HTTP_HEAD = 2,
	SG_HTTP_POST = 3,
	SG_HTTP_PUT = 4,
	SG_HTTP_PATCH = 5,
	SG_HTTP_DELETE = 6,
	SG_HTTP_OPTIONS = 7,
	SG_HTTP_TRACE = 8,
	SG_HTTP_CONNECT = 9,
};

#define SG_HTTP_ALLOW(method) (1u << (method))

struct sg_http_rules {
	unsigned methods; /* SG_HTTP_ALLOW(...) of those accepted; other known ones: 405 */
	size_t line_max;  /* request line and each field, without CR LF */
	size_t head_max;
	unsigned fields_max;
	uint64_t body_max;
	/* POST, PUT and PATCH without a length have no body (RFC 9112 6.3). Otherwise it is asked
	 * for (411): what a device sends has one, and lost it on the way. */
	bool lengthless;
};

/* GET, HEAD and POST, and the limits of base/limits.h. */
struct sg_http_rules
sg_http_rules_default(void);

enum sg_http_got {
	SG_HTTP_MORE, /* valid so far, not complete */
	SG_HTTP_DONE,
	SG_HTTP_BAD, /* refused: see status and err; close the connection */
};

/* One complete request head. Slices point into the caller's buffer. */
struct sg_http_head {
	enum sg_http_method method;
	int minor; /* HTTP/1.minor: 0 or 1 */
	bool has_query;
	bool keep_alive;      /* what the client asks for, by version and Connection */
	bool expect_continue; /* it waits for 100 before it sends the body */
	bool chunked;
	uint64_t length; /* of the body when not chunked */
	struct sg_slice method_text;
	struct sg_slice target; /* as received */
	struct sg_slice path;	/* as received, percent-encoded; starts with '/' (or is "*") */
	struct sg_slice query;	/* after the first '?', as received */
	struct sg_slice host;	/* of an absolute target, else of Host; empty in HTTP/1.0 without */
	struct sg_slice fields; /* the raw field lines, for sg_http_field() */
	size_t head_len;	/* bytes of the whole head */
};

struct sg_http_span {
	uint32_t off, len;
};

/* Progress inside one head; zeroed to begin with. Fields are private but for status. */
struct sg_http_parser {
	int status; /* HTTP status of a refusal */
	uint32_t pos, scan;
	unsigned fields;
	unsigned seen;
	enum sg_http_method method;
	int minor;
	bool line_done, has_query, chunked, keep, close, expect;
	uint64_t length;
	struct sg_http_span method_text, target, path, query, host, first;
};

/*
 * Look at the head that begins at data[0]. Call again with the same bytes and more
 * after them (the buffer may have moved) until it is no longer SG_HTTP_MORE.
 * SG_HTTP_DONE fills *ret_head; SG_HTTP_BAD sets p->status and err, whose code is
 * SG_E_MALFORMED or SG_E_LIMIT and whose rule is "http....". The rest of a refused head
 * is not looked at, but what is known of the request line is in sg_http_parser_seen().
 */
enum sg_http_got
sg_http_parse_head(struct sg_http_parser *p, const struct sg_http_rules *rules, const uint8_t *data,
    size_t len, struct sg_http_head *ret_head, struct sg_err *err);

/* For the log of a refused request: method, target, path and query as far as they were read. */
void
sg_http_parser_seen(
    const struct sg_http_parser *p, const uint8_t *data, struct sg_http_head *ret_head);

/* The value of the first field of this name (any case), without surrounding white space;
 * an empty slice with p NULL when absent. Linear in the head. */
struct sg_slice
sg_http_field(struct sg_slice fields, const char *name);

/* The same for a field that may stand there several times: the value of the next, and *fields is
 * what comes after it; false: no more. */
bool
sg_http_field_next(struct sg_slice *fields, const char *name, struct sg_slice *ret);

/* Progress inside a chunked body; zeroed to begin with. */
struct sg_http_chunks {
	int status;
	int state;
	uint64_t left;
	uint64_t total;
	uint32_t line;	/* bytes of the size line or trailer line so far */
	uint32_t extra; /* bytes of extensions and trailers so far */
	unsigned fields;
	unsigned digits;
	char name[24]; /* beginning of a trailer's name */
};

/*
 * Decode what arrived; content is appended to out (at most rules->body_max in all).
 * *ret_used says how many bytes of data were consumed: all of them unless SG_HTTP_DONE
 * (the rest belongs to the next request) or SG_HTTP_BAD. Trailers are checked and dropped.
 */
enum sg_http_got
sg_http_parse_chunks(struct sg_http_chunks *c, const struct sg_http_rules *rules,
    struct sg_slice data, struct sg_buf *out, size_t *ret_used, struct sg_err *err);

/* "Not Found"; "Unknown" for statuses that we never send. */
const char *
sg_http_reason(int status);
/* "GET"; "-" for NONE. */
const char *
sg_http_method_name(enum sg_http_method method);
/* Append the field of an answer 405 or to OPTIONS, "Allow: GET, POST" and CR LF, from
 * SG_HTTP_ALLOW(...) of each. */
void
sg_http_put_allow(struct sg_buf *b, unsigned allowed);
