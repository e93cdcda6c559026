/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/base64.h"

struct text_row {
	const char *from, *to;
};

/* RFC 4648 section 10. */
static const struct text_row base64_rows[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void
base64__rfc_vectors__both_ways(void **state)
{
	(void)state;
	struct sg_err err;
	for (size_t n = 0; n < sizeof base64_rows / sizeof base64_rows[0]; n++) {
		sg_buf_scoped text = {0}, back = {0};
		sg_base64_put(&text, sg_slice_str(base64_rows[n].from));
		assert_text(&text, base64_rows[n].to);
		assert_int_equal(sg_base64_parse(sg_buf_slice(&text), false, &back, &err), SG_OK);
		assert_text(&back, base64_rows[n].from);
	}
}

static void
base64__every_byte_and_length__and_back(void **state)
{
	(void)state;
	struct sg_err err;
	uint8_t all[259];
	for (unsigned n = 0; n < sizeof all; n++)
		all[n] = (uint8_t)(n * 7);
	for (size_t len = 0; len <= sizeof all; len++) {
		sg_buf_scoped text = {0}, back = {0};
		sg_base64_put(&text, sg_slice(all, len));
		assert_int_equal(text.len, (len + 2) / 3 * 4);
		assert_int_equal(sg_base64_parse(sg_buf_slice(&text), false, &back, &err), SG_OK);
		assert_true(sg_slice_eq(sg_buf_slice(&back), sg_slice(all, len)));
	}
}

static void
unbase64__not_strict__refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg===", "Zg====", "=",
	    "==", "====", "Z===", "Zm9v=", "Zm9v==", "Zm9vY", "Zm9vYg", "Zm9vYg=", "Zm9vYmE",
	    "Zm8=Zg==", "Zg==Zg==", "Zg=Z", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", " Zm9v", "Zm9-",
	    "Zm9_", "Zm9*", "Zm9v\x80", "Z g ="};
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		struct sg_err err = {0};
		sg_buf_scoped out = {0};
		struct sg_slice text = sg_slice_str(bad[n]);
		uint8_t *copy = exact(text);
		expect_err(sg_base64_parse(sg_slice(copy, text.len), false, &out, &err), &err,
		    SG_E_MALFORMED, "base64");
		free(copy);
	}
}

/* Every byte at every place: a digit, or nothing. */
static void
unbase64__every_character__alphabet_only(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		for (size_t at = 0; at < 4; at++) {
			uint8_t text[8] = "AAAAAAAA";
			text[at] = (uint8_t)c;
			sg_buf_scoped out = {0};
			bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
				     (c >= '0' && c <= '9') || c == '+' || c == '/';
			enum sg_code rc = sg_base64_parse(sg_slice(text, 8), false, &out, NULL);
			assert_int_equal(rc, digit ? SG_OK : SG_E_MALFORMED);
		}
	}
}

static void
unbase64__wrapped__white_space_skipped(void **state)
{
	(void)state;
	struct sg_err err = {0};
	static const char *const good[] = {
	    "Zm9v\r\nYmFy\r\n", "\n Zm9vYmFy", "Z m\t9 v Y m F y", "Zm9vYmFy"};
	for (size_t n = 0; n < sizeof good / sizeof good[0]; n++) {
		sg_buf_scoped out = {0};
		assert_int_equal(sg_base64_parse(sg_slice_str(good[n]), true, &out, &err), SG_OK);
		assert_text(&out, "foobar");
	}
	sg_buf_scoped out = {0};
	assert_int_equal(sg_base64_parse(sg_slice_str("Zg=\n=\n"), true, &out, &err), SG_OK);
	assert_text(&out, "f");
	static const char *const bad[] = {
	    "Zm9v\vYmFy", "Zm9v-YmFy", "Zg=\n", "Zg==\nZg==", "Zm9vY\n"};
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++)
		expect_err(sg_base64_parse(sg_slice_str(bad[n]), true, &out, &err), &err,
		    SG_E_MALFORMED, "base64");
	sg_buf_scoped small = {.max = 2};
	expect_err(sg_base64_parse(sg_slice_str("Zm9v"), true, &small, &err), &err, SG_E_LIMIT,
	    "limit.buffer");
}

static enum sg_code
unbase64_once(void)
{
	sg_buf_scoped out = {0};
	return sg_base64_parse(sg_slice_str("Zm9vYg=="), false, &out, NULL);
}

static void
alloc_fails__each__nomem(void **state)
{
	(void)state;
	expect_nomem(unbase64_once);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base64__rfc_vectors__both_ways),
	    cmocka_unit_test(base64__every_byte_and_length__and_back),
	    cmocka_unit_test(unbase64__not_strict__refused),
	    cmocka_unit_test(unbase64__every_character__alphabet_only),
	    cmocka_unit_test(unbase64__wrapped__white_space_skipped),
	    cmocka_unit_test(alloc_fails__each__nomem),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
