/* SPDX-License-Identifier: Apache-2.0 */

/*
 * wire.c - HTTP by hand over non-blocking sockets, and over OpenSSL's TLS, so that the generator
 * costs little and measures what it means to measure
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/alloc.h"
#include "bench.h"

#define IN_MAX 65536u
#define RECONNECTS_MAX 100u

struct conn {
	const struct bench_server *server;
	uint32_t source;
	int fd, epoll;
	SSL *ssl;	       /* NULL: no TLS */
	struct bench_req *req; /* under way; NULL: none */
	size_t sent, in_len;
	bool wants_out;
	bool used; /* a request was sent on it */
	uint8_t in[IN_MAX];
};

struct drive {
	struct bench_req *req;
	size_t n, next, done;
	unsigned reconnects;
};

static int
dial(const struct bench_server *server, uint32_t source)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server->port)};
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr = {htonl(source)}};
	int one = 1;

	if (inet_pton(AF_INET, server->addr, &to.sin_addr) != 1)
		bench_die("want a numeric IPv4 address, have '%s'", server->addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		bench_die("socket: %s", strerror(errno));
	if (source != 0 && bind(fd, (struct sockaddr *)&from, sizeof from) != 0)
		bench_die("cannot connect from %s: %s", inet_ntoa(from.sin_addr), strerror(errno));
	if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		bench_die(
		    "cannot connect to %s:%u: %s", server->addr, server->port, strerror(errno));
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0)
		bench_die("TCP_NODELAY: %s", strerror(errno));
	return fd;
}

static void
watch(struct conn *c, int operation)
{
	struct epoll_event ev = {
	    .events = EPOLLIN | (c->wants_out ? (uint32_t)EPOLLOUT : 0u), .data = {.ptr = c}};
	if (epoll_ctl(c->epoll, operation, c->fd, &ev) != 0)
		bench_die("epoll_ctl: %s", strerror(errno));
}

/* Whose certificate it is does not matter: what is measured is the server. */
static SSL *
client(int fd)
{
	static SSL_CTX *ctx;

	if (ctx == NULL) {
		ctx = SSL_CTX_new(TLS_client_method());
		if (ctx == NULL)
			bench_die("no TLS");
		signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
		SSL_CTX_set_mode(
		    ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	}
	SSL *ssl = SSL_new(ctx);
	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1)
		bench_die("no TLS");
	SSL_set_connect_state(ssl);
	return ssl;
}

static void
open_conn(struct conn *c)
{
	c->fd = dial(c->server, c->source);
	if (c->server->tls) {
		if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0)
			bench_die("O_NONBLOCK: %s", strerror(errno));
		c->ssl = client(c->fd);
	}
	c->sent = c->in_len = 0;
	c->wants_out = c->used = false;
	watch(c, EPOLL_CTL_ADD);
}

static void
close_conn(struct conn *c)
{
	SSL_free(c->ssl);
	c->ssl = NULL;
	close(c->fd);
}

/* What a call of OpenSSL came to, as a call of the kernel would say it; *waits_in: not for the
 * direction that was asked about. */
