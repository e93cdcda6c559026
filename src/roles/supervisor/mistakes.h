/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/supervisor/mistakes.h - what can be wrong with a configuration before anything runs (the
 * supervisor's own, but for what `signet check` asks)
 *
 * Each adds what it finds to errs, with the line of the option.
 */

#include "conf/errors.h"
#include "conf/files.h"
#include "roles/supervisor/supervisor.h"

/* Read and parse it; ret_fd NULL: the file is closed again. */
SG_RC
supervisor_load_conf(
    const char *path, int *ret_fd, struct sg_conf **ret, struct sg_conf_errors *errs);
void
supervisor_print_errors(const struct sg_conf_errors *errs, int fd);

/* Something must run. */
void
supervisor_check_roles(
    const struct supervisor_conf *given, const struct sg_conf *conf, struct sg_conf_errors *errs);
/* No directory in which something is made lies where another user may put a link. */
void
supervisor_check_directories(
    const struct sg_conf *conf, const char *conf_path, struct sg_conf_errors *errs);
/* What this machine lacks of the sandbox: a mistake where it is required, else, when say, a line of
 * the log. */
void
supervisor_check_sandbox(const struct sg_conf *conf, bool say, struct sg_conf_errors *errs);
void
supervisor_check_patterns(const struct sg_conf *conf, struct sg_conf_errors *errs);
/* A line of the log where a role may write beside what others keep. */
void
supervisor_check_published(
    const struct sg_conf *conf, const char *conf_path, const struct sg_conf_file *f);

/* Check a configuration and every file that it names, without starting anything: the same lines as
 * supervisor_run would print, and the warnings of roles about certificates, on standard output.
 * Returns 0 or 1: for a warning 0; ready is not called. */
int
supervisor_check(const struct supervisor_conf *conf);
