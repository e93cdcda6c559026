/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/log.h - what a process says on standard error: one line, a stable word first
 *
 * "2026-11-20T13:44:00Z registrar warning challenge.used ...": a line is escaped here, whatever
 * came from outside or from a sibling. Never keys, challenges or content.
 *
 * Limits: of lines with the same word SG_LOG_BURST come at once, and then one in SG_LOG_LINE_MS,
 *         which says how many were left out: who makes requests fail fills no disk with it.
 */

enum sg_log_level { SG_LOG_ERROR, SG_LOG_WARNING, SG_LOG_NOTICE, SG_LOG_INFO };

/* The role's name, and the least level that is printed. */
void
sg_log_setup(const char *role, enum sg_log_level level);
/* Leave out lines of this id from now on: they say for each request what has been said once, as a
 * state. NULL: leave out none. */
void
sg_log_leave_out(const char *id);
void
sg_log(enum sg_log_level level, const char *id, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
