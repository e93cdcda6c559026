/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/blocking.c - a connection at a control socket: bytes become requests, answers become bytes
 *
 * Between the socket and service/control.c, which says what is answered to whom. Every wait has an
 * end: poll() before each read and after a send that took nothing.
 */

#include "http/blocking.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "http/date.h"

#define READ_MAX 16384u	   /* at once */
#define PENDING_MAX 16384u /* of a body, before it is sent */

struct sg_http_blocking {
	int fd;
	struct sg_http_blocking_set set;
	bool eof;

	/* The request: its head, its body where that has a length, and what came behind them. */
	struct sg_buf in;
	struct sg_buf body; /* of a chunked request */
	size_t used;	    /* bytes of in that belong to the request */
	struct sg_http_parser parser;
	struct sg_http_head head;
	int status; /* of a refusal */

	/* The answer. */
	bool begun, keep, head_only, chunked, has_length;
	uint64_t left;	       /* of its length */
	struct sg_buf pending; /* of its body, not framed yet */
	struct sg_buf out;
};

enum sg_code
sg_http_blocking_new(int fd, const struct sg_http_blocking_set *set, struct sg_http_blocking **ret,
    struct sg_err *err)
{
	struct sg_http_blocking *c = sg_alloc(sizeof *c);

	if (c == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "no memory for a connection");
	c->fd = fd;
	c->set = *set;
	/* The largest request, and what one read brings behind it. */
	c->in.max = set->rules.head_max + (size_t)set->rules.body_max + 2 * READ_MAX;
	c->body.max = (size_t)set->rules.body_max;
	*ret = c;
	return SG_OK;
}

void
sg_http_blocking_free(struct sg_http_blocking **cp)
{
	struct sg_http_blocking *c = *cp;

	if (c == NULL)
		return;
	sg_buf_clear(&c->in);
	sg_buf_clear(&c->body);
	sg_buf_clear(&c->pending);
	sg_buf_clear(&c->out);
	sg_free(c);
	*cp = NULL;
}

/* --- reading --- */

/* Until the descriptor can do it, or has failed: what is tried next says how. False: it is late,
 * also for who sends without end. */
static bool
wait_for(int fd, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		int64_t left = deadline - sg_clock_mono_ms();
		if (left < 0)
			return false;
		int n = poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left);
		if (n > 0)
			return true;
		if (n == 0 || errno != EINTR)
			return false;
	}
}

enum came { CAME_BYTES, CAME_END, CAME_LATE, CAME_NO_MEMORY };

static enum came
read_more(struct sg_http_blocking *c, int64_t deadline)
{
	if (c->eof)
		return CAME_END;
	if (!wait_for(c->fd, POLLIN, deadline))
		return CAME_LATE;
	uint8_t *p = sg_buf_extend(&c->in, READ_MAX);
	if (p == NULL)
		return CAME_NO_MEMORY;
	ssize_t n = read(c->fd, p, READ_MAX);
	c->in.len -= READ_MAX - (n > 0 ? (size_t)n : 0);
	if (n > 0)
		return CAME_BYTES;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return CAME_BYTES;
	c->eof = true;
	return CAME_END;
}

bool
sg_http_blocking_wait(struct sg_http_blocking *c)
{
	sg_buf_consume(&c->in, c->used);
	sg_buf_clear(&c->body);
	c->body.max = (size_t)c->set.rules.body_max;
	c->used = 0;
	int64_t deadline = sg_clock_mono_ms() + c->set.idle_ms;
	while (c->in.len == 0)
		if (read_more(c, deadline) != CAME_BYTES)
			return false;
	return true;
}

static enum sg_http_got
refuse(struct sg_http_blocking *c, int status, enum sg_code code)
{
	sg_ignore(code == SG_OK);
	c->status = status;
	return SG_HTTP_BAD;
}

/* Nothing more came of a head or body: what that means. */
static enum sg_http_got
stopped(struct sg_http_blocking *c, enum came came, bool body, struct sg_err *err)
{
	if (came == CAME_END)
		return SG_HTTP_MORE;
	if (came == CAME_NO_MEMORY)
		return refuse(c, 503, sg_buf_check(&c->in, err));
	return refuse(c, 408,
	    sg_fail(err, SG_E_TIMEOUT, body ? "http.body.slow" : "http.head.slow",
		"the %s came too slowly", body ? "body" : "head"));
}

