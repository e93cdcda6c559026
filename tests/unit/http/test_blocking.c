/* SPDX-License-Identifier: Apache-2.0 */

/* One connection over a socketpair: this thread is who asks, another one answers. */

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "http/blocking.h"
#include "lib/alloc_fail.h"
#include "unit/http/heads.h"

#define BODY_MAX 65536u

/* The side that answers, and what became of it. */
struct side {
	int fd, ours;
	struct sg_http_blocking_set set;
	pthread_t thread;
	unsigned answered;
	int status;	   /* of what was refused */
	struct sg_err err; /* of that, or of an answer */
	bool gone;	   /* while an answer went on */
};

/* "/echo": the body; "/chunked": it without a length; "/large": 4 MiB; "/forever": lines until
 * nobody reads; "/short", "/long": not what was said. */
static enum sg_code
answer(struct side *s, struct sg_http_blocking *c, const struct sg_http_blocking_req *req)
{
	const char *path = (const char *)req->head.path.p;
	size_t n = req->head.path.len;
	bool chunked = n == 8 && memcmp(path, "/chunked", n) == 0;
	bool large = n == 6 && memcmp(path, "/large", n) == 0;
	bool forever = n == 8 && memcmp(path, "/forever", n) == 0;
	long more = n == 6 && memcmp(path, "/short", n) == 0  ? 1
		    : n == 5 && memcmp(path, "/long", n) == 0 ? -1
							      : 0;
	size_t length = large ? 4u << 20 : req->body.len;

	enum sg_code rc = sg_http_blocking_begin(c, 200, "text/plain", "X-Is: here\r\n",
	    !chunked && !forever, (uint64_t)((long)length + more), &s->err);
	while (rc == SG_OK && forever) {
		rc = sg_http_blocking_put(c, sg_slice_str("line\n"), &s->err);
		if (rc == SG_OK && !sg_http_blocking_wait_ms(c, 20)) {
			s->gone = true;
			return SG_E_IO;
		}
	}
	for (size_t at = 0; rc == SG_OK && large && at < length; at += 4096) {
		static const char bytes[4096] = "large";
		rc = sg_http_blocking_put(c, sg_slice(bytes, sizeof bytes), &s->err);
	}
	if (rc == SG_OK && !large)
		rc = sg_http_blocking_put(c, req->body, &s->err);
	return rc == SG_OK ? sg_http_blocking_end(c, &s->err) : rc;
}

static void *
side_main(void *arg)
{
	struct side *s = arg;
	struct sg_http_blocking *c = NULL;
	struct sg_http_blocking_req req;

	if (sg_http_blocking_new(s->fd, &s->set, &c, &s->err) != SG_OK)
		return NULL;
	while (sg_http_blocking_wait(c)) {
		enum sg_http_got got = sg_http_blocking_read(c, &req, &s->err);
		if (got == SG_HTTP_BAD) {
			s->status = sg_http_blocking_status(c);
			if (sg_http_blocking_begin(
				c, s->status, "text/plain", NULL, true, 4, NULL) == SG_OK &&
			    sg_http_blocking_put(c, sg_slice_str("bad\n"), NULL) == SG_OK)
				sg_ignore(sg_http_blocking_end(c, NULL));
			sg_http_blocking_linger(c);
		}
		if (got != SG_HTTP_DONE || answer(s, c, &req) != SG_OK)
			break;
		s->answered++;
		if (!sg_http_blocking_keeps(c))
			break;
	}
	sg_http_blocking_free(&c);
	close(s->fd);
	return NULL;
}

static void
begin(struct side *s)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	*s = (struct side){.fd = fd[0],
	    .ours = fd[1],
	    .set = {.rules = sg_http_rules_default(),
		.idle_ms = 5000,
		.request_ms = 5000,
		.write_ms = 5000,
		.linger_ms = 5000}};
}

static void
start(struct side *s)
{
	assert_int_equal(pthread_create(&s->thread, NULL, side_main, s), 0);
}

static void
say(struct side *s, const void *p, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = send(s->ours, (const char *)p + at, len - at, MSG_NOSIGNAL);
		if (n <= 0)
			return; /* it was refused before it was whole */
		at += (size_t)n;
	}
}

/* What comes until the other side ends; we have said everything. */
static void
hear_all(struct side *s, struct sg_buf *out)
{
	char bytes[4096];

	shutdown(s->ours, SHUT_WR);
	for (ssize_t n; (n = read(s->ours, bytes, sizeof bytes)) > 0;)
		sg_buf_put(out, bytes, (size_t)n);
	close(s->ours);
	pthread_join(s->thread, NULL);
}

