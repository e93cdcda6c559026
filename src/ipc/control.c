/* SPDX-License-Identifier: Apache-2.0 */

/*
 * control.c - both ends of a control socket: a question of the command line on its way to the
 * handler of a role, and the answer back
 */

#include "ipc/control.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ipc/edges/control.h"

#define CONNS_MAX 16
#define TIMEOUT_S 10	    /* a command line that says nothing for so long is gone */
#define ANSWER_TIMEOUT_S 60 /* a CRL over a million entries takes its time */

struct server {
	int fd;
	uid_t owner;
	sg_control_handler *handler;
	void *arg;
	sem_t places; /* that are free: who finds none waits to be accepted */
};

struct conn {
	struct server *server;
	int fd;
	uid_t who;
};

static void
set_timeout(int fd, int option, int seconds)
{
	struct timeval tv = {.tv_sec = seconds};
	sg_ignore(setsockopt(fd, SOL_SOCKET, option, &tv, sizeof tv) != 0);
}

static enum sg_code
read_all(int fd, uint8_t *p, size_t len, struct sg_err *err)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = read(fd, p + at, len - at);
		if (n > 0)
			at += (size_t)n;
		else if (n == 0)
			return sg_fail(
			    err, SG_E_IO, "control.closed", "the other side closed the connection");
		else if (errno == EAGAIN)
			return sg_fail(err, SG_E_TIMEOUT, "control.timeout", "no answer in time");
		else if (errno != EINTR)
			return sg_fail(err, SG_E_IO, "control.io", "%s", strerror(errno));
	}
	return SG_OK;
}

static enum sg_code
read_frame(int fd, const struct sg_frame *frame, struct sg_buf *store, uint64_t *ret_id, void *ret,
    struct sg_err *err)
{
	uint8_t head[4];
	enum sg_code rc = read_all(fd, head, sizeof head, err);
	if (rc != SG_OK)
		return rc;
	size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (len > SG_FRAME_MAX)
		return sg_fail(err, SG_E_LIMIT, "frame.size", "a frame of %zu bytes", len);
	uint8_t *p = sg_buf_extend(store, len);
	if (p == NULL)
		return sg_buf_check(store, err);
	rc = read_all(fd, p, len, err);
	if (rc == SG_OK)
		rc = sg_frame_get(
		    frame, sg_edge_control.version, sg_buf_slice(store), ret_id, ret, err);
	return rc;
}

static enum sg_code
write_frame(
    int fd, const struct sg_frame *frame, uint64_t id, const void *value, struct sg_err *err)
{
	sg_buf_scoped out = {.max = SG_FRAME_MAX};
	enum sg_code rc = sg_frame_put(frame, sg_edge_control.version, id, value, &out, err);
	if (rc != SG_OK)
		return rc;
	for (size_t at = 0; at < out.len;) {
		ssize_t n = send(fd, out.p + at, out.len - at, MSG_NOSIGNAL);
		if (n > 0)
			at += (size_t)n;
		else if (n < 0 && errno != EINTR)
			return sg_fail(err, SG_E_IO, "control.io", "%s", strerror(errno));
	}
	return SG_OK;
}

void
sg_control_answer(int fd, uid_t who, sg_control_handler *handler, void *arg)
{
	sg_buf_scoped in = {.max = SG_FRAME_MAX};
	sg_buf_scoped json = {.max = SG_FRAME_MAX - 128};
	struct sg_frame_control ask;
	uint64_t id;

	set_timeout(fd, SO_RCVTIMEO, TIMEOUT_S);
	set_timeout(fd, SO_SNDTIMEO, TIMEOUT_S);
	if (read_frame(fd, &sg_frame_control, &in, &id, &ask, NULL) != SG_OK)
		return;
	enum sg_code code = handler(ask.json, who, &json, arg);
	if (json.failed != SG_OK || json.len < 2) {
		sg_buf_reset(&json);
		sg_buf_puts(&json, "{\"error\":\"the answer is too large: ask for less\"}");
		code = SG_E_LIMIT;
	}
	struct sg_frame_control_answer reply = {.code = code, .json = sg_buf_slice(&json)};
	/* Where that fails the command line has gone. */
	sg_ignore(write_frame(fd, &sg_frame_control_answer, id, &reply, NULL));
}

