/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/conf/conf_test.h"

#include <stdlib.h>
#include <yaml.h>

#include "conf/tree.h"
#include "lib/alloc_fail.h"

static struct sg_conf_errors errs;

static struct sg_conf_lines *
read_tree(const char *text)
{
	struct sg_conf_lines *lines = NULL;
	errs = (struct sg_conf_errors){0};
	assert_int_equal(sg_conf_tree_read(sg_slice_str(text), &lines, &errs), SG_OK);
	assert_non_null(lines);
	return lines;
}

static void
tree_read__nested__kinds_and_lines(void **state)
{
	(void)state;
	sg_scoped(conf_lines) lines = read_tree("a: 1\nb:\n  - x\n  - 'y'\nc: {d: [e]}\n");
	assert_int_equal(errs.n, 0);
	assert_false(lines->partial);
	assert_int_equal(lines->root->children_n, 3);
	const struct sg_conf_node *b = sg_conf_node_child(lines->root, "b");
	assert_int_equal(b->kind, SG_CONF_LIST);
	assert_false(b->flow);
	assert_int_equal(b->line, 2);
	assert_string_equal(b->first->text, "x");
	assert_false(b->first->quoted);
	assert_int_equal(b->last->line, 4);
	assert_true(b->last->quoted);
	const struct sg_conf_node *c = sg_conf_node_child(lines->root, "c");
	assert_int_equal(c->kind, SG_CONF_SECTION);
	assert_true(c->flow);
	assert_true(c->first->flow);
	assert_null(sg_conf_node_child(lines->root, "d"));
}

static void
tree_read__mistake__what_was_before_stays(void **state)
{
	(void)state;
	sg_scoped(conf_lines) lines = read_tree("a: 1\nb:\n  c: 2\n  d: [x\n");
	assert_true(lines->partial);
	assert_int_equal(errs.n, 1);
	assert_int_equal(errs.item[0].line, 4);
	assert_string_equal(errs.item[0].rule, "conf.syntax");
	const struct sg_conf_node *b = sg_conf_node_child(lines->root, "b");
	assert_string_equal(b->first->text, "2");
	assert_int_equal(b->last->kind, SG_CONF_BROKEN);
}

static void
tree_read__several_bad_lines__each_reported(void **state)
{
	(void)state;
	sg_scoped(conf_lines) lines = read_tree("a: 1\n\tb: 2\nc: \x01\n\td: 2\n\xff\n");
	assert_null(lines->root);
	assert_true(lines->partial);
	assert_int_equal(errs.n, 4);
	assert_int_equal(errs.item[3].line, 5);
}

/* Bounds: the last that is accepted and the first that is not. */
static void
tree_read__depth__limit(void **state)
{
	(void)state;
	sg_scoped(conf_lines) good = read_tree("[[[[[[[[1]]]]]]]]");
	assert_int_equal(errs.n, 0);
	assert_false(good->partial);
	sg_scoped(conf_lines) bad = read_tree("[[[[[[[[[1]]]]]]]]]");
	assert_true(bad->partial);
	assert_int_equal(errs.n, 1);
	assert_string_equal(errs.item[0].rule, "conf.depth");
}

static void
tree_read__many_nodes__limit(void **state)
{
	(void)state;
	for (unsigned more = 0; more <= 1; more++) {
		sg_buf_scoped b = {0};
		sg_buf_puts(&b, "[");
		/* The list itself is a node too. */
		for (unsigned i = 1; i < SG_CONF_NODES_MAX + more; i++)
			sg_buf_puts(&b, "a,");
		sg_buf_puts(&b, "]");
		sg_scoped(conf_lines) lines = read_tree(sg_buf_text(&b));
		assert_non_null(lines->root);
		assert_int_equal(errs.n, more);
		if (more > 0)
			assert_string_equal(errs.item[0].rule, "conf.limit");
	}
}

static void
tree_read__many_keys__limit(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	for (unsigned i = 0; i < 2 * SG_CONF_SECTIONS_MAX; i++)
		sg_buf_printf(&b, "k%u: 1\n", i);
	sg_scoped(conf_lines) good = read_tree(sg_buf_text(&b));
	assert_int_equal(errs.n, 0);
	assert_int_equal(good->root->children_n, 2 * SG_CONF_SECTIONS_MAX);
	sg_buf_puts(&b, "last: 1\n");
	sg_scoped(conf_lines) bad = read_tree(sg_buf_text(&b));
	assert_int_equal(errs.n, 1);
	assert_string_equal(errs.item[0].rule, "conf.limit");
	assert_true(bad->partial);
}

static void
tree_read__value_length__limit(void **state)
{
	(void)state;
	for (unsigned more = 0; more <= 1; more++) {
		sg_buf_scoped b = {0};
		sg_buf_puts(&b, "a: ");
		for (unsigned i = 0; i < SG_CONF_VALUE_MAX + more; i++)
			sg_buf_puts(&b, "x");
		sg_scoped(conf_lines) lines = read_tree(sg_buf_text(&b));
		assert_non_null(lines->root);
		assert_int_equal(errs.n, more);
	}
}

