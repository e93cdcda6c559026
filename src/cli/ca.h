/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/ca.h - what several "signet ca" commands share
 */

#include <jansson.h>

#include "cli/cli.h"

/* Ask ca for an act after which it publishes a list, and say what was done; question is released.
 * Returns the exit code. */
int
cli_ca_published(const struct cli_args *a, json_t *question, const char *done);
