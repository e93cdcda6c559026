/* SPDX-License-Identifier: Apache-2.0 */

/*
 * db/writer.c - the one thread that writes: gathers, commits once, answers all
 *
 * Jobs run one after the other in one transaction without savepoints, since a job that
 * refuses has looked before it wrote. Should one fail after it wrote (disk full, out of
 * memory), the whole transaction is undone and every job runs again in its own.
 * An answer leaves only after COMMIT, also a refusal: it may rest on what an earlier job
 * of the same transaction wrote.
 * A job that finds no space begins a state in which only jobs run that may when the disk is full
 * (revocations), each alone, on the room that is kept for them: a piece of it for each try that
 * finds no space. Every second the writer looks whether there is room to make the reserve whole
 * again; that ends it.
 * A late job wakes nobody while the writer is up: after each batch the writer stays up for
 * SG_DB_LATE_MS, and then commits what has come by then without being urgent.
 */

#include "db/writer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "fiber/futex.h"
#include "db/db_private.h"
#include "db/driver.h"
#include "db/room.h"
#include "db/writer_private.h"

#define LOOK_MS 1000	    /* how often to look for room when the disk is full */
#define LOOK_MAX_MS 60000   /* and where room comes and goes, as under a quota */
#define CALM_MS (60 * 1000) /* without that since: often again */

/* After a change that it sees under the lock. */
static void
wake_writer(struct sg_db *store)
{
	atomic_fetch_add(&store->wakes, 1);
	sg_futex_wake(&store->wakes, 1);
}

SG_RC
sg_db_dead(const struct sg_db *store, struct sg_err *err)
{
	return sg_fail(err, SG_E_IO, "store.dead",
	    "%s: an earlier write failed and is not tried again; the process must be restarted",
	    store->path);
}

static bool
is_full(const struct sg_err *why)
{
	return sg_slice_is(sg_slice_str(why->rule), "store.full");
}

static enum sg_code
refuse_full(const struct sg_db *store, struct sg_err *err)
{
	return sg_fail(err, SG_E_IO, "store.full",
	    "%s: the disk is full: only revocations are recorded until there is room", store->path);
}

void
sg_db_begin_full(struct sg_db *store, const char *why)
{
	if (store->room.want == 0)
		return;
	pthread_mutex_lock(&store->room_lock);
	bool begins = !atomic_load(&store->full);
	int64_t now = sg_clock_mono_ms();
	if (begins) {
		bool again = store->full_ended_ms > 0 && now - store->full_ended_ms < CALM_MS;
		int64_t pause = again ? store->pause_ms * 2 : LOOK_MS;
		store->pause_ms = pause < LOOK_MAX_MS ? pause : LOOK_MAX_MS;
		store->look_ms = now + store->pause_ms;
		atomic_store(&store->full, true);
		if (store->on_full != NULL)
			store->on_full(store->on_full_arg, why);
	}
	pthread_mutex_unlock(&store->room_lock);
	if (!begins)
		return;
	pthread_mutex_lock(&store->lock);
	pthread_mutex_unlock(&store->lock); /* the writer sleeps, or sees it before it does */
	wake_writer(store);
}

/* The writer, now and then when the disk is full. */
static void
look_for_room(struct sg_db *store)
{
	int64_t now = sg_clock_mono_ms();

	if (!atomic_load(&store->full) || now < store->look_ms || atomic_load(&store->dead))
		return;
	bool room = sg_room_fill(&store->room, NULL) == SG_OK;
	pthread_mutex_lock(&store->room_lock);
	now = sg_clock_mono_ms();
	store->look_ms = now + store->pause_ms;
	if (room) {
		store->full_ended_ms = now;
		atomic_store(&store->full, false);
		if (store->on_full != NULL)
			store->on_full(store->on_full_arg, NULL);
	}
	pthread_mutex_unlock(&store->room_lock);
}

/* Every job of a list gets the same failure. */
static void
fail_all(struct sg_db_job *list, const struct sg_err *why)
{
	for (struct sg_db_job *j = list; j != NULL; j = j->next) {
		j->rc = why->code;
		j->no_space = is_full(why);
		if (j->err != NULL)
			*j->err = *why;
	}
}

/* A COMMIT that failed for want of space or memory before its log was on the disk (sqlite.c knows)
 * has recorded nothing. Every other failure leaves unknown what is on the disk, one of fsync first
 * of all, whatever its cause: nothing more is written by this process. */
