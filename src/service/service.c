/* SPDX-License-Identifier: Apache-2.0 */

/*
 * service.c - the life of a role's process: what the supervisor hands over, the sandbox, the
 * role's start, and then new sockets for its edges until the supervisor ends
 */

#include "service/service.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/decimal.h"
#include "service/channel.h"
#include "service/control.h"
#include "base/file.h"
#include "service/log.h"
#include "service/sandbox.h"

#define CONF_MAX (256u * 1024u)

struct start {
	bool has_user;
	uid_t user;
	int edge_fd[SG_SERVICE_EDGES_MAX];
};

static enum sg_code
parse_id(const char *text, uid_t *ret, struct sg_err *err)
{
	uint64_t id = 0;
	enum sg_code rc = sg_decimal_parse(sg_slice_str(text), 0xfffffffeu, &id, err);
	if (rc == SG_OK)
		*ret = (uid_t)id;
	return rc;
}

static enum sg_code
take_conf(struct sg_service_ctx *ctx, struct sg_packet *p, struct sg_err *err)
{
	sg_buf_scoped text = {.max = CONF_MAX};
	struct sg_conf_errors *errs = sg_xalloc(sizeof *errs);

	ctx->conf_path = sg_memdup(p->name, strlen(p->name));
	enum sg_code rc = sg_file_read_fd(p->fd, p->name, &text, err);
	close(p->fd);
	if (rc == SG_OK)
		rc = sg_conf_parse(sg_buf_slice(&text), p->name, &ctx->conf, errs);
	if (rc == SG_E_CONF)
		rc = sg_fail(
		    err, rc, "conf", "%s:%u: %s", p->name, errs->item[0].line, errs->item[0].text);
	sg_free(errs);
	return rc;
}

static size_t
edge_index(const struct sg_service *role, const char *name)
{
	size_t n = 0;
	while (n < role->edge_n && strcmp(role->edge[n].edge->name, name) != 0)
		n++;
	return n;
}

/* One packet before the start; *ret_done when it was START. */
static enum sg_code
take_packet(struct sg_service_ctx *ctx, struct start *start, struct sg_packet *p, bool *ret_done,
    struct sg_err *err)
{
	size_t n;

	switch (p->kind) {
	case SG_PACKET_CONF:
		return take_conf(ctx, p, err);
	case SG_PACKET_USER:
		start->has_user = true;
		return parse_id(p->name, &start->user, err);
	case SG_PACKET_OWNER:
		return parse_id(p->name, &ctx->owner, err);
	case SG_PACKET_FILE:
		if (ctx->file_n == SG_SERVICE_FILES_MAX)
			return sg_fail(err, SG_E_LIMIT, "role.files", "more than %u files",
			    SG_SERVICE_FILES_MAX);
		ctx->file[ctx->file_n++] = (struct sg_service_file){
		    sg_memdup(p->name, strlen(p->name)), p->fd};
		return SG_OK;
	case SG_PACKET_EDGE:
		n = edge_index(ctx->role, p->name);
		if (n == ctx->role->edge_n)
			return sg_fail(
			    err, SG_E_INTERNAL, "role.edge", "no edge \"%s\" here", p->name);
		if (p->fd < 0 || start->edge_fd[n] >= 0)
			return sg_fail(err, SG_E_INTERNAL, "role.edge",
			    "no socket for edge \"%s\", or two", p->name);
		start->edge_fd[n] = p->fd;
		return SG_OK;
	case SG_PACKET_START:
		*ret_done = true;
		return SG_OK;
	case SG_PACKET_ENDED:
	case SG_PACKET_LOG:
	case SG_PACKET_TAKEN:
	case SG_PACKET_KEPT:
	case SG_PACKET_READY:
	case SG_PACKET_FAILED:
		break;
	}
	return sg_fail(err, SG_E_INTERNAL, "role.packet", "packet '%c' is not for a role", p->kind);
}

static enum sg_code
receive_start(struct sg_service_ctx *ctx, struct start *start, struct sg_err *err)
{
	static struct sg_packet p;
	bool done = false;

	while (!done) {
		enum sg_code rc = sg_channel_receive(SG_CHANNEL_FD, &p, err);
		if (rc == SG_OK)
			rc = take_packet(ctx, start, &p, &done, err);
		if (rc != SG_OK)
			return rc;
	}
	if (ctx->conf == NULL)
		return sg_fail(err, SG_E_INTERNAL, "role.conf", "no configuration came");
	return SG_OK;
}

