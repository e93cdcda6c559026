/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/conn_private.h - private to the server: connections, their phases, requests on their way
 *
 * A connection is always in exactly one phase and in that phase's list, ordered by when it
 * got there. As each phase lasts the same for everyone, the list's head is the next to
 * expire: one periodic sweep looks at the heads and needs no timer per connection. (Bodies
 * have a rate, so their whole list is looked at.)
 *
 * Threads: all on the loop's thread but struct hub.
 */

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "http/server.h"

struct bufferevent;
struct event;
struct addr;
struct addr_table;
struct conn;
struct preq;

enum phase {
	PHASE_IDLE, /* between requests; nothing of the next one is here */
	PHASE_HEAD,
	PHASE_BODY,
	PHASE_RUN,    /* the handler has the request */
	PHASE_WRITE,  /* the answer is on its way */
	PHASE_LINGER, /* all is said; reading on until the client closes */
	PHASES,
};

TAILQ_HEAD(conn_list, conn);

/* What outlives the server while requests are out, and where other threads put answers. */
struct hub {
	struct sg_http_server *server; /* loop's thread only; NULL once it is gone */
	pthread_mutex_t lock;
	int wake_fd;
	unsigned refs; /* the server and each request */
	bool dead;     /* the server is gone */
	struct preq *first, **last;
};

struct listener {
	struct sg_http_server *server;
	struct event *ev;
	int fd;
	unsigned index;
};

struct sg_http_server {
	struct sg_http_settings set;
	struct event_base *base;
	struct hub *hub;
	struct addr_table *addrs;
	struct listener *listeners;
	struct event *wake_ev, *sweep_ev, *stop_ev;
	struct conn_list phases[PHASES];
	struct sg_buf out; /* head of the answer being written */
	int64_t date_s;
	char date[40];
	bool paused, stopping;
	sg_http_stopped *stopped;
	void *stopped_arg;
	uint64_t last_id;
	struct sg_http_stats stats;
};

struct conn {
	TAILQ_ENTRY(conn) link;
	struct sg_http_server *server;
	struct bufferevent *bev;
	struct addr *addr;
	struct preq *req;
	enum phase phase;
	int fd;
	unsigned listener;
	unsigned dispatching; /* conn_run() is further up the stack: it frees */
	bool dead, eof, close;
	bool held;	   /* what comes ahead is bounded, or not read at all */
	int64_t since_us;  /* begin of the phase, or the last progress in it */
	int64_t begin_us;  /* of the request, monotonic */
	int64_t at_us;	   /* of the request, UTC */
	size_t progress;   /* PHASE_WRITE: unsent bytes when last looked at */
	size_t mem;	   /* what server->stats.heads_mem counts for this one */
	uint64_t body_got; /* PHASE_BODY: bytes so far, framing included */
	struct sg_http_parser parser;
	struct sg_http_chunks chunks;
	struct sg_buf body; /* of a chunked request */
	unsigned peer_port, local_port;
	char peer[INET6_ADDRSTRLEN], local[INET6_ADDRSTRLEN];
};

/* A request with what is private of it; the head's and body's bytes lie behind it. */
struct preq {
	struct sg_http_req pub; /* first: the handler's pointer is ours */
	struct hub *hub;
	struct conn *conn; /* NULL: the client has gone; loop's thread only */
	struct preq *next;
	pthread_t thread; /* the loop's */
	int64_t begin_us;
	struct sg_http_answer answer; /* from another thread: lends from answer_mem */
	struct sg_buf answer_mem;
	struct sg_buf body; /* of a chunked request */
	char peer[INET6_ADDRSTRLEN], local[INET6_ADDRSTRLEN];
};

/* addr.c: how many connections each address has. */
struct addr_table *
sg_http_addrs_new(void);
void
sg_http_addrs_free(struct addr_table **tablep);
/* One more; NULL when it has max already (*ret_full) or there is no memory. */
struct addr *
sg_http_addrs_take(
    struct addr_table *table, const struct sockaddr_storage *sa, unsigned max, bool *ret_full);
void
sg_http_addrs_give(struct addr_table *table, struct addr *addr);

/* conn.c */
void
sg_http_conn_open(struct listener *l, int fd, const struct sockaddr_storage *sa, struct addr *addr);
void
sg_http_conn_close(struct conn *c);
void
sg_http_conn_expire(struct sg_http_server *server);
void
sg_http_conn_answer(struct preq *req, const struct sg_http_answer *answer);
void
sg_http_preq_free(struct preq *req);

/* answer.c: compose the answer and give it to the socket. False: the connection is broken. */
bool
sg_http_answer_send(struct conn *c, enum sg_http_method method, const struct sg_http_answer *answer,
    bool keep, bool say_keep);
bool
sg_http_answer_continue(struct conn *c);
/* Tell the settings' finished(): of a request, or of what was refused on a connection. */
void
sg_http_log_request(struct sg_http_server *server, const struct preq *r,
    const struct sg_http_answer *answer, unsigned win32_status);
void
sg_http_log_refused(struct conn *c, const struct sg_http_head *head,
    const struct sg_http_answer *answer, const struct sg_err *err);

/* server.c */
void
sg_http_hub_give(struct hub *hub);
/* There may be room again for who waits to be accepted. */
void
sg_http_server_room(struct sg_http_server *server);
void
sg_http_server_conn_gone(struct sg_http_server *server);
