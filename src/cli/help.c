/* SPDX-License-Identifier: Apache-2.0 */

/*
 * help.c - what the program says of its commands, made from their table
 */

#include "cli/help.h"

#include <string.h>

#include "cli/commands.h"

/* One line of the list, with room for the longest name. */
static void
print_command(FILE *to, const struct cli_command *c)
{
	size_t width = 0;

	for (size_t n = 0; n < cli_command_n; n++)
		if (width < strlen(cli_commands[n]->name))
			width = strlen(cli_commands[n]->name);
	fprintf(to, "  signet %-*s  %s\n", (int)width, c->name, c->summary);
}

void
cli_help_print(FILE *to)
{
	fprintf(to, "signet gives certificates to managed devices by SCEP and shows, at every "
		    "step, what happened.\n\n");
	for (size_t n = 0; n < cli_command_n; n++)
		print_command(to, cli_commands[n]);
	fprintf(to, "\n'signet COMMAND --help' says more. First steps: signet up\n"
		    "Exit codes: 0 done, 1 refused or failed, 2 wrong command line, 3 nobody "
		    "answers, 4 pending.\n");
}

void
cli_help_command(const struct cli_command *c)
{
	printf("usage: signet %s%s%s [options]\n\n%s\n", c->name, c->args[0] != '\0' ? " " : "",
	    c->args, c->summary);
	if (c->text != NULL)
		printf("\n%s\n", c->text);
	printf("\noptions:\n");
	for (const struct cli_option *o = c->options; o->name != NULL; o++) {
		char left[64];
		if (o->help == NULL)
			continue;
		snprintf(left, sizeof left, "%c%c%s--%s %s", o->letter ? '-' : ' ',
		    o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
		    o->arg == NULL ? "" : o->arg);
		printf("  %-30s %s\n", left, o->help);
	}
	printf("      --help                     this text\n");
}

int
cli_help_table(void)
{
	for (size_t n = 0; n < cli_command_n; n++) {
		const struct cli_command *c = cli_commands[n];
		printf("command\t%s\t%s\t%s\n", c->name, c->args, c->summary);
		for (const struct cli_option *o = c->options; o->name != NULL; o++)
			if (o->help != NULL)
				printf("option\t%s\t%s\t%s\t%s\n", c->name, o->name,
				    o->arg == NULL ? "" : o->arg, o->help);
	}
	return EXIT_OK;
}

size_t
cli_help_family(FILE *to, const char *word)
{
	size_t found = 0;

	for (size_t n = 0; n < cli_command_n; n++)
		if (strncmp(cli_commands[n]->name, word, strlen(word)) == 0) {
			print_command(to, cli_commands[n]);
			found++;
		}
	return found;
}
