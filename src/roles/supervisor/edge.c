/* SPDX-License-Identifier: Apache-2.0 */

/*
 * edge.c - the sockets between roles: made when a role is started, and again when one has ended
 */

#include "roles/supervisor/edge.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "roles/supervisor/supervisor_private.h"
#include "service/channel.h"
#include "service/log.h"

#define WAIT_MS 100   /* an end is a death most times: that comes to light by itself */
#define EVERY_MS 1000 /* no more sockets for one edge, however often it ends */

/* The role at the other end of an edge that a role asks on; NULL: it does not run here. */
static struct child *
find_server(struct supervisor *s, const struct sg_edge *edge)
{
	for (size_t n = 0; n < s->child_n; n++) {
		const struct sg_service *service = s->child[n].service;
		for (size_t i = 0; i < service->edge_n; i++)
			if (service->edge[i].edge == edge &&
			    service->edge[i].side == SG_EDGE_SERVER)
				return &s->child[n];
	}
	return NULL;
}

void
supervisor_edges_init(struct supervisor *s)
{
	s->edge_n = 0;
	for (size_t n = 0; n < s->child_n; n++) {
		const struct sg_service *service = s->child[n].service;
		for (size_t i = 0; i < service->edge_n; i++) {
			struct child *b = find_server(s, service->edge[i].edge);
			if (service->edge[i].side == SG_EDGE_CLIENT && b != NULL)
				s->edge[s->edge_n++] = (struct edge){
				    .edge = service->edge[i].edge, .a = &s->child[n], .b = b};
		}
	}
}

/* One end. A role that does not get it, because it has died, does not read its channel or there was
 * no memory, is ended: it would count its sockets otherwise than we do. */
static bool
send_end(const struct child *c, const struct edge *e, int fd)
{
	struct sg_err err = {0};

	if (sg_channel_send(c->channel, SG_PACKET_EDGE, e->edge->name, fd, &err) == SG_OK)
		return true;
	sg_log(SG_LOG_WARNING, "supervisor.send", "%s: process %d does not take its socket: %s",
	    e->edge->name, (int)c->pid, err.text);
	kill(c->pid, SIGKILL);
	return false;
}

/* A socketpair for an edge, an end for each side; false when one of them does not live: it gets
 * its end when it is started. */
static bool
connect_edge(struct edge *e)
{
	int pair[2];

	e->due_ms = 0;
	if (e->a->channel < 0 || e->b->channel < 0)
		return false;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		sg_log(SG_LOG_ERROR, "supervisor.socket",
		    "%s: no socket for the two roles: %s; tried again in a second", e->edge->name,
		    strerror(errno));
		e->due_ms = sg_clock_mono_ms() + EVERY_MS;
		return false;
	}
	e->sent++;
	e->sent_ms = sg_clock_mono_ms();
	bool sent = send_end(e->a, e, pair[0]);
	sent = send_end(e->b, e, pair[1]) && sent;
	close(pair[0]);
	close(pair[1]);
	return sent;
}

void
supervisor_edges_connect(struct supervisor *s, const struct child *role)
{
	for (size_t n = 0; n < s->edge_n; n++) {
		struct edge *e = &s->edge[n];
		if (e->a == role)
			e->sent = 0;
		if (e->a == role || e->b == role)
			sg_ignore(connect_edge(e));
	}
}

/* The number after the name of this edge, or 0. */
static uint64_t
number_of(const struct edge *e, const char *text)
{
	size_t len = strlen(e->edge->name);
	uint64_t number = 0;

	if (strncmp(text, e->edge->name, len) != 0 || text[len] != ' ')
		return 0;
	sg_ignore(sg_decimal_parse(sg_slice_str(text + len + 1), UINT32_MAX, &number, NULL));
	return number;
}

void
supervisor_edge_ended(struct supervisor *s, const struct child *role, const char *text)
{
	for (size_t n = 0; n < s->edge_n; n++) {
		struct edge *e = &s->edge[n];
		uint64_t number = e->a == role ? number_of(e, text) : 0;
		if (number == 0 || number != e->sent || e->due_ms != 0)
			continue;
		int64_t wait = sg_clock_mono_ms() + WAIT_MS, every = e->sent_ms + EVERY_MS;
		e->due_ms = wait > every ? wait : every;
	}
}

void
supervisor_edges_connect_due(struct supervisor *s, int64_t *next_ms)
{
	int64_t now = sg_clock_mono_ms();

	for (size_t n = 0; n < s->edge_n; n++) {
		struct edge *e = &s->edge[n];
		if (e->due_ms != 0 && e->due_ms <= now && connect_edge(e))
			sg_log(SG_LOG_WARNING, "supervisor.edge",
			    "%s: the two roles live and had no socket; they have a new one",
			    e->edge->name);
		if (e->due_ms != 0 && e->due_ms < *next_ms)
			*next_ms = e->due_ms;
	}
}
