/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/api/toy.h"

#include "api/ask.h"

static const struct sg_api_route *
route(int n)
{
	return &sg_api_toy_routes.route[n];
}

static void
expect_url(int n, const void *params, const struct sg_api_ask_page *page, const char *want)
{
	sg_buf_scoped b = {0};
	struct sg_err err = {0};

	if (sg_api_put_url(&b, route(n), params, page, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_string_equal(sg_buf_text(&b), want);
}

static void
put_url__parameters__encoded_where_they_belong(void **state)
{
	(void)state;
	const struct toy_id id = {.id = sg_slice("\xab\x01", 2)};
	const struct toy_filter none = {0};
	const struct toy_filter all = {.has_colour = true,
	    .colour = 2,
	    .has_name = true,
	    .name = sg_slice_str("a&b +\xc3\xa4/"),
	    .has_since = true,
	    .since = 1795867200000000,
	    .has_loud = true};
	struct sg_api_ask_page page = {.limit = 5};

	expect_url(SG_API_toy_thing, &id, NULL, "http://signet/v1/toy/things/ab01");
	expect_url(SG_API_toy_touch, &id, NULL, "http://signet/v1/toy/things/ab01/touch");
	expect_url(SG_API_toy_file, NULL, NULL, "http://signet/v1/toy/file");
	expect_url(SG_API_toy_things, &none, &page, "http://signet/v1/toy/things?limit=5");
	page = (struct sg_api_ask_page){.has_after = true, .after = 77};
	expect_url(SG_API_toy_things, &none, &page, "http://signet/v1/toy/things?after=77");
	expect_url(SG_API_toy_things, &all, &page,
	    "http://signet/v1/toy/"
	    "things?colour=green&name=a%26b%20%2B%C3%A4%2F&since=2026-11-28T12%"
	    "3A00%3A00Z&loud=false&after=77");
	page = (struct sg_api_ask_page){.follow = true};
	expect_url(SG_API_toy_events, NULL, &page, "http://signet/v1/toy/events?follow=true");
	page.limit = 20;
	expect_url(
	    SG_API_toy_events, NULL, &page, "http://signet/v1/toy/events?limit=20&follow=true");
}

static void
put_url__what_cannot_be_asked__refused(void **state)
{
	(void)state;
	static const struct {
		const char *name, *rule;
	} bad[] = {{"", "json.bounds"}, {"123456789", "json.bounds"}, {"a\xff", "utf8"}};

	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		const struct toy_filter f = {.has_name = true, .name = sg_slice_str(bad[n].name)};
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		expect_err(sg_api_put_url(&b, route(SG_API_toy_things), &f, NULL, &err), &err,
		    SG_E_USAGE, bad[n].rule);
	}
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	const struct toy_filter f = {.has_colour = true, .colour = 9};
	expect_err(sg_api_put_url(&b, route(SG_API_toy_things), &f, NULL, &err), &err,
	    SG_E_INTERNAL, "buffer");
	expect_err(sg_api_put_url(&b, route(SG_API_toy_thing), NULL, NULL, &err), &err,
	    SG_E_INTERNAL, "api.handler");
}

/* What one side puts into a URL is what the other side's handler gets. */
static void
put_url__served__the_same(void **state)
{
	(void)state;
	const struct toy_filter f = {
	    .has_name = true, .name = sg_slice_str("%41+ &="), .has_colour = true, .colour = 1};
	const struct sg_api_ask_page page = {.limit = 2};
	sg_buf_scoped b = {0}, line = {0};
	struct sg_err err = {0};
	struct kept k = {0};
	struct toy t = {.keys = 9};

	assert_int_equal(sg_api_put_url(&b, route(SG_API_toy_things), &f, &page, &err), SG_OK);
	sg_buf_printf(&line, "GET %s", sg_buf_text(&b) + strlen("http://signet"));
	toy_ask(&t, sg_buf_text(&line), NULL, &k);
	assert_int_equal(k.status, 200);
	assert_string_equal(t.name, "%41+ &=");
	assert_int_equal(t.filter.colour, 1);

	sg_json_doc_scoped doc = {0};
	struct sg_api_got got;
	assert_int_equal(
	    sg_api_read_page(route(SG_API_toy_things), sg_buf_slice(&k.body), &doc, &got, &err),
	    SG_OK);
	assert_int_equal(got.items.n, 2);
	assert_int_equal(((const struct toy_thing *)got.items.item)[1].key, 8);
	assert_true(got.has_next && got.next == 8);
	sg_buf_clear(&k.body);
}

static void
read_page__of_other_versions__tolerant(void **state)
{
	(void)state;
	sg_json_doc_scoped doc = {0};
	struct sg_api_got got;
	struct sg_err err = {0};

	assert_int_equal(
	    sg_api_read_page(route(SG_API_toy_events),
		sg_slice_str("{\"items\":[{\"key\":1,\"colour\":\"mauve\",\"name\":\"x\","
			     "\"new\":{}}],\"next\":null,\"more\":1}"),
		&doc, &got, &err),
	    SG_OK);
	assert_false(got.has_next);
	assert_int_equal(((const struct toy_thing *)got.items.item)->colour, -1);
	expect_err(sg_api_read_page(
		       route(SG_API_toy_events), sg_slice_str("{\"items\":[]}"), &doc, &got, &err),
	    &err, SG_E_MALFORMED, "json.absent");
	expect_err(sg_api_read_page(route(SG_API_toy_events),
		       sg_slice_str("{\"items\":[{}],\"next\":null}"), &doc, &got, &err),
	    &err, SG_E_MALFORMED, "json.absent");
}

/* Whoever may ask with a MiB may be answered with more. */
static void
read_page__larger_than_a_question__read(void **state)
{
	(void)state;
	sg_buf_scoped b = {.max = 16u << 20};
	sg_json_doc_scoped doc = {0};
	struct sg_api_got got;
	struct sg_err err = {0};

	sg_buf_puts(&b, "{\"items\":[");
	for (int n = 0; n < 1000; n++) {
		sg_buf_printf(&b, "%s{\"key\":1,\"colour\":\"red\",\"name\":null,\"steps\":[0",
		    n == 0 ? "" : ",");
		for (int i = 0; i < 100; i++)
			sg_buf_puts(&b, ",\"0123456789\"");
		sg_buf_puts(&b, "]}");
	}
	sg_buf_puts(&b, "],\"next\":5}");
	assert_true(b.len > (1u << 20));
	if (sg_api_read_page(route(SG_API_toy_events), sg_buf_slice(&b), &doc, &got, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_int_equal(got.items.n, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(put_url__parameters__encoded_where_they_belong),
	    cmocka_unit_test(put_url__what_cannot_be_asked__refused),
	    cmocka_unit_test(put_url__served__the_same),
	    cmocka_unit_test(read_page__of_other_versions__tolerant),
	    cmocka_unit_test(read_page__larger_than_a_question__read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
