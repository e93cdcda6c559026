/* SPDX-License-Identifier: Apache-2.0 */

/* Chunked bodies: a table of good and bad ones, cut anywhere. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "http/parse.h"
#include "lib/alloc_fail.h"

struct row {
	const char *text;
	size_t len;
	int status;
	const char *want; /* content, or the rule of the refusal */
	size_t left;	  /* bytes behind the end */
};

#define OK(text, content, left)                                                                    \
	{                                                                                          \
		text, sizeof(text) - 1, 0, content, left                                           \
	}
#define NO(status, rule, text)                                                                     \
	{                                                                                          \
		text, sizeof(text) - 1, status, rule, 0                                            \
	}

/* With a limit of 100 bytes of content. */
static const struct row rows[] = {
    OK("0\r\n\r\n", "", 0),
    OK("00000000\r\n\r\n", "", 0),
    OK("5\r\nhello\r\n0\r\n\r\n", "hello", 0),
    OK("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world", 0),
    OK("00000005\r\nhello\r\n0\r\n\r\n", "hello", 0),
    OK("a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n", "01234567890123456789a", 0),
    OK("5;x\r\nhello\r\n0;y=z\r\n\r\n", "hello", 0),
    OK("5; x = \"y;z\"\r\nhello\r\n0\r\n\r\n", "hello", 0),
    OK("5;\r\nhello\r\n0\r\n\r\n", "hello", 0),
    OK("2\r\n\r\n\r\n0\r\n\r\n", "\r\n", 0),
    OK("5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n", 0),
    OK("5\r\nhello\r\n0\r\nX: y\r\n\r\n", "hello", 0),
    OK("5\r\nhello\r\n0\r\nX:\r\nY: \t\xff\r\nContent-Lengths: 5\r\n\r\n", "hello", 0),
    OK("5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "hello", 16),
    OK("0\r\n\r\n0\r\n\r\n", "", 5),
    NO(400, "http.chunk.size", "\r\n"),
    NO(400, "http.chunk.size", " 5\r\nhello"),
    NO(400, "http.chunk.size", "\t5\r\nhello"),
    NO(400, "http.chunk.size", "5 \r\nhello"),
    NO(400, "http.chunk.size", "5 ;x\r\nhello"),
    NO(400, "http.chunk.size", "5\t;x\r\nhello"),
    NO(400, "http.chunk.size", "0x5\r\nhello"),
    NO(400, "http.chunk.size", "+5\r\nhello"),
    NO(400, "http.chunk.size", "-5\r\nhello"),
    NO(400, "http.chunk.size", "5h\r\nhello"),
    NO(400, "http.chunk.size", "g\r\n"),
    NO(400, "http.chunk.size", ";x\r\n"),
    NO(400, "http.chunk.size", "5,5\r\nhello"),
    NO(400, "http.chunk.size", "5\0\r\nhello"),
    NO(400, "http.chunk.size", "\xb5\r\nhello"),
    NO(400, "http.chunk.size", "5.0\r\nhello"),
    NO(400, "http.chunk.size", "000000005\r\nhello"),
    NO(400, "http.chunk.size", "100000000\r\n"),
    NO(400, "http.chunk.size", "fffffffffffffffff\r\n"),
    NO(413, "http.body.size", "65\r\n"),
    NO(413, "http.body.size", "ffffffff\r\n"),
    NO(413, "http.body.size", "7fffffff;x\r\n"),
    NO(413, "http.body.size", "32\r\n01234567890123456789012345678901234567890123456789\r\n33\r\n"),
    NO(400, "http.chunk.size", "5\nhello\r\n0\r\n\r\n"),
    NO(400, "http.chunk.line", "5\rhello\r\n0\r\n\r\n"),
    NO(400, "http.chunk.line", "5\r\rhello"),
    NO(400, "http.chunk.line", "5\r\nhello\n0\r\n\r\n"),
    NO(400, "http.chunk.line", "5\r\nhello\r0\r\n\r\n"),
    NO(400, "http.chunk.line", "5\r\nhello0\r\n\r\n"),
    NO(400, "http.chunk.line", "5\r\nhello!\r\n0\r\n\r\n"),
    NO(400, "http.chunk.line", "4\r\nhello\r\n0\r\n\r\n"),
    NO(400, "http.chunk.line", "6\r\nhello\r\n0\r\n\r\n"),
    NO(400, "http.chunk.line", "5\r\nhello\r\r\n0\r\n\r\n"),
    NO(400, "http.chunk.control", "5;x\ny\r\nhello"),
    NO(400, "http.chunk.control", "5;\n\r\nhello"),
    NO(400, "http.chunk.control", "5;x\0\r\nhello"),
    NO(400, "http.chunk.control", "5;\x7f\r\nhello"),
    NO(400, "http.chunk.line", "5;x\ry\r\nhello"),
    NO(400, "http.trailer.name", "0\r\n\n"),
    NO(400, "http.trailer.name", "0\r\n: x\r\n\r\n"),
    NO(400, "http.trailer.name", "0\r\n X: y\r\n\r\n"),
    NO(400, "http.trailer.name", "0\r\nX : y\r\n\r\n"),
    NO(400, "http.trailer.name", "0\r\nX\r\n\r\n"),
    NO(400, "http.trailer.name", "0\r\nX: y\r\n z\r\n\r\n"),
    NO(400, "http.trailer.name", "0\r\nGET / HTTP/1.1\r\n\r\n"),
    NO(400, "http.trailer.name", "0\r\nX\x80: y\r\n\r\n"),
    NO(400, "http.chunk.control", "0\r\nX: y\nZ: a\r\n\r\n"),
    NO(400, "http.chunk.control", "0\r\nX: \0\r\n\r\n"),
    NO(400, "http.chunk.line", "0\r\nX: y\rZ: a\r\n\r\n"),
    NO(400, "http.trailer.framing", "0\r\nContent-Length: 5\r\n\r\n"),
    NO(400, "http.trailer.framing", "0\r\ncontent-LENGTH:\r\n\r\n"),
    NO(400, "http.trailer.framing", "0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    NO(400, "http.trailer.framing", "0\r\nX: y\r\nHost: a\r\n\r\n"),
    NO(400, "http.chunk.line", "0\r\n\rX"),
};

static struct sg_http_rules
rules_of(uint64_t max)
{
	struct sg_http_rules rules = sg_http_rules_default();
	rules.body_max = max;
	return rules;
}

/* Feed up to cut, then the rest, each as an exact copy. */
static enum sg_http_got
feed(const struct sg_http_rules *rules, const char *text, size_t len, size_t cut,
    struct sg_http_chunks *c, struct sg_buf *out, size_t *ret_used, struct sg_err *err)
{
	enum sg_http_got got = SG_HTTP_MORE;
	size_t used = 0;
	*c = (struct sg_http_chunks){0};
	*ret_used = 0;
	size_t ends[2] = {cut, len};
	for (size_t i = 0; i < 2 && got == SG_HTTP_MORE; i++) {
		size_t n = ends[i] - *ret_used;
		uint8_t *copy = malloc(n == 0 ? 1 : n);
		assert_non_null(copy);
		memcpy(copy, text + *ret_used, n);
		got = sg_http_parse_chunks(c, rules, sg_slice(copy, n), out, &used, err);
		free(copy);
		*ret_used += used;
		if (got == SG_HTTP_MORE)
			assert_int_equal(*ret_used, ends[i]);
	}
	return got;
}

static void
parse_chunks__table_cut_anywhere__content_or_rule(void **state)
{
	(void)state;
	struct sg_http_rules rules = rules_of(100);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		for (size_t cut = 0; cut <= row->len; cut++) {
			sg_buf_scoped out = {0};
			struct sg_http_chunks c;
			struct sg_err err = {0};
			size_t used;
			enum sg_http_got got = feed(
			    &rules, row->text, row->len, cut, &c, &out, &used, &err);
			bool right = row->status == 0
					 ? got == SG_HTTP_DONE && used == row->len - row->left &&
					       sg_slice_is(sg_buf_slice(&out), row->want)
					 : got == SG_HTTP_BAD && c.status == row->status &&
					       strcmp(err.rule, row->want) == 0;
			if (!right)
				fail_msg("row %zu, cut %zu: got %d, status %d, %s", i, cut, got,
				    c.status, err.rule != NULL ? err.rule : "-");
		}
	}
}

static void
parse_chunks__prefix_of_good__incomplete(void **state)
{
	(void)state;
	struct sg_http_rules rules = rules_of(100);
	for (size_t i = 0; i < sizeof rows / sizeof *rows && rows[i].status == 0; i++)
		for (size_t n = 0; n < rows[i].len - rows[i].left; n++) {
			sg_buf_scoped out = {0};
			struct sg_http_chunks c;
			struct sg_err err;
			size_t used;
			assert_int_equal(
			    feed(&rules, rows[i].text, n, n / 2, &c, &out, &used, &err),
			    SG_HTTP_MORE);
		}
}

static void
parse_chunks__body_at_limit__accepted_one_more_refused(void **state)
{
	(void)state;
	struct sg_http_rules rules = rules_of(10);
	struct sg_http_chunks c;
	struct sg_err err;
	size_t used;
	const char *full = "4\r\nabcd\r\n6\r\nefghij\r\n0\r\n\r\n", *over = "4\r\nabcd\r\n7\r\n";
	sg_buf_scoped out = {0}, out2 = {0};
	assert_int_equal(feed(&rules, full, strlen(full), 3, &c, &out, &used, &err), SG_HTTP_DONE);
	assert_int_equal(feed(&rules, over, strlen(over), 3, &c, &out2, &used, &err), SG_HTTP_BAD);
	assert_int_equal(c.status, 413);
	assert_int_equal(err.code, SG_E_LIMIT);
}

/* begin, n times piece, then nothing: must be refused with this rule. */
static void
flood(const char *begin, const char *piece, size_t n, const char *rule)
{
	struct sg_http_rules rules = sg_http_rules_default();
	struct sg_http_chunks c = {0};
	struct sg_err err = {0};
	sg_buf_scoped out = {0};
	size_t used;
	enum sg_http_got got = sg_http_parse_chunks(
	    &c, &rules, sg_slice_str(begin), &out, &used, &err);
	for (size_t i = 0; i < n && got == SG_HTTP_MORE; i++)
		got = sg_http_parse_chunks(&c, &rules, sg_slice_str(piece), &out, &used, &err);
	assert_int_equal(got, SG_HTTP_BAD);
	assert_int_equal(c.status, 431);
	assert_int_equal(err.code, SG_E_LIMIT);
	assert_string_equal(err.rule, rule);
}

static void
parse_chunks__floods__limits(void **state)
{
	(void)state;
	flood("1;", "x", SG_HTTP_CHUNK_LINE_MAX, "http.chunk.extension");
	flood("", "1;xxxxxxxxxxxxxxxx\r\na\r\n", SG_HTTP_CHUNK_EXTRA_MAX, "http.chunk.extra");
	flood("0\r\n", "X: y\r\n", SG_HTTP_FIELDS_MAX + 1, "http.trailer.count");
	flood("0\r\n", "x", SG_HTTP_CHUNK_EXTRA_MAX + 1, "http.chunk.extra");
	flood("0\r\nX:", "x", SG_HTTP_CHUNK_EXTRA_MAX + 1, "http.chunk.extra");
}

static void
parse_chunks__no_memory__503(void **state)
{
	(void)state;
	struct sg_http_rules rules = rules_of(100);
	struct sg_http_chunks c = {0};
	struct sg_err err;
	size_t used;
	sg_buf_scoped out = {0};
	alloc_fail_at(1);
	assert_int_equal(
	    sg_http_parse_chunks(&c, &rules, sg_slice_str("5\r\nhello"), &out, &used, &err),
	    SG_HTTP_BAD);
	alloc_fail_at(0);
	assert_int_equal(c.status, 503);
	assert_int_equal(err.code, SG_E_NOMEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parse_chunks__table_cut_anywhere__content_or_rule),
	    cmocka_unit_test(parse_chunks__prefix_of_good__incomplete),
	    cmocka_unit_test(parse_chunks__body_at_limit__accepted_one_more_refused),
	    cmocka_unit_test(parse_chunks__floods__limits),
	    cmocka_unit_test(parse_chunks__no_memory__503),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
