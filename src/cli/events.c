/* SPDX-License-Identifier: Apache-2.0 */

/*
 * events.c - signet events: the registrar role's last events, one line each, and those that follow
 */

#include <stdio.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/event.h"
#include "cli/json.h"

#define FOLLOW_US 500000

static int
ask_events(const struct cli_args *a, int64_t after, int64_t limit, json_t **ret)
{
	json_t *ask = cli_ask_new("events");

	json_object_set_new(ask, "limit", json_integer(limit));
	if (after >= 0)
		json_object_set_new(ask, "after", json_integer(after));
	cli_json_set(ask, "rule", cli_get(a, "rule"));
	cli_json_set(ask, "subject", cli_get(a, "subject"));
	return cli_ask(a, "registrar", ask, ret);
}

static void
print_one(const struct cli_args *a, const json_t *e)
{
	if (cli_get(a, "json") == NULL) {
		cli_event_print(e, false);
		return;
	}
	sg_ignore(json_dumpf(e, stdout, JSON_COMPACT) != 0);
	putchar('\n');
}

static int
follow(const struct cli_args *a, int64_t last)
{
	for (;;) {
		json_t *answer = NULL, *e;
		size_t n;
		int rc = ask_events(a, last, 500, &answer);
		if (rc != EXIT_OK)
			return rc;
		json_array_foreach(json_object_get(answer, "events"), n, e)
		{
			last = cli_json_int(e, "id");
			print_one(a, e);
		}
		json_decref(answer);
		fflush(stdout);
		usleep(FOLLOW_US);
	}
}

static int
run(const struct cli_args *a)
{
	json_t *answer = NULL;
	int64_t limit = cli_get_number(a, "limit", 500, 50), last = 0;

	if (limit < 0)
		return EXIT_USAGE;
	int rc = ask_events(a, -1, limit, &answer);
	if (rc != EXIT_OK)
		return rc;
	json_t *list = json_object_get(answer, "events");
	for (size_t n = json_array_size(list); n > 0; n--) {
		last = cli_json_int(json_array_get(list, n - 1), "id");
		print_one(a, json_array_get(list, n - 1));
	}
	json_decref(answer);
	fflush(stdout);
	return cli_get(a, "follow") == NULL ? EXIT_OK : follow(a, last);
}

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"follow", 'f', NULL, "go on as new ones come"}, {"rule", 0, "WORD", "only this rule"},
    {"subject", 's', "TEXT", "only those whose subject has this in it"},
    {"limit", 'n', "N", "the last N (default: 50)"}, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_events = {
    .name = "events",
    .args = "",
    .summary = "the last refusals and what else is worth a line",
    .text = "One line each: time, role, rule, what was found. With --json one object per line.\n"
	    "'signet explain RULE' says what a rule means.",
    .options = options,
    .run = run,
};
