/* SPDX-License-Identifier: Apache-2.0 */

/*
 * registrar_backup.c - signet registrar backup: a copy of the database of registrar while it runs
 */

#include "api/registrar.h"
#include "cli/backup.h"
#include "cli/commands.h"
#include "store/schema.h"

static int
run(const struct cli_args *a)
{
	return cli_backup(
	    a, &sg_api_registrar_routes.route[SG_API_registrar_backup], &sg_store_schema_registrar);
}

static const struct cli_option options[] = {CLI_OPTION_CONF, CLI_OPTION_END};

const struct cli_command cli_registrar_backup = {
    .name = "registrar backup",
    .args = "FILE",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "copy the database of the running registrar into FILE",
    .text = CLI_BACKUP_TEXT,
    .options = options,
    .run = run,
};
