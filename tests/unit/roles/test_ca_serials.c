/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "lib/fake_driver.h"

#include <pthread.h>

#include "lib/alloc_fail.h"
#include "roles/ca/serials.h"
#include "db/db.h"
#include "store/ca/cert.h"
#include "store/fsck.h"

/* Thousands of commits whose durability is not what is tested: in place of libc's. */
__attribute__((visibility("default"))) int
fdatasync(int fd)
{
	(void)fd;
	return 0;
}

struct side {
	struct bed *t;
	struct ca_serials *s;
};

static void
begin(struct bed *t, struct ca_serials **s)
{
	bed_open_fake(t, &sg_store_schema_ca);
	assert_ok(ca_serials_new(t->store, s, &t->err));
}

/* As killed: what was in memory is gone. */
static void
end(struct bed *t, struct ca_serials **s)
{
	ca_serials_free(s);
	sg_db_free(&t->store);
}

static int64_t
count(struct bed *t, const char *sql, const uint8_t *serial)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	assert_int_equal(sqlite3_open(t->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	if (serial != NULL)
		sqlite3_bind_blob(q, 1, serial, SG_ISSUE_SERIAL_LEN, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static void
expect_on_disk(struct bed *t, const uint8_t *serial)
{
	assert_int_equal(
	    count(t, "SELECT count(*) FROM lease WHERE instr(serials, ?1) > 0", serial), 1);
}

/* Serial numbers that the audit says were given up. */
static int64_t
abandoned(struct bed *t)
{
	return count(t,
	    "SELECT coalesce(sum((length(detail) + 1) / 41), 0) FROM audit "
	    "WHERE act = 'abandon'",
	    NULL);
}

static enum sg_code
store_one(struct bed *t, struct ca_serials *s, unsigned n, struct sg_err *err)
{
	struct sg_cadb_new_cert c = a_new_cert(n);
	struct sg_cadb_cert row = {0};
	struct ca_serial one;
	bool fresh = false;
	uint8_t id[28];
	hash_of(c.csr_hash, 'q', n);
	memset(id, 0, sizeof(id));
	memcpy(id, &n, sizeof(n)); /* UNSAFE: 4 of 28 bytes */
	c.request_id = sg_slice(id, sizeof(id));
	enum sg_code rc = ca_serial_take(s, &one, err);
	if (rc != SG_OK)
		return rc;
	c.serial = sg_slice(one.bytes, sizeof(one.bytes));
	c.lease = one.lease;
	rc = sg_cadb_cert_add(t->store, &c, &fresh, &row, err);
	ca_serial_done(s, &one, rc == SG_OK && fresh);
	return rc;
}

static void
expect_sound(struct bed *t)
{
	struct sg_fsck_counts counts = {0};
	struct sg_fsck_conf conf = {.ca_path = t->path};
	assert_ok(sg_fsck(&conf, &counts, &t->err));
	assert_int_equal(counts.findings, 0);
}

static void
take__before_it_is_given_out__on_disk(void **state)
{
	struct bed *t = *state;
	struct ca_serials *s = NULL;
	struct ca_serial one[3 * SG_LEASE_MAX];
	begin(t, &s);
	for (unsigned i = 0; i < 3 * SG_LEASE_MAX; i++) {
		assert_ok(ca_serial_take(s, &one[i], &t->err));
		expect_on_disk(t, one[i].bytes);
		assert_int_equal(one[i].bytes[0] & 0xc0, 0x40);
		for (unsigned k = 0; k < i; k++)
			assert_memory_not_equal(one[i].bytes, one[k].bytes, SG_ISSUE_SERIAL_LEN);
	}
	for (unsigned i = 0; i < 3 * SG_LEASE_MAX; i++)
		ca_serial_done(s, &one[i], false);
	end(t, &s);
	begin(t, &s); /* all of them may have been signed */
	assert_int_equal(abandoned(t), 3 * SG_LEASE_MAX);
	assert_int_equal(count(t, "SELECT count(*) FROM lease", NULL), 1);
	end(t, &s);
	expect_sound(t);
}

static void
take__certificates_stored__no_commit_of_its_own(void **state)
{
	struct bed *t = *state;
	struct ca_serials *s = NULL;
	struct sg_db_stats before, after;
	begin(t, &s);
	sg_db_get_stats(t->store, &before);
	for (unsigned n = 1; n <= 10 * SG_LEASE_MAX; n++)
		assert_int_equal(store_one(t, s, n, &t->err), SG_OK);
	sg_db_get_stats(t->store, &after);
	assert_int_equal(after.jobs - before.jobs, 10 * SG_LEASE_MAX);
	/* What was used up is gone from the disk, too, without a word. */
	assert_in_range(count(t, "SELECT count(*) FROM lease", NULL), 1, 3);
	assert_int_equal(abandoned(t), 0);
	end(t, &s);
	expect_sound(t);
	begin(t, &s);
	assert_in_range(abandoned(t), 1, 2 * SG_LEASE_MAX);
	end(t, &s);
	expect_sound(t);
}

static void
take__signed_and_not_stored__abandoned(void **state)
{
	struct bed *t = *state;
	struct ca_serials *s = NULL;
	struct ca_serial lost;
	begin(t, &s);
	assert_ok(ca_serial_take(s, &lost, &t->err));
	uint8_t serial[SG_ISSUE_SERIAL_LEN];
	memcpy(serial, lost.bytes, sizeof(serial));
	/* In work: its lease stays, whatever comes after it. */
	for (unsigned n = 1; n <= 4 * SG_LEASE_MAX; n++)
		assert_int_equal(store_one(t, s, n, &t->err), SG_OK);
	expect_on_disk(t, serial);
	ca_serial_done(s, &lost, false);
	for (unsigned n = 1000; n <= 1000 + 2 * SG_LEASE_MAX; n++)
		assert_int_equal(store_one(t, s, n, &t->err), SG_OK);
	assert_int_equal(abandoned(t), 1);
	assert_int_equal(
	    count(t, "SELECT count(*) FROM lease WHERE instr(serials, ?1)", serial), 0);
	end(t, &s);
	expect_sound(t);
}

static void
take__disk_full__works_again_by_itself(void **state)
{
	struct bed *t = *state;
	struct ca_serials *s = NULL;
	begin(t, &s);
	/* Until there is no serial number left and none can be leased. */
	fake_fail(FAKE_FULL, 1, true);
	for (unsigned n = 1; n <= 2 * SG_LEASE_MAX; n++) {
		assert_int_equal(store_one(t, s, n, &t->err), SG_E_IO);
		assert_string_equal(t->err.rule, "store.full");
	}
	struct ca_serial one;
	assert_rule(ca_serial_take(s, &one, &t->err), SG_E_IO, "store.full");
	fake_fail(FAKE_NONE, 0, false);
	for (unsigned n = 1; n <= 2 * SG_LEASE_MAX; n++)
		assert_int_equal(store_one(t, s, n, &t->err), SG_OK);
	assert_int_equal(abandoned(t), SG_LEASE_MAX);
	end(t, &s);
	expect_sound(t);
}

/* The disk is full when ca starts: it starts, and leases when it can. */
static void
serials__disk_full_at_start__later(void **state)
{
	struct bed *t = *state;
	struct ca_serials *s = NULL;
	struct ca_serial one;
	begin(t, &s);
	assert_ok(ca_serial_take(s, &one, &t->err));
	ca_serial_done(s, &one, false);
	end(t, &s);
	bed_open_fake(t, &sg_store_schema_ca);
	fake_fail(FAKE_FULL, 2, true); /* the first one reads the last lease */
	assert_ok(ca_serials_new(t->store, &s, &t->err));
	assert_rule(ca_serial_take(s, &one, &t->err), SG_E_IO, "store.full");
	fake_fail(FAKE_NONE, 0, false);
	assert_int_equal(abandoned(t), 0);
	for (unsigned n = 1; n <= 3 * SG_LEASE_MAX; n++)
		assert_int_equal(store_one(t, s, n, &t->err), SG_OK);
	assert_int_equal(abandoned(t), SG_LEASE_MAX);
	end(t, &s);
	fake_fail(FAKE_NONE, 0, false);
	bed_open_fake(t, &sg_store_schema_ca);
	fake_fail(FAKE_STEP, 1, true);
	assert_rule(ca_serials_new(t->store, &s, &t->err), SG_E_IO, "store.io");
	fake_fail(FAKE_NONE, 0, false);
	assert_null(s);
	sg_db_free(&t->store);
	expect_sound(t);
}

static void
serials__nth_allocation_fails__nothing_lost(void **state)
{
	struct bed *t = *state;
	struct ca_serials *s = NULL;
	unsigned failed = 0, key = 0;
	begin(t, &s);
	end(t, &s);
	for (unsigned long n = 1;; n++) {
		bed_open_fake(t, &sg_store_schema_ca);
		alloc_fail_at(n);
		enum sg_code rc = ca_serials_new(t->store, &s, &t->err);
		alloc_fail_at(0);
		if (rc == SG_OK)
			break;
		assert_int_equal(rc, SG_E_NOMEM);
		assert_null(s);
		sg_db_free(&t->store);
		failed++;
	}
	assert_int_equal(failed, 1); /* without numbers it begins */
	/* No memory for the next lease: that costs nothing until the numbers are at their end. */
	struct ca_serial one;
	for (unsigned n = 1; n <= SG_LEASE_MAX; n++) {
		alloc_fail_at(n == 1 ? 0 : 1);
		assert_ok(ca_serial_take(s, &one, &t->err));
		alloc_fail_at(0);
		assert_null(one.lease);
		ca_serial_done(s, &one, false);
	}
	alloc_fail_at(1);
	assert_rule(ca_serial_take(s, &one, &t->err), SG_E_NOMEM, "memory");
	alloc_fail_at(0);
	/* Wherever it fails on the way through several leases: the job runs again. */
	struct sg_db_stats stats;
	for (unsigned long n = 1; n <= 40 * SG_LEASE_MAX; n++) {
		alloc_fail_at(n % 9 + 1);
		enum sg_code rc = store_one(t, s, ++key, &t->err);
		alloc_fail_at(0);
		assert_int_equal(rc, SG_OK);
	}
	sg_db_get_stats(t->store, &stats);
	assert_true(stats.redone > 0);
	assert_int_equal(abandoned(t), 2 * SG_LEASE_MAX); /* of the first one, too */
	end(t, &s);
	expect_sound(t);
}

#define THREADS 8u
#define EACH 400u

static void *
issue_many(void *arg)
{
	static _Atomic unsigned next;
	struct side *side = arg;
	for (unsigned i = 0; i < EACH; i++) {
		struct sg_err err;
		unsigned n = ++next;
		struct ca_serial unused;
		if (n % 50 == 0) { /* signed, and cancelled meanwhile */
			if (ca_serial_take(side->s, &unused, &err) != SG_OK)
				return arg;
			ca_serial_done(side->s, &unused, false);
		}
		if (store_one(side->t, side->s, n, &err) != SG_OK)
			return arg;
	}
	return NULL;
}

static void
take__many_at_once__each_number_once(void **state)
{
	struct bed *t = *state;
	struct side side = {.t = t};
	pthread_t threads[THREADS];
	struct sg_cadb_cert_counts counts = {0};
	begin(t, &side.s);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, issue_many, &side), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		void *failed = NULL;
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_ok(sg_cadb_cert_count(t->store, &counts, &t->err));
	assert_int_equal(counts.by_state[SG_CADB_CERT_GOOD], THREADS * EACH);
	assert_in_range(count(t, "SELECT count(*) FROM lease", NULL), 1, 4);
	end(t, &side.s);
	begin(t, &side.s);
	assert_in_range(abandoned(t), THREADS * EACH / 50, THREADS * EACH / 50 + 256);
	end(t, &side.s);
	expect_sound(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_bed(take__before_it_is_given_out__on_disk),
	    case_bed(take__certificates_stored__no_commit_of_its_own),
	    case_bed(take__signed_and_not_stored__abandoned),
	    case_bed(take__disk_full__works_again_by_itself),
	    case_bed(serials__disk_full_at_start__later),
	    case_bed(serials__nth_allocation_fails__nothing_lost),
	    case_bed(take__many_at_once__each_number_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
