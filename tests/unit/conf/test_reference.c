/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "unit/conf/conf_test.h"

#include "conf/reference.h"
#include "conf/schema.h"
#include "lib/alloc_fail.h"

static struct sg_conf_errors errs;

static void
put_default__values__parses_cleanly(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	sg_scoped(conf) conf = NULL;
	assert_int_equal(sg_conf_put_default(&b, "My \"site\" \\ # x", "[::1]:8081", &err), SG_OK);
	assert_int_equal(sg_conf_parse(sg_buf_slice(&b), "signet.yaml", &conf, &errs), SG_OK);
	assert_string_equal(conf->site, "My \"site\" \\ # x");
	assert_int_equal(conf->front.listen.n, 1);
	assert_string_equal(conf->front.listen.item[0].text, "[::1]:8081");
	assert_string_equal(conf->front.access_log, "log/access.log");
	assert_string_equal(conf->ca.key, "ca/ca.key");
	assert_null(conf->ca.cdp_url);
	assert_non_null(sg_conf_endpoint0(conf, sg_slice_str("default")));
	assert_non_null(sg_conf_template0(conf, "client"));
	/* Defaults that are shown, and that a later version may change. */
	assert_non_null(strstr(sg_buf_text(&b), "\n    #renewal-window: 60d\n"));
	assert_non_null(strstr(sg_buf_text(&b), "\n    #renewal-successors: 8\n"));
	assert_non_null(strstr(sg_buf_text(&b), "\n    #renewals-per-day: 10\n"));
}

/* What stands behind '#' is right too: with every option switched on it is still read. */
static void
put_default__comments_switched_on__only_policy_objects(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_buf_scoped on = {0};
	struct sg_conf *conf = NULL;
	assert_int_equal(sg_conf_put_default(&b, "x", "127.0.0.1:1", NULL), SG_OK);
	for (const char *s = sg_buf_text(&b); *s != '\0'; s++) {
		if (*s != '#' || s[1] == ' ')
			sg_buf_put(&on, s, 1);
	}
	assert_int_equal(sg_conf_parse(sg_buf_slice(&on), "signet.yaml", &conf, &errs), SG_E_CONF);
	assert_int_equal(errs.n, 3);
	assert_string_equal(errs.item[0].rule, "conf.challenge-file");
	assert_string_equal(errs.item[1].rule, "conf.static.only");
	assert_string_equal(errs.item[2].rule, "conf.static.only");
	sg_buf_scoped fixed = {0};
	sg_scoped(conf) all = NULL;
	put_replaced(&fixed, sg_buf_text(&on), "policy: one-time", "policy: static");
	assert_int_equal(sg_conf_parse(sg_buf_slice(&fixed), "signet.yaml", &all, &errs), SG_OK);
}

static void
put_default__bad_values__usage(void **state)
{
	(void)state;
	static const char *const sites[] = {"", "a\nb", "a\x1b", "\xff"};
	static const char *const listens[] = {"", "x", "127.0.0.1", "localhost:80", "a\", \"b"};
	for (size_t i = 0; i < sizeof sites / sizeof sites[0]; i++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		assert_int_equal(
		    sg_conf_put_default(&b, sites[i], "127.0.0.1:1", &err), SG_E_USAGE);
		assert_string_equal(err.rule, "conf.default");
		assert_int_equal(b.len, 0);
	}
	for (size_t i = 0; i < sizeof listens / sizeof listens[0]; i++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		assert_int_equal(sg_conf_put_default(&b, "x", listens[i], &err), SG_E_USAGE);
		assert_string_equal(err.rule, "conf.default");
	}
}

static void
put_default__nth_allocation_fails__no_memory(void **state)
{
	(void)state;
	enum sg_code rc = SG_E_NOMEM;
	for (unsigned long n = 1; n < 100000 && rc != SG_OK; n++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		alloc_fail_at(n);
		rc = sg_conf_put_default(&b, "x", "127.0.0.1:1", &err);
		alloc_fail_at(0);
		assert_true(rc == SG_OK || rc == SG_E_NOMEM);
	}
	assert_int_equal(rc, SG_OK);
}

static void
put_reference__every_option_and_rule__documented(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_conf_put_reference(&b);
	assert_int_equal(sg_buf_check(&b, NULL), SG_OK);
	const char *text = sg_buf_text(&b);
	for (const struct sg_conf_row *row = sg_conf_rows; row->path != NULL; row++) {
		char head[96];
		snprintf(head, sizeof head, "## %s\n\n", row->path);
		assert_non_null(strstr(text, head));
		assert_non_null(row->text);
		assert_int_equal(row->text[strlen(row->text) - 1], '.');
	}
	for (const struct sg_conf_rule *rule = sg_conf_rules; rule->rule != NULL; rule++) {
		char cell[96];
		snprintf(cell, sizeof cell, "| `%s` |", rule->rule);
		assert_non_null(strstr(text, cell));
	}
}

static void
put_reference__documentation__is_the_file(void **state)
{
	(void)state;
	sg_buf_scoped want = {0};
	sg_conf_put_reference(&want);
	FILE *f = fopen(SG_TEST_REFERENCE, "rb");
	assert_non_null(f);
	char *have = malloc(want.len + 2);
	assert_non_null(have);
	size_t len = fread(have, 1, want.len + 1, f);
	fclose(f);
	bool same = len == want.len && memcmp(have, want.p, len) == 0;
	free(have);
	if (!same)
		fail_msg("docs/configuration.md is not what signet check --reference prints");
}

/* Rows that would make the parser or a message go wrong. */
static void
rows__shape__consistent(void **state)
{
	(void)state;
	for (const struct sg_conf_row *row = sg_conf_rows; row->path != NULL; row++) {
		bool container = row->type == SG_CONF_T_SECTION || row->type == SG_CONF_T_NAMED;
		bool words = row->type == SG_CONF_T_WORD || row->type == SG_CONF_T_FLAGS ||
			     row->type == SG_CONF_T_KINDS;
		assert_true(words == (row->words != NULL));
		assert_true(!row->required || row->def == NULL);
		assert_true(container || row->def != NULL || row->example != NULL);
		assert_true(row->max >= row->min);
		assert_true(strlen(sg_conf_row_key(row)) <= 32);
	}
}

static void
put_duration__values__largest_unit(void **state)
{
	(void)state;
	static const struct {
		int64_t s;
		const char *want;
	} rows[] = {{0, "0d"}, {1, "1s"}, {60, "1m"}, {90, "90s"}, {3600, "1h"}, {86400, "1d"},
	    {365 * 86400, "1y"}, {366 * 86400, "366d"}, {7 * 86400, "7d"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped b = {0};
		sg_conf_put_duration(&b, rows[i].s);
		assert_string_equal(sg_buf_text(&b), rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(put_default__values__parses_cleanly),
	    cmocka_unit_test(put_default__comments_switched_on__only_policy_objects),
	    cmocka_unit_test(put_default__bad_values__usage),
	    cmocka_unit_test(put_default__nth_allocation_fails__no_memory),
	    cmocka_unit_test(put_reference__every_option_and_rule__documented),
	    cmocka_unit_test(put_reference__documentation__is_the_file),
	    cmocka_unit_test(rows__shape__consistent),
	    cmocka_unit_test(put_duration__values__largest_unit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
