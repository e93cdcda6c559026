/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/str.h"

struct text_row {
	const char *from, *to;
};

static void
hex__every_byte__and_back(void **state)
{
	(void)state;
	uint8_t all[256];
	for (unsigned n = 0; n < 256; n++)
		all[n] = (uint8_t)n;
	sg_buf_scoped text = {0}, back = {0};
	struct sg_err err;
	sg_hex(&text, sg_slice(all, sizeof all));
	assert_int_equal(text.len, 512);
	assert_memory_equal(sg_buf_text(&text) + 30, "0f1011", 6);
	assert_int_equal(sg_unhex(sg_buf_slice(&text), &back, &err), SG_OK);
	assert_true(sg_slice_eq(sg_buf_slice(&back), sg_slice(all, sizeof all)));
	sg_buf_reset(&back);
	assert_int_equal(sg_unhex(sg_slice_str("aB:Cd:ef"), &back, &err), SG_OK);
	expect_bytes(sg_buf_slice(&back), "abcdef");
	sg_buf_reset(&back);
	assert_int_equal(sg_unhex(sg_slice(NULL, 0), &back, &err), SG_OK);
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
		expect_err(
		    sg_unhex(sg_slice(copy, text.len), &out, &err), &err, SG_E_MALFORMED, "hex");
		free(copy);
	}
	struct sg_err err = {0};
	sg_buf_scoped small = {.max = 1};
	expect_err(sg_unhex(sg_slice_str("aabb"), &small, &err), &err, SG_E_LIMIT, "limit.buffer");
}

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
		sg_base64(&text, sg_slice_str(base64_rows[n].from));
		assert_text(&text, base64_rows[n].to);
		assert_int_equal(sg_unbase64(sg_buf_slice(&text), false, &back, &err), SG_OK);
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
		sg_base64(&text, sg_slice(all, len));
		assert_int_equal(text.len, (len + 2) / 3 * 4);
		assert_int_equal(sg_unbase64(sg_buf_slice(&text), false, &back, &err), SG_OK);
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
		expect_err(sg_unbase64(sg_slice(copy, text.len), false, &out, &err), &err,
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
			enum sg_code rc = sg_unbase64(sg_slice(text, 8), false, &out, NULL);
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
		assert_int_equal(sg_unbase64(sg_slice_str(good[n]), true, &out, &err), SG_OK);
		assert_text(&out, "foobar");
	}
	sg_buf_scoped out = {0};
	assert_int_equal(sg_unbase64(sg_slice_str("Zg=\n=\n"), true, &out, &err), SG_OK);
	assert_text(&out, "f");
	static const char *const bad[] = {
	    "Zm9v\vYmFy", "Zm9v-YmFy", "Zg=\n", "Zg==\nZg==", "Zm9vY\n"};
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++)
		expect_err(sg_unbase64(sg_slice_str(bad[n]), true, &out, &err), &err,
		    SG_E_MALFORMED, "base64");
	sg_buf_scoped small = {.max = 2};
	expect_err(sg_unbase64(sg_slice_str("Zm9v"), true, &small, &err), &err, SG_E_LIMIT,
	    "limit.buffer");
}

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
		sg_pem(&text, "TEST", sg_slice(all, len));
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
	sg_pem(&text, "X", sg_slice_str("foobar"));
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

static enum sg_code
unhex_once(void)
{
	sg_buf_scoped out = {0};
	return sg_unhex(sg_slice_str("aabb"), &out, NULL);
}

static enum sg_code
unbase64_once(void)
{
	sg_buf_scoped out = {0};
	return sg_unbase64(sg_slice_str("Zm9vYg=="), false, &out, NULL);
}

static void
alloc_fails__each__nomem(void **state)
{
	(void)state;
	expect_nomem(pem_once);
	expect_nomem(unhex_once);
	expect_nomem(unbase64_once);
}

static void
parse_u64__numbers__up_to_max(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t max, want;
	} rows[] = {
	    {"0", 0, 0},
	    {"0", UINT64_MAX, 0},
	    {"1", 1, 1},
	    {"9", 9, 9},
	    {"10", 10, 10},
	    {"65535", 65535, 65535},
	    {"18446744073709551615", UINT64_MAX, UINT64_MAX},
	    {"18446744073709551614", UINT64_MAX - 1, UINT64_MAX - 1},
	};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_err err;
		uint64_t v = 77;
		assert_int_equal(
		    sg_parse_u64(sg_slice_str(rows[n].text), rows[n].max, &v, &err), SG_OK);
		assert_true(v == rows[n].want);
	}
}

