/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/utf8.h"

static void
is_utf8__tables__well_formed_only(void **state)
{
	(void)state;
	static const char *const good[] = {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
	    "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2",
	    "\xc2\x7f", "\xc2\xc0", "\xe0\x9f\xbf", "\xe0\xa0", "\xe0\xa0\x7f", "\xed\xa0\x80",
	    "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
	    "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff", "a\xc3"};
	for (size_t n = 0; n < sizeof good / sizeof good[0]; n++)
		assert_true(sg_utf8_is_valid(sg_slice_str(good[n])));
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		struct sg_slice text = sg_slice_str(bad[n]);
		uint8_t *copy = exact(text);
		assert_false(sg_utf8_is_valid(sg_slice(copy, text.len)));
		free(copy);
	}
	assert_false(sg_utf8_is_valid(sg_slice("a\0b", 3)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_utf8__tables__well_formed_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
