/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/transport.c - bytes between a socket and a connection, in clear or over TLS
 *
 * Between libevent, which says when a socket is ready, and conn.c, which knows what the bytes mean.
 */

#include "http/transport_private.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define RECORDS_AT_ONCE 16 /* of TLS */

static const struct timeval at_once; /* once around libevent's loop */

/* What to tell the connection, as the last thing that an event does: it may be gone then. */
enum step { STEP_NONE, STEP_CAME, STEP_SENT, STEP_BROKEN };

static bool
is_for_later(int error)
{
	return error == EAGAIN || error == EINTR;
}

/* Poll for this, or stop. False: no memory. */
static bool
poll_for(struct event *ev, bool on)
{
	return (on ? event_add(ev, NULL) : event_del(ev)) == 0;
}

/* After a call of TLS that could not go on: for what it waits alone, else the loop would spin. */
static enum step
wait_for(struct transport *t, enum sg_tls_got got)
{
	return poll_for(&t->read_ev, got == SG_TLS_WANT_READ) &&
		       poll_for(&t->write_ev, got == SG_TLS_WANT_WRITE)
		   ? STEP_NONE
		   : STEP_BROKEN;
}

static enum step
end_reading(struct transport *t)
{
	t->eof = true;
	return poll_for(&t->read_ev, false) ? STEP_CAME : STEP_BROKEN;
}

static enum step
keep(struct transport *t, size_t n)
{
	sg_buf_put(&t->in, t->shared->scratch, n);
	return sg_buf_check(&t->in, NULL) == SG_OK ? STEP_CAME : STEP_BROKEN;
}

/* Bytes to read at once. */
static size_t
room_in(const struct transport *t)
{
	size_t room = sizeof t->shared->scratch;

	return t->finishing || room < t->allowed - t->in.len ? room : t->allowed - t->in.len;
}

static enum step
read_plain(struct transport *t)
{
	ssize_t n = read(t->fd, t->shared->scratch, room_in(t));

	if (n < 0)
		return is_for_later(errno) ? STEP_NONE : STEP_BROKEN;
	if (n == 0) {
		t->ended = true;
		return end_reading(t);
	}
	return t->finishing ? STEP_NONE : keep(t, (size_t)n);
}

/* What TLS has already wakes nobody: again when others had their turn, or when there is room. */
static enum step
go_on_later(struct transport *t)
{
	if (t->in.len >= t->allowed) {
		t->paused = true;
		return poll_for(&t->read_ev, false) ? STEP_CAME : STEP_BROKEN;
	}
	return !sg_tls_pending(t->tls) || event_add(&t->read_ev, &at_once) == 0 ? STEP_CAME
										: STEP_BROKEN;
}

static enum step
read_tls(struct transport *t, struct sg_err *err)
{
	enum sg_tls_got got = SG_TLS_OK;
	enum step step = STEP_NONE;

	for (int i = 0; i < RECORDS_AT_ONCE && step != STEP_BROKEN && t->in.len < t->allowed &&
			(i == 0 || sg_tls_pending(t->tls));
	     i++) {
		size_t n = 0;
		got = sg_tls_read(t->tls, t->shared->scratch, room_in(t), &n, err);
		if (got != SG_TLS_OK)
			break;
		step = keep(t, n);
	}
	if (step == STEP_BROKEN)
		return step;
	switch (got) {
	case SG_TLS_OK:
		return go_on_later(t);
	case SG_TLS_WANT_READ:
		return step;
	case SG_TLS_WANT_WRITE:
		t->stuck = true;
		return wait_for(t, got) == STEP_NONE ? step : STEP_BROKEN;
	case SG_TLS_CUT:
		t->ended = true;
		return end_reading(t);
	case SG_TLS_END:
		return end_reading(t);
	case SG_TLS_PLAIN:
	case SG_TLS_FAIL:
	default:
		return STEP_BROKEN;
	}
}

static enum step
read_some(struct transport *t, struct sg_err *err)
{
	if (!t->finishing && t->in.len >= t->allowed) {
		t->paused = true;
		return poll_for(&t->read_ev, false) ? STEP_NONE : STEP_BROKEN;
	}
	return t->tls != NULL && !t->finishing ? read_tls(t, err) : read_plain(t);
}

static enum step
flush_plain(struct transport *t)
{
	ssize_t n = write(t->fd, t->out.p + t->out_at, sg_http_transport_unsent(t));

	if (n < 0)
		return is_for_later(errno) ? STEP_NONE : STEP_BROKEN;
	t->out_at += (size_t)n;
	return STEP_SENT;
}

