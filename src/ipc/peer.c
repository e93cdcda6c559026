/* SPDX-License-Identifier: Apache-2.0 */

/*
 * peer.c - calls over an edge: between the code of the roles and the socket that the supervisor
 * gave them
 */

#include "ipc/peer.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"

_Static_assert(SG_EDGE_BEHIND_MAX >= SG_WORKERS * SG_MESSAGE_MAX,
    "every fiber of a role has room for its message behind a sibling that does not read");

/* What handlers that answer at once have gathered for so long leaves before they go on: answers
 * to requests that came together leave together, and where each takes longer, none waits. */
#define HOLD_US 4000

/* Who waits for an answer. Lives on its stack, in the peer's list. */
struct waiter {
	struct waiter *next;
	uint64_t id;
	struct sg_parker parker;
	bool answered, retry;
	const struct sg_frame *answer;
	void *ret; /* its struct */
};

struct sg_peer {
	const struct sg_edge *edge;
	enum sg_edge_side side;
	struct sg_loop *loop;
	sg_peer_handler *handler;
	void *arg;
	sg_peer_ended *ended;

	pthread_mutex_t lock; /* everything below; never held while a socket blocks */
	int fd;		      /* -1: none */
	unsigned version;     /* that is spoken on it; 0: the other side has not said its own */
	uint64_t generation;
	uint64_t next_id;
	struct waiter *waiters;

	pthread_mutex_t write_lock; /* everything below; never held while a socket blocks */
	struct sg_buf behind;	    /* of frames that the socket did not take yet */
	struct sg_watch *watch;	    /* of the newest socket; NULL: none */
	uint64_t behind_generation;
};

/* The reading end of a socket; owns the descriptor. */
struct reader {
	struct sg_peer *peer;
	struct sg_watch *watch;
	int fd;
	uint64_t generation;
	unsigned version; /* 0: the first frame has not come */
	struct sg_inbox in;
	struct sg_err why; /* the sibling is cut off */
};

static void
write_gathered(void *arg);

