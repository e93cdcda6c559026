/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/alloc_fail.h"
#include "unit/base/base_test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void
alloc__any_size__zeroed(void **state)
{
	(void)state;
	for (size_t size = 0; size < 300; size++) {
		uint8_t *p = sg_alloc(size);
		assert_non_null(p);
		for (size_t n = 0; n < size; n++)
			assert_int_equal(p[n], 0);
		sg_free(p);
	}
	sg_free(NULL);
}

static void
calloc__product_overflows__null(void **state)
{
	(void)state;
	assert_null(sg_calloc(SIZE_MAX, 2));
	assert_null(sg_calloc(2, SIZE_MAX));
	assert_null(sg_calloc(SIZE_MAX / 2 + 1, 2));
	void *p = sg_calloc(3, 5);
	assert_non_null(p);
	sg_free(p);
	p = sg_calloc(5, 0);
	assert_non_null(p);
	sg_free(p);
	p = sg_calloc(0, 5);
	assert_non_null(p);
	sg_free(p);
}

static void
memdup__bytes__copied_with_a_nul(void **state)
{
	(void)state;
	char *p = sg_memdup("abc", 2);
	assert_string_equal(p, "ab");
	sg_free(p);
	p = sg_memdup(NULL, 0);
	assert_string_equal(p, "");
	sg_free(p);
	assert_null(sg_memdup("", SIZE_MAX));
}

static void
realloc__grow_and_shrink__content_kept(void **state)
{
	(void)state;
	uint8_t *p = sg_realloc(NULL, 0, 4);
	assert_non_null(p);
	memcpy(p, "abcd", 4);
	p = sg_realloc(p, 4, 8);
	assert_memory_equal(p, "abcd\0\0\0\0", 8);
	p = sg_realloc(p, 8, 2);
	assert_memory_equal(p, "ab", 2);
	alloc_fail_at(1);
	assert_null(sg_realloc(p, 2, 100));
	assert_memory_equal(p, "ab", 2);
	sg_free(p);
}

static void
free_wiped__blocks_of_every_origin__freed(void **state)
{
	(void)state;
	sg_free_wiped(NULL);
	sg_free_wiped(sg_alloc(0));
	sg_free_wiped(sg_alloc(1 << 20));
	sg_free_wiped(sg_memdup("secret", 6));
	sg_free_wiped(sg_realloc(NULL, 0, 24));
	for (size_t size = 0; size < 300; size++) {
		uint8_t *p = sg_alloc(size);
		assert_non_null(p);
		memset(p, 'x', size);
		sg_free_wiped(p);
	}
}

static void
wipe__memory__zero(void **state)
{
	(void)state;
	uint8_t secret[5] = {1, 2, 3, 4, 5};
	sg_wipe(secret + 1, 3);
	assert_memory_equal(secret, "\1\0\0\0\5", 5);
	sg_wipe(secret, 0);
	assert_int_equal(secret[0], 1);
	sg_wipe(NULL, 5);
}

static void
fail_at__nth__only_that_one(void **state)
{
	(void)state;
	for (unsigned long at = 1; at < 5; at++) {
		alloc_fail_at(at);
		for (unsigned long n = 1; n < 8; n++) {
			void *p = sg_alloc(1);
			assert_int_equal(p == NULL, n == at);
			sg_free(p);
		}
	}
	alloc_fail_at(1);
	alloc_fail_at(0);
	void *p = sg_alloc(1);
	assert_non_null(p);
	sg_free(p);
}

static void
steal__pointer__moved(void **state)
{
	(void)state;
	char *p = sg_memdup("x", 1);
	char *taken = sg_steal(p);
	assert_null(p);
	assert_string_equal(taken, "x");
	sg_free(taken);
}

static void
xalloc__out_of_memory__ends_the_process(void **state)
{
	(void)state;
	void *p = sg_xalloc(3);
	assert_non_null(p);
	sg_free(p);
	pid_t pid = fork();
	if (pid == 0) {
		sg_ignore(freopen("/dev/null", "w", stderr) == NULL);
		signal(SIGABRT, SIG_DFL);
		alloc_fail_at(1);
		sg_xalloc(3);
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(alloc__any_size__zeroed),
	    cmocka_unit_test(calloc__product_overflows__null),
	    cmocka_unit_test(memdup__bytes__copied_with_a_nul),
	    cmocka_unit_test(realloc__grow_and_shrink__content_kept),
	    cmocka_unit_test(free_wiped__blocks_of_every_origin__freed),
	    cmocka_unit_test(wipe__memory__zero),
	    cmocka_unit_test(fail_at__nth__only_that_one),
	    cmocka_unit_test(steal__pointer__moved),
	    cmocka_unit_test(xalloc__out_of_memory__ends_the_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
