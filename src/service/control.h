/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/control.h - the control socket of a role: HTTP for the command line and for scripts of
 * the machine's own
 *
 * One thread accepts, a short-lived thread answers each connection: who it is, what it asks
 * (http/blocking.h), by which route (api/serve.h).
 *
 * Limits:   16 connections at once; a further one waits until one has ended, and the one that has
 *           been silent between two questions for longest is closed for it. An answer that takes
 *           as long as its reader wants (a list that is followed, a file) leaves its place to
 *           others: there are 8 of these, and a ninth is refused.
 * Security: only root and the user that started Signet may ask, by SO_PEERCRED. Of anybody else
 *           nothing is read: he is told so and closed. Who asks is a principal with all rights,
 *           and its name, "uid N", goes into the audit.
 */

#include <sys/types.h>

#include "api/serve.h"
#include "base/err.h"

struct sg_service_control {
	int fd; /* a listening Unix socket, taken over */
	uid_t owner;
	const struct sg_api *api;
	void *role; /* for its handlers */
};

/* Serve for ever, in threads of its own. SG_E_NOMEM. */
SG_RC
sg_service_control_serve(const struct sg_service_control *control, struct sg_err *err);
/* Answer one connection of this user until it ends; fd stays the caller's. */
void
sg_service_control_answer(const struct sg_service_control *control, int fd, uid_t who);
