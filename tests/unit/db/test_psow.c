/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "db/db.h"
#include "store/registrar/challenge.h"

#include <dlfcn.h>
#include <errno.h>

/*
 * A SQLite that is told that powersafe overwrite does not hold: it then ends a commit in the
 * middle of a page. db/sqlite_vfs.c must not gather, and what a write that found no space has left
 * is unknown.
 */

static sqlite3_vfs shim, *below;
static struct sqlite3_io_methods methods;
static _Atomic unsigned writes, fail_left;
static _Atomic unsigned long bytes;

__attribute__((visibility("default"))) ssize_t
pwrite64(int fd, const void *p, size_t len, off64_t at)
{
	static ssize_t (*real)(int, const void *, size_t, off64_t);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "pwrite64");
	writes++;
	bytes += len;
	if (fail_left > 0) {
		fail_left--;
		errno = ENOSPC;
		return -1;
	}
	return real(fd, p, len, at);
}

static int
no_promise(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static int
open_below(sqlite3_vfs *self, sqlite3_filename name, sqlite3_file *file, int flags, int *ret)
{
	int rc = below->xOpen(below, name, file, flags, ret);

	(void)self;
	if (rc != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0)
		return rc;
	methods = *file->pMethods;
	methods.xDeviceCharacteristics = no_promise;
	file->pMethods = &methods;
	return rc;
}

static int
setup_shim(void **state)
{
	(void)state;
	below = sqlite3_vfs_find(NULL);
	shim = *below;
	shim.pNext = NULL;
	shim.zName = "no-promise";
	shim.xOpen = open_below;
	return sqlite3_vfs_register(&shim, 1);
}

static void
add(struct bed *t, unsigned n)
{
	struct sg_regdb_challenge c = a_challenge(n);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
}

/* Other connections see each commit whole at once, and so does the next process. */
static void
commit__no_promise__padded_and_readable(void **state)
{
	struct bed *t = *state;
	for (unsigned n = 0; n < 300; n++) {
		unsigned before = writes;
		add(t, n);
		assert_true(writes - before > 2);
		for (unsigned i = n < 3 ? 0 : n - 3; i <= n; i++)
			assert_int_equal(challenge_state(t, i, NULL), SG_CHALLENGE_FREE);
	}
	print_message("%lu bytes for 300 commits\n", bytes);
	sg_db_free(&t->store);
	bed_open(t, &sg_store_schema_registrar);
	for (unsigned i = 0; i < 300; i++)
		assert_int_equal(challenge_state(t, i, NULL), SG_CHALLENGE_FREE);
}

static void
write__no_promise_and_no_space__dead(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = a_challenge(2);
	add(t, 1);
	fail_left = 1;
	assert_int_equal(sg_regdb_challenge_add(t->store, &c, &t->err), SG_E_IO);
	assert_string_equal(t->err.rule, "store.io");
	assert_true(sg_db_is_dead(t->store));
	sg_db_free(&t->store);
	bed_open(t, &sg_store_schema_registrar);
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_FREE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(commit__no_promise__padded_and_readable),
	    case_registrar(write__no_promise_and_no_space__dead),
	};
	return cmocka_run_group_tests(tests, setup_shim, NULL);
}