/* A text that opens as much as it can must cost little. */
static void
tree_read__brackets__cheap(void **state)
{
	(void)state;
	static const char *const units[] = {"[", "{", "[{", "- ", "? ", "a: ", "\"", "&a ", "!a ",
	    "*a ", "a: {", ": ", "\n- ", "#", "---\n", "%a\n", "'", "|\n", "[a,", "{a: b,"};
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		sg_buf_scoped b = {0};
		while (b.len + 8 < SG_CONF_TEXT_MAX)
			sg_buf_puts(&b, units[i]);
		sg_scoped(conf_lines) lines = read_tree(sg_buf_text(&b));
		assert_non_null(lines);
	}
}

static void
tree_find__paths__nodes(void **state)
{
	(void)state;
	unsigned line = 0;
	sg_scoped(conf_lines) lines = read_tree("a:\n  b: 1\n  b.c: 2\nd: [x, {e: y}]\n");
	const struct sg_conf_node *n = sg_conf_tree_find(lines, "a.b", &line);
	assert_string_equal(n->text, "1");
	assert_int_equal(line, 2);
	assert_string_equal(sg_conf_tree_find(lines, "a.b.c", NULL)->text, "2");
	assert_string_equal(sg_conf_tree_find(lines, "d[0]", NULL)->text, "x");
	assert_string_equal(sg_conf_tree_find(lines, "d[1].e", NULL)->text, "y");
	assert_null(sg_conf_tree_find(lines, "d[2]", &line));
	assert_int_equal(line, 4);
	assert_null(sg_conf_tree_find(lines, "a.bc", NULL));
	assert_ptr_equal(sg_conf_tree_find(lines, "", &line), lines->root);
	assert_int_equal(line, 1);
}

#define EXPORT __attribute__((visibility("default")))

/*
 * libyaml's own allocations, which it calls by these names: this program's come first, so that
 * they are counted and fail as ours do, under a sanitizer too.
 */
EXPORT void *
yaml_malloc(size_t size);
EXPORT void *
yaml_realloc(void *p, size_t size);
EXPORT void
yaml_free(void *p);
EXPORT yaml_char_t *
yaml_strdup(const yaml_char_t *text);

static unsigned long yaml_calls;

static bool
may_allocate(void)
{
	void *probe = sg_alloc(1);

	yaml_calls++;
	sg_free(probe);
	return probe != NULL;
}

void *
yaml_malloc(size_t size)
{
	return may_allocate() ? malloc(size == 0 ? 1 : size) : NULL;
}

void *
yaml_realloc(void *p, size_t size)
{
	return may_allocate() ? realloc(p, size == 0 ? 1 : size) : NULL;
}

void
yaml_free(void *p)
{
	free(p);
}

yaml_char_t *
yaml_strdup(const yaml_char_t *text)
{
	return text != NULL && may_allocate() ? (yaml_char_t *)strdup((const char *)text) : NULL;
}

static void
tree_read__nth_allocation_fails__nomem_and_untouched(void **state)
{
	/* Each kind of event and of token; good texts and what is refused. */
	static const char *const texts[] = {GOOD_TEXT, SMALL_TEXT, "", "a",
	    "[a, {b: c}, 'd', \"e\\u20ac\"]", "a: &x 1\nb: *x\nc: !!int 2\n",
	    "%YAML 1.1\n%TAG ! tag:x,1:\n---\na: 1\n...\n---\nb: 2\n",
	    "a: |\n  text\n  more\nb: >\n  folded\n", "? [k]\n: v\n", "a: [1, 2\nb: 3\n",
	    "a: 1\na: 2\n"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		enum sg_code rc = SG_E_NOMEM;
		yaml_calls = 0;
		for (unsigned long n = 1; rc == SG_E_NOMEM; n++) {
			struct sg_conf_lines *lines = NULL;
			errs = (struct sg_conf_errors){0};
			alloc_fail_at(n);
			rc = sg_conf_tree_read(sg_slice_str(texts[i]), &lines, &errs);
			alloc_fail_at(0);
			assert_true(rc == SG_OK || rc == SG_E_NOMEM);
			assert_true((rc == SG_OK) == (lines != NULL));
			sg_conf_lines_free(&lines);
			assert_true(n < 5000);
		}
		/* What was read without a failure is what is read without any. */
		struct sg_conf_errors with = errs;
		struct sg_conf_lines *lines = read_tree(texts[i]);
		sg_conf_lines_free(&lines);
		assert_int_equal(with.n, errs.n);
		assert_true(yaml_calls > 20);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tree_read__nested__kinds_and_lines),
	    cmocka_unit_test(tree_read__mistake__what_was_before_stays),
	    cmocka_unit_test(tree_read__several_bad_lines__each_reported),
	    cmocka_unit_test(tree_read__depth__limit),
	    cmocka_unit_test(tree_read__many_nodes__limit),
	    cmocka_unit_test(tree_read__many_keys__limit),
	    cmocka_unit_test(tree_read__value_length__limit),
	    cmocka_unit_test(tree_read__brackets__cheap),
	    cmocka_unit_test(tree_find__paths__nodes),
	    cmocka_unit_test(tree_read__nth_allocation_fails__nomem_and_untouched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
