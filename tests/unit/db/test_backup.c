/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "base/buf.h"
#include "db/backup.h"
#include "db/room.h"
#include "store/registrar/challenge.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

#define MANY 300u

/* Who takes a copy: into a buffer, and does something else at a piece. */
struct taker {
	struct bed *t;
	struct sg_buf got;
	uint64_t length;
	unsigned pieces;
	void (*at_piece)(struct taker *taker);
	enum sg_code fail_begin, fail_put;
};

static enum sg_code
take_begin(void *arg, uint64_t length, struct sg_err *err)
{
	struct taker *taker = arg;

	assert_int_equal(taker->length, 0);
	taker->length = length;
	if (taker->fail_begin != SG_OK)
		return sg_fail(err, taker->fail_begin, "test.begin", "the test refuses");
	return SG_OK;
}

static enum sg_code
take_put(void *arg, struct sg_slice piece, struct sg_err *err)
{
	struct taker *taker = arg;

	assert_true(taker->length > 0 && piece.len > 0 && piece.len <= 65536);
	if (taker->at_piece != NULL)
		taker->at_piece(taker);
	taker->pieces++;
	if (taker->fail_put != SG_OK)
		return sg_fail(err, taker->fail_put, "test.put", "the test refuses");
	sg_buf_put_slice(&taker->got, piece);
	return SG_OK;
}

static enum sg_code
backup(struct bed *t, struct taker *taker)
{
	const struct sg_db_backup_to to = {.arg = taker, .begin = take_begin, .put = take_put};

	taker->t = t;
	taker->got.max = 64u << 20;
	return sg_db_backup(t->store, &to, &t->err);
}

static void
add_one(struct bed *t, unsigned n)
{
	struct sg_regdb_challenge c = a_challenge(n);

	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
}

static int64_t
ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	int64_t ret = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return ret;
}

/* The copy is whole by itself, read-only and where no other file may be made; how many challenges
 * it has. */
