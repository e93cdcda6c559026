/* SPDX-License-Identifier: Apache-2.0 */

/* The server over loopback: requests, answers early and late, clients that leave. */

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

#include "base/alloc.h"
#include "base/limits.h"
#include "lib/alloc_fail.h"
#include "unit/http/rig.h"

#define H "Host: a\r\n"

static int
setup(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);
	assert_non_null(rig);
	rig_init(rig);
	rig_start(rig);
	*state = rig;
	return 0;
}

static int
setup_tls(void **state)
{
	return rig_with_tls(state) + setup(state);
}

static int
teardown(void **state)
{
	rig_end(*state);
	free(*state);
	return rig_without_tls(state);
}

#define TWICE(f)                                                                                   \
	cmocka_unit_test_setup_teardown(f, setup, teardown),                                       \
	{                                                                                          \
#f "__tls", f, setup_tls, teardown, NULL                                           \
	}

/* Send everything, expect one answer with this status and body (NULL: any). */
static void
exchange(int fd, const char *text, int status, const char *body)
{
	struct answer a;
	say(fd, text);
	assert_true(hear(fd, &a));
	assert_int_equal(a.status, status);
	if (body != NULL)
		assert_string_equal(a.body, body);
}

static void
get__at_once__answer_in_form(void **state)
{
	struct answer a;
	int fd = dial(*state);
	say(fd, "GET /now?hello HTTP/1.1\r\n" H "\r\n");
	assert_true(hear(fd, &a));
	assert_memory_equal(a.head, "HTTP/1.1 200 OK\r\nDate: ", 23);
	assert_non_null(strstr(a.head, " GMT\r\nServer: rig\r\nContent-Type: text/plain\r\n"));
	assert_non_null(strstr(a.head, "\r\nContent-Length: 5\r\nX-Rig: yes\r\n\r\n"));
	assert_string_equal(a.body, "hello");
	close(fd);
}

