/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/service.h - what a role is, and the skeleton that its process starts in
 *
 * A role is one declaration, struct sg_service, in the service.c of its folder, and one row in
 * the table of the program (roles/services.c), which is given to the supervisor. Nothing else
 * names the roles: this library and the supervisor know only the table.
 *
 * The supervisor runs this program again with a role's name; descriptor SG_CHANNEL_FD is
 * the channel to it. The skeleton takes the configuration, the files and the edges, gives
 * up every privilege, starts the role and then only waits for new edges; when the channel
 * ends, the supervisor is dead and the process exits at once.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"
#include "fiber/loop.h"
#include "api/serve.h"
#include "ipc/peer.h"
#include "service/sandbox_calls.h"

#define SG_SERVICES_MAX 16u
#define SG_SERVICE_FILES_MAX 128u
#define SG_SERVICE_EDGES_MAX 4u
#define SG_SERVICE_PATHS_MAX 4u
#define SG_SERVICE_CALLS_MAX 6u
#define SG_SERVICE_PASS_ENV_MAX 32u
#define SG_SERVICE_CONTROL "control" /* the name under which that socket is handed over */

struct sg_service_file {
	char *name;
	int fd;
};

struct sg_service_edge {
	const struct sg_edge *edge;
	enum sg_edge_side side;
	sg_peer_handler *handler; /* servers; gets the role's ctx */
};

struct sg_service_ctx;

/* Who turns ctx->loop, which reads the edges. */
enum sg_service_loop {
	SG_SERVICE_LOOP,      /* a thread of its own */
	SG_SERVICE_TURNS_LOOP /* ctx->loop, turned by an event loop of the role's own */
};

/* A path of the file system, and what the role may do there. Nothing else can be opened but what an
 * option publishes (SG_CONF_FILE_PUBLISHED): files are handed over, to whom the option says. */
enum sg_service_path_kind {
	SG_SERVICE_PATH_NONE,
	SG_SERVICE_PATH_OWN,  /* below `data`: a directory made for it, where it keeps files */
	SG_SERVICE_PATH_MADE, /* below `data`: a directory made for it, without a right to it */
	SG_SERVICE_PATH_READ, /* a file of the system, which it reads */
};

struct sg_service_path {
	enum sg_service_path_kind kind; /* NONE ends */
	const char *path;
	unsigned mode; /* of a directory that is made */
};

struct sg_service {
	const char *name;
	const char *section; /* of the configuration: where it is written, the role runs */
	/* Options that it brings itself (conf/schema.h); NULL: the schema has all of them. */
	const struct sg_conf_row *rows;
	/* The sockets to siblings. The end that is SG_EDGE_CLIENT asks; of each edge one role has
	 * one end and one has the other. What comes is read from when start() has returned, before
	 * run(), until the process ends; which message may come is the table of the edge. */
	size_t edge_n;
	struct sg_service_edge edge[SG_SERVICE_EDGES_MAX];
	enum sg_service_loop loop;

	/* What may be asked at `run/NAME.sock` below `data`, from when start() has returned. NULL:
	 * it has no such socket. */
	const struct sg_api *api;

	/* The sandbox: which system calls, beside sg_sandbox_common and those for its loop and its
	 * control socket; which paths; the limits. */
	const struct sg_sandbox_calls *calls[SG_SERVICE_CALLS_MAX]; /* NULL ends */
	struct sg_service_path path[SG_SERVICE_PATHS_MAX];
	uint64_t descriptors, data_mib;
	/* How large a file of it may become; NULL: no limit. */
	uint64_t (*file_max)(const struct sg_conf *conf);

	/* Runs without privileges, in the sandbox, before the edges are attached. */
	enum sg_code (*start)(struct sg_service_ctx *ctx, struct sg_err *err);
	/* Runs in a thread of its own once the edges are attached; the role is ready when it
	 * returns SG_OK. It may wait for siblings. May be NULL. */
	enum sg_code (*run)(struct sg_service_ctx *ctx, struct sg_err *err);
	/* A file that the supervisor hands over while the role runs; false: not taken. May be
	 * NULL. */
	bool (*file)(struct sg_service_ctx *ctx, const char *name, int fd);
	/* The supervisor has ended: the last chance to write what waits. May be NULL. */
	void (*stop)(struct sg_service_ctx *ctx);
};

/* By its name, in a table that ends with NULL; NULL: there is none. */
const struct sg_service *
sg_service_find(const struct sg_service *const *services, const char *name);

struct sg_service_ctx {
	const struct sg_service *role;
	struct sg_conf *conf;
	char *conf_path;
	uid_t owner; /* who may use the control socket */
	size_t file_n;
	struct sg_service_file file[SG_SERVICE_FILES_MAX];
	struct sg_loop *loop;
	struct sg_peer *peer[SG_SERVICE_EDGES_MAX]; /* in the order of role->edge */
	void *state;				    /* the role's own */
};

/* The process of a role; returns its exit code. */
int
sg_service_main(const struct sg_service *role);

/* Of the environment a role has these, where they are set, and no other variable but those that the
 * supervisor was told to pass on. Ends with NULL. */
extern const char *const sg_service_env[];
/* The names of those others, which live as long as the process; how many. */
size_t
sg_service_passed_env(struct sg_slice ret[SG_SERVICE_PASS_ENV_MAX]);

/* Take a descriptor that the supervisor handed over, by the name of its option ("ca.key"); -1
 * when it did not. */
int
sg_service_take_fd(struct sg_service_ctx *ctx, const char *name);
/* Read such a file whole and close it. SG_E_INTERNAL when it was not handed over. */
SG_RC
sg_service_take_file(
    struct sg_service_ctx *ctx, const char *name, struct sg_buf *out, struct sg_err *err);
