/* SPDX-License-Identifier: Apache-2.0 */

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/err.h>

#include "base/alloc.h"

#include "crypto/tls_server.h"
#include "lib/tls_peer.h"
#include "unit/http/rig.h"

static bool with_tls;
static SSL *ssls[4096]; /* by descriptor; a test closes those without a word */

int
rig_with_tls(void **state)
{
	(void)state;
	with_tls = true;
	return 0;
}

int
rig_without_tls(void **state)
{
	(void)state;
	with_tls = false;
	return 0;
}

struct sg_tls_server *
rig_tls_server(const char *name)
{
	struct tls_made made;
	struct sg_tls_server *server = NULL;
	struct sg_err err;
	char names[64];

	snprintf(names, sizeof names, "DNS:%s", name);
	tls_make(&(struct tls_want){.names = names}, &made);
	struct sg_tls_pair pair = tls_pair_of(&made);
	assert_int_equal(sg_tls_server_new(&pair, 1, &server, &err), SG_OK);
	tls_made_clear(&made);
	return server;
}

void
sleep_ms(int ms)
{
	struct timespec ts = {ms / 1000, (long)(ms % 1000) * 1000000};
	nanosleep(&ts, NULL);
}

static void
respond(struct sg_http_req *req)
{
	struct sg_http_answer answer = {
	    .status = 200,
	    .content_type = "text/plain",
	    .body = sg_slice_is(req->head.path, "/echo") ? req->body : req->head.query,
	    .fields = "X-Rig: yes\r\n",
	    .user = sg_slice_str("us er"),
	};
	sg_http_respond(req, &answer);
}

static void
on_request(void *arg, struct sg_http_req *req)
{
	struct rig *rig = arg;
	bool late = sg_slice_is(req->head.path, "/late");
	if (late || sg_slice_is(req->head.path, "/hold")) {
		pthread_mutex_lock(&rig->lock);
		if (late)
			rig->late[rig->n_late++] = req;
		else
			rig->held[rig->n_held++] = req;
		pthread_cond_broadcast(&rig->changed);
		pthread_mutex_unlock(&rig->lock);
		return;
	}
	if (sg_slice_is(req->head.path, "/missing")) {
		sg_http_respond_status(req, 404);
		return;
	}
	if (sg_slice_is(req->head.path, "/where")) {
		char text[128];
		int n = snprintf(text, sizeof text, "%s %u %s %u %u", req->peer, req->peer_port > 0,
		    req->local, req->local_port, req->listener);
		struct sg_http_answer answer = {
		    .status = 200, .body = sg_slice(text, (size_t)n), .close = true};
		sg_http_respond(req, &answer);
		return;
	}
	if (sg_slice_is(req->head.path, "/via")) {
		char text[2 * SG_NET_TEXT_LEN];
		int n = snprintf(
		    text, sizeof text, "%s %s", req->peer, req->via != NULL ? req->via : "-");
		sg_http_respond(req,
		    &(struct sg_http_answer){.status = 200, .body = sg_slice(text, (size_t)n)});
		return;
	}
	if (sg_slice_is(req->head.path, "/big")) {
		struct sg_http_answer answer = {.status = 200, .body = sg_slice(rig->big, BIG_LEN)};
		sg_http_respond(req, &answer);
		return;
	}
	respond(req);
}

static void
on_finished(void *arg, const struct sg_http_record *rec, const struct sg_err *err)
{
	struct rig *rig = arg;
	sg_buf_scoped line = {0};
	struct sg_http_record timeless = *rec;

	timeless.taken_us = 0; /* a busy machine takes its milliseconds; test_w3clog has some */
	sg_w3clog_line(&line, &timeless);
	pthread_mutex_lock(&rig->lock);
	/* Without memory there is no line. */
	if (line.len > 20 && rig->n_records < RECORDS_MAX)
		snprintf(rig->records[rig->n_records++], sizeof rig->records[0], "%.400s%s",
		    sg_buf_text(&line) + strlen("2026-11-20 13:44:05 "),
		    err != NULL ? err->rule : "");
	pthread_cond_broadcast(&rig->changed);
	pthread_mutex_unlock(&rig->lock);
}

