/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_audit.c - signet ca audit: what was done at the CA, and by whom, one line each
 */

#include <stdio.h>

#include "api/ca.h"
#include "base/buf.h"
#include "base/escape.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "cli/text.h"

#define DETAIL_SHOWN 100u /* bytes: what was given up of a lease has thousands */

static void
print_act(const void *item)
{
	const struct sg_api_audit *row = item;
	sg_buf_scoped detail = {0};

	sg_escape_put(&detail, row->detail, DETAIL_SHOWN);
	printf("%6lld  %s", (long long)row->seq, cli_time_us(row->at));
	printf("  %-10s  %-8s  %s%s%s\n", cli_show_slice(row->who), cli_show_slice(row->act),
	    cli_show_slice(row->object), detail.len > 0 ? "  " : "", sg_buf_text(&detail));
}

static int
run(const struct cli_args *a)
{
	const char *act = cli_get(a, "act");
	const struct sg_api_audit_filter filter = {
	    .has_act = act != NULL, .act = sg_slice_str(act != NULL ? act : "")};

	return cli_lines(a, &sg_api_ca_routes.route[SG_API_ca_audit], &filter, print_act);
}

static const struct cli_option options[] = {CLI_OPTION_CONF, CLI_LINES_FOLLOW,
    {"act", 0, "ACT", "only this act: issue, revoke, hold, release, backup, ..."}, CLI_LINES_LIMIT,
    CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_audit = {
    .name = "ca audit",
    .args = "",
    .summary = "what was done at the CA, and by whom",
    .text =
	"One line each, oldest first: number, time, who, act, to what, what else is recorded.\n"
	"A reason is its number in RFC 5280, and what is long is cut. With --json one object per\n"
	"line, whole. Each row has a hash over that of the one before, which 'signet fsck'\n"
	"verifies.",
    .options = options,
    .run = run,
};
