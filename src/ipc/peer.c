/* SPDX-License-Identifier: Apache-2.0 */

#include "ipc/peer.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"

_Static_assert(SG_EDGE_BEHIND_MAX >= SG_WORKERS * SG_MESSAGE_MAX,
    "every fiber of a role has room for its message behind a sibling that does not read");

/* What handlers that answer at once have gathered for so long leaves before they go on: answers
 * to requests that came together leave together, and where each takes longer, none waits. */
#define HOLD_US 4000

/* Between two tries to get memory for what a sibling sent. */
#define NO_MEMORY_WAIT_MS 10

/* Who waits for an answer. Lives on its stack, in the peer's list. */
struct waiter {
	struct waiter *next;
	uint64_t id;
	struct sg_parker parker;
	bool answered, retry;
	struct sg_peer_answer answer;
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
	uint64_t generation;
	uint64_t next_id;
	struct waiter *waiters;

	pthread_mutex_t write_lock; /* everything below; never held while a socket blocks */
	struct sg_buf behind;	    /* of frames that the socket did not take yet */
	struct sg_watch *watch;	    /* of the newest socket; NULL: none */
	uint64_t behind_generation;
};

#define READ_SIZE 32768u /* several requests of 3 KiB at once under load */

/* The reading end of a socket; owns the descriptor. */
struct reader {
	struct sg_peer *peer;
	struct sg_watch *watch;
	int fd;
	uint64_t generation;
	struct sg_buf in;
	uint8_t chunk[READ_SIZE];
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

/* Everyone who waits has to ask again. Called with the lock held. */
static void
retry_all(struct sg_peer *peer)
{
	for (struct waiter *w = peer->waiters; w != NULL; w = w->next) {
		w->retry = true;
		sg_unpark(&w->parker);
	}
}

/* The socket of a generation ended: everyone who waits on it has to ask again. Was it the newest?
 */
static bool
detach(struct sg_peer *peer, uint64_t generation)
{
	pthread_mutex_lock(&peer->lock);
	bool newest = peer->generation == generation;
	if (newest) {
		peer->fd = -1;
		retry_all(peer);
	}
	pthread_mutex_unlock(&peer->lock);
	return newest;
}

static void
tell_end(const struct sg_peer *peer, uint64_t generation)
{
	if (peer->ended != NULL)
		peer->ended(peer->edge, generation);
}

static void
deliver_answer(struct sg_peer *peer, const struct sg_msg *msg, uint8_t *frame, size_t len)
{
	bool taken = false;

	pthread_mutex_lock(&peer->lock);
	for (struct waiter *w = peer->waiters; w != NULL && !taken; w = w->next) {
		if (w->id != msg->id || w->answered)
			continue;
		w->answer = (struct sg_peer_answer){*msg, frame, len};
		w->answered = taken = true;
		sg_unpark(&w->parker);
	}
	pthread_mutex_unlock(&peer->lock);
	if (taken)
		return;
	/* Nobody waits any more: the call ran into its deadline. */
	sg_wipe(frame, len);
	sg_free(frame);
}

/* Take one complete frame; false ends this socket. Without memory for it, it is lost and its
 * call runs into the deadline: a new socket would need more. */
static bool
take_frame(struct reader *r, struct sg_slice body)
{
	struct sg_peer *peer = r->peer;
	enum sg_edge_side other = peer->side == SG_EDGE_CLIENT ? SG_EDGE_SERVER : SG_EDGE_CLIENT;
	struct sg_msg msg;

	uint8_t *frame = sg_memdup(body.p, body.len);
	if (frame == NULL)
		return true;
	if (sg_frame_get(peer->edge, other, sg_slice(frame, body.len), &msg, NULL) != SG_OK) {
		sg_wipe(frame, body.len);
		sg_free(frame);
		return false; /* a sibling that sends garbage is cut off */
	}
	if (peer->side == SG_EDGE_CLIENT) {
		deliver_answer(peer, &msg, frame, body.len);
		return true;
	}
	struct sg_peer_request *req = sg_alloc(sizeof *req);
	if (req == NULL) {
		sg_wipe(frame, body.len);
		sg_free(frame);
		return true;
	}
	*req = (struct sg_peer_request){msg, frame, body.len, peer, r->generation};
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

/* A whole frame for later, unless too much is there already, or there is no memory for it: then
 * it is lost, and its call runs into the deadline. */
static void
put_behind(struct sg_peer *peer, struct sg_slice frame)
{
	if (peer->behind.len > SG_EDGE_BEHIND_MAX)
		return;
	sg_buf_put_slice(&peer->behind, frame);
	peer->behind.failed = SG_OK;
}

/* Send a frame, or what was begun of it; the rest goes behind. A frame that was begun is always
 * finished, by whoever comes next if need be: the other side would take its half for garbage. */
static bool
send_frame(struct sg_peer *peer, int fd, struct sg_slice frame)
{
	size_t n = 0;

	bool ok = send_behind(peer, fd);
	if (ok && peer->behind.len == 0)
		ok = send_some(fd, frame, &n);
	if (!ok || n == frame.len)
		return ok;
	if (n == 0) {
		put_behind(peer, frame);
		return true;
	}
	sg_buf_put(&peer->behind, frame.p + n, frame.len - n);
	return peer->behind.failed == SG_OK;
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

/* Write a whole frame to the socket of this generation, if it still is the one: on the loop's
 * thread at the end of its round, with all that the round gathers. */
static void
write_frame(struct sg_peer *peer, uint64_t generation, struct sg_slice frame)
{
	pthread_mutex_lock(&peer->write_lock);
	pthread_mutex_lock(&peer->lock);
	int fd = peer->generation == generation ? peer->fd : -1;
	pthread_mutex_unlock(&peer->lock);
	if (fd >= 0) {
		forget_behind(peer, generation);
		/* A socket that broke in the middle of a frame is of no use: its reader tells. */
		if (sg_loop_is_ours(peer->loop))
			put_behind(peer, frame);
		else if (!send_frame(peer, fd, frame))
			shutdown(fd, SHUT_RDWR);
		else if (peer->behind.len > 0 && peer->watch != NULL)
			sg_loop_wants_write(peer->watch, true);
	}
	pthread_mutex_unlock(&peer->write_lock);
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

/* Split what arrived into frames; false ends this socket. */
static bool
take_frames(struct reader *r, struct sg_buf *in)
{
	int64_t since_us = sg_clock_mono_us();
	size_t at = 0;

	while (in->len - at >= 4) {
		const uint8_t *p = in->p + at;
		size_t len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
		if (len > SG_FRAME_MAX)
			return false;
		if (in->len - at - 4 < len)
			break;
		if (!take_frame(r, sg_slice(p + 4, len)))
			return false;
		at += 4 + len;
		int64_t now_us = sg_clock_mono_us();
		if (now_us - since_us < HOLD_US)
			continue;
		write_gathered(r->peer);
		since_us = now_us;
	}
	sg_buf_consume(in, at);
	return true;
}

/* What was read must be kept, or the frames behind it would not be found. */
static void
keep(struct sg_buf *in, struct sg_slice s)
{
	struct timespec ts = {0, NO_MEMORY_WAIT_MS * 1000000};

	sg_buf_put_slice(in, s);
	while (in->failed == SG_E_NOMEM) {
		nanosleep(&ts, NULL);
		in->failed = SG_OK;
		sg_buf_put_slice(in, s);
	}
}

/* What the socket has now; false ends it. */
static bool
read_some(struct reader *r)
{
	ssize_t n = read(r->fd, r->chunk, sizeof r->chunk);
	if (n < 0)
		return errno == EINTR;
	if (n == 0)
		return false;
	keep(&r->in, sg_slice(r->chunk, (size_t)n));
	sg_wipe(r->chunk, (size_t)n);
	return r->in.failed == SG_OK && take_frames(r, &r->in);
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
	sg_buf_clear(&r->in);
	sg_free(r);
	if (newest)
		tell_end(peer, generation);
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

	/* The loop may call before this returns; it then waits for the lock. */
	pthread_mutex_lock(&peer->write_lock);
	enum sg_code rc = sg_loop_watch(peer->loop, r->fd, on_event, r, &r->watch, err);
	if (rc == SG_OK)
		peer->watch = r->watch;
	if (rc == SG_OK && peer->behind_generation == r->generation && peer->behind.len > 0)
		sg_loop_wants_write(r->watch, true); /* somebody was faster */
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
	uint64_t generation = ++peer->generation;
	retry_all(peer);
	pthread_mutex_unlock(&peer->lock);
	if (r == NULL) {
		if (fd >= 0)
			close(fd);
		tell_end(peer, generation);
		return fd < 0 ? sg_fail(err, SG_E_IO, "rpc.socket", "no descriptor for a socket")
			      : sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	}
	r->in.max = SG_FRAME_MAX + READ_SIZE + 4;
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

/* Send until somebody answers. Called and left with the lock held. */
static enum sg_code
ask(struct sg_peer *peer, struct waiter *w, struct sg_slice frame, int64_t deadline_ms,
    struct sg_err *err)
{
	bool on_time = true;

	while (!w->answered && on_time) {
		w->retry = false;
		if (peer->fd >= 0) {
			uint64_t generation = peer->generation;
			pthread_mutex_unlock(&peer->lock);
			/* When it cannot be sent, the reader or the deadline says so. */
			write_frame(peer, generation, frame);
			pthread_mutex_lock(&peer->lock);
		}
		/* A new socket is news, too. */
		while (!w->answered && !w->retry && on_time)
			on_time = wait_news(peer, w, deadline_ms);
	}
	if (w->answered)
		return SG_OK;
	return sg_fail(err, SG_E_TIMEOUT, "rpc.timeout",
	    "%s: no answer in time; is the other process running?", peer->edge->name);
}

enum sg_code
sg_peer_call(struct sg_peer *peer, struct sg_msg *msg, int64_t deadline_ms,
    struct sg_peer_answer *ret, struct sg_err *err)
{
	struct waiter w = {0};
	sg_parker_init(&w.parker);
	sg_buf_scoped frame = {.max = SG_FRAME_MAX};

	pthread_mutex_lock(&peer->lock);
	msg->id = w.id = peer->next_id++;
	pthread_mutex_unlock(&peer->lock);
	enum sg_code rc = sg_frame_put(peer->edge, msg, &frame, err);
	if (rc != SG_OK)
		return rc;
	pthread_mutex_lock(&peer->lock);
	w.next = peer->waiters;
	peer->waiters = &w;
	rc = ask(peer, &w, sg_buf_slice(&frame), deadline_ms, err);
	unlink_waiter(peer, &w);
	pthread_mutex_unlock(&peer->lock);
	if (rc == SG_OK)
		*ret = w.answer;
	return rc;
}

void
sg_peer_answer_free(struct sg_peer_answer *answer)
{
	sg_wipe(answer->frame, answer->frame_len);
	sg_free(answer->frame);
	*answer = (struct sg_peer_answer){0};
}

void
sg_peer_drop(struct sg_peer_request *req)
{
	sg_wipe(req->frame, req->frame_len);
	sg_free(req->frame);
	sg_free(req);
}

void
sg_peer_reply(struct sg_peer_request *req, struct sg_msg *msg)
{
	sg_buf_scoped frame = {.max = SG_FRAME_MAX};

	msg->id = req->msg.id;
	if (sg_frame_put(req->peer->edge, msg, &frame, NULL) == SG_OK)
		write_frame(req->peer, req->generation, sg_buf_slice(&frame));
	sg_peer_drop(req);
}
