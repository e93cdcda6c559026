/* SPDX-License-Identifier: Apache-2.0 */

/* A control socket with a table of routes of its own: who is let in, and how many at once. */

#include "unit/base/base_test.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/problem.h"
#include "http/client.h"
#include "lib/alloc_fail.h"
#include "service/control.h"

#define PLACES 16
#define STAYS 8

/* --- the routes --- */

#define TEST_WHO_ROWS(R, T) R(T, text, required, who, (1, 64), "who asks")
SG_JSON_DECLARE(test_who, TEST_WHO_ROWS);
SG_JSON_DEFINE(test_who, TEST_WHO_ROWS, "who asks");
#define TEST_SIZE_ROWS(R, T) R(T, int, required, size, (0, 1 << 24), "how many bytes")
SG_JSON_DECLARE(test_size, TEST_SIZE_ROWS);
SG_JSON_DEFINE(test_size, TEST_SIZE_ROWS, "a size");
#define TEST_TICK_ROWS(R, T) R(T, int, required, id, (1, SG_JSON_INT_MAX), "its number")
SG_JSON_DECLARE(test_tick, TEST_TICK_ROWS);
SG_JSON_DEFINE(test_tick, TEST_TICK_ROWS, "something that happened");

#define TEST_ROUTES(R)                                                                             \
	R(test, who, GET, "/v1/test/who", ONE, READ, sg_api_none, sg_api_none, test_who, "who")    \
	R(test, ticks, GET, "/v1/test/ticks", FOLLOWED, READ, sg_api_none, sg_api_none, test_tick, \
	    "one and then no more")                                                                \
	R(test, file, GET, "/v1/test/file", BYTES, BACKUP, test_size, sg_api_none, sg_api_none,    \
	    "a file")                                                                              \
	R(test, fail, POST, "/v1/test/fail", ONE, READ, sg_api_none, test_size, sg_api_none,       \
	    "fails")
SG_API_ROUTES_DECLARE(test, TEST_ROUTES);
SG_API_ROUTES_DEFINE(test, TEST_ROUTES);

static enum sg_code
say_who(struct sg_api_call *call, struct sg_err *err)
{
	struct test_who v = {.who = sg_slice_str(call->who->who)};

	assert_int_equal(call->who->proof, SG_API_PROOF_PEERCRED);
	sg_ignore(err == NULL);
	sg_api_put(call, &v);
	return SG_OK;
}

static enum sg_code
say_ticks(struct sg_api_call *call, struct sg_err *err)
{
	struct test_tick v = {.id = 1};

	sg_ignore(err == NULL);
	if (!call->page.has_after || call->page.after < 1)
		sg_ignore(sg_api_put_item(call, 1, &v));
	return SG_OK;
}

static enum sg_code
give_file(struct sg_api_call *call, struct sg_err *err)
{
	const struct test_size *p = call->params;
	static const char bytes[4096];
	enum sg_code rc = sg_api_begin_bytes(call, "file", (uint64_t)p->size, err);

	for (int64_t at = 0; rc == SG_OK && at < p->size; at += 4096) {
		size_t n = p->size - at < 4096 ? (size_t)(p->size - at) : 4096;
		rc = sg_api_put_bytes(call, sg_slice(bytes, n), err);
	}
	return rc;
}

static enum sg_code
fail_so(struct sg_api_call *call, struct sg_err *err)
{
	const struct test_size *b = call->body;

	return b->size == 0 ? sg_fail(err, SG_E_INTERNAL, "test.internal", "it went wrong")
			    : sg_fail(err, SG_E_CONFLICT, "test.conflict", "already so");
}

static sg_api_handler *const handlers[SG_API_test_n] = {[SG_API_test_who] = say_who,
    [SG_API_test_ticks] = say_ticks,
    [SG_API_test_file] = give_file,
    [SG_API_test_fail] = fail_so};
static const struct sg_api api = {.routes = &sg_api_test_routes, .handler = handlers};

/* --- the socket --- */

static char folder[64], path[100];

static int
listen_at(const char *at)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	memcpy(addr.sun_path, at, strlen(at));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	sg_ignore(unlink(at));
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	assert_int_equal(chmod(at, 0666), 0);
	assert_int_equal(listen(fd, 1024), 0);
	return fd;
}

static void
serve_at(const char *at, uid_t owner)
{
	struct sg_service_control set = {.fd = listen_at(at), .owner = owner, .api = &api};
	struct sg_err err = {0};
	assert_int_equal(sg_service_control_serve(&set, &err), SG_OK);
}

