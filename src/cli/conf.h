/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/conf.h - the configuration that a command is about
 */

#include <stdbool.h>

#include "cli/cli.h"
#include "conf/conf.h"

/* Its path, absolute, in a static buffer; NULL after a message. */
const char *
cli_conf_path(const struct cli_args *a);
/* No other user can have another one found by the name that was given; false after a message. */
bool
cli_conf_way_is_ours(const struct cli_args *a);
/* Read it; NULL after a message. */
struct sg_conf *
cli_conf_load(const struct cli_args *a, const char *path);
