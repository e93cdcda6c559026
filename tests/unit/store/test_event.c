/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"

static struct sg_event_row
an_event(unsigned n)
{
	struct sg_event_row e = {
	    .at_us = NOW * 1000000 + n,
	    .role = 1,
	    .level = 3,
	    .code = SG_E_ALG,
	    .rule = text(n % 2 == 0 ? "cms.cipher.des" : "cms.digest.md5"),
	    .text = text("want AES, have DES"),
	    .endpoint = text("default"),
	    .peer = text("192.0.2.1"),
	    .txid = text(n < 3 ? "AAAA" : "BBBB"),
	    .subject = text("CN=Dev1"),
	};
	e.trace[1] = (uint8_t)n;
	return e;
}

static void
add_events(struct bed *t, unsigned from, unsigned n)
{
	struct sg_event_row rows[16];
	assert_true(n <= 16);
	for (unsigned i = 0; i < n; i++)
		rows[i] = an_event(from + i);
	assert_ok(sg_reg_event_add(t->store, rows, n, &t->err));
}

struct seen {
	unsigned n, max;
	int64_t ids[32];
};

static bool
see(void *arg, const struct sg_event_row *row)
{
	struct seen *s = arg;
	assert_true(s->n < 32);
	assert_true(sg_slice_is(row->text, "want AES, have DES"));
	assert_int_equal(row->code, SG_E_ALG);
	assert_int_equal(row->role, 1);
	assert_int_equal(row->level, 3);
	assert_true(sg_slice_is(row->endpoint, "default"));
	assert_true(sg_slice_is(row->peer, "192.0.2.1"));
	s->ids[s->n++] = row->id;
	return s->max == 0 || s->n < s->max;
}

static struct seen
list(struct bed *t, struct sg_event_filter f)
{
	struct seen s = {0};
	assert_ok(sg_reg_event_list(t->store, &f, see, &s, &t->err));
	return s;
}

static void
event_list__filters__match(void **state)
{
	struct bed *t = *state;
	add_events(t, 1, 6);
	struct seen s = list(t, (struct sg_event_filter){0});
	assert_int_equal(s.n, 6);
	assert_int_equal(s.ids[0], 6);
	assert_int_equal(s.ids[5], 1);
	s = list(t, (struct sg_event_filter){.limit = 2});
	assert_int_equal(s.n, 2);
	s = list(t, (struct sg_event_filter){.txid = text("AAAA")});
	assert_int_equal(s.n, 2);
	s = list(t, (struct sg_event_filter){.rule = text("cms.cipher.des")});
	assert_int_equal(s.n, 3);
	s = list(t, (struct sg_event_filter){.subject = text("cn=dev")});
	assert_int_equal(s.n, 6);
	s = list(t, (struct sg_event_filter){.subject = text("CN=other")});
	assert_int_equal(s.n, 0);
	s = list(t,
	    (struct sg_event_filter){.from_us = NOW * 1000000 + 2, .until_us = NOW * 1000000 + 4});
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ids[0], 3);
	s = list(t, (struct sg_event_filter){.trace_prefix = sg_slice("\0\5", 2)});
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ids[0], 5);
}

static void
event_list__ascending__follows(void **state)
{
	struct bed *t = *state;
	add_events(t, 1, 3);
	struct sg_event_filter f = {.ascending = true, .limit = 2};
	struct seen s = list(t, f);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ids[0], 1);
	f.after_id = s.ids[1];
	s = list(t, f);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ids[0], 3);
	f.after_id = 3;
	assert_int_equal(list(t, f).n, 0);
	add_events(t, 4, 1);
	s = list(t, f);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ids[0], 4);
	f = (struct sg_event_filter){.ascending = true, .trace_prefix = sg_slice("\0\2", 2)};
	s = list(t, f);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ids[0], 2);
}

static void
event_list__callback_stops__stops(void **state)
{
	struct bed *t = *state;
	add_events(t, 1, 6);
	struct seen s = {.max = 3};
	struct sg_event_filter f = {0};
	assert_ok(sg_reg_event_list(t->store, &f, see, &s, &t->err));
	assert_int_equal(s.n, 3);
}

static void
event_add__none_or_too_many__argument(void **state)
{
	struct bed *t = *state;
	struct sg_event_row e = an_event(1);
	assert_rule(sg_reg_event_add(t->store, &e, 0, &t->err), SG_E_INTERNAL, "store.argument");
	assert_rule(sg_reg_event_add(t->store, &e, SG_EVENT_BATCH_MAX + 1, &t->err), SG_E_INTERNAL,
	    "store.argument");
}

static void
event_purge__by_age_and_count__newest_stays(void **state)
{
	struct bed *t = *state;
	uint64_t purged = 0;
	add_events(t, 1, 10);
	/* By age. */
	assert_ok(sg_reg_event_purge(t->store, NOW * 1000000 + 4, 1000, 1000, &purged, &t->err));
	assert_int_equal(purged, 3);
	/* By count, in two goes. */
	assert_ok(sg_reg_event_purge(t->store, 0, 4, 2, &purged, &t->err));
	assert_int_equal(purged, 2);
	assert_ok(sg_reg_event_purge(t->store, 0, 4, 1000, &purged, &t->err));
	assert_int_equal(purged, 1);
	struct seen s = list(t, (struct sg_event_filter){0});
	assert_int_equal(s.n, 4);
	assert_int_equal(s.ids[0], 10);
	/* Everything is old: ids still go on from the newest. */
	assert_ok(sg_reg_event_purge(t->store, INT64_MAX, 0, 1000, &purged, &t->err));
	assert_int_equal(purged, 3);
	add_events(t, 11, 1);
	s = list(t, (struct sg_event_filter){0});
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ids[0], 11);
	assert_ok(sg_reg_event_purge(t->store, 0, UINT64_MAX, 1000, NULL, &t->err));
}

static void
event_purge__empty__nothing(void **state)
{
	struct bed *t = *state;
	uint64_t purged = 42;
	assert_ok(sg_reg_event_purge(t->store, INT64_MAX, 0, 10, &purged, &t->err));
	assert_int_equal(purged, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(event_list__filters__match),
	    case_registrar(event_list__ascending__follows),
	    case_registrar(event_list__callback_stops__stops),
	    case_registrar(event_add__none_or_too_many__argument),
	    case_registrar(event_purge__by_age_and_count__newest_stays),
	    case_registrar(event_purge__empty__nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