/* Each test its own, so that none waits for what another left behind. */
static int
set_up(void **state)
{
	(void)state;
	const char *base = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%.40s/sg-control-XXXXXX", base == NULL ? "/tmp" : base);
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chmod(folder, 0755), 0);
	snprintf(path, sizeof path, "%s/socket", folder);
	serve_at(path, geteuid());
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static int
connect_to(const char *at)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	memcpy(addr.sun_path, at, strlen(at));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* What comes until all of these texts, one behind the other, have come. */
static void
hear(int fd, const char *a, const char *b)
{
	char text[8192] = {0};
	size_t len = 0;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	for (;;) {
		const char *at = strstr(text, a);
		if (at != NULL && strstr(at + strlen(a), b) != NULL)
			return;
		if (poll(&p, 1, 5000) != 1)
			fail_msg("waits for %s, %s after %s", a, b, text);
		ssize_t n = read(fd, text + len, sizeof text - 1 - len);
		if (n <= 0)
			fail_msg("want %s, %s, have %s", a, b, text);
		len += (size_t)n;
	}
}

static void
hear_end(int fd)
{
	char rest[4096];
	struct pollfd p = {.fd = fd, .events = POLLIN};
	do
		assert_int_equal(poll(&p, 1, 5000), 1);
	while (read(fd, rest, sizeof rest) > 0);
	close(fd);
}

#define WHO "GET /v1/test/who HTTP/1.1\r\nHost: signet\r\n\r\n"
#define TICKS "GET /v1/test/ticks?follow=true&limit=1 HTTP/1.1\r\nHost: signet\r\n\r\n"

static enum sg_code
ask(const char *at, const char *what, struct sg_http_reply *reply, struct sg_err *err)
{
	char url[200];
	sg_scoped(http_client) client = NULL;
	snprintf(url, sizeof url, "http://signet/v1/test/%.100s", what);
	struct sg_http_call call = {.url = url, .unix_path = at, .timeout_ms = 10000};
	enum sg_code rc = sg_http_client_new(&client, err);
	return rc == SG_OK ? sg_http_client_call(client, &call, reply, err) : rc;
}

static void
expect_who(void)
{
	sg_http_reply_scoped reply = {0};
	struct sg_err err = {0};
	char want[64];
	if (ask(path, "who", &reply, &err) != SG_OK)
		fail_msg("%s", err.text);
	snprintf(want, sizeof want, "{\"who\":\"uid %u\"}", (unsigned)geteuid());
	assert_string_equal(sg_buf_text(&reply.body), want);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.content_type, "application/json");
}

/* --- questions --- */

static void
serve__question__handler_knows_who(void **state)
{
	(void)state;
	expect_who();
}

static void
serve__kept_connection__each_question_answered(void **state)
{
	(void)state;
	int fd = connect_to(path);
	say(fd, WHO WHO);
	hear(fd, "{\"who\":\"uid ", "{\"who\":\"uid ");
	say(fd, WHO);
	hear(fd, "HTTP/1.1 200 OK", "{\"who\":\"uid ");
	close(fd);
}

static void
serve__refusals__problems(void **state)
{
	(void)state;
	static const struct {
		const char *text, *line, *rule;
		bool closes;
	} bad[] = {
	    {"GET /v1/test/nothing HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ",
		"\"rule\":\"api.path\"", false},
	    {"PUT /v1/test/who HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405 ",
		"\"rule\":\"api.method\"", false},
	    {"POST /v1/test/fail HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nContent-Type: "
	     "application/json\r\n\r\n{\"size\":0}",
		"HTTP/1.1 500 ", "\"rule\":\"test.internal\"", false},
	    {"POST /v1/test/fail HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nContent-Type: "
	     "application/json\r\n\r\n{\"size\":1}",
		"HTTP/1.1 409 ", "\"rule\":\"test.conflict\"", false},
	    {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "\"rule\":\"http.host.absent\"", true},
	    {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 ",
		"\"rule\":\"http.method.refused\"", true},
	    {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 ",
		"\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n", true},
	    {"POST /v1/test/fail HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n",
		"HTTP/1.1 413 ", "\"rule\":\"http.body.size\"", true},
	    {"\x16\x03\x01\x02", "HTTP/1.1 400 ", "\"rule\":\"http.line.method\"", true},
	};
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		int fd = connect_to(path);
		say(fd, bad[n].text);
		hear(fd, bad[n].line, bad[n].rule);
		if (bad[n].closes) {
			shutdown(fd, SHUT_WR);
			hear_end(fd);
			continue;
		}
		say(fd, WHO);
		hear(fd, "HTTP/1.1 200 OK", "{\"who\":\"uid ");
		close(fd);
	}
	/* A head that never ends. */
	int fd = connect_to(path);
	char line[1024];
	memset(line, 'x', sizeof line - 3);
	memcpy(line, "X: ", 3);
	memcpy(line + sizeof line - 3, "\r\n", 3);
	say(fd, "GET /v1/test/who HTTP/1.1\r\nHost: a\r\n");
	for (size_t n = 0; n < 17; n++)
		say(fd, line);
	hear(fd, "HTTP/1.1 431 ", "\"rule\":\"http.head.size\"");
	close(fd);
}

