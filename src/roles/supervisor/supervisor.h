/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/supervisor/supervisor.h - the process that starts all others and starts them again
 *
 * SECURITY: reads the configuration, opens sockets and key files, and hands descriptors
 * to the roles. It parses nothing that comes from outside and has no thread. Whoever owns
 * it owns everything; nobody can talk to it.
 */

#include <sys/types.h>

#include "base/err.h"
#include "conf/conf.h"

/* Roles by number; the offset of their users, too. */
enum sg_service_no {
	SG_ROLE_NO_FRONT,
	SG_ROLE_NO_REGISTRAR,
	SG_ROLE_NO_KEYD,
	SG_ROLE_NO_CA,
	SG_ROLE_NO_MAX
};

struct supervisor_conf {
	const char *conf_path; /* absolute */
	/* Called once when every role serves; may be NULL. */
	void (*ready)(void *arg, const struct sg_conf *conf);
	void *arg;
};

/* Until SIGINT or SIGTERM. Mistakes go to standard error, one line each; returns the exit
 * code: 0, or 1 when something kept it from starting (then nothing runs). */
int
supervisor_run(const struct supervisor_conf *conf);

/* Check a configuration and every file that it names, without starting anything: the same
 * lines as supervisor_run would print, on standard output. Returns 0 or 1. */
int
supervisor_check(const char *conf_path);

/* The users that the roles of this configuration get when root starts them. */
uid_t
supervisor_user(const struct sg_conf *conf, enum sg_service_no role);
/* SG_E_CONF ("supervisor.path") when a role's user cannot reach the directory. */
SG_RC
supervisor_reachable(const char *dir, struct sg_err *err);
