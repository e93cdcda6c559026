/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A server in a thread, with a worker in another, and sockets to talk to it, plain or with
 * OpenSSL's client over them.
 *
 * What the handler does is in the path: /now answers at once with the query, /late has the
 * worker answer, /hold waits for rig_release(), /echo answers with the body, /big with
 * BIG_LEN bytes, /via with who asks and by which proxy.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/clock.h"
#include "http/server.h"

#define BIG_LEN (16u << 20)
#define RECORDS_MAX 64u

struct event_base;
struct event;
struct sg_tls_server;

struct rig {
	struct sg_http_settings set;
	struct event_base *base;
	struct sg_http_server *server;
	struct event *ctl;
	int listen_fd, ctl_fds[2];
	unsigned port;
	pthread_t loop, worker;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct sg_http_req *late[1024], *held[64];
	size_t n_late, n_held;
	bool quit, stopped;
	/* Access log lines, from the method on, and the rule; and who had no TLS, with the rule. */
	char records[RECORDS_MAX][512];
	size_t n_records;
	atomic_uint crowded;	    /* connections turned away of 127.0.0.1 */
	struct sg_tls_server *tls;  /* NULL: plain */
	bool no_context;	    /* TLS, but no certificate yet */
	struct sg_http_stats stats; /* of rig_stats() */
	atomic_bool stats_done;
	uint8_t *big;
};

/* The rigs to come speak TLS, or not: a setup and a teardown for a test. */
int
rig_with_tls(void **state);
int
rig_without_tls(void **state);
/* A test in clear, and again over TLS. */
#define rig_test_twice(f)                                                                          \
	cmocka_unit_test(f),                                                                       \
	{                                                                                          \
#f "__tls", f, rig_with_tls, rig_without_tls, NULL                                 \
	}
/* A TLS server whose certificate is for NAME and for who names none. */
struct sg_tls_server *
rig_tls_server(const char *name);
/* Zeroed; then settings may be changed, and rig_start() called. */
void
rig_init(struct rig *rig);
void
rig_start(struct rig *rig);
/* Frees the server (what is held is answered by the worker afterwards) and ends the threads. */
void
rig_end(struct rig *rig);
/* sg_http_server_stop() on the loop's thread; waits for it to be done with wait. */
void
rig_stop(struct rig *rig, bool wait);
void
rig_free_server(struct rig *rig);
/* Another certificate, for this name, while the server runs. */
void
rig_exchange_tls(struct rig *rig, const char *name);
struct sg_http_stats
rig_stats(struct rig *rig);
/* Wait until n requests are held. */
void
rig_wait_held(struct rig *rig, size_t n);
/* The worker answers what is held. */
void
rig_release(struct rig *rig);
/* Wait until a record begins with this text. */
void
rig_wait_record(struct rig *rig, const char *begin);

/* A connection with a receive time limit, over TLS when the rig is. */
int
dial(const struct rig *rig);
/* Without a handshake. */
int
dial_plain(const struct rig *rig);
/* A handshake on a plain connection, as this client; false: it failed. */
struct tls_ask;
bool
dial_tls(int fd, const struct tls_ask *ask);
/* What OpenSSL has of a connection; NULL: it is plain. */
struct ssl_st *
ssl_of(int fd);
/* As send and recv. */
ssize_t
put(int fd, const void *p, size_t len, int flags);
ssize_t
get(int fd, void *p, size_t len);
/* Nothing more comes: TLS's end, and the socket's. */
void
shut(int fd);
void
say(int fd, const char *text);
void
say_bytes(int fd, const void *p, size_t len);
/* One answer: head and body; false at end of file. Fails the test when it is no answer. */
struct answer {
	int status;
	char head[2048];
	char body[4096];
	size_t body_len;
};
bool
hear(int fd, struct answer *ret);
/* As hear, for HEAD: no body follows. */
bool
hear_head(int fd, struct answer *ret);
/* Nothing more but end of file. */
bool
is_closed(int fd);
void
sleep_ms(int ms);
/* What comes at once on an idle machine has this long, so that a busy one does not fail a test. */
#define SOON_MS 20000
/* Wait until a counter of rig_stats() has at least this value, or at most. */
#define rig_wait_least(rig, field, n) rig_wait(rig, field, >=, n)
#define rig_wait_most(rig, field, n) rig_wait(rig, field, <=, n)
#define rig_wait(rig, field, is, n)                                                                \
	do {                                                                                       \
		int64_t until_ms_ = sg_clock_mono_ms() + SOON_MS;                                  \
		while (!(rig_stats(rig).field is(n)) && sg_clock_mono_ms() < until_ms_)            \
			sleep_ms(2);                                                               \
		assert_true(rig_stats(rig).field is(n));                                           \
	} while (0)
