/* SPDX-License-Identifier: Apache-2.0 */

/*
 * commands.c - the table of all commands, and the search in it
 */

#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#define ROW(row) &row,
const struct cli_command *const cli_commands[] = {CLI_COMMANDS(ROW)};
const size_t cli_command_n = sizeof cli_commands / sizeof cli_commands[0];

const struct cli_command *
cli_command_find(int argc, char **argv, int *ret_words)
{
	char two[64];

	for (int words = 2; words > 0; words--) {
		if (argc <= words)
			continue;
		if (words == 2)
			snprintf(two, sizeof two, "%s %s", argv[1], argv[2]);
		else
			snprintf(two, sizeof two, "%s", argv[1]);
		for (size_t n = 0; n < cli_command_n; n++) {
			if (strcmp(cli_commands[n]->name, two) == 0) {
				*ret_words = words;
				return cli_commands[n];
			}
		}
	}
	return NULL;
}
