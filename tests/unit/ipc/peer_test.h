/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * peer_test.h - peers whose sockets are read by loops, called by threads or fibers
 */

#include "unit/base/base_test.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit/ipc/echo.h"

/* Who calls. */
enum mode { THREADS, FIBERS, MODES };
static enum mode mode;

/* Peers live as long as their process: they are kept where a leak check sees them. Each has a
 * loop of its own, as if it were another process. */
static struct sg_peer *volatile kept[512];
static struct sg_loop *kept_loop[512];
static size_t kept_n;

#define SOON_MS 20000 /* nothing here takes so long: a failure, not a wait */

static inline struct sg_peer *
new_peer(enum sg_edge_side side, sg_peer_handler *handler, void *arg)
{
	struct sg_err err = {0};
	struct sg_peer *p = NULL;
	struct sg_loop *loop = NULL;
	assert_true(kept_n < sizeof kept / sizeof kept[0]);
	assert_int_equal(sg_loop_new(&loop, &err), SG_OK);
	assert_int_equal(sg_peer_new(&sg_edge_echo, side, loop, handler, arg, &p, &err), SG_OK);
	assert_int_equal(sg_loop_start(loop, &err), SG_OK);
	kept_loop[kept_n] = loop;
	kept[kept_n++] = p;
	return p;
}

static inline struct sg_loop *
loop_of(const struct sg_peer *p)
{
	for (size_t n = 0; n < kept_n; n++)
		if (kept[n] == p)
			return kept_loop[n];
	return NULL;
}