static void
serve__file__whole_and_last_of_its_connection(void **state)
{
	(void)state;
	static const size_t sizes[] = {0, 1, 4096, 5000000};
	for (size_t n = 0; n < 4; n++) {
		sg_http_reply_scoped reply = {0};
		struct sg_err err = {0};
		char url[100];
		sg_scoped(http_client) client = NULL;
		snprintf(url, sizeof url, "http://signet/v1/test/file?size=%zu", sizes[n]);
		struct sg_http_call call = {
		    .url = url, .unix_path = path, .timeout_ms = 10000, .answer_max = 8u << 20};
		assert_int_equal(sg_http_client_new(&client, &err), SG_OK);
		if (sg_http_client_call(client, &call, &reply, &err) != SG_OK)
			fail_msg("%s", err.text);
		assert_int_equal(reply.body.len, sizes[n]);
		assert_string_equal(reply.content_type, "application/octet-stream");
	}
	int fd = connect_to(path);
	say(fd, "GET /v1/test/file?size=1 HTTP/1.1\r\nHost: a\r\n\r\n" WHO);
	hear(fd, "Connection: close", "\r\n\r\n");
	hear_end(fd);
}

/* --- how many at once --- */

static void *
ask_many(void *arg)
{
	sg_ignore(arg);
	for (int n = 0; n < 20; n++) {
		sg_http_reply_scoped reply = {0};
		struct sg_err err = {0};
		if (ask(path, "who", &reply, &err) != SG_OK || reply.status != 200)
			return "no answer";
	}
	return NULL;
}

static void
ask_with_threads(size_t n)
{
	pthread_t thread[40];
	for (size_t i = 0; i < n; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, ask_many, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		void *bad = NULL;
		pthread_join(thread[i], &bad);
		assert_null(bad);
	}
}

/* A script that runs many commands at once: none is turned away. */
static void
places__more_than_there_are__wait_and_are_answered(void **state)
{
	(void)state;
	ask_with_threads(40);
}

/* As many clients as there are places keep their connections, or never say anything. */
static void
places__silent_ones__make_room(void **state)
{
	(void)state;
	int idle[PLACES];
	for (size_t n = 0; n < PLACES; n++) {
		idle[n] = connect_to(path);
		if (n % 2 == 0) {
			say(idle[n], WHO);
			hear(idle[n], "HTTP/1.1 200 OK", "{\"who\":\"uid ");
		}
	}
	ask_with_threads(4);
	for (size_t n = 0; n < PLACES; n++)
		close(idle[n]);
}

/* Those that are in the middle of a question keep their places until they end. */
static void
places__in_the_middle__wait_for_one_that_ends(void **state)
{
	(void)state;
	int half[PLACES];
	for (size_t n = 0; n < PLACES; n++) {
		half[n] = connect_to(path);
		say(half[n], "GET /v1/test/who HTTP/1.1\r\n");
	}
	usleep(700000);
	int fd = connect_to(path);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	say(fd, WHO);
	assert_int_equal(poll(&p, 1, 1000), 0);
	close(half[3]);
	hear(fd, "HTTP/1.1 200 OK", "{\"who\":\"uid ");
	say(half[4], "Host: a\r\n\r\n");
	hear(half[4], "HTTP/1.1 200 OK", "{\"who\":\"uid ");
	close(fd);
	for (size_t n = 0; n < PLACES; n++)
		if (n != 3)
			close(half[n]);
}

