/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/transport_private.h - the bytes of one connection, in and out, in clear or over TLS
 *
 * What came stands in `in`, and whoever uses it takes it from the front; what is sent goes straight
 * to the socket when nothing waits in front of it, which saves two changes of the poll set for an
 * answer, and what the socket does not take waits here. Not libevent's bufferevent: it asks the
 * kernel before each read how much there is, and its half-close has no place for TLS's.
 *
 * Ownership: a transport has its socket; `shared` is borrowed.
 * Limits:    `in` holds SG_HTTP_READ_MAX more than it may (sg_http_transport_allow) at most.
 * Threads:   the loop's. SIGPIPE is ignored.
 */

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/slice.h"
#include "crypto/tls.h"

struct transport;

/* What all connections of a server have in common. The transport may be gone after each call. */
struct transports {
	struct event_base *base;
	void (*came)(struct transport *t); /* more is in `in`, or `eof` is new */
	void (*sent)(struct transport *t); /* all is with the kernel */
	/* Nothing can be said any more; err says why where TLS knows it, else it has no rule. */
	void (*broken)(struct transport *t, const struct sg_err *err);
	void (*shaken)(struct transport *t); /* the handshake is done; it must stay */
	/* There is no TLS with this client: with SG_TLS_PLAIN it can be answered in clear, with
	 * SG_TLS_FAIL only finished; err says why. */
	void (*no_tls)(struct transport *t, enum sg_tls_got got, const struct sg_err *err);
	uint8_t scratch[SG_HTTP_READ_MAX];
};

struct transport {
	struct transports *shared;
	int fd;
	bool shaking;	/* the handshake is not done; tls is NULL before its first byte */
	bool eof;	/* nothing more comes */
	bool ended;	/* nor does the socket have more */
	bool paused;	/* `in` has all that it may have */
	bool finishing; /* what comes is thrown away */
	bool closing;	/* TLS's own end waits for the socket */
	bool stuck;	/* TLS must send something before it reads on */
	size_t allowed; /* bytes in `in` */
	struct sg_tls_server *server; /* until the first byte */
	struct sg_tls *tls;
	struct sg_buf in, out;
	size_t out_at; /* what of out is with the kernel */
	struct event read_ev, write_ev;
};

/* Takes the socket over, even when it fails: then close it with sg_http_transport_close(). `in` may
 * have in_max bytes in all. With a server, of which it has a reference of its own, a handshake is
 * first. */
SG_MUST_CHECK bool
sg_http_transport_open(struct transport *t, struct transports *shared, int fd, size_t in_max,
    struct sg_tls_server *server);
/* When all is sent TLS's end is said, if the socket takes it. */
void
sg_http_transport_close(struct transport *t);
/* A client began a handshake that goes on. */
bool
sg_http_transport_heard(const struct transport *t);
/* Memory that waits for more to come. */
size_t
sg_http_transport_mem(const struct transport *t);
/* Drop n bytes at the front of `in`. */
void
sg_http_transport_take(struct transport *t, size_t n);
/* Read on until `in` has so much: what waits for something else has its bound. False: broken. */
SG_MUST_CHECK bool
sg_http_transport_allow(struct transport *t, size_t max);
/* False: broken. */
SG_MUST_CHECK bool
sg_http_transport_send(struct transport *t, struct sg_slice head, struct sg_slice body);
size_t
sg_http_transport_unsent(const struct transport *t);
/*
 * All is sent: tell the peer, and throw away what it still sends, until eof. Closing with unread
 * bytes would reset the connection and could take the answer with it. False: nothing to wait for.
 */
SG_MUST_CHECK bool
sg_http_transport_finish(struct transport *t);
