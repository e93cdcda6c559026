/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_list.c - signet ca list: certificates as the ca role knows them, one line each
 */

#include <stdio.h>

#include "base/clock.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/text.h"

static void
print_rows(const json_t *rows)
{
	size_t n;
	const json_t *row;

	printf("%-40s  %-9s  %-20s  %s\n", "SERIAL", "STATE", "EXPIRES", "SUBJECT");
	json_array_foreach((json_t *)(uintptr_t)rows, n, row) printf("%-40s  %-9s  %-20s  %s\n",
	    cli_json_show(row, "serial"), cli_json_show(row, "state"),
	    cli_time(cli_json_int(row, "not_after")), cli_json_show(row, "subject"));
}

static int
run(const struct cli_args *a)
{
	json_t *ask = cli_ask_new("list"), *answer = NULL;
	int64_t limit = cli_get_number(a, "limit", 1000, 100);
	int64_t within = cli_get_duration(a, "expires-within", 0);

	cli_json_set(ask, "subject", cli_get(a, "subject"));
	cli_json_set(ask, "state", cli_get(a, "state"));
	cli_json_set(ask, "lineage", cli_get(a, "lineage"));
	json_object_set_new(ask, "limit", json_integer(limit));
	if (within > 0)
		json_object_set_new(ask, "expires_before", json_integer(sg_clock_now() + within));
	if (limit < 0 || within < 0) {
		json_decref(ask);
		return EXIT_USAGE;
	}
	int rc = cli_ask(a, "ca", ask, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli_get(a, "json") != NULL)
		cli_json_print(json_object_get(answer, "certificates"));
	else
		print_rows(json_object_get(answer, "certificates"));
	json_decref(answer);
	return EXIT_OK;
}

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"subject", 's', "TEXT", "only those whose subject has this in it"},
    {"state", 0, "STATE", "good, revoked, hold, intent or failed"},
    {"lineage", 0, "SERIAL", "only those that come from the same enrolment as this one"},
    {"expires-within", 0, "TIME", "only those that end within this time (30d)"},
    {"limit", 'n', "N", "at most so many, newest first (default: 100, at most 1000)"},
    CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_list = {
    .name = "ca list",
    .args = "",
    .summary = "list certificates, newest first",
    .options = options,
    .run = run,
};
