/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/supervisor/edge.h - the sockets between the roles that run (private to the supervisor)
 */

#include <stdint.h>

struct child;
struct supervisor;

/* The edges of the children. */
void
supervisor_edges_init(struct supervisor *s);
/* A role has been started: a socket for each of its edges whose other side lives. */
void
supervisor_edges_connect(struct supervisor *s, const struct child *role);
/* A role says of the socket that it was sent as the n-th one, "edge n", that it has ended. Another
 * one is due, unless it has been sent. */
void
supervisor_edge_ended(struct supervisor *s, const struct child *role, const char *text);
/* Send what is due; *next_ms (monotonic) becomes when the next one is, if that is sooner. */
void
supervisor_edges_connect_due(struct supervisor *s, int64_t *next_ms);
