/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/hex.h"

static void
hex__every_byte__and_back(void **state)
{
	(void)state;
	uint8_t all[256];
	for (unsigned n = 0; n < 256; n++)
		all[n] = (uint8_t)n;
	sg_buf_scoped text = {0}, back = {0};
	struct sg_err err;
	sg_hex_put(&text, sg_slice(all, sizeof all));
	assert_int_equal(text.len, 512);
	assert_memory_equal(sg_buf_text(&text) + 30, "0f1011", 6);
	assert_int_equal(sg_hex_parse(sg_buf_slice(&text), &back, &err), SG_OK);
	assert_true(sg_slice_eq(sg_buf_slice(&back), sg_slice(all, sizeof all)));
	sg_buf_reset(&back);
	assert_int_equal(sg_hex_parse(sg_slice_str("aB:Cd:ef"), &back, &err), SG_OK);
	expect_bytes(sg_buf_slice(&back), "abcdef");
	sg_buf_reset(&back);
	assert_int_equal(sg_hex_parse(sg_slice(NULL, 0), &back, &err), SG_OK);
	assert_int_equal(back.len, 0);
}

static void
unhex__anything_else__refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"a", "abc", "ag", "ga", ":", ":aa", "aa:", "aa::bb",
	    "a:a", "aa:b", "aa bb", " aa", "aa\n", "0x12", "@@", "``", "//", "GG"};
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		struct sg_err err = {0};
		sg_buf_scoped out = {0};
		struct sg_slice text = sg_slice_str(bad[n]);
		uint8_t *copy = exact(text);
		expect_err(sg_hex_parse(sg_slice(copy, text.len), &out, &err), &err, SG_E_MALFORMED,
		    "hex");
		free(copy);
	}
	struct sg_err err = {0};
	sg_buf_scoped small = {.max = 1};
	expect_err(
	    sg_hex_parse(sg_slice_str("aabb"), &small, &err), &err, SG_E_LIMIT, "limit.buffer");
}

static enum sg_code
unhex_once(void)
{
	sg_buf_scoped out = {0};
	return sg_hex_parse(sg_slice_str("aabb"), &out, NULL);
}

static void
alloc_fails__each__nomem(void **state)
{
	(void)state;
	expect_nomem(unhex_once);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hex__every_byte__and_back),
	    cmocka_unit_test(unhex__anything_else__refused),
	    cmocka_unit_test(alloc_fails__each__nomem),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