static enum step
flush_tls(struct transport *t, struct sg_err *err)
{
	while (sg_http_transport_unsent(t) > 0) {
		size_t n = 0;
		enum sg_tls_got got = sg_tls_write(
		    t->tls, t->out.p + t->out_at, sg_http_transport_unsent(t), &n, err);
		if (got == SG_TLS_WANT_WRITE)
			return STEP_NONE;
		if (got != SG_TLS_OK)
			return STEP_BROKEN;
		t->out_at += n;
	}
	return STEP_SENT;
}

/* SENT: all is with the kernel. */
static enum step
flush(struct transport *t, struct sg_err *err)
{
	enum step step = t->tls != NULL ? flush_tls(t, err) : flush_plain(t);

	if (step == STEP_BROKEN)
		return step;
	if (sg_http_transport_unsent(t) > 0)
		return poll_for(&t->write_ev, true) ? STEP_NONE : STEP_BROKEN;
	sg_buf_clear(&t->out);
	t->out_at = 0;
	/* Reading may wait for the same event. */
	return poll_for(&t->write_ev, t->stuck) ? STEP_SENT : STEP_BROKEN;
}

/* TLS says its end, then the socket. */
static enum step
close_writing(struct transport *t)
{
	enum sg_tls_got got = t->tls != NULL ? sg_tls_close(t->tls, NULL) : SG_TLS_OK;

	t->closing = got == SG_TLS_WANT_WRITE;
	if (t->closing)
		return poll_for(&t->write_ev, true) ? STEP_NONE : STEP_BROKEN;
	sg_tls_free(&t->tls);
	return got == SG_TLS_OK && shutdown(t->fd, SHUT_WR) == 0 && poll_for(&t->write_ev, false)
		   ? STEP_NONE
		   : STEP_BROKEN;
}

static void
deliver(struct transport *t, enum step step, const struct sg_err *err)
{
	switch (step) {
	case STEP_CAME:
		t->shared->came(t);
		break;
	case STEP_SENT:
		t->shared->sent(t);
		break;
	case STEP_BROKEN:
		t->shared->broken(t, err);
		break;
	case STEP_NONE:
	default:
		break;
	}
}

/* There will be no TLS: it goes on in clear, or is only finished. */
static void
give_up(struct transport *t, enum sg_tls_got got, const struct sg_err *err)
{
	t->shaking = false;
	sg_tls_free(&t->tls);
	sg_tls_server_free(&t->server);
	if (wait_for(t, SG_TLS_WANT_READ) == STEP_BROKEN)
		t->shared->broken(t, err);
	else
		t->shared->no_tls(t, got, err);
}

static void
shake(struct transport *t)
{
	struct sg_err err = {0};
	enum sg_tls_got got = SG_TLS_FAIL;

	if (t->tls != NULL || sg_tls_new(t->server, t->fd, &t->tls, &err) == SG_OK)
		got = sg_tls_handshake(t->tls, &err);
	if (got == SG_TLS_WANT_READ || got == SG_TLS_WANT_WRITE) {
		deliver(t, wait_for(t, got) == STEP_NONE ? STEP_CAME : STEP_BROKEN, &err);
		return;
	}
	/* Some checks whether a server is there end with a reset. */
	if (got == SG_TLS_FAIL && err.code == SG_E_IO && !sg_http_transport_heard(t)) {
		err = (struct sg_err){0};
		got = SG_TLS_CUT;
	}
	if (got == SG_TLS_END || got == SG_TLS_CUT) {
		t->ended = t->eof = true;
		if (sg_http_transport_heard(t))
			sg_ignore(sg_fail(&err, SG_E_IO, "tls.left",
				      "the client left in the middle of the handshake") != SG_OK);
		t->shared->broken(t, &err);
		return;
	}
	if (got != SG_TLS_OK) {
		give_up(t, got, &err);
		return;
	}
	t->shaking = false;
	sg_tls_server_free(&t->server);
	enum step step = wait_for(t, SG_TLS_WANT_READ);
	t->shared->shaken(t);
	/* With its last message may have come the first request. */
	if (step == STEP_NONE)
		step = read_some(t, &err);
	deliver(t, step == STEP_NONE ? STEP_CAME : step, &err);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct transport *t = arg;
	struct sg_err err = {0};

	(void)fd;
	if (t->shaking)
		shake(t);
	/* What at_once woke does not poll any more. */
	else if ((what & EV_TIMEOUT) != 0 && !poll_for(&t->read_ev, true))
		deliver(t, STEP_BROKEN, &err);
	else
		deliver(t, read_some(t, &err), &err);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct transport *t = arg;
	struct sg_err err = {0};
	enum step step = STEP_NONE;

	(void)fd;
	(void)what;
	if (t->shaking) {
		shake(t);
		return;
	}
	if (t->closing)
		step = close_writing(t);
	else if (t->stuck) {
		/* What reading had to say is with the kernel first; what waits to be sent comes
		 * back here. */
		t->stuck = false;
		if (!poll_for(&t->read_ev, true) ||
		    !poll_for(&t->write_ev, sg_http_transport_unsent(t) > 0))
			step = STEP_BROKEN;
		else
			step = read_some(t, &err);
	} else
		step = flush(t, &err);
	deliver(t, step, &err);
}

