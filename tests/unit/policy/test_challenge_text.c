/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "lib/alloc_fail.h"
#include "policy/challenge_text.h"

static enum sg_code
challenge(unsigned tag, const void *p, size_t len, struct sg_buf *out, struct sg_err *err)
{
	struct sg_csr csr = {
	    .has_challenge = true, .challenge_tag = tag, .challenge = sg_slice(p, len)};

	return sg_challenge_of(&csr, out, err);
}

static void
check_good(unsigned tag, const void *p, size_t len, const char *want)
{
	sg_buf_scoped out = {0};

	assert_ok(challenge(tag, p, len, &out, NULL));
	assert_string_equal(sg_buf_text(&out), want);
	assert_int_equal(out.len, strlen(want));
}

static void
challenge_make__counting_bytes__known_text(void **state)
{
	uint8_t random[SG_CHALLENGE_RANDOM_LEN];
	char text[SG_CHALLENGE_TEXT_LEN + 1];

	(void)state;
	for (size_t i = 0; i < sizeof random; i++)
		random[i] = (uint8_t)(i * 13);
	sg_challenge_make(random, text);
	assert_int_equal(strlen(text), SG_CHALLENGE_TEXT_LEN);
	/* 00 0d 1a 27 34: 00000 00000 00110 10001 10100 01001 11001 10100. */
	assert_memory_equal(text, "006h-m9sm-", 10);
	assert_true(sg_ascii_is_printable(sg_slice_str(text)));
	for (size_t i = 0; text[i] != '\0'; i++) {
		assert_null(strchr("ilou'\" ", text[i]));
		assert_true((text[i] == '-') == (i % 5 == 4));
	}
	memset(random, 0xff, sizeof random);
	sg_challenge_make(random, text);
	assert_string_equal(text, "zzzz-zzzz-zzzz-zzzz-zzzz-zzzz-zzzz-zzzz");
	memset(random, 0, sizeof random);
	random[19] = 1;
	sg_challenge_make(random, text);
	assert_string_equal(text, "0000-0000-0000-0000-0000-0000-0000-0001");
}

static void
challenge_of__string_types__same_bytes(void **state)
{
	static const uint8_t bmp[] = {0, 'a', 0, 'b', 0, 0xe4};
	static const uint8_t universal[] = {0, 0, 0, 'a', 0, 0, 0, 'b'};

	(void)state;
	check_good(SG_DER_PRINTABLE, "ab", 2, "ab");
	check_good(SG_DER_UTF8, "ab\xc3\xa4", 4, "ab\xc3\xa4");
	check_good(SG_DER_IA5, "ab", 2, "ab");
	check_good(SG_DER_T61, "ab", 2, "ab");
	check_good(SG_DER_BMP, bmp, sizeof bmp, "ab\xc3\xa4");
	check_good(SG_DER_UNIVERSAL, universal, sizeof universal, "ab");
}

static void
challenge_of__nul_and_spaces_around__stripped(void **state)
{
	(void)state;
	check_good(SG_DER_UTF8, "secret", 7, "secret");
	check_good(SG_DER_UTF8, "  secret  ", 10, "secret");
	check_good(SG_DER_UTF8, " secret \0", 9, "secret");
	check_good(SG_DER_UTF8, "two words", 9, "two words");
	check_good(SG_DER_BMP, "\0s\0\0", 4, "s");
	check_good(SG_DER_UTF8, "\t \r\nsecret\r\n \t", 14, "secret");
	check_good(SG_DER_IA5, "secret\r\n\0", 9, "secret");
	check_good(SG_DER_BMP, "\0s\0\r\0\n", 6, "s");
	check_good(SG_DER_BMP, "\xfe\xff\0s", 4, "s");
	/* Nothing inside, and no other white space. */
	check_good(SG_DER_UTF8, "a\r\n\tb", 5, "a\r\n\tb");
	check_good(SG_DER_UTF8, "\xc2\xa0s\x0b", 4, "\xc2\xa0s\x0b");
}

static void
challenge_of__absent_or_blank__missing(void **state)
{
	sg_buf_scoped out = {0};
	struct sg_csr none = {.has_challenge = false};

	(void)state;
	assert_rule(sg_challenge_of(&none, &out, err), SG_E_DENIED, "challenge.missing");
	assert_rule(challenge(SG_DER_UTF8, "", 0, &out, err), SG_E_DENIED, "challenge.missing");
	assert_rule(challenge(SG_DER_UTF8, "\0", 1, &out, err), SG_E_DENIED, "challenge.missing");
	assert_rule(challenge(SG_DER_UTF8, "   ", 3, &out, err), SG_E_DENIED, "challenge.missing");
	assert_rule(challenge(SG_DER_UTF8, " \0", 2, &out, err), SG_E_DENIED, "challenge.missing");
	assert_int_equal(out.len, 0);
}