static void *
conn_main(void *arg)
{
	struct conn *conn = arg;
	sg_control_answer(conn->fd, conn->who, conn->server->handler, conn->server->arg);
	close(conn->fd);
	sem_post(&conn->server->places);
	sg_free(conn);
	return NULL;
}

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

/* Take one connection; a peer that may not ask is closed without a word, and keeps no place. */
static void
take(struct server *s, int fd)
{
	struct ucred cred = {0};
	socklen_t len = sizeof cred;

	bool known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0;
	bool may = known && (cred.uid == 0 || cred.uid == s->owner);
	struct conn *conn = may ? sg_alloc(sizeof *conn) : NULL;
	if (conn == NULL) {
		close(fd);
		sem_post(&s->places);
		return;
	}
	*conn = (struct conn){s, fd, cred.uid};
	if (!start_detached(conn_main, conn)) {
		sem_post(&s->places);
		close(fd);
		sg_free(conn);
	}
}

static void *
server_main(void *arg)
{
	struct server *s = arg;
	for (;;) {
		if (sem_wait(&s->places) != 0)
			continue;
		int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0) {
			take(s, fd);
			continue;
		}
		bool wait = errno != EINTR && errno != ECONNABORTED;
		sem_post(&s->places);
		if (wait)
			usleep(100000); /* no descriptors: wait for some to be closed */
	}
	return NULL;
}

enum sg_code
sg_control_serve(int fd, uid_t owner, sg_control_handler *handler, void *arg, struct sg_err *err)
{
	struct server *s = sg_alloc(sizeof *s);
	if (s == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	*s = (struct server){.fd = fd, .owner = owner, .handler = handler, .arg = arg};
	if (sem_init(&s->places, 0, CONNS_MAX) != 0 || !start_detached(server_main, s)) {
		sg_free(s);
		return sg_fail(err, SG_E_NOMEM, "thread", "cannot start a thread");
	}
	return SG_OK;
}

static enum sg_code
connect_to(const char *path, int *ret_fd, struct sg_err *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t len = strlen(path);

	if (len >= sizeof addr.sun_path)
		return sg_fail(err, SG_E_USAGE, "control.path",
		    "the socket's path is longer than %zu bytes: %s", sizeof addr.sun_path - 1,
		    path);
	memcpy(addr.sun_path, path, len);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		/* The second is also for connect: a process that hangs accepts nobody. */
		set_timeout(fd, SO_RCVTIMEO, ANSWER_TIMEOUT_S);
		set_timeout(fd, SO_SNDTIMEO, TIMEOUT_S);
	}
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr) != 0) {
		enum sg_code code = errno == EACCES ? SG_E_DENIED : SG_E_IO;
		const char *hint =
		    errno == EACCES
			? "run this as the user who started signet, or as root"
			: "is signet running with this configuration? start it with: signet up";
		sg_ignore(sg_fail(
		    err, code, "control.connect", "%s: %s; %s", path, strerror(errno), hint));
		if (fd >= 0)
			close(fd);
		return code;
	}
	*ret_fd = fd;
	return SG_OK;
}

enum sg_code
sg_control_ask(const char *path, struct sg_slice question, enum sg_code *ret_code,
    struct sg_buf *json, struct sg_err *err)
{
	sg_buf_scoped in = {.max = SG_FRAME_MAX};
	struct sg_frame_control ask = {.json = question};
	struct sg_frame_control_answer reply;
	uint64_t id;
	int fd = -1;

	enum sg_code rc = connect_to(path, &fd, err);
	if (rc != SG_OK)
		return rc;
	rc = write_frame(fd, &sg_frame_control, 1, &ask, err);
	if (rc == SG_OK)
		rc = read_frame(fd, &sg_frame_control_answer, &in, &id, &reply, err);
	close(fd);
	if (rc != SG_OK)
		return rc;
	*ret_code = (enum sg_code)reply.code;
	sg_buf_put_slice(json, reply.json);
	return sg_buf_check(json, err);
}
