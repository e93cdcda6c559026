/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/supervisor/supervisor_private.h - the roles that run and the edges between them (private
 * to the supervisor, which has one thread)
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/limits.h"
#include "roles/supervisor/handout.h"
#include "roles/supervisor/supervisor.h"

#define DEATHS_FREE 5 /* in DEATHS_WINDOW_MS; then restarts wait */

/* A role. */
struct child {
	const struct sg_service *service;
	size_t no;   /* its place in the table of all roles */
	pid_t pid;   /* 0: not running */
	int channel; /* -1: it is dead or dying */
	bool ready;
	int64_t death_ms[DEATHS_FREE]; /* the latest deaths, a ring */
	size_t deaths;
	int64_t start_at_ms; /* when pid is 0: not before */
};

/* Between two roles, of which the first asks the second. */
struct edge {
	const struct sg_edge *edge;
	struct child *a, *b;
	unsigned sent; /* sockets, to the asking role since it was started */
	int64_t sent_ms;
	int64_t due_ms; /* of the next one; 0: none is wanted */
};

#define EDGES_MAX (SG_SERVICES_MAX * SG_SERVICE_EDGES_MAX)

/* When to look at the access log. */
struct log {
	bool wanted;	 /* front says that it is full, or the operator that it was moved */
	int64_t next_ms; /* not before */
	int64_t look_ms; /* in any case */
	bool has_old;	 /* old is the file that front had before, open for reading */
	int old;
	unsigned held; /* looks in a row at which front had not let go of it */
};

/* A file of `front.tls` as it was looked at. */
struct tls_look {
	dev_t dev;
	ino_t ino;
	off_t size;
	int64_t mtime_s, mtime_ns;
	mode_t mode;
	uid_t owner;
};

struct tls_file {
	struct sg_conf_file conf; /* borrows from the configuration */
	struct handout *handout;  /* what front gets when it is started */
	struct tls_look tried;	  /* what was opened last */
	struct tls_look seen;	  /* at the last look */
	int fresh;		  /* what front is to answer for; -1: nothing */
};

struct tls {
	size_t n;
	struct tls_file file[2 * SG_TLS_PAIRS_MAX];
	int64_t look_ms; /* the next look */
	bool at_once;	 /* the operator says that what is there is whole */
	bool waits;	 /* front has not answered for what is fresh */
};

struct supervisor {
	const struct supervisor_conf *given;
	struct sg_conf *conf;
	struct handouts handouts;
	int conf_fd, exe_fd, lock_fd, signal_fd;
	size_t child_n, edge_n;
	struct child child[SG_SERVICES_MAX]; /* those that run here, in the order of the table */
	struct edge edge[EDGES_MAX];
	struct log log;
	struct tls tls;
	bool on_terminal, was_ready, stopping, failed;
};

/* A child for each role that s->conf wants, none running, and the edges between them. */
void
supervisor_children_init(struct supervisor *s);