/* What the parser kept for who asks. */
static void
challenge_of__fault_of_the_parser__told(void **state)
{
	sg_buf_scoped out = {0};
	struct sg_csr csr = {
	    .challenge_fault = {
		.code = SG_E_MALFORMED, .rule = "csr.challenge.dup", .text = "two that differ"}};

	(void)state;
	assert_rule(sg_challenge_of(&csr, &out, err), SG_E_MALFORMED, "csr.challenge.dup");
	assert_int_equal(sg_challenge_of(&csr, &out, NULL), SG_E_MALFORMED);
	assert_int_equal(out.len, 0);
}

static void
challenge_of__nul_inside__refused(void **state)
{
	sg_buf_scoped out = {0};

	(void)state;
	assert_rule(challenge(SG_DER_UTF8, "a\0b", 3, &out, err), SG_E_MALFORMED, "challenge.nul");
	assert_rule(challenge(SG_DER_UTF8, "a\0\0", 3, &out, err), SG_E_MALFORMED, "challenge.nul");
	assert_rule(challenge(SG_DER_UTF8, "\0a", 2, &out, err), SG_E_MALFORMED, "challenge.nul");
	assert_rule(challenge(SG_DER_UTF8, "a \0 ", 4, &out, err), SG_E_MALFORMED, "challenge.nul");
	assert_int_equal(out.len, 0);
}

static void
challenge_of__not_text__refused(void **state)
{
	sg_buf_scoped out = {0};

	(void)state;
	assert_rule(
	    challenge(SG_DER_UTF8, "\xff\xfe", 2, &out, err), SG_E_MALFORMED, "challenge.string");
	assert_rule(challenge(SG_DER_BMP, "abc", 3, &out, err), SG_E_MALFORMED, "challenge.string");
	assert_rule(challenge(SG_DER_OCTET_STRING, "abc", 3, &out, err), SG_E_MALFORMED,
	    "challenge.string");
	assert_rule(
	    challenge(SG_DER_IA5, "\xe4", 1, &out, err), SG_E_MALFORMED, "challenge.string");
}

static void
challenge_of__lengths__limit_is_exact(void **state)
{
	static char text[SG_CHALLENGE_MAX + 2];
	sg_buf_scoped out = {0};

	(void)state;
	memset(text, 'x', sizeof text);
	assert_ok(challenge(SG_DER_UTF8, text, 1, &out, NULL));
	sg_buf_reset(&out);
	assert_ok(challenge(SG_DER_UTF8, text, SG_CHALLENGE_MAX, &out, NULL));
	assert_int_equal(out.len, SG_CHALLENGE_MAX);
	sg_buf_reset(&out);
	assert_rule(challenge(SG_DER_UTF8, text, SG_CHALLENGE_MAX + 1, &out, err), SG_E_LIMIT,
	    "challenge.length");
}

static void
challenge_normalize__file_with_line_end__stripped(void **state)
{
	static const char *const texts[] = {"abc", "abc\n", "abc\r\n", " abc \n", "abc\r\n\r\n",
	    "\t abc \t\n", "\n\nabc",
	    ("\xef\xbb\xbf"
	     "abc\r\n")};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		sg_buf_scoped out = {0};
		assert_ok(sg_challenge_normalize(sg_slice_str(texts[i]), &out, NULL));
		assert_string_equal(sg_buf_text(&out), "abc");
	}
	sg_buf_scoped out = {0};
	assert_rule(sg_challenge_normalize(sg_slice_str("\r\n"), &out, err), SG_E_DENIED,
	    "challenge.missing");
}

static void
challenge_of__nth_allocation_fails__nomem(void **state)
{
	(void)state;
	for (unsigned long n = 1;; n++) {
		sg_buf_scoped out = {0};
		alloc_fail_at(n);
		enum sg_code rc = challenge(SG_DER_BMP, "\0a\0b", 4, &out, NULL);
		alloc_fail_at(0);
		if (rc == SG_OK) {
			assert_true(n > 1);
			return;
		}
		assert_int_equal(rc, SG_E_NOMEM);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(challenge_make__counting_bytes__known_text),
	    cmocka_unit_test(challenge_of__string_types__same_bytes),
	    cmocka_unit_test(challenge_of__nul_and_spaces_around__stripped),
	    cmocka_unit_test(challenge_of__absent_or_blank__missing),
	    cmocka_unit_test(challenge_of__fault_of_the_parser__told),
	    cmocka_unit_test(challenge_of__nul_inside__refused),
	    cmocka_unit_test(challenge_of__not_text__refused),
	    cmocka_unit_test(challenge_of__lengths__limit_is_exact),
	    cmocka_unit_test(challenge_normalize__file_with_line_end__stripped),
	    cmocka_unit_test(challenge_of__nth_allocation_fails__nomem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