/* All that is answered to these bytes. */
static void
ask(struct side *s, const void *p, size_t len, struct sg_buf *out)
{
	begin(s);
	start(s);
	say(s, p, len);
	hear_all(s, out);
}

static void
expect_begin(struct sg_buf *got, const char *line)
{
	if (strncmp(sg_buf_text(got), line, strlen(line)) != 0)
		fail_msg("want %s, have %.200s", line, sg_buf_text(got));
}

/* The same heads as at the front, by the same reader: same verdicts. */
static void
read__table_of_heads__status_and_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct side s;
		sg_buf_scoped got = {0};
		char line[32];
		ask(&s, rows[i].head, rows[i].len, &got);
		if (rows[i].status == 0) {
			assert_int_equal(s.status, 0);
			continue;
		}
		snprintf(line, sizeof line, "HTTP/1.1 %d ", rows[i].status);
		if (s.status != rows[i].status || strcmp(s.err.rule, rows[i].rule) != 0)
			fail_msg("row %zu: %.60s: %d %s", i, rows[i].head, s.status, s.err.rule);
		expect_begin(&got, line);
		assert_non_null(strstr(sg_buf_text(&got), "\r\nConnection: close\r\n"));
		assert_int_equal(s.answered, 0);
	}
}

static void
read__requests__answered_in_order(void **state)
{
	(void)state;
	struct side s;
	sg_buf_scoped got = {0};
	static const char text[] = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
				   "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"
				   "\r\nPOST /chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
				   "chunked\r\n\r\n2;x=y\r\nde\r\n1\r\nf\r\n0\r\nA: b\r\n\r\n"
				   "HEAD /large HTTP/1.1\r\nHost: a\r\n\r\n"
				   "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
				   "Connection: close\r\n\r\nz"
				   "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";
	ask(&s, text, sizeof text - 1, &got);
	assert_int_equal(s.answered, 5);
	const char *p = sg_buf_text(&got);
	expect_begin(&got, "HTTP/1.1 200 OK\r\nDate: ");
	p = strstr(p, "\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nX-Is: here\r\n\r\nabc"
		      "HTTP/1.1 200 OK\r\n");
	assert_non_null(p);
	p = strstr(p, "\r\nContent-Length: 0\r\nX-Is: here\r\n\r\nHTTP/1.1 200 OK\r\n");
	assert_non_null(p);
	p = strstr(p, "\r\nTransfer-Encoding: chunked\r\nX-Is: here\r\n\r\n3\r\ndef\r\n0\r\n\r\n"
		      "HTTP/1.1 200 OK\r\n");
	assert_non_null(p);
	p = strstr(p, "\r\nContent-Length: 4194304\r\nX-Is: here\r\n\r\nHTTP/1.1 200 OK\r\n");
	assert_non_null(p);
	p = strstr(p, "\r\nContent-Length: 1\r\nX-Is: here\r\nConnection: close\r\n\r\nz");
	assert_non_null(p);
	assert_int_equal(p + strlen(p) - sg_buf_text(&got), got.len);
	assert_int_equal(p[strlen(p) - 1], 'z');
}

