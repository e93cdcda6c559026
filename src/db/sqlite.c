/* SPDX-License-Identifier: Apache-2.0 */

/*
 * db/sqlite.c - the SQLite driver: WAL, synchronous=FULL, one connection per thread
 *
 * Security: statements are ours, data is bound; the connection is in defensive mode, so
 * that a database file that was prepared cannot reach beyond its tables.
 */

#include "db/sqlite.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "db/sqlite_copy_private.h"
#include "db/sqlite_vfs_private.h"

/* Frames of the write-ahead log before they are moved into the database: when nobody
 * waits, and each that waits (a page each; a larger log only costs disk). */
#define TIDY_IDLE_FRAMES 1000
#define TIDY_FRAMES 4000
#define PAGE_SIZE "2048"       /* of new files: rows are small, and a commit writes whole pages */
#define BUSY_MS 10000	       /* another connection's recovery or checkpoint */
#define APP_ID_BASE 0x53474e00 /* "SGN" and the kind */

struct conn {
	sqlite3 *db;
	char *path;
	int frames;	 /* in the log after the last commit */
	bool committing; /* a failure may come after the commit is on the disk */
	bool sync_failed;
	sqlite3_stmt *control[SG_SQL_ROLLBACK + 1];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
init_library(void)
{
	/* Without statistics there is no lock around every allocation. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_initialize();
	sg_sqlite_vfs_init();
	sg_sqlite_copy_init();
}

/*
 * Is nothing recorded because there was no space? A commit's log says so itself (vfs.c):
 * SQLITE_FULL. Elsewhere it is a write, or a file that could not be made or extended. Never a
 * synchronisation: after one that failed nobody knows what is on the disk, whatever the cause.
 */
static bool
is_full(const struct conn *c, int code, int os)
{
	if ((code & 0xff) == SQLITE_FULL)
		return true;
	if (c->committing || (os != ENOSPC && os != EDQUOT && os != EFBIG))
		return false;
	return code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE ||
	       code == SQLITE_IOERR_SHMOPEN || (code & 0xff) == SQLITE_CANTOPEN;
}

/* What a code of SQLite means for us, and what the operator can do about it. */
static enum sg_code
fail(struct conn *c, int code, const char *what, struct sg_err *err)
{
	/* What SQLite remembers of the system's error, or, since it forgets that of a write
	 * inside COMMIT, what the failed call left (cleared before each step). */
	int os = errno;
	const char *path = c->path;
	const char *why = sqlite3_errstr(code);
	if (c->db != NULL && sqlite3_extended_errcode(c->db) == code)
		why = sqlite3_errmsg(c->db);
	if (c->db != NULL && sqlite3_system_errno(c->db) != 0)
		os = sqlite3_system_errno(c->db);
	const char *os_text = os != 0 ? strerrordesc_np(os) : NULL;
	if (os_text == NULL)
		os_text = "no system error";
	c->sync_failed |= code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
	if (is_full(c, code, os))
		return sg_fail(err, SG_E_IO, "store.full",
		    "%s: no space left for the database: free some or move it; nothing was "
		    "recorded (%s)",
		    path, what);
	switch (code) {
	case SQLITE_NOMEM:
	case SQLITE_IOERR_NOMEM:
		return sg_fail(
		    err, SG_E_NOMEM, "store.memory", "%s: out of memory (%s)", path, what);
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return sg_fail(err, SG_E_CONFLICT, "store.unique", "%s: %s", path, why);
	default:
		break;
	}
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return sg_fail(err, SG_E_BUSY, "store.busy",
		    "%s: another program holds the database; stop it (%s)", path, what);
	case SQLITE_IOERR:
		return sg_fail(err, SG_E_IO, "store.io",
		    "%s: %s (%s, %s): look at the disk and the kernel's log", path, why, os_text,
		    what);
	case SQLITE_READONLY:
		return sg_fail(err, SG_E_IO, "store.io",
		    "%s: cannot be written (%s, %s): check the mount and the owner", path, why,
		    what);
	case SQLITE_CANTOPEN:
		return sg_fail(err, SG_E_IO, "store.io",
		    "%s: cannot be opened (%s, %s): check that the folder exists and is ours", path,
		    os_text, what);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return sg_fail(err, SG_E_INTERNAL, "store.corrupt",
		    "%s: damaged (%s, %s): stop, run signet fsck, restore a backup", path, why,
		    what);
	default:
		return sg_fail(
		    err, SG_E_INTERNAL, "store.sql", "%s: %s (%s, code %d)", path, why, what, code);
	}
}

static enum sg_code
script(struct conn *c, const char *sql, const char *what, struct sg_err *err)
{
	errno = 0;
	int code = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? SG_OK : fail(c, sqlite3_extended_errcode(c->db), what, err);
}

static int
on_commit(void *arg, sqlite3 *db, const char *name, int frames)
{
	(void)db;
	(void)name;
	((struct conn *)arg)->frames = frames;
	return SQLITE_OK;
}

static void
do_close(void *conn)
{
	struct conn *c = conn;
	if (c == NULL)
		return;
	for (size_t i = 0; i < sizeof(c->control) / sizeof(c->control[0]); i++)
		sqlite3_finalize(c->control[i]);
	sqlite3_close_v2(c->db);
	sg_free(c->path);
	sg_free(c);
}

/* One integer that a PRAGMA answers with. */
static enum sg_code
pragma_int(struct conn *c, const char *sql, int *ret, struct sg_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(c->db, sql, -1, &stmt, NULL);
	if (code == SQLITE_OK) {
		code = sqlite3_step(stmt);
		if (code == SQLITE_ROW)
			*ret = sqlite3_column_int(stmt, 0);
	}
	enum sg_code rc = SG_OK;
	if (code != SQLITE_ROW)
		rc = fail(c, code == SQLITE_DONE ? SQLITE_ERROR : sqlite3_extended_errcode(c->db),
		    sql, err);
	sqlite3_finalize(stmt);
	return rc;
}

/* WAL, or a clear word about file systems that cannot do it. */
static enum sg_code
set_wal(struct conn *c, struct sg_err *err)
{
	sqlite3_stmt *stmt = NULL;
	errno = 0;
	int code = sqlite3_prepare_v2(c->db, "PRAGMA journal_mode=WAL", -1, &stmt, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	const unsigned char *mode = code == SQLITE_ROW ? sqlite3_column_text(stmt, 0) : NULL;
	bool wal = mode != NULL && strcmp((const char *)mode, "wal") == 0;
	enum sg_code rc = SG_OK;
	if (code != SQLITE_ROW)
		rc = fail(c, sqlite3_extended_errcode(c->db), "journal mode", err);
	else if (!wal)
		rc = sg_fail(err, SG_E_CONF, "store.path",
		    "%s: this file system cannot hold a write-ahead log; use a local disk",
		    c->path);
	sqlite3_finalize(stmt);
	return rc;
}

static enum sg_code
configure(struct conn *c, const struct sg_sql_open *how, struct sg_err *err)
{
	char sql[256];
	sqlite3_busy_timeout(c->db, BUSY_MS);
	sqlite3_extended_result_codes(c->db, 1);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	enum sg_code rc = SG_OK;
	if (how->writer)
		rc = script(c, "PRAGMA page_size=" PAGE_SIZE, "page size", err);
	if (rc == SG_OK && how->writer)
		rc = set_wal(c, err);
	if (rc != SG_OK)
		return rc;
	snprintf(sql, sizeof(sql),
	    "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY;"
	    "PRAGMA cache_size=-%u; PRAGMA query_only=%d; PRAGMA journal_size_limit=67108864",
	    how->cache_kib, how->writer ? 0 : 1);
	rc = script(c, sql, "settings", err);
	int synchronous = 0;
	if (rc == SG_OK)
		rc = pragma_int(c, "PRAGMA synchronous", &synchronous, err);
	if (rc == SG_OK && synchronous != 2) /* vfs.c writes when SQLite synchronises */
		rc = sg_fail(err, SG_E_INTERNAL, "store.sql",
		    "%s: this SQLite does not synchronise commits (%d)", c->path, synchronous);
	if (how->writer)
		sqlite3_wal_hook(c->db, on_commit, c);
	return rc;
}

static enum sg_code
do_open(const struct sg_sql_open *how, void **ret_conn, struct sg_err *err)
{
	pthread_once(&once, init_library);
	struct conn *c = sg_alloc(sizeof(*c));
	char *path = c != NULL ? sg_memdup(how->path, strlen(how->path)) : NULL;
	if (path == NULL) {
		sg_free(c);
		return sg_fail(err, SG_E_NOMEM, "store.memory", "%s: out of memory", how->path);
	}
	c->path = path;
	int code = sqlite3_open_v2(path, &c->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
	    how->writer ? SG_SQLITE_VFS : NULL);
	enum sg_code rc = code == SQLITE_OK ? configure(c, how, err) : fail(c, code, "open", err);
	if (rc != SG_OK) {
		do_close(c);
		return rc;
	}
	*ret_conn = c;
	return SG_OK;
}

/* Ask or tell the log's file layer. */
static int
log_control(struct conn *c, int op)
{
	sqlite3_file *log = NULL;
	int ret = 0;

	if (sqlite3_file_control(c->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
	    log != NULL && log->pMethods != NULL)
		sg_ignore(log->pMethods->xFileControl(log, op, &ret));
	return ret;
}

static enum sg_code
do_control(void *conn, enum sg_sql_control what, struct sg_err *err)
{
	static const char *const text[] = {[SG_SQL_BEGIN] = "BEGIN IMMEDIATE",
	    [SG_SQL_BEGIN_READ] = "BEGIN",
	    [SG_SQL_COMMIT] = "COMMIT",
	    [SG_SQL_ROLLBACK] = "ROLLBACK"};
	struct conn *c = conn;
	if (what == SG_SQL_ROLLBACK)
		sg_ignore(log_control(c, SG_SQLITE_VFS_DROP));
	if (what == SG_SQL_ROLLBACK && c->sync_failed)
		return sg_fail(err, SG_E_IO, "store.io",
		    "%s: a synchronisation failed; what is on the disk is unknown", c->path);
	if (what == SG_SQL_ROLLBACK && sqlite3_get_autocommit(c->db) != 0)
		return SG_OK; /* a failed statement has done it */
	if (c->control[what] == NULL &&
	    sqlite3_prepare_v3(c->db, text[what], -1, SQLITE_PREPARE_PERSISTENT, &c->control[what],
		NULL) != SQLITE_OK)
		return fail(c, sqlite3_extended_errcode(c->db), text[what], err);
	c->committing = what == SG_SQL_COMMIT;
	if (c->committing)
		sg_ignore(log_control(c, SG_SQLITE_VFS_SYNCED)); /* not what was before */
	errno = 0;
	int code = sqlite3_step(c->control[what]);
	enum sg_code rc = SG_OK;
	if (code != SQLITE_DONE)
		rc = fail(c, sqlite3_extended_errcode(c->db), text[what], err);
	if (rc != SG_OK && c->committing && log_control(c, SG_SQLITE_VFS_SYNCED) != 0)
		rc = sg_fail(err, SG_E_IO, "store.io",
		    "%s: a commit failed after it was written (%s): whether it counts is known "
		    "when the database is read again",
		    c->path, sqlite3_errmsg(c->db));
	/* Who opens the database next is to find the log as it is now. */
	if (rc == SG_E_IO && c->committing && !is_full(c, code, 0))
		sqlite3_db_config(c->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	c->committing = false;
	sqlite3_reset(c->control[what]);
	return rc;
}

static bool
do_in_transaction(void *conn)
{
	return sqlite3_get_autocommit(((struct conn *)conn)->db) == 0;
}

static int64_t
do_changes(void *conn)
{
	return sqlite3_total_changes64(((struct conn *)conn)->db);
}

static int64_t
do_last_id(void *conn)
{
	return sqlite3_last_insert_rowid(((struct conn *)conn)->db);
}

static enum sg_code
do_tidy(void *conn, bool idle, struct sg_err *err)
{
	struct conn *c = conn;
	if (c->frames < (idle ? TIDY_IDLE_FRAMES : TIDY_FRAMES))
		return SG_OK;
	errno = 0;
	int code = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	c->frames = 0; /* counted anew by the next commit */
	if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY)
		return SG_OK;
	struct sg_err why;
	enum sg_code rc = fail(c, sqlite3_extended_errcode(c->db), "checkpoint", &why);
	if (rc == SG_E_NOMEM)
		return SG_OK; /* the log stays as it is; the next one copies it all again */
	if (err != NULL)
		*err = why;
	return rc;
}

static enum sg_code
do_schema(void *conn, int *ret_kind, int *ret_version, struct sg_err *err)
{
	struct conn *c = conn;
	int app = 0, version = 0, tables = 0;
	enum sg_code rc = pragma_int(c, "PRAGMA application_id", &app, err);
	if (rc == SG_OK)
		rc = pragma_int(c, "PRAGMA user_version", &version, err);
	if (rc == SG_OK)
		rc = pragma_int(c, "SELECT count(*) FROM sqlite_schema", &tables, err);
	if (rc != SG_OK)
		return rc;
	*ret_kind = app == 0 && tables == 0 ? 0 : -1;
	if (app > APP_ID_BASE && app < APP_ID_BASE + 256)
		*ret_kind = app - APP_ID_BASE;
	*ret_version = version;
	return SG_OK;
}

static enum sg_code
do_migrate(void *conn, const char *sql, int kind, int version, struct sg_err *err)
{
	struct conn *c = conn;
	char mark[128];
	snprintf(mark, sizeof(mark), "PRAGMA application_id=%d; PRAGMA user_version=%d",
	    APP_ID_BASE + kind, version);
	enum sg_code rc = do_control(c, SG_SQL_BEGIN, err);
	if (rc != SG_OK)
		return rc;
	rc = script(c, sql, "migration", err);
	if (rc == SG_OK)
		rc = script(c, mark, "migration", err);
	if (rc == SG_OK)
		rc = do_control(c, SG_SQL_COMMIT, err);
	if (rc != SG_OK)
		sg_ignore(do_control(c, SG_SQL_ROLLBACK, NULL)); /* the first error counts */
	return rc;
}

static enum sg_code
do_prepare(void *conn, const char *sql, void **ret_stmt, struct sg_err *err)
{
	struct conn *c = conn;
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
	if (code != SQLITE_OK)
		return fail(c, sqlite3_extended_errcode(c->db), "prepare", err);
	*ret_stmt = stmt;
	return SG_OK;
}

static void
do_finalize(void *stmt)
{
	sqlite3_finalize(stmt);
}

static enum sg_code
bind_code(int code)
{
	if (code == SQLITE_OK)
		return SG_OK;
	return code == SQLITE_NOMEM ? SG_E_NOMEM : SG_E_INTERNAL;
}

static enum sg_code
do_bind_int(void *stmt, int at, int64_t v)
{
	return bind_code(sqlite3_bind_int64(stmt, at, v));
}

static enum sg_code
do_bind_bytes(void *stmt, int at, struct sg_slice v, bool text)
{
	/* A NULL pointer would bind NULL; empty is not NULL here. */
	const void *p = v.len > 0 ? (const void *)v.p : "";
	if (text)
		return bind_code(sqlite3_bind_text64(
		    stmt, at, p, (sqlite3_uint64)v.len, SQLITE_STATIC, SQLITE_UTF8));
	return bind_code(sqlite3_bind_blob64(stmt, at, p, (sqlite3_uint64)v.len, SQLITE_STATIC));
}

static enum sg_code
do_bind_null(void *stmt, int at)
{
	return bind_code(sqlite3_bind_null(stmt, at));
}

static enum sg_code
do_step(void *conn, void *stmt, bool *ret_row, struct sg_err *err)
{
	errno = 0;
	int code = sqlite3_step(stmt);
	if (code == SQLITE_ROW || code == SQLITE_DONE) {
		*ret_row = code == SQLITE_ROW;
		return SG_OK;
	}
	struct conn *c = conn;
	return fail(c, sqlite3_extended_errcode(c->db), sqlite3_sql(stmt), err);
}

static void
do_reset(void *stmt)
{
	sqlite3_reset(stmt);
}

static int64_t
do_col_int(void *stmt, int at)
{
	return sqlite3_column_int64(stmt, at);
}

static enum sg_code
do_col_bytes(void *stmt, int at, struct sg_slice *ret)
{
	const void *p = sqlite3_column_blob(stmt, at);
	/* NULL is an empty value, or a value that spans pages and found no memory. */
	if (p == NULL && sqlite3_errcode(sqlite3_db_handle(stmt)) == SQLITE_NOMEM)
		return SG_E_NOMEM;
	int len = sqlite3_column_bytes(stmt, at);
	*ret = p == NULL || len <= 0 ? sg_slice("", 0) : sg_slice(p, (size_t)len);
	return SG_OK;
}

static enum sg_code
do_copy(void *conn, const struct sg_db_backup_to *to, struct sg_err *err)
{
	struct conn *c = conn;
	int code = SQLITE_OK;
	errno = 0;
	enum sg_code rc = sg_sqlite_copy(c->db, to, &code, err);
	return rc != SG_OK || code == SQLITE_OK ? rc : fail(c, code, "backup", err);
}

const struct sg_sql_driver *
sg_sqlite_driver(void)
{
	static const struct sg_sql_driver driver = {
	    .name = "sqlite",
	    .open = do_open,
	    .close = do_close,
	    .control = do_control,
	    .in_transaction = do_in_transaction,
	    .changes = do_changes,
	    .last_id = do_last_id,
	    .tidy = do_tidy,
	    .schema = do_schema,
	    .migrate = do_migrate,
	    .prepare = do_prepare,
	    .finalize = do_finalize,
	    .bind_int = do_bind_int,
	    .bind_bytes = do_bind_bytes,
	    .bind_null = do_bind_null,
	    .step = do_step,
	    .reset = do_reset,
	    .copy = do_copy,
	    .col_int = do_col_int,
	    .col_bytes = do_col_bytes,
	};
	return &driver;
}