static enum sg_http_got
read_head(struct sg_http_blocking *c, int64_t deadline, struct sg_err *err)
{
	c->parser = (struct sg_http_parser){0};
	for (;;) {
		enum sg_http_got got = sg_http_parse_head(
		    &c->parser, &c->set.rules, c->in.p, c->in.len, &c->head, err);
		if (got == SG_HTTP_DONE)
			return got;
		if (got == SG_HTTP_BAD) {
			sg_http_parser_seen(&c->parser, c->in.p, &c->head);
			return refuse(c, c->parser.status, SG_OK);
		}
		enum came came = read_more(c, deadline);
		if (came == CAME_BYTES)
			continue;
		/* Not what the request before it was: a refusal of HEAD has no body. */
		sg_http_parser_seen(&c->parser, c->in.p, &c->head);
		return stopped(c, came, false, err);
	}
}

/* What is decoded goes out of in at once: a body may be framed byte by byte. */
static enum sg_http_got
read_chunks(struct sg_http_blocking *c, int64_t deadline, struct sg_err *err)
{
	struct sg_http_chunks chunks = {0};

	for (;;) {
		uint8_t *p = c->in.p + c->used;
		size_t len = c->in.len - c->used, took = 0;
		enum sg_http_got got = sg_http_parse_chunks(
		    &chunks, &c->set.rules, sg_slice(p, len), &c->body, &took, err);
		memmove(p, p + took, len - took);
		c->in.len -= took;
		if (got == SG_HTTP_DONE)
			return got;
		if (got == SG_HTTP_BAD)
			return refuse(c, chunks.status, SG_OK);
		enum came came = read_more(c, deadline);
		if (came != CAME_BYTES)
			return stopped(c, came, true, err);
	}
}