static void
keep_alive__many_requests__one_connection(void **state)
{
	struct rig *rig = *state;
	int fd = dial(rig);
	for (int i = 0; i < 200; i++) {
		exchange(fd, "GET /now?a HTTP/1.1\r\n" H "\r\n", 200, "a");
		exchange(
		    fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nxyz", 200, "xyz");
		exchange(fd, "GET /late?b HTTP/1.1\r\n" H "\r\n", 200, "b");
	}
	assert_int_equal(rig_stats(rig).accepted, 1);
	assert_int_equal(rig_stats(rig).requests, 600);
	exchange(
	    fd, "GET /missing HTTP/1.1\r\n" H "Connection: close\r\n\r\n", 404, "404 Not Found\n");
	assert_true(is_closed(fd));
	close(fd);
}

static void
http10__keep_alive_only_when_asked(void **state)
{
	struct answer a;
	int fd = dial(*state);
	say(fd, "GET /now?a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_true(hear(fd, &a));
	assert_non_null(strstr(a.head, "\r\nConnection: keep-alive\r\n"));
	say(fd, "GET /now?a HTTP/1.0\r\n\r\n");
	assert_true(hear(fd, &a));
	assert_non_null(strstr(a.head, "\r\nConnection: close\r\n"));
	assert_true(is_closed(fd));
	close(fd);
}

static void
pipelining__early_and_late__in_order(void **state)
{
	struct answer a;
	int fd = dial(*state);
	sg_buf_scoped all = {0};
	for (int i = 0; i < 300; i++)
		sg_buf_printf(&all,
		    i % 3 == 0	 ? "GET /late?%d HTTP/1.1\r\n" H "\r\n"
		    : i % 3 == 1 ? "GET /now?%d HTTP/1.1\r\n" H "\r\n"
				 : "POST /echo?%d HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nok",
		    i);
	sg_buf_puts(&all, "\r\nPOST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
			  "3\r\nend\r\n0\r\n\r\nGET /now?after HTTP/1.1\r\n" H "\r\n");
	/* In odd pieces, so that requests are cut anywhere. */
	for (size_t at = 0, n; at < all.len; at += n) {
		n = all.len - at < 997 ? all.len - at : 997;
		say_bytes(fd, all.p + at, n);
	}
	for (int i = 0; i < 300; i++) {
		char want[16];
		snprintf(want, sizeof want, "%d", i);
		assert_true(hear(fd, &a));
		assert_string_equal(a.body, i % 3 == 2 ? "ok" : want);
	}
	assert_true(hear(fd, &a));
	assert_string_equal(a.body, "end");
	assert_true(hear(fd, &a));
	assert_string_equal(a.body, "after");
	close(fd);
}

static void
late__many_connections__each_its_answer(void **state)
{
	int fds[64];
	for (size_t i = 0; i < 64; i++)
		fds[i] = dial(*state);
	for (int round = 0; round < 10; round++) {
		for (size_t i = 0; i < 64; i++) {
			char text[64];
			snprintf(text, sizeof text, "GET /late?%zu HTTP/1.1\r\n" H "\r\n", i);
			say(fds[i], text);
		}
		for (size_t i = 0; i < 64; i++) {
			struct answer a;
			char want[16];
			snprintf(want, sizeof want, "%zu", i);
			assert_true(hear(fds[i], &a));
			assert_string_equal(a.body, want);
		}
	}
	for (size_t i = 0; i < 64; i++)
		close(fds[i]);
}

static void
late__client_gone__answer_dropped(void **state)
{
	struct rig *rig = *state;
	struct linger now = {1, 0};
	for (size_t i = 0; i < 10; i++) {
		int fd = dial(rig);
		say(fd, "GET /hold HTTP/1.1\r\n" H "\r\n");
		rig_wait_held(rig, i + 1);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		close(fd);
	}
	rig_wait_most(rig, conns, 0);
	assert_int_equal(rig_stats(rig).gone, 10);
	assert_int_equal(rig_stats(rig).running, 0);
	rig_release(rig);
	char record[96];
	snprintf(record, sizeof record, "127.0.0.1 GET /hold - %u us+er 127.0.0.1 - - 200 0 64 ",
	    rig->port);
	rig_wait_record(rig, record);
	int fd = dial(rig);
	exchange(fd, "GET /late?x HTTP/1.1\r\n" H "\r\n", 200, "x");
	close(fd);
}

static void
half_close__still_answered(void **state)
{
	struct rig *rig = *state;
	static const char *const texts[] = {
	    "GET /now?x HTTP/1.1\r\n" H "\r\n",
	    "GET /late?x HTTP/1.1\r\n" H "\r\n",
	    "GET /hold?x HTTP/1.1\r\n" H "\r\n",
	    "POST /echo HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nx",
	    "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct answer a;
		int fd = dial(rig);
		say(fd, texts[i]);
		shut(fd);
		if (strstr(texts[i], "/hold") != NULL) {
			rig_wait_held(rig, 1);
			sleep_ms(20);
			rig_release(rig);
		}
		assert_true(hear(fd, &a));
		assert_string_equal(a.body, "x");
		assert_true(is_closed(fd));
		close(fd);
	}
	struct answer a;
	int fd = dial(rig);
	say(fd, "GET /late?1 HTTP/1.1\r\n" H "\r\nGET /late?2 HTTP/1.1\r\n" H "\r\n");
	shut(fd);
	assert_true(hear(fd, &a) && strcmp(a.body, "1") == 0);
	assert_true(hear(fd, &a) && strcmp(a.body, "2") == 0);
	assert_true(is_closed(fd));
	close(fd);
}

static void
half_close__incomplete__closed_without_answer(void **state)
{
	static const char *const texts[] = {
	    "",
	    "\r",
	    "GET /now HTTP/1.1\r\nHost",
	    "POST /echo HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nx",
	    "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
	    "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int fd = dial(*state);
		say(fd, texts[i]);
		shut(fd);
		assert_true(is_closed(fd));
		close(fd);
	}
	assert_int_equal(rig_stats(*state).requests, 0);
}

static void
refused__answered_logged_and_closed(void **state)
{
	static const struct {
		const char *text;
		int status;
		const char *record;
	} rows[] = {
	    {"GET / HTTP/1.1\r\n\r\n", 400,
		"127.0.0.1 GET / - PORT - 127.0.0.1 - - 400 0 0 0\nhttp.host.absent"},
	    {"\x16\x03\x01", 400,
		"127.0.0.1 - - - PORT - 127.0.0.1 - - 400 0 0 0\nhttp.line.method"},
	    {"PUT /x?y HTTP/1.1\r\n", 405,
		"127.0.0.1 PUT /x y PORT - 127.0.0.1 - - 405 0 0 0\nhttp.method.refused"},
	    {"BREW /x HTTP/1.1\r\n", 501,
		"127.0.0.1 BREW /x - PORT - 127.0.0.1 - - 501 0 0 0\nhttp.method.unknown"},
	    {"GET / HTTP/2.0\r\n", 505,
		"127.0.0.1 GET / - PORT - 127.0.0.1 - - 505 0 0 0\nhttp.version"},
	    {"POST /e HTTP/1.1\r\nUser-Agent: x y\r\n" H
	     "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nxyzGET / HTTP/1.1\r\n" H
	     "\r\n",
		400, "127.0.0.1 POST /e - PORT - 127.0.0.1 x+y - 400 0 0 0\nhttp.framing.both"},
	    {"POST /e HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\nx", 400,
		"127.0.0.1 POST /e - PORT - 127.0.0.1 - - 400 0 0 0\nhttp.chunk.size"},
	    {"POST /e HTTP/1.1\r\n" H "Content-Length: 65537\r\nExpect: 100-continue\r\n\r\n", 413,
		"127.0.0.1 POST /e - PORT - 127.0.0.1 - - 413 0 0 0\nhttp.body.size"},
	    {"POST /e HTTP/1.1\r\n" H "Content-Length: 3\r\nExpect: x\r\n\r\n", 417,
		"127.0.0.1 POST /e - PORT - 127.0.0.1 - - 417 0 0 0\nhttp.expect"},
	};
	struct rig *rig = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct answer a;
		char record[256], status[8];
		int fd = dial(rig);
		say(fd, rows[i].text);
		assert_true(hear(fd, &a));
		assert_int_equal(a.status, rows[i].status);
		assert_non_null(strstr(a.head, "\r\nConnection: close\r\n"));
		snprintf(status, sizeof status, "%d ", rows[i].status);
		assert_memory_equal(a.body, status, 4);
		if (a.status == 405)
			assert_non_null(strstr(a.head, "\r\nAllow: GET, HEAD, POST\r\n"));
		assert_true(is_closed(fd));
		close(fd);
		const char *port = strstr(rows[i].record, "PORT");
		snprintf(record, sizeof record, "%.*s%u%s", (int)(port - rows[i].record),
		    rows[i].record, rig->port, port + 4);
		rig_wait_record(rig, record);
	}
	assert_int_equal(rig_stats(rig).refused, sizeof rows / sizeof *rows);
	assert_int_equal(rig_stats(rig).requests, 0);
}

static void
refused__client_still_sending__answer_arrives(void **state)
{
	/* Without reading on, closing would reset the connection under the answer. */
	for (int i = 0; i < 20; i++) {
		struct answer a;
		char junk[32768];
		int fd = dial(*state);
		memset(junk, 'x', sizeof junk);
		say(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 1000000\r\n\r\n");
		for (int n = 0; n < 30; n++)
			say_bytes(fd, junk, sizeof junk);
		assert_true(hear(fd, &a));
		assert_int_equal(a.status, 413);
		close(fd);
	}
}

static void
body__kinds__whole(void **state)
{
	int fd = dial(*state);
	struct answer a;
	const char *chunked = "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
			      "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n";
	exchange(fd, chunked, 200, "hello world");
	for (const char *p = chunked; *p != 0; p++) {
		say_bytes(fd, p, 1);
		if (p - chunked > 40)
			sleep_ms(1);
	}
	assert_true(hear(fd, &a));
	assert_string_equal(a.body, "hello world");
	exchange(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 200, "");
	exchange(
	    fd, "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "");
	close(fd);
	/* The largest body, in pieces, and with a head that is nearly the largest. */
	fd = dial(*state);
	char *junk = calloc(1, SG_MESSAGE_MAX);
	assert_non_null(junk);
	memset(junk, 'a', SG_MESSAGE_MAX);
	say(fd, "POST /now?all HTTP/1.1\r\n" H "X: ");
	say_bytes(fd, junk, 60000);
	say(fd, "\r\nContent-Length: 65536\r\n\r\n");
	say_bytes(fd, junk, 1000);
	sleep_ms(5);
	say_bytes(fd, junk, SG_MESSAGE_MAX - 1000);
	assert_true(hear(fd, &a));
	assert_string_equal(a.body, "all");
	exchange(fd, "GET /now?next HTTP/1.1\r\n" H "\r\n", 200, "next");
	free(junk);
	close(fd);
}

static void
expect_continue__answered_when_the_body_waits(void **state)
{
	static const char *const framing[] = {
	    "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n"};
	static const char *const body[] = {"xyz", "3\r\nxyz\r\n0\r\n\r\n"};
	for (size_t i = 0; i < 2; i++) {
		struct answer a;
		int fd = dial(*state);
		say(fd, "POST /echo HTTP/1.1\r\n" H "Expect: 100-continue\r\n");
		say(fd, framing[i]);
		say(fd, "\r\n");
		assert_true(hear_head(fd, &a));
		assert_string_equal(a.head, "HTTP/1.1 100 Continue\r\n\r\n");
		exchange(fd, body[i], 200, "xyz");
		close(fd);
	}
	int fd = dial(*state);
	exchange(fd,
	    "POST /echo HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nxyz", 200,
	    "xyz");
	close(fd);
}

static void
head__no_body(void **state)
{
	struct answer a;
	int fd = dial(*state);
	say(fd, "HEAD /now?hello HTTP/1.1\r\n" H "\r\nGET /now?x HTTP/1.1\r\n" H "\r\n");
	assert_true(hear_head(fd, &a));
	assert_non_null(strstr(a.head, "\r\nContent-Length: 5\r\n"));
	assert_true(hear(fd, &a));
	assert_string_equal(a.body, "x");
	close(fd);
}

static void
request__addresses_and_log(void **state)
{
	struct rig *rig = *state;
	char want[64], record[128];
	int fd = dial(rig);
	snprintf(want, sizeof want, "127.0.0.1 1 127.0.0.1 %u 0", rig->port);
	exchange(fd, "GET /where HTTP/1.1\r\n" H "\r\n", 200, want);
	assert_true(is_closed(fd));
	close(fd);
	fd = dial(rig);
	exchange(fd, "GET /now?a=b HTTP/1.1\r\n" H "User-Agent: x y\r\nReferer: http://r/\r\n\r\n",
	    200, "a=b");
	snprintf(record, sizeof record,
	    "127.0.0.1 GET /now a=b %u us+er 127.0.0.1 x+y http://r/ 200 0 0 0\n", rig->port);
	rig_wait_record(rig, record);
	close(fd);
}

/* The peer of a connection that is in trusted, or is not. */
static int
begin_behind(struct rig **ret, const char *trusted)
{
	static struct sg_net net;
	struct rig *rig = calloc(1, sizeof *rig);
	assert_non_null(rig);
	rig_init(rig);
	assert_null(sg_net_parse(trusted, &net));
	rig->set.trusted = &net;
	rig->set.trusted_n = 1;
	rig->set.per_addr_max = 2;
	rig_start(rig);
	*ret = rig;
	return dial(rig);
}

static void
forwarded__of_a_trusted_proxy__client_and_proxy(void **state)
{
	struct rig *rig;
	struct answer a;
	int fds[8];
	char record[128];
	(void)state;
	fds[0] = begin_behind(&rig, "127.0.0.0/8");
	/* Each request of a connection has its own client. */
	exchange(fds[0], "GET /via HTTP/1.1\r\n" H "X-Forwarded-For: 192.0.2.1\r\n\r\n", 200,
	    "192.0.2.1 127.0.0.1");
	exchange(fds[0],
	    "POST /via HTTP/1.1\r\n" H
	    "X-Forwarded-For: 9.9.9.9, [2001:db8::1]:5\r\nContent-Length: 1\r\n\r\nx",
	    200, "2001:db8::1 127.0.0.1");
	exchange(fds[0],
	    "POST /via HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\nX-Forwarded-For: 192.0.2.3\r\n\r\n1\r\nx\r\n0\r\n\r\n",
	    200, "192.0.2.3 127.0.0.1");
	exchange(fds[0], "GET /via HTTP/1.1\r\n" H "X-Forwarded-For: 192.0.2.1, x\r\n\r\n", 200,
	    "127.0.0.1 -");
	exchange(fds[0], "GET /via HTTP/1.1\r\n" H "\r\n", 200, "127.0.0.1 -");
	/* The log has the client; a head that is refused has no client yet. */
	snprintf(record, sizeof record, "127.0.0.1 GET /via - %u - 192.0.2.1 ", rig->port);
	rig_wait_record(rig, record);
	say(fds[0], "GET /via HTTP/1.1\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n");
	assert_true(hear(fds[0], &a));
	assert_int_equal(a.status, 400);
	snprintf(record, sizeof record, "127.0.0.1 GET /via - %u - 127.0.0.1 ", rig->port);
	rig_wait_record(rig, record);
	/* Its clients have the connections, not it. */
	for (size_t i = 1; i < 8; i++) {
		fds[i] = dial(rig);
		exchange(fds[i], "GET /now?x HTTP/1.1\r\n" H "\r\n", 200, "x");
	}
	assert_int_equal(rig->crowded, 0);
	for (size_t i = 0; i < 8; i++)
		close(fds[i]);
	rig_end(rig);
	free(rig);
}

static void
forwarded__of_a_stranger__not_read(void **state)
{
	struct rig *rig;
	(void)state;
	int fd = begin_behind(&rig, "127.0.0.2");
	exchange(
	    fd, "GET /via HTTP/1.1\r\n" H "X-Forwarded-For: 192.0.2.1\r\n\r\n", 200, "127.0.0.1 -");
	exchange(fd, "GET /via HTTP/1.1\r\n" H "X-Forwarded-For: 192.0.2.1, 127.0.0.2\r\n\r\n", 200,
	    "127.0.0.1 -");
	close(fd);
	rig_end(rig);
	free(rig);
}

static void
stop__idle_closed_running_finished(void **state)
{
	struct rig *rig = *state;
	struct answer a;
	int idle = dial(rig), busy = dial(rig), part = dial(rig);
	exchange(idle, "GET /now?x HTTP/1.1\r\n" H "\r\n", 200, "x");
	say(busy, "GET /hold?y HTTP/1.1\r\n" H "\r\n");
	say(part, "POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nxy");
	rig_wait_held(rig, 1);
	while (rig_stats(rig).heads_mem == 0)
		sleep_ms(1);
	rig_stop(rig, false);
	assert_true(is_closed(idle));
	assert_false(rig->stopped);
	rig_release(rig);
	assert_true(hear(busy, &a));
	assert_string_equal(a.body, "y");
	assert_non_null(strstr(a.head, "\r\nConnection: close\r\n"));
	say(part, "z");
	assert_true(hear(part, &a));
	assert_string_equal(a.body, "xyz");
	assert_true(is_closed(part) && is_closed(busy));
	close(idle);
	close(busy);
	close(part);
	rig_stop(rig, true);
	assert_true(rig->stopped);
}

static void
free__requests_held__answers_go_nowhere(void **state)
{
	struct rig *rig = *state;
	int fds[8];
	for (size_t i = 0; i < 8; i++) {
		fds[i] = dial(rig);
		say(fds[i], "GET /hold HTTP/1.1\r\n" H "\r\n");
	}
	rig_wait_held(rig, 8);
	rig_free_server(rig);
	for (size_t i = 0; i < 8; i++) {
		assert_true(is_closed(fds[i]));
		close(fds[i]);
	}
}

static void
no_memory__any_allocation__answer_or_close(void **state)
{
	static const char *const texts[] = {
	    "GET /now?x HTTP/1.1\r\n" H "Connection: close\r\n\r\n",
	    "GET /late?x HTTP/1.1\r\n" H "Connection: close\r\n\r\n",
	    "POST /echo HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\nx\r\n0\r\n\r\n",
	};
	struct rig *rig = *state;
	for (unsigned long n = 1; n <= 16; n++)
		for (size_t i = 0; i < 3; i++) {
			struct answer a;
			alloc_fail_at(n);
			int fd = dial(rig);
			sg_ignore(
			    put(fd, texts[i], strlen(texts[i]), 0) < 0); /* a lost handshake */
			if (hear(fd, &a))
				assert_true(
				    a.status == 503 || strcmp(a.body, "x") == 0 || a.body_len == 0);
			alloc_fail_at(0);
			close(fd);
		}
	int fd = dial(rig);
	exchange(fd, "GET /late?x HTTP/1.1\r\n" H "\r\n", 200, "x");
	assert_int_equal(rig_stats(rig).heads_mem, 0);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TWICE(get__at_once__answer_in_form),
	    TWICE(keep_alive__many_requests__one_connection),
	    TWICE(http10__keep_alive_only_when_asked),
	    TWICE(pipelining__early_and_late__in_order),
	    TWICE(late__many_connections__each_its_answer),
	    TWICE(late__client_gone__answer_dropped),
	    TWICE(half_close__still_answered),
	    TWICE(half_close__incomplete__closed_without_answer),
	    TWICE(refused__answered_logged_and_closed),
	    TWICE(refused__client_still_sending__answer_arrives),
	    TWICE(body__kinds__whole),
	    TWICE(expect_continue__answered_when_the_body_waits),
	    TWICE(head__no_body),
	    TWICE(request__addresses_and_log),
	    rig_test_twice(forwarded__of_a_trusted_proxy__client_and_proxy),
	    rig_test_twice(forwarded__of_a_stranger__not_read),
	    TWICE(stop__idle_closed_running_finished),
	    TWICE(free__requests_held__answers_go_nowhere),
	    TWICE(no_memory__any_allocation__answer_or_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
