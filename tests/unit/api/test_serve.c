/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/api/toy.h"

static void
expect_text(const struct kept *k, int status, const char *type, const char *text)
{
	struct sg_buf copy = k->body;

	assert_int_equal(k->status, status);
	assert_string_equal(k->type, type);
	assert_string_equal(k->body.len == 0 ? "" : sg_buf_text(&copy), text);
	assert_int_equal(k->refusals, 0);
}

#define JSON "application/json"
#define SEVEN "{\"key\":7,\"colour\":\"red\",\"name\":null}"

static void
serve__each_shape__its_answer(void **state)
{
	(void)state;
	struct kept k = {0};
	struct toy t = {.keys = 2};

	toy_ask(&t, "GET /v1/toy/things/ab01", NULL, &k);
	expect_text(&k, 200, JSON, SEVEN);
	assert_string_equal(k.fields, "Cache-Control: no-store\r\n");
	assert_string_equal(t.id, "ab01");
	assert_string_equal(t.trace, "abcd00000000000000000000000000ef");
	toy_ask(&t, "POST /v1/toy/things", "{\"size\":3}", &k);
	expect_text(&k, 200, JSON, SEVEN);
	assert_int_equal(t.size, 3);
	toy_ask(&t, "GET /v1/toy/things", NULL, &k);
	expect_text(&k, 200, JSON,
	    "{\"items\":[{\"key\":2,\"colour\":\"red\",\"name\":null},{\"key\":1,\"colour\":"
	    "\"red\","
	    "\"name\":null}],\"next\":null}");
	toy_ask(&t, "GET /v1/toy/file", NULL, &k);
	expect_text(&k, 200, "application/octet-stream", "1234512345");
	assert_string_equal(k.fields,
	    "Cache-Control: no-store\r\nContent-Disposition: attachment; filename=\"toy.bin\"\r\n");
	toy_ask(&t, "POST /v1/toy/things/01/touch", NULL, &k);
	expect_text(&k, 200, JSON, "{}");
	assert_false(t.has_note);
	toy_ask(&t, "POST /v1/toy/things/01/touch", "{\"note\":\"x\"}", &k);
	expect_text(&k, 200, JSON, "{}");
	assert_string_equal(t.note, "x");
	sg_buf_clear(&k.body);
}

static void
serve__head_and_options__no_body(void **state)
{
	(void)state;
	struct kept k = {0};
	struct toy t = {.keys = 2};

	toy_ask(&t, "HEAD /v1/toy/things/01", NULL, &k);
	expect_text(&k, 200, JSON, "");
	assert_int_equal(k.length, strlen(SEVEN));
	unsigned calls = t.calls;
	/* A file may be long in the making, and who made one is told elsewhere. */
	toy_ask(&t, "HEAD /v1/toy/file", NULL, &k);
	expect_text(&k, 200, "application/octet-stream", "");
	assert_true(k.ended && !k.has_length);
	assert_int_equal(t.calls, calls);
	toy_ask(&t, "HEAD /v1/toy/events?follow=true&limit=1", NULL, &k);
	expect_text(&k, 200, "application/jsonl", "");
	calls = t.calls;
	toy_ask(&t, "OPTIONS /v1/toy/things", NULL, &k);
	expect_text(&k, 204, "", "");
	assert_string_equal(k.fields, "Allow: GET, HEAD, POST, OPTIONS\r\n");
	toy_ask(&t, "OPTIONS /v1/toy/things/01/touch", NULL, &k);
	assert_string_equal(k.fields, "Allow: POST, OPTIONS\r\n");
	assert_int_equal(t.calls, calls);
	k.status = 0;
	toy_ask(&t, "HEAD /v1/toy/nothing", NULL, &k);
	assert_int_equal(k.status, 404);
	assert_int_equal(k.body.len, 0);
}

