/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/conf/conf_test.h"

#include "conf/value.h"

static void
distance__words__edits(void **state)
{
	(void)state;
	assert_int_equal(sg_conf_distance("listen", "listen"), 0);
	assert_int_equal(sg_conf_distance("Access_Log", "access-log"), 0);
	assert_int_equal(sg_conf_distance("", "abc"), 3);
	assert_int_equal(sg_conf_distance("abc", ""), 3);
	assert_int_equal(sg_conf_distance("listn", "listen"), 1);
	assert_int_equal(sg_conf_distance("kitten", "sitting"), 3);
	assert_int_equal(sg_conf_distance("a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 99);
	assert_true(sg_conf_similar("onetime", "one-time"));
	assert_false(sg_conf_similar("open", "one-time"));
	assert_false(sg_conf_similar("abc", "data"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(distance__words__edits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
