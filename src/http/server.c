/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/server.c - listening sockets, the sweep of deadlines, and answers from other threads
 *
 * Where front begins: it accepts and hands the socket to conn.c. An answer of another thread waits
 * in the hub until the loop takes it.
 */

#include "http/server.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "http/addr_private.h"
#include "http/conn_private.h"
#include "http/server_private.h"

#define ACCEPT_AT_ONCE 64 /* then the loop looks at those that are connected */

void
sg_http_settings_init(struct sg_http_settings *ret)
{
	*ret = (struct sg_http_settings){
	    .rules = sg_http_rules_default(),
	    .head_ms = SG_HTTP_HEAD_MS,
	    .idle_ms = SG_HTTP_IDLE_MS,
	    .write_ms = SG_HTTP_WRITE_MS,
	    .body_grace_ms = SG_HTTP_BODY_GRACE_MS,
	    .linger_ms = SG_HTTP_LINGER_MS,
	    .body_min_rate = SG_HTTP_BODY_MIN_RATE,
	    .per_addr_max = SG_HTTP_PER_ADDR_MAX,
	    .conns_max = SG_HTTP_CONNS_MAX,
	    .heads_max = SG_HTTP_HEADS_MAX,
	    .now_us = sg_clock_now_us,
	    .mono_us = sg_clock_mono_us,
	};
}

static struct hub *
hub_new(void)
{
	struct hub *hub = sg_alloc(sizeof *hub);
	if (hub == NULL)
		return NULL;
	hub->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (hub->wake_fd < 0 || pthread_mutex_init(&hub->lock, NULL) != 0) {
		if (hub->wake_fd >= 0)
			close(hub->wake_fd);
		sg_free(hub);
		return NULL;
	}
	hub->refs = 1;
	hub->last = &hub->first;
	return hub;
}

void
sg_http_server_hub_give(struct hub *hub)
{
	pthread_mutex_lock(&hub->lock);
	bool last = --hub->refs == 0;
	pthread_mutex_unlock(&hub->lock);
	if (!last)
		return;
	close(hub->wake_fd);
	pthread_mutex_destroy(&hub->lock);
	sg_free(hub);
}

/* Texts of the answer, one after the other in the request's own memory. */
static void
keep_answer(struct preq *r, const struct sg_http_answer *a)
{
	struct sg_buf *mem = &r->answer_mem;
	size_t type_len = a->content_type != NULL ? strlen(a->content_type) + 1 : 0;
	size_t fields_len = a->fields != NULL ? strlen(a->fields) + 1 : 0;
	mem->max = type_len + fields_len + a->body.len + a->user.len + 1;
	sg_buf_put(mem, a->content_type, type_len);
	sg_buf_put(mem, a->fields, fields_len);
	sg_buf_put_slice(mem, a->body);
	sg_buf_put_slice(mem, a->user);
	if (sg_buf_check(mem, NULL) != SG_OK) {
		r->answer = (struct sg_http_answer){.status = 503, .close = true};
		return;
	}
	const uint8_t *p = mem->p;
	r->answer = *a;
	r->answer.content_type = type_len > 0 ? (const char *)p : NULL;
	r->answer.fields = fields_len > 0 ? (const char *)p + type_len : NULL;
	r->answer.body = sg_slice(a->body.len > 0 ? p + type_len + fields_len : NULL, a->body.len);
	r->answer.user = sg_slice(
	    a->user.len > 0 ? p + type_len + fields_len + a->body.len : NULL, a->user.len);
}

void
sg_http_respond(struct sg_http_req *req, const struct sg_http_answer *answer)
{
	struct preq *r = (struct preq *)req;
	struct hub *hub = r->hub;
	if (pthread_equal(r->thread, pthread_self())) {
		sg_http_conn_answer(r, answer);
		return;
	}
	keep_answer(r, answer);
	pthread_mutex_lock(&hub->lock);
	bool dead = hub->dead, first = hub->first == NULL;
	if (!dead) {
		*hub->last = r;
		hub->last = &r->next;
		uint64_t one = 1;
		/* It cannot fail: the counter holds one at most before the loop reads it. */
		if (first && write(hub->wake_fd, &one, sizeof one) < 0)
			first = false;
	}
	pthread_mutex_unlock(&hub->lock);
	if (dead)
		sg_http_conn_preq_free(r);
}

