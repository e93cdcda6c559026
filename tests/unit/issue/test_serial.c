/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "issue/serial.h"

#define NOW INT64_C(1795000000)
#define assert_ok(expr) assert_int_equal((expr), SG_OK)

static void
serial_from__times__positive_ordered_full_length(void **state)
{
	static const int64_t times[] = {
	    0, 1, NOW, INT64_C(2147483648), INT64_C(4102444800), -1, INT64_C(253402300799)};
	uint8_t random[SG_ISSUE_SERIAL_RANDOM_LEN], serial[SG_ISSUE_SERIAL_LEN],
	    next[SG_ISSUE_SERIAL_LEN];

	(void)state;
	memset(random, 0xff, sizeof random);
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		sg_issue_serial_from(times[i], random, serial);
		/* 20 octets without a sign octet: RFC 5280 4.1.2.2. */
		assert_true(serial[0] >= 0x40 && serial[0] <= 0x7f);
		assert_memory_equal(serial + 4, random, sizeof random);
	}
	sg_issue_serial_from(NOW, random, serial);
	memset(random, 0, sizeof random);
	sg_issue_serial_from(NOW + 1, random, next);
	assert_true(memcmp(serial, next, sizeof serial) < 0);
}

static void
serial_make__many__all_different(void **state)
{
	enum { N = 2000 };
	static uint8_t serials[N][SG_ISSUE_SERIAL_LEN];

	(void)state;
	for (size_t i = 0; i < N; i++)
		assert_ok(sg_issue_serial_make(NOW, serials[i], NULL));
	for (size_t i = 0; i < N; i++)
		for (size_t k = i + 1; k < N; k++)
			assert_true(memcmp(serials[i] + 4, serials[k] + 4, 16) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(serial_from__times__positive_ordered_full_length),
	    cmocka_unit_test(serial_make__many__all_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
