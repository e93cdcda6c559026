/* SPDX-License-Identifier: Apache-2.0 */

/* Request heads: a table of what is accepted and what is refused with which status. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "http/parse.h"
#include "unit/http/heads.h"

/* Feed len bytes whose last piece begins at cut; each piece is an exact copy. */
static enum sg_http_got
feed(const struct sg_http_rules *rules, const char *text, size_t len, size_t cut,
    struct sg_http_parser *p, struct sg_http_head *head, struct sg_err *err)
{
	enum sg_http_got got = SG_HTTP_MORE;
	*p = (struct sg_http_parser){0};
	for (size_t n = cut; got == SG_HTTP_MORE; n = len) {
		uint8_t *copy = malloc(n == 0 ? 1 : n);
		assert_non_null(copy);
		memcpy(copy, text, n);
		got = sg_http_parse_head(p, rules, copy, n, head, err);
		free(copy);
		if (n == len)
			break;
	}
	return got;
}

static void
check_row(const struct row *row, size_t cut)
{
	struct sg_http_rules rules = sg_http_rules_default();
	struct sg_http_parser p;
	struct sg_http_head head = {0};
	struct sg_err err = {0};
	enum sg_http_got got = feed(&rules, row->head, row->len, cut, &p, &head, &err);
	bool right = row->status == 0 ? got == SG_HTTP_DONE && head.head_len == row->len
				      : got == SG_HTTP_BAD && p.status == row->status &&
					    strcmp(err.rule, row->rule) == 0;
	if (!right)
		fail_msg("row %zu, cut %zu: %.60s: got %d, status %d, %s", (size_t)(row - rows),
		    cut, row->head, got, p.status, err.rule != NULL ? err.rule : "-");
}

static void
parse_head__table__status_and_rule(void **state)
{
	(void)state;
	size_t n = sizeof rows / sizeof *rows;
	assert_true(n >= 150);
	for (size_t i = 0; i < n; i++)
		check_row(&rows[i], rows[i].len);
}

static void
parse_head__cut_anywhere__same_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t cut = 0; cut < rows[i].len; cut++)
			check_row(&rows[i], cut);
}

static void
parse_head__byte_by_byte__same_verdict(void **state)
{
	(void)state;
	struct sg_http_rules rules = sg_http_rules_default();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sg_http_parser p = {0};
		struct sg_http_head head;
		struct sg_err err;
		enum sg_http_got got = SG_HTTP_MORE;
		const uint8_t *data = (const uint8_t *)rows[i].head;
		for (size_t n = 1; n <= rows[i].len && got == SG_HTTP_MORE; n++)
			got = sg_http_parse_head(&p, &rules, data, n, &head, &err);
		assert_int_equal(got, rows[i].status == 0 ? SG_HTTP_DONE : SG_HTTP_BAD);
		assert_int_equal(p.status, rows[i].status);
	}
}

static void
parse_head__prefix_of_good__incomplete(void **state)
{
	(void)state;
	struct sg_http_rules rules = sg_http_rules_default();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sg_http_parser p;
		struct sg_http_head head;
		struct sg_err err;
		for (size_t n = 0; rows[i].status == 0 && n < rows[i].len; n++)
			assert_int_equal(
			    feed(&rules, rows[i].head, n, n, &p, &head, &err), SG_HTTP_MORE);
	}
}

static struct sg_http_head
good(const char *text)
{
	static struct sg_http_parser p;
	struct sg_http_rules rules = sg_http_rules_default();
	struct sg_http_head head = {0};
	struct sg_err err;
	p = (struct sg_http_parser){0};
	assert_int_equal(
	    sg_http_parse_head(&p, &rules, (const uint8_t *)text, strlen(text), &head, &err),
	    SG_HTTP_DONE);
	return head;
}

