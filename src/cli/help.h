/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/help.h - what the program says of its commands
 */

#include <stdio.h>

#include "cli/cli.h"

void
cli_help_print(FILE *to);
void
cli_help_command(const struct cli_command *c);
/* The commands that begin with a word; how many there are. */
size_t
cli_help_family(FILE *to, const char *word);
/* One line per command and option, for the completion and the manual pages; the exit code. */
int
cli_help_table(void);
