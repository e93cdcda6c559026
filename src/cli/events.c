/* SPDX-License-Identifier: Apache-2.0 */

/*
 * events.c - signet events: the registrar role's last events, one line each, and those that follow
 */

#include <stdio.h>

#include "api/registrar.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/event.h"
#include "json/read.h"
#include "json/write.h"

static void
print_one(const struct cli_args *a, const struct sg_api_event *e)
{
	sg_buf_scoped line = {0};

	if (cli_get(a, "json") == NULL) {
		cli_event_print(e, false);
		return;
	}
	sg_json_put(&line, &sg_api_event_schema, e);
	printf("%s\n", sg_buf_text(&line));
}

/* What is followed. */
struct following {
	const struct cli_args *args;
	bool failed; /* a line was none; a message was printed */
};

static bool
print_line(void *arg, struct sg_slice line)
{
	struct following *f = arg;
	sg_json_doc_scoped doc = {0};
	struct sg_api_event e;

	f->failed = !cli_read(f->args, &sg_api_event_schema, line, &doc, &e);
	if (f->failed)
		return false;
	print_one(f->args, &e);
	return fflush(stdout) == 0;
}

static int
follow(const struct cli_args *a, const struct sg_api_route *route,
    const struct sg_api_event_filter *filter, const struct sg_api_ask_page *page)
{
	struct following f = {.args = a};

	int rc = cli_call_lines(a, route, filter, page, print_line, &f);
	return f.failed ? EXIT_FAILED : rc;
}

static int
run(const struct cli_args *a)
{
	const struct sg_api_route *route = &sg_api_registrar_routes.route[SG_API_registrar_events];
	const char *rule = cli_get(a, "rule"), *subject = cli_get(a, "subject");
	struct sg_api_event_filter filter = {.has_rule = rule != NULL,
	    .rule = sg_slice_str(rule == NULL ? "" : rule),
	    .has_subject = subject != NULL,
	    .subject = sg_slice_str(subject == NULL ? "" : subject)};
	int64_t limit = cli_get_number(a, "limit", SG_API_PAGE_MAX, 50);
	struct sg_api_ask_page page = {.follow = cli_get(a, "follow") != NULL};
	struct sg_api_got got;
	sg_buf_scoped text = {0};
	sg_json_doc_scoped doc = {0};
	struct sg_err err;

	if (limit < 0)
		return EXIT_USAGE;
	page.limit = (unsigned)limit;
	if (page.follow)
		return follow(a, route, &filter, &page);
	if (limit == 0)
		return EXIT_OK;
	int rc = cli_call(a, route, &filter, &page, NULL, &text);
	if (rc != EXIT_OK)
		return rc;
	if (sg_api_read_page(route, sg_buf_slice(&text), &doc, &got, &err) != SG_OK)
		return cli_fail(a, &err);
	const struct sg_api_event *e = got.items.item;
	for (size_t n = got.items.n; n > 0; n--)
		print_one(a, &e[n - 1]);
	return EXIT_OK;
}

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"follow", 'f', NULL, "go on as new ones come"}, {"rule", 0, "WORD", "only this rule"},
    {"subject", 's', "TEXT", "only those whose subject has this in it"},
    {"limit", 'n', "N", "the last N (default: 50, at most 1000)"}, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_events = {
    .name = "events",
    .args = "",
    .summary = "the last refusals and what else is worth a line",
    .text = "One line each: time, role, rule, what was found. With --json one object per line.\n"
	    "'signet explain RULE' says what a rule means.",
    .options = options,
    .run = run,
};
