/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "x509/chars.h"

static void
chars_is_string__all_tags__only_strings(void **state)
{
	(void)state;
	static const uint8_t strings[] = {0x0c, 0x12, 0x13, 0x14, 0x16, 0x1c, 0x1e};
	size_t n = 0;
	for (unsigned tag = 0; tag < 256; tag++) {
		if (sg_chars_is_string(tag)) {
			assert_non_null(memchr(strings, (int)tag, sizeof strings));
			n++;
		}
	}
	assert_int_equal(n, sizeof strings);
}

static void
chars_next__every_code_point__utf8_and_back(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		sg_buf_reset(&b);
		sg_chars_put_utf8(&b, c);
		struct sg_chars chars = sg_chars_init(SG_DER_UTF8, sg_buf_slice(&b));
		uint32_t got = 0;
		enum sg_chars_step step = sg_chars_next(&chars, &got);
		bool surrogate = c >= 0xd800 && c <= 0xdfff;
		if (step != (surrogate ? SG_CHARS_BROKEN : SG_CHARS_ONE) ||
		    (!surrogate && got != c))
			fail_msg("U+%04X", (unsigned)c);
		if (!surrogate && sg_chars_next(&chars, &got) != SG_CHARS_END)
			fail_msg("U+%04X: bytes are left", (unsigned)c);
	}
}

static void
expect_broken(unsigned tag, const char *bytes, size_t len)
{
	uint8_t *copy = exact(sg_slice(bytes, len));
	struct sg_chars chars = sg_chars_init(tag, sg_slice(copy, len));
	enum sg_chars_step step;
	uint32_t c;
	while ((step = sg_chars_next(&chars, &c)) == SG_CHARS_ONE)
		;
	free(copy);
	if (step != SG_CHARS_BROKEN)
		fail_msg(
		    "tag 0x%02x: %zu bytes beginning with 0x%02x", tag, len, (uint8_t)bytes[0]);
}

static void
chars_next__broken__stops(void **state)
{
	(void)state;
	for (int lead = 0x80; lead < 0x100; lead++) {
		char bytes[2] = {(char)lead, 'a'};
		expect_broken(SG_DER_UTF8, bytes, 1);
		expect_broken(SG_DER_UTF8, bytes, 2);
		expect_broken(SG_DER_PRINTABLE, bytes, 1);
		expect_broken(SG_DER_IA5, bytes, 1);
		expect_broken(SG_DER_NUMERIC, bytes, 1);
	}
	expect_broken(SG_DER_UTF8, "\xc0\x80", 2);
	expect_broken(SG_DER_UTF8, "\xc1\xbf", 2);
	expect_broken(SG_DER_UTF8, "\xe0\x9f\xbf", 3);
	expect_broken(SG_DER_UTF8, "\xf0\x8f\xbf\xbf", 4);
	expect_broken(SG_DER_UTF8, "\xf4\x90\x80\x80", 4);
	expect_broken(SG_DER_UTF8, "\xf8\x88\x80\x80\x80", 5);
	expect_broken(SG_DER_UTF8, "a\xe2\x82", 3);
	expect_broken(SG_DER_BMP, "\0a\0", 3);
	expect_broken(SG_DER_BMP, "\xd8\x00", 2);
	expect_broken(SG_DER_BMP, "\xd8\x00\xd8\x00", 4);
	expect_broken(SG_DER_BMP, "\xdc\x00\xd8\x00", 4);
	expect_broken(SG_DER_UNIVERSAL, "\0\0\0", 3);
	expect_broken(SG_DER_UNIVERSAL, "\0\x11\0\0", 4);
	expect_broken(SG_DER_UNIVERSAL, "\0\0\xd8\0", 4);
	expect_broken(SG_DER_OCTET_STRING, "a", 1);
}

static void
chars_init__no_bytes__end(void **state)
{
	(void)state;
	struct sg_chars chars = sg_chars_init(SG_DER_BMP, sg_slice(NULL, 0));
	uint32_t c;
	assert_int_equal(sg_chars_next(&chars, &c), SG_CHARS_END);
}

static void
chars_equal__two_texts__by_their_characters(void **state)
{
	static const struct {
		unsigned a_tag, b_tag;
		const char *a, *b;
		bool equal;
	} row[] = {
	    {SG_DER_UTF8, SG_DER_PRINTABLE, "dev1", "dev1", true},
	    {SG_DER_UTF8, SG_DER_T61, "\xc3\xa9", "\xe9", true},
	    {SG_DER_UTF8, SG_DER_UTF8, "", "", true},
	    {SG_DER_UTF8, SG_DER_UTF8, "dev1", "Dev1", false},
	    {SG_DER_UTF8, SG_DER_UTF8, "dev1", "dev", false},
	    {SG_DER_UTF8, SG_DER_UTF8, "dev", "dev1", false},
	    {SG_DER_UTF8, SG_DER_UTF8, "a\xff", "a\xff", false},
	};

	(void)state;
	for (size_t n = 0; n < sizeof row / sizeof row[0]; n++)
		assert_int_equal(sg_chars_equal(sg_chars_init(row[n].a_tag, sg_slice_str(row[n].a)),
				     sg_chars_init(row[n].b_tag, sg_slice_str(row[n].b))),
		    row[n].equal);
}

static void
chars_is_control__edges__as_listed(void **state)
{
	(void)state;
	static const uint32_t controls[] = {0, 0x1b, 0x1f, 0x7f, 0x80, 0x9b, 0x9f, 0x61c, 0x200e,
	    0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff, 0xfff9, 0xfffb, 0xfffe,
	    0xffff, 0xfdd0, 0xfdef, 0x1fffe, 0x10ffff};
	static const uint32_t plain[] = {0x20, 0x7e, 0xa0, 0xe4, 0x61b, 0x61d, 0x200d, 0x2010,
	    0x2027, 0x202f, 0x2065, 0x206a, 0xfdcf, 0xfdf0, 0xfefe, 0xff00, 0xfff8, 0xfffc, 0xfffd,
	    0x10000, 0x1f600, 0x1fffd};
	for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++)
		assert_true(sg_chars_is_control(controls[i]));
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		assert_false(sg_chars_is_control(plain[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chars_is_string__all_tags__only_strings),
	    cmocka_unit_test(chars_next__every_code_point__utf8_and_back),
	    cmocka_unit_test(chars_next__broken__stops),
	    cmocka_unit_test(chars_init__no_bytes__end),
	    cmocka_unit_test(chars_equal__two_texts__by_their_characters),
	    cmocka_unit_test(chars_is_control__edges__as_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
