/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "fiber/loop.h"
#include "db/db.h"
#include "store/ca/cert.h"
#include "store/ca/crl.h"
#include "store/registrar/challenge.h"

static enum sg_code
try_open(struct bed *t, const struct sg_db_schema *schema)
{
	struct sg_db_conf conf = {.schema = schema, .path = t->path};
	return sg_db_open(&conf, &t->store, &t->err);
}

static void
open__fresh__mode_0600(void **state)
{
	struct bed *t = *state;
	mode_t old = umask(0);
	bed_open(t, &sg_store_schema_registrar);
	struct sg_regdb_challenge c = a_challenge(1);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	umask(old);
	static const char *const tails[] = {"", "-wal", "-shm", ".lock"};
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		char name[128];
		struct stat st;
		snprintf(name, sizeof(name), "%s%s", t->path, tails[i]);
		assert_int_equal(stat(name, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
}

static void
open__again__rows_are_there(void **state)
{
	struct bed *t = *state;
	for (int i = 0; i < 3; i++) {
		bed_open(t, &sg_store_schema_registrar);
		struct sg_regdb_challenge c = a_challenge((unsigned)i);
		assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
		assert_int_equal(challenge_state(t, 0, NULL), SG_CHALLENGE_FREE);
		sg_db_free(&t->store);
		assert_null(t->store);
	}
	sg_db_free(&t->store);
}

static void
open__second_time__locked(void **state)
{
	struct bed *t = *state;
	bed_open(t, &sg_store_schema_registrar);
	struct sg_db *first = sg_steal(t->store);
	assert_rule(try_open(t, &sg_store_schema_registrar), SG_E_BUSY, "store.locked");
	assert_non_null(strstr(t->err.text, t->path));
	assert_null(t->store);
	t->store = first;
}

static void
open__other_kind__refused(void **state)
{
	struct bed *t = *state;
	bed_open(t, &sg_store_schema_registrar);
	sg_db_free(&t->store);
	assert_rule(try_open(t, &sg_store_schema_ca), SG_E_CONF, "store.kind");
	assert_non_null(strstr(t->err.text, t->path));
}

static void
open__foreign_database__refused(void **state)
{
	struct bed *t = *state;
	bed_sql(t->path, "CREATE TABLE diary (page TEXT)");
	assert_int_equal(chmod(t->path, 0600), 0);
	assert_rule(try_open(t, &sg_store_schema_ca), SG_E_CONF, "store.kind");
}

static void
open__newer_schema__refused(void **state)
{
	struct bed *t = *state;
	bed_open(t, &sg_store_schema_registrar);
	sg_db_free(&t->store);
	bed_sql(t->path, "PRAGMA user_version = 99");
	assert_rule(try_open(t, &sg_store_schema_registrar), SG_E_CONF, "store.newer");
	assert_non_null(strstr(t->err.text, "99"));
}

static void
open__readable_by_others__refused(void **state)
{
	struct bed *t = *state;
	bed_open(t, &sg_store_schema_registrar);
	sg_db_free(&t->store);
	assert_int_equal(chmod(t->path, 0640), 0);
	assert_rule(try_open(t, &sg_store_schema_registrar), SG_E_CONF, "store.mode");
	assert_non_null(strstr(t->err.text, "0640"));
}

static void
open__no_folder__path(void **state)
{
	struct bed *t = *state;
	char path[128];
	snprintf(path, sizeof(path), "%s/no/such.db", t->dir);
	struct sg_db_conf conf = {.schema = &sg_store_schema_registrar, .path = path};
	assert_rule(sg_db_open(&conf, &t->store, &t->err), SG_E_CONF, "store.path");
	assert_non_null(strstr(t->err.text, path));
	conf.path = t->dir;
	assert_rule(sg_db_open(&conf, &t->store, &t->err), SG_E_CONF, "store.path");
}

static void
open__symbolic_link__refused(void **state)
{
	struct bed *t = *state;
	assert_int_equal(symlink("elsewhere.db", t->path), 0);
	assert_rule(try_open(t, &sg_store_schema_registrar), SG_E_CONF, "store.path");
}

static void
open__not_a_database__corrupt(void **state)
{
	struct bed *t = *state;
	FILE *f = fopen(t->path, "w");
	assert_non_null(f);
	for (int i = 0; i < 4096; i++)
		fputc('x', f);
	fclose(f);
	assert_int_equal(chmod(t->path, 0600), 0);
	assert_rule(try_open(t, &sg_store_schema_registrar), SG_E_INTERNAL, "store.corrupt");
}

static void
open__bad_arguments__argument(void **state)
{
	struct bed *t = *state;
	struct sg_db_conf conf = {.path = t->path};
	assert_rule(sg_db_open(&conf, &t->store, &t->err), SG_E_INTERNAL, "store.argument");
	conf = (struct sg_db_conf){
	    .schema = &sg_store_schema_registrar, .path = t->path, .readers = 1000};
	assert_rule(sg_db_open(&conf, &t->store, &t->err), SG_E_INTERNAL, "store.argument");
}

static void
verb__on_the_other_kind__sql(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_crl crl = {0};
	bed_open(t, &sg_store_schema_registrar);
	assert_rule(sg_cadb_crl_latest(t->store, 1, 0, &crl, &t->err), SG_E_INTERNAL, "store.sql");
	struct sg_cadb_cert row = {0};
	assert_rule(sg_cadb_cert_cancel(t->store, text("x"), text(""), NOW, &row, &t->err),
	    SG_E_INTERNAL, "store.sql");
	/* And the store goes on. */
	struct sg_regdb_challenge c = a_challenge(1);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
}

/* Somebody who reads a list and takes his time with its only row. */
struct reading {
	struct sg_db *store;
	atomic_bool begun, let_go, done;
};

static bool
wait_there(void *arg, const struct sg_regdb_challenge *row)
{
	struct reading *r = arg;
	(void)row;
	r->begun = true;
	while (!r->let_go)
		usleep(1000);
	return true;
}

static void *
read_slowly(void *arg)
{
	struct reading *r = arg;
	if (sg_regdb_challenge_list(r->store, 10, wait_there, r, NULL) == SG_OK)
		r->done = true;
	return NULL;
}

static void
read_as_fiber(void *arg)
{
	read_slowly(arg);
	for (;;)
		sg_pause_ms(60000);
}

static bool
soon(const atomic_bool *flag, int64_t ms)
{
	int64_t until = sg_clock_mono_ms() + ms;
	while (!*flag && sg_clock_mono_ms() < until)
		usleep(1000);
	return *flag;
}

/* A loop lasts as long as its process. */
static struct sg_loop *loop;

static void
read__lists_of_threads__no_fiber_waits(void **state)
{
	struct bed *t = *state;
	pthread_t thread[2];
	bed_open(t, &sg_store_schema_registrar); /* with two read connections */
	struct sg_regdb_challenge c = a_challenge(1);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	static struct reading slow[2], fiber;
	slow[0] = slow[1] = (struct reading){.store = t->store};
	fiber = (struct reading){.store = t->store, .let_go = true};
	assert_int_equal(pthread_create(&thread[0], NULL, read_slowly, &slow[0]), 0);
	assert_true(soon(&slow[0].begun, 20000));
	assert_int_equal(pthread_create(&thread[1], NULL, read_slowly, &slow[1]), 0);
	assert_false(soon(&slow[1].begun, 100));
	assert_ok(sg_loop_new(&loop, &t->err));
	assert_ok(sg_loop_spawn(loop, read_as_fiber, &fiber, &t->err));
	assert_ok(sg_loop_start(loop, &t->err));
	assert_true(soon(&fiber.done, 20000));
	slow[0].let_go = slow[1].let_go = true;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_true(slow[i].done);
	}
}

/* Another process that has the database open until it is told to end. */
static pid_t
hold(const char *path, int *ret_tell)
{
	int tell[2], ready[2];
	char byte = 0;
	assert_int_equal(pipe(tell), 0);
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = -1;
		close(tell[1]);
		if (sg_db_lock(path, &fd, NULL) != SG_OK || write(ready[1], "r", 1) != 1)
			_exit(1);
		_exit(read(tell[0], &byte, 1) < 0);
	}
	close(tell[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	*ret_tell = tell[1];
	return pid;
}

static void *
tell_soon(void *arg)
{
	const struct timespec soon = {0, 200 * 1000 * 1000};
	nanosleep(&soon, NULL);
	close(*(int *)arg);
	return NULL;
}

static void
open__holder_that_ends__waited_for(void **state)
{
	struct bed *t = *state;
	struct sg_db_conf conf = {
	    .schema = &sg_store_schema_registrar, .path = t->path, .lock_ms = 60000};
	pthread_t thread;
	int tell = -1, status = 0;
	sg_db_free(&t->store);
	pid_t pid = hold(t->path, &tell);
	assert_int_equal(pthread_create(&thread, NULL, tell_soon, &tell), 0);
	assert_ok(sg_db_open(&conf, &t->store, &t->err));
	pthread_join(thread, NULL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
open__holder_that_stays__locked(void **state)
{
	struct bed *t = *state;
	struct sg_db_conf conf = {
	    .schema = &sg_store_schema_registrar, .path = t->path, .lock_ms = 50};
	struct sg_db *other = NULL;
	assert_rule(sg_db_open(&conf, &other, &t->err), SG_E_BUSY, "store.locked");
	assert_null(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(open__holder_that_ends__waited_for),
	    case_registrar(open__holder_that_stays__locked),
	    case_bed(open__fresh__mode_0600),
	    case_bed(open__again__rows_are_there),
	    case_bed(open__second_time__locked),
	    case_bed(open__other_kind__refused),
	    case_bed(open__foreign_database__refused),
	    case_bed(open__newer_schema__refused),
	    case_bed(open__readable_by_others__refused),
	    case_bed(open__no_folder__path),
	    case_bed(open__symbolic_link__refused),
	    case_bed(open__not_a_database__corrupt),
	    case_bed(open__bad_arguments__argument),
	    case_bed(verb__on_the_other_kind__sql),
	    case_bed(read__lists_of_threads__no_fiber_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
