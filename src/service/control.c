/* SPDX-License-Identifier: Apache-2.0 */

/*
 * control.c - from a connection at a control socket to the handlers of a role
 *
 * Between http/blocking.c, which has the bytes, and api/serve.c, which has the routes; here is who
 * may ask, and how many at once.
 */

#include "service/control.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/problem.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "http/blocking.h"
#include "service/log.h"

#define PLACES 16
#define STAYS 8		  /* answers that take as long as their readers want */
#define SILENCE_MS 10000  /* who says nothing for so long, or takes nothing, is gone */
#define LINGER_MS 2000	  /* reading on after a refusal, so that it arrives */
#define MAKES_ROOM_MS 500 /* who has been silent for so long makes room for another */
#define ROOM_US 10000	  /* between two looks for it */
/* Which of them a path has is said by its route. */
#define METHODS                                                                                    \
	(SG_HTTP_ALLOW(SG_HTTP_GET) | SG_HTTP_ALLOW(SG_HTTP_HEAD) | SG_HTTP_ALLOW(SG_HTTP_POST) |  \
	    SG_HTTP_ALLOW(SG_HTTP_PUT) | SG_HTTP_ALLOW(SG_HTTP_PATCH) |                            \
	    SG_HTTP_ALLOW(SG_HTTP_DELETE) | SG_HTTP_ALLOW(SG_HTTP_OPTIONS))

struct server {
	struct sg_service_control set;
	sem_t places, stays; /* that are free */
	pthread_mutex_t lock;
	TAILQ_HEAD(, conn) conns;
};

struct conn {
	TAILQ_ENTRY(conn) link;
	struct server *server; /* NULL: it is the only one */
	const struct sg_service_control *set;
	int fd;
	uid_t who;
	int64_t silent_ms; /* since when it has no question on its way; 0: it has, or was closed
			    * for another. Locked */
	bool stays;	   /* it has one of the stays instead of a place */
	struct sg_http_blocking *http;
	uint8_t trace[16];
};

/* --- one question --- */

static enum sg_code
on_begin(void *arg, int status, const char *content_type, const char *fields, bool has_length,
    uint64_t length, struct sg_err *err)
{
	struct conn *c = arg;

	return sg_http_blocking_begin(
	    c->http, status, content_type, fields, has_length, length, err);
}

static enum sg_code
on_put(void *arg, struct sg_slice piece, struct sg_err *err)
{
	struct conn *c = arg;

	return sg_http_blocking_put(c->http, piece, err);
}

static enum sg_code
on_end(void *arg, struct sg_err *err)
{
	struct conn *c = arg;

	return sg_http_blocking_end(c->http, err);
}

static bool
on_wait_ms(void *arg, int64_t ms)
{
	struct conn *c = arg;

	return sg_http_blocking_wait_ms(c->http, ms);
}

/* From a place to a stay. There is no way back: others may have all places by then. */
static enum sg_code
on_stay(void *arg, struct sg_err *err)
{
	struct conn *c = arg;

	sg_http_blocking_last(c->http);
	if (c->server == NULL || c->stays)
		return SG_OK;
	if (sem_trywait(&c->server->stays) != 0)
		return sg_fail(err, SG_E_BUSY, "control.stays",
		    "%d callers follow a list or fetch a file already: end one of them, or ask "
		    "later",
		    STAYS);
	c->stays = true;
	sem_post(&c->server->places);
	return SG_OK;
}

static void
on_refused(void *arg, int status, const struct sg_err *why)
{
	struct conn *c = arg;

	if (status < 500 || why->code == SG_E_BUSY)
		return;
	sg_log((why->code & 0xf00) == SG_E_INTERNAL ? SG_LOG_ERROR : SG_LOG_WARNING, why->rule,
	    "a question of uid %u was not answered (%02x%02x%02x%02x): %s", (unsigned)c->who,
	    c->trace[0], c->trace[1], c->trace[2], c->trace[3], why->text);
}

static struct sg_api_sink
sink_of(struct conn *c)
{
	return (struct sg_api_sink){.arg = c,
	    .begin = on_begin,
	    .put = on_put,
	    .end = on_end,
	    .wait_ms = on_wait_ms,
	    .stay = on_stay,
	    .refused = on_refused};
}