static inline void
make_pair(int fd[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
}

static inline void
attach(struct sg_peer *p, int fd)
{
	struct sg_err err = {0};
	assert_int_equal(sg_peer_attach(p, fd, &err), SG_OK);
}

/* Read exactly len bytes from a raw end; false at its end of file. */
static inline bool
read_raw(int fd, void *p, size_t len)
{
	for (size_t at = 0; at < len;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		assert_int_equal(poll(&poll_fd, 1, SOON_MS), 1);
		ssize_t n = read(fd, (uint8_t *)p + at, len - at);
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

static inline void
write_raw(int fd, struct sg_slice s)
{
	assert_int_equal(send(fd, s.p, s.len, MSG_NOSIGNAL), s.len);
}

/* Say a version, and hear the peer's. */
static inline void
meet_raw(int fd, unsigned version)
{
	uint8_t hello[SG_EDGE_HELLO_LEN];
	struct sg_edge edge = {.version = version};
	sg_edge_hello(&edge, hello);
	write_raw(fd, sg_slice(hello, sizeof hello));
	assert_true(read_raw(fd, hello, sizeof hello));
}

/* The other end of a new socket of this peer, where that version is spoken. */
static inline int
attach_raw_in(struct sg_peer *p, unsigned version)
{
	int fd[2];
	make_pair(fd);
	attach(p, fd[0]);
	meet_raw(fd[1], version);
	for (int ms = 0; sg_peer_version(p) == 0; ms++) {
		assert_true(ms < SOON_MS);
		usleep(1000);
	}
	return fd[1];
}

static inline int
attach_raw(struct sg_peer *p)
{
	return attach_raw_in(p, 1);
}

/* Ask here and now. */
static inline enum sg_code
ask_here(struct sg_peer *p, const char *text, int64_t ms, struct sg_buf *ret, struct sg_err *err)
{
	sg_frame_scoped(echo_answer) answer = {0};
	struct sg_frame_echo ask = {.text = sg_slice_str(text)};
	enum sg_code rc = sg_peer_ask_echo(p, &ask, sg_clock_mono_ms() + ms, &answer, err);
	if (rc == SG_OK && ret != NULL)
		sg_buf_put_slice(ret, answer.text);
	return rc;
}

/* Something done by a thread of its own, or by a fiber of a peer's loop. */
struct task {
	void *(*run)(void *arg);
	void *arg, *result;
	pthread_t thread;
	bool is_thread;
	sem_t done;
};

static inline void
task_main(void *arg)
{
	struct task *t = arg;
	t->result = t->run(t->arg);
	sem_post(&t->done); /* and this fiber waits for ever */
}

static inline void
task_start(struct task *t, struct sg_peer *peer, void *(*run)(void *arg), void *arg)
{
	struct sg_err err = {0};
	*t = (struct task){.run = run, .arg = arg, .is_thread = mode != FIBERS};
	sem_init(&t->done, 0, 0);
	if (t->is_thread)
		assert_int_equal(pthread_create(&t->thread, NULL, run, arg), 0);
	else
		assert_int_equal(sg_loop_spawn(loop_of(peer), task_main, t, &err), SG_OK);
}

static inline void *
task_end(struct task *t)
{
	if (t->is_thread)
		pthread_join(t->thread, &t->result);
	else
		while (sem_wait(&t->done) != 0)
			continue;
	return t->result;
}

/* A call by somebody else. */
struct call {
	struct task task;
	struct sg_peer *peer;
	const char *text;
	int64_t ms;
	enum sg_code rc;
	struct sg_err err;
	struct sg_buf got;
};

static inline void *
call_main(void *arg)
{
	struct call *c = arg;
	c->rc = ask_here(c->peer, c->text, c->ms, &c->got, &c->err);
	return NULL;
}

static inline void
call_start(struct call *c, struct sg_peer *peer, const char *text, int64_t ms)
{
	*c = (struct call){.peer = peer, .text = text, .ms = ms};
	task_start(&c->task, peer, call_main, c);
}

static inline void
call_expect(struct call *c, const char *text)
{
	task_end(&c->task);
	if (c->rc != SG_OK)
		fail_msg("%s: %s", c->text, c->err.text);
	assert_text(&c->got, text);
	sg_buf_clear(&c->got);
}

static inline enum sg_code
ask_for(struct sg_peer *p, const char *text, int64_t ms, struct sg_buf *ret, struct sg_err *err)
{
	static struct call c; /* not on the stack: a fiber ends in it */
	if (mode != FIBERS)
		return ask_here(p, text, ms, ret, err);
	call_start(&c, p, text, ms);
	task_end(&c.task);
	if (err != NULL)
		*err = c.err;
	if (c.rc == SG_OK && ret != NULL)
		sg_buf_put_slice(ret, sg_buf_slice(&c.got));
	sg_buf_clear(&c.got);
	return c.rc;
}

static inline void
reply_with(struct sg_peer_request *req, struct sg_slice text)
{
	struct sg_frame_echo_answer answer = {.text = text};
	sg_peer_reply_echo(req, &answer);
}

static inline void
echo(struct sg_peer_request *req, void *arg)
{
	sg_ignore(arg);
	reply_with(req, sg_peer_asked_echo(req)->text);
}

static inline void
connect_peers(struct sg_peer *client, struct sg_peer *server)
{
	int fd[2];
	make_pair(fd);
	attach(client, fd[0]);
	attach(server, fd[1]);
}

static inline void
expect_echo(struct sg_peer *client, const char *text)
{
	struct sg_err err = {0};
	sg_buf_scoped got = {0};
	if (ask_for(client, text, SOON_MS, &got, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_text(&got, text);
}

/* A question or an answer that was read from a raw end. */
struct raw {
	struct sg_buf body;
	uint64_t id;
	struct sg_slice text; /* in body */
};
#define raw_scoped __attribute__((cleanup(raw_clear))) struct raw

static inline void
raw_clear(struct raw *raw)
{
	sg_buf_clear(&raw->body);
}

/* The next frame from a raw end. */
static inline bool
read_frame(int fd, enum sg_edge_side sender, struct raw *ret)
{
	uint8_t head[4];
	sg_buf_reset(&ret->body);
	if (!read_raw(fd, head, 4))
		return false;
	size_t len = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	assert_true(head[0] == 0 && len <= SG_FRAME_MAX);
	uint8_t *p = sg_buf_extend(&ret->body, len);
	assert_non_null(p);
	if (!read_raw(fd, p, len))
		return false;
	struct sg_frame_echo ask = {.text = {0}};
	struct sg_frame_echo_answer answer = {.text = {0}};
	bool asks = sender == SG_EDGE_CLIENT;
	enum sg_code rc = sg_frame_get(asks ? &sg_frame_echo : &sg_frame_echo_answer, 1,
	    sg_buf_slice(&ret->body), &ret->id, asks ? (void *)&ask : &answer, NULL);
	ret->text = asks ? ask.text : answer.text;
	return rc == SG_OK;
}

static inline void
put_answer(struct sg_buf *out, uint64_t id, const char *text)
{
	struct sg_frame_echo_answer answer = {.text = sg_slice_str(text)};
	assert_int_equal(sg_frame_put(&sg_frame_echo_answer, 1, id, &answer, out, NULL), SG_OK);
}

static inline void
expect_eof(int fd)
{
	char byte;
	assert_false(read_raw(fd, &byte, 1));
	close(fd);
}

static atomic_int handled;

static inline void
count_and_echo(struct sg_peer_request *req, void *arg)
{
	atomic_fetch_add(&handled, 1);
	echo(req, arg);
}

static inline void
put_ask(struct sg_buf *out, uint64_t id, const char *text)
{
	struct sg_frame_echo ask = {.text = sg_slice_str(text)};
	assert_int_equal(sg_frame_put(&sg_frame_echo, 1, id, &ask, out, NULL), SG_OK);
}

static inline void
expect_answer(int fd, uint64_t id, const char *text)
{
	raw_scoped m = {.id = 0};
	assert_true(read_frame(fd, SG_EDGE_SERVER, &m));
	assert_int_equal(m.id, id);
	assert_true(sg_slice_is(m.text, text));
}

static inline void
wait_handled(int n)
{
	for (int tries = 0; handled < n; tries++) {
		assert_true(tries < SOON_MS);
		usleep(1000);
	}
}

#define OF(mode) (1u << (mode))
#define ALL (OF(THREADS) | OF(FIBERS))
#define ROW(function, modes)                                                                       \
	{                                                                                          \
#function, function, modes                                                         \
	}

struct row {
	const char *name;
	void (*run)(void **state);
	unsigned modes;
};

static inline int
choose_mode(void **state)
{
	const enum mode *m = *state;
	mode = *m;
	return 0;
}

/* Every row in every mode that it is for. */
static inline int
run_rows(const struct row *row, size_t row_n)
{
	static const char *const suffix[MODES] = {"", "__fibers"};
	static enum mode modes[MODES] = {THREADS, FIBERS};
	static struct CMUnitTest tests[MODES * 32];
	static char name[MODES * 32][128];
	size_t n = 0;
	for (size_t m = 0; m < MODES; m++) {
		for (size_t at = 0; at < row_n; at++) {
			if ((row[at].modes & OF(m)) == 0)
				continue;
			assert_true(n < sizeof tests / sizeof tests[0]);
			snprintf(name[n], sizeof name[n], "%s%s", row[at].name, suffix[m]);
			tests[n] = (struct CMUnitTest){.name = name[n],
			    .test_func = row[at].run,
			    .setup_func = choose_mode,
			    .initial_state = &modes[m]};
			n++;
		}
	}
	return _cmocka_run_group_tests("tests", tests, n, NULL, NULL);
}