static ssize_t
result(struct conn *c, int rc, size_t n, bool *waits_in)
{
	if (rc == 1)
		return (ssize_t)n;
	int why = SSL_get_error(c->ssl, rc);
	*waits_in = why == SSL_ERROR_WANT_READ;
	errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
	return why == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

static ssize_t
send_some(struct conn *c, const uint8_t *p, size_t len, bool *waits_in)
{
	size_t n = 0;

	if (c->ssl == NULL)
		return send(c->fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	int rc = SSL_write_ex(c->ssl, p, len, &n);
	return result(c, rc, n, waits_in);
}

static ssize_t
receive_some(struct conn *c)
{
	uint8_t *p = c->in + c->in_len;
	size_t len = sizeof c->in - c->in_len, n = 0;
	bool waits_in;

	if (c->ssl == NULL)
		return recv(c->fd, p, len, MSG_DONTWAIT);
	int rc = SSL_read_ex(c->ssl, p, len, &n);
	return result(c, rc, n, &waits_in);
}

static void
push_out(struct conn *c)
{
	struct sg_slice out = c->req->out;
	bool waits_in = false; /* a handshake goes on */

	c->used = true;
	while (c->sent < out.len) {
		ssize_t n = send_some(c, out.p + c->sent, out.len - c->sent, &waits_in);
		if (n > 0) {
			c->sent += (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			break;
		} else {
			return; /* closed: reading says so */
		}
	}
	bool wants = c->sent < out.len && !waits_in;
	if (wants != c->wants_out) {
		c->wants_out = wants;
		watch(c, EPOLL_CTL_MOD);
	}
}

static void
send_next(struct drive *d, struct conn *c)
{
	c->req = NULL;
	c->sent = c->in_len = 0;
	if (d->next == d->n)
		return;
	c->req = &d->req[d->next++];
	c->req->start_ns = bench_now_ns();
	if (c->server->fresh && c->used) {
		close_conn(c);
		open_conn(c);
	}
	push_out(c);
}

/* The value of a field of the head, or an empty slice. */
static struct sg_slice
field(struct sg_slice head, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i + len + 2 < head.len; i++) {
		if (head.p[i] != '\n' ||
		    strncasecmp((const char *)head.p + i + 1, name, len) != 0 ||
		    head.p[i + 1 + len] != ':')
			continue;
		size_t from = i + 2 + len, to = from;
		while (to < head.len && head.p[to] != '\r')
			to++;
		while (from < to && head.p[from] == ' ')
			from++;
		return sg_slice(head.p + from, to - from);
	}
	return sg_slice(NULL, 0);
}

static size_t
decimal(struct sg_slice s)
{
	size_t v = 0;
	for (size_t i = 0; i < s.len && s.p[i] >= '0' && s.p[i] <= '9' && v < IN_MAX; i++)
		v = v * 10 + (size_t)(s.p[i] - '0');
	return v;
}

/* Join the chunks; false when the last one has not come. */
static bool
join_chunks(struct sg_slice in, struct sg_buf *out)
{
	size_t at = 0;

	for (;;) {
		size_t size = 0;
		while (at < in.len && in.p[at] != '\r') {
			unsigned c = in.p[at++] | 0x20u;
			size = size * 16 + (c >= 'a' ? c - 'a' + 10 : c - '0');
			if (size > IN_MAX)
				bench_die("a chunk that is too large");
		}
		if (at + 2 + size + 2 > in.len)
			return false;
		if (size == 0)
			return true;
		sg_buf_put(out, in.p + at + 2, size);
		at += 2 + size + 2;
	}
}

/* A whole answer in c->in? Then it goes to the request. */
static bool
take_answer(struct conn *c)
{
	uint8_t *end = memmem(c->in, c->in_len, "\r\n\r\n", 4);

	if (end == NULL)
		return false;
	struct sg_slice head = sg_slice(c->in, (size_t)(end - c->in) + 2);
	struct sg_slice rest = sg_slice(end + 4, c->in_len - head.len - 2);
	struct sg_slice coding = field(head, "Transfer-Encoding");
	sg_buf_clear(&c->req->body);
	if (coding.len > 0) {
		if (!join_chunks(rest, &c->req->body)) {
			sg_buf_clear(&c->req->body);
			return false;
		}
	} else {
		size_t len = decimal(field(head, "Content-Length"));
		if (rest.len < len)
			return false;
		sg_buf_put(&c->req->body, rest.p, len);
	}
	c->req->ns = bench_now_ns() - c->req->start_ns;
	c->req->status = (int)decimal(sg_slice(c->in + 9, 3));
	return true;
}

/* The server closed an idle connection between our requests: another one. */
static void
closed(struct drive *d, struct conn *c)
{
	close_conn(c);
	if (++d->reconnects > RECONNECTS_MAX)
		bench_die("the server closed %u connections", d->reconnects);
	open_conn(c);
	if (c->req != NULL)
		push_out(c);
}

static void
on_event(struct drive *d, struct conn *c, uint32_t events)
{
	if (c->req != NULL && c->sent < c->req->out.len)
		push_out(c);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	ssize_t n = receive_some(c);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		closed(d, c);
		return;
	}
	c->in_len += (size_t)n;
	if (c->req == NULL)
		bench_die("an answer to nothing");
	if (!take_answer(c)) {
		if (c->in_len == sizeof c->in)
			bench_die("an answer of more than %u bytes", IN_MAX);
		return;
	}
	d->done++;
	send_next(d, c);
}

int64_t
bench_drive(const struct bench_server *server, size_t connections, struct bench_req *req, size_t n)
{
	struct drive d = {.req = req, .n = n};
	struct conn *conn = sg_xalloc(connections * sizeof *conn);
	struct epoll_event ev[64];
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	for (size_t i = 0; i < connections; i++) {
		conn[i].server = server;
		conn[i].epoll = epoll;
		conn[i].source = server->source == 0 ? 0 : server->source + (uint32_t)i;
		open_conn(&conn[i]);
	}
	int64_t start = bench_now_ns();
	for (size_t i = 0; i < connections; i++)
		send_next(&d, &conn[i]);
	while (d.done < n) {
		int got = epoll_wait(epoll, ev, sizeof ev / sizeof ev[0], 30000);
		if (got == 0)
			bench_die("no answer for 30 seconds, %zu of %zu done", d.done, n);
		for (int i = 0; i < got; i++)
			on_event(&d, ev[i].data.ptr, ev[i].events);
	}
	int64_t ns = bench_now_ns() - start;
	for (size_t i = 0; i < connections; i++)
		close_conn(&conn[i]);
	close(epoll);
	sg_free(conn);
	return ns;
}

void
bench_get(const struct bench_server *server, const char *operation, struct sg_buf *body)
{
	sg_buf_scoped out = {0};
	struct bench_req req = {0};

	sg_buf_printf(&out, "GET %s?operation=%s HTTP/1.1\r\nHost: %s:%u\r\n\r\n", server->path,
	    operation, server->addr, server->port);
	req.out = sg_buf_slice(&out);
	bench_drive(server, 1, &req, 1);
	if (req.status != 200)
		bench_die("%s: HTTP status %d", operation, req.status);
	sg_buf_put_slice(body, sg_buf_slice(&req.body));
	sg_buf_clear(&req.body);
}

void
bench_http_post(const struct bench_server *server, struct sg_slice body, struct sg_buf *out)
{
	sg_buf_printf(out,
	    "POST %s?operation=PKIOperation HTTP/1.1\r\nHost: %s:%u\r\n"
	    "Content-Type: application/x-pki-message\r\nContent-Length: %zu\r\n\r\n",
	    server->path, server->addr, server->port, body.len);
	sg_buf_put_slice(out, body);
}