static void
serve__path_or_method__refused(void **state)
{
	(void)state;
	static const char *const no_path[] = {"/", "/v1/toy", "/v1/toy/", "/v1/toy/things/",
	    "/v1/toy/thing", "/v1/toy/things//touch", "/v1/toy/things/01/touch/", "/v2/toy/things",
	    "/V1/toy/things", "//v1/toy/things", "/v1/toy/%74hings", "*", "",
	    "/v1/toy/things/01/touch/x", "/v1/toy/things/01/", "/v1/toy/../toy/things"};
	struct kept k = {0};
	struct toy t = {0};
	char line[128];

	for (size_t n = 0; n < sizeof no_path / sizeof no_path[0]; n++) {
		snprintf(line, sizeof line, "GET %s", no_path[n]);
		toy_ask(&t, line, NULL, &k);
		toy_expect(&k, 404, "api.path", NULL);
		assert_string_equal(k.fields, "Cache-Control: no-store\r\n");
	}
	toy_ask(&t, "DELETE /v1/toy/things", NULL, &k);
	toy_expect(&k, 405, "api.method", NULL);
	assert_string_equal(
	    k.fields, "Cache-Control: no-store\r\nAllow: GET, HEAD, POST, OPTIONS\r\n");
	toy_ask(&t, "GET /v1/toy/things/01/touch", NULL, &k);
	toy_expect(&k, 405, "api.method", NULL);
	toy_ask(&t, "CONNECT /v1/toy/file", NULL, &k);
	toy_expect(&k, 405, "api.method", NULL);
	assert_int_equal(t.calls, 0);
	sg_buf_clear(&k.body);
}

/* Whoever lacks the right of a route does not even learn what its question would have to be. */
static void
serve__without_the_right__handler_not_called(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		unsigned right;
	} routes[] = {{"GET /v1/toy/things?x=y", SG_API_READ},
	    {"GET /v1/toy/things/zz", SG_API_READ}, {"POST /v1/toy/things", SG_API_CHALLENGE},
	    {"POST /v1/toy/things/01/touch", SG_API_CERTIFICATE},
	    {"GET /v1/toy/events?follow=true", SG_API_READ}, {"GET /v1/toy/file", SG_API_BACKUP}};
	struct toy t = {0};

	for (size_t n = 0; n < sizeof routes / sizeof routes[0]; n++) {
		const unsigned rights[] = {0, SG_API_RIGHTS_ALL & ~routes[n].right};
		for (size_t i = 0; i < 2; i++) {
			struct sg_api_principal who = {.who = "uid 7", .rights = rights[i]};
			struct kept k = {0};
			assert_int_equal(
			    toy_ask_as(&who, &t, routes[n].line, "text/plain", "{", &k), SG_OK);
			toy_expect(&k, 403, "api.right", NULL);
			assert_non_null(strstr(sg_buf_text(&k.body), "uid 7 has not the right"));
			sg_buf_clear(&k.body);
		}
		struct sg_api_principal only = {.who = "uid 7", .rights = routes[n].right};
		struct kept k = {0};
		assert_int_equal(toy_ask_as(&only, &t, routes[n].line, NULL, NULL, &k), SG_OK);
		assert_int_not_equal(k.status, 403);
		sg_buf_clear(&k.body);
	}
}

static void
serve__media_type__json_alone(void **state)
{
	(void)state;
	static const char *const good[] = {"application/json", "Application/JSON",
	    "application/json; charset=utf-8", "application/json;charset=utf-8",
	    "application/json \t"};
	static const char *const bad[] = {"", "text/json", "application/jsonx", "application/jso",
	    "application/x-www-form-urlencoded", "application/problem+json", " application/json"};
	struct toy t = {0};

	for (size_t n = 0; n < sizeof good / sizeof good[0]; n++) {
		struct kept k = {0};
		assert_int_equal(
		    toy_ask_as(&toy_root, &t, "POST /v1/toy/things", good[n], "{\"size\":1}", &k),
		    SG_OK);
		assert_int_equal(k.status, 200);
		sg_buf_clear(&k.body);
	}
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		struct kept k = {0};
		assert_int_equal(
		    toy_ask_as(&toy_root, &t, "POST /v1/toy/things", bad[n], "{\"size\":1}", &k),
		    SG_OK);
		toy_expect(&k, 415, "api.media", NULL);
		sg_buf_clear(&k.body);
	}
}