static void
on_crowded(void *arg, const char *peer)
{
	struct rig *rig = arg;
	rig->crowded += strcmp(peer, "127.0.0.1") == 0;
}

static void
on_no_tls(void *arg, const char *peer, const struct sg_err *err)
{
	struct rig *rig = arg;
	pthread_mutex_lock(&rig->lock);
	if (rig->n_records < RECORDS_MAX)
		snprintf(rig->records[rig->n_records++], sizeof rig->records[0], "%s %s: %.400s",
		    peer, err->rule, err->text);
	pthread_cond_broadcast(&rig->changed);
	pthread_mutex_unlock(&rig->lock);
}

static void
on_stopped(void *arg)
{
	struct rig *rig = arg;
	pthread_mutex_lock(&rig->lock);
	rig->stopped = true;
	pthread_cond_broadcast(&rig->changed);
	pthread_mutex_unlock(&rig->lock);
}

/* Orders to the loop's thread, one letter each. */
static void
on_ctl(evutil_socket_t fd, short what, void *arg)
{
	struct rig *rig = arg;
	char c = 0;
	(void)what;
	if (read(fd, &c, 1) != 1)
		return;
	if (c == 's')
		sg_http_server_stop(rig->server, on_stopped, rig);
	if (c == 'f' || c == 'q')
		sg_http_server_free(&rig->server);
	if (c == 'x')
		sg_http_server_set_tls(rig->server, rig->tls);
	if (c == 'q')
		event_base_loopbreak(rig->base);
	if (c == '?') {
		if (rig->server != NULL)
			sg_http_server_stats(rig->server, &rig->stats);
		atomic_store(&rig->stats_done, true);
	}
}

static void *
loop_main(void *arg)
{
	struct rig *rig = arg;
	event_base_dispatch(rig->base);
	return NULL;
}

static void *
worker_main(void *arg)
{
	struct rig *rig = arg;
	pthread_mutex_lock(&rig->lock);
	while (!rig->quit || rig->n_late > 0) {
		if (rig->n_late == 0) {
			pthread_cond_wait(&rig->changed, &rig->lock);
			continue;
		}
		struct sg_http_req *req = rig->late[0];
		memmove(rig->late, rig->late + 1, --rig->n_late * sizeof rig->late[0]);
		pthread_mutex_unlock(&rig->lock);
		respond(req);
		pthread_mutex_lock(&rig->lock);
	}
	pthread_mutex_unlock(&rig->lock);
	return NULL;
}

