/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/writer.c - the one thread that writes: gathers, commits once, answers all
 *
 * Jobs run one after the other in one transaction without savepoints, since a job that
 * refuses has looked before it wrote. Should one fail after it wrote (disk full, out of
 * memory), the whole transaction is undone and every job runs again in its own.
 * An answer leaves only after COMMIT, also a refusal: it may rest on what an earlier job
 * of the same transaction wrote.
 * A late job wakes nobody while the writer is up: after each batch the writer stays up for
 * SG_STORE_LATE_MS, and then commits what has come by then without being urgent.
 */

#include "store/priv.h"

#include <errno.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

SG_RC
sg_store_dead(const struct sg_store *store, struct sg_err *err)
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

/* Every job of a list gets the same failure. */
static void
fail_all(struct sg_job *list, const struct sg_err *why)
{
	for (struct sg_job *j = list; j != NULL; j = j->next) {
		j->rc = why->code;
		if (j->err != NULL)
			*j->err = *why;
	}
}

/* A COMMIT that failed for want of space or memory before its log was on the disk (sqlite.c knows)
 * has recorded nothing. Every other failure leaves unknown what is on the disk, one of fsync first
 * of all, whatever its cause: nothing more is written by this process. */
static void
after_failed_commit(struct sg_store *store, const struct sg_err *why)
{
	const struct sg_sql *db = &store->writer;
	enum sg_code rc = db->drv->control(db->conn, SG_SQL_ROLLBACK, NULL);
	bool nothing = why->code == SG_E_NOMEM || is_full(why);
	if (!nothing || rc != SG_OK)
		atomic_store(&store->dead, true);
}

static bool
commit_or_fail(struct sg_store *store, struct sg_job *list)
{
	struct sg_err why = {.rule = ""};
	enum sg_code rc = store->writer.drv->control(store->writer.conn, SG_SQL_COMMIT, &why);
	if (rc == SG_OK)
		return true;
	after_failed_commit(store, &why);
	fail_all(list, &why);
	return false;
}