static void
serve__body__each_refusal_its_rule(void **state)
{
	(void)state;
	static const struct {
		const char *body, *rule, *member;
		int status;
	} bad[] = {{"{", "json.syntax", NULL, 400}, {"{\"size\":1} x", "json.syntax", NULL, 400},
	    {"[]", "json.type", NULL, 400}, {"{\"size\":1,\"x\":1}", "json.unknown", "x", 400},
	    {"{\"size\":\"1\"}", "json.type", "size", 400}, {"{}", "json.absent", "size", 400},
	    {NULL, "json.absent", "size", 400},
	    {"{\"size\":1,\"size\":1}", "json.duplicate", "size", 400},
	    {"{\"size\":0}", "json.bounds", "size", 400},
	    {"{\"size\":11}", "json.bounds", "size", 400},
	    {"{\"size\":[[[[[[[[[1]]]]]]]]]}", "json.depth", "size[0][0][0][0][0][0][0]", 400}};
	struct kept k = {0};
	struct toy t = {0};

	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		toy_ask(&t, "POST /v1/toy/things", bad[n].body, &k);
		toy_expect(&k, bad[n].status, bad[n].rule, bad[n].member);
	}
	sg_buf_scoped large = {.max = 4u << 20};
	sg_buf_puts(&large, "{\"size\":1");
	for (size_t n = 0; n < (1u << 20); n++)
		sg_buf_puts(&large, " ");
	sg_buf_puts(&large, "}");
	toy_ask(&t, "POST /v1/toy/things", sg_buf_text(&large), &k);
	assert_int_equal(k.status, 413);
	assert_string_equal(k.refused_rule, "json.size");
	toy_ask(&t, "GET /v1/toy/file", "{\"x\":1}", &k);
	toy_expect(&k, 400, "json.unknown", "x");
	assert_int_equal(t.calls, 0);
	sg_buf_clear(&k.body);
}

static void
serve__handler_fails__problem_with_its_status(void **state)
{
	(void)state;
	static const struct {
		enum sg_code code;
		int status;
	} codes[] = {{SG_E_USAGE, 400}, {SG_E_MALFORMED, 400}, {SG_E_LIMIT, 400},
	    {SG_E_DENIED, 403}, {SG_E_NOTFOUND, 404}, {SG_E_CONFLICT, 409}, {SG_E_BUSY, 503},
	    {SG_E_IO, 503}, {SG_E_NOMEM, 503}, {SG_E_TIMEOUT, 503}, {SG_E_INTERNAL, 500},
	    {SG_E_CRYPTO, 500}, {SG_E_CONF, 500}};
	static const char *const lines[] = {"GET /v1/toy/things/01", "GET /v1/toy/things",
	    "GET /v1/toy/file", "GET /v1/toy/events?follow=true", "GET /v1/toy/events"};
	struct kept k = {0};

	for (size_t n = 0; n < sizeof codes / sizeof codes[0]; n++) {
		for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
			struct toy t = {
			    .refuse = "challenge.used", .code = codes[n].code, .keys = 3};
			toy_ask(&t, lines[i], NULL, &k);
			toy_expect(&k, codes[n].status, "challenge.used", NULL);
			assert_non_null(strstr(sg_buf_text(&k.body), "does not want to"));
		}
	}
	struct toy t = {.refuse = "challenge.used", .member = "sans[3]"};
	toy_ask(&t, "GET /v1/toy/things/01", NULL, &k);
	toy_expect(&k, 400, "challenge.used", "sans[3]");
	assert_non_null(
	    strstr(sg_buf_text(&k.body), "\"expected\":\"a \\\\x07thing\",\"found\":\"a "
					 "h\xc3\xa4mmer\\\\x1b\""));
	sg_buf_clear(&k.body);
}

static void
serve__our_mistakes__said(void **state)
{
	(void)state;
	struct kept k = {0};
	struct toy silent = {.silent = true}, wrong_word = {.colour = 9, .keys = 3};

	toy_ask(&silent, "GET /v1/toy/things/01", NULL, &k);
	toy_expect(&k, 500, "api.handler", NULL);
	toy_ask(&silent, "GET /v1/toy/file", NULL, &k);
	toy_expect(&k, 500, "api.handler", NULL);
	toy_ask(&wrong_word, "GET /v1/toy/things/01", NULL, &k);
	toy_expect(&k, 500, "buffer", NULL);
	toy_ask(&wrong_word, "GET /v1/toy/things", NULL, &k);
	toy_expect(&k, 500, "buffer", NULL);
	sg_buf_clear(&k.body);
}

/* A file that does not have the length that was announced is no answer: the connection is cut. */
static void
serve__bytes_that_end_wrong__failure(void **state)
{
	(void)state;
	struct toy longer = {.pieces = 3}, shorter = {.pieces = 1}, fine = {0};
	struct kept a = {0}, b = {0}, c = {.fail_at = 2};

	assert_int_equal(
	    toy_ask_as(&toy_root, &longer, "GET /v1/toy/file", NULL, NULL, &a), SG_E_INTERNAL);
	assert_string_equal(a.refused_rule, "api.handler");
	assert_int_equal(
	    toy_ask_as(&toy_root, &shorter, "GET /v1/toy/file", NULL, NULL, &b), SG_E_INTERNAL);
	assert_int_equal(toy_ask_as(&toy_root, &fine, "GET /v1/toy/file", NULL, NULL, &c), SG_E_IO);
	assert_false(a.ended || b.ended || c.ended);
	sg_buf_clear(&a.body);
	sg_buf_clear(&b.body);
	sg_buf_clear(&c.body);
}