static int64_t
check_copy(struct taker *taker)
{
	struct bed *t = taker->t;
	sqlite3 *db = NULL;
	char path[96], wal[128];

	snprintf(path, sizeof path, "%s/copy", t->dir);
	snprintf(wal, sizeof wal, "%s-wal", path);
	assert_int_equal(taker->got.len, taker->length);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, sg_buf_slice(&taker->got).p, taker->got.len), taker->got.len);
	close(fd);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(ask(db, "SELECT count(*) FROM pragma_integrity_check"), 1);
	assert_int_equal(ask(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
	assert_int_equal(ask(db, "PRAGMA page_count") * ask(db, "PRAGMA page_size"), taker->length);
	assert_int_equal(ask(db, "SELECT journal_mode = 'delete' FROM pragma_journal_mode"), 1);
	int64_t n = ask(db, "SELECT count(*) FROM challenge");
	sqlite3_close_v2(db);
	assert_int_not_equal(access(wal, F_OK), 0);
	assert_ok(sg_db_backup_check(path, &sg_store_schema_registrar, &t->err));
	assert_int_equal(rename(path, t->ca_path), 0);
	sg_buf_clear(&taker->got);
	return n;
}

static void
copy__empty_and_filled__the_same_database(void **state)
{
	struct bed *t = *state;
	struct taker none = {0}, some = {0}, again = {0};

	assert_ok(backup(t, &none));
	assert_int_equal(check_copy(&none), 0);
	for (unsigned n = 0; n < MANY; n++)
		add_one(t, n);
	assert_ok(backup(t, &some));
	assert_true(some.pieces > 1);
	assert_int_equal(check_copy(&some), MANY);
	/* It opens as the role's own, which makes a log of it. */
	sg_db_free(&t->store);
	struct sg_db_conf conf = {.schema = &sg_store_schema_registrar, .path = t->ca_path};
	assert_ok(sg_db_open(&conf, &t->store, &t->err));
	add_one(t, MANY);
	assert_ok(backup(t, &again));
	sg_db_free(&t->store);
	assert_int_equal(check_copy(&again), MANY + 1);
}

static void
write_more(struct taker *taker)
{
	for (unsigned n = 0; n < 20; n++)
		add_one(taker->t, 100000 + taker->pieces * 20 + n);
}

/* What is committed meanwhile is in none of its pages. */
static void
copy__commits_meanwhile__of_one_moment(void **state)
{
	struct bed *t = *state;
	struct taker taker = {.at_piece = write_more}, after = {0};

	for (unsigned n = 0; n < MANY; n++)
		add_one(t, n);
	assert_ok(backup(t, &taker));
	assert_int_equal(check_copy(&taker), MANY);
	assert_ok(backup(t, &after));
	assert_int_equal(check_copy(&after), MANY + 20 * taker.pieces);
}

struct load {
	struct bed *t;
	_Atomic unsigned done;
	_Atomic bool stop;
};

static void *
write_always(void *arg)
{
	struct load *load = arg;
	struct sg_err err;

	for (unsigned n = 0; !atomic_load(&load->stop); n++) {
		struct sg_regdb_challenge c = a_challenge(n);
		if (sg_regdb_challenge_add(load->t->store, &c, &err) != SG_OK)
			return arg;
		atomic_store(&load->done, n + 1);
	}
	return NULL;
}

/* All that was answered before it began is there, whatever the log and its writer do. */
static void
copy__load__nothing_answered_is_missing(void **state)
{
	struct bed *t = *state;
	struct load load = {.t = t};
	pthread_t thread;
	void *failed = NULL;

	assert_int_equal(pthread_create(&thread, NULL, write_always, &load), 0);
	for (unsigned n = 0; n < 30; n++) {
		struct taker taker = {0};
		unsigned before = atomic_load(&load.done);
		assert_ok(backup(t, &taker));
		unsigned after = atomic_load(&load.done) + 1;
		int64_t has = check_copy(&taker);
		assert_in_range(has, before, after);
	}
	atomic_store(&load.stop, true);
	pthread_join(thread, &failed);
	assert_null(failed);
}

static void
begin_another(struct taker *taker)
{
	struct bed *t = taker->t;
	struct taker other = {0};

	assert_rule(backup(t, &other), SG_E_BUSY, "store.backup");
	assert_int_equal(other.length, 0);
}

static void
copy__another_runs__refused(void **state)
{
	struct bed *t = *state;
	struct taker taker = {.at_piece = begin_another}, after = {0};

	assert_ok(backup(t, &taker));
	check_copy(&taker);
	assert_ok(backup(t, &after));
	check_copy(&after);
}

static void
copy__refused_by_who_takes_it__ends(void **state)
{
	struct bed *t = *state;
	struct taker begin = {.fail_begin = SG_E_IO}, put = {.fail_put = SG_E_TIMEOUT}, after = {0};

	add_one(t, 1);
	assert_rule(backup(t, &begin), SG_E_IO, "test.begin");
	assert_int_equal(begin.pieces, 0);
	assert_rule(backup(t, &put), SG_E_TIMEOUT, "test.put");
	assert_int_equal(put.pieces, 1);
	assert_ok(backup(t, &after));
	assert_int_equal(check_copy(&after), 1);
}

/* SQLite does not look at what lies after the last commit in its log. */
static void
grow_log(struct taker *taker)
{
	char wal[128];

	snprintf(wal, sizeof wal, "%s-wal", taker->t->path);
	assert_int_equal(truncate(wal, (off_t)1 << 30), 0);
}

static void
copy__log_grows_too_much__ends(void **state)
{
	struct bed *t = *state;
	struct taker taker = {.at_piece = grow_log};

	for (unsigned n = 0; n < MANY; n++)
		add_one(t, n);
	assert_rule(backup(t, &taker), SG_E_LIMIT, "store.backup.slow");
	assert_int_equal(taker.pieces, 1);
	sg_buf_clear(&taker.got);
}

static void
fill_disk(struct taker *taker)
{
	if (taker->pieces == 0)
		assert_true(sg_db_give_room(taker->t->store, taker->t->dir, 1));
}

/* One that begins on a full disk goes on: it takes no room. */
static void
copy__disk_full_meanwhile__ends(void **state)
{
	struct bed *t = *state;
	struct taker taker = {.at_piece = fill_disk}, after = {0};
	struct sg_db_conf conf = {.schema = &sg_store_schema_registrar,
	    .path = t->path,
	    .reserve = (uint64_t)2 * SG_ROOM_PIECE};

	for (unsigned n = 0; n < MANY; n++)
		add_one(t, n);
	sg_db_free(&t->store);
	assert_ok(sg_db_open(&conf, &t->store, &t->err));
	assert_rule(backup(t, &taker), SG_E_IO, "store.full");
	assert_int_equal(taker.pieces, 1);
	sg_buf_clear(&taker.got);
	assert_ok(backup(t, &after));
	assert_int_equal(check_copy(&after), MANY);
}

/* Every page of it is looked at, and whose it is. */
static void
check__damaged_or_of_another__refused(void **state)
{
	struct bed *t = *state;
	struct taker taker = {0};
	uint8_t junk[512];

	for (unsigned n = 0; n < MANY; n++)
		add_one(t, n);
	assert_ok(backup(t, &taker));
	uint64_t length = taker.length;
	check_copy(&taker);
	assert_rule(
	    sg_db_backup_check(t->ca_path, &sg_store_schema_ca, &t->err), SG_E_CONF, "store.kind");
	memset(junk, 0xa5, sizeof junk);
	int fd = open(t->ca_path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, junk, sizeof junk, (off_t)(length - 2048)), sizeof junk);
	assert_rule(sg_db_backup_check(t->ca_path, &sg_store_schema_registrar, &t->err),
	    SG_E_INTERNAL, "store.corrupt");
	assert_int_equal(ftruncate(fd, (off_t)(length / 2)), 0);
	assert_rule(sg_db_backup_check(t->ca_path, &sg_store_schema_registrar, &t->err),
	    SG_E_INTERNAL, "store.corrupt");
	assert_int_equal(pwrite(fd, junk, sizeof junk, 0), sizeof junk);
	assert_rule(sg_db_backup_check(t->ca_path, &sg_store_schema_registrar, &t->err),
	    SG_E_INTERNAL, "store.corrupt");
	close(fd);
}

#define case_backup(f) cmocka_unit_test_setup_teardown(f, bed_registrar, bed_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_backup(copy__empty_and_filled__the_same_database),
	    case_backup(copy__commits_meanwhile__of_one_moment),
	    case_backup(copy__load__nothing_answered_is_missing),
	    case_backup(copy__another_runs__refused),
	    case_backup(copy__refused_by_who_takes_it__ends),
	    case_backup(copy__log_grows_too_much__ends),
	    case_backup(copy__disk_full_meanwhile__ends),
	    case_backup(check__damaged_or_of_another__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