void
sg_http_respond_status(struct sg_http_req *req, int status)
{
	char text[64];
	int n = snprintf(text, sizeof text, "%d %s\n", status, sg_http_reason(status));
	struct sg_http_answer answer = {
	    .status = status,
	    .content_type = "text/plain",
	    .body = sg_slice(text, n > 0 ? (size_t)n : 0),
	    .fields = status == 503 || status == 429 ? "Retry-After: 10\r\n" : NULL,
	};
	sg_http_respond(req, &answer);
}

static struct preq *
take_answers(struct hub *hub)
{
	uint64_t n;
	pthread_mutex_lock(&hub->lock);
	ssize_t got = read(hub->wake_fd, &n, sizeof n);
	(void)got;
	struct preq *list = hub->first;
	hub->first = NULL;
	hub->last = &hub->first;
	pthread_mutex_unlock(&hub->lock);
	return list;
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct sg_http_server *server = arg;
	(void)fd;
	(void)what;
	for (struct preq *r = take_answers(server->hub), *next; r != NULL; r = next) {
		next = r->next;
		sg_http_conn_answer(r, &r->answer);
	}
}

static void
accept_on(struct sg_http_server *server, bool on)
{
	server->paused = !on;
	for (size_t i = 0; i < server->set.n_fds; i++) {
		struct event *ev = server->listeners[i].ev;
		if (ev != NULL && (on ? event_add(ev, NULL) : event_del(ev)) != 0)
			server->paused = true;
	}
}

/*
 * Room for one more connection: the one that has kept us waiting longest makes it, idle or in the
 * middle of something. Were only idle ones taken, then as many slow heads as there are places
 * would keep everybody out, and the one idle connection would be the one just accepted.
 */
static bool
make_room(struct sg_http_server *server)
{
	struct conn *oldest = NULL;
	for (enum phase phase = PHASE_TLS; phase < PHASES; phase++) {
		struct conn *c = TAILQ_FIRST(&server->phases[phase]);
		if (phase != PHASE_RUN && c != NULL &&
		    (oldest == NULL || c->since_us < oldest->since_us))
			oldest = c;
	}
	if (oldest == NULL)
		return false;
	server->stats.evicted++;
	sg_http_conn_close(oldest);
	return server->stats.conns < server->set.conns_max;
}

static void
admit(struct listener *l, int fd, const struct sockaddr_storage *sa)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\n"
				   "Content-Length: 0\r\nConnection: close\r\n\r\n";
	struct sg_http_server *server = l->server;
	struct sg_ip ip;
	bool full = false, inet = sg_ip_from(sa, &ip);
	bool trusted = inet && sg_net_any_has(server->set.trusted, server->set.trusted_n, &ip);
	unsigned max = inet && !trusted ? server->set.per_addr_max : 0;
	struct addr *addr = sg_http_addrs_take(server->addrs, sa, max, &full);
	if (addr != NULL && l->tls && server->tls == NULL) {
		sg_http_addrs_give(server->addrs, addr);
		close(fd);
		return;
	}
	if (addr != NULL) {
		sg_http_conn_open(l, fd, sa, addr, trusted);
		return;
	}
	server->stats.over_addr += full;
	if (full && server->set.crowded != NULL) {
		char peer[SG_NET_TEXT_LEN];
		sg_ip_put(&ip, peer);
		server->set.crowded(server->set.arg, peer);
	}
	/* Best effort, and not over TLS: nothing may be spent on an address that has its share. */
	if (!l->tls && send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		shutdown(fd, SHUT_WR);
	close(fd);
}

