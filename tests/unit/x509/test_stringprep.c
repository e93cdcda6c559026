/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "base/ascii.h"
#include "x509/stringprep.h"

static struct sg_chars
utf8(const char *s)
{
	return sg_chars_init(SG_DER_UTF8, sg_slice_str(s));
}

static bool
equal(struct sg_chars a, struct sg_chars b)
{
	bool yes = sg_stringprep_equal(a, b, SG_STRINGPREP_CASE_IGNORE);

	assert_int_equal(sg_stringprep_equal(b, a, SG_STRINGPREP_CASE_IGNORE), yes);
	return yes;
}

static void
expect(const char *const (*rows)[2], size_t n, bool want)
{
	for (size_t i = 0; i < n; i++)
		if (equal(utf8(rows[i][0]), utf8(rows[i][1])) != want)
			fail_msg("'%s' and '%s'", rows[i][0], rows[i][1]);
}

static void
stringprep_equal__same_name_in_another_spelling__true(void **state)
{
	static const char *const rows[][2] = {
	    {"", ""}, {"", " "}, {"dev1", "DEV1"}, {" dev   one ", "Dev One"},
	    {"\xc3\x84rzte", "\xc3\xa4RZTE"},		/* letter case */
	    {"\xc3\xa4", "a\xcc\x88"},			/* composed, decomposed */
	    {"a\xcc\xa3\xcc\x81", "a\xcc\x81\xcc\xa3"}, /* the order of marks */
	    {"stra\xc3\x9f"
	     "e",
		"STRASSE"},
	    {"\xce\xa3\xcf\x82", "\xcf\x83\xcf\x83"},	  /* sigmas */
	    {"\xef\xbc\xa1\xef\xbc\xa2", "ab"},		  /* full width */
	    {"\xe2\x84\xaa", "k"},			  /* the Kelvin sign */
	    {"\xef\xac\x81ne", "fine"},			  /* a ligature */
	    {"\xea\xb0\x80", "\xe1\x84\x80\xe1\x85\xa1"}, /* Hangul */
	    {"a\xc2\xad"
	     "b",
		"ab"}, /* soft hyphen */
	    {"a\xe2\x80\x8b"
	     "b",
		"ab"}, /* zero width space */
	    {"a\xe2\x80\x8d"
	     "b",
		"ab"},		    /* joiner */
	    {"a\xef\xb8\x8f", "a"}, /* variation selector */
	    {"a\xc2\xa0"
	     "b",
		"a b"}, /* no-break space */
	    {"\xe3\x80\x80"
	     "a\xe1\x9a\x80 b",
		"a b"},		 /* other spaces */
	    {"a \xc2\xad", "a"}, /* the space is at the end once the hyphen is gone */
	    {"\xce\xb1\xcd\x85\xcc\x81", "\xce\xb1\xcc\x81\xcd\x85"}, /* iota below, NFD first */
	    {"\xcd\xb8", "\xcd\xb8"},				      /* not assigned */
	    {"\xf3\xb0\x80\x80", "\xf3\xb0\x80\x80"},		      /* private */
	};

	(void)state;
	expect(rows, sizeof rows / sizeof rows[0], true);
}

static void
stringprep_equal__another_name__false(void **state)
{
	static const char *const rows[][2] = {
	    {"", "a"},
	    {"dev1", "dev2"},
	    {"dev1", "dev"},
	    {"dev one", "devone"},
	    {"\xd0\xb0lice", "alice"}, /* Cyrillic */
	    {"\xc3\xa4", "a"},
	    {"\xc3\xa4", "ae"},
	    {"\xc3\xa4", "\xc3\xa5"},
	    {"\xc4\xb1", "i"},		 /* dotless */
	    {"a \xcc\x81", "a\xcc\x81"}, /* a space with a mark is a character */
	    {"\xe2\x80\x90", "-"},	 /* hyphen and hyphen-minus */
	    {"\xcd\xb8", "\xcd\xb9"},	 /* two that are not assigned */
	    {"\xcd\xb8", ""},
	    {"\xef\xbf\xbd", "?"},
	    /* Control characters are not mapped. */
	    {"a\x01", "a"},
	    {"a\tb", "a b"},
	    {"a\xe2\x80\xae", "a"},
	    {"a\xef\xbb\xbf", "a"},
	    {"\xff", "\xff"},
	    {"a\xff", "a"},
	};

	(void)state;
	expect(rows, sizeof rows / sizeof rows[0], false);
}