void
rig_init(struct rig *rig)
{
	*rig = (struct rig){
	    .listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof sa;
	assert_int_equal(bind(rig->listen_fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(listen(rig->listen_fd, 1024), 0);
	assert_int_equal(getsockname(rig->listen_fd, (struct sockaddr *)&sa, &len), 0);
	rig->port = ntohs(sa.sin_port);
	sg_http_settings_init(&rig->set);
	rig->set.handler = on_request;
	rig->set.finished = on_finished;
	rig->set.arg = rig;
	rig->set.server_name = "rig";
	rig->set.crowded = on_crowded;
	rig->set.no_tls = on_no_tls;
	rig->set.per_addr_max = 0;
	if (with_tls)
		rig->tls = rig_tls_server("rig.example");
}

void
rig_start(struct rig *rig)
{
	struct sg_err err;
	signal(SIGPIPE, SIG_IGN);
	rig->set.fds = &rig->listen_fd;
	rig->set.n_fds = 1;
	rig->set.n_tls = rig->tls != NULL || rig->no_context;
	rig->big = calloc(1, BIG_LEN);
	rig->base = event_base_new();
	assert_non_null(rig->base);
	assert_int_equal(pipe(rig->ctl_fds), 0);
	rig->ctl = event_new(rig->base, rig->ctl_fds[0], EV_READ | EV_PERSIST, on_ctl, rig);
	assert_int_equal(event_add(rig->ctl, NULL), 0);
	assert_int_equal(sg_http_server_new(rig->base, &rig->set, &rig->server, &err), SG_OK);
	if (rig->tls != NULL)
		sg_http_server_set_tls(rig->server, rig->tls);
	assert_int_equal(pthread_mutex_init(&rig->lock, NULL), 0);
	assert_int_equal(pthread_cond_init(&rig->changed, NULL), 0);
	assert_int_equal(pthread_create(&rig->loop, NULL, loop_main, rig), 0);
	assert_int_equal(pthread_create(&rig->worker, NULL, worker_main, rig), 0);
}

static void
tell(struct rig *rig, char c)
{
	assert_int_equal(write(rig->ctl_fds[1], &c, 1), 1);
}

void
rig_end(struct rig *rig)
{
	tell(rig, 'q');
	pthread_join(rig->loop, NULL);
	rig_release(rig);
	pthread_mutex_lock(&rig->lock);
	rig->quit = true;
	pthread_cond_broadcast(&rig->changed);
	pthread_mutex_unlock(&rig->lock);
	pthread_join(rig->worker, NULL);
	for (size_t i = 0; i < sizeof ssls / sizeof *ssls; i++)
		SSL_free(sg_steal(ssls[i]));
	sg_tls_server_free(&rig->tls);
	event_free(rig->ctl);
	event_base_free(rig->base);
	close(rig->listen_fd);
	close(rig->ctl_fds[0]);
	close(rig->ctl_fds[1]);
	pthread_cond_destroy(&rig->changed);
	pthread_mutex_destroy(&rig->lock);
	free(rig->big);
}

void
rig_stop(struct rig *rig, bool wait)
{
	tell(rig, 's');
	pthread_mutex_lock(&rig->lock);
	while (wait && !rig->stopped)
		pthread_cond_wait(&rig->changed, &rig->lock);
	pthread_mutex_unlock(&rig->lock);
}

void
rig_exchange_tls(struct rig *rig, const char *name)
{
	sg_tls_server_free(&rig->tls);
	rig->tls = rig_tls_server(name);
	tell(rig, 'x');
	rig_stats(rig);
}

struct sg_http_stats
rig_stats(struct rig *rig)
{
	atomic_store(&rig->stats_done, false);
	tell(rig, '?');
	while (!atomic_load(&rig->stats_done))
		sleep_ms(1);
	return rig->stats;
}

void
rig_free_server(struct rig *rig)
{
	tell(rig, 'f');
	rig_stats(rig);
}

void
rig_wait_held(struct rig *rig, size_t n)
{
	pthread_mutex_lock(&rig->lock);
	while (rig->n_held < n)
		pthread_cond_wait(&rig->changed, &rig->lock);
	pthread_mutex_unlock(&rig->lock);
}

void
rig_release(struct rig *rig)
{
	pthread_mutex_lock(&rig->lock);
	memcpy(rig->late + rig->n_late, rig->held, rig->n_held * sizeof rig->held[0]);
	rig->n_late += rig->n_held;
	rig->n_held = 0;
	pthread_cond_broadcast(&rig->changed);
	pthread_mutex_unlock(&rig->lock);
}

static bool
has_record(const struct rig *rig, const char *begin)
{
	for (size_t i = 0; i < rig->n_records; i++)
		if (strncmp(rig->records[i], begin, strlen(begin)) == 0)
			return true;
	return false;
}

void
rig_wait_record(struct rig *rig, const char *begin)
{
	struct timespec until;
	int rc = 0;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += SOON_MS / 1000;
	pthread_mutex_lock(&rig->lock);
	while (!has_record(rig, begin) && rc == 0)
		rc = pthread_cond_timedwait(&rig->changed, &rig->lock, &until);
	for (size_t i = 0; rc != 0 && i < rig->n_records; i++)
		print_message("%s\n", rig->records[i]);
	pthread_mutex_unlock(&rig->lock);
	assert_int_equal(rc, 0);
}

SSL *
ssl_of(int fd)
{
	return fd < (int)(sizeof ssls / sizeof *ssls) ? ssls[fd] : NULL;
}

ssize_t
put(int fd, const void *p, size_t len, int flags)
{
	SSL *ssl = ssl_of(fd);
	size_t n = 0;

	if (ssl == NULL)
		return send(fd, p, len, flags | MSG_NOSIGNAL);
	if ((flags & MSG_DONTWAIT) != 0)
		assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	/* A record at a time: what one of several did would not be said. */
	int rc = SSL_write_ex(ssl, p, len < 4096 ? len : 4096, &n);
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	ERR_clear_error();
	return rc == 1 ? (ssize_t)n : -1;
}

ssize_t
get(int fd, void *p, size_t len)
{
	SSL *ssl = ssl_of(fd);
	size_t n = 0;

	if (ssl == NULL)
		return recv(fd, p, len, 0);
	int rc = SSL_read_ex(ssl, p, len, &n);
	int error = SSL_get_error(ssl, rc);
	ERR_clear_error();
	return rc == 1 ? (ssize_t)n : error == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

void
shut(int fd)
{
	if (ssl_of(fd) != NULL)
		assert_true(SSL_shutdown(ssl_of(fd)) >= 0);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
}

bool
dial_tls(int fd, const struct tls_ask *ask)
{
	assert_true(fd < (int)(sizeof ssls / sizeof *ssls));
	SSL_free(ssls[fd]);
	ssls[fd] = tls_client(fd, ask);
	SSL_set_mode(ssls[fd], SSL_MODE_ENABLE_PARTIAL_WRITE);
	return SSL_do_handshake(ssls[fd]) == 1;
}

int
dial(const struct rig *rig)
{
	int fd = dial_plain(rig);

	/* It is closed when that fails, which the test will see. */
	if (rig->tls != NULL)
		sg_ignore(!dial_tls(fd, &(struct tls_ask){0}));
	return fd;
}

int
dial_plain(const struct rig *rig)
{
	struct sockaddr_in sa = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)rig->port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)},
	};
	struct timeval limit = {SOON_MS / 1000, 0};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	/* What is said goes at once, also after the last message of a handshake. */
	assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), 0);
	if (ssl_of(fd) != NULL)
		SSL_free(sg_steal(ssls[fd]));
	return fd;
}