/* Nothing from outside has been read so far; from here on nothing can be given back. */
static enum sg_code
enter_sandbox(const struct sg_service_ctx *ctx, const struct start *start, struct sg_err *err)
{
	struct sg_sandbox sandbox = {.role = ctx->role,
	    .conf = ctx->conf,
	    .conf_path = ctx->conf_path,
	    .has_user = start->has_user,
	    .user = start->user};
	return sg_sandbox_enter(&sandbox, err);
}

/* What the start took no notice of must not lie about when the process is compromised. */
static void
close_unclaimed(struct sg_service_ctx *ctx)
{
	for (size_t n = 0; n < ctx->file_n; n++) {
		if (ctx->file[n].fd >= 0)
			close(ctx->file[n].fd);
		ctx->file[n].fd = -1;
	}
}

/* A sibling is cut off for what it said: it is of a version that is too far from ours, or somebody
 * else's. The supervisor gives an edge no more than a socket a second, and sg_log bounds the lines.
 */
static void
say_why(const struct sg_edge *edge, uint64_t n, const struct sg_err *why)
{
	sg_ignore(n);
	if (why->code != SG_OK)
		sg_log(SG_LOG_WARNING, why->rule, "%s: the sibling is cut off: %s", edge->name,
		    why->text);
}

/* An edge to a sibling that may well be alive: the supervisor knows, and sends another socket. Both
 * count them: it sends each of an edge's sockets once, and each is attached. */
static void
ask_for_socket(const struct sg_edge *edge, uint64_t n, const struct sg_err *why)
{
	char text[64];

	say_why(edge, n, why);
	snprintf(text, sizeof text, "%s %llu", edge->name, (unsigned long long)n);
	/* Without a supervisor this process ends. */
	sg_ignore(sg_channel_send(SG_CHANNEL_FD, SG_PACKET_ENDED, text, -1, NULL));
}

static enum sg_code
make_peers(struct sg_service_ctx *ctx, struct sg_err *err)
{
	enum sg_code rc = sg_loop_new(&ctx->loop, err);

	for (size_t n = 0; rc == SG_OK && n < ctx->role->edge_n; n++) {
		const struct sg_service_edge *e = &ctx->role->edge[n];
		rc = sg_peer_new(e->edge, e->side, ctx->loop, e->handler, ctx, &ctx->peer[n], err);
		/* Both sides see an end; one of them asks. */
		if (rc == SG_OK)
			sg_peer_on_end(
			    ctx->peer[n], e->side == SG_EDGE_CLIENT ? ask_for_socket : say_why);
	}
	return rc;
}

