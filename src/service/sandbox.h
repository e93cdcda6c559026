/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/sandbox.h - what a role's process gives up before it starts
 *
 * What each role may still do stands in its declaration (struct sg_service). Everything
 * is given up in one call, for ever, before the role's start: it reads its files through
 * descriptors that it was handed, opens its database through Landlock, and every thread
 * that it starts inherits what holds for the first. So there is no moment at which a
 * byte from outside meets a process that could do more.
 *
 * Always: its own user when root started it, no capability in any set, no new privileges,
 * no core dump and no tracing by its own user, limits of memory, descriptors and threads.
 * Unless the configuration says `sandbox: off`: Landlock (files, TCP, signals and abstract
 * sockets, as far as the kernel's version goes: seccomp forbids the rest), no new executable
 * memory, and a seccomp list; a system call that is not on it ends the process (SIGSYS), which the
 * supervisor reports and the kernel records as "audit: type=1326" with its number.
 *
 * Threads: sg_sandbox_enter is for a process with one thread.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"
#include "service/service.h"

struct sg_sandbox {
	const struct sg_service *role;
	const struct sg_conf *conf;
	const char *conf_path; /* paths in conf are relative to its directory */
	bool has_user;
	uid_t user; /* to become, for good */
};

/*
 * SG_E_IO   "role.drop": something that can be given up everywhere could not be
 * SG_E_CONF "sandbox.missing": `sandbox: required`, and this machine lacks a part
 * With `sandbox: auto` what is missing costs a warning, unless sg_sandbox_missing() had
 * said so before.
 */
SG_RC
sg_sandbox_enter(const struct sg_sandbox *s, struct sg_err *err);

/* Whether this machine lacks something, and what, for one line of the log. */
bool
sg_sandbox_missing(struct sg_buf *out);
