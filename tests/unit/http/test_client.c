/* SPDX-License-Identifier: Apache-2.0 */

/* The client against a peer that says exactly what each case tells it to. */

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "http/client.h"
#include "lib/alloc_fail.h"

/* Answers one request and closes; without a text it waits until the client leaves. Between the
 * letters of drip a second passes, after the text. */
struct peer {
	int fd;
	char url[64];
	const char *text, *drip;
	char path[108]; /* of a Unix socket */
	char got[8192];
	size_t got_len;
	pthread_t thread;
};

static void *
peer_main(void *arg)
{
	struct peer *p = arg;
	struct timeval limit = {10, 0};
	int fd = accept(p->fd, NULL, NULL);
	/* A client that neither speaks nor leaves fails the test instead of stopping it. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	for (ssize_t n = 1; n > 0 && fd >= 0;) {
		n = recv(fd, p->got + p->got_len, sizeof p->got - 1 - p->got_len, 0);
		if (n > 0)
			p->got_len += (size_t)n;
		const char *end = strstr(p->got, "\r\n\r\n"),
			   *len = strstr(p->got, "Content-Length: 4");
		bool tls = p->got[0] == 0x16;
		if (p->text != NULL && (tls || (end != NULL && (len == NULL || strlen(end) >= 5))))
			break;
	}
	if (p->text != NULL && fd >= 0) {
		ssize_t n = send(fd, p->text, strlen(p->text), MSG_NOSIGNAL);
		(void)n;
		for (const char *c = p->drip; c != NULL && *c != 0; c++) {
			usleep(1000000);
			n = send(fd, c, 1, MSG_NOSIGNAL);
		}
		shutdown(fd, SHUT_WR);
		char rest[256];
		while (recv(fd, rest, sizeof rest, 0) > 0)
			continue;
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void
peer_start(struct peer *p, const char *text)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof sa;
	*p = (struct peer){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .text = text};
	assert_int_equal(bind(p->fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(listen(p->fd, 1), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)&sa, &len), 0);
	snprintf(p->url, sizeof p->url, "http://127.0.0.1:%u/scep?operation=x", ntohs(sa.sin_port));
	assert_int_equal(pthread_create(&p->thread, NULL, peer_main, p), 0);
}

/* The same at a Unix socket; the URL names another host. */
static void
peer_start_unix(struct peer *p, const char *text, const char *drip)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	*p = (struct peer){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    .text = text,
	    .drip = drip,
	    .url = "http://nowhere.invalid/scep?operation=x"};
	const char *base = getenv("TMPDIR");
	snprintf(p->path, sizeof p->path, "%.60s/sg-client-%d", base == NULL ? "/tmp" : base,
	    (int)getpid());
	memcpy(sa.sun_path, p->path, sizeof p->path);
	unlink(p->path);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&sa, sizeof sa), 0);
	assert_int_equal(listen(p->fd, 1), 0);
	assert_int_equal(pthread_create(&p->thread, NULL, peer_main, p), 0);
}