/* However the bytes are cut. */
static void
read__byte_by_byte__same(void **state)
{
	(void)state;
	static const char text[] = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
				   "POST /chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
				   "chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n";
	struct side s;
	sg_buf_scoped got = {0};
	begin(&s);
	start(&s);
	for (size_t i = 0; i < sizeof text - 1; i++) {
		say(&s, text + i, 1);
		usleep(200);
	}
	hear_all(&s, &got);
	assert_int_equal(s.answered, 2);
	assert_non_null(strstr(sg_buf_text(&got), "\r\n\r\nabcHTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(sg_buf_text(&got), "\r\n\r\n3\r\ndef\r\n0\r\n\r\n"));
}

static void
read__body_sizes__whole_or_refused(void **state)
{
	(void)state;
	static const struct {
		size_t size, chunk; /* chunk 0: with a length */
		int status;
	} bodies[] = {
	    {BODY_MAX, 0, 0},
	    {BODY_MAX + 1, 0, 413},
	    {BODY_MAX, 1000, 0},
	    {BODY_MAX, 1, 0}, /* six bytes for each */
	    {BODY_MAX + 1, 1000, 413},
	};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct side s;
		sg_buf_scoped text = {0}, got = {0};
		char *body = calloc(1, bodies[i].size);
		assert_non_null(body);
		memset(body, 'b', bodies[i].size);
		sg_buf_puts(&text, "POST /echo HTTP/1.1\r\nHost: a\r\n");
		if (bodies[i].chunk == 0)
			sg_buf_printf(&text, "Content-Length: %zu\r\n\r\n", bodies[i].size);
		else
			sg_buf_puts(&text, "Transfer-Encoding: chunked\r\n\r\n");
		for (size_t at = 0; at < bodies[i].size;) {
			size_t n = bodies[i].chunk == 0 ? bodies[i].size : bodies[i].chunk;
			n = bodies[i].size - at < n ? bodies[i].size - at : n;
			if (bodies[i].chunk > 0)
				sg_buf_printf(&text, "%zx\r\n", n);
			sg_buf_put(&text, body + at, n);
			sg_buf_puts(&text, bodies[i].chunk > 0 ? "\r\n" : "");
			at += n;
		}
		if (bodies[i].chunk > 0)
			sg_buf_puts(&text, "0\r\n\r\n");
		assert_int_equal(sg_buf_check(&text, NULL), SG_OK);
		ask(&s, text.p, text.len, &got);
		assert_int_equal(s.status, bodies[i].status);
		assert_int_equal(s.answered, bodies[i].status == 0);
		if (bodies[i].status == 0) {
			assert_true(got.len > BODY_MAX);
			assert_memory_equal(got.p + got.len - BODY_MAX, body, BODY_MAX);
		} else {
			assert_string_equal(s.err.rule, "http.body.size");
		}
		free(body);
	}
}

static void
read__bad_chunks__refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"x\r\n", "-1\r\n", "2\r\nabc\r\n", "123456789\r\n",
	    "\r\n", "1\nx", "0\r\nHost: a\r\n\r\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct side s;
		sg_buf_scoped text = {0}, got = {0};
		sg_buf_puts(
		    &text, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
		sg_buf_puts(&text, bad[i]);
		ask(&s, text.p, text.len, &got);
		assert_int_equal(s.status, 400);
		expect_begin(&got, "HTTP/1.1 400 ");
	}
}

static void
read__ends_in_the_middle__nothing_said(void **state)
{
	(void)state;
	static const char text[] = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
	for (size_t n = 0; n < sizeof text - 1; n++) {
		struct side s;
		sg_buf_scoped got = {0};
		ask(&s, text, n, &got);
		assert_int_equal(s.answered, 0);
		assert_int_equal(s.status, 0);
		assert_int_equal(got.len, 0);
	}
}

