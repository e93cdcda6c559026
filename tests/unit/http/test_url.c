/* SPDX-License-Identifier: Apache-2.0 */

/* Queries and percent-encoding. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "http/url.h"
#include "lib/alloc_fail.h"

/* "name=value;" of each parameter. */
static void
query_next__table__parameters(void **state)
{
	static const struct {
		const char *query, *want;
	} rows[] = {
	    {"", ""},
	    {"&", ""},
	    {"?&?", ""},
	    {"operation=GetCACaps", "operation=GetCACaps;"},
	    {"message=ca&operation=GetCACert", "message=ca;operation=GetCACert;"},
	    {"operation=PKIOperation&message=MII=A=", "operation=PKIOperation;message=MII=A=;"},
	    {"&&operation=x&", "operation=x;"},
	    {"?operation=x", "operation=x;"},
	    {"p=1?operation=x", "p=1;operation=x;"},
	    {"/pkiclient.exe?operation=x", "/pkiclient.exe=;operation=x;"},
	    {"operation", "operation=;"},
	    {"operation=", "operation=;"},
	    {"=&=x", "=;=x;"},
	    {"a=1&a=1&a=2", "a=1;a=1;a=2;"},
	    {"a%26b=%3f", "a%26b=%3f;"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sg_slice query = sg_slice_str(rows[i].query), name, value;
		sg_buf_scoped got = {0};
		while (sg_http_query_next(&query, &name, &value)) {
			sg_buf_put_slice(&got, name);
			sg_buf_puts(&got, "=");
			sg_buf_put_slice(&got, value);
			sg_buf_puts(&got, ";");
		}
		assert_string_equal(sg_buf_text(&got), rows[i].want);
		assert_int_equal(query.len, 0);
	}
}

static void
escaped_is__table__like_the_word(void **state)
{
	static const struct {
		const char *text, *word;
		bool want;
	} rows[] = {
	    {"", "", true}, {"scep", "scep", true}, {"sCEP", "Scep", true},
	    {"%73cep", "scep", true}, {"sce%50", "scep", true}, {"%73%43%65%50", "scep", true},
	    {"scep", "", false}, {"", "scep", false}, {"sce", "scep", false},
	    {"scepx", "scep", false}, {"scep%00", "scep", false}, {"%2573cep", "scep", false},
	    {"sce%7", "scep", false}, {"sce%", "scep", false}, {"sce%7g", "scep", false},
	    {"%73cep%", "scep", false}, {"sc\xe4p", "sc\xe4p", true}, {"sc%E4p", "sc\xe4p", true},
	    {"@", "`", false}, /* no letters, though 32 apart */
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (sg_http_escaped_is(sg_slice_str(rows[i].text), rows[i].word) != rows[i].want)
			fail_msg("'%s' and '%s'", rows[i].text, rows[i].word);
}

static void
unescape__table__bytes_or_rule(void **state)
{
	static const struct {
		const char *text, *want;
		bool plus;
	} rows[] = {
	    {"", "", false},
	    {"abc", "abc", false},
	    {"a%20b", "a b", false},
	    {"%2B%2f%3D", "+/=", false},
	    {"a+b", "a+b", false},
	    {"a+b+", "a b ", true},
	    {"%2b+", "+ ", true},
	    {"%0A%0d", "\n\r", false},
	    {"%25%32%35", "%25", false},
	    {"%", NULL, false},
	    {"%2", NULL, false},
	    {"a%2", NULL, false},
	    {"%zz", NULL, false},
	    {"%2z", NULL, false},
	    {"%-1", NULL, false},
	    {"%%20", NULL, false},
	    {"100%", NULL, true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		sg_buf_scoped out = {0};
		struct sg_err err = {0};
		enum sg_code rc = sg_http_unescape(
		    sg_slice_str(rows[i].text), rows[i].plus, &out, &err);
		if (rows[i].want != NULL) {
			assert_int_equal(rc, SG_OK);
			assert_true(sg_slice_is(sg_buf_slice(&out), rows[i].want));
		} else {
			assert_int_equal(rc, SG_E_MALFORMED);
			assert_string_equal(err.rule, "http.escape");
		}
	}
}

static void
escape__all_bytes__unescape_gives_them_back(void **state)
{
	(void)state;
	uint8_t all[256];
	struct sg_err err;
	sg_buf_scoped text = {0}, back = {0};
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (uint8_t)i;
	sg_http_escape(&text, sg_slice(all, sizeof all));
	for (size_t i = 0; i < text.len; i++)
		assert_true(
		    text.p[i] > 0x20 && text.p[i] < 0x7f && strchr("+/=&?#", text.p[i]) == NULL);
	assert_int_equal(sg_http_unescape(sg_buf_slice(&text), true, &back, &err), SG_OK);
	assert_true(sg_slice_eq(sg_buf_slice(&back), sg_slice(all, sizeof all)));
}

static void
url_add__table__url_or_rule(void **state)
{
	static const struct {
		const char *url, *want;
	} rows[] = {
	    {"http://a/scep", "http://a/scep?operation=GetCACert&message=x%20%2By"},
	    {"http://a/scep?", "http://a/scep?operation=GetCACert&message=x%20%2By"},
	    {"http://a/scep?p=1", "http://a/scep?p=1&operation=GetCACert&message=x%20%2By"},
	    {"http://a/scep?p=1&", "http://a/scep?p=1&operation=GetCACert&message=x%20%2By"},
	    {"http://a/scep?p=a?b", "http://a/scep?p=a?b&operation=GetCACert&message=x%20%2By"},
	    {"http://a/scep?operation=GetCACaps",
		"http://a/scep?operation=GetCACert&message=x%20%2By"},
	    {"http://a/scep?p=1&Oper%61tion=x&q?message&&r=%20",
		"http://a/scep?p=1&q&r=%20&operation=GetCACert&message=x%20%2By"},
	    {"HTTPS://a:8443", "HTTPS://a:8443?operation=GetCACert&message=x%20%2By"},
	    {"", NULL},
	    {"a/scep", NULL},
	    {"ftp://a/", NULL},
	    {"file:///etc/passwd", NULL},
	    {"http://", NULL},
	    {"http:///x", NULL},
	    {"http://?x", NULL},
	    {"http://:80/", NULL},
	    {"http://a/ b", NULL},
	    {"http://a/\n", NULL},
	    {"http://a/\xc3\xa9", NULL},
	    {"http://a/#x", NULL},
	};
	(void)state;
	const struct sg_http_param params[] = {
	    {"operation", sg_slice_str("GetCACert")}, {"message", sg_slice_str("x +y")}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		sg_buf_scoped out = {0};
		struct sg_err err = {0};
		enum sg_code rc = sg_http_url_add(sg_slice_str(rows[i].url), params, 2, &out, &err);
		if (rows[i].want != NULL) {
			assert_int_equal(rc, SG_OK);
			assert_string_equal(sg_buf_text(&out), rows[i].want);
		} else {
			assert_int_equal(rc, SG_E_MALFORMED);
			assert_string_equal(err.rule, "http.url");
			assert_int_equal(out.len, 0);
		}
	}
	sg_buf_scoped out = {0};
	struct sg_err err;
	alloc_fail_at(1);
	assert_int_equal(
	    sg_http_url_add(sg_slice_str("http://a/"), params, 2, &out, &err), SG_E_NOMEM);
	alloc_fail_at(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(query_next__table__parameters),
	    cmocka_unit_test(escaped_is__table__like_the_word),
	    cmocka_unit_test(unescape__table__bytes_or_rule),
	    cmocka_unit_test(escape__all_bytes__unescape_gives_them_back),
	    cmocka_unit_test(url_add__table__url_or_rule),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
