/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/run.h - what the commands that start everything share
 */

#include <stdbool.h>

#include "cli/cli.h"
#include "roles/supervisor/supervisor.h"

/* The URLs of every endpoint, by HTTP and then by HTTPS, each on a line after `before`. */
void
cli_print_urls(const struct sg_conf *conf, const char *before);
/* The values of --pass-env; false after a message. */
bool
cli_pass_env(const struct cli_args *a, struct supervisor_conf *conf);
