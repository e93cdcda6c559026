/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/lines.h - a list of a role that may be followed, as a command prints it: an item a line,
 * oldest first
 */

#include "api/route.h"
#include "cli/cli.h"

/* The last --limit items, at most 1000, 50 without it; with --follow, each that comes after them.
 * print writes the line of an item, a struct of route->answer; with --json its object is the line.
 * Returns the exit code. */
int
cli_lines(const struct cli_args *a, const struct sg_api_route *route, const void *params,
    void (*print)(const void *item));

/* The options that it reads, beside that of the configuration. */
#define CLI_LINES_FOLLOW                                                                           \
	{                                                                                          \
		"follow", 'f', NULL, "go on as new ones come"                                      \
	}
#define CLI_LINES_LIMIT                                                                            \
	{                                                                                          \
		"limit", 'n', "N", "the last N (default: 50, at most 1000)"                        \
	}