static enum sg_code
attach_first(struct sg_service_ctx *ctx, const struct start *start, struct sg_err *err)
{
	for (size_t n = 0; n < ctx->role->edge_n; n++) {
		if (start->edge_fd[n] < 0)
			continue;
		enum sg_code rc = sg_peer_attach(ctx->peer[n], start->edge_fd[n], err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

static enum sg_code
serve_control(struct sg_service_ctx *ctx, struct sg_err *err)
{
	struct sg_service_control set = {.fd = sg_service_take_fd(ctx, SG_SERVICE_CONTROL),
	    .owner = ctx->owner,
	    .api = ctx->role->api,
	    .role = ctx->state};

	return sg_service_control_serve(&set, err);
}

static enum sg_code
begin(struct sg_service_ctx *ctx, struct sg_err *err)
{
	struct start start = {0};

	for (size_t n = 0; n < SG_SERVICE_EDGES_MAX; n++)
		start.edge_fd[n] = -1;
	enum sg_code rc = receive_start(ctx, &start, err);
	if (rc == SG_OK)
		rc = enter_sandbox(ctx, &start, err);
	if (rc == SG_OK)
		rc = make_peers(ctx, err);
	if (rc == SG_OK)
		rc = ctx->role->start(ctx, err);
	if (rc == SG_OK && ctx->role->api != NULL)
		rc = serve_control(ctx, err);
	if (rc == SG_OK && ctx->role->loop == SG_SERVICE_LOOP)
		rc = sg_loop_start(ctx->loop, err);
	close_unclaimed(ctx);
	if (rc == SG_OK)
		rc = attach_first(ctx, &start, err);
	return rc;
}

/* The last part of the start, beside the channel: it may need edges that come later. */
static void *
run_main(void *arg)
{
	struct sg_service_ctx *ctx = arg;
	struct sg_err err = {0};
	enum sg_code rc = ctx->role->run == NULL ? SG_OK : ctx->role->run(ctx, &err);

	if (rc == SG_OK)
		rc = sg_channel_send(SG_CHANNEL_FD, SG_PACKET_READY, "", -1, &err);
	if (rc != SG_OK) {
		sg_ignore(sg_channel_send(SG_CHANNEL_FD, SG_PACKET_FAILED, err.text, -1, NULL));
		_exit(1);
	}
	return NULL;
}

/* New sockets for edges that have ended, and files, until the supervisor ends. */
static void
serve_channel(struct sg_service_ctx *ctx)
{
	static struct sg_packet p;
	struct sg_err err;

	while (sg_channel_receive(SG_CHANNEL_FD, &p, &err) == SG_OK) {
		bool file = p.kind == SG_PACKET_FILE && p.fd >= 0 && ctx->role->file != NULL;
		size_t n = p.kind == SG_PACKET_EDGE ? edge_index(ctx->role, p.name)
						    : ctx->role->edge_n;
		if (file && ctx->role->file(ctx, p.name, p.fd))
			continue;
		if (n == ctx->role->edge_n && p.fd >= 0)
			close(p.fd);
		else if (n < ctx->role->edge_n && sg_peer_attach(ctx->peer[n], p.fd, &err) != SG_OK)
			sg_log(SG_LOG_ERROR, err.rule, "%s: %s", p.name, err.text);
	}
}

/* Before the first descriptor of a key comes: nobody of our user looks into this process,
 * and what the starter of the supervisor left open is closed. The name is for top(1) and
 * the kernel's log. */
static void
clean_process(const char *role)
{
	char name[16];

	sg_ignore(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0); /* checked when the sandbox closes */
	snprintf(name, sizeof name, "sg-%s", role);
	sg_ignore(prctl(PR_SET_NAME, name, 0, 0, 0) != 0);
	sg_ignore(close_range(SG_CHANNEL_FD + 1, ~0u, 0) != 0); /* Linux before 5.9: they stay */
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return;
	sg_ignore(dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0);
	close(null);
}

/* As many heaps as malloc would take by itself: otherwise it asks /sys how many processors
 * there are when threads first compete, and by then no file can be opened. */
static void
settle_malloc(void)
{
	mallopt(M_ARENA_MAX, 8 * get_nprocs());
}

int
sg_service_main(const struct sg_service *role)
{
	static struct sg_service_ctx ctx;
	struct sg_err err = {0};

	ctx.role = role;
	clean_process(role->name);
	settle_malloc();
	sg_log_setup(role->name, SG_LOG_NOTICE);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file at its limit is an error of write */
	signal(SIGINT, SIG_IGN);  /* Ctrl-C is for the supervisor, which then ends us */
	pthread_t thread;
	enum sg_code rc = begin(&ctx, &err);
	if (rc == SG_OK && pthread_create(&thread, NULL, run_main, &ctx) != 0)
		rc = sg_fail(&err, SG_E_NOMEM, "thread", "cannot start a thread");
	if (rc != SG_OK) {
		sg_ignore(sg_channel_send(SG_CHANNEL_FD, SG_PACKET_FAILED, err.text, -1, NULL));
		return 1;
	}
	serve_channel(&ctx);
	if (role->stop != NULL)
		role->stop(&ctx);
	/* Threads are at work: no destructors, and nothing that was not answered counts. */
	_exit(0);
}

const struct sg_service *
sg_service_find(const struct sg_service *const *services, const char *name)
{
	while (*services != NULL && strcmp((*services)->name, name) != 0)
		services++;
	return *services;
}

const char *const sg_service_env[] = {"TZ", "LANG", NULL};

size_t
sg_service_passed_env(struct sg_slice ret[SG_SERVICE_PASS_ENV_MAX])
{
	size_t n = 0;

	for (char **e = environ; *e != NULL && n < SG_SERVICE_PASS_ENV_MAX; e++) {
		struct sg_slice name = sg_slice(*e, strcspn(*e, "="));
		const char *const *usual = sg_service_env;
		while (*usual != NULL && !sg_slice_is(name, *usual))
			usual++;
		if (*usual == NULL)
			ret[n++] = name;
	}
	return n;
}

int
sg_service_take_fd(struct sg_service_ctx *ctx, const char *name)
{
	for (size_t n = 0; n < ctx->file_n; n++) {
		if (ctx->file[n].name == NULL || strcmp(ctx->file[n].name, name) != 0)
			continue;
		int fd = ctx->file[n].fd;
		ctx->file[n].fd = -1;
		return fd;
	}
	return -1;
}

enum sg_code
sg_service_take_file(
    struct sg_service_ctx *ctx, const char *name, struct sg_buf *out, struct sg_err *err)
{
	int fd = sg_service_take_fd(ctx, name);
	if (fd < 0)
		return sg_fail(
		    err, SG_E_INTERNAL, "role.file", "the file \"%s\" was not handed over", name);
	enum sg_code rc = sg_file_read_fd(fd, name, out, err);
	close(fd);
	return rc;
}
