/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "policy/attempt.h"

static void
names__every_number__one_word(void **state)
{
	static const char *const states[] = {
	    "unknown", "running", "pending", "denied", "issued", "failed", "unknown"};

	(void)state;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		assert_string_equal(sg_attempt_state_name((enum sg_attempt_state)i), states[i]);
	assert_string_equal(sg_attempt_state_name((enum sg_attempt_state) - 1), "unknown");
	assert_string_equal(sg_attempt_kind_name(SG_ATTEMPT_ENROL), "enrol");
	assert_string_equal(sg_attempt_kind_name(SG_ATTEMPT_RENEW), "renew");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names__every_number__one_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