static void
peer_end(struct peer *p)
{
	shutdown(p->fd, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	close(p->fd);
	if (p->path[0] != 0)
		unlink(p->path);
}

static enum sg_code
call(const struct sg_http_call *c, struct sg_http_reply *reply, struct sg_err *err)
{
	sg_scoped(http_client) client = NULL;
	enum sg_code rc = sg_http_client_new(&client, err);
	return rc == SG_OK ? sg_http_client_call(client, c, reply, err) : rc;
}

/* One GET of a canned answer. */
static enum sg_code
fetch(const char *text, struct sg_http_reply *reply, struct sg_err *err)
{
	struct peer p;
	peer_start(&p, text);
	struct sg_http_call c = {.url = p.url, .answer_max = 100, .timeout_ms = 5000};
	enum sg_code rc = call(&c, reply, err);
	peer_end(&p);
	return rc;
}

static void
get__answers__status_type_body(void **state)
{
	static const struct {
		const char *text;
		int status;
		const char *type, *body, *retry;
	} rows[] = {
	    {"HTTP/1.1 200 OK\r\nContent-Type: Application/X-PKI-Message; charset=x\r\n"
	     "Content-Length: 3\r\n\r\nabc",
		200, "application/x-pki-message", "abc", ""},
	    {"HTTP/1.0 200 OK\r\n\r\nabc", 200, "", "abc", ""},
	    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
		200, "", "abc", ""},
	    {"HTTP/1.1 100 Continue\r\nContent-Type: x/y\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 204, "",
		"", ""},
	    {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
		302, "", "", ""},
	    {"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", 401, "", "",
		""},
	    {"HTTP/1.1 503 Busy\r\nRetry-After:  120 \r\nContent-Type:text/plain\r\n"
	     "Content-Length: 1\r\n\r\nx",
		503, "text/plain", "x", "120"},
	    {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 200, "",
		"abc", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		sg_http_reply_scoped reply = {0};
		struct sg_err err = {0};
		assert_int_equal(fetch(rows[i].text, &reply, &err), SG_OK);
		assert_int_equal(reply.status, rows[i].status);
		assert_string_equal(reply.content_type, rows[i].type);
		assert_string_equal(reply.retry_after, rows[i].retry);
		assert_string_equal(sg_buf_text(&reply.body), rows[i].body);
	}
}

static void
get__bad_answers__code_and_rule(void **state)
{
	static const struct {
		const char *text;
		enum sg_code code;
		const char *rule;
	} rows[] = {
	    {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", SG_E_LIMIT, "http.client.size"},
	    {"HTTP/1.1 200 OK\r\n\r\n"
	     "0123456789012345678901234567890123456789012345678901234567890123456789"
	     "0123456789012345678901234567890",
		SG_E_LIMIT, "http.client.size"},
	    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", SG_E_IO, "http.client.broken"},
	    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", SG_E_IO,
		"http.client.broken"},
	    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", SG_E_IO,
		"http.client.broken"},
	    {"SSH-2.0-OpenSSH\r\n", SG_E_IO, "http.client.broken"},
	    {"", SG_E_IO, "http.client.broken"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sg_http_reply reply = {.status = 77};
		struct sg_err err = {0};
		assert_int_equal(fetch(rows[i].text, &reply, &err), rows[i].code);
		assert_string_equal(err.rule, rows[i].rule);
		assert_memory_equal(err.text, "127.0.0.1:", 10);
		assert_int_equal(reply.status, 77);
		assert_null(reply.body.p);
	}
}

static void
request__on_the_wire__as_told(void **state)
{
	(void)state;
	static const char *const fields[] = {"X-Trace: 1", NULL};
	sg_http_reply_scoped reply = {0};
	struct sg_err err;
	struct peer p;
	/* What the environment says about proxies must not count. */
	assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
	assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
	peer_start(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	struct sg_http_call c = {.url = p.url,
	    .post = true,
	    .body = sg_slice("a\0b\n", 4),
	    .content_type = "application/x-pki-message",
	    .fields = fields,
	    .user_agent = "agent/1"};
	assert_int_equal(call(&c, &reply, &err), SG_OK);
	peer_end(&p);
	assert_memory_equal(p.got, "POST /scep?operation=x HTTP/1.1\r\nHost: 127.0.0.1:", 49);
	assert_non_null(strstr(p.got, "\r\nUser-Agent: agent/1\r\n"));
	assert_non_null(strstr(p.got, "\r\nContent-Type: application/x-pki-message\r\n"));
	assert_non_null(strstr(p.got, "\r\nX-Trace: 1\r\n"));
	assert_non_null(strstr(p.got, "\r\nContent-Length: 4\r\n"));
	assert_null(strstr(p.got, "Expect"));
	assert_null(strstr(p.got, "Accept-Encoding"));
	assert_memory_equal(p.got + p.got_len - 4, "a\0b\n", 4);
	peer_start(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	c = (struct sg_http_call){.url = p.url, .post = true};
	assert_int_equal(call(&c, &reply, &err), SG_OK);
	peer_end(&p);
	assert_null(strstr(p.got, "Content-Type"));
	assert_non_null(strstr(p.got, "\r\nContent-Length: 0\r\n"));
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	peer_start(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	c = (struct sg_http_call){.url = "http://ca.example/x", .proxy = p.url};
	assert_int_equal(call(&c, &reply, &err), SG_OK);
	peer_end(&p);
	assert_memory_equal(p.got, "GET http://ca.example/x HTTP/1.1\r\n", 34);
}

static void
call__unreachable__says_what_to_do(void **state)
{
	(void)state;
	sg_http_reply_scoped reply = {0};
	struct sg_err err;
	struct peer p;
	struct sg_http_call c = {.url = p.url, .timeout_ms = 200};
	peer_start(&p, NULL);
	assert_int_equal(call(&c, &reply, &err), SG_E_TIMEOUT);
	assert_string_equal(err.rule, "http.client.timeout");
	peer_end(&p);
	assert_int_equal(call(&c, &reply, &err), SG_E_IO);
	assert_string_equal(err.rule, "http.client.connect");
	assert_non_null(strstr(err.text, "check that the server runs"));
	peer_start(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	char url[80];
	snprintf(url, sizeof url, "https%.70s", p.url + 4);
	c = (struct sg_http_call){.url = url, .timeout_ms = 5000};
	assert_int_equal(call(&c, &reply, &err), SG_E_IO);
	assert_string_equal(err.rule, "http.client.tls");
	peer_end(&p);
}

static void
call__bad_options__usage(void **state)
{
	static const char *const urls[] = {"", "x", "ftp://a/", "file:///etc/passwd", "http://",
	    "http:///x", "//a/x", "http://a:x/"};
	(void)state;
	sg_http_reply_scoped reply = {0};
	struct sg_err err;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct sg_http_call c = {.url = urls[i]};
		assert_int_equal(call(&c, &reply, &err), SG_E_USAGE);
		assert_string_equal(err.rule, "http.url");
	}
	struct peer p;
	peer_start(&p, "HTTP/1.1 200 OK\r\n\r\n");
	char url[80];
	snprintf(url, sizeof url, "https%.70s", p.url + 4);
	struct sg_http_call c = {.url = url, .ca_file = "/nonexistent.pem"};
	assert_int_equal(call(&c, &reply, &err), SG_E_USAGE);
	assert_string_equal(err.rule, "http.client.option");
	peer_end(&p);
}

static void
reply_line__hostile_lines__short_texts(void **state)
{
	static const struct {
		const char *line;
		size_t len;
		const char *type, *retry;
	} rows[] = {
#define LINE(text) text, sizeof text - 1
	    {LINE("Content-Type: Text/HTML ; x\r\n"), "text/html", ""},
	    {LINE("CONTENT-TYPE:a"), "a", ""},
	    {LINE("Content-Type: a \0b;c\r\n"), "a", ""},
	    {LINE("Content-Type \t: a\r\n"), "", ""},
	    {LINE("Content-Type"), "", ""},
	    {LINE("Content-Type:"), "", ""},
	    {LINE("Retry-After: 5\n"), "", "5"},
	    {LINE("Retry-After: \t 1 2 \r\n"), "", "1 2"},
	    {LINE(""), "", ""},
#undef LINE
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sg_http_reply reply = {0};
		sg_http_reply_line(&reply, sg_slice(rows[i].line, rows[i].len));
		assert_string_equal(reply.content_type, rows[i].type);
		assert_string_equal(reply.retry_after, rows[i].retry);
		sg_http_reply_line(&reply, sg_slice_str("HTTP/1.1 200 OK\r\n"));
		assert_string_equal(reply.content_type, "");
		assert_string_equal(reply.retry_after, "");
	}
}

static void
retry_after__numbers_and_dates__seconds_to_wait(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} rows[] = {{"", -1}, {"0", 0}, {"120", 120}, {"2147483647", INT32_MAX}, {"2147483648", -1},
	    {"-1", -1}, {"1 ", -1}, {"soon", -1}, {"Sun, 06 Nov 1994 08:49:37 GMT", 37},
	    {"Sun, 06 Nov 1994 08:48:00 GMT", 0}, {"Sun, 06 Nov 1994 08:49:37 GMT;", -1},
	    {"Sun, 06 Nov 1994", -1}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(sg_http_retry_after(rows[i].text, 784111740), rows[i].want);
}

static void
client__two_calls__independent(void **state)
{
	(void)state;
	sg_scoped(http_client) client = NULL;
	sg_http_reply_scoped reply = {0};
	struct sg_err err;
	struct peer p;
	assert_int_equal(sg_http_client_new(&client, &err), SG_OK);
	peer_start(&p, "HTTP/1.1 200 OK\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: "
		       "3\r\n\r\nabc");
	struct sg_http_call c = {.url = p.url, .post = true, .body = sg_slice_str("abcd")};
	assert_int_equal(sg_http_client_call(client, &c, &reply, &err), SG_OK);
	assert_string_equal(reply.retry_after, "1");
	peer_end(&p);
	peer_start(&p, "HTTP/1.1 201 Made\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
	c = (struct sg_http_call){.url = p.url};
	assert_int_equal(sg_http_client_call(client, &c, &reply, &err), SG_OK);
	peer_end(&p);
	assert_memory_equal(p.got, "GET ", 4);
	assert_int_equal(reply.status, 201);
	assert_string_equal(reply.retry_after, "");
	assert_string_equal(sg_buf_text(&reply.body), "x");
}

static void
unix_path__socket__asked_in_place_of_the_host(void **state)
{
	(void)state;
	sg_http_reply_scoped reply = {0};
	struct sg_err err;
	struct peer p;
	peer_start_unix(&p, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", NULL);
	struct sg_http_call c = {.url = p.url, .unix_path = p.path, .timeout_ms = 5000};
	assert_int_equal(call(&c, &reply, &err), SG_OK);
	peer_end(&p);
	assert_string_equal(sg_buf_text(&reply.body), "abc");
	assert_int_equal(reply.length, 3);
	assert_non_null(
	    strstr(p.got, "GET /scep?operation=x HTTP/1.1\r\nHost: nowhere.invalid\r\n"));
}

static void
unix_path__nobody_or_not_ours__said(void **state)
{
	(void)state;
	sg_http_reply_scoped reply = {0};
	struct sg_err err;
	struct peer p;
	char longer[109];
	peer_start_unix(&p, NULL, NULL);
	struct sg_http_call c = {.url = p.url, .unix_path = p.path, .timeout_ms = 200};
	assert_int_equal(call(&c, &reply, &err), SG_E_TIMEOUT);
	assert_string_equal(err.rule, "http.client.timeout");
	if (geteuid() != 0) {
		assert_int_equal(chmod(p.path, 0), 0);
		assert_int_equal(call(&c, &reply, &err), SG_E_DENIED);
		assert_string_equal(err.rule, "http.client.connect");
	}
	peer_end(&p);
	assert_int_equal(call(&c, &reply, &err), SG_E_IO);
	assert_string_equal(err.rule, "http.client.connect");
	assert_non_null(strstr(err.text, p.path));
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;
	c.unix_path = longer;
	assert_int_equal(call(&c, &reply, &err), SG_E_USAGE);
	assert_string_equal(err.rule, "http.client.path");
}

/* As many wait as the queue has places for. */
static void
unix_path__queue_full__said(void **state)
{
	(void)state;
	sg_http_reply_scoped reply = {0};
	struct sg_err err = {0};
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct peer p;
	int waiting[3];
	peer_start_unix(&p, NULL, NULL); /* accepts one, and has room for two */
	memcpy(sa.sun_path, p.path, sizeof p.path);
	for (size_t i = 0; i < 3; i++) {
		waiting[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(connect(waiting[i], (struct sockaddr *)&sa, sizeof sa), 0);
	}
	struct sg_http_call c = {.url = p.url, .unix_path = p.path, .timeout_ms = 5000};
	if (call(&c, &reply, &err) != SG_E_TIMEOUT)
		fail_msg("%s", err.text);
	assert_string_equal(err.rule, "http.client.timeout");
	assert_non_null(strstr(err.text, "too many wait"));
	for (size_t i = 0; i < 3; i++)
		close(waiting[i]);
	peer_end(&p);
}

struct pieces {
	struct sg_buf all;
	int64_t length;
	unsigned n, fail_at;
};

static enum sg_code
on_piece(void *arg, const struct sg_http_reply *reply, struct sg_slice piece, struct sg_err *err)
{
	struct pieces *got = arg;
	if (++got->n == got->fail_at)
		return sg_fail(err, SG_E_CONFLICT, "test.enough", "enough");
	got->length = reply->length;
	sg_buf_put_slice(&got->all, piece);
	return SG_OK;
}

static void
piece__answer__handed_on_as_it_comes(void **state)
{
	(void)state;
	static const struct {
		const char *text, *drip;
		const char *pieces, *body;
		unsigned n;
		int64_t length;
	} rows[] = {
	    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "cde", "abcde", "", 4, 5},
	    {"HTTP/1.1 200 OK\r\n\r\nab", "c", "abc", "", 2, -1},
	    {"HTTP/1.1 503 No\r\nContent-Length: 3\r\n\r\nabc", NULL, "", "abc", 0, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		sg_http_reply_scoped reply = {0};
		struct sg_err err = {0};
		struct pieces got = {0};
		struct peer p;
		peer_start_unix(&p, rows[i].text, rows[i].drip);
		/* The whole takes longer than any silence in it, and is larger than answer_max. */
		struct sg_http_call c = {.url = p.url,
		    .unix_path = p.path,
		    .piece = on_piece,
		    .piece_arg = &got,
		    .answer_max = 3,
		    .idle_ms = 2500};
		if (call(&c, &reply, &err) != SG_OK)
			fail_msg("%zu: %s", i, err.text);
		peer_end(&p);
		assert_string_equal(sg_buf_text(&got.all), rows[i].pieces);
		assert_string_equal(sg_buf_text(&reply.body), rows[i].body);
		assert_int_equal(got.n, rows[i].n);
		assert_int_equal(got.length, rows[i].length);
		sg_buf_clear(&got.all);
	}
}

static void
piece__fails_or_silence__ends(void **state)
{
	(void)state;
	sg_http_reply_scoped reply = {0};
	struct sg_err err = {0};
	struct pieces got = {.fail_at = 2};
	struct peer p;
	peer_start_unix(&p, "HTTP/1.1 200 OK\r\n\r\na", "b");
	struct sg_http_call c = {.url = p.url,
	    .unix_path = p.path,
	    .piece = on_piece,
	    .piece_arg = &got,
	    .idle_ms = 5000};
	assert_int_equal(call(&c, &reply, &err), SG_E_CONFLICT);
	assert_string_equal(err.rule, "test.enough");
	peer_end(&p);
	peer_start_unix(&p, NULL, NULL);
	c.idle_ms = 500;
	assert_int_equal(call(&c, &reply, &err), SG_E_TIMEOUT);
	assert_string_equal(err.rule, "http.client.timeout");
	peer_end(&p);
	sg_buf_clear(&got.all);
}

static void
client__no_memory__said(void **state)
{
	(void)state;
	struct sg_http_client *client = NULL;
	struct sg_http_reply reply = {0};
	struct sg_err err;
	alloc_fail_at(1);
	assert_int_equal(sg_http_client_new(&client, &err), SG_E_NOMEM);
	assert_null(client);
	alloc_fail_at(2);
	assert_int_equal(
	    fetch("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", &reply, &err), SG_E_NOMEM);
	alloc_fail_at(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(get__answers__status_type_body),
	    cmocka_unit_test(get__bad_answers__code_and_rule),
	    cmocka_unit_test(request__on_the_wire__as_told),
	    cmocka_unit_test(call__unreachable__says_what_to_do),
	    cmocka_unit_test(call__bad_options__usage),
	    cmocka_unit_test(reply_line__hostile_lines__short_texts),
	    cmocka_unit_test(retry_after__numbers_and_dates__seconds_to_wait),
	    cmocka_unit_test(client__two_calls__independent),
	    cmocka_unit_test(unix_path__socket__asked_in_place_of_the_host),
	    cmocka_unit_test(unix_path__nobody_or_not_ours__said),
	    cmocka_unit_test(unix_path__queue_full__said),
	    cmocka_unit_test(piece__answer__handed_on_as_it_comes),
	    cmocka_unit_test(piece__fails_or_silence__ends),
	    cmocka_unit_test(client__no_memory__said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
