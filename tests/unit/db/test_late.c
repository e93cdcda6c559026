/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "lib/fake_driver.h"

#include <pthread.h>
#include <time.h>

#include "lib/alloc_fail.h"
#include "db/db.h"
#include "db/db_private.h"
#include "db/writer.h"
#include "store/registrar/challenge.h"
#include "store/registrar/tx.h"

/* Jobs that nobody waits for. */

#define WAIT_MAX_MS 20000
#define JOBS 500u

struct told {
	_Atomic unsigned n;
	enum sg_code rc;
	char rule[64];
};

static void
then(void *arg, enum sg_code rc, const struct sg_err *err)
{
	struct told *told = arg;

	told->rc = rc;
	if (rc != SG_OK)
		snprintf(told->rule, sizeof told->rule, "%s", err->rule);
	told->n++;
}

static void
nap(void)
{
	struct timespec ts = {0, 1000000};
	nanosleep(&ts, NULL);
}

static void
wait_told(struct told *told, unsigned n)
{
	for (int i = 0; told->n < n && i < WAIT_MAX_MS; i++)
		nap();
	assert_int_equal(told->n, n);
}

static struct sg_regdb_tx
begin(struct bed *t, unsigned n)
{
	struct sg_regdb_challenge c = a_challenge(n);
	struct sg_regdb_reserve r = a_reserve(n, n, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx tx = {0};
	bool started = false;
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	assert_ok(sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err));
	assert_true(started);
	return tx;
}

static enum sg_transaction_state
tx_state_of(struct bed *t, unsigned n)
{
	struct sg_regdb_reserve r = a_reserve(n, n, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx tx = {0};
	assert_ok(sg_regdb_tx_by_key(t->store, r.key, &tx, &t->err));
	enum sg_transaction_state state = tx.state;
	sg_regdb_tx_clear(&tx);
	return state;
}

static void
later__nothing_else_comes__committed_soon(void **state)
{
	struct bed *t = *state;
	struct told told = {0};
	struct sg_regdb_tx tx = begin(t, 1);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	char steps[] = "the steps";
	done.steps = text(steps);
	assert_ok(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err));
	memset(steps, 'x', sizeof steps - 1); /* it has its own */
	wait_told(&told, 1);
	assert_int_equal(told.rc, SG_OK);
	assert_int_equal(tx_state_of(t, 1), SG_TRANSACTION_ISSUED);
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_USED);
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_ONE_TIME);
	assert_ok(sg_regdb_tx_by_key(t->store, r.key, &tx, &t->err));
	assert_true(sg_slice_is(tx.steps, "the steps"));
	sg_regdb_tx_clear(&tx);
}

/* Long after the last batch, when the writer has gone to sleep for good. */
static void
later__writer_idle__woken(void **state)
{
	struct bed *t = *state;
	struct told told = {0};
	struct sg_regdb_tx tx = begin(t, 1);
	for (int i = 0; i < 3 * SG_DB_LATE_MS; i++)
		nap();
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	assert_ok(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err));
	wait_told(&told, 1);
	assert_int_equal(told.rc, SG_OK);
	assert_int_equal(tx_state_of(t, 1), SG_TRANSACTION_ISSUED);
}

static void
later__another_job__one_commit(void **state)
{
	struct bed *t = *state;
	struct told told = {0};
	struct sg_db_stats before = {0}, after = {0};
	bool together = false;
	/* Unless the machine stood still in between. */
	for (unsigned n = 1; n < 20 && !together; n++) {
		struct sg_regdb_tx tx = begin(t, n);
		struct sg_regdb_tx_issued done = an_issued(&tx, n);
		struct sg_regdb_challenge c = a_challenge(100 + n);
		sg_db_get_stats(t->store, &before);
		assert_ok(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err));
		assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
		/* Who waited sees what was queued before. */
		assert_int_equal(tx_state_of(t, n), SG_TRANSACTION_ISSUED);
		sg_db_get_stats(t->store, &after);
		together = after.commits - before.commits == 1 && after.jobs - before.jobs == 2;
		wait_told(&told, n);
		assert_int_equal(told.rc, SG_OK);
	}
	assert_true(together);
}

static void
later__settled__there(void **state)
{
	struct bed *t = *state;
	struct told told = {0};
	for (unsigned n = 1; n <= 20; n++) {
		struct sg_regdb_tx tx = begin(t, n);
		struct sg_regdb_tx_issued done = an_issued(&tx, n);
		assert_ok(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err));
		sg_db_settle(t->store);
		assert_int_equal(tx_state_of(t, n), SG_TRANSACTION_ISSUED);
	}
	wait_told(&told, 20);
	struct sg_db_stats before = {0}, after = {0};
	for (int i = 0; i < WAIT_MAX_MS && t->store->late > 0; i++)
		nap();
	sg_db_get_stats(t->store, &before);
	sg_db_settle(t->store); /* nothing to do */
	sg_db_get_stats(t->store, &after);
	assert_int_equal(after.jobs, before.jobs);
}

static bool
see(void *arg, const struct sg_regdb_tx *tx)
{
	*(enum sg_transaction_state *)arg = tx->state;
	return false;
}

static void
tx_list__after_later__outcome_seen(void **state)
{
	struct bed *t = *state;
	struct told told = {0};
	enum sg_transaction_state seen = SG_TRANSACTION_RUNNING;
	struct sg_regdb_tx tx = begin(t, 1);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	struct sg_regdb_tx_filter all = {.limit = 1};
	assert_ok(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err));
	assert_ok(sg_regdb_tx_list(t->store, &all, see, &seen, &t->err));
	assert_int_equal(seen, SG_TRANSACTION_ISSUED);
	wait_told(&told, 1);
}

