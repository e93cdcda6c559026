/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/conn.c - one connection, from its first byte to its end
 *
 * server.c accepts it; parse.c reads what arrives; a complete request goes to the handler, and its
 * answer comes back here, from whichever thread by way of server.c. Phases and deadlines are here.
 */

#include "http/conn_private.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "http/addr_private.h"
#include "http/answer_private.h"
#include "http/forwarded.h"
#include "http/server_private.h"

/* What IIS logs when the client left before its answer: ERROR_NETNAME_DELETED. */
#define CLIENT_GONE 64u

static void
run(struct conn *c);

static void
set_phase(struct conn *c, enum phase phase)
{
	struct sg_http_server *server = c->server;
	TAILQ_REMOVE(&server->phases[c->phase], c, link);
	TAILQ_INSERT_TAIL(&server->phases[phase], c, link);
	c->phase = phase;
	c->since_us = server->set.mono_us();
}

/* What an unfinished request occupies; 0 once it is complete. */
static void
set_mem(struct conn *c, size_t mem)
{
	c->server->stats.heads_mem = c->server->stats.heads_mem - c->mem + mem;
	c->mem = mem;
}

static void
conn_free(struct conn *c)
{
	struct sg_http_server *server = c->server;
	if (c->req != NULL && c->phase == PHASE_RUN) {
		c->req->conn = NULL;
		server->stats.gone++;
		server->stats.running--;
	} else if (c->req != NULL) {
		sg_http_conn_preq_free(c->req);
	}
	set_mem(c, 0);
	TAILQ_REMOVE(&server->phases[c->phase], c, link);
	sg_buf_clear(&c->body);
	if (c->addr != NULL)
		sg_http_addrs_give(server->addrs, c->addr);
	sg_http_transport_close(&c->io);
	sg_free(c);
	server->stats.conns--;
	sg_http_server_conn_gone(server);
}

void
sg_http_conn_close(struct conn *c)
{
	c->dead = true;
	if (c->dispatching == 0)
		conn_free(c);
}

static void
answered(struct conn *c, bool sent, bool keep)
{
	c->close = !keep;
	if (!sent)
		c->dead = true;
	else if (sg_http_transport_unsent(&c->io) > 0) {
		set_phase(c, PHASE_WRITE);
		c->progress = sg_http_transport_unsent(&c->io);
	} else if (c->close) {
		set_phase(c, PHASE_LINGER);
		c->dead = !sg_http_transport_finish(&c->io);
	} else {
		set_phase(c, PHASE_IDLE);
		sg_http_server_room(c->server);
	}
}

/* Answer what never becomes a request, and close. */
static void
refuse(struct conn *c, int status, const uint8_t *data, const struct sg_err *err)
{
	struct sg_http_head head = {0};
	sg_buf_scoped text = {0}, fields = {0};
	sg_buf_printf(&text, "%d %s\n", status, sg_http_reason(status));
	if (c->plain)
		sg_buf_puts(&text, "This port speaks TLS: the URL begins with https://\n");
	if (status == 405)
		sg_http_put_allow(&fields, c->server->set.rules.methods);
	if (status == 503)
		sg_buf_puts(&fields, "Retry-After: 10\r\n");
	struct sg_http_answer answer = {
	    .status = status,
	    .content_type = "text/plain",
	    .body = sg_buf_slice(&text),
	    .fields = sg_buf_text(&fields),
	};
	set_mem(c, 0);
	c->server->stats.refused++;
	if (data != NULL)
		sg_http_parser_seen(&c->parser, data, &head);
	bool sent = sg_http_answer_send(c, head.method, &answer, false, false);
	sg_http_answer_log_refused(c, &head, &answer, err);
	sg_buf_clear(&c->body);
	answered(c, sent, false);
}

static struct sg_slice
moved(struct sg_slice s, const uint8_t *from, const uint8_t *to, size_t len)
{
	/* A path may be a constant of the parser. */
	if (s.len == 0 || s.p < from || s.p >= from + len)
		return s;
	return sg_slice(to + (s.p - from), s.len);
}