static void
on_accept(evutil_socket_t listen_fd, short what, void *arg)
{
	struct listener *l = arg;
	(void)what;
	for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
		struct sockaddr_storage sa = {0};
		socklen_t len = sizeof sa;
		/* Only when a client surely waits is it worth an idle connection. */
		bool full = l->server->stats.conns >= l->server->set.conns_max;
		if (full && i > 0)
			return;
		if (full && !make_room(l->server)) {
			accept_on(l->server, false);
			return;
		}
		int fd = accept4(
		    listen_fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			admit(l, fd, &sa);
			continue;
		}
		/* No descriptor or memory: until the next sweep, else the loop would spin. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			accept_on(l->server, false);
		if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

void
sg_http_server_room(struct sg_http_server *server)
{
	if (server->paused && !server->stopping && server->stop_ev != NULL)
		accept_on(server, true);
}

void
sg_http_server_conn_gone(struct sg_http_server *server)
{
	sg_http_server_room(server);
	if (server->stopping && server->stats.conns == 0 && server->stop_ev != NULL)
		event_active(server->stop_ev, 0, 0);
}

static void
on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct sg_http_server *server = arg;
	(void)fd;
	(void)what;
	sg_http_conn_expire(server);
	sg_http_server_room(server);
}

static void
on_stopped(evutil_socket_t fd, short what, void *arg)
{
	struct sg_http_server *server = arg;
	sg_http_stopped *stopped = server->stopped;
	(void)fd;
	(void)what;
	server->stopped = NULL;
	if (stopped != NULL)
		stopped(server->stopped_arg);
}

static int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static SG_RC
add_events(struct sg_http_server *server, struct sg_err *err)
{
	const struct sg_http_settings *set = &server->set;
	int64_t ms = min64(min64(set->head_ms, set->idle_ms), min64(set->write_ms, set->linger_ms));
	ms = min64(ms, set->body_grace_ms) / 8;
	ms = ms < 5 ? 5 : min64(ms, 250);
	struct timeval every = {0, (suseconds_t)(ms * 1000)};
	server->wake_ev = event_new(
	    server->io.base, server->hub->wake_fd, EV_READ | EV_PERSIST, on_wake, server);
	server->sweep_ev = event_new(server->io.base, -1, EV_PERSIST, on_sweep, server);
	server->stop_ev = event_new(server->io.base, -1, 0, on_stopped, server);
	if (server->wake_ev == NULL || server->sweep_ev == NULL || server->stop_ev == NULL ||
	    event_add(server->wake_ev, NULL) != 0 || event_add(server->sweep_ev, &every) != 0)
		return sg_fail(err, SG_E_NOMEM, "http.server.events", "no memory for events");
	for (size_t i = 0; i < set->n_fds; i++) {
		struct listener *l = &server->listeners[i];
		int flags = fcntl(set->fds[i], F_GETFL), one = 1;
		if (flags < 0 || (flags & O_NONBLOCK) == 0)
			return sg_fail(err, SG_E_IO, "http.server.listen",
			    "listening descriptor %d is %s", set->fds[i],
			    flags < 0 ? "none" : "one that blocks");
		/* Inherited by what is accepted; a socket that is not TCP has no use for it. */
		if (setsockopt(set->fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0)
			errno = 0;
		*l = (struct listener){.server = server,
		    .fd = set->fds[i],
		    .index = (unsigned)i,
		    .tls = i + set->n_tls >= set->n_fds};
		l->ev = event_new(server->io.base, l->fd, EV_READ | EV_PERSIST, on_accept, l);
		if (l->ev == NULL || event_add(l->ev, NULL) != 0)
			return sg_fail(err, SG_E_IO, "http.server.listen",
			    "listening descriptor %d: cannot be polled", set->fds[i]);
	}
	return SG_OK;
}

