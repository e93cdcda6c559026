/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/escape.h"
#include "base/utf8.h"

struct text_row {
	const char *from, *to;
};

static const struct text_row escape_rows[] = {
    {"", ""},
    {"plain text ~!", "plain text ~!"},
    {"\x1b[31mred", "\\x1b[31mred"},
    {"a\nb\r\tc", "a\\x0ab\\x0d\\x09c"},
    {"\x7f", "\\x7f"},
    {"say \"no\"", "say \"no\""},
    {"C:\\x", "C:\\x5cx"},
    {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
    {"\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac"},
    {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    {"\xc2\x85", "\\xc2\\x85"},			  /* next line, a C1 control */
    {"\xc2\x9b", "\\xc2\\x9b"},			  /* CSI */
    {"\xc2\xad", "\\xc2\\xad"},			  /* soft hyphen */
    {"\xe2\x80\x8b", "\\xe2\\x80\\x8b"},	  /* zero width space */
    {"\xe2\x80\xae", "\\xe2\\x80\\xae"},	  /* right-to-left override */
    {"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},	  /* left-to-right isolate */
    {"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},	  /* line separator */
    {"\xd8\x9c", "\\xd8\\x9c"},			  /* Arabic letter mark */
    {"\xef\xbb\xbf", "\\xef\\xbb\\xbf"},	  /* byte order mark */
    {"\xee\x80\x80", "\\xee\\x80\\x80"},	  /* private use */
    {"\xef\xbf\xbf", "\\xef\\xbf\\xbf"},	  /* non-character */
    {"\xf3\xa0\x80\x81", "\\xf3\\xa0\\x80\\x81"}, /* tag character */
    {"\x80", "\\x80"},
    {"\xc0\x80", "\\xc0\\x80"}, /* overlong NUL */
    {"\xc1\xbf", "\\xc1\\xbf"},
    {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},	  /* overlong '/' */
    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},	  /* surrogate */
    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* past U+10FFFF */
    {"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
    {"\xc3", "\\xc3"}, /* cut */
    {"\xe6\x97", "\\xe6\\x97"},
    {"\xf0\x9f\x98", "\\xf0\\x9f\\x98"},
    {"\xc3(", "\\xc3("},
};

static void
escape__table__only_safe_text(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof escape_rows / sizeof escape_rows[0]; n++) {
		sg_buf_scoped out = {0};
		struct sg_slice text = sg_slice_str(escape_rows[n].from);
		uint8_t *copy = exact(text);
		sg_escape_put(&out, sg_slice(copy, text.len), 1000);
		assert_text(&out, escape_rows[n].to);
		free(copy);
	}
	sg_buf_scoped out = {0};
	sg_escape_put(&out, sg_slice("\0", 1), 10);
	assert_text(&out, "\\x00");
}

/* No byte, alone or in front of another, gets a control to the terminal. */
static void
escape__every_pair__printable(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++) {
			uint8_t pair[2] = {(uint8_t)a, (uint8_t)b};
			sg_buf_scoped out = {0};
			sg_escape_put(&out, sg_slice(pair, 2), 100);
			assert_true(sg_utf8_is_valid(sg_buf_slice(&out)));
			for (size_t n = 0; n < out.len; n++)
				assert_true(out.p[n] >= 0x20 && out.p[n] != 0x7f);
		}
	}
}

static void
escape__each_max__cut_at_a_character(void **state)
{
	(void)state;
	static const char *const want[] = {"...", "a...", "a\xc3\xbc...", "a\xc3\xbc...",
	    "a\xc3\xbc\\x0a...", "a\xc3\xbc\\x0a...", "a\xc3\xbc\\x0a...", "a\xc3\xbc\\x0a...",
	    "a\xc3\xbc\\x0az", "a\xc3\xbc\\x0az"};
	for (size_t max = 0; max < sizeof want / sizeof want[0]; max++) {
		sg_buf_scoped out = {0};
		sg_buf_puts(&out, "> ");
		sg_escape_put(&out, sg_slice_str("a\xc3\xbc\nz"), max);
		assert_string_equal(sg_buf_text(&out) + 2, want[max]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(escape__table__only_safe_text),
	    cmocka_unit_test(escape__every_pair__printable),
	    cmocka_unit_test(escape__each_max__cut_at_a_character),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