/* Who asks: who connected, or whom the trusted proxy names that did. */
static void
set_peer(const struct conn *c, struct preq *r)
{
	const struct sg_http_settings *set = &c->server->set;
	struct sg_ip ip;

	memcpy(r->peer, c->peer, sizeof r->peer);
	r->pub.peer = r->peer;
	if (!c->trusted ||
	    !sg_http_forwarded(r->pub.head.fields, set->trusted, set->trusted_n, &ip))
		return;
	memcpy(r->via, c->peer, sizeof r->via);
	r->pub.via = r->via;
	sg_ip_put(&ip, r->peer);
}

/* Copy head and body, which lie together at data, after a new request. */
static struct preq *
preq_new(struct conn *c, const struct sg_http_head *head, const uint8_t *data, size_t body_len)
{
	size_t len = head->head_len + body_len;
	struct preq *r = sg_alloc(sizeof *r + len);
	if (r == NULL)
		return NULL;
	uint8_t *copy = (uint8_t *)(r + 1);
	/* UNSAFE: the block has len bytes after the struct. */
	memcpy(copy, data, len);
	struct sg_http_head *h = &r->pub.head;
	*h = *head;
	h->method_text = moved(h->method_text, data, copy, len);
	h->target = moved(h->target, data, copy, len);
	h->path = moved(h->path, data, copy, len);
	h->query = moved(h->query, data, copy, len);
	h->host = moved(h->host, data, copy, len);
	h->fields = moved(h->fields, data, copy, len);
	r->pub.body = sg_slice(copy + head->head_len, body_len);
	r->pub.at_us = c->at_us;
	r->begin_us = c->begin_us;
	r->pub.listener = c->listener;
	r->pub.tls = c->tls;
	set_peer(c, r);
	memcpy(r->local, c->local, sizeof r->local);
	r->pub.local = r->local;
	r->pub.peer_port = c->peer_port;
	r->pub.local_port = c->local_port;
	r->thread = pthread_self();
	r->hub = c->server->hub;
	pthread_mutex_lock(&r->hub->lock);
	r->hub->refs++;
	pthread_mutex_unlock(&r->hub->lock);
	return r;
}

static bool
is_busy(const struct conn *c)
{
	return c->phase == PHASE_RUN || c->phase == PHASE_WRITE;
}

static void
dispatch(struct conn *c)
{
	struct sg_http_server *server = c->server;
	struct preq *r = c->req;
	set_mem(c, 0);
	r->conn = c;
	r->pub.id = ++server->last_id;
	server->stats.requests++;
	server->stats.running++;
	set_phase(c, PHASE_RUN);
	/* Until its answer is gone, what comes after it has its bound. Nothing is read for less. */
	sg_ignore(!sg_http_transport_allow(&c->io, SG_HTTP_PIPELINE_MAX));
	server->set.handler(server->set.arg, &r->pub);
}

/* An unfinished request: what it takes by now. */
static void
count_mem(struct conn *c)
{
	set_mem(
	    c, sg_http_transport_mem(&c->io) + c->body.cap + (c->req != NULL ? c->parser.pos : 0));
}

static void
run_idle(struct conn *c)
{
	if (c->io.in.len == 0) {
		if (c->io.eof || c->server->stopping)
			c->dead = true;
		return;
	}
	memset(&c->parser, 0, sizeof c->parser);
	set_phase(c, PHASE_HEAD);
	c->begin_us = c->since_us;
	c->at_us = c->server->set.now_us();
}

/* The head is complete: a chunked body is decoded as it comes, others wait in the input. */
static void
begin_body(struct conn *c, const struct sg_http_head *head, const uint8_t *data, size_t have)
{
	bool more = head->chunked || have - head->head_len < head->length;
	set_phase(c, PHASE_BODY);
	c->body_got = 0;
	if (head->chunked) {
		c->req = preq_new(c, head, data, 0);
		if (c->req == NULL) {
			refuse(c, 503, data, NULL);
			return;
		}
		sg_http_transport_take(&c->io, head->head_len);
		memset(&c->chunks, 0, sizeof c->chunks);
		c->body.max = (size_t)c->server->set.rules.body_max + 1;
		have -= head->head_len;
		more = have == 0;
	}
	if (head->expect_continue && more && !sg_http_answer_continue(c))
		c->dead = true;
}

