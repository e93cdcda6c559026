/* SPDX-License-Identifier: Apache-2.0 */

/*
 * db/backup.c - a copy of a database for who asks for it: a connection of its own on one state of
 * the database, which the driver reads; and when to give up for the sake of the writer
 */

#include "db/backup.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/buf.h"
#include "db/db_private.h"
#include "db/driver.h"
#include "db/sql.h"
#include "db/sqlite.h"
#include "db/writer.h"
#include "db/writer_private.h"

#define CACHE_KIB 1024u
#define LOG_GROWTH_MAX (256u << 20)
#define LOG_GROWTH_PART 2u	  /* of what is free: this part of it at most */
#define LOG_GROWTH_MIN (1u << 20) /* on a full disk there is the reserve, for revocations */

struct backup {
	struct sg_db *store;
	const struct sg_db_backup_to *to;
	const char *log;
	uint64_t log_max; /* bytes that the log may have */
	bool was_full;
};

/* Of a file; 0: it does not exist. */
static uint64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* The log is cut again only by a commit, and there is none when the disk is full: so it must never
 * be the log of a backup that fills it. */
static uint64_t
log_max(const char *log)
{
	struct statvfs fs;
	uint64_t growth = LOG_GROWTH_MAX;

	if (statvfs(log, &fs) == 0 && fs.f_blocks > 0) {
		uint64_t part = (uint64_t)fs.f_bavail * fs.f_frsize / LOG_GROWTH_PART;
		growth = part < growth ? part : growth;
		growth = growth > LOG_GROWTH_MIN ? growth : LOG_GROWTH_MIN;
	}
	return size_of(log) + growth;
}

static enum sg_code
begin(void *arg, uint64_t length, struct sg_err *err)
{
	const struct backup *b = arg;

	return b->to->begin(b->to->arg, length, err);
}

static enum sg_code
put(void *arg, struct sg_slice piece, struct sg_err *err)
{
	const struct backup *b = arg;

	if (atomic_load(&b->store->dead))
		return sg_db_dead(b->store, err);
	if (!b->was_full && atomic_load(&b->store->full))
		return sg_fail(err, SG_E_IO, "store.full",
		    "%s: the disk became full while a backup was read, which ends therefore",
		    b->store->path);
	if (size_of(b->log) > b->log_max)
		return sg_fail(err, SG_E_LIMIT, "store.backup.slow",
		    "%s: a backup ends because it was read too slowly: the log cannot grow further",
		    b->store->path);
	return b->to->put(b->to->arg, piece, err);
}

static enum sg_code
copy(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct sg_db_backup_to guarded = {.arg = arg, .begin = begin, .put = put};

	return db->drv->copy(db->conn, &guarded, err);
}

static enum sg_code
run(struct backup *b, struct sg_err *err)
{
	/* Not a connection of the pool: others wait for those. */
	const struct sg_sql_open how = {.path = b->store->path, .cache_kib = CACHE_KIB};
	struct sg_sql db = {.store = b->store};
	sg_buf_scoped log = {0};

	sg_buf_puts(&log, b->store->path);
	sg_buf_puts(&log, "-wal");
	enum sg_code rc = sg_buf_check(&log, err);
	if (rc == SG_OK)
		rc = sg_sql_connect(&db, b->store->drv, &how, err);
	if (rc != SG_OK)
		return rc;
	b->log = sg_buf_text(&log);
	b->log_max = log_max(b->log);
	rc = sg_sql_snapshot(&db, copy, b, err);
	sg_sql_disconnect(&db);
	return rc;
}

SG_RC
sg_db_backup(struct sg_db *store, const struct sg_db_backup_to *to, struct sg_err *err)
{
	struct backup b = {.store = store, .to = to};

	if (atomic_load(&store->dead))
		return sg_db_dead(store, err);
	if (atomic_exchange(&store->backup, true))
		return sg_fail(err, SG_E_BUSY, "store.backup",
		    "%s: a backup is being made already; wait until it is done", store->path);
	sg_db_settle(store);
	b.was_full = atomic_load(&store->full);
	enum sg_code rc = run(&b, err);
	atomic_store(&store->backup, false);
	return rc;
}

static enum sg_code
check(struct sg_sql *db, const char *path, const struct sg_db_schema *schema, struct sg_err *err)
{
	int mark = 0, version = 0;
	bool row = false;

	enum sg_code rc = db->drv->schema(db->conn, &mark, &version, err);
	if (rc != SG_OK)
		return rc;
	if (mark != (schema->mark | SG_DB_MARK_BACKUP))
		return sg_fail(err, SG_E_CONF, "store.kind",
		    "%s: this is not a backup of the %s database", path, schema->name);
	if (version > sg_db_schema_version(schema))
		return sg_fail(err, SG_E_CONF, "store.newer",
		    "%s: schema version %d was written by a newer signet", path, version);
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT quick_check FROM pragma_quick_check(1)");
	rc = sg_query_next(&q, &row, err);
	if (rc == SG_OK && !(row && sg_slice_is(sg_query_col(&q, 0), "ok")))
		return sg_fail(err, SG_E_INTERNAL, "store.corrupt",
		    "%s: damaged, and so is what it was made of: run signet fsck", path);
	return rc;
}

SG_RC
sg_db_backup_check(const char *path, const struct sg_db_schema *schema, struct sg_err *err)
{
	const struct sg_sql_open how = {.path = path, .cache_kib = CACHE_KIB};
	struct sg_sql db = {0};

	enum sg_code rc = sg_sql_connect(&db, sg_sqlite_driver(), &how, err);
	if (rc != SG_OK)
		return rc;
	rc = check(&db, path, schema, err);
	sg_sql_disconnect(&db);
	return rc;
}