static void
after_failed_commit(struct sg_db *store, const struct sg_err *why)
{
	const struct sg_sql *db = &store->writer;
	enum sg_code rc = db->drv->control(db->conn, SG_SQL_ROLLBACK, NULL);
	bool nothing = why->code == SG_E_NOMEM || is_full(why);
	if (!nothing || rc != SG_OK)
		atomic_store(&store->dead, true);
}

static bool
commit_or_fail(struct sg_db *store, struct sg_db_job *list)
{
	struct sg_err why = {.rule = ""};
	enum sg_code rc = store->writer.drv->control(store->writer.conn, SG_SQL_COMMIT, &why);
	if (rc == SG_OK)
		return true;
	after_failed_commit(store, &why);
	fail_all(list, &why);
	return false;
}

static void
run_job(struct sg_db *store, struct sg_db_job *j)
{
	struct sg_err *err = j->err != NULL ? j->err : &store->unasked;

	j->no_space = false;
	j->rc = j->run(&store->writer, j->arg, err);
	if (j->rc == SG_E_IO)
		j->no_space = is_full(err);
}

/* All jobs in one transaction; false: one failed halfway and everything was undone. */
static bool
run_together(struct sg_db *store, struct sg_db_job *list)
{
	struct sg_sql *db = &store->writer;
	struct sg_err why = {.rule = ""};
	if (db->drv->control(db->conn, SG_SQL_BEGIN, &why) != SG_OK) {
		fail_all(list, &why);
		return true;
	}
	for (struct sg_db_job *j = list; j != NULL; j = j->next) {
		int64_t before = db->drv->changes(db->conn);
		run_job(store, j);
		if (j->rc == SG_OK)
			continue;
		/* After a failed write of the log the transaction is not gone on with (vfs.c). */
		if (db->drv->changes(db->conn) == before && db->drv->in_transaction(db->conn) &&
		    j->rc != SG_E_IO)
			continue;
		if (db->drv->control(db->conn, SG_SQL_ROLLBACK, &why) == SG_OK)
			return false;
		atomic_store(&store->dead, true);
		fail_all(list, &why);
		return true;
	}
	if (commit_or_fail(store, list))
		atomic_fetch_add(&store->n_commits, 1);
	return true;
}

/* In a transaction of its own, so that a job that fails undoes only itself. */
static void
run_alone(struct sg_db *store, struct sg_db_job *j)
{
	struct sg_sql *db = &store->writer;
	struct sg_db_job one = *j;
	struct sg_err why = {.rule = ""};

	one.next = NULL;
	one.no_space = false; /* of an earlier try */
	if (atomic_load(&store->dead)) {
		one.rc = sg_db_dead(store, one.err);
	} else if (db->drv->control(db->conn, SG_SQL_BEGIN, &why) != SG_OK) {
		fail_all(&one, &why);
	} else {
		run_job(store, &one);
		if (one.rc == SG_OK && commit_or_fail(store, &one))
			atomic_fetch_add(&store->n_commits, 1);
		else if (db->drv->control(db->conn, SG_SQL_ROLLBACK, NULL) != SG_OK)
			atomic_store(&store->dead, true);
	}
	j->rc = one.rc;
	j->no_space = one.no_space;
}

static void
run_apart(struct sg_db *store, struct sg_db_job *list)
{
	atomic_fetch_add(&store->n_redone, 1);
	for (struct sg_db_job *j = list; j != NULL; j = j->next)
		run_alone(store, j);
}

/* On a full disk: what may run gets a piece of the reserve for each time that it finds no space.
 * Those that ran before it was full did so without. */
static void
run_full(struct sg_db *store, struct sg_db_job *list, bool ran)
{
	for (struct sg_db_job *j = list; j != NULL; j = j->next) {
		if (!ran && j->when_full)
			run_alone(store, j);
		else if (!ran)
			j->rc = refuse_full(store, j->err);
		while (j->when_full && j->no_space && sg_room_give(&store->room, 1))
			run_alone(store, j);
	}
}

static bool
found_no_space(const struct sg_db_job *list)
{
	while (list != NULL && !list->no_space)
		list = list->next;
	return list != NULL;
}

