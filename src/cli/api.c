/* SPDX-License-Identifier: Apache-2.0 */

/*
 * api.c - `signet api`: the contract of everything that answers in JSON, for who writes a program
 */

#include <stdio.h>

#include "api/openapi.h"
#include "base/buf.h"
#include "cli/args.h"
#include "cli/commands.h"

#define TEXT_MAX (8u << 20)

static int
run(const struct cli_args *a)
{
	sg_buf_scoped text = {.max = TEXT_MAX};
	struct sg_err err;

	sg_api_openapi_put(&text);
	if (sg_buf_check(&text, &err) != SG_OK)
		return cli_fail(a, &err);
	fputs(sg_buf_text(&text), stdout);
	return EXIT_OK;
}

static const struct cli_option options[] = {CLI_OPTION_END};

const struct cli_command cli_api = {
    .name = "api",
    .args = "",
    .summary = "print what running roles answer to programs, as OpenAPI 3.1",
    .text = "Every route of the control sockets with its parameters, bodies, answers and the\n"
	    "right that it needs, and what commands print with --json. It needs no running system\n"
	    "and no configuration. Ask with curl:\n\n"
	    "    curl --unix-socket signet-data/run/ca.sock http://signet/v1/ca/status",
    .options = options,
    .run = run,
};
