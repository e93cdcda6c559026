/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/write.c - writes a list or what is kept of one, with room of the reserve when the disk
 * is full
 */

#include "roles/ca/write.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "db/db.h"
#include "roles/ca/state.h"

SG_RC
ca_write_file(struct ca *ca, const char *path, struct sg_slice content, struct sg_err *err)
{
	char copy[PATH_MAX];
	struct sg_err why = {.rule = ""};
	enum sg_code rc;

	snprintf(copy, sizeof copy, "%s", path);
	const char *folder = dirname(copy);
	do
		rc = sg_file_write(path, content, 0644, &why);
	while (rc != SG_OK && strcmp(why.rule, "file.full") == 0 &&
	       sg_db_give_room(ca->store, folder, content.len));
	if (rc != SG_OK && err != NULL)
		*err = why;
	return rc;
}