/* False: wait for more. */
static bool
run_head(struct conn *c)
{
	struct sg_http_head head;
	struct sg_err err;
	size_t len = c->io.in.len;
	const uint8_t *data = c->io.in.p;
	enum sg_http_got got = sg_http_parse_head(
	    &c->parser, &c->server->set.rules, data, len, &head, &err);
	if (got == SG_HTTP_DONE)
		begin_body(c, &head, data, len);
	else if (got == SG_HTTP_BAD)
		refuse(c, c->parser.status, data, &err);
	else if (c->io.eof)
		c->dead = true;
	else {
		count_mem(c);
		return false;
	}
	return true;
}

static bool
run_chunked(struct conn *c)
{
	struct sg_err err;
	size_t used = 0;
	enum sg_http_got got = sg_http_parse_chunks(
	    &c->chunks, &c->server->set.rules, sg_buf_slice(&c->io.in), &c->body, &used, &err);
	sg_http_transport_take(&c->io, used);
	c->body_got += used;
	if (got == SG_HTTP_BAD) {
		struct preq *r = sg_steal(c->req);
		/* The parser's positions fit the copy as they fitted the input. */
		refuse(c, c->chunks.status, (const uint8_t *)(r + 1), &err);
		sg_http_conn_preq_free(r);
		return true;
	}
	if (got == SG_HTTP_MORE) {
		c->dead = c->io.eof;
		count_mem(c);
		return c->dead;
	}
	c->req->body = c->body;
	c->body = (struct sg_buf){0};
	c->req->pub.body = sg_buf_slice(&c->req->body);
	dispatch(c);
	return true;
}

static bool
run_body(struct conn *c)
{
	struct sg_http_head head;
	if (c->parser.chunked)
		return run_chunked(c);
	size_t len = c->io.in.len, need = c->parser.pos + (size_t)c->parser.length;
	c->body_got = len - c->parser.pos;
	if (len < need) {
		c->dead = c->io.eof;
		count_mem(c);
		return c->dead;
	}
	const uint8_t *data = c->io.in.p;
	sg_http_parser_seen(&c->parser, data, &head);
	c->req = preq_new(c, &head, data, (size_t)c->parser.length);
	if (c->req == NULL) {
		refuse(c, 503, data, NULL);
		return true;
	}
	sg_http_transport_take(&c->io, need);
	dispatch(c);
	return true;
}

/* Too much memory in unfinished requests: the one that has been at it longest goes. */
static void
evict(struct sg_http_server *server)
{
	while (server->stats.heads_mem > server->set.heads_max) {
		static const enum phase unfinished[] = {PHASE_TLS, PHASE_HEAD, PHASE_BODY};
		struct conn *oldest = NULL;
		for (size_t i = 0; i < sizeof unfinished / sizeof *unfinished; i++) {
			struct conn *c = TAILQ_FIRST(&server->phases[unfinished[i]]);
			if (c != NULL && (oldest == NULL || c->begin_us < oldest->begin_us))
				oldest = c;
		}
		if (oldest == NULL)
			return;
		server->stats.evicted++;
		sg_http_conn_close(oldest);
	}
}

/* Go on until the connection has to wait for someone; it may be gone afterwards. */
static void
run(struct conn *c)
{
	struct sg_http_server *server = c->server;
	bool go = true;
	c->dispatching++;
	while (go && !c->dead) {
		enum phase was = c->phase;
		switch (c->phase) {
		case PHASE_TLS:
			count_mem(c);
			go = false;
			break;
		case PHASE_IDLE:
			run_idle(c);
			go = c->phase != was;
			break;
		case PHASE_HEAD:
			go = run_head(c);
			break;
		case PHASE_BODY:
			go = run_body(c);
			break;
		case PHASE_LINGER:
			c->dead = c->io.eof;
			go = false;
			break;
		case PHASE_RUN:
		case PHASE_WRITE:
		case PHASES:
			go = false;
			break;
		}
	}
	if (!c->dead && !is_busy(c) && !sg_http_transport_allow(&c->io, server->in_max))
		c->dead = true;
	c->dispatching--;
	if (c->dead && c->dispatching == 0)
		conn_free(c);
	evict(server);
}

