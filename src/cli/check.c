/* SPDX-License-Identifier: Apache-2.0 */

/*
 * check.c - signet check: what is wrong with a configuration, and the reference of its options
 */

#include <stdio.h>

#include "base/buf.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/conf.h"
#include "conf/reference.h"
#include "roles/services.h"
#include "roles/supervisor/mistakes.h"

static int
run(const struct cli_args *a)
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

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"reference", 0, NULL, "print the reference of all options (Markdown) instead"},
    CLI_OPTION_END};

const struct cli_command cli_check = {
    .name = "check",
    .args = "",
    .summary = "say what is wrong with a configuration, with line numbers",
    .text =
	"Reads the configuration, opens every file that it names and tries every address that\n"
	"it listens on, without starting anything. Addresses that the Signet which runs with the\n"
	"same data directory has are no mistake: check, then restart it. Warnings begin with\n"
	"\"warning:\" and do not count for the exit code.",
    .options = options,
    .run = run,
};
