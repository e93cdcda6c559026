/* SPDX-License-Identifier: Apache-2.0 */

/* Keys that are remembered: for how long, and who makes room for whom. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "lib/alloc_fail.h"
#include "roles/front/keys.h"

#define KEEP_MS 30000

static struct keys *
make(int64_t keep_ms)
{
	struct keys *k = NULL;
	struct sg_err err;
	assert_int_equal(front_keys_new(keep_ms, &k, &err), SG_OK);
	return k;
}

static void
note__again__the_last_time_counts(void **state)
{
	struct keys *k = make(0);
	(void)state;
	assert_int_equal(front_keys_age(k, 7, 0), -1);
	front_keys_note(k, 7, 1000);
	assert_int_equal(front_keys_age(k, 7, 1000), 0);
	assert_int_equal(front_keys_age(k, 7, INT64_MAX), INT64_MAX - 1000);
	front_keys_note(k, 7, 5000);
	assert_int_equal(front_keys_age(k, 7, 6000), 1000);
	/* A clock that goes back. */
	assert_int_equal(front_keys_age(k, 7, 0), 0);
	assert_int_equal(front_keys_age(k, 8, 6000), -1);
	front_keys_free(&k);
	assert_null(k);
	front_keys_free(&k);
}

static void
note__again_while_kept__the_first_time_counts(void **state)
{
	struct keys *k = make(KEEP_MS);
	(void)state;
	front_keys_note(k, 7, 1000);
	front_keys_note(k, 7, 1000 + KEEP_MS);
	assert_int_equal(front_keys_age(k, 7, 1000 + KEEP_MS), KEEP_MS);
	/* Then it is as one that was never here. */
	assert_int_equal(front_keys_age(k, 7, 1001 + KEEP_MS), -1);
	front_keys_note(k, 7, 1001 + KEEP_MS);
	assert_int_equal(front_keys_age(k, 7, 1002 + KEEP_MS), 1);
	front_keys_free(&k);
}

static void
forget__one__only_that(void **state)
{
	struct keys *k = make(0);
	(void)state;
	for (uint64_t key = 1; key <= 100; key++)
		front_keys_note(k, key, 0);
	front_keys_forget(k, 50);
	front_keys_forget(k, 1000);
	for (uint64_t key = 1; key <= 100; key++)
		assert_int_equal(front_keys_age(k, key, 0), key == 50 ? -1 : 0);
	front_keys_free(&k);
}

static unsigned
count(struct keys *k, uint64_t from, unsigned n, int64_t now_ms)
{
	unsigned found = 0;
	for (unsigned i = 0; i < n; i++)
		found += front_keys_age(k, from + i, now_ms) >= 0;
	return found;
}

/* So many more than there is room for that every set has had its eight: the newest have all. */
static void
note__no_room__the_oldest_goes(void **state)
{
	struct keys *k = make(0);
	(void)state;
	for (unsigned n = 0; n < 16 * FRONT_KEYS; n++)
		front_keys_note(k, 1 + n, n);
	assert_int_equal(front_keys_age(k, 16 * FRONT_KEYS, 16 * FRONT_KEYS), 1);
	assert_int_equal(count(k, 1, FRONT_KEYS, 16 * FRONT_KEYS), 0);
	assert_int_equal(count(k, 1, 16 * FRONT_KEYS, 16 * FRONT_KEYS), FRONT_KEYS);
	front_keys_free(&k);
}

/* A flood of keys that nobody sees again pushes out none that waits, and itself in the end. */
static void
note__no_room_while_kept__newcomers_are_not_remembered(void **state)
{
	struct keys *k = make(KEEP_MS);
	(void)state;
	front_keys_note(k, 7, 0);
	for (unsigned n = 0; n < 16 * FRONT_KEYS; n++)
		front_keys_note(k, 1000 + n, 1);
	assert_int_equal(front_keys_age(k, 7, KEEP_MS), KEEP_MS);
	assert_int_equal(count(k, 1000, 16 * FRONT_KEYS, 1), FRONT_KEYS - 1);
	assert_int_equal(count(k, 1000, 16 * FRONT_KEYS, 2 + KEEP_MS), 0);
	front_keys_note(k, 8, 2 + KEEP_MS);
	assert_int_equal(front_keys_age(k, 8, 2 + KEEP_MS), 0);
	front_keys_free(&k);
}

static void
new__no_memory__refused(void **state)
{
	struct keys *k = NULL;
	struct sg_err err;
	(void)state;
	alloc_fail_at(1);
	enum sg_code rc = front_keys_new(0, &k, &err);
	alloc_fail_at(0);
	assert_int_equal(rc, SG_E_NOMEM);
	assert_string_equal(err.rule, "memory");
	assert_null(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(note__again__the_last_time_counts),
	    cmocka_unit_test(note__again_while_kept__the_first_time_counts),
	    cmocka_unit_test(forget__one__only_that),
	    cmocka_unit_test(note__no_room__the_oldest_goes),
	    cmocka_unit_test(note__no_room_while_kept__newcomers_are_not_remembered),
	    cmocka_unit_test(new__no_memory__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