void
sg_http_conn_preq_free(struct preq *r)
{
	struct hub *hub = r->hub;
	sg_buf_clear(&r->body);
	sg_buf_clear(&r->answer_mem);
	sg_free(r);
	sg_http_server_hub_give(hub);
}

void
sg_http_conn_answer(struct preq *r, const struct sg_http_answer *answer)
{
	struct conn *c = r->conn;
	if (c == NULL) {
		if (r->hub->server != NULL)
			sg_http_answer_log(r->hub->server, r, answer, CLIENT_GONE);
		sg_http_conn_preq_free(r);
		return;
	}
	struct sg_http_server *server = c->server;
	const struct sg_http_head *head = &r->pub.head;
	bool keep = head->keep_alive && !answer->close && !server->stopping;
	c->req = NULL;
	server->stats.running--;
	bool sent = sg_http_answer_send(c, head->method, answer, keep, head->minor == 0);
	sg_http_answer_log(server, r, answer, sent ? 0 : CLIENT_GONE);
	sg_http_conn_preq_free(r);
	answered(c, sent, keep);
	if (c->dispatching == 0)
		run(c);
}

static struct conn *
conn_of(struct transport *t)
{
	return (struct conn *)((uint8_t *)t - offsetof(struct conn, io));
}

/* What TLS knows of an end: in the handshake all of it, later what was no TLS. */
static void
tell_no_tls(const struct conn *c, const struct sg_err *err)
{
	struct sg_http_server *server = c->server;
	if (c->phase == PHASE_TLS)
		server->stats.tls_failed++;
	if (err->rule != NULL && server->set.no_tls != NULL)
		server->set.no_tls(server->set.arg, c->peer, err);
}

void
sg_http_conn_came(struct transport *t)
{
	struct conn *c = conn_of(t);
	if (!is_busy(c))
		run(c);
}

void
sg_http_conn_sent(struct transport *t)
{
	struct conn *c = conn_of(t);
	if (c->phase != PHASE_WRITE)
		return;
	answered(c, true, !c->close);
	run(c);
}

void
sg_http_conn_broken(struct transport *t, const struct sg_err *err)
{
	struct conn *c = conn_of(t);
	/* A reset after the handshake is nothing to tell of, as without TLS. */
	if (c->phase == PHASE_TLS || err->code != SG_E_IO)
		tell_no_tls(c, err);
	sg_http_conn_close(c);
}

void
sg_http_conn_shaken(struct transport *t)
{
	struct conn *c = conn_of(t);
	c->server->stats.tls_done++;
	set_mem(c, 0);
	set_phase(c, PHASE_IDLE);
}

void
sg_http_conn_no_tls(struct transport *t, enum sg_tls_got got, const struct sg_err *err)
{
	struct conn *c = conn_of(t);
	struct sg_err plain;
	if (got == SG_TLS_PLAIN) {
		c->plain = true;
		c->server->stats.tls_failed++;
		sg_ignore(sg_fail(&plain, SG_E_MALFORMED, "tls.plain",
			      "a request without TLS came to a port of https") != SG_OK);
		refuse(c, 400, NULL, &plain);
	} else {
		tell_no_tls(c, err);
		set_mem(c, 0);
		/* The alert shall arrive, too. */
		answered(c, true, false);
	}
	run(c);
}

static void
host_text(const struct sockaddr_storage *sa, char ret[SG_NET_TEXT_LEN], unsigned *ret_port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sg_ip ip;
	if (!sg_ip_from(sa, &ip))
		return;
	sg_ip_put(&ip, ret);
	memcpy(&v4, sa, sizeof v4);
	memcpy(&v6, sa, sizeof v6);
	*ret_port = ntohs(sa->ss_family == AF_INET ? v4.sin_port : v6.sin6_port);
}

