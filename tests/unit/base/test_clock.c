/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/clock.h"

static void
clocks__asked_twice__go_forward(void **state)
{
	(void)state;
	/* One clock between two looks at the other, however long the machine takes for them. */
	int64_t now = sg_clock_now(), now_us = sg_clock_now_us(), later = sg_clock_now();
	assert_true(now > 1700000000);
	assert_true(now_us / 1000000 >= now && now_us / 1000000 <= later);
	int64_t ms = sg_clock_mono_ms(), us = sg_clock_mono_us(), later_ms = sg_clock_mono_ms();
	assert_true(us / 1000 >= ms && us / 1000 <= later_ms);
	assert_true(sg_clock_mono_us() >= us);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(clocks__asked_twice__go_forward),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
