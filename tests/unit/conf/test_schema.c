/* SPDX-License-Identifier: Apache-2.0 */

/* test_schema.c - rows that roles bring: read, checked, found and freed as those of the schema */

#include "unit/conf/conf_test.h"

#include "conf/schema.h"

struct one {
	char *file;
	uint64_t number;
};

struct two {
	struct sg_conf_strs files;
};

static const struct sg_conf_row ones[] = {
    {.path = "one", .type = SG_CONF_T_SECTION, .size = sizeof(struct one), .text = "One."},
    {.path = "one.file",
	.type = SG_CONF_T_PATH,
	.required = true,
	.off = offsetof(struct one, file),
	.example = "keys/one",
	.file = SG_CONF_FILE_SECRET,
	.to = "one",
	.text = "Its file."},
    {.path = "one.number",
	.type = SG_CONF_T_INT,
	.min = 1,
	.max = 9,
	.off = offsetof(struct one, number),
	.def = "7",
	.text = "Its number."},
    {.path = NULL},
};

static const struct sg_conf_row twos[] = {
    {.path = "two", .type = SG_CONF_T_SECTION, .size = sizeof(struct two), .text = "Two."},
    {.path = "two.files",
	.type = SG_CONF_T_PATHS,
	.off = offsetof(struct two, files),
	.max = 4,
	.def = "[]",
	.file = SG_CONF_FILE_CERTIFICATE,
	.to = "two",
	.text = "Its files."},
    {.path = NULL},
};

static struct sg_conf_errors errs;

static int
add_rows(void **state)
{
	(void)state;
	sg_conf_rows_add(ones);
	sg_conf_rows_add(twos);
	return 0;
}

static enum sg_code
parse(const char *more, struct sg_conf **ret)
{
	sg_buf_scoped text = {0};
	sg_buf_puts(&text, SMALL_TEXT);
	sg_buf_puts(&text, more);
	return sg_conf_parse(sg_buf_slice(&text), "x.yaml", ret, &errs);
}

static void
row_after__all_tables__each_row_once(void **state)
{
	(void)state;
	size_t n = 0, own = 0;
	for (const struct sg_conf_row *row = NULL; (row = sg_conf_row_after(row)) != NULL; n++)
		own += strncmp(row->path, "one", 3) == 0 || strncmp(row->path, "two", 3) == 0;
	assert_int_equal(own, 5);
	for (const struct sg_conf_row *row = sg_conf_rows; row->path != NULL; row++)
		n--;
	assert_int_equal(n, 5);
}

static void
own__written__values_and_defaults(void **state)
{
	(void)state;
	sg_scoped(conf) conf = NULL;
	assert_int_equal(parse("two: {files: [a, b]}\none: {file: x}\n", &conf), SG_OK);
	const struct one *one = sg_conf_own(conf, "one");
	const struct two *two = sg_conf_own(conf, "two");
	assert_string_equal(one->file, "x");
	assert_int_equal(one->number, 7);
	assert_int_equal(two->files.n, 2);
	assert_true(sg_conf_has(conf, "one"));
}

static void
own__not_written__none(void **state)
{
	(void)state;
	sg_scoped(conf) conf = NULL;
	assert_int_equal(parse("two: {}\n", &conf), SG_OK);
	assert_null(sg_conf_own(conf, "one"));
	assert_null(sg_conf_own(conf, "front"));
	assert_non_null(sg_conf_own(conf, "two"));
	assert_false(sg_conf_has(conf, "one"));
}

static void
file_next__own_sections__those_that_are_written(void **state)
{
	(void)state;
	static const char *const want[] = {"one.file", "two.files[0]", "two.files[1]"};
	sg_scoped(conf) conf = NULL;
	struct sg_conf_file f = {0};
	size_t n = 0;
	assert_int_equal(parse("one: {file: x}\ntwo: {files: [a, b]}\n", &conf), SG_OK);
	while (sg_conf_file_next(conf, &f))
		if (sg_conf_file_is_for(&f, "one") || sg_conf_file_is_for(&f, "two"))
			assert_string_equal(f.option, want[n++]);
	assert_int_equal(n, 3);
	sg_conf_free(&conf);
	assert_int_equal(parse("two: {files: [a]}\n", &conf), SG_OK);
	f = (struct sg_conf_file){0};
	for (n = 0; sg_conf_file_next(conf, &f);)
		n += sg_conf_file_is_for(&f, "one") || sg_conf_file_is_for(&f, "two");
	assert_int_equal(n, 1);
}

static void
parse__mistakes_in_them__reported(void **state)
{
	(void)state;
	static const struct {
		const char *text, *rule;
	} rows[] = {{"one: {}\n", "conf.missing"}, {"one: {file: x, number: 10}\n", "conf.range"},
	    {"one: {file: x, nmber: 1}\n", "conf.unknown"}, {"one: 5\n", "conf.type"},
	    {"one: {file: r.key}\n", "conf.same-file"}, {"three: {}\n", "conf.unknown"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sg_conf *conf = NULL;
		assert_int_equal(parse(rows[i].text, &conf), SG_E_CONF);
		assert_int_equal(errs.n, 1);
		assert_string_equal(errs.item[0].rule, rows[i].rule);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(row_after__all_tables__each_row_once),
	    cmocka_unit_test(own__written__values_and_defaults),
	    cmocka_unit_test(own__not_written__none),
	    cmocka_unit_test(file_next__own_sections__those_that_are_written),
	    cmocka_unit_test(parse__mistakes_in_them__reported),
	};
	return cmocka_run_group_tests(tests, add_rows, NULL);
}