/* All jobs in one transaction; false: one failed halfway and everything was undone. */
static bool
run_together(struct sg_store *store, struct sg_job *list)
{
	struct sg_sql *db = &store->writer;
	struct sg_err why = {.rule = ""};
	if (db->drv->control(db->conn, SG_SQL_BEGIN, &why) != SG_OK) {
		fail_all(list, &why);
		return true;
	}
	for (struct sg_job *j = list; j != NULL; j = j->next) {
		int64_t before = db->drv->changes(db->conn);
		j->rc = j->run(db, j->arg, j->err);
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

/* Each job in a transaction of its own, so that the one that fails undoes only itself. */
static void
run_apart(struct sg_store *store, struct sg_job *list)
{
	struct sg_sql *db = &store->writer;
	atomic_fetch_add(&store->n_redone, 1);
	for (struct sg_job *j = list; j != NULL; j = j->next) {
		struct sg_job one = *j;
		one.next = NULL;
		struct sg_err why = {.rule = ""};
		if (atomic_load(&store->dead)) {
			one.rc = sg_store_dead(store, one.err);
		} else if (db->drv->control(db->conn, SG_SQL_BEGIN, &why) != SG_OK) {
			fail_all(&one, &why);
		} else if ((one.rc = one.run(db, one.arg, one.err)) != SG_OK) {
			if (db->drv->control(db->conn, SG_SQL_ROLLBACK, NULL) != SG_OK)
				atomic_store(&store->dead, true);
		} else if (commit_or_fail(store, &one)) {
			atomic_fetch_add(&store->n_commits, 1);
		}
		j->rc = one.rc;
	}
}

static void
run_batch(struct sg_store *store, struct sg_job *list, unsigned n)
{
	if (atomic_load(&store->dead)) {
		struct sg_err why = {.rule = ""};
		sg_ignore(sg_store_dead(store, &why)); /* fills why for everybody */
		fail_all(list, &why);
		return;
	}
	if (!run_together(store, list))
		run_apart(store, list);
	atomic_fetch_add(&store->n_jobs, n);
	if (n > atomic_load(&store->n_batch_max))
		atomic_store(&store->n_batch_max, n);
}

/* Wait for a job that is urgent, but no longer than late ones may lie. Holds the lock. */
static void
wait_for_jobs(struct sg_store *store)
{
	int64_t ms = sg_mono_ms() + SG_STORE_LATE_MS;
	struct timespec until = {ms / 1000, ms % 1000 * 1000000};
	int rc = 0;

	while (!store->urgent && !store->closing && rc == 0) {
		store->sleeping = true;
		rc = pthread_cond_timedwait(&store->wake, &store->lock, &until);
	}
	while (store->head == NULL && !store->closing) {
		store->sleeping = store->idle = true;
		pthread_cond_wait(&store->wake, &store->lock);
	}
	store->sleeping = store->idle = false;
}

/* Take what waits, at most a batch; NULL when the store closes and nothing is left. */
static struct sg_job *
gather(struct sg_store *store, unsigned *ret_n)
{
	pthread_mutex_lock(&store->lock);
	wait_for_jobs(store);
	struct sg_job *list = store->head;
	*ret_n = store->queued;
	store->head = NULL;
	store->tail = &store->head;
	store->queued = 0;
	store->urgent = false;
	pthread_mutex_unlock(&store->lock);
	return list;
}

/* Take the jobs that belong to the store out of the list, where those stay that lie on their
 * callers' stacks. */
static struct sg_job *
take_late(struct sg_job **list)
{
	struct sg_job *late = NULL, **tail = &late;

	while (*list != NULL) {
		struct sg_job *j = *list;
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
finish_late(struct sg_store *store, struct sg_job *late)
{
	unsigned n = 0;

	for (struct sg_job *next; late != NULL; late = next, n++) {
		next = late->next;
		late->done(late);
	}
	if (n == 0)
		return;
	pthread_mutex_lock(&store->lock);
	store->late -= n;
	pthread_mutex_unlock(&store->lock);
}

/* After the answers, so that nobody but the next batch waits for it. */
static void
tidy(struct sg_store *store)
{
	const struct sg_sql *db = &store->writer;
	pthread_mutex_lock(&store->lock);
	bool idle = store->head == NULL;
	pthread_mutex_unlock(&store->lock);
	struct sg_err why = {.rule = ""};
	if (!atomic_load(&store->dead) && db->drv->tidy(db->conn, idle, &why) != SG_OK &&
	    !is_full(&why))
		atomic_store(&store->dead, true);
}

/* One after the other the jobs, which lie on their callers' stacks, are gone. */
static void
answer_all(struct sg_job *list)
{
	struct sg_loop *loop = NULL;

	for (struct sg_job *j = list, *next; j != NULL; j = next) {
		next = j->next;
		struct sg_loop *one = sg_unpark_quietly(&j->parker);
		loop = one != NULL ? one : loop; /* a process has one at most */
	}
	sg_loop_wake(loop);
}

static void *
writer_main(void *arg)
{
	struct sg_store *store = arg;
	setpriority(PRIO_PROCESS, (id_t)gettid(), store->writer_nice);
	unsigned n = 0;
	for (;;) {
		struct sg_job *list = gather(store, &n);
		if (list == NULL)
			break;
		run_batch(store, list, n);
		struct sg_job *late = take_late(&list);
		answer_all(list);
		finish_late(store, late);
		tidy(store);
	}
	return NULL;
}

/* At the end of the queue; *ret_wake: the writer is to be woken. */
static enum sg_code
put_job(struct sg_store *store, struct sg_job *job, struct sg_err *err)
{
	bool late = job->done != NULL;

	if (atomic_load(&store->dead))
		return sg_store_dead(store, err);
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
		pthread_cond_signal(&store->wake);
	return SG_OK;
}

SG_RC
sg_store_do_late(struct sg_store *store, struct sg_job *job, struct sg_err *err)
{
	return put_job(store, job, err);
}

SG_RC
sg_store_do(struct sg_store *store,
    enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err), void *arg,
    struct sg_err *err)
{
	struct sg_job job = {.run = run, .arg = arg, .err = err};
	sg_parker_init(&job.parker);
	enum sg_code rc = put_job(store, &job, err);
	if (rc != SG_OK)
		return rc;
	sg_park(&job.parker, SG_FOREVER);
	return job.rc;
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
sg_store_settle(struct sg_store *store)
{
	pthread_mutex_lock(&store->lock);
	bool late = store->late > 0;
	pthread_mutex_unlock(&store->lock);
	if (late)
		sg_ignore(sg_store_do(store, job_nothing, NULL, NULL)); /* their done is told */
}

SG_RC
sg_writer_start(struct sg_store *store, struct sg_err *err)
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
sg_writer_stop(struct sg_store *store)
{
	if (!store->started)
		return;
	pthread_mutex_lock(&store->lock);
	store->closing = true;
	pthread_mutex_unlock(&store->lock);
	pthread_cond_signal(&store->wake);
	pthread_join(store->thread, NULL);
	store->started = false;
}
