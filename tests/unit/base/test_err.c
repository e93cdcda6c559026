/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include <pthread.h>

#include "base/utf8.h"

static void
fail__text_and_place__kept(void **state)
{
	(void)state;
	struct sg_err err = {0};
	int line = __LINE__ + 1;
	enum sg_code rc = sg_fail(&err, SG_E_LIMIT, "a.rule", "want %d, have %s", 1, "two");
	expect_err(rc, &err, SG_E_LIMIT, "a.rule");
	assert_string_equal(err.text, "want 1, have two");
	assert_non_null(strstr(err.file, "test_err.c"));
	assert_int_equal(err.line, line);
}

static void
fail__no_err__only_the_code(void **state)
{
	(void)state;
	assert_int_equal(sg_fail(NULL, SG_E_BUSY, "a.rule", "text"), SG_E_BUSY);
	sg_err_prefix(NULL, "nothing");
}

static void
fail__text_too_long__cut(void **state)
{
	(void)state;
	struct sg_err err;
	char longer[700];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	memset(&err, 0xff, sizeof err);
	sg_ignore(sg_fail(&err, SG_E_IO, "a.rule", "%s", longer));
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

/* Three bytes each: a bound of bytes cuts most of them. */
static void
fail__text_cut_inside_a_character__whole_ones(void **state)
{
	(void)state;
	struct sg_err err;
	char longer[700] = "";
	for (size_t n = 0; n + 3 < sizeof longer; n += 3)
		memcpy(longer + n, "\xe2\x82\xac", 3);
	for (int n = 0; n < 7; n++) {
		sg_ignore(sg_fail(&err, SG_E_IO, "a.rule", "%.*s|%s", n, longer, longer));
		assert_int_equal(strspn(err.text, "\xe2\x82\xac"), n / 3 * 3);
		assert_int_equal(err.text[n / 3 * 3], '|');
		assert_true(sg_utf8_is_valid(sg_slice_str(err.text)));
		sg_err_prefix(&err, "at");
		assert_true(sg_utf8_is_valid(sg_slice_str(err.text)));
	}
}

static void
prefix__short__in_front(void **state)
{
	(void)state;
	struct sg_err err;
	sg_ignore(sg_fail(&err, SG_E_IO, "a.rule", "broken"));
	sg_err_prefix(&err, "file %d", 7);
	assert_string_equal(err.text, "file 7: broken");
	assert_string_equal(err.rule, "a.rule");
	sg_err_prefix(&err, "%s", "");
	assert_string_equal(err.text, ": file 7: broken");
}

/* Whatever the two lengths, the text ends inside and begins with the prefix. */
static void
prefix__every_length__bounded(void **state)
{
	(void)state;
	char many[600];
	for (size_t n = 0; n < sizeof many; n += 1) {
		struct sg_err err = {.text = "x"};
		memset(many, 'p', n);
		many[n] = '\0';
		sg_err_prefix(&err, "%s", many);
		size_t len = strnlen(err.text, sizeof err.text);
		assert_true(len < sizeof err.text);
		assert_memory_equal(err.text, many, n < len ? n : len);
		if (n + 3 < sizeof err.text)
			assert_string_equal(err.text + n, ": x");
	}
	struct sg_err full = {0};
	memset(full.text, 't', sizeof full.text - 1);
	sg_err_prefix(&full, "p");
	assert_int_equal(strlen(full.text), sizeof full.text - 1);
	assert_memory_equal(full.text, "p: ttt", 6);
}

static const enum sg_code codes[] = {SG_OK, SG_E_MALFORMED, SG_E_LIMIT, SG_E_ALG, SG_E_SIGNATURE,
    SG_E_TIME, SG_E_REPLAY, SG_E_DENIED, SG_E_PENDING, SG_E_NOTFOUND, SG_E_CONFLICT, SG_E_BUSY,
    SG_E_TIMEOUT, SG_E_IO, SG_E_NOMEM, SG_E_INTERNAL, SG_E_CRYPTO, SG_E_USAGE, SG_E_CONF};
#define CODES (sizeof codes / sizeof codes[0])

static void
code_name__every_code__a_word_of_its_own(void **state)
{
	(void)state;
	for (size_t n = 0; n < CODES; n++) {
		assert_string_not_equal(sg_code_name(codes[n]), "unknown");
		for (size_t k = 0; k < n; k++)
			assert_string_not_equal(sg_code_name(codes[n]), sg_code_name(codes[k]));
	}
	assert_string_equal(sg_code_name((enum sg_code)0x1ff), "unknown");
}

static void
code_is_peer__categories__request_or_not(void **state)
{
	(void)state;
	for (size_t n = 0; n < CODES; n++) {
		unsigned category = (unsigned)codes[n] >> 8;
		assert_int_equal(sg_code_is_peer(codes[n]) != 0, category >= 1 && category <= 3);
	}
}

static void
intern__equal_words__one_pointer(void **state)
{
	(void)state;
	char copy[] = "cms.digest.md5-x";
	const char *one = sg_err_rule_intern(copy, strlen(copy));
	assert_string_equal(one, copy);
	assert_ptr_not_equal(one, copy);
	assert_ptr_equal(one, sg_err_rule_intern("cms.digest.md5-x and more", strlen(copy)));
	/* A prefix is another word. */
	assert_string_equal(sg_err_rule_intern("cms.digest", 10), "cms.digest");
	assert_string_equal(sg_err_rule_intern("cms.digest.md5-xy", 17), "cms.digest.md5-xy");
}

static void
intern__odd_words__other(void **state)
{
	(void)state;
	char longest[66];
	memset(longest, 'a', sizeof longest);
	assert_string_equal(sg_err_rule_intern("", 0), "rule.other");
	assert_false(sg_err_rule_is_word("", 0));
	assert_false(sg_err_rule_is_word(longest, 65));
	assert_true(sg_err_rule_is_word(longest, 64));
	assert_true(sg_err_rule_is_word("cms.digest-5", 12));
	assert_false(sg_err_rule_is_word("cms\x1b[1m", 7));
	assert_false(sg_err_rule_is_word("Cms", 3));
	assert_string_equal(sg_err_rule_intern(longest, 65), "rule.other");
	assert_int_equal(strlen(sg_err_rule_intern(longest, 64)), 64);
	for (int c = 0; c < 256; c++) {
		char word[3] = {'z', (char)c, 'z'};
		bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
			    c == '-';
		bool other = strcmp(sg_err_rule_intern(word, 3), "rule.other") == 0;
		assert_int_equal(other, !good);
	}
}

static void *
intern_many(void *arg)
{
	(void)arg;
	for (unsigned n = 0; n < 700; n++) {
		char word[16];
		int len = snprintf(word, sizeof word, "many.%u", n);
		const char *got = sg_err_rule_intern(word, (size_t)len);
		if (strcmp(got, word) != 0 && strcmp(got, "rule.other") != 0)
			return "wrong word";
	}
	return NULL;
}

static void
intern__too_many_from_threads__other(void **state)
{
	(void)state;
	pthread_t thread[4];
	for (size_t n = 0; n < 4; n++)
		assert_int_equal(pthread_create(&thread[n], NULL, intern_many, NULL), 0);
	for (size_t n = 0; n < 4; n++) {
		void *bad = NULL;
		pthread_join(thread[n], &bad);
		assert_null(bad);
	}
	assert_string_equal(sg_err_rule_intern("many.699", 8), "rule.other");
	/* What was known before still is. */
	assert_string_equal(sg_err_rule_intern("cms.digest", 10), "cms.digest");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fail__text_and_place__kept),
	    cmocka_unit_test(fail__no_err__only_the_code),
	    cmocka_unit_test(fail__text_too_long__cut),
	    cmocka_unit_test(fail__text_cut_inside_a_character__whole_ones),
	    cmocka_unit_test(prefix__short__in_front),
	    cmocka_unit_test(prefix__every_length__bounded),
	    cmocka_unit_test(code_name__every_code__a_word_of_its_own),
	    cmocka_unit_test(code_is_peer__categories__request_or_not),
	    cmocka_unit_test(intern__equal_words__one_pointer),
	    cmocka_unit_test(intern__odd_words__other),
	    cmocka_unit_test(intern__too_many_from_threads__other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
