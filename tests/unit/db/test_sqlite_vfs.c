/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "db/db.h"
#include "db/writer.h"
#include "store/fsck.h"
#include "store/registrar/challenge.h"

#include <dlfcn.h>
#include <errno.h>

/* What the log's file layer does with the calls of SQLite, seen from the operating system. */

static _Atomic unsigned writes, largest;
static _Atomic int fail_with; /* errno of the next writes */
static _Atomic unsigned fail_left;
static _Atomic bool write_first; /* and they have written all the same */
static _Atomic int fail_byte;	 /* errno of writes of one byte: -shm grows */
static _Atomic int fail_sync, fail_truncate;
static _Atomic unsigned syncs_left; /* before they fail */

__attribute__((visibility("default"))) ssize_t
pwrite64(int fd, const void *p, size_t len, off64_t at)
{
	static ssize_t (*real)(int, const void *, size_t, off64_t);
	int why = fail_left > 0 ? fail_with : 0;
	bool byte = len == 1 && fail_byte != 0;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "pwrite64");
	writes++;
	if (len > largest)
		largest = (unsigned)len;
	if (why != 0 || byte) {
		ssize_t n = write_first && !byte ? real(fd, p, len, at) : 0;
		fail_left -= byte ? 0 : 1;
		errno = byte ? fail_byte : why;
		return n >= 0 ? -1 : n;
	}
	return real(fd, p, len, at);
}

__attribute__((visibility("default"))) int
fdatasync(int fd)
{
	static int (*real)(int);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
	if (fail_sync == 0 || syncs_left > 0) {
		syncs_left -= syncs_left > 0 ? 1 : 0;
		return real(fd);
	}
	errno = fail_sync;
	return -1;
}

__attribute__((visibility("default"))) int
ftruncate64(int fd, off64_t len)
{
	static int (*real)(int, off64_t);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "ftruncate64");
	errno = fail_truncate;
	return fail_truncate != 0 ? -1 : real(fd, len);
}

static void
fail_writes(int with, unsigned n)
{
	fail_with = with;
	fail_left = n;
}

static void
add(struct bed *t, unsigned n)
{
	struct sg_regdb_challenge c = a_challenge(n);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
}

static void
commit__small__one_write(void **state)
{
	struct bed *t = *state;
	for (unsigned n = 0; n < 100; n++)
		add(t, n);
	for (unsigned n = 100; n < 110; n++) {
		unsigned before = writes;
		add(t, n);
		/* Several pages, each with its head. */
		assert_int_equal(writes - before, 1);
	}
	assert_true(largest > 4096);
	assert_int_equal(challenge_state(t, 105, NULL), SG_CHALLENGE_FREE);
}

/* Far more pages than the cache holds: SQLite writes pages before the commit, reads them back
 * and writes some of them anew. */
static enum sg_code
write_many(struct sg_sql *db, unsigned many, void *arg, struct sg_err *err)
{
	enum sg_code rc = SG_OK;
	for (unsigned n = 0; n < many && rc == SG_OK; n++) {
		sg_query_scoped q;
		sg_query_begin(&q, db,
		    "INSERT INTO challenge VALUES (randomblob(32), 1, 0, 0, ?1, ?1, '', x'', "
		    "hex(randomblob(200)), '', '')");
		sg_query_int(&q, NOW + (int64_t)n);
		rc = sg_query_run(&q, err);
	}
	if (rc != SG_OK)
		return rc;
	sg_query_scoped update;
	sg_query_begin(&update, db, "UPDATE challenge SET failures = failures + 1");
	rc = sg_query_run(&update, err);
	if (rc != SG_OK || arg == NULL)
		return rc;
	return sg_fail(err, SG_E_DENIED, "test.bad", "undo all that");
}

static enum sg_code
job_many(struct sg_sql *db, void *arg, struct sg_err *err)
{
	return write_many(db, 4000, arg, err);
}

static enum sg_code
job_very_many(struct sg_sql *db, void *arg, struct sg_err *err)
{
	return write_many(db, 20000, arg, err);
}

static enum sg_code
job_update(struct sg_sql *db, void *arg, struct sg_err *err)
{
	(void)arg;
	sg_query_scoped q;
	sg_query_begin(&q, db, "UPDATE challenge SET note = hex(randomblob(20))");
	return sg_query_run(&q, err);
}

static enum sg_code
count_rows(struct sg_sql *db, void *arg, struct sg_err *err)
{
	bool row = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT count(*) FROM challenge WHERE failures = 1");
	enum sg_code rc = sg_query_next(&q, &row, err);
	*(int64_t *)arg = rc == SG_OK && row ? sg_query_col_int(&q, 0) : -1;
	return rc;
}

static int64_t
rows(struct bed *t)
{
	int64_t n = 0;
	assert_ok(sg_db_read(t->store, count_rows, &n, &t->err));
	return n;
}

static void
open_small(struct bed *t)
{
	struct sg_db_conf conf = {
	    .schema = &sg_store_schema_registrar, .path = t->path, .readers = 1, .cache_kib = 64};
	assert_ok(sg_db_open(&conf, &t->store, &t->err));
}