/* What never becomes a question of a route is told in the same shape. */
static void
refuse(struct conn *c, int status, const struct sg_err *why)
{
	sg_buf_scoped text = {0}, fields = {0};

	sg_api_problem_put(&text, why, NULL, status, c->trace);
	if (status == 405)
		sg_http_put_allow(&fields, METHODS);
	if (sg_buf_check(&text, NULL) == SG_OK && sg_buf_check(&fields, NULL) == SG_OK &&
	    sg_http_blocking_begin(c->http, status, "application/problem+json",
		sg_buf_text(&fields), true, text.len, NULL) == SG_OK &&
	    sg_http_blocking_put(c->http, sg_buf_slice(&text), NULL) == SG_OK)
		sg_ignore(sg_http_blocking_end(c->http, NULL) != SG_OK);
}

/* False: the connection is to be closed. */
static bool
answer_one(struct conn *c, const struct sg_api_principal *who)
{
	struct sg_http_blocking_req req;
	struct sg_err err = {0};
	struct sg_api_sink sink = sink_of(c);

	enum sg_http_got got = sg_http_blocking_read(c->http, &req, &err);
	if (got == SG_HTTP_MORE)
		return false;
	if (sg_random(c->trace, sizeof c->trace, &err) != SG_OK) {
		sg_log(SG_LOG_ERROR, err.rule, "a question was not answered: %s", err.text);
		return false;
	}
	if (got == SG_HTTP_BAD) {
		refuse(c, sg_http_blocking_status(c->http), &err);
		sg_http_blocking_linger(c->http);
		return false;
	}
	struct sg_api_ask ask = {.method = req.head.method,
	    .path = req.head.path,
	    .query = req.head.query,
	    .has_query = req.head.has_query,
	    .content_type = sg_http_field(req.head.fields, "content-type"),
	    .body = req.body};
	memcpy(ask.trace, c->trace, sizeof ask.trace);
	/* Where that fails, who asked has gone, or a file could not be sent whole. */
	return sg_api_serve(c->set->api, &ask, who, c->set->role, &sink, &err) == SG_OK &&
	       sg_http_blocking_keeps(c->http);
}

/* --- one connection --- */

/* A question begins to come. False: the connection was closed for another meanwhile. Then nothing
 * is to be done, as nobody would hear of it: who asked asks again. */
static bool
begin_question(struct conn *c)
{
	if (c->server == NULL)
		return true;
	pthread_mutex_lock(&c->server->lock);
	bool open = c->silent_ms != 0;
	c->silent_ms = 0;
	pthread_mutex_unlock(&c->server->lock);
	return open;
}

static void
end_question(struct conn *c)
{
	if (c->server == NULL)
		return;
	pthread_mutex_lock(&c->server->lock);
	c->silent_ms = sg_clock_mono_ms();
	pthread_mutex_unlock(&c->server->lock);
}

static struct sg_http_blocking_set
http_settings(void)
{
	struct sg_http_blocking_set set = {.rules = sg_http_rules_default(),
	    .idle_ms = SILENCE_MS,
	    .request_ms = SILENCE_MS,
	    .write_ms = SILENCE_MS,
	    .linger_ms = LINGER_MS};

	set.rules.methods = METHODS;
	set.rules.head_max = SG_CONTROL_HEAD_MAX;
	set.rules.lengthless = true; /* curl -X POST, where a route has no body */
	set.rules.body_max = SG_JSON_SIZE_MAX;
	return set;
}

static void
answer(struct conn *c)
{
	struct sg_http_blocking_set set = http_settings();
	struct sg_api_principal who = {.proof = SG_API_PROOF_PEERCRED, .rights = SG_API_RIGHTS_ALL};
	struct sg_err err;
	bool more = true;

	snprintf(who.who, sizeof who.who, "uid %u", (unsigned)c->who);
	if (sg_http_blocking_new(c->fd, &set, &c->http, &err) != SG_OK) {
		sg_log(SG_LOG_ERROR, err.rule, "a question was not answered: %s", err.text);
		return;
	}
	while (more && sg_http_blocking_wait(c->http) && begin_question(c)) {
		more = answer_one(c, &who);
		end_question(c);
	}
	sg_http_blocking_free(&c->http);
}

void
sg_service_control_answer(const struct sg_service_control *control, int fd, uid_t who)
{
	struct conn c = {.set = control, .fd = fd, .who = who};

	answer(&c);
}

