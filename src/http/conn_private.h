/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/conn_private.h - connections, their phases, requests on their way
 *
 * A connection is always in exactly one phase and in that phase's list, ordered by when it
 * got there. As each phase lasts the same for everyone, the list's head is the next to
 * expire: one periodic sweep looks at the heads and needs no timer per connection. (Bodies
 * have a rate, so their whole list is looked at.)
 *
 * Threads: the loop's.
 */

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "http/server.h"
#include "http/transport_private.h"

struct addr;
struct conn;
struct hub;
struct listener;
struct preq;

enum phase {
	PHASE_TLS,  /* the handshake; it lasts as long as a head may */
	PHASE_IDLE, /* between requests; nothing of the next one is here */
	PHASE_HEAD,
	PHASE_BODY,
	PHASE_RUN,    /* the handler has the request */
	PHASE_WRITE,  /* the answer is on its way */
	PHASE_LINGER, /* all is said; reading on until the client closes */
	PHASES,
};

TAILQ_HEAD(conn_list, conn);

struct conn {
	TAILQ_ENTRY(conn) link;
	struct sg_http_server *server;
	struct transport io;
	struct addr *addr;
	struct preq *req;
	enum phase phase;
	unsigned listener;
	unsigned dispatching; /* conn_run() is further up the stack: it frees */
	bool dead, close;
	bool trusted;	   /* it may name its client */
	bool tls;	   /* its listener speaks TLS */
	bool plain;	   /* but the client does not */
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
	char peer[SG_NET_TEXT_LEN], local[SG_NET_TEXT_LEN];
};

/* A request with what is private of it; the head's and body's bytes lie after it. */
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
	char peer[SG_NET_TEXT_LEN], via[SG_NET_TEXT_LEN], local[SG_NET_TEXT_LEN];
};

void
sg_http_conn_open(
    struct listener *l, int fd, const struct sockaddr_storage *sa, struct addr *addr, bool trusted);
void
sg_http_conn_close(struct conn *c);
/* What a server's transports say (struct transports). */
void
sg_http_conn_came(struct transport *t);
void
sg_http_conn_sent(struct transport *t);
void
sg_http_conn_broken(struct transport *t, const struct sg_err *err);
void
sg_http_conn_shaken(struct transport *t);
void
sg_http_conn_no_tls(struct transport *t, enum sg_tls_got got, const struct sg_err *err);
void
sg_http_conn_expire(struct sg_http_server *server);
void
sg_http_conn_answer(struct preq *req, const struct sg_http_answer *answer);
void
sg_http_conn_preq_free(struct preq *req);
