/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "explain/catalog.h"

static void
rule_find__exact_prefix_and_unknown__right_row(void **state)
{
	static const struct {
		const char *word, *row;
	} rows[] = {
	    {"challenge.used", "challenge.used"},
	    {"alg.md5", "alg.md5"},
	    {"alg.des", "alg.des"},
	    {"alg.oaep.label", "alg.*"},
	    {"der", "der.*"},
	    {"der.oid", "der.*"},
	    {"name.value.control", "name.value.control"},
	    {"name.value.long", "name.*"},
	    {"csr.challenge.dup", "csr.challenge.*"},
	    {"csr.version", "csr.*"},
	    {"http.framing.both", "http.framing.*"},
	    {"derx", "unknown"},
	    {"algo", "unknown"},
	    {"", "unknown"},
	    {"no.such.rule", "unknown"},
	    {"challenge", "unknown"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_string_equal(sg_catalog_find(rows[i].word)->rule, rows[i].row);
		assert_int_equal(
		    sg_catalog_known(rows[i].word), strcmp(rows[i].row, "unknown") != 0);
	}
	assert_string_equal(sg_catalog_find(NULL)->rule, "unknown");
	assert_false(sg_catalog_known(NULL));
}

static void
check_sentence(const char *rule, const char *text, size_t least)
{
	size_t len = strlen(text);

	if (len < least || !sg_utf8_is_valid(sg_slice_str(text)) || strchr(text, '\n') != NULL ||
	    strstr(text, "  ") != NULL || text[0] == ' ' || text[len - 1] == ' ')
		fail_msg("%s: \"%s\"", rule, text);
}

static void
rule_at__every_row__complete_and_once(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct sg_catalog_rule *r; (r = sg_catalog_at(n)) != NULL; n++) {
		check_sentence(r->rule, r->title, 3);
		check_sentence(r->rule, r->cause, 20);
		check_sentence(r->rule, r->remedy, 5);
		if (r->cause[strlen(r->cause) - 1] != '.' ||
		    r->remedy[strlen(r->remedy) - 1] != '.')
			fail_msg("%s: no full stop", r->rule);
		assert_true(strlen(r->title) < 60);
		assert_int_not_equal(strcmp(sg_blame_name(r->blame), "unknown"), 0);
		assert_true(r->answer <= SG_TOLD_NONE);
		assert_ptr_equal(sg_catalog_find(r->rule), r);
	}
	assert_true(n > 150);
	assert_null(sg_catalog_at(n + 1));
	assert_null(sg_catalog_at(SIZE_MAX));
}

static void
rule_at__what_administrators_meet__names_a_command(void **state)
{
	static const char *const met[] = {"challenge.unknown", "challenge.used",
	    "challenge.expired", "challenge.burned", "binding.subject", "binding.san", "alg.des",
	    "cms.decrypt", "renewal.foreign", "renewal.revoked", "renewal.expired", "store.corrupt",
	    "control.connect", "scep.alg.sha1", "conf.range", "issue.issuer-expired"};

	(void)state;
	for (size_t i = 0; i < sizeof met / sizeof met[0]; i++) {
		const struct sg_catalog_rule *r = sg_catalog_find(met[i]);
		if (strchr(r->remedy, '`') == NULL)
			fail_msg("%s: no command", met[i]);
	}
}

static void
rule_print__width__kept(void **state)
{
	static const unsigned widths[] = {40, 72, 100};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		sg_buf_scoped b = {0};
		sg_catalog_print(&b, "challenge.used",
		    "this challenge was used, by whom is not said", widths[i]);
		const char *text = sg_buf_text(&b);
		assert_non_null(strstr(text, "rule     challenge.used: challenge already used\n"));
		assert_non_null(strstr(text, "\nfound    this challenge"));
		assert_non_null(strstr(text, "\ncause    The challenge"));
		assert_non_null(strstr(text, "\nremedy   "));
		const char *line = strchr(text, '\n') + 1; /* titles are not wrapped */
		while (*line != '\0') {
			size_t len = strcspn(line, "\n");
			assert_true(len <= widths[i]);
			assert_true(len > 9 && line[len - 1] != ' ');
			line += len + 1;
		}
	}
	sg_buf_scoped b = {0};
	sg_catalog_print(&b, "alg.des", NULL, 80);
	assert_null(strstr(sg_buf_text(&b), "found"));
}

static void
answer_name__values__as_rfc(void **state)
{
	(void)state;
	assert_int_equal(SG_TOLD_BAD_ALG, 0);
	assert_int_equal(SG_TOLD_BAD_CERT_ID, 4);
	assert_int_equal(sg_catalog_find("alg.des")->answer, SG_TOLD_BAD_ALG);
	assert_int_equal(sg_catalog_find("cms.digest")->answer, SG_TOLD_BAD_MESSAGE_CHECK);
	assert_int_equal(sg_catalog_find("challenge.used")->answer, SG_TOLD_BAD_REQUEST);
	assert_int_equal(sg_catalog_find("store.io")->answer, SG_TOLD_NONE);
	assert_string_equal(sg_blame_name((enum sg_blame)77), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rule_find__exact_prefix_and_unknown__right_row),
	    cmocka_unit_test(rule_at__every_row__complete_and_once),
	    cmocka_unit_test(rule_at__what_administrators_meet__names_a_command),
	    cmocka_unit_test(rule_print__width__kept),
	    cmocka_unit_test(answer_name__values__as_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
