/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/tls.h - the server's side of one TLS connection, over a socket that does not block
 *
 * It never waits: a call that cannot go on says for what. Reading and writing are independent of
 * each other once the handshake is done.
 *
 * Ownership: the socket is borrowed, and never closed here.
 * Limits:    of a connection's memory by OpenSSL: one record of 16 KiB each way, and in the
 *            handshake a message of 16 KiB; between records it has no buffers.
 * Security:  a call reads SG_TLS_TURN_MAX bytes of the socket at most, whatever comes: records
 *            without content keep nobody from his turn. After END nothing of the peer counts; after
 *            CUT nobody knows whether the peer meant to say more.
 * Threads:   a connection belongs to one thread. The process ignores SIGPIPE.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "crypto/tls_server.h"

struct sg_tls;

enum sg_tls_got {
	SG_TLS_OK,
	SG_TLS_WANT_READ,  /* again when the socket is readable */
	SG_TLS_WANT_WRITE, /* again when it is writable */
	SG_TLS_END,	   /* the peer said that it has no more (close_notify) */
	SG_TLS_CUT,	   /* the socket ended without that: what came last may be cut off */
	SG_TLS_PLAIN,	   /* handshake only: a request of HTTP without TLS; nothing was sent */
	SG_TLS_FAIL,	   /* it is over; an alert was sent where there is one; err says why */
};

SG_RC
sg_tls_new(struct sg_tls_server *server, int fd, struct sg_tls **ret, struct sg_err *err);
/* NULL is fine. Sends nothing. */
void
sg_tls_free(struct sg_tls **tlsp);

/*
 * Until OK; END and CUT: the peer went away meanwhile. FAIL, what the peer did in plain words:
 *   "tls.version"  it offers no version that we speak
 *   "tls.cipher"   no cipher suite, group or signature algorithm in common
 *   "tls.alpn"     it wants a protocol that is not http/1.1
 *   "tls.name"     it asks for a server name that no certificate has
 *   "tls.alert"    it refused us, and which alert it sent (unknown CA, for one)
 *   "tls.bytes"    what it sends is not TLS
 *   "tls.socket"   it reset the connection
 *   "tls.handshake" anything else
 */
enum sg_tls_got
sg_tls_handshake(struct sg_tls *tls, struct sg_err *err);
/* Something came of the client; who only looks whether there is a server says nothing. */
bool
sg_tls_began(const struct sg_tls *tls);
/*
 * At most len bytes, which are more than 0; *ret_n of them with OK. Read until it says something
 * else, or ask sg_tls_pending(). FAIL: "tls.record" (a record that was changed on its way, or is
 * none), "tls.keys" (SG_E_LIMIT: new keys again and again), "tls.alert", "tls.socket" (SG_E_IO: the
 * connection was reset).
 */
enum sg_tls_got
sg_tls_read(struct sg_tls *tls, void *p, size_t len, size_t *ret_n, struct sg_err *err);
/* Something can be read, though the socket may have nothing. */
bool
sg_tls_pending(const struct sg_tls *tls);
/* A part of the len bytes, *ret_n, with OK. After WANT_WRITE again with the same bytes, and
 * perhaps more after them, wherever they lie by then. FAIL as for sg_tls_read(). */
enum sg_tls_got
sg_tls_write(struct sg_tls *tls, const void *p, size_t len, size_t *ret_n, struct sg_err *err);
/* Say that nothing more comes (close_notify): OK, WANT_WRITE or FAIL. After a handshake that is
 * done, once all is written; reading is over then. After a FAIL it is FAIL again. */
enum sg_tls_got
sg_tls_close(struct sg_tls *tls, struct sg_err *err);
