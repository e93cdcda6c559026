/* SPDX-License-Identifier: Apache-2.0 */

#include "rpc/peer.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/futex.h"

/* How long an answer waits for a client that does not read: its worker is needed. */
#define REPLY_MS 2000

/* Between two tries on a full socket: the sandbox of a role that only answers knows no poll. */
#define FULL_WAIT_US 200

/* Between two tries to get memory for what a sibling sent. */
#define NO_MEMORY_WAIT_MS 10

/* A thread that waits for an answer. Lives on its stack, in the peer's list. */
struct waiter {
	struct waiter *next;
	uint64_t id;
	_Atomic uint32_t news; /* changes with the two below */
	bool answered, retry;
	struct sg_answer answer;
};

struct sg_peer {
	const struct sg_edge *edge;
	enum sg_side side;
	sg_peer_handler *handler;
	void *arg;

	pthread_mutex_t lock; /* everything below; never held while a socket blocks */
	pthread_cond_t attached;
	int fd; /* -1: none */
	uint64_t generation;
	uint64_t next_id;
	struct waiter *waiters;

	pthread_mutex_t write_lock; /* one frame at a time; also the tail */
	struct sg_buf tail;	    /* of a frame whose writer ran out of time */
	uint64_t tail_generation;
};

#define READ_SIZE 32768u /* several requests of 3 KiB at once under load */

/* What a reader thread needs; it owns this and the descriptor. */
struct reader {
	struct sg_peer *peer;
	int fd;
	uint64_t generation;
	uint8_t chunk[READ_SIZE];
};

