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

static void
get(const char *query, const char *name, bool any_case, const char *want, const char *rule)
{
	struct sg_slice value = sg_slice_str("untouched");
	struct sg_err err = {0};
	enum sg_code rc = sg_http_query_get(sg_slice_str(query), name, any_case, &value, &err);
	if (rule == NULL) {
		assert_int_equal(rc, SG_OK);
		assert_true(sg_slice_is(value, want));
		return;
	}
	assert_int_equal(
	    rc, strcmp(rule, "http.query.absent") == 0 ? SG_E_NOTFOUND : SG_E_MALFORMED);
	assert_string_equal(err.rule, rule);
	assert_true(sg_slice_is(value, "untouched"));
}

static void
query_get__table__value_or_rule(void **state)
{
	(void)state;
	get("operation=GetCACaps", "operation", false, "GetCACaps", NULL);
	get("message=ca&operation=GetCACert", "operation", false, "GetCACert", NULL);
	get("operation=PKIOperation&message=MII=A=", "message", false, "MII=A=", NULL);
	get("&&operation=x&", "operation", false, "x", NULL);
	get("operation", "operation", false, "", NULL);
	get("operation=", "operation", false, "", NULL);
	get("a=1&operation", "operation", false, "", NULL);
	get("Operation=x", "operation", true, "x", NULL);
	get("Operation=x", "operation", false, NULL, "http.query.absent");
	get("", "operation", false, NULL, "http.query.absent");
	get("xoperation=1&operationx=2", "operation", false, NULL, "http.query.absent");
	get("oper%61tion=1", "operation", false, NULL, "http.query.absent");
	get("operation=a&operation=b", "operation", false, NULL, "http.query.twice");
	get("operation=a&operation=a", "operation", false, NULL, "http.query.twice");
	get("operation=a&x=1&operation", "operation", false, NULL, "http.query.twice");
	get("operation=a&OPERATION=b", "operation", true, NULL, "http.query.twice");
	get("operation=a&OPERATION=b", "operation", false, "a", NULL);
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
	    cmocka_unit_test(query_get__table__value_or_rule),
	    cmocka_unit_test(unescape__table__bytes_or_rule),
	    cmocka_unit_test(escape__all_bytes__unescape_gives_them_back),
	    cmocka_unit_test(url_add__table__url_or_rule),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
