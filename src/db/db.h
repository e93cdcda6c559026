/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/db.h - opening a database, its grouped-commit writer, its errors
 *
 * A database belongs to one role; what it can be asked and told are the verbs of src/store, which
 * are made of sg_db_read (here) and of jobs (db/writer.h). A verb that changes something is a job:
 * the caller, a thread or a fiber, waits; the one writer thread runs every job that waits inside
 * one transaction, commits once (synchronous=FULL) and answers all. A verb has happened exactly
 * when it returned SG_OK; a job that fails undoes only itself. Verbs that only read use a small
 * pool of read connections and see everything that was answered before.
 *
 * A verb that ends in _later does not wait for its commit, which comes with that of the next
 * job or after SG_DB_LATE_MS; what became of it is told to a function.
 *
 * Errors:    every verb can fail with
 *              SG_E_NOMEM    "store.memory", "memory"
 *              SG_E_IO       "store.full" (no space: nothing was recorded, works again
 *                            by itself when there is space), "store.io" (the commit
 *                            failed: whether it is on disk is unknown, so the same verb is
 *                            to be repeated, never assumed undone), "store.dead" (an
 *                            earlier commit or fsync failed: an fsync is not retried, the
 *                            store answers nothing more; leave the process, be restarted)
 *              SG_E_BUSY     "store.closing"
 *              SG_E_INTERNAL "store.corrupt", "store.sql", "store.argument"
 *            Messages name the file and say what to do.
 * Disk full: a reserve beside the database keeps room for revocations. From the first write that
 *            finds no space on, only sg_cadb_revoke, sg_cadb_crl_publish, sg_cadb_crl_adopt and
 *            sg_cadb_audit run, on what the reserve gives up; every other verb is "store.full" at
 *            once. It ends when there was room to make the reserve whole again, for which the
 *            writer looks.
 * Sandbox:   the folder of the database must be writable (-wal and -shm come and go); beside
 *            ordinary file calls: fcntl locks, fdatasync, ftruncate, unlink, mmap of -shm,
 *            futex, setpriority, getrandom, statfs.
 * Security:  blobs and texts from peers are bound, never part of a statement. Files are
 *            created 0600; wider modes are refused.
 * Threads:   any thread may call any verb. The writer runs at nice 19 so that it gathers
 *            when the processor is busy; with one caller nothing waits for company. A
 *            fiber that reads keeps the others of its loop waiting for as long.
 *            sg_db_open starts the thread: after fork.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct sg_db;
struct sg_sql_driver;

struct sg_db_migration {
	int version;
	const char *sql;
};

/* What stands in a database: each of the product has one, which its verbs know. */
struct sg_db_schema {
	int mark; /* 1 to 127: it is in the file, so that no other one is taken for it */
	const char *name;
	const struct sg_db_migration *migrations; /* oldest first; the last has no text */
	/* A query of 16 bytes and a number that verbs want at hand; NULL: none. */
	const char *instance;
	/* Runs once when a backup (db/backup.h) is opened as the database. */
	const char *restored;
};
/* Added to the mark in the file of a backup, until it is opened as the database. */
#define SG_DB_MARK_BACKUP 0x80

struct sg_db_conf {
	const struct sg_db_schema *schema;
	const char *path;   /* the database file; -wal, -shm and .lock files go beside it */
	unsigned readers;   /* read connections, the last one for fibers alone; 0: 4 */
	unsigned cache_kib; /* page cache of the writer; 0: 8192 */
	int writer_nice;    /* of the writer's thread; 0: 19 */
	int lock_ms;	    /* how long to wait for a process that is ending; 0: not at all */
	uint64_t reserve;   /* bytes kept for when the disk is full (limits.h); 0: none */
	/* Told when that begins, with what was found, and when it ends: why NULL; by the thread
	 * that finds it. May be NULL. */
	void (*on_full)(void *arg, const char *why);
	void *on_full_arg;
	const struct sg_sql_driver *driver; /* NULL: SQLite */
};

/*
 * Open or create a database, bring its schema up to date, start the writer.
 *
 * SG_E_BUSY      "store.locked": another process has it open, still after lock_ms
 * SG_E_CONF      "store.path": cannot be opened or created; "store.mode": others may
 *                read it; "store.kind": it is another role's or not ours;
 *                "store.newer": written by a newer version; "store.reserve": something is
 *                in the place of the reserve, or it cannot be opened; "store.argument"
 */
SG_RC
sg_db_open(const struct sg_db_conf *conf, struct sg_db **ret_store, struct sg_err *err);

/* Answers what waits, stops the writer, closes. No verb may be running or follow. */
void
sg_db_free(struct sg_db **storep);

/* True after "store.dead": the role stops and lets itself be restarted. */
bool
sg_db_is_dead(struct sg_db *store);

/* Since open: commits that wrote, jobs in them (jobs / commits is the grouping). */
struct sg_db_stats {
	uint64_t commits;
	uint64_t jobs;
	uint64_t batch_max;
	uint64_t redone; /* batches that were run again because a job failed halfway */
};

void
sg_db_get_stats(struct sg_db *store, struct sg_db_stats *ret);

/* How it stands with the disk. */
struct sg_db_room {
	bool full; /* only revocations are recorded */
	uint64_t reserve, reserve_left;
};

void
sg_db_get_room(struct sg_db *store, struct sg_db_room *ret);

/* Give as much of the reserve as a file of so many bytes needs, which this process could not write
 * in that folder for want of space. False: so much is not left, or it is another file system. */
bool
sg_db_give_room(struct sg_db *store, const char *folder, uint64_t bytes);

struct sg_sql;

/* Run something that only reads on a read connection. */
SG_RC
sg_db_read(struct sg_db *store,
    enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err), void *arg,
    struct sg_err *err);

/* What a caller of a verb got wrong: SG_E_INTERNAL "store.argument". */
SG_RC
sg_db_check(bool ok, const char *what, struct sg_err *err);

/* The exclusive right to a database: SG_E_BUSY "store.locked". */
SG_RC
sg_db_lock(const char *path, int *ret_fd, struct sg_err *err);

/* The newest version that this program knows. */
int
sg_db_schema_version(const struct sg_db_schema *schema);
