/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "db/db.h"
#include "db/db_private.h"
#include "db/room.h"
#include "store/ca/audit.h"
#include "store/ca/cert.h"
#include "store/ca/crl.h"
#include "store/ca/revoke.h"
#include "store/fsck.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>

/*
 * The reserve: the file by itself, and what a store does with it on a disk that is full, which
 * pwrite and ftruncate play here: a write needs space for all of it, as where nothing is
 * overwritten in place, but takes only what the file grows by; what is cut off gives it back. Ten
 * seconds and more: the writer looks for room once a second.
 */

#define PIECE ((int64_t)SG_ROOM_PIECE)
#define RESERVE ((uint64_t)PIECE * 4)

static _Atomic int64_t space = INT64_MAX / 2;
static _Atomic int why_full = ENOSPC;

__attribute__((visibility("default"))) ssize_t
pwrite64(int fd, const void *p, size_t len, off64_t at)
{
	static ssize_t (*real)(int, const void *, size_t, off64_t);
	struct stat st;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "pwrite64");
	if (space < (int64_t)len || fstat(fd, &st) != 0) {
		errno = why_full;
		return -1;
	}
	int64_t grows = (int64_t)at + (int64_t)len - (int64_t)st.st_size;
	space -= grows > 0 ? grows : 0;
	return real(fd, p, len, at);
}

__attribute__((visibility("default"))) int
ftruncate64(int fd, off64_t len)
{
	static int (*real)(int, off64_t);
	struct stat st;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "ftruncate64");
	if (fstat(fd, &st) == 0 && st.st_size > len)
		space += st.st_size - len;
	return real(fd, len);
}

static void
disk_has(int64_t bytes)
{
	space = bytes;
}

static void
disk_is_large(void)
{
	disk_has(INT64_MAX / 2);
}

static const char *
reserve_path(const struct bed *t)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s.reserve", t->path);
	return path;
}

static int64_t
reserve_size(const struct bed *t)
{
	struct stat st;
	return stat(reserve_path(t), &st) == 0 ? (int64_t)st.st_size : -1;
}

/* ---- the file ---- */

