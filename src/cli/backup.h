/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/backup.h - a backup of a role's database, for the commands of the roles that have one
 */

#include "api/route.h"
#include "cli/cli.h"
#include "db/db.h"

/* Ask route for the database and write it to the file that the first argument names; "-" is
 * standard output. Returns the exit code. */
int
cli_backup(
    const struct cli_args *a, const struct sg_api_route *route, const struct sg_db_schema *schema);

#define CLI_BACKUP_TEXT                                                                            \
	"Signet goes on meanwhile. FILE gets its name when all of it is on the disk, and is\n"     \
	"then checked; a file that exists is not replaced. Only its owner can read it. With -\n"   \
	"it goes to standard output, where only its length is checked: look at the exit code,\n"   \
	"and do not let it wait, because the log of the database grows until it is read.\n"        \
	"First the registrar's, then the CA's, so that the CA's backup knows every\n"              \
	"certificate that the registrar's knows. Both come back as docs/operating.md says."
