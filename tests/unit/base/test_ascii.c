/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/ascii.h"

static void
lower__only_ascii_capitals__changed(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x3000; c++) {
		const char *at = c == 0 || c > 127 ? NULL
						   : strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (int)c);
		assert_int_equal(sg_ascii_lower(c), at == NULL ? c : c - 'A' + 'a');
	}
}

static void
is_digit_letter_alnum__every_code_point__as_listed(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x3000; c++) {
		bool ascii = c != 0 && c < 128;
		bool digit = ascii && strchr("0123456789", (int)c) != NULL;
		bool letter = ascii && strchr("abcdefghijklmnopqrstuvwxyz"
					      "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
					   (int)c) != NULL;
		assert_int_equal(sg_ascii_is_digit(c), digit);
		assert_int_equal(sg_ascii_is_letter(c), letter);
		assert_int_equal(sg_ascii_is_alnum(c), digit || letter);
	}
}

static void
same__case_and_length__only_case_is_ignored(void **state)
{
	(void)state;
	assert_true(sg_ascii_is(sg_slice_str("sha-256"), "SHA-256"));
	assert_true(sg_ascii_is(sg_slice(NULL, 0), ""));
	assert_false(sg_ascii_is(sg_slice_str("SHA-25"), "SHA-256"));
	assert_false(sg_ascii_is(sg_slice_str("SHA-2566"), "SHA-256"));
	/* 32 apart, and no letters; bytes above 127; nothing ends at a NUL. */
	assert_false(sg_ascii_is(sg_slice_str("["), "{"));
	assert_false(sg_ascii_is(sg_slice_str("@"), "`"));
	assert_false(sg_ascii_is(sg_slice_str("\xc4"), "\xe4"));
	assert_false(sg_ascii_is(sg_slice("a\0b", 3), "a"));
	assert_true(sg_ascii_same(sg_slice("a\0b", 3), sg_slice("A\0B", 3)));
	assert_false(sg_ascii_same(sg_slice("a\0b", 3), sg_slice("A\0c", 3)));
}

static void
starts__shorter_equal_longer__the_whole_word(void **state)
{
	(void)state;
	assert_false(sg_ascii_starts(sg_slice(NULL, 0), "http:"));
	assert_false(sg_ascii_starts(sg_slice_str("http"), "http:"));
	assert_true(sg_ascii_starts(sg_slice_str("HTTP:"), "http:"));
	assert_true(sg_ascii_starts(sg_slice_str("HttP://h"), "http:"));
	assert_false(sg_ascii_starts(sg_slice_str("https://h"), "http:"));
	assert_true(sg_ascii_starts(sg_slice(NULL, 0), ""));
}

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
	    cmocka_unit_test(lower__only_ascii_capitals__changed),
	    cmocka_unit_test(is_digit_letter_alnum__every_code_point__as_listed),
	    cmocka_unit_test(same__case_and_length__only_case_is_ignored),
	    cmocka_unit_test(starts__shorter_equal_longer__the_whole_word),
	    cmocka_unit_test(is_printable__every_byte__the_alphabet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