static void
room_begin(struct bed *t, struct sg_room *room)
{
	*room = (struct sg_room){.fd = -1};
	pthread_mutex_init(&room->lock, NULL);
	int fd = open(t->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
}

static void
room_put(const struct bed *t, off_t size)
{
	int fd = open(reserve_path(t), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char *data = calloc(1, (size_t)size + 1);
	assert_true(fd >= 0 && data != NULL);
	assert_int_equal(write(fd, data, (size_t)size), size);
	free(data);
	close(fd);
}

static void
room__filled_and_given__takes_what_it_says(void **state)
{
	struct bed *t = *state;
	struct sg_room room;
	struct stat st;
	room_begin(t, &room);
	assert_ok(sg_room_open(&room, t->path, RESERVE + 100, &t->err));
	assert_false(sg_room_is_whole(&room));
	assert_ok(sg_room_fill(&room, &t->err));
	assert_true(sg_room_is_whole(&room));
	assert_int_equal(stat(reserve_path(t), &st), 0);
	assert_int_equal(st.st_size, RESERVE);
	assert_true((uint64_t)st.st_blocks * 512 >= RESERVE);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(sg_room_give(&room, 5));
	assert_true(sg_room_give(&room, 1));
	assert_int_equal(reserve_size(t), 3 * PIECE);
	assert_true(sg_room_give(&room, 3));
	assert_false(sg_room_give(&room, 1));
	assert_int_equal(reserve_size(t), 0);
	assert_ok(sg_room_fill(&room, &t->err));
	assert_int_equal(reserve_size(t), RESERVE);
	sg_room_close(&room);
}

/* Two pieces of it have nothing in common: a file system that compresses cannot make it small. */
static void
room__content__random(void **state)
{
	struct bed *t = *state;
	struct sg_room room;
	uint8_t a[4096], b[4096], zero[4096] = {0};
	room_begin(t, &room);
	assert_ok(sg_room_open(&room, t->path, RESERVE, &t->err));
	assert_ok(sg_room_fill(&room, &t->err));
	assert_int_equal(pread(room.fd, a, sizeof(a), 0), sizeof(a));
	for (off_t at = 4096; at < (off_t)RESERVE; at += 4096) {
		assert_int_equal(pread(room.fd, b, sizeof(b), at), sizeof(b));
		assert_memory_not_equal(a, b, sizeof(a));
		assert_memory_not_equal(zero, b, sizeof(b));
	}
	sg_room_close(&room);
}

/* What an earlier process left: whole pieces count, and only what takes space. */
static void
room__found__whole_pieces(void **state)
{
	struct bed *t = *state;
	static const struct {
		off_t size;
		int64_t want;
	} rows[] = {{0, 0}, {1, 0}, {PIECE - 1, 0}, {PIECE, PIECE}, {3 * PIECE + 5, 3 * PIECE},
	    {RESERVE, RESERVE}, {RESERVE + PIECE, RESERVE}};
	for (unsigned n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct sg_room room;
		room_begin(t, &room);
		room_put(t, rows[n].size);
		assert_ok(sg_room_open(&room, t->path, RESERVE, &t->err));
		assert_int_equal(room.have, rows[n].want);
		assert_int_equal(reserve_size(t), rows[n].want);
		sg_room_close(&room);
		assert_int_equal(unlink(reserve_path(t)), 0);
	}
	struct sg_room room;
	room_begin(t, &room);
	room_put(t, 0);
	assert_int_equal(truncate(reserve_path(t), RESERVE), 0);
	assert_ok(sg_room_open(&room, t->path, RESERVE, &t->err));
	assert_int_equal(room.have, 0);
	sg_room_close(&room);
}

static void
room__something_else_there__refused(void **state)
{
	struct bed *t = *state;
	for (int kind = 0; kind < 4; kind++) {
		struct sg_room room;
		room_begin(t, &room);
		const char *path = reserve_path(t);
		assert_int_equal(kind == 0   ? mkdir(path, 0700)
				 : kind == 1 ? symlink(t->path, path)
				 : kind == 2 ? symlink("nowhere", path)
					     : mkfifo(path, 0600),
		    0);
		assert_rule(
		    sg_room_open(&room, t->path, RESERVE, &t->err), SG_E_CONF, "store.reserve");
		assert_non_null(strstr(t->err.text, path));
		sg_room_close(&room);
		assert_int_equal(kind == 0 ? rmdir(path) : unlink(path), 0);
	}
}

/* What could be kept is kept; some must be free besides. */
static void
room__disk_has_too_little__not_whole(void **state)
{
	struct bed *t = *state;
	static const int reasons[] = {ENOSPC, EDQUOT};
	for (unsigned n = 0; n < 2; n++) {
		struct sg_room room;
		why_full = reasons[n];
		room_begin(t, &room);
		assert_ok(sg_room_open(&room, t->path, RESERVE, &t->err));
		disk_has(2 * PIECE + 70000);
		assert_rule(sg_room_fill(&room, &t->err), SG_E_IO, "store.full");
		assert_int_equal(room.have, 2 * PIECE);
		assert_int_equal(reserve_size(t), 2 * PIECE);
		disk_has(3 * PIECE - 1); /* the rest, and not enough besides */
		assert_rule(sg_room_fill(&room, &t->err), SG_E_IO, "store.full");
		assert_int_equal(reserve_size(t), RESERVE);
		disk_is_large();
		assert_ok(sg_room_fill(&room, &t->err));
		assert_int_equal(reserve_size(t), RESERVE);
		sg_room_close(&room);
		assert_int_equal(unlink(reserve_path(t)), 0);
	}
	why_full = EIO;
	struct sg_room room;
	room_begin(t, &room);
	assert_ok(sg_room_open(&room, t->path, RESERVE, &t->err));
	disk_has(0);
	assert_rule(sg_room_fill(&room, &t->err), SG_E_IO, "store.reserve");
	disk_is_large();
	why_full = ENOSPC;
	sg_room_close(&room);
}

static void
room__nothing_wanted__no_file(void **state)
{
	struct bed *t = *state;
	struct sg_room room;
	room_begin(t, &room);
	assert_ok(sg_room_open(&room, t->path, 0, &t->err));
	assert_true(sg_room_is_whole(&room));
	assert_false(sg_room_give(&room, 1));
	assert_false(sg_room_is_beside(&room, t->dir));
	assert_int_equal(reserve_size(t), -1);
	sg_room_close(&room);
}

/* ---- the store ---- */

static _Atomic unsigned began, ended;
static uint64_t reserve = RESERVE;

static void
told(void *arg, const char *why)
{
	(void)arg;
	if (why != NULL)
		began++;
	else
		ended++;
}

static void
open_ca(struct bed *t)
{
	struct sg_db_conf conf = {.schema = &sg_store_schema_ca,
	    .path = t->path,
	    .readers = 2,
	    .writer_nice = 1, /* a busy machine would keep one of 19 from its work for long */
	    .reserve = reserve,
	    .on_full = told};
	assert_ok(sg_db_open(&conf, &t->store, &t->err));
}

static bool
is_full(struct bed *t, uint64_t *ret_left)
{
	struct sg_db_room room;
	sg_db_get_room(t->store, &room);
	assert_int_equal(room.reserve, reserve);
	if (ret_left != NULL)
		*ret_left = room.reserve_left;
	return room.full;
}

static void
until_room(struct bed *t)
{
	disk_is_large();
	for (unsigned n = 0; n < 3000 && is_full(t, NULL); n++)
		usleep(10000);
	assert_false(is_full(t, NULL));
	assert_int_equal(reserve_size(t), reserve);
}

static enum sg_code
issue(struct bed *t, unsigned n)
{
	struct sg_cadb_new_cert c = a_new_cert(n);
	struct sg_cadb_cert row = {0};
	bool fresh = false;
	enum sg_code rc = sg_cadb_cert_add(t->store, &c, &fresh, &row, &t->err);
	sg_cadb_cert_clear(&row);
	return rc;
}

static enum sg_code
remember_state(void *arg, const struct sg_cadb_crl_state *state, struct sg_err *err)
{
	(void)err;
	*(struct sg_cadb_crl_state *)arg = *state;
	return SG_OK;
}

static enum sg_code
count_entry(void *arg, const struct sg_cadb_crl_item *item, struct sg_err *err)
{
	(void)arg;
	(void)item;
	(void)err;
	return SG_OK;
}

/* A revocation and its list, as ca does it. */
static enum sg_code
revoke_one(struct bed *t, unsigned n, int reason)
{
	bool changed = false;
	static uint8_t der[512] = {0x30};
	struct sg_cadb_crl_state state = {0};
	struct sg_cadb_crl_reader reader = {remember_state, count_entry, &state};
	enum sg_code rc = sg_cadb_revoke(
	    t->store, serial_of(n), reason, false, text("uid 0"), NOW, &changed, &t->err);
	if (rc == SG_OK)
		rc = sg_cadb_crl_read(t->store, 1, 0, &reader, &t->err);
	struct sg_cadb_crl crl = {.issuer = 1,
	    .number = state.number,
	    .audit_seq = state.audit_seq,
	    .this_update = NOW,
	    .next_update = NOW + 100,
	    .entries = state.entries,
	    .der = sg_slice(der, sizeof(der))};
	if (rc == SG_OK)
		rc = sg_cadb_crl_publish(t->store, &crl, text("uid 0"), NOW, &t->err);
	return rc;
}

static void
found(void *arg, const char *invariant, const char *what)
{
	(void)arg;
	fail_msg("%s: %s", invariant, what);
}

static void
check(struct bed *t)
{
	struct sg_fsck_conf conf = {.ca_path = t->path, .found = found};
	sg_db_free(&t->store);
	assert_ok(sg_fsck(&conf, NULL, &t->err));
}

static void
full__only_revocations__until_there_is_room(void **state)
{
	struct bed *t = *state;
	uint64_t left = 0;
	began = ended = 0;
	open_ca(t);
	for (unsigned n = 0; n < 4; n++)
		assert_ok(issue(t, n));
	assert_int_equal(began, 0);
	disk_has(0);
	assert_rule(issue(t, 4), SG_E_IO, "store.full");
	assert_int_equal(began, 1);
	assert_true(is_full(t, &left));
	assert_int_equal(left, RESERVE);
	/* At once, whatever the disk has now. */
	disk_has(100000);
	assert_rule(issue(t, 4), SG_E_IO, "store.full");
	assert_non_null(strstr(t->err.text, "only revocations"));
	disk_has(0);
	assert_ok(revoke_one(t, 0, 1));
	assert_ok(revoke_one(t, 1, SG_CADB_REASON_HOLD));
	assert_true(is_full(t, &left));
	assert_int_equal(left, RESERVE - (uint64_t)PIECE);
	assert_rule(sg_cadb_release(t->store, serial_of(1), text("uid 0"), NOW, &t->err), SG_E_IO,
	    "store.full");
	assert_ok(sg_cadb_audit(
	    t->store, text("uid 0"), text("backup"), text(""), text(""), NOW, &t->err));
	assert_int_equal(state_of(t, 0), SG_CADB_CERT_REVOKED);
	assert_int_equal(state_of(t, 1), SG_CADB_CERT_HOLD);
	assert_int_equal(ended, 0);
	until_room(t);
	assert_int_equal(began, 1);
	assert_int_equal(ended, 1);
	assert_ok(issue(t, 4));
	check(t);
}

/* A revocation may be the first that meets it, together with other jobs or not. */
static void
full__met_by_a_revocation__goes_on(void **state)
{
	struct bed *t = *state;
	open_ca(t);
	assert_ok(issue(t, 0));
	disk_has(0);
	assert_ok(revoke_one(t, 0, 1));
	assert_true(is_full(t, NULL));
	assert_rule(issue(t, 1), SG_E_IO, "store.full");
	until_room(t);
	check(t);
}

/* With certificates to revoke, and a log that is empty however far the writer had come with it. */
static void
open_ca_with(struct bed *t, unsigned certs)
{
	open_ca(t);
	for (unsigned i = 0; i < certs; i++)
		assert_ok(issue(t, i));
	sg_db_free(&t->store);
	open_ca(t);
}

/* limits.h says so of the whole reserve. */
static void
full__whole_reserve__a_thousand_revocations(void **state)
{
	struct bed *t = *state;
	uint64_t left = 0;
	reserve = SG_STORE_RESERVE;
	open_ca_with(t, 1000);
	disk_has(0);
	for (unsigned n = 0; n < 1000; n++)
		assert_ok(revoke_one(t, n, 1));
	assert_true(is_full(t, &left));
	print_message("%d MiB of %d are left\n", (int)(left >> 20), (int)(reserve >> 20));
	until_room(t);
	check(t);
}

/* Until the reserve is used up; then it is said, nothing of what was said before is lost, and when
 * there is room again everything goes on. */
static void
full__reserve_used_up__said(void **state)
{
	struct bed *t = *state;
	unsigned n = 0;
	uint64_t left = 0;
	enum sg_code rc = SG_OK;
	reserve = 2 * (uint64_t)PIECE;
	open_ca_with(t, 700);
	disk_has(0);
	for (; rc == SG_OK && n < 700; n++)
		rc = revoke_one(t, n, 1);
	assert_rule(rc, SG_E_IO, "store.full");
	assert_false(sg_db_is_dead(t->store));
	assert_true(is_full(t, &left));
	assert_int_equal(left, 0);
	print_message("%u revocations and lists in %d MiB\n", n, (int)(reserve >> 20));
	for (unsigned i = 0; i + 1 < n; i++)
		assert_int_equal(state_of(t, i), SG_CADB_CERT_REVOKED);
	disk_has(0); /* what was too little for a list */
	assert_rule(revoke_one(t, n + 1, 1), SG_E_IO, "store.full");
	assert_int_equal(state_of(t, n + 1), SG_CADB_CERT_GOOD);
	until_room(t);
	assert_ok(revoke_one(t, n + 1, 1));
	check(t);
}

/* The next process begins where this one was, with what is left. */
static void
full__opened_again__still_full(void **state)
{
	struct bed *t = *state;
	uint64_t left = 0;
	disk_is_large();
	open_ca(t);
	for (unsigned i = 0; i < 3; i++)
		assert_ok(issue(t, i));
	disk_has(0);
	assert_ok(revoke_one(t, 0, 1));
	began = 0;
	sg_db_free(&t->store);
	disk_has(0);
	open_ca(t);
	assert_int_equal(began, 1);
	assert_true(is_full(t, &left));
	assert_true(left > 0 && left < RESERVE);
	assert_rule(issue(t, 4), SG_E_IO, "store.full");
	assert_ok(revoke_one(t, 1, 1));
	assert_int_equal(state_of(t, 0), SG_CADB_CERT_REVOKED);
	until_room(t);
	assert_ok(issue(t, 4));
	check(t);
}

/* A first start on a disk without room for the reserve. */
static void
full__from_the_start__said(void **state)
{
	struct bed *t = *state;
	began = 0;
	disk_has(PIECE + 300000);
	open_ca(t);
	assert_int_equal(began, 1);
	assert_true(is_full(t, NULL));
	assert_rule(issue(t, 1), SG_E_IO, "store.full");
	until_room(t);
	assert_ok(issue(t, 1));
	check(t);
}

/* For a file beside it: as much as it needs, if there is so much, and only on that disk. */
static void
give_room__for_a_file__as_much_as_it_needs(void **state)
{
	struct bed *t = *state;
	uint64_t left = 0;
	open_ca(t);
	assert_false(sg_db_give_room(t->store, "/proc", 100));
	assert_false(is_full(t, &left));
	assert_false(sg_db_give_room(t->store, t->dir, RESERVE));
	assert_true(sg_db_give_room(t->store, t->dir, (uint64_t)PIECE + 1));
	assert_true(is_full(t, &left));
	assert_int_equal(left, RESERVE - 2 * (uint64_t)PIECE);
	until_room(t);
	check(t);
}

/* Where room comes and goes the writer looks less often; it ends all the same. */
static void
full__again_at_once__looks_less_often(void **state)
{
	struct bed *t = *state;
	open_ca(t);
	for (unsigned n = 0; n < 2; n++) {
		disk_has(0);
		assert_rule(issue(t, n), SG_E_IO, "store.full");
		until_room(t);
		assert_ok(issue(t, n));
	}
	assert_int_equal(t->store->pause_ms, 2000);
	check(t);
}

/* A case that failed leaves nothing to the next one. */
static int
room_make(void **state)
{
	reserve = RESERVE;
	why_full = ENOSPC;
	disk_is_large();
	return bed_make(state);
}

#define case_room(f) cmocka_unit_test_setup_teardown(f, room_make, bed_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_room(room__filled_and_given__takes_what_it_says),
	    case_room(room__content__random),
	    case_room(room__found__whole_pieces),
	    case_room(room__something_else_there__refused),
	    case_room(room__disk_has_too_little__not_whole),
	    case_room(room__nothing_wanted__no_file),
	    case_room(full__only_revocations__until_there_is_room),
	    case_room(full__met_by_a_revocation__goes_on),
	    case_room(full__whole_reserve__a_thousand_revocations),
	    case_room(full__reserve_used_up__said),
	    case_room(full__opened_again__still_full),
	    case_room(full__from_the_start__said),
	    case_room(give_room__for_a_file__as_much_as_it_needs),
	    case_room(full__again_at_once__looks_less_often),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
