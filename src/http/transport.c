/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/transport.c - bytes between a socket and a connection
 *
 * Between libevent, which says when a socket is ready, and conn.c, which knows what the bytes mean.
 */

#include "http/transport_private.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static bool
is_for_later(int error)
{
	return error == EAGAIN || error == EINTR;
}

static void
stop_reading(struct transport *t)
{
	/* It fails for events that were never made. */
	sg_ignore(event_del(&t->read_ev) != 0);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct transport *t = arg;
	uint8_t *scratch = t->shared->scratch;
	size_t room = sizeof t->shared->scratch;

	(void)what;
	if (!t->finishing && t->in.len >= t->allowed) {
		t->paused = true;
		stop_reading(t);
		return;
	}
	if (!t->finishing && room > t->allowed - t->in.len)
		room = t->allowed - t->in.len;
	ssize_t n = read(fd, scratch, room);
	if (n < 0 && is_for_later(errno))
		return;
	if (n < 0) {
		t->shared->broken(t);
		return;
	}
	if (n == 0) {
		t->eof = true;
		stop_reading(t);
	} else if (t->finishing)
		return;
	sg_buf_put(&t->in, scratch, (size_t)n);
	if (sg_buf_check(&t->in, NULL) != SG_OK)
		t->shared->broken(t);
	else
		t->shared->came(t);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct transport *t = arg;
	ssize_t n = write(fd, t->out.p + t->out_at, sg_http_transport_unsent(t));

	(void)what;
	if (n < 0 && is_for_later(errno))
		return;
	if (n < 0) {
		t->shared->broken(t);
		return;
	}
	t->out_at += (size_t)n;
	if (sg_http_transport_unsent(t) > 0)
		return;
	sg_buf_clear(&t->out);
	t->out_at = 0;
	sg_ignore(event_del(&t->write_ev) != 0); /* it is there */
	t->shared->sent(t);
}

bool
sg_http_transport_open(struct transport *t, struct transports *shared, int fd, size_t in_max)
{
	*t = (struct transport){.shared = shared, .fd = fd, .allowed = in_max, .in.max = in_max};
	/* Without a bound: an answer is composed already. */
	t->out.max = SIZE_MAX / 2;
	return event_assign(&t->read_ev, shared->base, fd, EV_READ | EV_PERSIST, on_readable, t) ==
		   0 &&
	       event_assign(
		   &t->write_ev, shared->base, fd, EV_WRITE | EV_PERSIST, on_writable, t) == 0 &&
	       event_add(&t->read_ev, NULL) == 0;
}

void
sg_http_transport_close(struct transport *t)
{
	stop_reading(t);
	sg_ignore(event_del(&t->write_ev) != 0); /* as in stop_reading() */
	sg_buf_clear(&t->in);
	sg_buf_clear(&t->out);
	close(t->fd);
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
	return t->eof || event_add(&t->read_ev, NULL) == 0;
}

bool
sg_http_transport_send(struct transport *t, struct sg_slice head, struct sg_slice body)
{
	size_t sent = 0;

	/* Not by sendmsg, which a sandbox cannot look into. */
	if (sg_http_transport_unsent(t) == 0) {
		struct iovec iov[2] = {
		    {(void *)(uintptr_t)head.p, head.len}, {(void *)(uintptr_t)body.p, body.len}};
		ssize_t n = writev(t->fd, iov, body.len > 0 ? 2 : 1);
		if (n < 0 && !is_for_later(errno))
			return false;
		sent = n < 0 ? 0 : (size_t)n;
		if (sent == head.len + body.len)
			return true;
		if (event_add(&t->write_ev, NULL) != 0)
			return false;
	}
	size_t skip = sent < head.len ? sent : head.len;
	sg_buf_put(&t->out, head.p + skip, head.len - skip);
	if (sent - skip < body.len)
		sg_buf_put(&t->out, body.p + (sent - skip), body.len - (sent - skip));
	return sg_buf_check(&t->out, NULL) == SG_OK;
}

size_t
sg_http_transport_unsent(const struct transport *t)
{
	return t->out.len - t->out_at;
}

bool
sg_http_transport_finish(struct transport *t)
{
	if (t->eof || shutdown(t->fd, SHUT_WR) != 0)
		return false;
	t->finishing = true;
	sg_buf_clear(&t->in);
	return sg_http_transport_allow(t, t->in.max);
}
