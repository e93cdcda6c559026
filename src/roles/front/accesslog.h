/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/accesslog.h - what goes into the access log, and its writer (private to roles/front)
 *
 * The loop's thread only makes lines; a thread of its own writes them, so that a disk that hangs
 * keeps no request waiting. Lines have two budgets for each address and all together (budget.h):
 * a large one for what was served, and a small one for everything else, be it refused or as cheap
 * to ask as GetCACaps. What is over is left out, and a "#Remark:" says for whom and how many.
 *
 * Limits:   SG_ACCESS_WAITING_MAX bytes wait for the disk; what comes on top is lost, counted, and
 *           said in the log once there is room, and in the log of the role once a minute. The file
 *           never grows beyond its size: the supervisor is asked for another one (full), and lines
 *           wait meanwhile.
 * Security: lines are whole, but for one that a full disk or this process's end has cut.
 * Threads:  accesslog_put on one thread, the rest on any.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "http/w3clog.h"

struct accesslog;

struct accesslog_conf {
	int fd;		   /* O_APPEND; taken over */
	uint64_t size_max; /* bytes of a regular file, at least twice SG_ACCESS_LINE_MAX */
	bool each;	   /* addresses have budgets of their own; else only all together */
	const char *software;
	void (*full)(void); /* ask for another file, once a second at most */
};

SG_RC
front_accesslog_new(const struct accesslog_conf *conf, struct accesslog **ret, struct sg_err *err);
void
front_accesslog_free(struct accesslog **logp);
/* Start the writer's thread, which runs until the process ends. */
SG_RC
front_accesslog_start(struct accesslog *log, struct sg_err *err);

/* A request is finished; served: it had what it asked for, and strangers cannot ask for that. */
void
front_accesslog_put(struct accesslog *log, const struct sg_http_record *rec, bool served);
/* Go on in another file, which is taken over. */
void
front_accesslog_reopen(struct accesslog *log, int fd);
/* One round of the writer, which its thread makes every second and when much waits; at_end: the
 * last one, all that was left out is said. */
void
front_accesslog_write(struct accesslog *log, int64_t now_ms, bool at_end);