static void
read__slow__408(void **state)
{
	(void)state;
	static const struct {
		const char *text, *rule;
	} slow[] = {
	    {"GET /echo HTTP/1.1\r\nHost:", "http.head.slow"},
	    {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", "http.body.slow"},
	    {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
		"http.body.slow"},
	};
	for (size_t i = 0; i < sizeof slow / sizeof *slow; i++) {
		struct side s;
		sg_buf_scoped got = {0};
		char first[64] = {0};
		begin(&s);
		s.set.request_ms = 100;
		start(&s);
		say(&s, slow[i].text, strlen(slow[i].text));
		assert_true(read(s.ours, first, sizeof first - 1) > 0);
		assert_memory_equal(first, "HTTP/1.1 408 ", 13);
		hear_all(&s, &got);
		assert_int_equal(s.status, 408);
		assert_string_equal(s.err.rule, slow[i].rule);
	}
}

static void
wait__nothing_comes__ended(void **state)
{
	(void)state;
	struct side s;
	char byte;
	begin(&s);
	s.set.idle_ms = 50;
	start(&s);
	assert_int_equal(read(s.ours, &byte, 1), 0);
	pthread_join(s.thread, NULL);
	close(s.ours);
	assert_int_equal(s.status, 0);
}

static void
read__expect_continue__said_before_the_body(void **state)
{
	(void)state;
	static const char head[] =
	    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct side s;
	sg_buf_scoped got = {0}, at_once = {0};
	char first[sizeof go_on] = {0};
	begin(&s);
	start(&s);
	say(&s, head, sizeof head - 1);
	assert_int_equal(read(s.ours, first, sizeof first - 1), sizeof go_on - 1);
	assert_string_equal(first, go_on);
	say(&s, "abc", 3);
	hear_all(&s, &got);
	expect_begin(&got, "HTTP/1.1 200 OK\r\n");
	/* Who has sent the body already is not told to. */
	sg_buf_puts(&at_once, head);
	sg_buf_puts(&at_once, "abc");
	sg_buf_reset(&got);
	ask(&s, at_once.p, at_once.len, &got);
	expect_begin(&got, "HTTP/1.1 200 OK\r\n");
}

/* To HEAD there is no body, and to what is refused behind it there is one. */
static void
answer__head__only_that(void **state)
{
	(void)state;
	static const char text[] = "HEAD /chunked HTTP/1.1\r\nHost: a\r\n\r\n"
				   "HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\nGE";
	struct side s;
	sg_buf_scoped got = {0};
	char bytes[4096];
	begin(&s);
	s.set.request_ms = s.set.linger_ms = 100;
	start(&s);
	say(&s, text, sizeof text - 1);
	for (ssize_t n; (n = read(s.ours, bytes, sizeof bytes)) > 0;)
		sg_buf_put(&got, bytes, (size_t)n);
	close(s.ours);
	pthread_join(s.thread, NULL);
	const char *p = strstr(sg_buf_text(&got), "\r\nX-Is: here\r\n\r\nHTTP/1.1 200 OK\r\n");
	assert_non_null(p);
	assert_null(strstr(sg_buf_text(&got), "chunked"));
	p = strstr(p, "\r\nX-Is: here\r\n\r\nHTTP/1.1 408 ");
	assert_non_null(p);
	assert_non_null(strstr(p, "Connection: close\r\n\r\nbad\n"));
}

static void
answer__http_1_0__framed_by_its_end(void **state)
{
	(void)state;
	static const struct {
		const char *text, *tail;
		unsigned answered;
	} old[] = {
	    {"POST /chunked HTTP/1.0\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc"
	     "GET /echo HTTP/1.0\r\n\r\n",
		"X-Is: here\r\nConnection: close\r\n\r\nabc", 1},
	    {"GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
	     "POST /echo HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
		"X-Is: here\r\nConnection: close\r\n\r\nabc", 2},
	};
	for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
		struct side s;
		sg_buf_scoped got = {0};
		size_t n = strlen(old[i].tail);
		ask(&s, old[i].text, strlen(old[i].text), &got);
		assert_int_equal(s.answered, old[i].answered);
		assert_null(strstr(sg_buf_text(&got), "chunked"));
		assert_true(got.len > n);
		assert_string_equal(sg_buf_text(&got) + got.len - n, old[i].tail);
	}
}

static void
answer__not_as_long_as_said__cut_off(void **state)
{
	(void)state;
	static const char *const paths[] = {"/short", "/long"};
	for (size_t i = 0; i < 2; i++) {
		struct side s;
		sg_buf_scoped text = {0}, got = {0};
		sg_buf_printf(&text,
		    "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
		    "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
		    paths[i]);
		ask(&s, text.p, text.len, &got);
		assert_int_equal(s.answered, 0);
		assert_int_equal(s.err.code, SG_E_INTERNAL);
		assert_string_equal(s.err.rule, "http.blocking.length");
	}
}

static void
answer__reader_reads_nothing__given_up(void **state)
{
	(void)state;
	static const char text[] = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
	struct side s;
	begin(&s);
	s.set.write_ms = 100;
	start(&s);
	say(&s, text, sizeof text - 1);
	pthread_join(s.thread, NULL);
	close(s.ours);
	assert_int_equal(s.err.code, SG_E_TIMEOUT);
	assert_string_equal(s.err.rule, "http.blocking.slow");
}

static void
answer__reader_goes_away__noticed(void **state)
{
	(void)state;
	static const char large[] = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char forever[] = "GET /forever HTTP/1.1\r\nHost: a\r\n\r\n";
	struct side s;
	char bytes[512];
	begin(&s);
	start(&s);
	say(&s, large, sizeof large - 1);
	assert_true(read(s.ours, bytes, sizeof bytes) > 0);
	close(s.ours);
	pthread_join(s.thread, NULL);
	assert_int_equal(s.err.code, SG_E_IO);
	assert_string_equal(s.err.rule, "http.blocking.gone");
	begin(&s);
	start(&s);
	say(&s, forever, sizeof forever - 1);
	assert_true(read(s.ours, bytes, sizeof bytes) > 0);
	close(s.ours);
	pthread_join(s.thread, NULL);
	assert_true(s.gone);
}