/* Who asked while it waited for a place has asked, and is not closed for the next one. */
static void
places__asked_while_waiting__answered(void **state)
{
	(void)state;
	int half[PLACES];
	for (size_t n = 0; n < PLACES; n++) {
		half[n] = connect_to(path);
		say(half[n], "GET /v1/test/who HTTP/1.1\r\n");
	}
	for (size_t n = 0; n < 3; n++) {
		int first = connect_to(path), next = connect_to(path);
		say(first, WHO);
		say(next, WHO);
		usleep(700000); /* longer than it may be silent */
		close(half[n]);
		hear(first, "HTTP/1.1 200 OK", "{\"who\":\"uid ");
		close(first);
		hear(next, "HTTP/1.1 200 OK", "{\"who\":\"uid ");
		close(next);
		half[n] = connect_to(path);
		say(half[n], "GET /v1/test/who HTTP/1.1\r\n");
	}
	for (size_t n = 0; n < PLACES; n++)
		close(half[n]);
}

static void
stays__followers__leave_the_places_to_others(void **state)
{
	(void)state;
	int fd[STAYS];
	for (size_t n = 0; n < STAYS; n++) {
		fd[n] = connect_to(path);
		say(fd[n], TICKS);
		hear(fd[n], "application/jsonl", "{\"id\":1}\n");
	}
	int ninth = connect_to(path);
	say(ninth, TICKS);
	hear(ninth, "HTTP/1.1 503 ", "\"rule\":\"control.stays\"");
	close(ninth);
	ask_with_threads(20);
	/* One that ends is seen, and its stay is free. */
	close(fd[0]);
	usleep(1500000);
	fd[0] = connect_to(path);
	say(fd[0], TICKS);
	hear(fd[0], "application/jsonl", "{\"id\":1}\n");
	for (size_t n = 0; n < STAYS; n++)
		close(fd[n]);
}

/* --- who may --- */

/* What a child that is another user hears. */
static char
ask_as_other(const char *at)
{
	int to[2];
	char heard = 0;
	assert_int_equal(pipe(to), 0);
	pid_t pid = fork();
	if (pid == 0) {
		sg_http_reply_scoped reply = {0};
		struct sg_err err = {0};
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(9);
		enum sg_code rc = ask(at, "who", &reply, &err);
		bool told = reply.status == 403 &&
			    strstr(sg_buf_text(&reply.body), "\"rule\":\"control.user\"") != NULL;
		heard = rc == SG_E_DENIED     ? 'd'
			: rc != SG_OK	      ? 'c'
			: told		      ? 't'
			: reply.status == 200 ? 'y'
					      : '?';
		_exit(write(to[1], &heard, 1) == 1 ? 0 : 9);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(to[0], &heard, 1), 1);
	close(to[0]);
	close(to[1]);
	return heard;
}

static void
permission__another_user__told_and_closed(void **state)
{
	(void)state;
	char other[110];
	snprintf(other, sizeof other, "%s.other", path);
	serve_at(other, geteuid() == 0 ? 65534 : geteuid() + 1);
	if (geteuid() == 0) {
		/* Told, or closed before it could ask. */
		assert_true(strchr("tc", ask_as_other(path)) != NULL);
		assert_int_equal(ask_as_other(other), 'y'); /* the owner may */
		assert_int_equal(chmod(other, 0600), 0);
		assert_int_equal(ask_as_other(other), 'd');
	}
	int fd = connect_to(other);
	if (geteuid() == 0) {
		say(fd, WHO); /* and so may root */
		hear(fd, "HTTP/1.1 200 OK", "{\"who\":\"uid 0\"}");
	} else {
		hear(fd, "HTTP/1.1 403 ", "\"rule\":\"control.user\"");
		hear_end(dup(fd));
	}
	close(fd);
	unlink(other);
}

static void
serve__no_memory__says_so(void **state)
{
	(void)state;
	struct sg_service_control set = {.fd = -1, .api = &api};
	struct sg_err err = {0};
	alloc_fail_at(1);
	enum sg_code rc = sg_service_control_serve(&set, &err);
	alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(serve__question__handler_knows_who, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		serve__kept_connection__each_question_answered, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(serve__refusals__problems, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		serve__file__whole_and_last_of_its_connection, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		places__more_than_there_are__wait_and_are_answered, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(places__silent_ones__make_room, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		places__in_the_middle__wait_for_one_that_ends, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		places__asked_while_waiting__answered, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		stays__followers__leave_the_places_to_others, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		permission__another_user__told_and_closed, set_up, tear_down),
	    cmocka_unit_test(serve__no_memory__says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