static void
run_batch(struct sg_db *store, struct sg_db_job *list, unsigned n)
{
	bool ran = !atomic_load(&store->full);

	if (atomic_load(&store->dead)) {
		struct sg_err why = {.rule = ""};
		sg_ignore(sg_db_dead(store, &why)); /* fills why for everybody */
		fail_all(list, &why);
		return;
	}
	if (ran && !run_together(store, list))
		run_apart(store, list);
	if (ran && found_no_space(list))
		sg_db_begin_full(store, "a commit found no space");
	if (atomic_load(&store->full))
		run_full(store, list, ran);
	atomic_fetch_add(&store->n_jobs, n);
	if (n > atomic_load(&store->n_batch_max))
		atomic_store(&store->n_batch_max, n);
}

/* False when the time has come; else look again. Holds the lock, but not asleep. Not by a condition
 * variable, which takes its mutex again in a way that costs another call of the kernel's. */
static bool
sleep_until(struct sg_db *store, int64_t deadline_ms)
{
	uint32_t seen = atomic_load(&store->wakes);

	store->sleeping = true;
	pthread_mutex_unlock(&store->lock);
	bool early = sg_futex_wait(&store->wakes, seen, deadline_ms);
	pthread_mutex_lock(&store->lock);
	return early;
}

/* Wait for a job that is urgent, but no longer than late ones may lie; on a full disk, until it is
 * time to look for room. Holds the lock. */
static void
wait_for_jobs(struct sg_db *store)
{
	int64_t late_ms = sg_clock_mono_ms() + SG_DB_LATE_MS;
	bool early = true;

	while (!store->urgent && !store->closing && early)
		early = sleep_until(store, late_ms);
	early = true;
	while (store->head == NULL && !store->closing && early) {
		bool full = atomic_load(&store->full) && !atomic_load(&store->dead);
		store->idle = true;
		early = sleep_until(store, full ? store->look_ms : SG_CLOCK_NEVER);
	}
	store->sleeping = store->idle = false;
}

/* Take what waits, which may be nothing; *ret_end: the store closes and nothing is left. */
static struct sg_db_job *
gather(struct sg_db *store, unsigned *ret_n, bool *ret_end)
{
	pthread_mutex_lock(&store->lock);
	wait_for_jobs(store);
	struct sg_db_job *list = store->head;
	*ret_n = store->queued;
	*ret_end = list == NULL && store->closing;
	store->head = NULL;
	store->tail = &store->head;
	store->queued = 0;
	store->urgent = false;
	pthread_mutex_unlock(&store->lock);
	return list;
}

/* Take the jobs that belong to the store out of the list, where those stay that lie on their
 * callers' stacks. */
static struct sg_db_job *
take_late(struct sg_db_job **list)
{
	struct sg_db_job *late = NULL, **tail = &late;

	while (*list != NULL) {
		struct sg_db_job *j = *list;
		if (j->done == NULL) {
			list = &j->next;
			continue;
		}
		*list = j->next;
		j->next = NULL;
		*tail = j;
		tail = &j->next;
	}
	return late;
}

static void
finish_late(struct sg_db *store, struct sg_db_job *late)
{
	unsigned n = 0;

	for (struct sg_db_job *next; late != NULL; late = next, n++) {
		next = late->next;
		late->done(late);
	}
	if (n == 0)
		return;
	pthread_mutex_lock(&store->lock);
	store->late -= n;
	pthread_mutex_unlock(&store->lock);
}

static bool
more_than_half(struct sg_room *room)
{
	pthread_mutex_lock(&room->lock);
	bool more = room->have > room->want / 2;
	pthread_mutex_unlock(&room->lock);
	return more;
}

/* After the answers, so that nobody but the next batch waits for it. */
static void
tidy(struct sg_db *store)
{
	const struct sg_sql *db = &store->writer;
	pthread_mutex_lock(&store->lock);
	bool idle = store->head == NULL;
	pthread_mutex_unlock(&store->lock);
	if (atomic_load(&store->dead))
		return;
	struct sg_err why = {.rule = ""};
	enum sg_code rc = db->drv->tidy(db->conn, idle, &why);
	if (rc != SG_OK && is_full(&why))
		sg_db_begin_full(store, why.text);
	/* The log can be used anew once it has been moved: that is worth half of the reserve. */
	while (rc != SG_OK && is_full(&why) && more_than_half(&store->room) &&
	       sg_room_give(&store->room, 1))
		rc = db->drv->tidy(db->conn, idle, &why);
	if (rc != SG_OK && !is_full(&why))
		atomic_store(&store->dead, true);
}

