/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/supervisor/handout.h - every file and socket that a role is given, opened once
 * (the supervisor's own, except that `signet up` asks supervisor_reachable of a directory that
 * it is about to fill)
 */

#include <stdbool.h>
#include <stddef.h>

#include "conf/files.h"
#include "roles/supervisor/supervisor.h"

#define HANDOUTS_MAX 256u

struct handout {
	const struct sg_service *role;
	enum sg_conf_file_kind kind;	   /* NONE: the control socket */
	char name[SG_CONF_OPTION_MAX + 1]; /* of the option, by which the role takes it */
	int fd;
};

struct handouts {
	size_t n;
	struct handout item[HANDOUTS_MAX];
};

/* Open all that the configuration names; every failure is one mistake in errs, with the
 * line of its option. What was opened is closed by handouts_close. run false: only what can
 * be tried without a trace, no log and no control socket. */
void
supervisor_handouts_open(const struct supervisor_conf *given, const struct sg_conf *conf, bool run,
    struct handouts *ret, struct sg_conf_errors *errs);
void
supervisor_handouts_close(struct handouts *h);
/* A role that was compromised may have ended the sockets that it accepted on: its successor gets
 * them listening. */
void
supervisor_handouts_listen_again(const struct handouts *h, const struct sg_service *role);
/* A file that is read, opened; owner, mode and the way to it are looked at. SG_E_CONF "conf.file",
 * "conf.file.mode", "conf.file.owner". */
SG_RC
supervisor_file_open(
    const char *conf_path, const struct sg_conf_file *f, int *ret_fd, struct sg_err *err);
/* For appending, made when missing; -1 and errno. follow: what lies there may be a link, since the
 * way was checked; not where a new file is made. */
int
supervisor_log_open(const char *path, bool follow);

/* The directories that the roles write to, made when missing and, for root, given to the
 * role's user; the lock that says "only one supervisor here" is the returned descriptor's. */
SG_RC
supervisor_directories_make(const struct supervisor_conf *given, const struct sg_conf *conf,
    int *ret_lock_fd, struct sg_err *err);
/* SG_E_CONF ("supervisor.path") when a role's user cannot reach the directory. */
SG_RC
supervisor_reachable(const char *dir, struct sg_err *err);
/* Does the configuration want it? */
bool
supervisor_runs(const struct sg_conf *conf, const struct sg_service *service);
/* The user of the n-th role of the table when root starts it. */
uid_t
supervisor_user(const struct sg_conf *conf, size_t n);
