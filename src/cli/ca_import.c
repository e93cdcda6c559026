/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_import.c - signet ca import: hands a certificate of this CA that another system issued to the
 * ca role
 */

#include <stdio.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/pem.h"
#include "cli/args.h"
#include "cli/ca.h"
#include "cli/commands.h"
#include "cli/text.h"

static int
run(const struct cli_args *a)
{
	sg_buf_scoped text = {0}, der = {0};
	cli_answer_scoped got = {0};
	struct sg_api_imported answer;
	const char *endpoint = cli_get(a, "endpoint");
	size_t pos = 0;
	struct sg_err err;

	enum sg_code rc = sg_file_read(a->pos[0], &text, &err);
	if (rc != SG_OK)
		return cli_fail(a, &err);
	if (sg_pem_next(sg_buf_slice(&text), "CERTIFICATE", &pos, &der, &err) != SG_OK)
		return cli_fail_file(a, a->pos[0], &err);
	struct sg_api_import ask = {.has_endpoint = endpoint != NULL,
	    .endpoint = sg_slice_str(endpoint == NULL ? "" : endpoint),
	    .der = sg_buf_slice(&der)};
	int code = cli_ca_call(a, SG_API_ca_import, NULL, &ask, &got, &answer);
	if (code == EXIT_OK && !got.printed)
		printf("%s, serial %s\n", answer.changed ? "recorded" : "was recorded before",
		    cli_show_slice(answer.serial));
	return code;
}

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"endpoint", 'e', "NAME", "the endpoint where it may renew (default: default)"},
    CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_import = {
    .name = "ca import",
    .args = "FILE",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "record a certificate that this CA's key signed elsewhere",
    .text = "For moving from another SCEP server with the same CA: devices then renew here with\n"
	    "the certificates that they have. FILE is PEM; its signature must be this CA's.",
    .options = options,
    .run = run,
};