static enum sg_code
send_all(struct sg_http_blocking *c, struct sg_slice bytes, struct sg_err *err)
{
	while (bytes.len > 0) {
		ssize_t n = send(c->fd, bytes.p, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			bytes = sg_slice(bytes.p + n, bytes.len - (size_t)n);
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return sg_fail(err, SG_E_IO, "http.blocking.gone", "who asked has gone: %s",
			    strerror(errno));
		else if (!wait_for(c->fd, POLLOUT, sg_clock_mono_ms() + c->set.write_ms))
			return sg_fail(err, SG_E_TIMEOUT, "http.blocking.slow",
			    "who asked does not read the answer");
	}
	return SG_OK;
}

static enum sg_http_got
read_body(struct sg_http_blocking *c, int64_t deadline, struct sg_err *err)
{
	bool body = c->head.chunked || c->head.length > 0;

	c->used = c->head.head_len;
	if (body && c->head.expect_continue && c->in.len == c->used &&
	    send_all(c, sg_slice_str("HTTP/1.1 100 Continue\r\n\r\n"), err) != SG_OK)
		return SG_HTTP_MORE;
	if (c->head.chunked)
		return read_chunks(c, deadline, err);
	while (c->in.len - c->used < c->head.length) {
		enum came came = read_more(c, deadline);
		if (came != CAME_BYTES)
			return stopped(c, came, true, err);
	}
	c->used += (size_t)c->head.length;
	return SG_HTTP_DONE;
}

enum sg_http_got
sg_http_blocking_read(
    struct sg_http_blocking *c, struct sg_http_blocking_req *ret, struct sg_err *err)
{
	int64_t deadline = sg_clock_mono_ms() + c->set.request_ms;

	c->begun = false;
	c->status = 0;
	enum sg_http_got got = read_head(c, deadline, err);
	if (got == SG_HTTP_DONE)
		got = read_body(c, deadline, err);
	c->keep = got == SG_HTTP_DONE && c->head.keep_alive;
	if (got != SG_HTTP_DONE)
		return got;
	/* The buffer may have moved since the head was read. */
	sg_http_parser_seen(&c->parser, c->in.p, &c->head);
	ret->head = c->head;
	ret->body = c->head.chunked ? sg_buf_slice(&c->body)
				    : sg_slice(c->in.p + c->head.head_len, (size_t)c->head.length);
	return SG_HTTP_DONE;
}

int
sg_http_blocking_status(const struct sg_http_blocking *c)
{
	return c->status;
}

/* --- answering --- */

enum sg_code
sg_http_blocking_begin(struct sg_http_blocking *c, int status, const char *content_type,
    const char *fields, bool has_length, uint64_t length, struct sg_err *err)
{
	char date[SG_HTTP_DATE_LEN + 1];
	bool content = status != 204 && status != 304;

	sg_http_date(date, sg_clock_now());
	c->begun = true;
	c->head_only = c->head.method == SG_HTTP_HEAD || !content;
	c->has_length = has_length;
	c->left = length;
	c->chunked = !has_length && !c->head_only && c->head.minor > 0;
	c->keep = c->keep && (has_length || c->chunked || c->head_only);
	sg_buf_reset(&c->out);
	sg_buf_reset(&c->pending);
	sg_buf_printf(
	    &c->out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", status, sg_http_reason(status), date);
	if (content_type != NULL && content)
		sg_buf_printf(&c->out, "Content-Type: %s\r\n", content_type);
	if (content && has_length)
		sg_buf_printf(&c->out, "Content-Length: %llu\r\n", (unsigned long long)length);
	else if (content && c->chunked)
		sg_buf_puts(&c->out, "Transfer-Encoding: chunked\r\n");
	if (fields != NULL)
		sg_buf_puts(&c->out, fields);
	if (!c->keep)
		sg_buf_puts(&c->out, "Connection: close\r\n");
	else if (c->head.minor == 0)
		sg_buf_puts(&c->out, "Connection: keep-alive\r\n");
	sg_buf_puts(&c->out, "\r\n");
	return sg_buf_check(&c->out, err);
}

/* Send the head and the body so far; last: the chunk that ends it too. */
static enum sg_code
flush(struct sg_http_blocking *c, bool last, struct sg_err *err)
{
	if (c->pending.len > 0 && c->chunked)
		sg_buf_printf(&c->out, "%zx\r\n", c->pending.len);
	sg_buf_put_slice(&c->out, sg_buf_slice(&c->pending));
	if (c->pending.len > 0 && c->chunked)
		sg_buf_puts(&c->out, "\r\n");
	if (last && c->chunked)
		sg_buf_puts(&c->out, "0\r\n\r\n");
	enum sg_code rc = sg_buf_check(&c->pending, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&c->out, err);
	if (rc == SG_OK)
		rc = send_all(c, sg_buf_slice(&c->out), err);
	/* A connection that was cut off must not be asked for more. */
	c->keep = c->keep && rc == SG_OK;
	sg_buf_reset(&c->out);
	sg_buf_reset(&c->pending);
	return rc;
}

enum sg_code
sg_http_blocking_put(struct sg_http_blocking *c, struct sg_slice piece, struct sg_err *err)
{
	enum sg_code rc = SG_OK;

	if (c->head_only)
		return SG_OK;
	if (c->has_length && piece.len > c->left) {
		c->keep = false;
		return sg_fail(err, SG_E_INTERNAL, "http.blocking.length",
		    "the answer is longer than was said");
	}
	c->left -= c->has_length ? piece.len : 0;
	while (rc == SG_OK && piece.len > 0) {
		size_t room = PENDING_MAX - c->pending.len;
		size_t n = piece.len < room ? piece.len : room;
		sg_buf_put(&c->pending, piece.p, n);
		piece = sg_slice(piece.p + n, piece.len - n);
		if (n == room || c->pending.failed != SG_OK)
			rc = flush(c, false, err);
	}
	return rc;
}

enum sg_code
sg_http_blocking_end(struct sg_http_blocking *c, struct sg_err *err)
{
	if (c->has_length && !c->head_only && c->left > 0) {
		c->keep = false;
		return sg_fail(err, SG_E_INTERNAL, "http.blocking.length",
		    "the answer is shorter than was said");
	}
	return flush(c, true, err);
}

bool
sg_http_blocking_wait_ms(struct sg_http_blocking *c, int64_t ms)
{
	struct pollfd p = {.fd = c->fd};

	if (flush(c, false, NULL) != SG_OK)
		return false;
	/* Only the end of both directions counts: who has no more to ask may well read on. */
	int n = poll(&p, 1, ms > INT32_MAX ? INT32_MAX : (int)ms);
	return n == 0 || (n < 0 && errno == EINTR);
}

void
sg_http_blocking_last(struct sg_http_blocking *c)
{
	c->keep = false;
}

bool
sg_http_blocking_keeps(const struct sg_http_blocking *c)
{
	return c->begun && c->keep;
}

void
sg_http_blocking_linger(struct sg_http_blocking *c)
{
	int64_t deadline = sg_clock_mono_ms() + c->set.linger_ms;

	shutdown(c->fd, SHUT_WR);
	do
		sg_buf_reset(&c->in);
	while (read_more(c, deadline) == CAME_BYTES);
}