SG_RC
sg_http_server_new(struct event_base *base, const struct sg_http_settings *settings,
    struct sg_http_server **ret, struct sg_err *err)
{
	sg_scoped(http_server) server = sg_alloc(sizeof *server);
	if (server == NULL)
		return sg_fail(err, SG_E_NOMEM, "http.server.memory", "no memory for a server");
	for (int i = 0; i < PHASES; i++)
		TAILQ_INIT(&server->phases[i]);
	server->io.base = base;
	server->io.came = sg_http_conn_came;
	server->io.sent = sg_http_conn_sent;
	server->io.broken = sg_http_conn_broken;
	server->io.shaken = sg_http_conn_shaken;
	server->io.no_tls = sg_http_conn_no_tls;
	/* One request, and what may come with its last byte. */
	server->in_max = settings->rules.head_max + (size_t)settings->rules.body_max +
			 SG_HTTP_READ_MAX;
	server->set = *settings;
	server->set.fds = NULL;
	server->hub = hub_new();
	if (server->hub != NULL)
		server->hub->server = server;
	server->addrs = sg_http_addrs_new();
	server->listeners = sg_calloc(settings->n_fds, sizeof *server->listeners);
	int *fds = sg_memdup(settings->fds, settings->n_fds * sizeof *fds);
	server->set.fds = fds;
	if (server->hub == NULL || server->addrs == NULL || server->listeners == NULL ||
	    fds == NULL)
		return sg_fail(err, SG_E_NOMEM, "http.server.memory", "no memory for a server");
	enum sg_code rc = add_events(server, err);
	if (rc != SG_OK)
		return rc;
	*ret = sg_steal(server);
	return SG_OK;
}

static void
drop_event(struct event **evp)
{
	if (*evp != NULL)
		event_free(*evp);
	*evp = NULL;
}

/* The answers that wait go nowhere, and those to come will find the hub dead. */
static void
drop_hub(struct hub *hub)
{
	hub->server = NULL;
	pthread_mutex_lock(&hub->lock);
	hub->dead = true;
	struct preq *list = hub->first;
	hub->first = NULL;
	hub->last = &hub->first;
	pthread_mutex_unlock(&hub->lock);
	for (struct preq *r = list, *next; r != NULL; r = next) {
		next = r->next;
		sg_http_conn_preq_free(r);
	}
	sg_http_server_hub_give(hub);
}

void
sg_http_server_free(struct sg_http_server **serverp)
{
	struct sg_http_server *server = *serverp;
	struct conn *c;
	if (server == NULL)
		return;
	*serverp = NULL;
	drop_event(&server->stop_ev);
	drop_event(&server->sweep_ev);
	drop_event(&server->wake_ev);
	for (size_t i = 0; server->listeners != NULL && i < server->set.n_fds; i++)
		drop_event(&server->listeners[i].ev);
	for (int i = 0; i < PHASES; i++)
		while ((c = TAILQ_FIRST(&server->phases[i])) != NULL)
			sg_http_conn_close(c);
	if (server->hub != NULL)
		drop_hub(server->hub);
	sg_http_addrs_free(&server->addrs);
	sg_free(server->listeners);
	sg_free((void *)(uintptr_t)server->set.fds);
	sg_buf_clear(&server->out);
	sg_tls_server_free(&server->tls);
	sg_wipe(&server->io, sizeof server->io);
	sg_free(server);
}

void
sg_http_server_set_tls(struct sg_http_server *server, struct sg_tls_server *tls)
{
	sg_tls_server_free(&server->tls);
	server->tls = sg_tls_server_ref(tls);
}

void
sg_http_server_stop(struct sg_http_server *server, sg_http_stopped *stopped, void *arg)
{
	struct conn *c, *next;
	server->stopped = stopped;
	server->stopped_arg = arg;
	server->stopping = true;
	accept_on(server, false);
	for (enum phase phase = PHASE_TLS; phase <= PHASE_IDLE; phase++)
		for (c = TAILQ_FIRST(&server->phases[phase]); c != NULL; c = next) {
			next = TAILQ_NEXT(c, link);
			sg_http_conn_close(c);
		}
	if (server->stats.conns == 0)
		event_active(server->stop_ev, 0, 0);
}

void
sg_http_server_stats(const struct sg_http_server *server, struct sg_http_stats *ret)
{
	*ret = server->stats;
}
