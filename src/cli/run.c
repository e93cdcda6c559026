/* SPDX-License-Identifier: Apache-2.0 */

/*
 * run.c - signet run: the supervisor, in the foreground, with a configuration that exists
 */

#include "cli/run.h"

#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/conf.h"
#include "cli/text.h"
#include "roles/services.h"

void
cli_print_urls(const struct sg_conf *conf, const char *before)
{
	const struct {
		const char *scheme;
		const struct sg_conf_listens *listens;
	} ways[] = {{"http", &conf->front.listen}, {"https", &conf->front.listen_https}};

	for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++)
		for (size_t n = 0; n < ways[w].listens->n; n++)
			for (size_t i = 0; i < conf->endpoints.n; i++) {
				const char *name = conf->endpoints.item[i].name;
				bool standard = strcmp(name, "default") == 0;
				printf("%s%s://%s/scep%s%s\n", before, ways[w].scheme,
				    ways[w].listens->item[n].text, standard ? "" : "/",
				    standard ? "" : name);
			}
}

static void
say_ready(void *arg, const struct sg_conf *conf)
{
	sg_ignore(arg != NULL);
	cli_print_urls(conf, "");
	printf("ready\n");
	fflush(stdout);
}

bool
cli_pass_env(const struct cli_args *a, struct supervisor_conf *conf)
{
	for (const char *name; (name = cli_get_nth(a, "pass-env", conf->pass_env_n)) != NULL;) {
		if (conf->pass_env_n == SG_SERVICE_PASS_ENV_MAX || name[0] == '\0' ||
		    strchr(name, '=') != NULL) {
			cli_usage(a, "--pass-env: want at most %u names of variables, have '%s'",
			    SG_SERVICE_PASS_ENV_MAX, cli_show(name));
			return false;
		}
		conf->pass_env[conf->pass_env_n++] = name;
	}
	return true;
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
	if (!cli_pass_env(a, &conf))
		return EXIT_USAGE;
	return supervisor_run(&conf);
}

static const struct cli_option options[] = {CLI_OPTION_CONF, CLI_OPTION_PASS_ENV, CLI_OPTION_END};

const struct cli_command cli_run = {
    .name = "run",
    .args = "",
    .summary = "start every role of a configuration and keep them running",
    .text =
	"Stays in the foreground until Ctrl-C or SIGTERM; a role that ends is started again at\n"
	"once. Prints the SCEP URLs and the line 'ready' when every role serves.",
    .options = options,
    .run = run,
};