static void
stringprep_equal__string_types__one_text(void **state)
{
	static const struct {
		unsigned tag;
		const char *p;
		size_t len;
	} same[] = {
	    {SG_DER_UTF8, "\xc3\x84", 2},
	    {SG_DER_T61, "\xe4", 1},
	    {SG_DER_BMP, "\0a\3\x08", 4},
	    {SG_DER_UNIVERSAL, "\0\0\0\xc4", 4},
	};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < 4; k++)
			assert_true(
			    equal(sg_chars_init(same[i].tag, sg_slice(same[i].p, same[i].len)),
				sg_chars_init(same[k].tag, sg_slice(same[k].p, same[k].len))));
	assert_true(equal(sg_chars_init(SG_DER_BMP, sg_slice("\0A", 2)), utf8("a")));
	assert_false(equal(sg_chars_init(SG_DER_IA5, sg_slice("\xe4", 1)), utf8("\xc3\xa4")));
	assert_false(equal(sg_chars_init(SG_DER_BMP, sg_slice("\0a\0", 3)), utf8("a")));
	assert_false(equal(sg_chars_init(SG_DER_BIT_STRING, sg_slice("a", 1)), utf8("a")));
}

static void
stringprep_equal__exact_case__other_rules_hold(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
	    {"Bob", "Bob", true},
	    {"Bob", "bob", false},
	    {"\xc3\xa4", "a\xcc\x88", true},
	    {"\xc3\xa4", "\xc3\x84", false},
	    {"a\xc2\xad", "a", true},
	    {"\xef\xbc\xa1", "A", true},
	    {"\xef\xbc\xa1", "a", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (sg_stringprep_equal(utf8(rows[i].a), utf8(rows[i].b),
			SG_STRINGPREP_CASE_EXACT) != rows[i].equal)
			fail_msg("row %zu", i);
}

static void
stringprep_equal_ascii__beyond_ascii__as_it_stands(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
	    {"  DEV \xc3\xa4  x", "dev \xc3\xa4 X", true},
	    {"\xc3\xa4", "\xc3\x84", false},
	    {"\xc3\xa4", "a\xcc\x88", false},
	    {"a\xc2\xad", "a", false},
	    {"\xe2\x84\xaa", "k", false},
	    {"\xff", "\xff", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (sg_stringprep_equal_ascii(utf8(rows[i].a), utf8(rows[i].b),
			SG_STRINGPREP_CASE_IGNORE) != rows[i].equal)
			fail_msg("row %zu", i);
}

/* n times one text, and then another. */
static struct sg_chars
repeated(struct sg_buf *b, const char *unit, size_t n, const char *end)
{
	sg_buf_reset(b);
	for (size_t i = 0; i < n; i++)
		sg_buf_puts(b, unit);
	sg_buf_puts(b, end);
	return sg_chars_init(SG_DER_UTF8, sg_buf_slice(b));
}

static void
stringprep_equal__at_the_limit__characters(void **state)
{
	sg_buf_scoped a = {0}, b = {0};
	static const char lam[] = "\xef\xb7\xba"; /* one that stands for 18 */

	(void)state;
	assert_true(equal(repeated(&a, "x", 1024, ""), repeated(&b, "X", 1024, "")));
	assert_false(equal(repeated(&a, "x", 1025, ""), repeated(&b, "X", 1025, "")));
	assert_true(equal(repeated(&a, "x", 1025, ""), repeated(&b, "x", 1025, "")));
	assert_false(equal(repeated(&a, "x", 1025, ""), repeated(&b, "x", 1025, " ")));
	assert_true(equal(repeated(&a, "\xc3\xa4", 512, ""), repeated(&b, "\xc3\x84", 512, "")));
	assert_false(equal(repeated(&a, "\xc3\xa4", 513, ""), repeated(&b, "\xc3\x84", 513, "")));
	/* One that is long is nothing but itself, even beside a short one. */
	assert_false(equal(repeated(&a, "\xc2\xad", 513, "x"), utf8("x")));
	assert_true(equal(repeated(&a, "\xc2\xad", 511, "x"), utf8("x")));
	/* The limit of what it becomes: 56 * 18 are 1008, 57 are too many. */
	assert_true(equal(repeated(&a, lam, 56, "x"), repeated(&b, lam, 56, "X")));
	assert_false(equal(repeated(&a, lam, 57, "x"), repeated(&b, lam, 57, "X")));
	assert_true(equal(repeated(&a, lam, 57, "x"), repeated(&b, lam, 57, "x")));
	/* Long is what is long as UTF-8: one text in two string types is one. */
	sg_buf_reset(&b);
	for (size_t i = 0; i < 600; i++)
		sg_buf_puts(&b, "x");
	sg_buf_scoped wide = {0};
	for (size_t i = 0; i < 600; i++)
		sg_buf_put(&wide, "\0x", 2);
	assert_true(equal(sg_chars_init(SG_DER_BMP, sg_buf_slice(&wide)),
	    sg_chars_init(SG_DER_UTF8, sg_buf_slice(&b))));
}

/* A letter with n marks from below and n from above, in either order. */
static struct sg_chars
marked(struct sg_buf *b, size_t n, bool above_first)
{
	sg_buf_reset(b);
	sg_buf_puts(b, "a");
	for (size_t i = 0; i < 2 * n; i++)
		sg_buf_puts(b, (i < n) == above_first ? "\xcc\x81" : "\xcc\xa3");
	return sg_chars_init(SG_DER_UTF8, sg_buf_slice(b));
}

/* Marks are sorted, up to a number: in the square of it, which a stranger chooses. */
static void
stringprep_equal__many_marks__sorted_up_to_a_limit(void **state)
{
	sg_buf_scoped a = {0}, b = {0};

	(void)state;
	assert_true(equal(marked(&a, 15, true), marked(&b, 15, false)));
	assert_false(equal(marked(&a, 16, true), marked(&b, 16, false)));
	assert_true(equal(marked(&a, 16, true), marked(&b, 16, true)));
	assert_true(equal(marked(&a, 255, true), marked(&b, 255, true)));
	assert_false(equal(marked(&a, 255, true), marked(&b, 255, false)));
	/* In a row: many texts have more of them in all. */
	assert_true(equal(repeated(&a, "a\xcc\x81\xcc\xa3", 100, ""),
	    repeated(&b, "a\xcc\xa3\xcc\x81", 100, "")));
}

/* Whatever stands alone is itself, ASCII is equal as it always was, and exact case is stricter. */
static void
stringprep_equal__every_code_point__reflexive_and_stricter(void **state)
{
	sg_buf_scoped b = {0};

	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		sg_buf_reset(&b);
		sg_chars_put_utf8(&b, c);
		struct sg_chars s = sg_chars_init(SG_DER_UTF8, sg_buf_slice(&b));
		if (!sg_stringprep_equal(s, s, SG_STRINGPREP_CASE_IGNORE) ||
		    !sg_stringprep_equal(s, s, SG_STRINGPREP_CASE_EXACT))
			fail_msg("U+%04X", (unsigned)c);
		for (char k = '!'; k <= '~' && c < 0x80; k++) {
			char other[] = {k, '\0'};
			bool same = sg_ascii_lower(c) == sg_ascii_lower((uint32_t)k);
			if (equal(s, utf8(other)) != same)
				fail_msg("U+%04X and %c", (unsigned)c, k);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stringprep_equal__same_name_in_another_spelling__true),
	    cmocka_unit_test(stringprep_equal__another_name__false),
	    cmocka_unit_test(stringprep_equal__string_types__one_text),
	    cmocka_unit_test(stringprep_equal__exact_case__other_rules_hold),
	    cmocka_unit_test(stringprep_equal_ascii__beyond_ascii__as_it_stands),
	    cmocka_unit_test(stringprep_equal__at_the_limit__characters),
	    cmocka_unit_test(stringprep_equal__many_marks__sorted_up_to_a_limit),
	    cmocka_unit_test(stringprep_equal__every_code_point__reflexive_and_stricter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
