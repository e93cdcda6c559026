/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "db/db.h"
#include "db/sql.h"
#include "db/writer.h"
#include "store/registrar/challenge.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

static void
set_file_limit(rlim_t bytes)
{
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static rlim_t
size_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return (rlim_t)st.st_size;
}

/* A file that may not grow is what a full disk looks like. */
static void
disk__full__clear_error_then_goes_on(void **state)
{
	struct bed *t = *state;
	char wal[128];
	signal(SIGXFSZ, SIG_IGN);
	snprintf(wal, sizeof(wal), "%s-wal", t->path);
	unsigned n = 0;
	for (; n < 20; n++) {
		struct sg_regdb_challenge c = a_challenge(n);
		assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	}
	set_file_limit(size_of(wal) + 20000);
	enum sg_code rc = SG_OK;
	for (; rc == SG_OK && n < 1000; n++) {
		struct sg_regdb_challenge c = a_challenge(n);
		rc = sg_regdb_challenge_add(t->store, &c, &t->err);
	}
	n--; /* this one was refused */
	assert_rule(rc, SG_E_IO, "store.full");
	assert_non_null(strstr(t->err.text, t->path));
	assert_false(sg_db_is_dead(t->store));
	/* Reading goes on, and what was acknowledged is there. */
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(challenge_state(t, i, NULL), SG_CHALLENGE_FREE);
	struct sg_regdb_challenge c = a_challenge(n);
	assert_false(find_challenge(t, c.hash)->found);
	assert_rule(sg_regdb_challenge_add(t->store, &c, &t->err), SG_E_IO, "store.full");
	set_file_limit(RLIM_INFINITY);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	sg_db_free(&t->store);
	bed_open(t, &sg_store_schema_registrar);
	for (unsigned i = 0; i <= n; i++)
		assert_int_equal(challenge_state(t, i, NULL), SG_CHALLENGE_FREE);
}

/* No space from the very start: nothing half-made stays in the way. */
static void
disk__full_at_creation__clear_error(void **state)
{
	struct bed *t = *state;
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t limit = 0; limit <= 40000; limit += 5000) {
		struct sg_db_conf conf = {.schema = &sg_store_schema_registrar, .path = t->path};
		set_file_limit(limit);
		enum sg_code rc = sg_db_open(&conf, &t->store, &t->err);
		set_file_limit(RLIM_INFINITY);
		if (rc == SG_OK)
			sg_db_free(&t->store);
		else
			assert_int_equal(t->err.code, SG_E_IO);
	}
	bed_open(t, &sg_store_schema_registrar);
	struct sg_regdb_challenge c = a_challenge(1);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
}

#define PAGE 2048 /* of new databases */

/* Whatever page of the file is overwritten, there is an error or the right answer. */
static void
file__page_overwritten__no_crash(void **state)
{
	struct bed *t = *state;
	for (unsigned n = 0; n < 40; n++) {
		struct sg_regdb_challenge c = a_challenge(n);
		assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	}
	sg_db_free(&t->store);
	rlim_t size = size_of(t->path);
	unsigned errors = 0;
	for (rlim_t at = 4096; at < size; at += PAGE) {
		uint8_t page[PAGE], junk[PAGE];
		memset(junk, 0xa5, sizeof(junk));
		int fd = open(t->path, O_RDWR | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(pread(fd, page, PAGE, (off_t)at), PAGE);
		assert_int_equal(pwrite(fd, junk, PAGE, (off_t)at), PAGE);
		struct sg_db_conf conf = {.schema = &sg_store_schema_registrar, .path = t->path};
		struct sg_regdb_challenge c = a_challenge(5);
		struct seen_challenge seen = {.hash = c.hash};
		enum sg_code rc = sg_db_open(&conf, &t->store, &t->err);
		if (rc == SG_OK)
			rc = sg_db_read(t->store, see_challenge, &seen, &t->err);
		if (rc != SG_OK) {
			assert_string_equal(t->err.rule, "store.corrupt");
			errors++;
		}
		sg_db_free(&t->store);
		assert_int_equal(pwrite(fd, page, PAGE, (off_t)at), PAGE);
		close(fd);
	}
	assert_true(errors > 0);
	bed_open(t, &sg_store_schema_registrar);
	assert_int_equal(challenge_state(t, 5, NULL), SG_CHALLENGE_FREE);
}

/* The log is moved into the database and starts again: it does not grow for ever. */
static void
log__many_commits__bounded(void **state)
{
	struct bed *t = *state;
	char wal[128];
	static uint8_t big[60000];
	snprintf(wal, sizeof(wal), "%s-wal", t->path);
	for (unsigned n = 0; n < 1000; n++) {
		struct sg_regdb_challenge c = a_challenge(n);
		c.subject = sg_slice(big, sizeof(big));
		assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	}
	assert_true(size_of(t->path) > 1000 * sizeof(big) / 2);
	assert_true(size_of(wal) < 24u << 20);
}

static enum sg_code
begin_three(struct sg_sql *db, void *arg, struct sg_err *err)
{
	void **ret = arg;
	for (unsigned n = 0; n < 2; n++) {
		sg_query_scoped a, b, c;
		bool row = false;
		sg_query_begin(&a, db, "SELECT 1");
		sg_query_begin(&b, db, "SELECT 2");
		sg_query_begin_once(&c, db, n == 0 ? "SELECT 3" : "SELECT 4");
		assert_int_equal(sg_query_next(&c, &row, err), SG_OK);
		assert_int_equal(sg_query_col_int(&c, 0), 3 + n);
		assert_int_equal(sg_query_next(&b, &row, err), SG_OK);
		assert_int_equal(sg_query_col_int(&b, 0), 2);
		ret[2 * n] = a.stmt;
		ret[2 * n + 1] = b.stmt;
	}
	return SG_OK;
}

static void
statement__literal__prepared_once(void **state)
{
	struct bed *t = *state;
	void *stmt[4] = {NULL};
	assert_ok(sg_db_do(t->store, begin_three, stmt, &t->err));
	assert_non_null(stmt[0]);
	assert_ptr_not_equal(stmt[0], stmt[1]);
	assert_ptr_equal(stmt[0], stmt[2]);
	assert_ptr_equal(stmt[1], stmt[3]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(disk__full__clear_error_then_goes_on),
	    case_bed(disk__full_at_creation__clear_error),
	    case_registrar(file__page_overwritten__no_crash),
	    case_registrar(log__many_commits__bounded),
	    case_registrar(statement__literal__prepared_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
