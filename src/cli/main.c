/* SPDX-License-Identifier: Apache-2.0 */

/*
 * main.c - the program begins here: a role of the supervisor's, or a command of the user's
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/text.h"
#include "conf/schema.h"
#include "roles/services.h"
#include "service/show.h"

/* "signet role NAME": how the supervisor starts a role. */
static int
run_role(const char *name)
{
	const struct sg_service *role = sg_service_find(roles_services, name);

	if (role != NULL)
		return sg_service_main(role);
	fprintf(stderr, "signet: no role '%s'\n", name);
	return EXIT_USAGE;
}

/* One line per command, option and role, for the documents that tools/man makes. */
static int
print_table(void)
{
	for (size_t n = 0; roles_services[n] != NULL; n++) {
		sg_buf_scoped line = {0};
		sg_service_show(roles_services[n], &line);
		printf("role\t%s\n", sg_buf_text(&line));
	}
	return cli_help_table();
}

static int
run_command(const struct cli_command *c, int argc, char **argv, int at)
{
	static struct cli_args a;
	bool help = false;

	int code = cli_args_read(c, argc, argv, at, &a, &help);
	if (!help)
		return code == EXIT_OK ? c->run(&a) : code;
	cli_help_command(c);
	return EXIT_OK;
}

/* "ca": a word that commands begin with and that is none. */
static bool
is_family(const char *word)
{
	size_t len = strlen(word);

	for (size_t n = 0; n < cli_command_n; n++)
		if (strncmp(cli_commands[n]->name, word, len) == 0 &&
		    cli_commands[n]->name[len] == ' ')
			return true;
	return false;
}

int
main(int argc, char **argv)
{
	int words = 0;

	for (size_t n = 0; roles_services[n] != NULL; n++)
		if (roles_services[n]->rows != NULL)
			sg_conf_rows_add(roles_services[n]->rows);
	if (argc == 3 && strcmp(argv[1], "role") == 0)
		return run_role(argv[2]);
	if (argc == 2 && strcmp(argv[1], "--table") == 0)
		return print_table();
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("signet %s\n", SIGNET_VERSION);
		return EXIT_OK;
	}
	if (argc == 1 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		cli_help_print(argc == 1 ? stderr : stdout);
		return argc == 1 ? EXIT_USAGE : EXIT_OK;
	}
	const struct cli_command *c = cli_command_find(argc, argv, &words);
	if (c != NULL)
		return run_command(c, argc, argv, words + 1);
	if (argc == 3 && strcmp(argv[2], "--help") == 0 && cli_help_family(stdout, argv[1]) > 0)
		return EXIT_OK;
	bool family = is_family(argv[1]);
	if (family && argc == 2)
		fprintf(stderr, "signet: '%s' needs another word:\n", cli_show(argv[1]));
	else
		fprintf(stderr, "signet: no command '%s%s%s'; see: signet --help\n",
		    cli_show(argv[1]), family ? " " : "", family ? cli_show(argv[2]) : "");
	cli_help_family(stderr, argv[1]);
	return EXIT_USAGE;
}
