/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/conf/conf_test.h"

static struct sg_conf_errors errs;

static void
error_add__any_order__sorted_by_line(void **state)
{
	(void)state;
	errs = (struct sg_conf_errors){.file = "a.yaml"};
	sg_conf_error_add(&errs, 7, "conf.b", "second %d", 7);
	sg_conf_error_add(&errs, 3, "conf.a", "first");
	sg_conf_error_add(&errs, 7, "conf.c", "third");
	sg_conf_error_add(&errs, 0, "conf.f", "file");
	sg_buf_scoped b = {0};
	sg_conf_errors_put(&errs, &b);
	assert_string_equal(sg_buf_text(&b), "a.yaml: file\na.yaml:3: first\na.yaml:7: second 7\n"
					     "a.yaml:7: third\n");
}

static void
error_add__past_the_cap__first_lines_stay(void **state)
{
	(void)state;
	errs = (struct sg_conf_errors){.file = "a.yaml"};
	for (unsigned line = 100; line > 0; line--)
		sg_conf_error_add(&errs, line, "conf.x", "number %u", line);
	assert_int_equal(errs.n, SG_CONF_ERRORS_MAX);
	assert_int_equal(errs.more, 100 - SG_CONF_ERRORS_MAX);
	assert_int_equal(errs.item[0].line, 1);
	assert_int_equal(errs.item[SG_CONF_ERRORS_MAX - 1].line, SG_CONF_ERRORS_MAX);
	sg_conf_error_add(&errs, 1000, "conf.x", "last");
	assert_int_equal(errs.n, SG_CONF_ERRORS_MAX);
	assert_int_equal(errs.item[SG_CONF_ERRORS_MAX - 1].line, SG_CONF_ERRORS_MAX);
	sg_buf_scoped b = {0};
	sg_conf_errors_put(&errs, &b);
	assert_non_null(strstr(sg_buf_text(&b), "a.yaml: 51 more mistakes are not shown"));
}

static void
error_add__long_text__cut(void **state)
{
	(void)state;
	char text[600];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	errs = (struct sg_conf_errors){.file = "a.yaml"};
	sg_conf_error_add(&errs, 1, "conf.x", "%s", text);
	assert_int_equal(strlen(errs.item[0].text), sizeof errs.item[0].text - 1);
}

static void
errors_put__file_name_with_escape__escaped(void **state)
{
	(void)state;
	errs = (struct sg_conf_errors){.file = "a\x1b[31m.yaml"};
	sg_conf_error_add(&errs, 1, "conf.x", "x");
	sg_buf_scoped b = {0};
	sg_conf_errors_put(&errs, &b);
	assert_null(strchr(sg_buf_text(&b), 0x1b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(error_add__any_order__sorted_by_line),
	    cmocka_unit_test(error_add__past_the_cap__first_lines_stay),
	    cmocka_unit_test(error_add__long_text__cut),
	    cmocka_unit_test(errors_put__file_name_with_escape__escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