/* One after the other the jobs, which lie on their callers' stacks, are gone. */
static void
answer_all(struct sg_db_job *list)
{
	struct sg_loop *loop = NULL;

	for (struct sg_db_job *j = list, *next; j != NULL; j = next) {
		next = j->next;
		struct sg_loop *one = sg_unpark_quietly(&j->parker);
		loop = one != NULL ? one : loop; /* a process has one at most */
	}
	sg_loop_wake(loop);
}

static void *
writer_main(void *arg)
{
	struct sg_db *store = arg;
	setpriority(PRIO_PROCESS, 0, store->writer_nice); /* of this thread, on Linux */
	unsigned n = 0;
	bool end = false;
	for (;;) {
		struct sg_db_job *list = gather(store, &n, &end);
		if (end)
			break;
		if (list != NULL)
			run_batch(store, list, n);
		struct sg_db_job *late = take_late(&list);
		answer_all(list);
		finish_late(store, late);
		if (n > 0)
			tidy(store);
		look_for_room(store);
	}
	return NULL;
}

/* At the end of the queue; *ret_wake: the writer is to be woken. */
static enum sg_code
put_job(struct sg_db *store, struct sg_db_job *job, struct sg_err *err)
{
	bool late = job->done != NULL;

	if (atomic_load(&store->dead))
		return sg_db_dead(store, err);
	if (atomic_load(&store->full) && !job->when_full)
		return refuse_full(store, err);
	pthread_mutex_lock(&store->lock);
	if (store->closing) {
		pthread_mutex_unlock(&store->lock);
		return sg_fail(err, SG_E_BUSY, "store.closing", "%s: is being closed", store->path);
	}
	*store->tail = job;
	store->tail = &job->next;
	store->queued++;
	store->late += late ? 1 : 0;
	store->urgent |= !late;
	bool wake = store->sleeping && (!late || store->idle);
	if (wake)
		store->sleeping = store->idle = false; /* the others need not call it again */
	pthread_mutex_unlock(&store->lock);
	if (wake)
		wake_writer(store);
	return SG_OK;
}

SG_RC
sg_db_do_late(struct sg_db *store, struct sg_db_job *job, struct sg_err *err)
{
	return put_job(store, job, err);
}

static enum sg_code
put_and_wait(struct sg_db *store, struct sg_db_job *job)
{
	sg_parker_init(&job->parker);
	enum sg_code rc = put_job(store, job, job->err);
	if (rc != SG_OK)
		return rc;
	sg_park(&job->parker, SG_CLOCK_NEVER);
	return job->rc;
}

SG_RC
sg_db_do(struct sg_db *store, enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err),
    void *arg, struct sg_err *err)
{
	struct sg_db_job job = {.run = run, .arg = arg, .err = err};
	return put_and_wait(store, &job);
}

SG_RC
sg_db_do_when_full(struct sg_db *store,
    enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err), void *arg,
    struct sg_err *err)
{
	struct sg_db_job job = {.run = run, .arg = arg, .err = err, .when_full = true};
	return put_and_wait(store, &job);
}

static enum sg_code
job_nothing(struct sg_sql *db, void *arg, struct sg_err *err)
{
	(void)db;
	(void)arg;
	(void)err;
	return SG_OK;
}

void
sg_db_settle(struct sg_db *store)
{
	pthread_mutex_lock(&store->lock);
	bool late = store->late > 0;
	pthread_mutex_unlock(&store->lock);
	if (late)
		/* Their done is told. */
		sg_ignore(sg_db_do_when_full(store, job_nothing, NULL, NULL));
}

SG_RC
sg_db_writer_start(struct sg_db *store, struct sg_err *err)
{
	store->tail = &store->head;
	int failed = pthread_create(&store->thread, NULL, writer_main, store);
	if (failed != 0)
		return sg_fail(err, SG_E_NOMEM, "store.memory",
		    "%s: cannot start the writer's thread (error %d)", store->path, failed);
	store->started = true;
	return SG_OK;
}

void
sg_db_writer_stop(struct sg_db *store)
{
	if (!store->started)
		return;
	pthread_mutex_lock(&store->lock);
	store->closing = true;
	pthread_mutex_unlock(&store->lock);
	wake_writer(store);
	pthread_join(store->thread, NULL);
	store->started = false;
}