enum sg_code
sg_peer_new(const struct sg_edge *edge, enum sg_side side, sg_peer_handler *handler, void *arg,
    struct sg_peer **ret, struct sg_err *err)
{
	struct sg_peer *peer = sg_alloc(sizeof *peer);
	if (peer == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	*peer = (struct sg_peer){
	    .edge = edge, .side = side, .handler = handler, .arg = arg, .fd = -1, .next_id = 1};
	pthread_mutex_init(&peer->lock, NULL);
	pthread_mutex_init(&peer->write_lock, NULL);
	peer->tail.max = SG_FRAME_MAX;
	pthread_cond_init(&peer->attached, NULL);
	*ret = peer;
	return SG_OK;
}

/* Everyone who waits has to ask again. Called with the lock held. */
static void
retry_all(struct sg_peer *peer)
{
	for (struct waiter *w = peer->waiters; w != NULL; w = w->next) {
		w->retry = true;
		w->news++;
		sg_futex_wake(&w->news, 1);
	}
}

/* The socket of a generation ended: everyone who waits on it has to ask again. */
static void
detach(struct sg_peer *peer, uint64_t generation)
{
	pthread_mutex_lock(&peer->lock);
	if (peer->generation == generation) {
		peer->fd = -1;
		retry_all(peer);
	}
	pthread_mutex_unlock(&peer->lock);
}

static void
deliver_answer(struct sg_peer *peer, const struct sg_msg *msg, uint8_t *frame, size_t len)
{
	_Atomic uint32_t *news = NULL;

	pthread_mutex_lock(&peer->lock);
	for (struct waiter *w = peer->waiters; w != NULL; w = w->next) {
		if (w->id != msg->id || w->answered)
			continue;
		w->answer = (struct sg_answer){*msg, frame, len};
		w->answered = true;
		w->news++;
		news = &w->news;
		break;
	}
	pthread_mutex_unlock(&peer->lock);
	if (news != NULL) {
		/* From here on the waiter may be gone; only its address is used. */
		sg_futex_wake(news, 1);
		return;
	}
	/* Nobody waits any more: the call ran into its deadline. */
	sg_wipe(frame, len);
	sg_free(frame);
}

/* Take one complete frame; false ends this socket. Without memory for it, it is lost and its
 * call runs into the deadline: the socket must live, since only a death brings a new one. */
static bool
take_frame(struct reader *r, struct sg_slice body)
{
	struct sg_peer *peer = r->peer;
	enum sg_side other = peer->side == SG_SIDE_CLIENT ? SG_SIDE_SERVER : SG_SIDE_CLIENT;
	struct sg_msg msg;

	uint8_t *frame = sg_memdup(body.p, body.len);
	if (frame == NULL)
		return true;
	if (sg_frame_get(peer->edge, other, sg_slice(frame, body.len), &msg, NULL) != SG_OK) {
		sg_wipe(frame, body.len);
		sg_free(frame);
		return false; /* a sibling that sends garbage is cut off */
	}
	if (peer->side == SG_SIDE_CLIENT) {
		deliver_answer(peer, &msg, frame, body.len);
		return true;
	}
	struct sg_request *req = sg_alloc(sizeof *req);
	if (req == NULL) {
		sg_wipe(frame, body.len);
		sg_free(frame);
		return true;
	}
	*req = (struct sg_request){msg, frame, body.len, peer, r->generation, sg_mono_us()};
	peer->handler(req, peer->arg);
	return true;
}

/* Split what arrived into frames; false ends this socket. */
static bool
take_frames(struct reader *r, struct sg_buf *in)
{
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

static void *
reader_main(void *arg)
{
	struct reader *r = arg;
	sg_buf_scoped in = {.max = SG_FRAME_MAX + READ_SIZE + 4};

	for (;;) {
		ssize_t n = read(r->fd, r->chunk, sizeof r->chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		keep(&in, sg_slice(r->chunk, (size_t)n));
		sg_wipe(r->chunk, (size_t)n);
		if (in.failed != SG_OK || !take_frames(r, &in))
			break;
	}
	shutdown(r->fd, SHUT_RDWR);
	detach(r->peer, r->generation);
	/* A writer may be in the middle of a frame: it must not find the number reused. */
	pthread_mutex_lock(&r->peer->write_lock);
	close(r->fd);
	pthread_mutex_unlock(&r->peer->write_lock);
	sg_free(r);
	return NULL;
}

enum sg_code
sg_peer_attach(struct sg_peer *peer, int fd, struct sg_err *err)
{
	struct reader *r = sg_alloc(sizeof *r);
	pthread_t thread;

	if (r == NULL) {
		close(fd);
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	}
	pthread_mutex_lock(&peer->lock);
	if (peer->fd >= 0)
		shutdown(peer->fd, SHUT_RDWR); /* its reader closes it */
	peer->fd = fd;
	r->peer = peer;
	r->fd = fd;
	r->generation = ++peer->generation;
	retry_all(peer);
	pthread_cond_broadcast(&peer->attached);
	pthread_mutex_unlock(&peer->lock);
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 512 * 1024);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int rc = pthread_create(&thread, &attr, reader_main, r);
	pthread_attr_destroy(&attr);
	if (rc != 0) {
		detach(peer, r->generation);
		pthread_mutex_lock(&peer->write_lock);
		close(fd);
		pthread_mutex_unlock(&peer->write_lock);
		sg_free(r);
		return sg_fail(err, SG_E_NOMEM, "thread", "cannot start a thread: error %d", rc);
	}
	return SG_OK;
}

/* Send what fits until the deadline; how much went out in *ret_n, false when it broke. */
static bool
send_until(int fd, struct sg_slice s, int64_t deadline_ms, size_t *ret_n)
{
	size_t at = 0;
	bool ok = true;

	while (ok && at < s.len) {
		ssize_t n = send(fd, s.p + at, s.len - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			at += (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct timespec ts = {0, FULL_WAIT_US * 1000};
			if (sg_mono_ms() >= deadline_ms)
				break;
			nanosleep(&ts, NULL);
		} else if (n < 0 && errno != EINTR) {
			ok = false;
		}
	}
	*ret_n = at;
	return ok;
}

/* The tail, then the frame. A frame that was begun is always finished, by whoever comes
 * next if need be: the other side would take its half for garbage. */
static bool
send_frame(
    struct sg_peer *peer, int fd, uint64_t generation, struct sg_slice frame, int64_t deadline_ms)
{
	size_t n = 0;

	if (peer->tail_generation != generation) {
		sg_buf_clear(&peer->tail);
		peer->tail_generation = generation;
	}
	bool ok = send_until(fd, sg_buf_slice(&peer->tail), deadline_ms, &n);
	sg_buf_consume(&peer->tail, n);
	if (!ok || peer->tail.len > 0)
		return ok;
	ok = send_until(fd, frame, deadline_ms, &n);
	if (ok && n > 0)
		sg_buf_put(&peer->tail, frame.p + n, frame.len - n);
	return ok && peer->tail.failed == SG_OK;
}

/* Write a whole frame to the socket of this generation, if it still is the one, and if it
 * takes it in time. */
static void
write_frame(struct sg_peer *peer, uint64_t generation, struct sg_slice frame, int64_t deadline_ms)
{
	struct timespec ts = {deadline_ms / 1000, (deadline_ms % 1000) * 1000000};

	if (pthread_mutex_clocklock(&peer->write_lock, CLOCK_MONOTONIC, &ts) != 0)
		return;
	pthread_mutex_lock(&peer->lock);
	int fd = peer->generation == generation ? peer->fd : -1;
	pthread_mutex_unlock(&peer->lock);
	/* A socket that broke in the middle of a frame is of no use: its reader tells. */
	if (fd >= 0 && !send_frame(peer, fd, generation, frame, deadline_ms))
		shutdown(fd, SHUT_RDWR);
	pthread_mutex_unlock(&peer->write_lock);
}

/* Both are called and left with the lock held; false when the deadline has passed. */
static bool
wait_attached(struct sg_peer *peer, int64_t deadline_ms)
{
	struct timespec ts = {deadline_ms / 1000, (deadline_ms % 1000) * 1000000};
	return pthread_cond_clockwait(&peer->attached, &peer->lock, CLOCK_MONOTONIC, &ts) !=
	       ETIMEDOUT;
}

static bool
wait_news(struct sg_peer *peer, struct waiter *w, int64_t deadline_ms)
{
	uint32_t seen = w->news;

	pthread_mutex_unlock(&peer->lock);
	bool on_time = sg_futex_wait(&w->news, seen, deadline_ms);
	pthread_mutex_lock(&peer->lock);
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

	while (!w->answered) {
		if (peer->fd < 0) {
			on_time = wait_attached(peer, deadline_ms);
		} else {
			w->retry = false;
			uint64_t generation = peer->generation;
			pthread_mutex_unlock(&peer->lock);
			/* When it cannot be sent, the reader or the deadline says so. */
			write_frame(peer, generation, frame, deadline_ms);
			pthread_mutex_lock(&peer->lock);
			while (!w->answered && !w->retry && on_time)
				on_time = wait_news(peer, w, deadline_ms);
		}
		if (!on_time && !w->answered)
			return sg_fail(err, SG_E_TIMEOUT, "rpc.timeout",
			    "%s: no answer in time; is the other process running?",
			    peer->edge->name);
	}
	return SG_OK;
}

enum sg_code
sg_peer_call(struct sg_peer *peer, struct sg_msg *msg, int64_t deadline_ms, struct sg_answer *ret,
    struct sg_err *err)
{
	struct waiter w = {0};
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
sg_answer_free(struct sg_answer *answer)
{
	sg_wipe(answer->frame, answer->frame_len);
	sg_free(answer->frame);
	*answer = (struct sg_answer){0};
}

void
sg_request_drop(struct sg_request *req)
{
	sg_wipe(req->frame, req->frame_len);
	sg_free(req->frame);
	sg_free(req);
}

void
sg_request_reply(struct sg_request *req, struct sg_msg *msg)
{
	sg_buf_scoped frame = {.max = SG_FRAME_MAX};

	msg->id = req->msg.id;
	if (sg_frame_put(req->peer->edge, msg, &frame, NULL) == SG_OK)
		write_frame(
		    req->peer, req->generation, sg_buf_slice(&frame), sg_mono_ms() + REPLY_MS);
	sg_request_drop(req);
}