static void
free__late_jobs_wait__committed(void **state)
{
	struct bed *t = *state;
	struct told told = {0};
	struct sg_regdb_tx tx = begin(t, 1);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	assert_ok(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err));
	sg_db_free(&t->store);
	assert_int_equal(told.n, 1);
	assert_int_equal(told.rc, SG_OK);
	bed_open(t, &sg_store_schema_registrar);
	assert_int_equal(tx_state_of(t, 1), SG_TRANSACTION_ISSUED);
}

static void
later__wrong__told(void **state)
{
	struct bed *t = *state;
	struct told told = {0};
	struct sg_regdb_tx tx = begin(t, 1);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	done.attempt = 7;
	assert_ok(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err));
	wait_told(&told, 1);
	assert_int_equal(told.rc, SG_E_CONFLICT);
	assert_string_equal(told.rule, "tx.state");
	assert_int_equal(tx_state_of(t, 1), SG_TRANSACTION_RUNNING);
	/* Not even queued. */
	done.serial = text("");
	assert_rule(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err),
	    SG_E_INTERNAL, "store.argument");
	done = an_issued(&tx, 1);
	for (unsigned long n = 1; n <= 2; n++) {
		alloc_fail_at(n);
		enum sg_code rc = sg_regdb_tx_finish_issued_later(
		    t->store, &done, then, &told, &t->err);
		alloc_fail_at(0);
		assert_int_equal(rc, SG_E_NOMEM);
		assert_string_equal(t->err.rule, "store.memory");
	}
	assert_int_equal(told.n, 1);
	assert_int_equal(tx_state_of(t, 1), SG_TRANSACTION_RUNNING);
}

static void
later__full__told_and_still_running(void **state)
{
	struct bed *t = *state;
	struct told told = {0};
	struct sg_regdb_tx tx = begin(t, 1);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	fake_fail(FAKE_FULL, 1, true);
	assert_ok(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err));
	wait_told(&told, 1);
	fake_fail(FAKE_NONE, 0, false);
	assert_int_equal(told.rc, SG_E_IO);
	assert_string_equal(told.rule, "store.full");
	assert_false(sg_db_is_dead(t->store));
	assert_int_equal(tx_state_of(t, 1), SG_TRANSACTION_RUNNING);
}

static void
later__commit_fails__dead_and_told(void **state)
{
	struct bed *t = *state;
	struct told told = {0};
	struct sg_regdb_tx tx = begin(t, 1);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	fake_fail(FAKE_COMMIT, 1, false);
	assert_ok(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err));
	wait_told(&told, 1);
	assert_int_equal(told.rc, SG_E_IO);
	assert_true(sg_db_is_dead(t->store));
	assert_rule(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err), SG_E_IO,
	    "store.dead");
	assert_int_equal(told.n, 1);
	sg_db_free(&t->store);
	bed_open(t, &sg_store_schema_registrar);
	assert_int_equal(tx_state_of(t, 1), SG_TRANSACTION_RUNNING);
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_RESERVED);
}

/* Among jobs that fail halfway: each late one has its own outcome, too. */
static enum sg_code
job_bad(struct sg_sql *db, void *arg, struct sg_err *err)
{
	(void)arg;
	sg_query_scoped q;
	sg_query_begin(&q, db, "DELETE FROM challenge");
	enum sg_code rc = sg_query_run(&q, err);
	return rc == SG_OK ? sg_fail(err, SG_E_DENIED, "test.bad", "wrote and failed") : rc;
}

static void *
be_bad(void *arg)
{
	struct bed *t = arg;
	for (unsigned n = 0; n < JOBS / 10; n++)
		if (sg_db_do(t->store, job_bad, NULL, NULL) != SG_E_DENIED)
			return NULL;
	return arg;
}

static void
later__many_among_failing_ones__each_told_once(void **state)
{
	struct bed *t = *state;
	struct told told = {0};
	pthread_t thread;
	void *ok = NULL;
	assert_int_equal(pthread_create(&thread, NULL, be_bad, t), 0);
	for (unsigned n = 1; n <= JOBS; n++) {
		struct sg_regdb_tx tx = begin(t, n);
		struct sg_regdb_tx_issued done = an_issued(&tx, n);
		assert_ok(sg_regdb_tx_finish_issued_later(t->store, &done, then, &told, &t->err));
	}
	assert_int_equal(pthread_join(thread, &ok), 0);
	assert_ptr_equal(ok, t);
	wait_told(&told, JOBS);
	for (unsigned n = 1; n <= JOBS; n++) {
		assert_int_equal(tx_state_of(t, n), SG_TRANSACTION_ISSUED);
		assert_int_equal(challenge_state(t, n, NULL), SG_CHALLENGE_USED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(later__nothing_else_comes__committed_soon),
	    case_registrar(later__writer_idle__woken),
	    case_registrar(later__another_job__one_commit),
	    case_registrar(later__settled__there),
	    case_registrar(tx_list__after_later__outcome_seen),
	    case_registrar(free__late_jobs_wait__committed),
	    case_registrar(later__wrong__told),
	    case_fake(later__full__told_and_still_running),
	    case_fake(later__commit_fails__dead_and_told),
	    case_registrar(later__many_among_failing_ones__each_told_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