static void
parse_u64__bad__refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t max;
		enum sg_code code;
	} rows[] = {
	    {"", 9, SG_E_MALFORMED},
	    {"00", 9, SG_E_MALFORMED},
	    {"01", 9, SG_E_MALFORMED},
	    {"+1", 9, SG_E_MALFORMED},
	    {"-1", 9, SG_E_MALFORMED},
	    {" 1", 9, SG_E_MALFORMED},
	    {"1 ", 99, SG_E_MALFORMED},
	    {"1x", 99, SG_E_MALFORMED},
	    {"0x1", 99, SG_E_MALFORMED},
	    {"1.0", 99, SG_E_MALFORMED},
	    {"1e3", 9999, SG_E_MALFORMED},
	    {"\xb2", 9, SG_E_MALFORMED},
	    {"1", 0, SG_E_LIMIT},
	    {"10", 9, SG_E_LIMIT},
	    {"9", 8, SG_E_LIMIT},
	    {"65536", 65535, SG_E_LIMIT},
	    {"18446744073709551615", UINT64_MAX - 1, SG_E_LIMIT},
	    {"18446744073709551616", UINT64_MAX, SG_E_LIMIT},
	    {"28446744073709551615", UINT64_MAX, SG_E_LIMIT},
	    {"184467440737095516150", UINT64_MAX, SG_E_LIMIT},
	};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_err err = {0};
		uint64_t v = 77;
		struct sg_slice text = sg_slice_str(rows[n].text);
		uint8_t *copy = exact(text);
		expect_err(sg_parse_u64(sg_slice(copy, text.len), rows[n].max, &v, &err), &err,
		    rows[n].code, "number");
		assert_true(v == 77);
		free(copy);
	}
}

static const struct text_row escape_rows[] = {
    {"", ""},
    {"plain text ~!", "plain text ~!"},
    {"\x1b[31mred", "\\x1b[31mred"},
    {"a\nb\r\tc", "a\\x0ab\\x0d\\x09c"},
    {"\x7f", "\\x7f"},
    {"say \"no\"", "say \\x22no\\x22"},
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
		sg_escape(&out, sg_slice(copy, text.len), 1000);
		assert_text(&out, escape_rows[n].to);
		free(copy);
	}
	sg_buf_scoped out = {0};
	sg_escape(&out, sg_slice("\0", 1), 10);
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
			sg_escape(&out, sg_slice(pair, 2), 100);
			assert_true(sg_is_utf8(sg_buf_slice(&out)));
			for (size_t n = 0; n < out.len; n++)
				assert_true(
				    out.p[n] >= 0x20 && out.p[n] != 0x7f && out.p[n] != '"');
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
		sg_escape(&out, sg_slice_str("a\xc3\xbc\nz"), max);
		assert_string_equal(sg_buf_text(&out) + 2, want[max]);
	}
}

static void
is_utf8__tables__well_formed_only(void **state)
{
	(void)state;
	static const char *const good[] = {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
	    "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2",
	    "\xc2\x7f", "\xc2\xc0", "\xe0\x9f\xbf", "\xe0\xa0", "\xe0\xa0\x7f", "\xed\xa0\x80",
	    "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
	    "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff", "a\xc3"};
	for (size_t n = 0; n < sizeof good / sizeof good[0]; n++)
		assert_true(sg_is_utf8(sg_slice_str(good[n])));
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		struct sg_slice text = sg_slice_str(bad[n]);
		uint8_t *copy = exact(text);
		assert_false(sg_is_utf8(sg_slice(copy, text.len)));
		free(copy);
	}
	assert_false(sg_is_utf8(sg_slice("a\0b", 3)));
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
		assert_int_equal(sg_is_printable(sg_slice(text, 2)), want);
	}
	assert_true(sg_is_printable(sg_slice(NULL, 0)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hex__every_byte__and_back),
	    cmocka_unit_test(unhex__anything_else__refused),
	    cmocka_unit_test(base64__rfc_vectors__both_ways),
	    cmocka_unit_test(base64__every_byte_and_length__and_back),
	    cmocka_unit_test(unbase64__not_strict__refused),
	    cmocka_unit_test(unbase64__every_character__alphabet_only),
	    cmocka_unit_test(unbase64__wrapped__white_space_skipped),
	    cmocka_unit_test(pem__each_length__wrapped_and_back),
	    cmocka_unit_test(pem_next__several__each_in_turn),
	    cmocka_unit_test(pem_next__broken__refused),
	    cmocka_unit_test(alloc_fails__each__nomem),
	    cmocka_unit_test(parse_u64__numbers__up_to_max),
	    cmocka_unit_test(parse_u64__bad__refused),
	    cmocka_unit_test(escape__table__only_safe_text),
	    cmocka_unit_test(escape__every_pair__printable),
	    cmocka_unit_test(escape__each_max__cut_at_a_character),
	    cmocka_unit_test(is_utf8__tables__well_formed_only),
	    cmocka_unit_test(is_printable__every_byte__the_alphabet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
