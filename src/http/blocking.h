/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/blocking.h - one connection of HTTP/1, read and answered by a thread that waits
 *
 * For a socket whose few callers are worth a thread each; strangers are http/server.h's. The same
 * strict reader, and no other: a whole request, its answer, then the next. An answer has a length
 * or is chunked, and may go on for as long as its reader reads.
 *
 *	while (sg_http_blocking_wait(c) && sg_http_blocking_read(c, &req, &err) == SG_HTTP_DONE)
 *		begin, put ..., end;
 *
 * Ownership: the descriptor is borrowed. A request lends until the next is waited for.
 * Limits:    struct sg_http_blocking_set.
 * Security:  input is hostile. After a refusal nothing more is read but to be dropped.
 * Threads:   one; another may shut the socket down, which ends what this one waits for.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "http/parse.h"

struct sg_http_blocking_set {
	struct sg_http_rules rules;
	int64_t idle_ms;    /* before the first byte of a request */
	int64_t request_ms; /* from there to its last byte */
	int64_t write_ms;   /* who takes nothing for so long has gone */
	int64_t linger_ms;  /* reading on after a refusal, so that it arrives */
};

struct sg_http_blocking;

struct sg_http_blocking_req {
	struct sg_http_head head;
	struct sg_slice body; /* without framing */
};

/* fd: a connected stream socket; it may block or not. */
SG_RC
sg_http_blocking_new(int fd, const struct sg_http_blocking_set *set, struct sg_http_blocking **ret,
    struct sg_err *err);
void
sg_http_blocking_free(struct sg_http_blocking **cp);

/* Wait for the first byte of the next request; false: there will be none. */
bool
sg_http_blocking_wait(struct sg_http_blocking *c);
/*
 * Read the request that begins there. SG_HTTP_MORE: the other side went away in the middle.
 * SG_HTTP_BAD: err says why, sg_http_blocking_status() how to answer, after which the connection is
 * to be closed; "http.head.slow" and "http.body.slow" among the reasons of http/parse.h.
 */
enum sg_http_got
sg_http_blocking_read(
    struct sg_http_blocking *c, struct sg_http_blocking_req *ret, struct sg_err *err);
int
sg_http_blocking_status(const struct sg_http_blocking *c);

/*
 * Begin the answer to what was read or refused. has_length: length bytes follow; else the body is
 * chunked, or to HTTP/1.0 ends with the connection. fields are more field lines, each ending in
 * CR LF; they and content_type may be NULL. To HEAD what is put is dropped. Pieces are gathered
 * until there are many, or until end or wait_ms.
 * SG_E_IO "http.blocking.gone", SG_E_TIMEOUT "http.blocking.slow", SG_E_NOMEM; SG_E_INTERNAL
 * "http.blocking.length": more or less was put than was said.
 */
SG_RC
sg_http_blocking_begin(struct sg_http_blocking *c, int status, const char *content_type,
    const char *fields, bool has_length, uint64_t length, struct sg_err *err);
SG_RC
sg_http_blocking_put(struct sg_http_blocking *c, struct sg_slice piece, struct sg_err *err);
SG_RC
sg_http_blocking_end(struct sg_http_blocking *c, struct sg_err *err);
/* Inside an answer: send what was put, and wait. False: the other side has gone. */
bool
sg_http_blocking_wait_ms(struct sg_http_blocking *c, int64_t ms);
/* Before an answer begins: it is the last of the connection. */
void
sg_http_blocking_last(struct sg_http_blocking *c);
/* After an answer: may another request follow? */
bool
sg_http_blocking_keeps(const struct sg_http_blocking *c);
/* Before the descriptor is closed though not all was read: else the other side, which still sends,
 * might not read what it was told. */
void
sg_http_blocking_linger(struct sg_http_blocking *c);
