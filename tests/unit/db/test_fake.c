/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "lib/fake_driver.h"
#include "db/db.h"
#include "store/registrar/challenge.h"
#include "store/registrar/tx.h"

#include <pthread.h>

static void
commit__fails__dead(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = a_challenge(1);
	struct sg_regdb_tx tx = {0};
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	assert_false(sg_db_is_dead(t->store));
	hash_of(c.hash, 'c', 2);
	fake_fail(FAKE_COMMIT, 1, false);
	assert_rule(sg_regdb_challenge_add(t->store, &c, &t->err), SG_E_IO, "store.io");
	assert_true(sg_db_is_dead(t->store));
	/* An fsync is not retried: nothing is answered any more. */
	hash_of(c.hash, 'c', 3);
	assert_rule(sg_regdb_challenge_add(t->store, &c, &t->err), SG_E_IO, "store.dead");
	assert_rule(sg_regdb_tx_by_key(t->store, c.hash, &tx, &t->err), SG_E_IO, "store.dead");
	/* The next process finds what was answered. */
	sg_db_free(&t->store);
	bed_open(t, &sg_store_schema_registrar);
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_FREE);
	hash_of(c.hash, 'c', 3);
	assert_false(find_challenge(t, c.hash)->found);
}

static void *
add_one(void *arg)
{
	static _Atomic unsigned next = 100;
	struct bed *t = arg;
	struct sg_err err = {.rule = ""};
	struct sg_regdb_challenge c = a_challenge(next++);
	enum sg_code rc = sg_regdb_challenge_add(t->store, &c, &err);
	return rc == SG_E_IO ? arg : NULL;
}

static void
commit__fails__every_job_fails(void **state)
{
	struct bed *t = *state;
	pthread_t threads[32];
	fake_fail(FAKE_COMMIT, 1, true);
	for (int i = 0; i < 32; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_one, t), 0);
	for (int i = 0; i < 32; i++) {
		void *failed = NULL;
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_ptr_equal(failed, t);
	}
}

static void
statement__full__nothing_recorded_goes_on(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = a_challenge(1);
	fake_fail(FAKE_FULL, 1, true);
	assert_rule(sg_regdb_challenge_add(t->store, &c, &t->err), SG_E_IO, "store.full");
	assert_false(sg_db_is_dead(t->store));
	fake_fail(FAKE_NONE, 0, false);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
}

/* Whatever statement of a transaction fails, nothing of it stays. */
static void
statement__nth_fails__undone(void **state)
{
	struct bed *t = *state;
	static const enum fake_fault faults[] = {FAKE_STEP, FAKE_FULL, FAKE_NOMEM};
	static const enum sg_code codes[] = {SG_E_IO, SG_E_IO, SG_E_NOMEM};
	unsigned key = 0, failures = 0;
	for (size_t f = 0; f < 3; f++) {
		for (unsigned long n = 1;; n++) {
			key++;
			struct sg_regdb_challenge c = a_challenge(key);
			struct sg_regdb_tx tx = {0}, have = {0};
			bool started = false;
			assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
			struct sg_regdb_reserve r = a_reserve(key, key, SG_POLICY_ONE_TIME);
			fake_fail(faults[f], n, true);
			enum sg_code rc = sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err);
			fake_fail(FAKE_NONE, 0, false);
			if (rc == SG_OK)
				break;
			failures++;
			assert_int_equal(rc, codes[f]);
			assert_int_equal(challenge_state(t, key, NULL), SG_CHALLENGE_FREE);
			assert_rule(sg_regdb_tx_by_key(t->store, r.key, &have, &t->err),
			    SG_E_NOTFOUND, "tx.unknown");
		}
	}
	assert_true(failures >= 12);
}

/* A single failure in the middle: the whole runs again, by itself. */
static void
statement__fails_once_after_a_write__repeated(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = a_challenge(1);
	struct sg_regdb_tx tx = {0};
	struct sg_db_stats s = {0};
	bool started = false;
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_ONE_TIME);
	fake_fail(FAKE_STEP, 4, false);
	assert_ok(sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err));
	assert_true(started);
	sg_db_get_stats(t->store, &s);
	assert_int_equal(s.redone, 1);
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_RESERVED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_fake(commit__fails__dead),
	    case_fake(commit__fails__every_job_fails),
	    case_fake(statement__full__nothing_recorded_goes_on),
	    case_fake(statement__nth_fails__undone),
	    case_fake(statement__fails_once_after_a_write__repeated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
