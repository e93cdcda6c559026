/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "policy/show.h"

static void
policy_show__names__escaped(void **state)
{
	sg_buf_scoped empty = {0}, name = {0}, out = {0};

	(void)state;
	put_name(&empty, "");
	assert_string_equal(sg_policy_show_name(&out, sg_buf_slice(&empty)), "(no subject)");
	put_name(&name, "CN=dev1, O=Test");
	assert_string_equal(sg_policy_show_name(&out, sg_buf_slice(&name)), "CN=dev1, O=Test");
}

static void
policy_show__sans__list(void **state)
{
	struct sg_sans sans = {.n = 0};
	sg_buf_scoped store = {0}, out = {0}, hostile = {0};

	(void)state;
	assert_string_equal(sg_policy_show_sans(&out, &sans), "no names");
	set_sans(&sans, &store, "dns:a.example;email:x@y.example");
	assert_string_equal(sg_policy_show_sans(&out, &sans), "dns:a.example, email:x@y.example");
	sans.n = 1;
	sans.item[0].val = sg_slice("a\x1b[31m\n", 7);
	const char *text = sg_policy_show_sans(&hostile, &sans);
	for (const char *p = text; *p != '\0'; p++)
		assert_true(*p >= 0x20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(policy_show__names__escaped),
	    cmocka_unit_test(policy_show__sans__list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
