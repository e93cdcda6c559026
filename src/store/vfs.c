/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/vfs.c - SQLite's file layer for the writer: one write per commit
 *
 * SQLite appends to its write-ahead log in two calls per page. Here they are gathered and
 * written when SQLite wants them on the disk, which with synchronous=FULL is at the end of
 * every commit and before any other connection is told of them. Only the log is treated so;
 * every other file is the operating system's own.
 *
 * What is gathered belongs to the transaction that runs: earlier ones were synchronised. When
 * writing fails, the call that fails is a write or a synchronisation, after which SQLite rolls
 * the transaction back; so nothing of it is kept.
 */

#include "store/sql.h"

#include <sqlite3.h>
#include <string.h>

#include "base/alloc.h"

#define GATHER_MAX (128u * 1024u) /* longer transactions are written in pieces */

/* The log as SQLite sees it; the system's own file lies behind it. */
struct log {
	sqlite3_file file; /* first: what SQLite gives us */
	sqlite3_file *real;
	uint8_t *data;
	size_t len;
	sqlite3_int64 at; /* where data belongs */
};

static struct log *
log_of(sqlite3_file *file)
{
	return (struct log *)file;
}

static int
flush(struct log *l)
{
	size_t len = l->len;

	l->len = 0;
	return len == 0 ? SQLITE_OK : l->real->pMethods->xWrite(l->real, l->data, (int)len, l->at);
}

static int
log_close(sqlite3_file *file)
{
	struct log *l = log_of(file);
	int rc = flush(l);
	int closed = l->real->pMethods->xClose(l->real);

	sg_free(l->data);
	l->data = NULL;
	return rc != SQLITE_OK ? rc : closed;
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
	if (n > GATHER_MAX)
		return l->real->pMethods->xWrite(l->real, data, len, at);
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
	return rc == SQLITE_OK ? l->real->pMethods->xSync(l->real, flags) : rc;
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

static int
open_file(sqlite3_vfs *self, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
	struct log *l = log_of(file);

	(void)self;
	if ((flags & SQLITE_OPEN_WAL) == 0)
		return system_vfs->xOpen(system_vfs, name, file, flags, ret_flags);
	*l = (struct log){.real = (sqlite3_file *)(l + 1)};
	l->data = sg_alloc(GATHER_MAX);
	if (l->data == NULL)
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
