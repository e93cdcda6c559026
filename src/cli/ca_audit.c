/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_audit.c - signet ca audit: what was done at the CA, and by whom, one line each
 */

#include <stdbool.h>
#include <stdio.h>

#include "api/ca.h"
#include "api/call.h"
#include "base/buf.h"
#include "base/limits.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/text.h"
#include "json/read.h"
#include "json/write.h"

#define LIMIT 50

static void
print_one(const struct cli_args *a, const struct sg_api_audit *row)
{
	sg_buf_scoped line = {0};

	if (cli_get(a, "json") != NULL) {
		sg_json_put(&line, &sg_api_audit_schema, row);
		printf("%s\n", sg_buf_text(&line));
		return;
	}
	printf("%6lld  %s", (long long)row->seq, cli_time_us(row->at));
	printf("  %-10s  %-8s  %s  %s\n", cli_show_slice(row->who), cli_show_slice(row->act),
	    cli_show_slice(row->object), cli_show_slice(row->detail));
}

static bool
print_line(void *arg, struct sg_slice line)
{
	sg_json_doc_scoped doc = {0};
	struct sg_api_audit row;

	if (!cli_read(arg, &sg_api_audit_schema, line, &doc, &row))
		return false;
	print_one(arg, &row);
	return fflush(stdout) == 0;
}

static int
print_page(const struct cli_args *a, const struct sg_api_route *route, struct sg_slice text)
{
	sg_json_doc_scoped doc = {0};
	struct sg_api_got got;
	struct sg_err err;

	if (sg_api_read_page(route, text, &doc, &got, &err) != SG_OK)
		return cli_fail(a, &err);
	const struct sg_api_audit *row = got.items.item;
	for (size_t n = got.items.n; n > 0; n--)
		print_one(a, &row[n - 1]);
	return EXIT_OK;
}

static int
run(const struct cli_args *a)
{
	const struct sg_api_route *route = &sg_api_ca_routes.route[SG_API_ca_audit];
	const char *act = cli_get(a, "act");
	const struct sg_api_audit_filter filter = {
	    .has_act = act != NULL, .act = sg_slice_str(act != NULL ? act : "")};
	int64_t limit = cli_get_number(a, "limit", SG_API_PAGE_MAX, LIMIT);
	struct sg_api_ask_page page = {
	    .limit = (unsigned)limit, .follow = cli_get(a, "follow") != NULL};
	sg_buf_scoped text = {.max = SG_API_ANSWER_MAX};

	if (limit < 0)
		return EXIT_USAGE;
	if (limit == 0 && !page.follow)
		return cli_usage(a, "--limit 0: nothing is asked for");
	if (page.follow)
		return cli_call_lines(a, route, &filter, &page, print_line, (void *)(uintptr_t)a);
	int code = cli_call(a, route, &filter, &page, NULL, &text);
	return code == EXIT_OK ? print_page(a, route, sg_buf_slice(&text)) : code;
}

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"follow", 'f', NULL, "go on as new ones come"},
    {"act", 0, "ACT", "only this act: issue, revoke, hold, release, backup, ..."},
    {"limit", 'n', "N", "the last N (default: 50, at most 1000)"}, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_audit = {
    .name = "ca audit",
    .args = "",
    .summary = "what was done at the CA, and by whom",
    .text =
	"One line each, oldest first: number, time, who, act, to what, what else is recorded.\n"
	"With --json one object per line. Each row has a hash over that of the one before, which\n"
	"'signet fsck' verifies.",
    .options = options,
    .run = run,
};
