/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "db/db.h"
#include "db/writer.h"
#include "store/registrar/challenge.h"
#include "store/registrar/tx.h"

#include <pthread.h>
#include <sys/resource.h>

#define THREADS 64u
#define ROUNDS 20u

struct worker {
	struct bed *t;
	unsigned n;
	unsigned ok, denied, other;
	pthread_t thread;
};

static void
run_all(struct bed *t, struct worker *w, void *(*run)(void *))
{
	for (unsigned i = 0; i < THREADS; i++) {
		w[i] = (struct worker){.t = t, .n = i};
		assert_int_equal(pthread_create(&w[i].thread, NULL, run, &w[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(w[i].thread, NULL), 0);
}

/* No cmocka assertion in threads: they count. */
static void *
all_want_one(void *arg)
{
	struct worker *w = arg;
	struct sg_regdb_reserve r = a_reserve(w->n + 1, 1, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx tx = {0};
	struct sg_err err = {.rule = ""};
	bool started = false;
	enum sg_code rc = sg_regdb_tx_reserve(w->t->store, &r, &started, &tx, &err);
	if (rc == SG_OK && started)
		w->ok++;
	else if (rc == SG_E_DENIED && strcmp(err.rule, "challenge.reserved") == 0)
		w->denied++;
	else
		w->other++;
	sg_regdb_tx_clear(&tx);
	return NULL;
}

static void
reserve__64_threads_one_challenge__one_success(void **state)
{
	struct bed *t = *state;
	static struct worker w[THREADS];
	struct sg_regdb_challenge c = a_challenge(1);
	unsigned ok = 0, denied = 0;
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	run_all(t, w, all_want_one);
	for (unsigned i = 0; i < THREADS; i++) {
		ok += w[i].ok;
		denied += w[i].denied;
		assert_int_equal(w[i].other, 0);
	}
	assert_int_equal(ok, 1);
	assert_int_equal(denied, THREADS - 1);
}

static void *
all_same_key(void *arg)
{
	struct worker *w = arg;
	struct sg_regdb_reserve r = a_reserve(7, 1, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx tx = {0};
	bool started = false;
	if (sg_regdb_tx_reserve(w->t->store, &r, &started, &tx, NULL) != SG_OK || tx.id != 1)
		w->other++;
	w->ok += started ? 1 : 0;
	sg_regdb_tx_clear(&tx);
	return NULL;
}

static void
reserve__64_threads_one_key__one_starts(void **state)
{
	struct bed *t = *state;
	static struct worker w[THREADS];
	struct sg_regdb_challenge c = a_challenge(1);
	unsigned ok = 0;
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	run_all(t, w, all_same_key);
	for (unsigned i = 0; i < THREADS; i++) {
		ok += w[i].ok;
		assert_int_equal(w[i].other, 0);
	}
	assert_int_equal(ok, 1);
}

/* A whole transaction per round; what was answered is seen by the next read. */
static void *
work(void *arg)
{
	struct worker *w = arg;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct sg_regdb_reserve r = a_reserve(1 + w->n * ROUNDS + i, 1, SG_POLICY_STATIC);
		struct sg_regdb_tx tx = {0}, have = {0};
		bool started = false;
		if (sg_regdb_tx_reserve(w->t->store, &r, &started, &tx, NULL) != SG_OK ||
		    !started) {
			w->other++;
			continue;
		}
		struct sg_regdb_tx_issued done = {
		    .tx = tx.id, .attempt = 1, .serial = text("1234"), .finished_at = NOW};
		if (sg_regdb_tx_finish_issued(w->t->store, &done, NULL) != SG_OK ||
		    sg_regdb_tx_by_key(w->t->store, r.key, &have, NULL) != SG_OK ||
		    have.state != SG_TRANSACTION_ISSUED)
			w->other++;
		else
			w->ok++;
		sg_regdb_tx_clear(&have);
	}
	return NULL;
}

static void
writer__64_threads__grouped(void **state)
{
	struct bed *t = *state;
	static struct worker w[THREADS];
	struct sg_db_stats s = {0};
	run_all(t, w, work);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(w[i].ok, ROUNDS);
	sg_db_get_stats(t->store, &s);
	assert_int_equal(s.jobs, THREADS * ROUNDS * 2);
	assert_int_equal(s.redone, 0);
	assert_true(s.commits < s.jobs);
	assert_true(s.batch_max > 1 && s.batch_max <= THREADS);
}

static void
writer__one_thread__one_commit_each(void **state)
{
	struct bed *t = *state;
	struct sg_db_stats s = {0};
	for (unsigned i = 0; i < 10; i++) {
		struct sg_regdb_challenge c = a_challenge(i);
		assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	}
	sg_db_get_stats(t->store, &s);
	assert_int_equal(s.commits, 10);
	assert_int_equal(s.jobs, 10);
	assert_int_equal(s.batch_max, 1);
}

/* A job that writes and then fails, among others that do not. */
static enum sg_code
job_bad(struct sg_sql *db, void *arg, struct sg_err *err)
{
	(void)arg;
	sg_query_scoped q;
	sg_query_begin(&q, db, "DELETE FROM tx");
	enum sg_code rc = sg_query_run(&q, err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_DENIED, "test.bad", "wrote and failed");
}

static void *
some_bad(void *arg)
{
	struct worker *w = arg;
	struct sg_err err = {.rule = ""};
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (w->n % 8 == 0) {
			enum sg_code rc = sg_db_do(w->t->store, job_bad, NULL, &err);
			if (rc != SG_E_DENIED || strcmp(err.rule, "test.bad") != 0)
				w->other++;
			continue;
		}
		struct sg_regdb_reserve r = a_reserve(1 + w->n * ROUNDS + i, 1, SG_POLICY_STATIC);
		struct sg_regdb_tx tx = {0};
		bool started = false;
		if (sg_regdb_tx_reserve(w->t->store, &r, &started, &tx, &err) != SG_OK || !started)
			w->other++;
	}
	return NULL;
}

static bool
count(void *arg, const struct sg_regdb_tx *tx)
{
	(void)tx;
	++*(unsigned *)arg;
	return true;
}

static void
writer__failing_jobs_among_good__undo_only_themselves(void **state)
{
	struct bed *t = *state;
	static struct worker w[THREADS];
	unsigned n = 0;
	run_all(t, w, some_bad);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(w[i].other, 0);
	assert_ok(sg_regdb_tx_running(t->store, count, &n, &t->err));
	assert_int_equal(n, THREADS / 8 * 7 * ROUNDS);
	struct sg_db_stats s = {0};
	sg_db_get_stats(t->store, &s);
	assert_true(s.redone > 0);
}

static enum sg_code
job_priority(struct sg_sql *db, void *arg, struct sg_err *err)
{
	(void)db;
	(void)err;
	*(int *)arg = getpriority(PRIO_PROCESS, 0);
	return SG_OK;
}

static void
writer__own_thread__lowest_priority(void **state)
{
	struct bed *t = *state;
	int priority = 0;
	assert_ok(sg_db_do(t->store, job_priority, &priority, &t->err));
	assert_int_equal(priority, 19);
	assert_true(getpriority(PRIO_PROCESS, 0) < 19);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(reserve__64_threads_one_challenge__one_success),
	    case_registrar(reserve__64_threads_one_key__one_starts),
	    case_registrar(writer__64_threads__grouped),
	    case_registrar(writer__one_thread__one_commit_each),
	    case_registrar(writer__own_thread__lowest_priority),
	    case_registrar(writer__failing_jobs_among_good__undo_only_themselves),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
