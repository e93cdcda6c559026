/* SPDX-License-Identifier: Apache-2.0 */

/*
 * events.c - signet events: the registrar role's last events, one line each, and those that follow
 */

#include "api/registrar.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/event.h"
#include "cli/lines.h"

static void
print_event(const void *item)
{
	cli_event_print(item, false);
}

static int
run(const struct cli_args *a)
{
	const char *rule = cli_get(a, "rule"), *subject = cli_get(a, "subject");
	const struct sg_api_event_filter filter = {.has_rule = rule != NULL,
	    .rule = sg_slice_str(rule == NULL ? "" : rule),
	    .has_subject = subject != NULL,
	    .subject = sg_slice_str(subject == NULL ? "" : subject)};

	return cli_lines(
	    a, &sg_api_registrar_routes.route[SG_API_registrar_events], &filter, print_event);
}

static const struct cli_option options[] = {CLI_OPTION_CONF, CLI_LINES_FOLLOW,
    {"rule", 0, "WORD", "only this rule"},
    {"subject", 's', "TEXT", "only those whose subject has this in it"}, CLI_LINES_LIMIT,
    CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_events = {
    .name = "events",
    .args = "",
    .summary = "the last refusals and what else is worth a line",
    .text = "One line each: time, role, rule, what was found. With --json one object per line.\n"
	    "'signet explain RULE' says what a rule means.",
    .options = options,
    .run = run,
};