void
sg_http_conn_open(
    struct listener *l, int fd, const struct sockaddr_storage *sa, struct addr *addr, bool trusted)
{
	struct sg_http_server *server = l->server;
	struct sockaddr_storage local = {0};
	socklen_t local_len = sizeof local;
	struct conn *c = sg_alloc(sizeof *c);
	if (c == NULL) {
		close(fd);
		sg_http_addrs_give(server->addrs, addr);
		return;
	}
	c->server = server;
	c->addr = addr;
	c->listener = l->index;
	c->trusted = trusted;
	c->tls = l->tls;
	c->since_us = c->begin_us = server->set.mono_us();
	c->at_us = server->set.now_us();
	c->phase = l->tls ? PHASE_TLS : PHASE_IDLE;
	host_text(sa, c->peer, &c->peer_port);
	if (getsockname(fd, (struct sockaddr *)&local, &local_len) == 0)
		host_text(&local, c->local, &c->local_port);
	TAILQ_INSERT_TAIL(&server->phases[c->phase], c, link);
	server->stats.conns++;
	server->stats.accepted++;
	if (!sg_http_transport_open(
		&c->io, &server->io, fd, server->in_max, l->tls ? server->tls : NULL))
		conn_free(c);
}

static void
slow(struct conn *c, const char *rule, const char *what)
{
	struct sg_err err;
	struct preq *r = sg_steal(c->req);
	const uint8_t *data = r != NULL ? (const uint8_t *)(r + 1) : c->io.in.p;
	c->server->stats.timeouts++;
	sg_ignore(sg_fail(&err, SG_E_TIMEOUT, rule, "the %s came too slowly", what));
	refuse(c, 408, data, &err);
	if (r != NULL)
		sg_http_conn_preq_free(r);
	run(c);
}

/* Who said nothing at all only looked whether there is a server. */
static void
slow_handshake(struct conn *c)
{
	struct sg_err err = {0};
	c->server->stats.timeouts++;
	if (sg_http_transport_heard(&c->io))
		sg_ignore(sg_fail(&err, SG_E_TIMEOUT, "tls.slow",
			      "the handshake came too slowly") != SG_OK);
	tell_no_tls(c, &err);
	sg_http_conn_close(c);
}

static bool
body_is_late(const struct conn *c, int64_t now_us)
{
	const struct sg_http_settings *set = &c->server->set;
	int64_t allowed = set->body_grace_ms * 1000;
	if (set->body_min_rate > 0)
		allowed += (int64_t)(c->body_got * 1000000 / set->body_min_rate);
	return now_us - c->since_us > allowed;
}

static void
expire_writers(struct sg_http_server *server, int64_t before_us)
{
	struct conn *c;
	while ((c = TAILQ_FIRST(&server->phases[PHASE_WRITE])) != NULL && c->since_us < before_us) {
		size_t left = sg_http_transport_unsent(&c->io);
		if (left < c->progress) {
			c->progress = left;
			set_phase(c, PHASE_WRITE);
			continue;
		}
		server->stats.timeouts++;
		sg_http_conn_close(c);
	}
}

/* Deadlines: the heads of the lists are the oldest. */
void
sg_http_conn_expire(struct sg_http_server *server)
{
	const struct sg_http_settings *set = &server->set;
	int64_t now = set->mono_us();
	struct conn *c, *next;
	while ((c = TAILQ_FIRST(&server->phases[PHASE_TLS])) != NULL &&
	       now - c->since_us > set->head_ms * 1000)
		slow_handshake(c);
	while ((c = TAILQ_FIRST(&server->phases[PHASE_IDLE])) != NULL &&
	       now - c->since_us > set->idle_ms * 1000)
		sg_http_conn_close(c);
	while ((c = TAILQ_FIRST(&server->phases[PHASE_LINGER])) != NULL &&
	       now - c->since_us > set->linger_ms * 1000)
		sg_http_conn_close(c);
	expire_writers(server, now - set->write_ms * 1000);
	while ((c = TAILQ_FIRST(&server->phases[PHASE_HEAD])) != NULL &&
	       now - c->since_us > set->head_ms * 1000)
		slow(c, "http.head.slow", "request head");
	for (c = TAILQ_FIRST(&server->phases[PHASE_BODY]); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (body_is_late(c, now))
			slow(c, "http.body.slow", "request body");
	}
}