bool
sg_http_transport_open(struct transport *t, struct transports *shared, int fd, size_t in_max,
    struct sg_tls_server *server)
{
	*t = (struct transport){.shared = shared, .fd = fd, .allowed = in_max, .in.max = in_max};
	/* Without a bound: an answer is composed already. */
	t->out.max = SIZE_MAX / 2;
	t->shaking = server != NULL;
	t->server = server != NULL ? sg_tls_server_ref(server) : NULL;
	return event_assign(&t->read_ev, shared->base, fd, EV_READ | EV_PERSIST, on_readable, t) ==
		   0 &&
	       event_assign(
		   &t->write_ev, shared->base, fd, EV_WRITE | EV_PERSIST, on_writable, t) == 0 &&
	       poll_for(&t->read_ev, true);
}

void
sg_http_transport_close(struct transport *t)
{
	/* As good as it gets: the socket is closed whatever it takes. */
	if (t->tls != NULL && !t->shaking && sg_http_transport_unsent(t) == 0)
		sg_ignore(sg_tls_close(t->tls, NULL) != SG_TLS_OK);
	sg_ignore(!poll_for(&t->read_ev, false) || !poll_for(&t->write_ev, false));
	sg_tls_free(&t->tls);
	sg_tls_server_free(&t->server);
	sg_buf_clear(&t->in);
	sg_buf_clear(&t->out);
	close(t->fd);
}

bool
sg_http_transport_heard(const struct transport *t)
{
	return t->tls != NULL && sg_tls_began(t->tls);
}

size_t
sg_http_transport_mem(const struct transport *t)
{
	return t->in.cap + (t->shaking && t->tls != NULL ? SG_TLS_SHAKE_MEM : 0);
}

void
sg_http_transport_take(struct transport *t, size_t n)
{
	/* Who waits for his next request shall cost nothing. */
	if (n >= t->in.len)
		sg_buf_clear(&t->in);
	else
		sg_buf_consume(&t->in, n);
}

bool
sg_http_transport_allow(struct transport *t, size_t max)
{
	t->allowed = max;
	if (!t->paused || t->in.len >= max)
		return true;
	t->paused = false;
	/* TLS may have it already, and the socket nothing more. */
	bool here = t->tls != NULL && sg_tls_pending(t->tls);
	return t->eof || event_add(&t->read_ev, here ? &at_once : NULL) == 0;
}

/* Straight to the socket, head and body at once. Not by sendmsg, which a sandbox cannot look into.
 */
static bool
send_now(struct transport *t, struct sg_slice head, struct sg_slice body, size_t *ret_n)
{
	struct iovec iov[2] = {
	    {(void *)(uintptr_t)head.p, head.len}, {(void *)(uintptr_t)body.p, body.len}};
	ssize_t n = writev(t->fd, iov, body.len > 0 ? 2 : 1);

	*ret_n = n < 0 ? 0 : (size_t)n;
	return n >= 0 || is_for_later(errno);
}

bool
sg_http_transport_send(struct transport *t, struct sg_slice head, struct sg_slice body)
{
	size_t sent = 0;
	bool first = sg_http_transport_unsent(t) == 0;

	if (first && t->tls == NULL && !send_now(t, head, body, &sent))
		return false;
	if (sent == head.len + body.len)
		return true;
	size_t skip = sent < head.len ? sent : head.len;
	sg_buf_put(&t->out, head.p + skip, head.len - skip);
	if (sent - skip < body.len)
		sg_buf_put(&t->out, body.p + (sent - skip), body.len - (sent - skip));
	if (sg_buf_check(&t->out, NULL) != SG_OK)
		return false;
	/* One record for head and body. */
	if (first && t->tls != NULL)
		return flush(t, NULL) != STEP_BROKEN;
	return poll_for(&t->write_ev, true);
}

size_t
sg_http_transport_unsent(const struct transport *t)
{
	return t->out.len - t->out_at;
}

bool
sg_http_transport_finish(struct transport *t)
{
	if (close_writing(t) == STEP_BROKEN || t->ended)
		return false;
	/* After the end of TLS the socket has one, too. */
	t->eof = false;
	t->finishing = true;
	sg_buf_clear(&t->in);
	return poll_for(&t->read_ev, true);
}
