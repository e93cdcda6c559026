/* SPDX-License-Identifier: Apache-2.0 */

/*
 * main.c - the program: which command, its options, its help
 */

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "roles/services.h"

const struct cli_command *const cli_commands[] = {&cli_up, &cli_run, &cli_check, &cli_challenge_new,
    &cli_enroll, &cli_renew, &cli_getcacert, &cli_getcacaps, &cli_trace, &cli_events, &cli_explain,
    &cli_ca_list, &cli_ca_show, &cli_ca_revoke, &cli_ca_release, &cli_ca_crl, &cli_ca_import,
    &cli_status, &cli_fsck};
const size_t cli_command_n = sizeof cli_commands / sizeof cli_commands[0];

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

static void
print_help(FILE *to)
{
	fprintf(to, "signet gives certificates to managed devices by SCEP and shows, at every "
		    "step, what happened.\n\n");
	for (size_t n = 0; n < cli_command_n; n++)
		fprintf(to, "  signet %-14s %s\n", cli_commands[n]->name, cli_commands[n]->summary);
	fprintf(to, "\n'signet COMMAND --help' says more. First steps: signet up\n"
		    "Exit codes: 0 done, 1 refused or failed, 2 wrong command line, 3 nobody "
		    "answers, 4 pending.\n");
}

static void
print_command_help(const struct cli_command *c)
{
	printf("usage: signet %s%s%s [options]\n\n%s\n", c->name, c->args[0] != '\0' ? " " : "",
	    c->args, c->summary);
	if (c->text != NULL)
		printf("\n%s\n", c->text);
	printf("\noptions:\n");
	for (const struct cli_option *o = c->options; o->name != NULL; o++) {
		char left[64];
		snprintf(left, sizeof left, "%c%c%s--%s %s", o->letter ? '-' : ' ',
		    o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
		    o->arg == NULL ? "" : o->arg);
		printf("  %-30s %s\n", left, o->help);
	}
	printf("      --help                     this text\n");
}

/* One line per command and option, for the completion and the manual pages. */
static int
print_table(void)
{
	for (size_t n = 0; n < cli_command_n; n++) {
		const struct cli_command *c = cli_commands[n];
		printf("command\t%s\t%s\t%s\n", c->name, c->args, c->summary);
		for (const struct cli_option *o = c->options; o->name != NULL; o++)
			printf("option\t%s\t%s\t%s\t%s\n", c->name, o->name,
			    o->arg == NULL ? "" : o->arg, o->help);
	}
	return EXIT_OK;
}

/* The command whose words begin the arguments; *ret_words says how many they are. */
static const struct cli_command *
find_command(int argc, char **argv, int *ret_words)
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

static const struct cli_option *
find_option(const struct cli_command *c, const char *arg, size_t len)
{
	for (const struct cli_option *o = c->options; o->name != NULL; o++) {
		if (arg[1] == '-' && strlen(o->name) == len - 2 &&
		    strncmp(o->name, arg + 2, len - 2) == 0)
			return o;
		if (arg[1] != '-' && len == 2 && o->letter == arg[1])
			return o;
	}
	return NULL;
}

/* One option at argv[at]; returns the index behind it, or -1 after a message. */
static int
take_option(struct cli_args *a, int argc, char **argv, int at)
{
	const char *arg = argv[at], *equals = strchr(arg, '=');
	size_t len = equals == NULL || arg[1] != '-' ? strlen(arg) : (size_t)(equals - arg);
	const struct cli_option *o = find_option(a->command, arg, len);

	if (o == NULL) {
		cli_usage(
		    a, "no option '%s'; see: signet %s --help", cli_show(arg), a->command->name);
		return -1;
	}
	const char *value = "";
	if (o->arg != NULL && equals != NULL && arg[1] == '-')
		value = equals + 1;
	else if (o->arg != NULL && at + 1 < argc)
		value = argv[++at];
	else if (o->arg != NULL || (equals != NULL && arg[1] == '-')) {
		cli_usage(a, o->arg != NULL ? "--%s wants %s" : "--%s takes no value%.0s", o->name,
		    o->arg == NULL ? "" : o->arg);
		return -1;
	}
	if (a->value_n == CLI_VALUES_MAX) {
		cli_usage(a, "more than %u options", CLI_VALUES_MAX);
		return -1;
	}
	a->value[a->value_n++] = (struct cli_value){o, value};
	return at + 1;
}

/* A negative serial number, which is no option of one letter. */
static bool
is_number(const char *arg)
{
	size_t digits = strspn(arg + 1, "0123456789abcdefABCDEF:");
	return digits > 1 && arg[1 + digits] == '\0';
}

static int
run_command(const struct cli_command *c, int argc, char **argv, int at)
{
	static struct cli_args a;

	a.command = c;
	while (at < argc) {
		if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
			print_command_help(c);
			return EXIT_OK;
		}
		if (argv[at][0] == '-' && argv[at][1] != '\0' && !is_number(argv[at])) {
			at = take_option(&a, argc, argv, at);
			if (at < 0)
				return EXIT_USAGE;
		} else if (a.pos_n == c->pos_max) {
			return cli_usage(&a, "one argument too many: '%s'; see: signet %s --help",
			    cli_show(argv[at]), c->name);
		} else {
			a.pos[a.pos_n++] = argv[at++];
		}
	}
	if (a.pos_n < c->pos_min)
		return cli_usage(&a, "want %s; see: signet %s --help", c->args, c->name);
	return c->run(&a);
}

/* The commands that begin with a word; how many there are. */
static size_t
print_family(FILE *to, const char *word)
{
	size_t found = 0;

	for (size_t n = 0; n < cli_command_n; n++)
		if (strncmp(cli_commands[n]->name, word, strlen(word)) == 0) {
			fprintf(to, "  signet %-14s %s\n", cli_commands[n]->name,
			    cli_commands[n]->summary);
			found++;
		}
	return found;
}

int
main(int argc, char **argv)
{
	int words = 0;

	if (argc == 3 && strcmp(argv[1], "role") == 0)
		return run_role(argv[2]);
	if (argc == 2 && strcmp(argv[1], "--table") == 0)
		return print_table();
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("signet %s\n", SIGNET_VERSION);
		return EXIT_OK;
	}
	if (argc == 1 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(argc == 1 ? stderr : stdout);
		return argc == 1 ? EXIT_USAGE : EXIT_OK;
	}
	const struct cli_command *c = find_command(argc, argv, &words);
	if (c != NULL)
		return run_command(c, argc, argv, words + 1);
	if (argc == 3 && strcmp(argv[2], "--help") == 0 && print_family(stdout, argv[1]) > 0)
		return EXIT_OK;
	fprintf(stderr, "signet: no command '%s'; see: signet --help\n", cli_show(argv[1]));
	print_family(stderr, argv[1]);
	return EXIT_USAGE;
}
