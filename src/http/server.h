/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/server.h - HTTP/1 server on a libevent loop
 *
 * A complete request goes to the handler, on the loop's thread. The handler answers with
 * sg_http_respond(): at once, or later and from any thread. Every request must be answered
 * exactly once; whether the client is still connected does not matter. Requests of one
 * connection are handled one after the other, in order.
 *
 * Ownership: listening descriptors and the event base are borrowed. A request belongs to the
 *            handler until it answers; all that it lends lives until then.
 * Limits:    deadlines per phase, connections per address and in all, memory of unfinished
 *            heads: struct sg_http_settings, by default those of base/limits.h.
 * Security:  X-Forwarded-For is read from trusted proxies alone, and counts as they wrote it; what
 *            is not yet a request counts as its connection's address; slow senders and readers cost
 *            one socket and what they sent; a refused head is answered and its connection closed.
 * Threads:   everything on the loop's thread but sg_http_respond(). The process ignores SIGPIPE.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/net.h"
#include "base/slice.h"
#include "http/parse.h"
#include "http/w3clog.h"

struct event_base;
struct sg_http_server;
struct sg_tls_server;

/* Read only; all slices and texts live until the answer. */
struct sg_http_req {
	uint64_t id; /* counts up in this server, from 1 */
	struct sg_http_head head;
	struct sg_slice body;
	const char *peer;  /* "192.0.2.1" or "2001:db8::1": the client, by whatever way */
	const char *via;   /* the trusted proxy that named the client; NULL: it came itself */
	const char *local; /* the address that it came to */
	unsigned peer_port, local_port; /* of the connection: peer_port may be a proxy's */
	int64_t at_us;			/* UTC, when its first byte arrived */
	unsigned listener;		/* index of the descriptor in settings.fds */
	bool tls;			/* it came over TLS */
	void *user;			/* the handler's own */
};

struct sg_http_answer {
	int status;
	const char *content_type; /* NULL: none */
	struct sg_slice body;	  /* copied; not sent to HEAD */
	const char *fields;	  /* more field lines, each ending in "\r\n", ours; NULL: none */
	bool close;		  /* close the connection afterwards */
	int sub_status;		  /* for the log, as IIS's 403.14 */
	unsigned win32_status;	  /* for the log */
	struct sg_slice user;	  /* for the log: cs-username */
	unsigned mark;		  /* the handler's own, for finished() */
};

typedef void
sg_http_handler(void *arg, struct sg_http_req *req);
/* A request was answered, or a head refused; for the access log and counters. err is what was
 * wrong with a refused one, else NULL. */
typedef void
sg_http_finished(void *arg, const struct sg_http_record *rec, const struct sg_err *err);
/* An address has all the connections that it may have, and wanted one more. */
typedef void
sg_http_crowded(void *arg, const char *peer);
/* No TLS with this peer: what it did, in plain words. Whoever is on the internet can cause as many
 * as he likes. */
typedef void
sg_http_no_tls(void *arg, const char *peer, const struct sg_err *err);
typedef void
sg_http_stopped(void *arg);

struct sg_http_settings {
	struct sg_http_rules rules;
	const int *fds; /* listening sockets that do not block */
	size_t n_fds;
	size_t n_tls;		  /* the last so many of them speak TLS: sg_http_server_set_tls() */
	sg_http_handler *handler; /* required */
	sg_http_finished *finished; /* may be NULL */
	sg_http_crowded *crowded;   /* may be NULL */
	sg_http_no_tls *no_tls;	    /* may be NULL */
	void *arg;		    /* of all four */
	const char *server_name;    /* Server field; NULL: none */
	int64_t head_ms, idle_ms, write_ms, body_grace_ms, linger_ms;
	uint64_t body_min_rate; /* bytes a second, after the grace */
	/* Who may name its client in X-Forwarded-For (http/forwarded.h), and has as many
	 * connections as its clients need; borrowed. */
	const struct sg_net *trusted;
	size_t trusted_n;
	unsigned per_addr_max; /* 0: no limit; IPv6 is counted by /64 */
	unsigned conns_max;
	size_t heads_max;	  /* memory of all unfinished requests */
	int64_t (*now_us)(void);  /* UTC */
	int64_t (*mono_us)(void); /* monotonic */
};

/* Defaults of base/limits.h and base/clock.h; handler and descriptors are still to be set. */
void
sg_http_settings_init(struct sg_http_settings *ret);

SG_RC
sg_http_server_new(struct event_base *base, const struct sg_http_settings *settings,
    struct sg_http_server **ret, struct sg_err *err);
/* Close everything now; not from inside the handler. Requests that the handler still holds may
 * still be answered (the answers go nowhere). */
void
sg_http_server_free(struct sg_http_server **serverp);

/* What connections of the last n_tls descriptors are served with from now on; those that are open
 * keep what they began with. Takes a reference of its own. Before the first, they are closed. */
void
sg_http_server_set_tls(struct sg_http_server *server, struct sg_tls_server *tls);

/*
 * Stop accepting; close idle connections; finish the requests that run or arrive. Connections
 * close with their next answer. stopped (may be NULL) is called from the loop once none is left;
 * it may free the server.
 */
void
sg_http_server_stop(struct sg_http_server *server, sg_http_stopped *stopped, void *arg);

/* Answer and give the request back: req is gone afterwards. Any thread. */
void
sg_http_respond(struct sg_http_req *req, const struct sg_http_answer *answer);
/* A short text: status, its words, a line feed; never more detail. */
void
sg_http_respond_status(struct sg_http_req *req, int status);

/* Counters since the start, for metrics and tests. */
struct sg_http_stats {
	uint64_t accepted, requests, refused, over_addr, timeouts, evicted, gone;
	uint64_t tls_done, tls_failed; /* handshakes */
	size_t conns, heads_mem, running;
};
void
sg_http_server_stats(const struct sg_http_server *server, struct sg_http_stats *ret);
