/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A folder for the files of one case, and their names.
 */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/enroll/pki.h"

struct folder {
	char path[64];
};

static inline void
folder_make(struct folder *f)
{
	const char *base = getenv("TMPDIR");

	snprintf(f->path, sizeof f->path, "%.40s/sg-enroll-XXXXXX", base == NULL ? "/tmp" : base);
	assert_non_null(mkdtemp(f->path));
}

/* A path in the folder. */
static inline const char *
folder_file(const struct folder *f, const char *name, char ret[128])
{
	snprintf(ret, 128, "%s/%s", f->path, name);
	return ret;
}

/* Remove these files, which need not exist; the case fails when anything else is left. */
static inline void
folder_remove(struct folder *f, const char *const *names)
{
	char path[128];

	for (; *names != NULL; names++)
		sg_ignore(unlink(folder_file(f, *names, path)));
	assert_int_equal(rmdir(f->path), 0);
}