/* --- pages --- */

static void
expect_keys(const struct kept *k, const char *want)
{
	sg_buf_scoped have = {0};
	struct sg_buf copy = k->body;
	const char *p = sg_buf_text(&copy);

	while ((p = strstr(p, "\"key\":")) != NULL) {
		p += 6;
		sg_buf_printf(&have, "%s%.*s", have.len > 0 ? "," : "", (int)strcspn(p, ","), p);
	}
	const char *next = strstr(sg_buf_text(&copy), "\"next\":");
	if (next != NULL)
		sg_buf_printf(&have, ">%.*s", (int)strcspn(next + 7, "}"), next + 7);
	assert_string_equal(sg_buf_text(&have), want);
}

static void
page__limit_and_after__each_item_once(void **state)
{
	(void)state;
	struct kept k = {0};
	struct toy t = {.keys = 5};

	toy_ask(&t, "GET /v1/toy/things?limit=2", NULL, &k);
	expect_keys(&k, "5,4>4");
	toy_ask(&t, "GET /v1/toy/things?limit=2&after=4", NULL, &k);
	expect_keys(&k, "3,2>2");
	toy_ask(&t, "GET /v1/toy/things?after=2&limit=2", NULL, &k);
	expect_keys(&k, "1>null");
	toy_ask(&t, "GET /v1/toy/things?limit=5", NULL, &k);
	expect_keys(&k, "5,4,3,2,1>null");
	toy_ask(&t, "GET /v1/toy/things?after=1", NULL, &k);
	expect_keys(&k, ">null");
	toy_ask(&t, "GET /v1/toy/events?limit=1", NULL, &k);
	expect_keys(&k, "5>5");
	toy_ask(&t, "GET /v1/toy/events?limit=1&follow=false", NULL, &k);
	expect_keys(&k, "5>5");
	t.keys = 1500;
	toy_ask(&t, "GET /v1/toy/things", NULL, &k);
	assert_non_null(strstr(sg_buf_text(&k.body), "\"next\":1401}"));
	toy_ask(&t, "GET /v1/toy/things?limit=1000", NULL, &k);
	assert_non_null(strstr(sg_buf_text(&k.body), "\"next\":501}"));
	sg_buf_clear(&k.body);
}

static void
page__parameters__refused_as_members(void **state)
{
	(void)state;
	static const struct {
		const char *query, *rule, *member;
	} bad[] = {{"limit=0", "json.bounds", "limit"}, {"limit=1001", "json.bounds", "limit"},
	    {"limit=x", "json.type", "limit"}, {"limit=", "json.type", "limit"},
	    {"limit", "json.type", "limit"}, {"after=0", "json.bounds", "after"},
	    {"after=9007199254740992", "json.bounds", "after"},
	    {"limit=1&limit=1", "json.duplicate", "limit"},
	    {"follow=true", "json.unknown", "follow"}, {"colour=blue", "json.bounds", "colour"},
	    {"size=1", "json.unknown", "size"}, {"loud=1", "json.type", "loud"},
	    {"since=yesterday", "json.type", "since"}, {"name=123456789", "json.bounds", "name"},
	    {"name=", "json.bounds", "name"}, {"name=%ff", "json.type", "name"},
	    {"name=a%00", "json.type", "name"}, {"name=%4", "api.escape", "name"},
	    {"%6", "api.escape", "%6"}, {"=1", "json.unknown", NULL}, {"&", "json.unknown", NULL},
	    {"&limit=1", "json.unknown", NULL}, {"limit=1&&after=2", "json.unknown", NULL},
	    {"?limit=1", "json.unknown", "?limit"}, {"Limit=1", "json.unknown", "Limit"},
	    {"a%ff\n=1", "json.unknown", "a\\xff\\x0a"}};
	struct kept k = {0};
	struct toy t = {0};
	char line[128];

	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		snprintf(line, sizeof line, "GET /v1/toy/things?%s", bad[n].query);
		toy_ask(&t, line, NULL, &k);
		toy_expect(&k, 400, bad[n].rule, bad[n].member);
	}
	toy_ask(&t, "GET /v1/toy/things?&limit=1", NULL, &k);
	assert_non_null(strstr(sg_buf_text(&k.body), "\"detail\":\"the query: want one of "));
	assert_non_null(strstr(sg_buf_text(&k.body), "\"found\":\"a parameter without a name\""));
	toy_ask(&t, "GET /v1/toy/things?name=a%00", NULL, &k);
	assert_non_null(strstr(sg_buf_text(&k.body), "\"found\":\"a NUL\""));
	toy_ask(&t, "GET /v1/toy/things/zz", NULL, &k);
	toy_expect(&k, 400, "json.type", "id");
	toy_ask(&t, "GET /v1/toy/things/0102030405", NULL, &k);
	toy_expect(&k, 400, "json.bounds", "id");
	toy_ask(&t, "GET /v1/toy/things/01?id=02", NULL, &k);
	toy_expect(&k, 400, "json.duplicate", "id");
	toy_ask(&t, "GET /v1/toy/file?a=1", NULL, &k);
	toy_expect(&k, 400, "json.unknown", "a");
	assert_int_equal(t.calls, 0);
	sg_buf_clear(&k.body);
}