static void
parse_head__good__parts(void **state)
{
	(void)state;
	struct sg_http_head h = good(
	    "GET /certsrv/mscep/mscep.dll?operation=GetCACert&message=a?b HTTP/1.1\r\n"
	    "Host: ca.example:8080\r\nUser-Agent:  x y \r\nX-Empty:\r\n\r\nrest");
	assert_int_equal(h.method, SG_HTTP_GET);
	assert_int_equal(h.minor, 1);
	assert_true(sg_slice_is(h.method_text, "GET"));
	assert_true(sg_slice_is(h.path, "/certsrv/mscep/mscep.dll"));
	assert_true(sg_slice_is(h.query, "operation=GetCACert&message=a?b"));
	assert_true(sg_slice_is(h.host, "ca.example:8080"));
	assert_true(h.has_query && h.keep_alive && !h.chunked && !h.expect_continue);
	assert_true(sg_slice_is(sg_http_field(h.fields, "user-agent"), "x y"));
	assert_true(sg_slice_is(sg_http_field(h.fields, "HOST"), "ca.example:8080"));
	assert_int_equal(sg_http_field(h.fields, "x-empty").len, 0);
	assert_non_null(sg_http_field(h.fields, "x-empty").p);
	assert_null(sg_http_field(h.fields, "user").p);
	assert_null(sg_http_field(h.fields, "").p);
	h = good("POST http://b:1/p?q HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n"
		 "Expect: 100-continue\r\nConnection: close\r\n\r\n");
	assert_true(sg_slice_is(h.path, "/p") && sg_slice_is(h.query, "q"));
	assert_true(sg_slice_is(h.host, "b:1"));
	assert_true(sg_slice_is(h.target, "http://b:1/p?q"));
	assert_int_equal(h.length, 12);
	assert_true(h.expect_continue && !h.keep_alive);
	h = good("GET http://b HTTP/1.0\r\n\r\n");
	assert_true(sg_slice_is(h.path, "/") && !h.has_query && !h.keep_alive);
	assert_null(sg_http_field(h.fields, "host").p);
	h = good("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n");
	assert_true(h.chunked);
}

