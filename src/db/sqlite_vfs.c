/* SPDX-License-Identifier: Apache-2.0 */

/*
 * db/sqlite_vfs.c - SQLite's file layer for the writer: one write per commit
 *
 * SQLite appends to its write-ahead log in two calls per page. Here they are gathered and
 * written when SQLite wants them on the disk, which with synchronous=FULL is at the end of
 * every commit and before any other connection is told of them. Only the log is treated so;
 * every other file is the operating system's own.
 *
 * What is gathered belongs to the transaction that runs: earlier ones were synchronised. When
 * the transaction is undone, it is dropped.
 *
 * This needs powersafe overwrite: bytes beside those that are being written survive when power
 * fails meanwhile. SQLite takes that for granted of every disk since version 3.7.10, and a commit
 * then ends with its synchronisation. Told that it does not hold (built with
 * SQLITE_POWERSAFE_OVERWRITE=0, or by another file layer below), it fills the last sector with
 * copies of the last page, synchronises in the middle of the last copy, and writes the rest of it
 * after that: gathered, that rest would be missing where other connections read. So the database
 * file is asked what it promises, the answer is given to SQLite unchanged, and where the promise
 * is not there nothing is gathered.
 *
 * A write of gathered pages that finds no space may have written some of them. They are cut off,
 * and that is synchronised, before "full" is said: so nothing of the transaction can come back
 * after a crash. Where this fails, or nothing is gathered and SQLite's copies may lie before the
 * one that failed, it is an I/O error, after which the process ends and reads the disk again.
 */

#include "db/sqlite_vfs_private.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

#define GATHER_MAX (128u * 1024u) /* longer transactions are written in pieces */
#define HEADER_LEN 32		  /* of the log; pages follow */

/* The log as SQLite sees it; the system's own file lies behind it. */
struct log {
	sqlite3_file file; /* first: what SQLite gives us */
	sqlite3_file *real;
	uint8_t *data; /* NULL: nothing is gathered */
	size_t len;
	sqlite3_int64 at; /* where data belongs */
	bool pages;	  /* some were written since the last synchronisation */
	bool synced;	  /* some were synchronised */
};

static struct log *
log_of(sqlite3_file *file)
{
	return (struct log *)file;
}

/* Nothing of what could not be written stays. */
static int
cut_off(struct log *l, int rc, sqlite3_int64 at)
{
	const struct sqlite3_io_methods *m = l->real->pMethods;
	int why = errno;

	if (rc != SQLITE_FULL && why != ENOSPC && why != EDQUOT && why != EFBIG)
		return rc;
	rc = SQLITE_IOERR_WRITE;
	if (l->data != NULL && m->xTruncate(l->real, at) == SQLITE_OK &&
	    m->xSync(l->real, SQLITE_SYNC_NORMAL) == SQLITE_OK)
		rc = SQLITE_FULL;
	errno = why;
	return rc;
}

static int
put(struct log *l, const void *data, size_t len, sqlite3_int64 at)
{
	int rc = l->real->pMethods->xWrite(l->real, data, (int)len, at);

	l->pages |= at + (sqlite3_int64)len > HEADER_LEN;
	return rc == SQLITE_OK ? rc : cut_off(l, rc, at);
}

static int
flush(struct log *l)
{
	size_t len = l->len;

	l->len = 0;
	return len == 0 ? SQLITE_OK : put(l, l->data, len, l->at);
}

/* What is gathered now was never committed. */
static int
log_close(sqlite3_file *file)
{
	struct log *l = log_of(file);
	int rc = l->real->pMethods->xClose(l->real);

	sg_free(l->data);
	l->data = NULL;
	return rc;
}

static int
log_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	struct log *l = log_of(file);
	size_t n = (size_t)len;
	int rc = SQLITE_OK;

	if (l->len > 0 && (at != l->at + (sqlite3_int64)l->len || l->len + n > GATHER_MAX))
		rc = flush(l);
	if (rc != SQLITE_OK)
		return rc;
	if (l->data == NULL || n > GATHER_MAX)
		return put(l, data, n, at);
	if (l->len == 0)
		l->at = at;
	memcpy(l->data + l->len, data, n); /* UNSAFE: fits, by the two conditions above */
	l->len += n;
	return SQLITE_OK;
}