/* Who has nothing more to ask may well go on reading. */
static void
answer__half_closed__goes_on(void **state)
{
	(void)state;
	static const char forever[] = "GET /forever HTTP/1.1\r\nHost: a\r\n\r\n";
	struct side s;
	sg_buf_scoped got = {0};
	char bytes[512];
	begin(&s);
	start(&s);
	say(&s, forever, sizeof forever - 1);
	shutdown(s.ours, SHUT_WR);
	while (got.len < 1000) {
		ssize_t n = read(s.ours, bytes, sizeof bytes);
		assert_true(n > 0);
		sg_buf_put(&got, bytes, (size_t)n);
	}
	close(s.ours);
	pthread_join(s.thread, NULL);
	assert_non_null(strstr(sg_buf_text(&got), "\r\n5\r\nline\n\r\n5\r\nline\n\r\n"));
}

/* A large body that nobody wants is read to its end, so that the refusal is. */
static void
refusal__while_more_comes__arrives(void **state)
{
	(void)state;
	struct side s;
	sg_buf_scoped text = {.max = 9u << 20}, got = {0};
	sg_buf_puts(&text, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\n\r\n");
	assert_non_null(sg_buf_extend(&text, 8u << 20));
	ask(&s, text.p, text.len, &got);
	expect_begin(&got, "HTTP/1.1 413 ");
	assert_string_equal(s.err.rule, "http.body.size");
}

/* Who goes on sending is read from for so long, and no longer. */
static void
refusal__sends_without_end__closed(void **state)
{
	(void)state;
	static const char bytes[65536] = "GET / HTTP/7.0\r\n\r\n";
	struct side s;

	begin(&s);
	s.set.linger_ms = 50;
	start(&s);
	while (send(s.ours, bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
		continue;
	pthread_join(s.thread, NULL);
	assert_int_equal(s.status, 505);
	close(s.ours);
}

static void
new__no_memory__said(void **state)
{
	(void)state;
	struct sg_http_blocking_set set = {.rules = sg_http_rules_default()};
	struct sg_http_blocking *c = NULL;
	struct sg_err err = {0};
	alloc_fail_at(1);
	assert_int_equal(sg_http_blocking_new(-1, &set, &c, &err), SG_E_NOMEM);
	alloc_fail_at(0);
	assert_null(c);
}

static void
read__no_memory__503(void **state)
{
	(void)state;
	static const char text[] =
	    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n";
	int fd[2];
	struct sg_http_blocking_set set = {
	    .rules = sg_http_rules_default(), .idle_ms = 5000, .request_ms = 5000};
	struct sg_http_blocking *c = NULL;
	struct sg_http_blocking_req req;
	struct sg_err err = {0};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	assert_int_equal(sg_http_blocking_new(fd[0], &set, &c, &err), SG_OK);
	assert_int_equal(send(fd[1], text, sizeof text - 1, 0), sizeof text - 1);
	assert_true(sg_http_blocking_wait(c));
	char *rest = calloc(1, 40000);
	assert_int_equal(send(fd[1], rest, 40000, 0), 40000);
	free(rest);
	alloc_fail_at(1);
	assert_int_equal(sg_http_blocking_read(c, &req, &err), SG_HTTP_BAD);
	alloc_fail_at(0);
	assert_int_equal(sg_http_blocking_status(c), 503);
	assert_int_equal(err.code, SG_E_NOMEM);
	sg_http_blocking_free(&c);
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(read__table_of_heads__status_and_rule),
	    cmocka_unit_test(read__requests__answered_in_order),
	    cmocka_unit_test(read__byte_by_byte__same),
	    cmocka_unit_test(read__body_sizes__whole_or_refused),
	    cmocka_unit_test(read__bad_chunks__refused),
	    cmocka_unit_test(read__ends_in_the_middle__nothing_said),
	    cmocka_unit_test(read__slow__408),
	    cmocka_unit_test(wait__nothing_comes__ended),
	    cmocka_unit_test(read__expect_continue__said_before_the_body),
	    cmocka_unit_test(answer__head__only_that),
	    cmocka_unit_test(answer__http_1_0__framed_by_its_end),
	    cmocka_unit_test(answer__not_as_long_as_said__cut_off),
	    cmocka_unit_test(answer__reader_reads_nothing__given_up),
	    cmocka_unit_test(answer__reader_goes_away__noticed),
	    cmocka_unit_test(answer__half_closed__goes_on),
	    cmocka_unit_test(refusal__while_more_comes__arrives),
	    cmocka_unit_test(refusal__sends_without_end__closed),
	    cmocka_unit_test(new__no_memory__said),
	    cmocka_unit_test(read__no_memory__503),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
