/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_release.c - signet ca release: has the ca role take a certificate off its lists again
 */

#include "cli/ca.h"
#include "cli/commands.h"

static int
run(const struct cli_args *a)
{
	struct sg_api_serial which = {.serial = sg_slice_str(a->pos[0])};

	return cli_ca_published(a, SG_API_ca_release, &which, NULL, "released from hold");
}

static const struct cli_option options[] = {CLI_OPTION_CONF, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_release = {
    .name = "ca release",
    .args = "SERIAL",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "release a certificate from hold and publish a new CRL",
    .options = options,
    .run = run,
};
