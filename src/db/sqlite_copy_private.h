/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/sqlite_copy_private.h - a database read as the bytes of a file, private to src/db
 */

#include <sqlite3.h>

#include "db/backup.h"

/* Give out what the read transaction of db sees. Errors: what to returned; SG_E_INTERNAL
 * "store.sql": SQLite does not copy as it is expected to. SG_OK: *ret_code is SQLite's. */
SG_RC
sg_sqlite_copy(sqlite3 *db, const struct sg_db_backup_to *to, int *ret_code, struct sg_err *err);
void
sg_sqlite_copy_init(void);
