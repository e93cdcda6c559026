/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_random.c - random bytes
 */

#include "unit/crypto/crypto_test.h"

#include "crypto/random.h"

static void
random__two_calls__differ(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t a[32] = {0}, b[32] = {0}, zero[32] = {0};
	assert_sg_ok(sg_random(a, sizeof a, &err));
	assert_sg_ok(sg_random(b, sizeof b, &err));
	assert_memory_not_equal(a, b, sizeof a);
	assert_memory_not_equal(a, zero, sizeof a);
	assert_sg_ok(sg_random(a, 0, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random__two_calls__differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
