/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/sqlite_vfs_private.h - the file layer of SQLite's writer, private to src/db
 */

#define SG_SQLITE_VFS "signet"
void
sg_sqlite_vfs_init(void);
/* A file control of its log: *(int *)arg becomes 1 when pages have been synchronised since it was
 * asked before. */
#define SG_SQLITE_VFS_SYNCED 0x534701
/* And one that drops what it has not written yet: the transaction was undone. */
#define SG_SQLITE_VFS_DROP 0x534702
