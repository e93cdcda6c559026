/* SPDX-License-Identifier: Apache-2.0 */

/*
 * db/db.c - opens a database for its role: the lock, the schema, the reserve, the connections
 */

#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "db/db_private.h"
#include "db/driver.h"
#include "db/room.h"
#include "db/sqlite.h"
#include "db/writer_private.h"

#define READERS_DEFAULT 4u
#define READER_CACHE_KIB 1024u
#define WRITER_CACHE_KIB 8192u
#define WRITER_NICE 19 /* this is what makes it gather under load */

SG_RC
sg_db_check(bool ok, const char *what, struct sg_err *err)
{
	if (ok)
		return SG_OK;
	return sg_fail(err, SG_E_INTERNAL, "store.argument", "a verb was called with %s", what);
}

/* A lock that root makes (signet fsck of a restored database) stays open to the role. */
static void
give_lock(int fd, const char *path)
{
	struct stat st;

	if (geteuid() == 0 && stat(path, &st) == 0)
		sg_ignore(fchown(fd, st.st_uid, st.st_gid) != 0);
}

SG_RC
sg_db_lock(const char *path, int *ret_fd, struct sg_err *err)
{
	sg_buf_scoped name = {0};
	sg_buf_puts(&name, path);
	sg_buf_puts(&name, ".lock");
	enum sg_code rc = sg_buf_check(&name, err);
	if (rc != SG_OK)
		return rc;
	int fd = open(sg_buf_text(&name), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return sg_fail(err, SG_E_CONF, "store.path",
		    "%s.lock: cannot be created (%s): check that the folder exists and is ours",
		    path, strerror(errno));
	give_lock(fd, path);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int why = errno;
		close(fd);
		if (why != EWOULDBLOCK)
			return sg_fail(
			    err, SG_E_CONF, "store.path", "%s.lock: %s", path, strerror(why));
		return sg_fail(err, SG_E_BUSY, "store.locked",
		    "%s: another process has this database open; stop it first", path);
	}
	*ret_fd = fd;
	return SG_OK;
}

/* A process that was killed has its files open until a thread of it that waits for the disk ends,
 * although it is gone to everybody else. */
static enum sg_code
lock_in_time(struct sg_db *store, int wait_ms, struct sg_err *err)
{
	const struct timespec pause = {0, 20 * 1000 * 1000};
	int64_t until = sg_clock_mono_ms() + wait_ms;

	for (;;) {
		enum sg_code rc = sg_db_lock(store->path, &store->lock_fd, err);
		if (rc != SG_E_BUSY || sg_clock_mono_ms() >= until)
			return rc;
		nanosleep(&pause, NULL);
	}
}

/* Make the file if there is none; only its owner may be able to read it. */
static enum sg_code
prepare_file(const char *path, struct sg_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		return sg_fail(
		    err, SG_E_CONF, "store.path", "%s: cannot be opened (%s)", path, strerror(why));
	}
	close(fd);
	if (!S_ISREG(st.st_mode))
		return sg_fail(
		    err, SG_E_CONF, "store.path", "%s: is not a file; name another", path);
	if ((st.st_mode & 077) != 0)
		return sg_fail(err, SG_E_CONF, "store.mode",
		    "%s: mode %04o lets others at it; chmod 600 it", path, st.st_mode & 07777u);
	return SG_OK;
}

int
sg_db_schema_version(const struct sg_db_schema *schema)
{
	int version = 0;
	for (const struct sg_db_migration *m = schema->migrations; m->sql != NULL; m++)
		version = m->version;
	return version;
}

/* Refuse what is not ours or newer, apply what is missing. What a backup needs when it comes back
 * is of every version. */