void
say_bytes(int fd, const void *p, size_t len)
{
	while (len > 0) {
		ssize_t n = put(fd, p, len, 0);
		assert_true(n > 0);
		p = (const uint8_t *)p + n;
		len -= (size_t)n;
	}
}

void
say(int fd, const char *text)
{
	say_bytes(fd, text, strlen(text));
}

static bool
hear_any(int fd, struct answer *ret, bool body)
{
	size_t n = 0;
	*ret = (struct answer){0};
	while (n < 4 || memcmp(ret->head + n - 4, "\r\n\r\n", 4) != 0) {
		ssize_t got = get(fd, ret->head + n, 1);
		if (got <= 0 && n == 0)
			return false;
		assert_int_equal(got, 1);
		assert_true(++n < sizeof ret->head - 1);
	}
	assert_memory_equal(ret->head, "HTTP/1.1 ", 9);
	ret->status = (ret->head[9] - '0') * 100 + (ret->head[10] - '0') * 10 + ret->head[11] - '0';
	const char *length = strcasestr(ret->head, "\r\nContent-Length: ");
	if (length == NULL || !body)
		return true;
	size_t want = 0;
	for (length += strlen("\r\nContent-Length: "); *length >= '0' && *length <= '9'; length++)
		want = want * 10 + (size_t)(*length - '0');
	assert_true(want < sizeof ret->body);
	while (ret->body_len < want) {
		ssize_t got = get(fd, ret->body + ret->body_len, want - ret->body_len);
		assert_true(got > 0);
		ret->body_len += (size_t)got;
	}
	return true;
}

bool
hear(int fd, struct answer *ret)
{
	return hear_any(fd, ret, true);
}

bool
hear_head(int fd, struct answer *ret)
{
	return hear_any(fd, ret, false);
}

bool
is_closed(int fd)
{
	char c;
	return get(fd, &c, 1) == 0;
}
