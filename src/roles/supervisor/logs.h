/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/supervisor/logs.h - when front gets another access log (private to the supervisor)
 */

#include <stdint.h>

struct child;
struct supervisor;

/* A role says that a log is full. */
void
supervisor_log_wanted(struct supervisor *s, const struct child *role, const char *name);
/* The operator says that it was moved. */
void
supervisor_log_look(struct supervisor *s);
/* Look at it when that is due; *next_ms (monotonic) becomes when the next look is, if that is
 * sooner. */
void
supervisor_log_due(struct supervisor *s, int64_t *next_ms);