static enum sg_code
migrate(struct sg_db *store, struct sg_err *err)
{
	struct sg_sql *db = &store->writer;
	const struct sg_db_schema *schema = store->schema;
	int mark = 0, version = 0;
	enum sg_code rc = db->drv->schema(db->conn, &mark, &version, err);
	if (rc != SG_OK)
		return rc;
	bool restored = mark == (schema->mark | SG_DB_MARK_BACKUP);
	if (mark != 0 && mark != schema->mark && !restored)
		return sg_fail(err, SG_E_CONF, "store.kind",
		    "%s: this is not the %s database; check the path", store->path, schema->name);
	int newest = sg_db_schema_version(schema);
	if (version > newest)
		return sg_fail(err, SG_E_CONF, "store.newer",
		    "%s: schema version %d was written by a newer signet, this one knows %d; "
		    "install the newer one again",
		    store->path, version, newest);
	if (restored)
		rc = db->drv->migrate(db->conn, schema->restored, schema->mark, version, err);
	if (rc != SG_OK)
		return rc;
	for (const struct sg_db_migration *m = schema->migrations; m->sql != NULL; m++) {
		if (m->version <= version)
			continue;
		rc = db->drv->migrate(db->conn, m->sql, schema->mark, m->version, err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

static enum sg_code
load_instance(struct sg_db *store, struct sg_err *err)
{
	if (store->schema->instance == NULL)
		return SG_OK;
	bool row = false;
	sg_query_scoped q;
	sg_query_begin_once(&q, &store->writer, store->schema->instance);
	enum sg_code rc = sg_query_next(&q, &row, err);
	if (rc != SG_OK)
		return rc;
	if (!row || sg_query_col(&q, 0).len != sizeof(store->instance))
		return sg_fail(err, SG_E_INTERNAL, "store.corrupt",
		    "%s: the instance id is missing; restore a backup", store->path);
	sg_query_col_fixed(&q, 0, store->instance, sizeof(store->instance));
	store->instance_until = sg_query_col_int(&q, 1);
	return sg_query_check(&q, err);
}

static enum sg_code
open_readers(struct sg_db *store, struct sg_err *err)
{
	struct sg_sql_open how = {.path = store->path, .cache_kib = READER_CACHE_KIB};
	for (unsigned i = 0; i < store->n_readers; i++) {
		store->readers[i].store = store;
		enum sg_code rc = sg_sql_connect(&store->readers[i], store->drv, &how, err);
		if (rc != SG_OK)
			return rc;
		store->free_readers[store->n_free++] = &store->readers[i];
	}
	return SG_OK;
}

/* Without all of the reserve only revocations are recorded, and so it goes on after a restart. */
static enum sg_code
make_room(struct sg_db *store, uint64_t want, struct sg_err *err)
{
	struct sg_err why = {.rule = ""};
	enum sg_code rc = sg_room_open(&store->room, store->path, want, err);

	if (rc == SG_OK && !sg_room_is_whole(&store->room) &&
	    sg_room_fill(&store->room, &why) != SG_OK)
		sg_db_begin_full(store, why.text);
	return rc;
}

/* SQLite makes files beside the database, for which the disk may have no room but that which is
 * kept. */
static enum sg_code
connect_writer(struct sg_db *store, const struct sg_sql_open *how, struct sg_err *err)
{
	struct sg_err why = {.rule = ""};

	for (;;) {
		enum sg_code rc = sg_sql_connect(&store->writer, store->drv, how, &why);
		if (rc == SG_OK)
			rc = migrate(store, &why);
		if (rc == SG_OK)
			return rc;
		bool full = sg_slice_is(sg_slice_str(why.rule), "store.full");
		if (full && store->room.want > 0)
			sg_db_begin_full(store, why.text);
		if (!full || !sg_room_give(&store->room, 1)) {
			if (err != NULL)
				*err = why;
			return rc;
		}
		sg_sql_disconnect(&store->writer);
	}
}

static enum sg_code
open_all(struct sg_db *store, const struct sg_db_conf *conf, struct sg_err *err)
{
	enum sg_code rc = prepare_file(store->path, err);
	if (rc == SG_OK)
		rc = lock_in_time(store, conf->lock_ms, err);
	if (rc == SG_OK)
		rc = make_room(store, conf->reserve, err);
	if (rc != SG_OK)
		return rc;
	struct sg_sql_open how = {
	    .path = store->path,
	    .writer = true,
	    .cache_kib = conf->cache_kib != 0 ? conf->cache_kib : WRITER_CACHE_KIB,
	};
	store->writer.store = store;
	rc = connect_writer(store, &how, err);
	if (rc == SG_OK)
		rc = load_instance(store, err);
	if (rc == SG_OK)
		rc = open_readers(store, err);
	if (rc == SG_OK)
		rc = sg_db_writer_start(store, err);
	return rc;
}

SG_RC
sg_db_open(const struct sg_db_conf *conf, struct sg_db **ret_store, struct sg_err *err)
{
	if (conf->schema == NULL || conf->path == NULL || conf->readers > SG_DB_READERS_MAX)
		return sg_db_check(false, "no schema, no path or too many readers", err);
	sg_scoped(db) store = sg_alloc(sizeof(*store));
	if (store == NULL)
		return sg_fail(err, SG_E_NOMEM, "store.memory", "%s: out of memory", conf->path);
	store->lock_fd = -1;
	store->schema = conf->schema;
	store->writer_nice = conf->writer_nice != 0 ? conf->writer_nice : WRITER_NICE;
	store->drv = conf->driver != NULL ? conf->driver : sg_sqlite_driver();
	store->n_readers = conf->readers != 0 ? conf->readers : READERS_DEFAULT;
	pthread_mutex_init(&store->lock, NULL);
	pthread_mutex_init(&store->pool_lock, NULL);
	pthread_mutex_init(&store->room_lock, NULL);
	pthread_mutex_init(&store->room.lock, NULL);
	store->room.fd = -1;
	store->on_full = conf->on_full;
	store->on_full_arg = conf->on_full_arg;
	pthread_cond_init(&store->pool_wake, NULL);
	store->path = sg_memdup(conf->path, strlen(conf->path));
	store->readers = sg_calloc(store->n_readers, sizeof(*store->readers));
	store->free_readers = sg_calloc(store->n_readers, sizeof(struct sg_sql *));
	if (store->path == NULL || store->readers == NULL || store->free_readers == NULL)
		return sg_fail(err, SG_E_NOMEM, "store.memory", "%s: out of memory", conf->path);
	enum sg_code rc = open_all(store, conf, err);
	if (rc == SG_OK)
		*ret_store = sg_steal(store);
	return rc;
}

void
sg_db_free(struct sg_db **storep)
{
	struct sg_db *store = *storep;
	if (store == NULL)
		return;
	*storep = NULL;
	sg_db_writer_stop(store);
	for (unsigned i = 0; store->readers != NULL && i < store->n_readers; i++)
		sg_sql_disconnect(&store->readers[i]);
	sg_sql_disconnect(&store->writer);
	sg_room_close(&store->room);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	pthread_mutex_destroy(&store->lock);
	pthread_mutex_destroy(&store->pool_lock);
	pthread_mutex_destroy(&store->room_lock);
	pthread_mutex_destroy(&store->room.lock);
	pthread_cond_destroy(&store->pool_wake);
	sg_free(store->readers);
	sg_free(store->free_readers);
	sg_free(store->path);
	sg_free(store);
}

bool
sg_db_is_dead(struct sg_db *store)
{
	return atomic_load(&store->dead);
}

void
sg_db_get_stats(struct sg_db *store, struct sg_db_stats *ret)
{
	*ret = (struct sg_db_stats){
	    .commits = atomic_load(&store->n_commits),
	    .jobs = atomic_load(&store->n_jobs),
	    .batch_max = atomic_load(&store->n_batch_max),
	    .redone = atomic_load(&store->n_redone),
	};
}

void
sg_db_get_room(struct sg_db *store, struct sg_db_room *ret)
{
	pthread_mutex_lock(&store->room.lock);
	*ret = (struct sg_db_room){
	    .full = atomic_load(&store->full),
	    .reserve = store->room.want,
	    .reserve_left = store->room.have,
	};
	pthread_mutex_unlock(&store->room.lock);
}

bool
sg_db_give_room(struct sg_db *store, const char *folder, uint64_t bytes)
{
	uint64_t pieces = bytes / SG_ROOM_PIECE + 1;

	if (!sg_room_is_beside(&store->room, folder))
		return false;
	sg_db_begin_full(store, "a file beside the database found no space");
	return sg_room_give(&store->room, pieces);
}

/* The last connection is for fibers, of which one reads at a time: long lists of other threads
 * must not make a loop wait. */
static unsigned
kept_for_fibers(const struct sg_db *store)
{
	return !sg_loop_is_fiber() && store->n_readers > 1 ? 1 : 0;
}

SG_RC
sg_db_read(struct sg_db *store,
    enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err), void *arg,
    struct sg_err *err)
{
	if (atomic_load(&store->dead))
		return sg_db_dead(store, err);
	unsigned keep = kept_for_fibers(store);
	pthread_mutex_lock(&store->pool_lock);
	while (store->n_free <= keep)
		pthread_cond_wait(&store->pool_wake, &store->pool_lock);
	struct sg_sql *db = store->free_readers[--store->n_free];
	pthread_mutex_unlock(&store->pool_lock);
	enum sg_code rc = run(db, arg, err);
	pthread_mutex_lock(&store->pool_lock);
	store->free_readers[store->n_free++] = db;
	pthread_mutex_unlock(&store->pool_lock);
	pthread_cond_signal(&store->pool_wake);
	return rc;
}