/* A page that did not fit into the cache may be wanted again before its commit. */
static int
log_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	struct log *l = log_of(file);
	sqlite3_int64 end = l->at + (sqlite3_int64)l->len;

	if (l->len > 0 && at >= l->at && at + len <= end) {
		memcpy(out, l->data + (at - l->at), (size_t)len); /* UNSAFE: inside, see above */
		return SQLITE_OK;
	}
	int rc = l->len > 0 && at < end && at + len > l->at ? flush(l) : SQLITE_OK;
	return rc == SQLITE_OK ? l->real->pMethods->xRead(l->real, out, len, at) : rc;
}

static int
log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct log *l = log_of(file);
	int rc = flush(l);
	return rc == SQLITE_OK ? l->real->pMethods->xTruncate(l->real, size) : rc;
}

static int
log_sync(sqlite3_file *file, int flags)
{
	struct log *l = log_of(file);
	int rc = flush(l);
	if (rc == SQLITE_OK)
		rc = l->real->pMethods->xSync(l->real, flags);
	if (rc != SQLITE_OK)
		return rc;
	l->synced |= l->pages;
	l->pages = false;
	return rc;
}

static int
log_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	struct log *l = log_of(file);
	int rc = flush(l);
	return rc == SQLITE_OK ? l->real->pMethods->xFileSize(l->real, ret) : rc;
}

static int
log_lock(sqlite3_file *file, int level)
{
	struct log *l = log_of(file);
	return l->real->pMethods->xLock(l->real, level);
}

static int
log_unlock(sqlite3_file *file, int level)
{
	struct log *l = log_of(file);
	return l->real->pMethods->xUnlock(l->real, level);
}

static int
log_check_lock(sqlite3_file *file, int *ret)
{
	struct log *l = log_of(file);
	return l->real->pMethods->xCheckReservedLock(l->real, ret);
}

static int
log_control(sqlite3_file *file, int op, void *arg)
{
	struct log *l = log_of(file);

	if (op == SG_SQLITE_VFS_SYNCED) {
		*(int *)arg = l->synced ? 1 : 0;
		l->synced = false;
		return SQLITE_OK;
	}
	if (op == SG_SQLITE_VFS_DROP) {
		l->len = 0;
		return SQLITE_OK;
	}
	return l->real->pMethods->xFileControl(l->real, op, arg);
}

static int
log_sector(sqlite3_file *file)
{
	struct log *l = log_of(file);
	return l->real->pMethods->xSectorSize(l->real);
}

static int
log_device(sqlite3_file *file)
{
	struct log *l = log_of(file);
	return l->real->pMethods->xDeviceCharacteristics(l->real);
}

static const struct sqlite3_io_methods log_methods = {
    .iVersion = 1,
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_check_lock,
    .xFileControl = log_control,
    .xSectorSize = log_sector,
    .xDeviceCharacteristics = log_device,
};

static sqlite3_vfs vfs, *system_vfs;

/* Does the database of this log promise powersafe overwrite? */
static bool
is_powersafe(sqlite3_filename log)
{
	sqlite3_file *db = sqlite3_database_file_object(log);

	return db != NULL && db->pMethods != NULL &&
	       (db->pMethods->xDeviceCharacteristics(db) & SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0;
}

static int
open_file(sqlite3_vfs *self, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
	struct log *l = log_of(file);

	(void)self;
	if ((flags & SQLITE_OPEN_WAL) == 0)
		return system_vfs->xOpen(system_vfs, name, file, flags, ret_flags);
	*l = (struct log){.real = (sqlite3_file *)(l + 1)};
	if (is_powersafe(name) && (l->data = sg_alloc(GATHER_MAX)) == NULL)
		return SQLITE_NOMEM;
	int rc = system_vfs->xOpen(system_vfs, name, l->real, flags, ret_flags);
	if (rc == SQLITE_OK) {
		l->file.pMethods = &log_methods;
		return rc;
	}
	if (l->real->pMethods != NULL)
		l->real->pMethods->xClose(l->real);
	sg_free(l->data);
	return rc;
}

void
sg_sqlite_vfs_init(void)
{
	system_vfs = sqlite3_vfs_find(NULL);
	if (system_vfs == NULL)
		return; /* opening will say so */
	vfs = *system_vfs;
	vfs.pNext = NULL;
	vfs.zName = SG_SQLITE_VFS;
	vfs.szOsFile += (int)sizeof(struct log);
	vfs.xOpen = open_file;
	sqlite3_vfs_register(&vfs, 0);
}