static void
page__filter__decoded_once(void **state)
{
	(void)state;
	struct kept k = {0};
	struct toy t = {.keys = 1};

	toy_ask(&t,
	    "GET /v1/toy/things?name=a+%2B%2541&colour=gre%65n&since=2026-11-28T12:00:00Z&l%6fud="
	    "true&",
	    NULL, &k);
	assert_int_equal(k.status, 200);
	assert_string_equal(t.name, "a +%41");
	assert_true(t.filter.has_colour && t.filter.colour == 2);
	assert_true(t.filter.has_loud && t.filter.loud);
	assert_int_equal(t.filter.since, 1795867200000000);
	toy_ask(&t, "GET /v1/toy/things?", NULL, &k);
	assert_false(t.filter.has_name || t.filter.has_colour || t.filter.has_since);
	sg_buf_clear(&k.body);
}

/* --- lists that are followed --- */

static void
follow__newest_then_what_comes__ascending(void **state)
{
	(void)state;
	struct kept k = {.waits = 3};
	struct toy t = {.keys = 5};

	toy_ask(&t, "GET /v1/toy/events?follow=true&limit=3", NULL, &k);
	assert_string_equal(k.type, "application/jsonl");
	assert_false(k.has_length);
	expect_keys(&k, "3,4,5");
	assert_true(k.ended);

	t.comes = 2; /* with each look; the first is at what there is */
	k.waits = 2;
	toy_ask(&t, "GET /v1/toy/events?follow=true", NULL, &k);
	expect_keys(&k, "8,9,10,11,12,13");
	t.comes = 0;
	k.waits = 0;
	toy_ask(&t, "GET /v1/toy/events?follow=true&after=11", NULL, &k);
	expect_keys(&k, "12,13");
	k.waits = 0;
	toy_ask(&t, "GET /v1/toy/events?follow=true&limit=1000", NULL, &k);
	expect_keys(&k, "1,2,3,4,5,6,7,8,9,10,11,12,13");
	sg_buf_clear(&k.body);
}

static void
follow__more_than_a_page__without_a_wait(void **state)
{
	(void)state;
	struct kept k = {0};
	struct toy t = {.keys = 777};

	toy_ask(&t, "GET /v1/toy/events?follow=true&after=1", NULL, &k);
	assert_non_null(strstr(sg_buf_text(&k.body), "\n{\"key\":777,"));
	size_t lines = 0;
	for (size_t n = 0; n < k.body.len; n++)
		lines += k.body.p[n] == '\n';
	assert_int_equal(lines, 776);
	sg_buf_clear(&k.body);
}

static void
follow__nothing_there__begins_with_the_first(void **state)
{
	(void)state;
	struct kept k = {.waits = 80};
	struct toy t = {0};

	toy_ask(&t, "GET /v1/toy/events?follow=true", NULL, &k);
	assert_string_equal(sg_buf_text(&k.body), "\n\n"); /* 40 s */
	sg_buf_clear(&k.body);
}

