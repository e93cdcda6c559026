/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/pem.h"

static void
pem__each_length__wrapped_and_back(void **state)
{
	(void)state;
	struct sg_err err;
	uint8_t all[150];
	for (unsigned n = 0; n < sizeof all; n++)
		all[n] = (uint8_t)n;
	for (size_t len = 0; len <= sizeof all; len++) {
		sg_buf_scoped text = {0}, back = {0};
		size_t pos = 0;
		sg_pem_put(&text, "TEST", sg_slice(all, len));
		size_t column = 0;
		for (size_t n = 0; n < text.len; n++) {
			column = text.p[n] == '\n' ? 0 : column + 1;
			assert_true(column <= 64);
		}
		assert_int_equal(
		    sg_pem_next(sg_buf_slice(&text), "TEST", &pos, &back, &err), SG_OK);
		assert_true(sg_slice_eq(sg_buf_slice(&back), sg_slice(all, len)));
		assert_int_equal(pos, text.len - 1);
	}
	sg_buf_scoped text = {0};
	sg_pem_put(&text, "X", sg_slice_str("foobar"));
	assert_text(&text, "-----BEGIN X-----\nZm9vYmFy\n-----END X-----\n");
}

#define BLOCK(label, body) "-----BEGIN " label "-----\n" body "\n-----END " label "-----\n"

static void
pem_next__several__each_in_turn(void **state)
{
	(void)state;
	struct sg_err err = {0};
	struct sg_slice text = sg_slice_str(
	    "words\n" BLOCK("A", "Zg==") "between" BLOCK("B", "Zm8=") BLOCK("A", "Zm9v") "behind");
	size_t pos = 0;
	sg_buf_scoped out = {0};
	assert_int_equal(sg_pem_next(text, "A", &pos, &out, &err), SG_OK);
	assert_text(&out, "f");
	sg_buf_reset(&out);
	assert_int_equal(sg_pem_next(text, "A", &pos, &out, &err), SG_OK);
	assert_text(&out, "foo");
	size_t end = pos;
	expect_err(sg_pem_next(text, "A", &pos, &out, &err), &err, SG_E_NOTFOUND, "pem");
	assert_int_equal(pos, end);
	expect_err(sg_pem_next(text, "B", &pos, &out, &err), &err, SG_E_NOTFOUND, "pem");
	pos = text.len + 5;
	expect_err(sg_pem_next(text, "A", &pos, &out, &err), &err, SG_E_NOTFOUND, "pem");
	pos = 0;
	sg_buf_reset(&out);
	assert_int_equal(sg_pem_next(text, "B", &pos, &out, &err), SG_OK);
	assert_text(&out, "fo");
}

static void
pem_next__broken__refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum sg_code code;
		const char *rule;
	} rows[] = {
	    {"", SG_E_NOTFOUND, "pem"},
	    {"-----BEGIN A----", SG_E_NOTFOUND, "pem"},
	    {"-----BEGIN AB-----\nZg==\n-----END AB-----", SG_E_NOTFOUND, "pem"},
	    {"-----BEGIN A-----", SG_E_MALFORMED, "pem"},
	    {"-----BEGIN A-----\nZg==\n", SG_E_MALFORMED, "pem"},
	    {"-----BEGIN A-----\nZg==\n-----END B-----", SG_E_MALFORMED, "pem"},
	    {"-----END A-----\n-----BEGIN A-----\nZg==\n", SG_E_MALFORMED, "pem"},
	    {"-----BEGIN A-----\nZg=\n-----END A-----", SG_E_MALFORMED, "base64"},
	    {"-----BEGIN A-----\nK: v\n\nZg==\n-----END A-----", SG_E_MALFORMED, "base64"},
	    {"-----BEGIN A-----\n-----BEGIN A-----\nZg==\n-----END A-----", SG_E_MALFORMED,
		"base64"},
	};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_err err = {0};
		sg_buf_scoped out = {0};
		size_t pos = 0;
		struct sg_slice text = sg_slice_str(rows[n].text);
		uint8_t *copy = exact(text);
		expect_err(sg_pem_next(sg_slice(copy, text.len), "A", &pos, &out, &err), &err,
		    rows[n].code, rows[n].rule);
		assert_int_equal(pos, 0);
		free(copy);
	}
}

static enum sg_code
pem_once(void)
{
	sg_buf_scoped out = {0};
	size_t pos = 0;
	return sg_pem_next(sg_slice_str(BLOCK("A", "Zm9v")), "A", &pos, &out, NULL);
}

static void
alloc_fails__each__nomem(void **state)
{
	(void)state;
	expect_nomem(pem_once);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pem__each_length__wrapped_and_back),
	    cmocka_unit_test(pem_next__several__each_in_turn),
	    cmocka_unit_test(pem_next__broken__refused),
	    cmocka_unit_test(alloc_fails__each__nomem),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