static void *
conn_main(void *arg)
{
	struct conn *c = arg;
	struct server *s = c->server;

	answer(c);
	pthread_mutex_lock(&s->lock);
	TAILQ_REMOVE(&s->conns, c, link);
	pthread_mutex_unlock(&s->lock);
	close(c->fd);
	sem_post(c->stays ? &s->stays : &s->places);
	sg_free(c);
	return NULL;
}

/* --- the socket --- */

static bool
start_detached(void *(*main)(void *), void *arg)
{
	pthread_t thread;
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int rc = pthread_create(&thread, &attr, main, arg);
	pthread_attr_destroy(&attr);
	return rc == 0;
}

/* Another user got as far as this: the socket's mode was changed. He is told, in what the socket
 * takes without waiting. */
static void
turn_away(int fd, uid_t who)
{
	const struct sg_http_blocking_set set = {.rules = sg_http_rules_default()};
	struct conn c = {.fd = fd, .who = who};
	struct sg_err why = {0};

	sg_ignore(sg_fail(&why, SG_E_DENIED, "control.user",
	    "uid %u is neither root nor the user that started signet", (unsigned)who));
	if (sg_http_blocking_new(fd, &set, &c.http, NULL) == SG_OK)
		refuse(&c, 403, &why);
	sg_http_blocking_free(&c.http);
}

/* Close the connection that has had nothing to ask for longest: its client asks again over another,
 * as for every connection that is kept. */
static void
make_room(struct server *s)
{
	struct conn *longest = NULL, *c;
	int64_t since = sg_clock_mono_ms() - MAKES_ROOM_MS;

	pthread_mutex_lock(&s->lock);
	TAILQ_FOREACH(c, &s->conns, link)
	{
		if (c->silent_ms != 0 && c->silent_ms <= since &&
		    (longest == NULL || c->silent_ms < longest->silent_ms))
			longest = c;
	}
	if (longest != NULL) {
		longest->silent_ms = 0; /* once is enough */
		shutdown(longest->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&s->lock);
}

static void
find_place(struct server *s)
{
	while (sem_trywait(&s->places) != 0) {
		make_room(s);
		usleep(ROOM_US);
	}
}

/* Who asked is told nothing, where there is nothing to tell it with. */
static void
log_lost(const char *rule, uid_t who)
{
	sg_log(SG_LOG_ERROR, rule, "a connection of uid %u was closed: there is no %s for it",
	    (unsigned)who, rule);
}

static void
take(struct server *s, int fd)
{
	struct ucred cred = {0};
	socklen_t len = sizeof cred;

	bool known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0;
	bool may = known && (cred.uid == 0 || cred.uid == s->set.owner);
	struct conn *c = may ? sg_alloc(sizeof *c) : NULL;
	if (known && !may)
		turn_away(fd, cred.uid);
	if (c == NULL) {
		if (may)
			log_lost("memory", cred.uid);
		close(fd);
		return;
	}
	*c = (struct conn){.server = s, .set = &s->set, .fd = fd, .who = cred.uid};
	find_place(s);
	pthread_mutex_lock(&s->lock);
	/* Not while it waited for its place: what it asks may be there already. */
	c->silent_ms = sg_clock_mono_ms();
	TAILQ_INSERT_TAIL(&s->conns, c, link);
	pthread_mutex_unlock(&s->lock);
	if (start_detached(conn_main, c))
		return;
	pthread_mutex_lock(&s->lock);
	TAILQ_REMOVE(&s->conns, c, link);
	pthread_mutex_unlock(&s->lock);
	sem_post(&s->places);
	log_lost("thread", c->who);
	close(fd);
	sg_free(c);
}

static void *
server_main(void *arg)
{
	struct server *s = arg;

	for (;;) {
		int fd = accept4(s->set.fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			take(s, fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			usleep(100000); /* no descriptors: wait for some to be closed */
	}
	return NULL;
}

enum sg_code
sg_service_control_serve(const struct sg_service_control *control, struct sg_err *err)
{
	struct server *s = sg_alloc(sizeof *s);

	if (s == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	s->set = *control;
	TAILQ_INIT(&s->conns);
	if (sem_init(&s->places, 0, PLACES) != 0 || sem_init(&s->stays, 0, STAYS) != 0 ||
	    pthread_mutex_init(&s->lock, NULL) != 0 || !start_detached(server_main, s)) {
		sg_free(s);
		return sg_fail(err, SG_E_NOMEM, "thread", "cannot start a thread");
	}
	return SG_OK;
}
