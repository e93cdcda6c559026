/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "db/db.h"
#include "store/registrar/event.h"

static const struct sg_regdb_event_keep all = {UINT64_MAX, UINT64_MAX};

static struct sg_regdb_event
an_event(unsigned n)
{
	struct sg_regdb_event e = {
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
	struct sg_regdb_event rows[16];
	assert_true(n <= 16);
	for (unsigned i = 0; i < n; i++)
		rows[i] = an_event(from + i);
	assert_ok(sg_regdb_event_add(t->store, rows, n, &all, &t->err));
}

struct seen {
	unsigned n, max;
	int64_t ids[32];
};

static bool
see(void *arg, const struct sg_regdb_event *row)
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
list(struct bed *t, struct sg_regdb_event_filter f)
{
	struct seen s = {0};
	assert_ok(sg_regdb_event_list(t->store, &f, see, &s, &t->err));
	return s;
}

static void
event_list__filters__match(void **state)
{
	struct bed *t = *state;
	add_events(t, 1, 6);
	struct seen s = list(t, (struct sg_regdb_event_filter){0});
	assert_int_equal(s.n, 6);
	assert_int_equal(s.ids[0], 6);
	assert_int_equal(s.ids[5], 1);
	s = list(t, (struct sg_regdb_event_filter){.limit = 2});
	assert_int_equal(s.n, 2);
	s = list(t, (struct sg_regdb_event_filter){.txid = text("AAAA")});
	assert_int_equal(s.n, 2);
	s = list(t, (struct sg_regdb_event_filter){.rule = text("cms.cipher.des")});
	assert_int_equal(s.n, 3);
	s = list(t, (struct sg_regdb_event_filter){.subject = text("cn=dev")});
	assert_int_equal(s.n, 6);
	s = list(t, (struct sg_regdb_event_filter){.subject = text("CN=other")});
	assert_int_equal(s.n, 0);
	s = list(t, (struct sg_regdb_event_filter){
			.from_us = NOW * 1000000 + 2, .until_us = NOW * 1000000 + 4});
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ids[0], 3);
	s = list(t, (struct sg_regdb_event_filter){.trace_prefix = sg_slice("\0\5", 2)});
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ids[0], 5);
	s = list(t, (struct sg_regdb_event_filter){.before_id = 4, .limit = 2});
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ids[0], 3);
	assert_int_equal(s.ids[1], 2);
	s = list(
	    t, (struct sg_regdb_event_filter){.before_id = 5, .trace_prefix = sg_slice("\0\4", 2)});
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ids[0], 4);
	s = list(
	    t, (struct sg_regdb_event_filter){.before_id = 4, .trace_prefix = sg_slice("\0\4", 2)});
	assert_int_equal(s.n, 0);
	struct sg_regdb_event before_1970 = an_event(7);
	before_1970.at_us = -1;
	assert_ok(sg_regdb_event_add(t->store, &before_1970, 1, &all, &t->err));
	s = list(t, (struct sg_regdb_event_filter){0});
	assert_int_equal(s.n, 7);
}

static void
event_list__ascending__follows(void **state)
{
	struct bed *t = *state;
	add_events(t, 1, 3);
	struct sg_regdb_event_filter f = {.ascending = true, .limit = 2};
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
	f = (struct sg_regdb_event_filter){.ascending = true, .trace_prefix = sg_slice("\0\2", 2)};
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
	struct sg_regdb_event_filter f = {0};
	assert_ok(sg_regdb_event_list(t->store, &f, see, &s, &t->err));
	assert_int_equal(s.n, 3);
}

static void
event_add__none_or_too_many__argument(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_event e = an_event(1);
	assert_rule(
	    sg_regdb_event_add(t->store, &e, 0, &all, &t->err), SG_E_INTERNAL, "store.argument");
	assert_rule(sg_regdb_event_add(t->store, &e, SG_REGDB_EVENT_BATCH_MAX + 1, &all, &t->err),
	    SG_E_INTERNAL, "store.argument");
}

/* So many rows of an address in one commit, the first of them with this number. */
static void
add_of(struct bed *t, const char *peer, unsigned from, unsigned n, const char *said,
    struct sg_regdb_event_keep keep)
{
	static struct sg_regdb_event rows[SG_REGDB_EVENT_BATCH_MAX];
	assert_true(n <= SG_REGDB_EVENT_BATCH_MAX);
	for (unsigned i = 0; i < n; i++) {
		rows[i] = an_event(from + i);
		rows[i].peer = text(peer);
		rows[i].text = text(said);
	}
	assert_ok(sg_regdb_event_add(t->store, rows, n, &keep, &t->err));
}

struct counted {
	const char *peer;
	unsigned n, of_peer;
	size_t bytes;
	int64_t newest, oldest;
};

static bool
count_row(void *arg, const struct sg_regdb_event *row)
{
	struct counted *c = arg;
	c->n++;
	c->of_peer += sg_slice_is(row->peer, c->peer);
	c->bytes += row->rule.len + row->text.len + row->endpoint.len + row->peer.len +
		    row->txid.len + row->subject.len;
	c->newest = c->newest == 0 ? row->id : c->newest;
	c->oldest = row->id;
	return true;
}

static struct counted
count(struct bed *t, const char *peer)
{
	struct counted c = {.peer = peer};
	struct sg_regdb_event_filter f = {.limit = 1000000};
	assert_ok(sg_regdb_event_list(t->store, &f, count_row, &c, &t->err));
	return c;
}