static void
parse_head__connection__keep_alive(void **state)
{
	(void)state;
	assert_true(good("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
	assert_false(good("GET / HTTP/1.0\r\nConnection: keep-alivex\r\n\r\n").keep_alive);
	assert_false(good("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").keep_alive);
	assert_true(good("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, y\r\n\r\n").keep_alive);
	assert_false(
	    good("GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: y, Close\r\n\r\n")
		.keep_alive);
}

static void
parse_head__methods_allowed__by_rules(void **state)
{
	(void)state;
	struct sg_http_rules rules = sg_http_rules_default();
	struct sg_http_parser p;
	struct sg_http_head head;
	struct sg_err err;
	rules.methods = SG_HTTP_ALLOW(SG_HTTP_OPTIONS) | SG_HTTP_ALLOW(SG_HTTP_DELETE);
	const char *text = "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n";
	p = (struct sg_http_parser){0};
	assert_int_equal(
	    sg_http_parse_head(&p, &rules, (const uint8_t *)text, strlen(text), &head, &err),
	    SG_HTTP_DONE);
	assert_true(sg_slice_is(head.path, "*"));
	text = "OPTIONS /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n";
	assert_int_equal(
	    feed(&rules, text, strlen(text), strlen(text), &p, &head, &err), SG_HTTP_BAD);
	assert_string_equal(err.rule, "http.framing.get");
	text = "DELETE /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n";
	assert_int_equal(
	    feed(&rules, text, strlen(text), strlen(text), &p, &head, &err), SG_HTTP_DONE);
	text = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
	assert_int_equal(
	    feed(&rules, text, strlen(text), strlen(text), &p, &head, &err), SG_HTTP_BAD);
	assert_int_equal(p.status, 405);
}

static void
parse_head__lengthless__post_without_a_body(void **state)
{
	(void)state;
	struct sg_http_rules rules = sg_http_rules_default();
	struct sg_http_parser p;
	struct sg_http_head head;
	struct sg_err err;
	const char *text = "POST /x HTTP/1.1\r\nHost: a\r\n\r\n";
	rules.lengthless = true;
	assert_int_equal(
	    feed(&rules, text, strlen(text), strlen(text), &p, &head, &err), SG_HTTP_DONE);
	assert_int_equal(head.length, 0);
	assert_false(head.chunked);
}

/* begin, then fill times 'a', then end: whole, and as a reader sees it that never gets the end. */
static void
sized(const char *begin, size_t fill, const char *end, int status, const char *rule)
{
	struct sg_http_rules rules = sg_http_rules_default();
	size_t begin_len = strlen(begin), end_len = strlen(end), len = begin_len + fill + end_len;
	char *text = malloc(len + 1);
	assert_non_null(text);
	memcpy(text, begin, begin_len);
	memset(text + begin_len, 'a', fill);
	memcpy(text + begin_len + fill, end, end_len + 1);
	size_t cuts[] = {len, 1, 65536, begin_len + fill, begin_len + fill + 1, len / 2};
	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
		struct sg_http_parser p;
		struct sg_http_head head;
		struct sg_err err = {0};
		size_t cut = cuts[i] < len ? cuts[i] : len;
		enum sg_http_got got = feed(&rules, text, len, cut, &p, &head, &err);
		assert_int_equal(got, status == 0 ? SG_HTTP_DONE : SG_HTTP_BAD);
		assert_int_equal(p.status, status);
		if (status != 0) {
			assert_string_equal(err.rule, rule);
			assert_int_equal(err.code, SG_E_LIMIT);
		}
	}
	free(text);
}

static void
parse_head__line_sizes__limit(void **state)
{
	(void)state;
	size_t line = SG_HTTP_LINE_MAX - strlen("GET / HTTP/1.1");
	sized("GET /", line, " HTTP/1.1\r\nHost: a\r\n\r\n", 0, NULL);
	sized("GET /", line + 1, " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "http.line.size");
	sized("GET /", 3 * line, " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "http.line.size");
	sized("GET /", SG_HTTP_LINE_MAX, "", 414, "http.line.size");
	size_t field = SG_HTTP_LINE_MAX - strlen("X: ");
	sized("GET / HTTP/1.1\r\nHost: a\r\nX: ", field, "\r\n\r\n", 0, NULL);
	sized("GET / HTTP/1.1\r\nHost: a\r\nX: ", field + 1, "\r\n\r\n", 431, "http.field.size");
	sized("GET / HTTP/1.1\r\nHost: a\r\nX: ", 2 * field, "\r\n\r\n", 431, "http.field.size");
	sized("GET / HTTP/1.1\r\nHost: a\r\n", 2 * field, "\r\n\r\n", 431, "http.field.size");
}

static void
parse_head__head_size__limit(void **state)
{
	(void)state;
	/* Two fields of about half, and one that fills up to the limit exactly. */
	char *begin = malloc(2 * 65000 + 64);
	assert_non_null(begin);
	static const char first[] = "GET / HTTP/1.1\r\nHost: a\r\n";
	size_t at = sizeof first - 1;
	memcpy(begin, first, at);
	for (int i = 0; i < 2; i++) {
		memcpy(begin + at, "X: ", 3);
		memset(begin + at + 3, 'b', 64000);
		memcpy(begin + at + 64003, "\r\n", 2);
		at += 64005;
	}
	memcpy(begin + at, "Z: ", 4);
	size_t fill = SG_HTTP_HEAD_MAX - strlen(begin) - strlen("\r\n\r\n");
	sized(begin, fill, "\r\n\r\n", 0, NULL);
	sized(begin, fill + 1, "\r\n\r\n", 431, "http.head.size");
	sized(begin, fill + 5000, "\r\n\r\n", 431, "http.head.size");
	free(begin);
}

static void
parse_head__field_count__limit(void **state)
{
	(void)state;
	char text[4096] = "GET / HTTP/1.1\r\nHost: a\r\n";
	size_t at = strlen(text);
	for (unsigned i = 1; i < SG_HTTP_FIELDS_MAX; i++, at += 6)
		memcpy(text + at, "X: y\r\n", 7);
	sized(text, 0, "\r\n", 0, NULL);
	sized(text, 0, "X: y\r\n\r\n", 431, "http.fields.count");
}

static void
parser_seen__refused__names_the_request(void **state)
{
	(void)state;
	struct sg_http_rules rules = sg_http_rules_default();
	struct sg_http_parser p;
	struct sg_http_head head;
	struct sg_err err;
	const char *text = "PUT /x?y=1 HTTP/1.1\r\n";
	assert_int_equal(
	    feed(&rules, text, strlen(text), strlen(text), &p, &head, &err), SG_HTTP_BAD);
	sg_http_parser_seen(&p, (const uint8_t *)text, &head);
	assert_true(sg_slice_is(head.method_text, "PUT") && sg_slice_is(head.path, "/x"));
	assert_true(sg_slice_is(head.query, "y=1"));
	rules.line_max = 20;
	text = "GET /long?operation=PKIOperation HTTP/1.1\r\n";
	assert_int_equal(
	    feed(&rules, text, strlen(text), strlen(text), &p, &head, &err), SG_HTTP_BAD);
	assert_int_equal(p.status, 414);
	sg_http_parser_seen(&p, (const uint8_t *)text, &head);
	assert_true(sg_slice_is(head.method_text, "GET") && sg_slice_is(head.path, "/long"));
	assert_true(sg_slice_is(head.query, "operation="));
	text = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	assert_int_equal(
	    feed(&rules, text, strlen(text), strlen(text), &p, &head, &err), SG_HTTP_BAD);
	sg_http_parser_seen(&p, (const uint8_t *)text, &head);
	assert_int_equal(head.method_text.len, 0);
	text = "A";
	assert_int_equal(feed(&rules, text, 1, 1, &p, &head, &err), SG_HTTP_MORE);
	sg_http_parser_seen(&p, (const uint8_t *)text, &head);
	assert_int_equal(head.path.len, 0);
}

static void
names__all__known(void **state)
{
	(void)state;
	assert_string_equal(sg_http_reason(200), "OK");
	assert_string_equal(sg_http_reason(431), "Request Header Fields Too Large");
	assert_string_equal(sg_http_reason(299), "Unknown");
	assert_string_equal(sg_http_method_name(SG_HTTP_POST), "POST");
	assert_string_equal(sg_http_method_name(SG_HTTP_NONE), "-");
}

static void
put_allow__some_methods__the_field(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};

	sg_http_put_allow(&b, SG_HTTP_ALLOW(SG_HTTP_POST) | SG_HTTP_ALLOW(SG_HTTP_GET));
	assert_string_equal(sg_buf_text(&b), "Allow: GET, POST\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parse_head__table__status_and_rule),
	    cmocka_unit_test(parse_head__cut_anywhere__same_verdict),
	    cmocka_unit_test(parse_head__byte_by_byte__same_verdict),
	    cmocka_unit_test(parse_head__prefix_of_good__incomplete),
	    cmocka_unit_test(parse_head__good__parts),
	    cmocka_unit_test(parse_head__connection__keep_alive),
	    cmocka_unit_test(parse_head__methods_allowed__by_rules),
	    cmocka_unit_test(parse_head__lengthless__post_without_a_body),
	    cmocka_unit_test(parse_head__line_sizes__limit),
	    cmocka_unit_test(parse_head__head_size__limit),
	    cmocka_unit_test(parse_head__field_count__limit),
	    cmocka_unit_test(parser_seen__refused__names_the_request),
	    cmocka_unit_test(names__all__known),
	    cmocka_unit_test(put_allow__some_methods__the_field),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