static void
follow__what_ends_it__said(void **state)
{
	(void)state;
	struct kept k = {.waits = 5}, gone = {.waits = 5, .fail_at = 2};
	struct toy t = {.keys = 2, .refuse = "sqlite.io", .code = SG_E_IO, .refuse_from = 3};

	toy_ask(&t, "GET /v1/toy/events?follow=true&after=1", NULL, &k);
	assert_int_equal(k.status, 200);
	assert_string_equal(k.refused_rule, "sqlite.io");
	assert_int_equal(k.refused_status, 503);
	struct sg_buf copy = k.body;
	const char *last = strstr(
	    sg_buf_text(&copy), "\n{\"problem\":{\"type\":\"urn:signet:rule:");
	assert_non_null(last);
	assert_string_equal(last + strlen(last) - 3, "}}\n");
	toy_ask(&t, "GET /v1/toy/events?follow=true&after=1&limit=1", NULL, &k);
	toy_expect(&k, 400, "api.follow", "limit");
	struct toy flows = {.keys = 2, .comes = 1};
	assert_int_equal(toy_ask_as(&toy_root, &flows, "GET /v1/toy/events?follow=true&limit=1",
			     NULL, NULL, &gone),
	    SG_E_IO);
	sg_buf_clear(&k.body);
	sg_buf_clear(&gone.body);
}

static void
serve__nth_allocation_fails__whole_answer_or_503(void **state)
{
	(void)state;
	static const char *const lines[] = {"POST /v1/toy/things/01/touch",
	    "GET /v1/toy/things?limit=2", "GET /v1/toy/nothing", "GET /v1/toy/file",
	    "GET /v1/toy/events?follow=true&limit=2"};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		unsigned whole = 0;
		for (unsigned long n = 1; whole < 3; n++) {
			struct toy t = {.keys = 3};
			struct kept k = {0};
			alloc_fail_at(n);
			enum sg_code rc = toy_ask_as(
			    &toy_root, &t, lines[i], JSON, i == 0 ? "{\"note\":\"x\"}" : NULL, &k);
			alloc_fail_at(0);
			assert_true(rc == SG_OK || rc == SG_E_NOMEM);
			if (rc == SG_OK && k.status == 503)
				assert_string_equal(k.refused_rule, "memory");
			whole = rc == SG_OK && k.status != 503 && k.refusals == (i == 2) ? whole + 1
											 : 0;
			assert_true(n < 1000);
			sg_buf_clear(&k.body);
		}
	}
}

/* Where the transport has no room for one more that takes its time. */
static void
stay__followed_or_bytes__asked_first(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		unsigned stays;
	} lines[] = {{"GET /v1/toy/events?follow=true", 1}, {"GET /v1/toy/file", 1},
	    {"GET /v1/toy/events", 0}, {"GET /v1/toy/things/01", 0}, {"HEAD /v1/toy/file", 0},
	    {"HEAD /v1/toy/events?follow=true", 0}};
	for (size_t n = 0; n < sizeof lines / sizeof lines[0]; n++) {
		struct kept k = {.no_stay = true};
		struct toy t = {.keys = 2};
		assert_int_equal(toy_ask_as(&toy_root, &t, lines[n].line, NULL, NULL, &k), SG_OK);
		assert_int_equal(k.stays, lines[n].stays);
		if (lines[n].stays > 0)
			toy_expect(&k, 503, "toy.busy", NULL);
		else
			assert_int_equal(k.status, 200);
		sg_buf_clear(&k.body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(serve__each_shape__its_answer),
	    cmocka_unit_test(serve__head_and_options__no_body),
	    cmocka_unit_test(serve__path_or_method__refused),
	    cmocka_unit_test(serve__without_the_right__handler_not_called),
	    cmocka_unit_test(serve__media_type__json_alone),
	    cmocka_unit_test(serve__body__each_refusal_its_rule),
	    cmocka_unit_test(serve__handler_fails__problem_with_its_status),
	    cmocka_unit_test(serve__our_mistakes__said),
	    cmocka_unit_test(serve__bytes_that_end_wrong__failure),
	    cmocka_unit_test(page__limit_and_after__each_item_once),
	    cmocka_unit_test(page__parameters__refused_as_members),
	    cmocka_unit_test(page__filter__decoded_once),
	    cmocka_unit_test(follow__newest_then_what_comes__ascending),
	    cmocka_unit_test(follow__more_than_a_page__without_a_wait),
	    cmocka_unit_test(follow__nothing_there__begins_with_the_first),
	    cmocka_unit_test(follow__what_ends_it__said),
	    cmocka_unit_test(stay__followed_or_bytes__asked_first),
	    cmocka_unit_test(serve__nth_allocation_fails__whole_answer_or_503),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
