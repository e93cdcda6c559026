/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/writer.h - changing a database: jobs for its one writer thread
 */

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"
#include "db/sql.h"
#include "fiber/loop.h"

#define SG_DB_LATE_MS 20L /* how long a change may wait that nobody waits for */

struct sg_db;

struct sg_db_job {
	struct sg_db_job *next;
	/* May run twice: sets every output afresh. What it read is what it wrote over. */
	enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err);
	void *arg;
	struct sg_err *err;
	enum sg_code rc;
	struct sg_parker parker; /* unused when done is given */
	bool when_full;		 /* runs also when the disk is full */
	bool no_space;		 /* it found none */
	/* Of a job that nobody waits for: called once with the outcome in rc, frees the job. */
	void (*done)(struct sg_db_job *job);
};

/* Run a job on the writer and wait for its commit. */
SG_RC
sg_db_do(struct sg_db *store, enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err),
    void *arg, struct sg_err *err);

/* The same, and also when the disk is full, with the room that is kept for it: what revokes. */
SG_RC
sg_db_do_when_full(struct sg_db *store,
    enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err), void *arg,
    struct sg_err *err);

/*
 * Queue a job that nobody waits for. It belongs to the store until its done is called by the
 * writer's thread: after the commit that it shares with the next job that comes, or
 * SG_DB_LATE_MS later at the most. Jobs run in the order in which they were queued.
 * SG_E_BUSY "store.closing", SG_E_IO "store.full", "store.dead": not queued, still the caller's.
 */
SG_RC
sg_db_do_late(struct sg_db *store, struct sg_db_job *job, struct sg_err *err);

/* What verbs left to be committed later is committed, or has failed, when this returns. */
void
sg_db_settle(struct sg_db *store);