enum sg_code
sg_peer_new(const struct sg_edge *edge, enum sg_edge_side side, struct sg_loop *loop,
    sg_peer_handler *handler, void *arg, struct sg_peer **ret, struct sg_err *err)
{
	struct sg_peer *peer = sg_alloc(sizeof *peer);
	if (peer == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	*peer = (struct sg_peer){.edge = edge,
	    .side = side,
	    .loop = loop,
	    .handler = handler,
	    .arg = arg,
	    .fd = -1,
	    .next_id = 1};
	pthread_mutex_init(&peer->lock, NULL);
	pthread_mutex_init(&peer->write_lock, NULL);
	peer->behind.max = SG_EDGE_BEHIND_MAX + SG_FRAME_MAX;
	enum sg_code rc = sg_loop_at_round_end(loop, write_gathered, peer, err);
	if (rc != SG_OK)
		sg_free(peer);
	else
		*ret = peer;
	return rc;
}

void
sg_peer_on_end(struct sg_peer *peer, sg_peer_ended *fn)
{
	peer->ended = fn;
}

/* The socket of a generation ended. Was it the newest? */
static bool
detach(struct sg_peer *peer, uint64_t generation)
{
	pthread_mutex_lock(&peer->lock);
	bool newest = peer->generation == generation;
	if (newest) {
		peer->fd = -1;
		peer->version = 0;
	}
	pthread_mutex_unlock(&peer->lock);
	return newest;
}

static void
tell_end(const struct sg_peer *peer, uint64_t generation, const struct sg_err *why)
{
	if (peer->ended != NULL)
		peer->ended(peer->edge, generation, why);
}

/* A frame that was read. */
struct got {
	const struct sg_frame *frame;
	uint64_t id;
	union {
		struct sg_inbox_hold hold; /* that each begins with */
		uint64_t value[SG_FRAME_STRUCT_MAX / sizeof(uint64_t)];
	};
};

/* False: its question has another answer. Nobody waits any more for one whose call ran into its
 * deadline. */
static bool
deliver_answer(struct sg_peer *peer, struct got *got, struct sg_err *why)
{
	bool taken = false, good = true;

	pthread_mutex_lock(&peer->lock);
	struct waiter *w = peer->waiters;
	while (w != NULL && (w->id != got->id || w->answered))
		w = w->next;
	if (w != NULL)
		good = taken = w->answer == got->frame;
	if (!good)
		sg_ignore(sg_fail(why, SG_E_MALFORMED, "frame.answer", "%s where %s was asked for",
		    got->frame->name, w->answer->name));
	if (taken) {
		memcpy(w->ret, got->value, got->frame->size); /* UNSAFE: the struct of that frame */
		w->answered = true;
		sg_unpark(&w->parker);
	}
	pthread_mutex_unlock(&peer->lock);
	if (!taken)
		sg_frame_release(&got->hold);
	return good;
}

/* The first frame of a socket: from now on it can be used, and everyone who waits asks on it. */
static bool
meet(struct reader *r, struct sg_slice body)
{
	struct sg_peer *peer = r->peer;

	if (sg_edge_meet(peer->edge, body, &r->version, &r->why) != SG_OK)
		return false;
	pthread_mutex_lock(&peer->lock);
	if (peer->generation == r->generation) {
		peer->version = r->version;
		for (struct waiter *w = peer->waiters; w != NULL; w = w->next) {
			w->retry = true;
			sg_unpark(&w->parker);
		}
	}
	pthread_mutex_unlock(&peer->lock);
	return true;
}

/* Take one complete frame; false ends this socket: a sibling that sends garbage is cut off. Without
 * memory for it, a request is lost and its call runs into the deadline: a new socket would need
 * more. */
static bool
take_frame(struct reader *r, struct sg_inbox_hold hold)
{
	struct sg_peer *peer = r->peer;
	enum sg_edge_side other = peer->side == SG_EDGE_CLIENT ? SG_EDGE_SERVER : SG_EDGE_CLIENT;
	struct got got;

	if (r->version == 0) {
		bool good = meet(r, sg_slice(hold.p, hold.len));
		sg_inbox_release(&hold);
		return good;
	}
	if (sg_edge_get(peer->edge, other, r->version, sg_slice(hold.p, hold.len), &got.frame,
		&got.id, got.value, &r->why) != SG_OK) {
		sg_inbox_release(&hold);
		return false;
	}
	got.hold = hold;
	if (peer->side == SG_EDGE_CLIENT)
		return deliver_answer(peer, &got, &r->why);
	struct sg_peer_request *req = sg_alloc(sizeof *req + got.frame->size);
	if (req == NULL) {
		sg_inbox_release(&hold);
		return true;
	}
	*req = (struct sg_peer_request){got.frame, got.id, r->version, peer, r->generation};
	memcpy(req->value, got.value, got.frame->size); /* UNSAFE: there is room for it */
	peer->handler(req, peer->arg);
	return true;
}

/* ---- writing ---- */

/* Send what the socket takes now, *ret_n bytes; false when it broke. */
static bool
send_some(int fd, struct sg_slice s, size_t *ret_n)
{
	size_t at = 0;

	while (at < s.len) {
		ssize_t n = send(fd, s.p + at, s.len - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			at += (size_t)n;
		else if (n < 0 && errno != EINTR)
			break;
	}
	*ret_n = at;
	return at == s.len || errno == EAGAIN;
}

static bool
send_behind(struct sg_peer *peer, int fd)
{
	size_t n = 0;
	bool ok = send_some(fd, sg_buf_slice(&peer->behind), &n);

	sg_buf_consume(&peer->behind, n);
	return ok;
}

/* With the write lock held: a new socket knows nothing of what the old one did not take. */
static void
forget_behind(struct sg_peer *peer, uint64_t generation)
{
	if (peer->behind_generation == generation)
		return;
	sg_buf_clear(&peer->behind);
	peer->behind_generation = generation;
}

/* With the write lock held: what is behind, as far as the socket takes it now. */
static void
flush_behind(struct sg_peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	int fd = peer->generation == peer->behind_generation ? peer->fd : -1;
	pthread_mutex_unlock(&peer->lock);
	if (fd >= 0 && !send_behind(peer, fd))
		shutdown(fd, SHUT_RDWR);
	if (fd < 0)
		sg_buf_clear(&peer->behind);
}

/* The end of a round of the loop's fibers. */
static void
write_gathered(void *arg)
{
	struct sg_peer *peer = arg;

	pthread_mutex_lock(&peer->write_lock);
	if (peer->behind.len > 0)
		flush_behind(peer);
	if (peer->behind.len > 0 && peer->watch != NULL)
		sg_loop_wants_write(peer->watch, true);
	pthread_mutex_unlock(&peer->write_lock);
}

/*
 * Write a frame after what waits for the socket of this generation, if it still is
 * the one. It leaves at once, and on the loop's thread at the end of its round, with all that the
 * round gathers. When too much waits already it is lost, and its call runs into the deadline.
 */
static enum sg_code
write_frame(struct sg_peer *peer, uint64_t generation, const struct sg_frame *frame, uint64_t id,
    const void *value, struct sg_err *err)
{
	enum sg_code rc = SG_OK;

	pthread_mutex_lock(&peer->write_lock);
	pthread_mutex_lock(&peer->lock);
	unsigned version = peer->generation == generation ? peer->version : 0;
	pthread_mutex_unlock(&peer->lock);
	if (version != 0)
		forget_behind(peer, generation);
	if (version != 0 && peer->behind.len <= SG_EDGE_BEHIND_MAX)
		rc = sg_frame_put(frame, version, id, value, &peer->behind, err);
	pthread_mutex_unlock(&peer->write_lock);
	if (version != 0 && !sg_loop_is_ours(peer->loop))
		write_gathered(peer);
	return rc;
}

/* The socket takes more, or its watch is to end. */
static void
write_more(struct reader *r)
{
	struct sg_peer *peer = r->peer;

	pthread_mutex_lock(&peer->write_lock);
	if (peer->behind_generation == r->generation)
		flush_behind(peer);
	if (peer->behind_generation != r->generation || peer->behind.len == 0)
		sg_loop_wants_write(r->watch, false);
	pthread_mutex_unlock(&peer->write_lock);
}

/* ---- reading ---- */

/* What the socket has now, frame by frame; false ends it. */
static bool
read_some(struct reader *r)
{
	enum sg_inbox_next next = SG_INBOX_MORE;
	struct sg_inbox_hold hold;
	bool good = sg_inbox_read(&r->in, r->fd);
	int64_t since_us = sg_clock_mono_us();

	while (good && (next = sg_inbox_next(&r->in, &hold)) == SG_INBOX_FRAME) {
		good = take_frame(r, hold);
		int64_t now_us = sg_clock_mono_us();
		if (now_us - since_us < HOLD_US)
			continue;
		write_gathered(r->peer);
		since_us = now_us;
	}
	if (next == SG_INBOX_BAD)
		sg_ignore(sg_fail(&r->why, SG_E_LIMIT, "frame.size",
		    "a frame of more than %u bytes", SG_FRAME_MAX));
	return good && next != SG_INBOX_BAD;
}

/* The socket has ended, or is of no more use. */
static void
reader_end(struct reader *r)
{
	struct sg_peer *peer = r->peer;

	shutdown(r->fd, SHUT_RDWR);
	uint64_t generation = r->generation;
	bool newest = detach(peer, generation);
	/* A writer may be in the middle of a frame: it must not find the number reused. */
	pthread_mutex_lock(&peer->write_lock);
	if (peer->watch == r->watch)
		peer->watch = NULL;
	if (r->watch != NULL)
		sg_loop_unwatch(r->watch);
	close(r->fd);
	pthread_mutex_unlock(&peer->write_lock);
	sg_inbox_clear(&r->in);
	if (newest)
		tell_end(peer, generation, &r->why);
	sg_free(r);
}

static void
on_event(void *arg, bool readable, bool writable)
{
	struct reader *r = arg;

	if (writable)
		write_more(r);
	if (!readable || read_some(r))
		return;
	write_gathered(r->peer); /* what came before the garbage is answered */
	reader_end(r);
}

/* ---- sockets come and go ---- */

static enum sg_code
start_watch(struct reader *r, struct sg_err *err)
{
	struct sg_peer *peer = r->peer;
	uint8_t hello[SG_EDGE_HELLO_LEN];

	sg_edge_hello(peer->edge, hello);
	/* The loop may call before this returns; it then waits for the lock. */
	pthread_mutex_lock(&peer->write_lock);
	enum sg_code rc = sg_loop_watch(peer->loop, r->fd, on_event, r, &r->watch, err);
	if (rc == SG_OK)
		peer->watch = r->watch;
	/* A new socket has room for it, or its other end has gone: then the reader tells. */
	if (rc == SG_OK &&
	    send(r->fd, hello, sizeof hello, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof hello)
		shutdown(r->fd, SHUT_RDWR);
	pthread_mutex_unlock(&peer->write_lock);
	return rc;
}

enum sg_code
sg_peer_attach(struct sg_peer *peer, int fd, struct sg_err *err)
{
	struct reader *r = fd >= 0 ? sg_alloc(sizeof *r) : NULL;

	pthread_mutex_lock(&peer->lock);
	if (peer->fd >= 0)
		shutdown(peer->fd, SHUT_RDWR); /* its reader closes it */
	peer->fd = r != NULL ? fd : -1;
	peer->version = 0;
	uint64_t generation = ++peer->generation;
	pthread_mutex_unlock(&peer->lock);
	if (r == NULL) {
		if (fd >= 0)
			close(fd);
		tell_end(peer, generation, &(struct sg_err){.code = SG_OK});
		return fd < 0 ? sg_fail(err, SG_E_IO, "rpc.socket", "no descriptor for a socket")
			      : sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	}
	r->peer = peer;
	r->fd = fd;
	r->generation = generation;
	enum sg_code rc = start_watch(r, err);
	if (rc != SG_OK)
		reader_end(r);
	return rc;
}

/* Wait for news. Called and left with the lock held; false when the deadline has passed. */
static bool
wait_news(struct sg_peer *peer, struct waiter *w, int64_t deadline_ms)
{
	pthread_mutex_unlock(&peer->lock);
	bool on_time = sg_park(&w->parker, deadline_ms);
	pthread_mutex_lock(&peer->lock);
	sg_parker_init(&w->parker);
	return on_time;
}

static void
unlink_waiter(struct sg_peer *peer, struct waiter *w)
{
	for (struct waiter **p = &peer->waiters; *p != NULL; p = &(*p)->next) {
		if (*p == w) {
			*p = w->next;
			return;
		}
	}
}

/* Send until the other side answers. Called and left with the lock held. */
static enum sg_code
ask(struct sg_peer *peer, struct waiter *w, const struct sg_frame *question, const void *value,
    int64_t deadline_ms, struct sg_err *err)
{
	enum sg_code rc = SG_OK;
	bool on_time = true;

	while (rc == SG_OK && !w->answered && on_time) {
		w->retry = false;
		if (peer->version != 0) {
			uint64_t generation = peer->generation;
			pthread_mutex_unlock(&peer->lock);
			/* When it cannot be sent, the reader or the deadline says so. */
			rc = write_frame(peer, generation, question, w->id, value, err);
			pthread_mutex_lock(&peer->lock);
		}
		/* A new socket, once it can be used, is news, too. */
		while (rc == SG_OK && !w->answered && !w->retry && on_time)
			on_time = wait_news(peer, w, deadline_ms);
	}
	if (w->answered || rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_TIMEOUT, "rpc.timeout",
	    "%s: no answer in time; is the other process running?", peer->edge->name);
}

enum sg_code
sg_peer_ask(struct sg_peer *peer, const struct sg_frame *question, const void *value,
    int64_t deadline_ms, const struct sg_frame *answer, void *ret, struct sg_err *err)
{
	struct waiter w = {.answer = answer, .ret = ret};

	sg_parker_init(&w.parker);
	enum sg_code rc = sg_frame_check(question, peer->edge->version, value, err);
	if (rc != SG_OK)
		return rc;
	pthread_mutex_lock(&peer->lock);
	w.id = peer->next_id++;
	w.next = peer->waiters;
	peer->waiters = &w;
	rc = ask(peer, &w, question, value, deadline_ms, err);
	unlink_waiter(peer, &w);
	pthread_mutex_unlock(&peer->lock);
	return rc;
}

unsigned
sg_peer_version(struct sg_peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	unsigned version = peer->version;
	pthread_mutex_unlock(&peer->lock);
	return version;
}

void
sg_peer_drop(struct sg_peer_request *req)
{
	sg_frame_release(req->value);
	sg_free(req);
}

void
sg_peer_answer(struct sg_peer_request *req, const struct sg_frame *answer, const void *value)
{
	/* Without memory for it, or when it does not fit its rows, the caller runs into its
	 * deadline. */
	sg_ignore(write_frame(req->peer, req->generation, answer, req->id, value, NULL));
	sg_peer_drop(req);
}
