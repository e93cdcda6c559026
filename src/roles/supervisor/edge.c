/* SPDX-License-Identifier: Apache-2.0 */

#include "roles/supervisor/state.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "service/channel.h"
#include "service/log.h"
#include "ipc/edges.h"

#define WAIT_MS 100   /* an end is a death most times: that comes to light by itself */
#define EVERY_MS 1000 /* no more sockets for one edge, however often it ends */

static const struct {
	const struct sg_edge *edge;
	enum sg_service_no a, b;
} edges[EDGES] = {
    [EDGE_FRONT_REGISTRAR] = {&sg_edge_front_registrar, SG_ROLE_NO_FRONT, SG_ROLE_NO_REGISTRAR},
    [EDGE_REGISTRAR_KEYD] = {&sg_edge_registrar_keyd, SG_ROLE_NO_REGISTRAR, SG_ROLE_NO_KEYD},
    [EDGE_REGISTRAR_CA] = {&sg_edge_registrar_ca, SG_ROLE_NO_REGISTRAR, SG_ROLE_NO_CA},
};

/* One end. A role that does not get it, because it has died, does not read its channel or there was
 * no memory, is ended: it would count its sockets otherwise than we do. */
static bool
send_end(const struct child *c, size_t n, int fd)
{
	struct sg_err err = {0};

	if (sg_channel_send(c->channel, SG_PACKET_EDGE, edges[n].edge->name, fd, &err) == SG_OK)
		return true;
	sg_log(SG_LOG_WARNING, "supervisor.send", "%s: process %d does not take its socket: %s",
	    edges[n].edge->name, (int)c->pid, err.text);
	kill(c->pid, SIGKILL);
	return false;
}

/* A socketpair for an edge, an end for each side; false when one of them does not live: it gets
 * its end when it is started. */
static bool
connect_edge(struct supervisor *s, size_t n)
{
	const struct child *a = &s->child[edges[n].a], *b = &s->child[edges[n].b];
	int pair[2];

	s->edge[n].due_ms = 0;
	if (a->channel < 0 || b->channel < 0)
		return false;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		sg_log(SG_LOG_ERROR, "supervisor.socket",
		    "%s: no socket for the two roles: %s; tried again in a second",
		    edges[n].edge->name, strerror(errno));
		s->edge[n].due_ms = sg_mono_ms() + EVERY_MS;
		return false;
	}
	s->edge[n].sent++;
	s->edge[n].sent_ms = sg_mono_ms();
	bool sent = send_end(a, n, pair[0]);
	sent = send_end(b, n, pair[1]) && sent;
	close(pair[0]);
	close(pair[1]);
	return sent;
}

void
supervisor_edges_connect(struct supervisor *s, enum sg_service_no role)
{
	for (size_t n = 0; n < EDGES; n++) {
		if (edges[n].a == role)
			s->edge[n].sent = 0;
		if (edges[n].a == role || edges[n].b == role)
			sg_ignore(connect_edge(s, n));
	}
}

/* The number behind the name of this edge, or 0. */
static uint64_t
number_of(size_t n, const char *text)
{
	size_t len = strlen(edges[n].edge->name);
	uint64_t number = 0;

	if (strncmp(text, edges[n].edge->name, len) != 0 || text[len] != ' ')
		return 0;
	sg_ignore(sg_parse_u64(sg_slice_str(text + len + 1), UINT32_MAX, &number, NULL));
	return number;
}

void
supervisor_edge_ended(struct supervisor *s, enum sg_service_no role, const char *text)
{
	for (size_t n = 0; n < EDGES; n++) {
		struct edge *e = &s->edge[n];
		uint64_t number = edges[n].a == role ? number_of(n, text) : 0;
		if (number == 0 || number != e->sent || e->due_ms != 0)
			continue;
		int64_t wait = sg_mono_ms() + WAIT_MS, every = e->sent_ms + EVERY_MS;
		e->due_ms = wait > every ? wait : every;
	}
}

void
supervisor_edges_connect_due(struct supervisor *s, int64_t *next_ms)
{
	int64_t now = sg_mono_ms();

	for (size_t n = 0; n < EDGES; n++) {
		struct edge *e = &s->edge[n];
		if (e->due_ms != 0 && e->due_ms <= now && connect_edge(s, n))
			sg_log(SG_LOG_WARNING, "supervisor.edge",
			    "%s: the two roles live and had no socket; they have a new one",
			    edges[n].edge->name);
		if (e->due_ms != 0 && e->due_ms < *next_ms)
			*next_ms = e->due_ms;
	}
}
