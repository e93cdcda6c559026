/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_backup.c - signet ca backup: a copy of the database of ca while it runs
 */

#include "api/ca.h"
#include "cli/backup.h"
#include "cli/commands.h"
#include "store/schema.h"

static int
run(const struct cli_args *a)
{
	return cli_backup(a, &sg_api_ca_routes.route[SG_API_ca_backup], &sg_store_schema_ca);
}

static const struct cli_option options[] = {CLI_OPTION_CONF, CLI_OPTION_END};

const struct cli_command cli_ca_backup = {
    .name = "ca backup",
    .args = "FILE",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "copy the database of the running CA into FILE",
    .text = CLI_BACKUP_TEXT,
    .options = options,
    .run = run,
};