static void
found(void *arg, const char *invariant, const char *text)
{
	(void)arg;
	fail_msg("%s: %s", invariant, text);
}

static void
check_file(struct bed *t)
{
	struct sg_fsck_conf conf = {.registrar_path = t->path, .found = found};
	sg_db_free(&t->store);
	assert_ok(sg_fsck(&conf, NULL, &t->err));
}

static void
commit__larger_than_the_cache__whole(void **state)
{
	struct bed *t = *state;
	bool undo = true;
	open_small(t);
	assert_rule(sg_db_do(t->store, job_many, &undo, &t->err), SG_E_DENIED, "test.bad");
	assert_int_equal(rows(t), 0);
	assert_ok(sg_db_do(t->store, job_many, NULL, &t->err));
	assert_int_equal(rows(t), 4000);
	check_file(t);
	open_small(t);
	assert_int_equal(rows(t), 4000);
}

/* The write that fails is the one of the commit: undone, and the next is not disturbed. */
static void
write__no_space__undone_goes_on(void **state)
{
	struct bed *t = *state;
	bed_open(t, &sg_store_schema_registrar);
	for (unsigned n = 0; n < 20; n++) {
		struct sg_regdb_challenge c = a_challenge(1000 + n);
		fail_writes(n % 2 == 0 ? ENOSPC : EDQUOT, 1);
		assert_rule(sg_regdb_challenge_add(t->store, &c, &t->err), SG_E_IO, "store.full");
		assert_int_equal(fail_left, 0);
		assert_false(sg_db_is_dead(t->store));
		assert_false(find_challenge(t, c.hash)->found);
		add(t, n);
	}
	check_file(t);
	bed_open(t, &sg_store_schema_registrar);
	for (unsigned n = 0; n < 20; n++)
		assert_int_equal(challenge_state(t, n, NULL), SG_CHALLENGE_FREE);
}

/* What a process that is killed now leaves: the same files elsewhere. */
static void
after_a_crash(struct bed *t, struct bed *other)
{
	char command[512];

	*other = (struct bed){0};
	snprintf(other->dir, sizeof(other->dir), "%s", t->dir);
	snprintf(other->path, sizeof(other->path), "%s/crash.db", t->dir);
	snprintf(command, sizeof(command), "cp %s %s && cp %s-wal %s-wal", t->path, other->path,
	    t->path, other->path);
	assert_int_equal(system(command), 0);
	bed_open(other, &sg_store_schema_registrar);
}

/* The file system took everything and then said that it had no room: "nothing was recorded" is
 * true all the same, also for whoever reads the disk after a crash. */
static void
write__no_space_but_written__cut_off(void **state)
{
	struct bed *t = *state, other;
	struct sg_regdb_challenge c = a_challenge(7);
	bed_open(t, &sg_store_schema_registrar);
	add(t, 1);
	write_first = true;
	fail_writes(ENOSPC, 1);
	enum sg_code rc = sg_regdb_challenge_add(t->store, &c, &t->err);
	write_first = false;
	assert_rule(rc, SG_E_IO, "store.full");
	after_a_crash(t, &other);
	assert_int_equal(challenge_state(&other, 1, NULL), SG_CHALLENGE_FREE);
	assert_false(find_challenge(&other, c.hash)->found);
	sg_db_free(&other.store);
	bed_unlink(other.path);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	assert_int_equal(challenge_state(t, 7, NULL), SG_CHALLENGE_FREE);
	check_file(t);
}

/* What was written cannot be cut off, or that is not on the disk: unknown. */
static void
write__no_space_and_not_cut_off__dead(void **state)
{
	struct bed *t = *state;
	_Atomic int *const faults[] = {&fail_truncate, &fail_sync};
	for (unsigned n = 0; n < 2; n++) {
		struct sg_regdb_challenge c = a_challenge(100 + n);
		bed_open(t, &sg_store_schema_registrar);
		add(t, n);
		fail_writes(ENOSPC, 1);
		*faults[n] = EIO;
		assert_rule(sg_regdb_challenge_add(t->store, &c, &t->err), SG_E_IO, "store.io");
		assert_true(sg_db_is_dead(t->store));
		*faults[n] = 0;
		check_file(t);
		bed_open(t, &sg_store_schema_registrar);
		assert_int_equal(challenge_state(t, n, NULL), SG_CHALLENGE_FREE);
		sg_db_free(&t->store);
	}
}

/* Whatever fsync says: a synchronisation that failed is not repeated, and nothing is said about
 * what it was to make durable. */
