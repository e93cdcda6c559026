/* SPDX-License-Identifier: Apache-2.0 */

/*
 * run.c - signet run and signet check: the supervisor with the table of all roles
 */

#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/conf.h"
#include "base/file.h"
#include "roles/services.h"
#include "roles/supervisor/supervisor.h"

static void
say_ready(void *arg, const struct sg_conf *conf)
{
	sg_ignore(arg != NULL);
	for (size_t n = 0; n < conf->front.listen.n; n++)
		for (size_t i = 0; i < conf->endpoints.n; i++) {
			const char *name = conf->endpoints.item[i].name;
			bool standard = strcmp(name, "default") == 0;
			printf("http://%s/scep%s%s\n", conf->front.listen.item[n].text,
			    standard ? "" : "/", standard ? "" : name);
		}
	printf("ready\n");
	fflush(stdout);
}

static int
run(const struct cli_args *a)
{
	const char *path = cli_conf_path(a);
	if (path == NULL)
		return EXIT_USAGE;
	if (!cli_conf_way_is_ours(a))
		return EXIT_FAILED;
	struct supervisor_conf conf = {
	    .services = roles_services, .conf_path = path, .ready = say_ready};
	return supervisor_run(&conf);
}

static const struct cli_option run_options[] = {CLI_OPTION_CONF, CLI_OPTION_END};

const struct cli_command cli_run = {
    .name = "run",
    .args = "",
    .summary = "start every role of a configuration and keep them running",
    .text =
	"Stays in the foreground until Ctrl-C or SIGTERM; a role that ends is started again at\n"
	"once. Prints the SCEP URLs and the line 'ready' when every role serves.",
    .options = run_options,
    .run = run,
};

static int
check(const struct cli_args *a)
{
	if (cli_get(a, "reference") != NULL) {
		sg_buf_scoped text = {0};
		sg_conf_put_reference(&text);
		fputs(sg_buf_text(&text), stdout);
		return EXIT_OK;
	}
	const char *path = cli_conf_path(a);
	if (path == NULL)
		return EXIT_USAGE;
	if (!cli_conf_way_is_ours(a))
		return EXIT_FAILED;
	struct supervisor_conf conf = {.services = roles_services, .conf_path = path};
	int rc = supervisor_check(&conf);
	if (rc == 0)
		printf("%s: no mistakes\n", path);
	return rc;
}

static const struct cli_option check_options[] = {CLI_OPTION_CONF,
    {"reference", 0, NULL, "print the reference of all options (Markdown) instead"},
    CLI_OPTION_END};

const struct cli_command cli_check = {
    .name = "check",
    .args = "",
    .summary = "say what is wrong with a configuration, with line numbers",
    .text = "Reads the configuration, opens every file that it names and tries every address that\n"
	    "it listens on, without starting anything. While signet runs with it, its addresses\n"
	    "are in use, and that is reported.",
    .options = check_options,
    .run = check,
};
