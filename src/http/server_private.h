/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/server_private.h - the server, its listeners, and where other threads put answers
 *
 * Threads: all on the loop's thread but struct hub.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/conn_private.h"
#include "http/server.h"

struct addr_table;
struct event;

/* What outlives the server while requests are out, and where other threads put answers. */
struct hub {
	struct sg_http_server *server; /* loop's thread only; NULL once it is gone */
	pthread_mutex_t lock;
	int wake_fd;
	unsigned refs; /* the server and each request */
	bool dead;     /* the server is gone */
	struct preq *first, **last;
};

struct listener {
	struct sg_http_server *server;
	struct event *ev;
	int fd;
	unsigned index;
	bool tls;
};

struct sg_http_server {
	struct sg_http_settings set;
	struct transports io;
	struct hub *hub;
	struct addr_table *addrs;
	struct listener *listeners;
	struct sg_tls_server *tls; /* for new connections; NULL: none yet */
	struct event *wake_ev, *sweep_ev, *stop_ev;
	struct conn_list phases[PHASES];
	size_t in_max;	   /* bytes of a connection that nobody has taken yet */
	struct sg_buf out; /* head of the answer being written */
	int64_t date_s;
	char date[40];
	bool paused, stopping;
	sg_http_stopped *stopped;
	void *stopped_arg;
	uint64_t last_id;
	struct sg_http_stats stats;
};

void
sg_http_server_hub_give(struct hub *hub);
/* There may be room again for who waits to be accepted. */
void
sg_http_server_room(struct sg_http_server *server);
void
sg_http_server_conn_gone(struct sg_http_server *server);