static void
sync__no_space__dead(void **state)
{
	struct bed *t = *state;
	static const int reasons[] = {ENOSPC, EDQUOT, EFBIG, EIO, EROFS};
	for (unsigned n = 0; n < sizeof(reasons) / sizeof(reasons[0]); n++) {
		struct sg_regdb_challenge c = a_challenge(100 + n);
		bed_open(t, &sg_store_schema_registrar);
		add(t, n);
		fail_sync = reasons[n];
		assert_rule(sg_regdb_challenge_add(t->store, &c, &t->err), SG_E_IO, "store.io");
		assert_true(sg_db_is_dead(t->store));
		fail_sync = 0;
		check_file(t);
		bed_open(t, &sg_store_schema_registrar);
		assert_int_equal(challenge_state(t, n, NULL), SG_CHALLENGE_FREE);
		sg_db_free(&t->store);
	}
}

/* The syncs of a commit first, then those of the checkpoint that it leads to. */
static void
sync__of_a_checkpoint_no_space__dead(void **state)
{
	struct bed *t = *state;
	unsigned committed = 0;
	open_small(t);
	assert_ok(sg_db_do(t->store, job_many, NULL, &t->err));
	sg_db_free(&t->store);
	for (unsigned left = 0; left < 5; left++) {
		open_small(t);
		syncs_left = left;
		fail_sync = ENOSPC;
		enum sg_code rc = sg_db_do(t->store, job_update, NULL, &t->err);
		if (rc == SG_OK) { /* the writer has moved the log before it takes another job */
			struct sg_regdb_challenge c = a_challenge(1);
			committed++;
			assert_rule(sg_regdb_challenge_add(t->store, &c, &t->err), SG_E_IO,
			    sg_db_is_dead(t->store) ? "store.dead" : "store.io");
		}
		assert_true(sg_db_is_dead(t->store));
		fail_sync = 0;
		check_file(t);
		open_small(t);
		assert_int_equal(rows(t), 4000);
		sg_db_free(&t->store);
	}
	assert_true(committed > 0);
}

/* The index of the log finds no room after the log is on the disk. */
static void
commit__index_cannot_grow__unknown_and_there(void **state)
{
	struct bed *t = *state;
	struct sg_db_conf conf = {.schema = &sg_store_schema_registrar,
	    .path = t->path,
	    .readers = 1,
	    .cache_kib = 65536};
	assert_ok(sg_db_open(&conf, &t->store, &t->err));
	fail_byte = ENOSPC;
	enum sg_code rc = sg_db_do(t->store, job_very_many, NULL, &t->err);
	fail_byte = 0;
	assert_rule(rc, SG_E_IO, "store.io");
	assert_true(sg_db_is_dead(t->store));
	sg_db_free(&t->store);
	open_small(t);
	assert_int_equal(rows(t), 20000);
	check_file(t);
}

/* In the middle of a transaction that does not fit into the cache. */
static void
write__nth_of_many_fails__undone(void **state)
{
	struct bed *t = *state;
	open_small(t);
	assert_ok(sg_db_do(t->store, job_many, NULL, &t->err));
	add(t, 1); /* comes after the checkpoint */
	fail_writes(ENOSPC, 2);
	assert_rule(sg_db_do(t->store, job_many, NULL, &t->err), SG_E_IO, "store.full");
	assert_false(sg_db_is_dead(t->store));
	assert_int_equal(rows(t), 4000);
	/* Once only: the job runs again by itself. */
	add(t, 2);
	fail_writes(ENOSPC, 1);
	assert_ok(sg_db_do(t->store, job_many, NULL, &t->err));
	assert_int_equal(rows(t), 4002);
	check_file(t);
}

static void
write__broken__dead(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = a_challenge(2);
	bed_open(t, &sg_store_schema_registrar);
	add(t, 1);
	fail_writes(EIO, 1);
	assert_rule(sg_regdb_challenge_add(t->store, &c, &t->err), SG_E_IO, "store.io");
	assert_true(sg_db_is_dead(t->store));
	check_file(t);
	bed_open(t, &sg_store_schema_registrar);
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_FREE);
}

/* A database of an earlier version: pages of 4096 bytes. */
static void
open__other_page_size__works(void **state)
{
	struct bed *t = *state;
	bed_open(t, &sg_store_schema_registrar);
	add(t, 1);
	sg_db_free(&t->store);
	bed_sql(t->path, "PRAGMA journal_mode=DELETE; PRAGMA page_size=4096; VACUUM;");
	bed_open(t, &sg_store_schema_registrar);
	add(t, 2);
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_FREE);
	check_file(t);
	bed_open(t, &sg_store_schema_registrar);
	assert_int_equal(challenge_state(t, 2, NULL), SG_CHALLENGE_FREE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(commit__small__one_write),
	    case_bed(commit__larger_than_the_cache__whole),
	    case_bed(write__no_space__undone_goes_on),
	    case_bed(write__no_space_but_written__cut_off),
	    case_bed(write__no_space_and_not_cut_off__dead),
	    case_bed(sync__no_space__dead),
	    case_bed(sync__of_a_checkpoint_no_space__dead),
	    case_bed(commit__index_cannot_grow__unknown_and_there),
	    case_bed(write__nth_of_many_fails__undone),
	    case_bed(write__broken__dead),
	    case_bed(open__other_page_size__works),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
