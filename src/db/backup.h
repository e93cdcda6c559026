/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/backup.h - a copy of a database while its role writes
 *
 * The copy is what was committed at one moment, all that was answered before among it: a database
 * file that needs no other file beside it, and that says that it is a backup. It is given out from
 * its first byte to its last as it is read, so it takes no room on the disk, and memory that does
 * not grow with it. All of the database is read once before the first byte, so that one that cannot
 * be read is refused, not torn.
 *
 * Until the last byte is taken the log cannot be written anew, and grows by what is written
 * meanwhile. Where that becomes too much, the copy ends, and not the role.
 *
 * Threads: a thread that may wait, of which put() waits for who takes it. The writer goes on.
 */

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct sg_db;
struct sg_db_schema;

/* Who takes the copy. What these return ends it, and is returned. */
struct sg_db_backup_to {
	void *arg;
	/* Once, before the first byte: how many will come. */
	enum sg_code (*begin)(void *arg, uint64_t length, struct sg_err *err);
	enum sg_code (*put)(void *arg, struct sg_slice piece, struct sg_err *err);
};

/*
 * SG_E_BUSY "store.backup": one is made already. SG_E_LIMIT "store.backup.slow": it was taken so
 * slowly that the log grew by too much. SG_E_IO "store.full": it is the disk that became full
 * meanwhile. Errors of what reads (db/db.h).
 */
SG_RC
sg_db_backup(struct sg_db *store, const struct sg_db_backup_to *to, struct sg_err *err);

/*
 * Is a file such a copy, whole, and of this schema? All of it is read; no file is made beside it.
 * SG_E_INTERNAL "store.corrupt": it is damaged, or no database. SG_E_CONF "store.kind": of another
 * role; "store.newer". Errors of what reads.
 */
SG_RC
sg_db_backup_check(const char *path, const struct sg_db_schema *schema, struct sg_err *err);
