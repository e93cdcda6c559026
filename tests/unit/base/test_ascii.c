/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/ascii.h"

static void
is_printable__every_byte__the_alphabet(void **state)
{
	(void)state;
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789 '()+,-./:=?";
	for (unsigned c = 0; c < 256; c++) {
		uint8_t text[2] = {'a', (uint8_t)c};
		bool want = c != 0 && strchr(alphabet, (int)c) != NULL;
		assert_int_equal(sg_ascii_is_printable(sg_slice(text, 2)), want);
	}
	assert_true(sg_ascii_is_printable(sg_slice(NULL, 0)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_printable__every_byte__the_alphabet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