static void
event_add__beyond_keep__oldest_go(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_event_keep keep = {100, UINT64_MAX};
	char peer[32];
	for (unsigned n = 0; n < 500; n++) {
		snprintf(peer, sizeof peer, "192.0.2.%u", n % 250);
		add_of(t, peer, n, 1, "x", keep);
		struct counted c = count(t, peer);
		assert_true(c.n <= 100);
		assert_int_equal(c.newest, n + 1);
		assert_int_equal(c.oldest, n < 100 ? 1 : n - 98);
	}
}

/* Any rate: batches as large as they get. */
static void
event_add__largest_batches__never_far_beyond_keep(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_event_keep keep = {1000, UINT64_MAX};
	char peer[32];
	for (unsigned n = 0; n < 40; n++) {
		snprintf(peer, sizeof peer, "192.0.2.%u", n % 5);
		add_of(t, peer, n, SG_REGDB_EVENT_BATCH_MAX, "x", keep);
		assert_true(count(t, peer).n <= 1000);
	}
}

/* It was set lower, or comes from an earlier version: twice as many go as come. */
static void
event_add__far_beyond_keep__in_proportion(void **state)
{
	struct bed *t = *state;
	for (unsigned n = 0; n < 4; n++)
		add_of(t, "192.0.2.1", n, SG_REGDB_EVENT_BATCH_MAX, "x", all);
	unsigned before = count(t, "").n;
	add_of(t, "192.0.2.1", 0, 10, "x", (struct sg_regdb_event_keep){50, UINT64_MAX});
	assert_int_equal(count(t, "").n, before + 10 - (2 * 10 + SG_REGDB_EVENT_DROP_MORE));
	for (unsigned n = 0; n < 60; n++)
		add_of(t, "192.0.2.1", 0, 10, "x", (struct sg_regdb_event_keep){50, UINT64_MAX});
	assert_int_equal(count(t, "").n, 50);
}

/* One address by the thousand: those of the others stay, however old. */
static void
event_add__noisy_address__gives_up_its_own(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_event_keep keep = {1000, UINT64_MAX};
	add_of(t, "192.0.2.7", 0, SG_REGDB_EVENT_FEW, "old and honest", keep);
	for (unsigned n = 0; n < 40; n++)
		add_of(t, "203.0.113.1", n, SG_REGDB_EVENT_BATCH_MAX, "x", keep);
	struct counted c = count(t, "192.0.2.7");
	assert_int_equal(c.of_peer, SG_REGDB_EVENT_FEW);
	assert_int_equal(c.n, 1000);
	add_of(t, "192.0.2.7", 0, 1, "a new one", keep); /* now it has more than a few */
	assert_int_equal(count(t, "192.0.2.7").of_peer, SG_REGDB_EVENT_FEW);
}

static void
event_add__long_texts__bytes_are_bounded(void **state)
{
	struct bed *t = *state;
	static char longest[501];
	struct sg_regdb_event_keep keep = {1000, 100000};
	memset(longest, 'x', sizeof longest - 1);
	for (unsigned n = 0; n < 20; n++) {
		add_of(t, "203.0.113.1", n, 100, longest, keep);
		assert_true(count(t, "").bytes <= 100000);
	}
	assert_true(count(t, "").n > 100);
	/* Short ones have room again. */
	for (unsigned n = 0; n < 20; n++)
		add_of(t, "203.0.113.1", n, 100, "x", keep);
	assert_int_equal(count(t, "").n, 1000);
}

static void
event_add__keep_nothing__newest_stays(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_event_keep none = {0, 0};
	for (unsigned n = 0; n < 5; n++)
		add_of(t, "192.0.2.1", n, 3, "x", none);
	struct counted c = count(t, "");
	assert_int_equal(c.n, 1);
	assert_int_equal(c.newest, 15);
}

/* A database of the first version: what it has is counted when it is opened. */
static void
open__earlier_version__counted(void **state)
{
	struct bed *t = *state;
	add_of(t, "192.0.2.1", 0, 30, "x", all);
	sg_db_free(&t->store);
	bed_sql(t->path, "DROP TRIGGER event_more; DROP TRIGGER event_less; DROP INDEX event_peer; "
			 "DROP TRIGGER tx_failed_more; DROP TRIGGER tx_failed_less; "
			 "DROP TRIGGER tx_failed_gone; DROP INDEX tx_failed; DROP TABLE size; "
			 "ALTER TABLE tx DROP COLUMN signer_serial; "
			 "PRAGMA user_version = 1");
	bed_open(t, &sg_store_schema_registrar);
	add_of(t, "192.0.2.1", 0, 1, "x", (struct sg_regdb_event_keep){20, UINT64_MAX});
	assert_int_equal(count(t, "").n, 20);
	size_t bytes = count(t, "").bytes;
	add_of(t, "192.0.2.1", 0, 1, "x", (struct sg_regdb_event_keep){1000, bytes});
	assert_int_equal(count(t, "").n, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(event_list__filters__match),
	    case_registrar(event_list__ascending__follows),
	    case_registrar(event_list__callback_stops__stops),
	    case_registrar(event_add__none_or_too_many__argument),
	    case_registrar(event_add__beyond_keep__oldest_go),
	    case_registrar(event_add__largest_batches__never_far_beyond_keep),
	    case_registrar(event_add__far_beyond_keep__in_proportion),
	    case_registrar(event_add__noisy_address__gives_up_its_own),
	    case_registrar(event_add__long_texts__bytes_are_bounded),
	    case_registrar(event_add__keep_nothing__newest_stays),
	    case_registrar(open__earlier_version__counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
