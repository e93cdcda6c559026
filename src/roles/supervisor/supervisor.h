/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/supervisor/supervisor.h - the process that starts all others and starts them again
 *
 * SECURITY: reads the configuration, opens sockets and key files, and hands descriptors
 * to the roles. It parses nothing that comes from outside and has no thread. Who
 * compromises it has everything; nobody can talk to it.
 */

#include <sys/types.h>

#include "base/err.h"
#include "conf/conf.h"
#include "service/service.h"

struct supervisor_conf {
	/* All roles, ends with NULL: at most SG_SERVICES_MAX. */
	const struct sg_service *const *services;
	const char *conf_path; /* absolute */
	/* Variables of the environment that the roles get beside sg_service_env, where they are
	 * set: preloaded libraries, sanitizers' options and the like, of tests. */
	size_t pass_env_n;
	const char *pass_env[SG_SERVICE_PASS_ENV_MAX];
	/* Called once when every role serves; may be NULL. */
	void (*ready)(void *arg, const struct sg_conf *conf);
	void *arg;
};

/* Until SIGINT or SIGTERM. Mistakes go to standard error, one line each; returns the exit
 * code: 0, or 1 when something kept it from starting (then nothing runs). */
int
supervisor_run(const struct supervisor_conf *conf);
