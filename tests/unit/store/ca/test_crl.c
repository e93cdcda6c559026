/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"

#include "base/buf.h"
#include "base/hex.h"
#include "db/db.h"
#include "store/ca/cert.h"
#include "store/ca/crl.h"
#include "store/ca/known_time.h"
#include "store/ca/revoke.h"

#define LATER (NOW + 86400) /* the end of what issue_one makes */

/* A list as it was read. */
struct seen {
	struct sg_cadb_crl_state state;
	unsigned n, fail_at; /* 0: never */
	uint8_t last[16];
	struct sg_cadb_crl_item item[8];
};

static enum sg_code
begin(void *arg, const struct sg_cadb_crl_state *state, struct sg_err *err)
{
	struct seen *s = arg;
	if (s->fail_at == 99)
		return sg_fail(err, SG_E_CONF, "test.begin", "no list");
	s->state = *state;
	return SG_OK;
}

static enum sg_code
see(void *arg, const struct sg_cadb_crl_item *item, struct sg_err *err)
{
	struct seen *s = arg;
	assert_true(s->n == 0 || memcmp(s->last, item->serial.p, 16) < 0);
	memcpy(s->last, item->serial.p, 16);
	s->item[s->n++] = *item;
	if (s->n == s->fail_at)
		return sg_fail(err, SG_E_INTERNAL, "test.entry", "an entry that cannot be written");
	return SG_OK;
}

static struct seen
read_list(struct bed *t, int issuer)
{
	struct seen s = {0};
	struct sg_cadb_crl_reader reader = {begin, see, &s};
	assert_ok(sg_cadb_crl_read(t->store, issuer, 0, &reader, &t->err));
	assert_int_equal(s.state.entries, s.n);
	return s;
}

/* Read it and publish it with a date. */
static struct sg_cadb_crl
publish(struct bed *t, int64_t this_update)
{
	struct seen s = read_list(t, 1);
	struct sg_cadb_crl crl = {.issuer = 1,
	    .number = s.state.number,
	    .audit_seq = s.state.audit_seq,
	    .this_update = this_update,
	    .next_update = this_update + 3600,
	    .entries = s.n,
	    .der = text("list")};
	assert_ok(sg_cadb_crl_publish(t->store, &crl, text("ca"), this_update, &t->err));
	return crl;
}

static void
revoke_at(struct bed *t, unsigned n, int reason, int64_t at)
{
	assert_ok(sg_cadb_revoke(
	    t->store, serial_of(n), reason, false, text("admin"), at, NULL, &t->err));
}

static void
crl_read__revoked_and_held__by_serial(void **state)
{
	struct bed *t = *state;
	for (unsigned i = 1; i <= 6; i++)
		issue_one(t, i);
	revoke_at(t, 5, 1, NOW + 50);
	revoke_at(t, 2, 4, NOW + 50);
	revoke_at(t, 3, SG_CADB_REASON_HOLD, NOW + 50);
	assert_ok(sg_cadb_revoke(
	    t->store, serial_of(4), 5, true, text("admin"), NOW + 50, NULL, &t->err));
	revoke_at(t, 6, SG_CADB_REASON_HOLD, NOW + 50);
	assert_ok(sg_cadb_release(t->store, serial_of(6), text("admin"), NOW, &t->err));
	struct seen s = read_list(t, 1);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.item[0].reason, 4);
	assert_int_equal(s.item[1].reason, SG_CADB_REASON_HOLD);
	assert_int_equal(s.item[2].reason, 5);
	assert_int_equal(s.item[3].reason, 1);
	assert_int_equal(s.item[0].revoked_at, NOW + 50);
	assert_int_equal(s.state.number, 1);
	assert_int_equal(s.state.last_this_update, 0);
	assert_int_equal(s.state.audit_seq, 12); /* six issued, five revoked, one released */
	assert_int_equal(read_list(t, 2).n, 0);
}

static void
crl_read__a_row_that_fails__comes_back(void **state)
{
	struct bed *t = *state;
	for (unsigned i = 1; i <= 3; i++) {
		issue_one(t, i);
		revoke_at(t, i, 1, NOW);
	}
	for (unsigned at = 1; at <= 3; at++) {
		struct seen s = {.fail_at = at};
		struct sg_cadb_crl_reader reader = {begin, see, &s};
		assert_rule(sg_cadb_crl_read(t->store, 1, 0, &reader, &t->err), SG_E_INTERNAL,
		    "test.entry");
		assert_int_equal(s.n, at);
	}
	struct seen s = {.fail_at = 99};
	struct sg_cadb_crl_reader reader = {begin, see, &s};
	assert_rule(sg_cadb_crl_read(t->store, 1, 0, &reader, &t->err), SG_E_CONF, "test.begin");
	assert_int_equal(read_list(t, 1).n, 3); /* the connection is as it was */
}

/* Revoked while a list is read: not on it, whenever its entry would have come. */
static enum sg_code
revoke_meanwhile(void *arg, const struct sg_cadb_crl_state *state, struct sg_err *err)
{
	struct bed *t = arg;
	(void)state;
	(void)err;
	revoke_at(t, 1, 1, NOW);
	return SG_OK;
}

static enum sg_code
count(void *arg, const struct sg_cadb_crl_item *item, struct sg_err *err)
{
	(void)arg;
	(void)item;
	(void)err;
	fail_msg("an entry of another state of the database");
	return SG_OK;
}

static void
crl_read__revoked_meanwhile__one_state(void **state)
{
	struct bed *t = *state;
	issue_one(t, 1);
	struct sg_cadb_crl_reader reader = {revoke_meanwhile, count, t};
	assert_ok(sg_cadb_crl_read(t->store, 1, 0, &reader, &t->err));
	assert_int_equal(read_list(t, 1).n, 1);
}

static void
crl_publish__beyond_its_end__once_more(void **state)
{
	struct bed *t = *state;
	issue_one(t, 1);
	revoke_at(t, 1, 1, NOW);
	publish(t, NOW);
	publish(t, LATER); /* it ends at that very second */
	assert_int_equal(read_list(t, 1).n, 1);
	publish(t, LATER + 1);
	assert_int_equal(read_list(t, 1).n, 0);
	/* Revoked after its end: once, too. */
	issue_one(t, 2);
	revoke_at(t, 2, 1, LATER + 1000);
	assert_int_equal(read_list(t, 1).n, 1);
	publish(t, LATER + 2000);
	assert_int_equal(read_list(t, 1).n, 0);
	/* A clock that goes back takes nothing away and brings nothing twice. */
	issue_one(t, 3);
	revoke_at(t, 3, 1, NOW);
	publish(t, NOW - 5000);
	assert_int_equal(read_list(t, 1).n, 1);
	/* From hold to revoked after its end: a new entry. */
	issue_one(t, 4);
	revoke_at(t, 4, SG_CADB_REASON_HOLD, NOW);
	publish(t, LATER + 3000);
	assert_int_equal(read_list(t, 1).n, 0);
	revoke_at(t, 4, 1, LATER + 3001);
	assert_int_equal(read_list(t, 1).n, 1);
}

static void
crl_publish__revoked_after_it_was_read__stays(void **state)
{
	struct bed *t = *state;
	issue_one(t, 1);
	struct seen s = read_list(t, 1);
	revoke_at(t, 1, 1, NOW);
	struct sg_cadb_crl crl = {.issuer = 1,
	    .number = s.state.number,
	    .audit_seq = s.state.audit_seq,
	    .this_update = LATER + 1,
	    .der = text("list")};
	assert_ok(sg_cadb_crl_publish(t->store, &crl, text("ca"), NOW, &t->err));
	assert_int_equal(read_list(t, 1).n, 1);
}

static void
crl_publish__newest__kept_whole(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_crl have = {0};
	assert_rule(sg_cadb_crl_latest(t->store, 1, 0, &have, &t->err), SG_E_NOTFOUND, "crl.none");
	publish(t, NOW);
	struct sg_cadb_crl crl = publish(t, NOW + 1);
	assert_int_equal(crl.number, 2);
	assert_ok(sg_cadb_crl_latest(t->store, 1, 0, &have, &t->err));
	assert_int_equal(have.number, 2);
	assert_int_equal(have.this_update, NOW + 1);
	assert_int_equal(have.next_update, NOW + 3601);
	assert_int_equal(have.audit_seq, crl.audit_seq);
	assert_true(sg_slice_is(have.der, "list"));
	sg_cadb_crl_clear(&have);
	assert_rule(sg_cadb_crl_latest(t->store, 2, 0, &have, &t->err), SG_E_NOTFOUND, "crl.none");
	assert_int_equal(read_list(t, 1).state.last_this_update, NOW + 1);
}

static void
crl_publish__wrong_number__conflict(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_crl crl = publish(t, NOW);
	assert_rule(sg_cadb_crl_publish(t->store, &crl, text("ca"), NOW, &t->err), SG_E_CONFLICT,
	    "crl.number"); /* used */
	crl.number = 7;	   /* one that is out had 6 */
	assert_ok(sg_cadb_crl_publish(t->store, &crl, text("ca"), NOW, &t->err));
	assert_int_equal(read_list(t, 1).state.number, 8);
	crl.number = 5;
	assert_rule(sg_cadb_crl_publish(t->store, &crl, text("ca"), NOW, &t->err), SG_E_CONFLICT,
	    "crl.number");
	crl.der = text("");
	assert_rule(sg_cadb_crl_publish(t->store, &crl, text("ca"), NOW, &t->err), SG_E_INTERNAL,
	    "store.argument");
}

static void
crl_publish__numbers_of_an_earlier_version__go_on(void **state)
{
	struct bed *t = *state;
	sg_db_free(&t->store);
	/* Handed out and not used: the newest has no date. */
	bed_sql(t->path, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
			 "WHERE i < 2000) INSERT INTO crl (issuer, shard, number, taken_at, "
			 "this_update, next_update, entries) SELECT 1, 0, i, 1, "
			 "CASE WHEN i < 2000 THEN 1 ELSE 0 END, 1, 0 FROM n");
	bed_open(t, &sg_store_schema_ca);
	assert_int_equal(read_list(t, 1).state.last_this_update, 1);
	assert_int_equal(publish(t, NOW).number, 2001);
	assert_int_equal(read_list(t, 1).state.number, 2002);
}

/* ---- a list that knows more ---- */

struct listed {
	size_t n;
	struct sg_cadb_crl_item item[4];
};

static enum sg_code
visit_all(void *arg, sg_cadb_crl_visit *visit, void *visit_arg, struct sg_err *err)
{
	const struct listed *l = arg;
	enum sg_code rc = SG_OK;
	for (size_t i = 0; i < l->n && rc == SG_OK; i++)
		rc = visit(visit_arg, &l->item[i], err);
	return rc;
}

static enum sg_code
visit_and_fail(void *arg, sg_cadb_crl_visit *visit, void *visit_arg, struct sg_err *err)
{
	enum sg_code rc = visit_all(arg, visit, visit_arg, err);
	return rc == SG_OK ? sg_fail(err, SG_E_MALFORMED, "test.entry", "a broken entry") : rc;
}

/* Certificates 1 (held here), 2 (good), 3 (revoked), and 9, which is not here. */
static struct listed
a_list(struct bed *t)
{
	static uint8_t serial[4][16];
	struct listed l = {.n = 4};
	static const unsigned number[4] = {1, 2, 3, 9};
	for (unsigned i = 1; i <= 3; i++)
		issue_one(t, i);
	revoke_at(t, 1, SG_CADB_REASON_HOLD, NOW);
	revoke_at(t, 3, 4, NOW);
	for (size_t i = 0; i < 4; i++) {
		struct sg_slice s = serial_of(number[i]);
		assert_int_equal(s.len, 16);
		memcpy(serial[i], s.p, 16);
		l.item[i] = (struct sg_cadb_crl_item){sg_slice(serial[i], 16), NOW + 7, 1};
	}
	return l;
}

/* What a list of an issuer has that the next one would not have, and how many. */
static uint64_t
missing_of(struct bed *t, struct sg_cadb_crl crl, struct listed *l, struct sg_buf *serials)
{
	struct sg_cadb_crl_missing missing = {.serials = serials};
	sg_buf_reset(serials);
	assert_ok(sg_cadb_crl_find_missing(
	    t->store, &crl, (struct sg_cadb_crl_source){visit_all, l}, &missing, &t->err));
	return missing.n;
}

static void
crl_missing__good_held_or_gone__named(void **state)
{
	struct bed *t = *state;
	sg_buf_scoped serials = {0}, hex = {0};
	struct listed l = a_list(t);
	struct sg_cadb_crl crl = {.issuer = 1, .number = 12, .this_update = NOW + 9};
	assert_int_equal(missing_of(t, crl, &l, &serials), 3); /* only held here is less, too */
	for (unsigned i = 0; i < 4; i++) {
		if (i == 2)
			continue;
		sg_buf_puts(&hex, i == 0 ? "" : ", ");
		sg_hex_put(&hex, l.item[i].serial);
	}
	assert_string_equal(sg_buf_text(&serials), sg_buf_text(&hex));
	l.item[0].reason = SG_CADB_REASON_HOLD;
	assert_int_equal(missing_of(t, crl, &l, &serials), 2);
	l.item[2].reason = SG_CADB_REASON_HOLD; /* revoked here since: more than the list says */
	assert_int_equal(missing_of(t, crl, &l, &serials), 2);
	/* For another issuer all are. */
	crl.issuer = 2;
	assert_int_equal(missing_of(t, crl, &l, &serials), 4);
}

static void
crl_missing__released__only_a_hold_and_only_since(void **state)
{
	struct bed *t = *state;
	sg_buf_scoped serials = {0};
	struct listed l = a_list(t);
	l.item[1].reason = SG_CADB_REASON_HOLD;
	l.item[0] = l.item[1];
	l.n = 1;
	struct sg_cadb_crl before = publish(t, NOW);
	revoke_at(t, 2, SG_CADB_REASON_HOLD, NOW);
	struct sg_cadb_crl out = publish(t, NOW + 1);
	assert_int_equal(missing_of(t, out, &l, &serials), 0);
	assert_ok(sg_cadb_release(t->store, serial_of(2), text("admin"), NOW, &t->err));
	assert_int_equal(missing_of(t, out, &l, &serials), 0);
	assert_int_equal(missing_of(t, before, &l, &serials), 0);
	/* Revoked, not held: no release does that. */
	l.item[0].reason = 1;
	assert_int_equal(missing_of(t, out, &l, &serials), 1);
	l.item[0].reason = SG_CADB_REASON_HOLD;
	/* A list that knew of the release, and one that was made of another database. */
	struct sg_cadb_crl after = publish(t, NOW + 2);
	assert_int_equal(missing_of(t, after, &l, &serials), 1);
	out.this_update++;
	assert_int_equal(missing_of(t, out, &l, &serials), 1);
	out.number = 99;
	assert_int_equal(missing_of(t, out, &l, &serials), 1);
}

static void
crl_adopt__hold_then_revoked__revoked(void **state)
{
	struct bed *t = *state;
	sg_buf_scoped serials = {0};
	struct sg_cadb_crl_adopted done = {0};
	struct listed l = a_list(t);
	l.item[0] = l.item[3];
	l.n = 1;
	l.item[0].reason = SG_CADB_REASON_HOLD;
	struct sg_cadb_crl crl = {
	    .issuer = 1, .number = 12, .this_update = NOW + 9, .entries = 1, .der = text("out")};
	struct sg_cadb_crl_source source = {visit_all, &l};
	assert_ok(sg_cadb_crl_adopt(t->store, &crl, source, text("admin"), NOW, &done, &t->err));
	assert_int_equal(done.foreign, 1);
	l.item[0].reason = 1;
	crl.number = 13;
	assert_int_equal(missing_of(t, crl, &l, &serials), 1);
	assert_ok(sg_cadb_crl_adopt(t->store, &crl, source, text("admin"), NOW, &done, &t->err));
	assert_int_equal(done.foreign, 1);
	assert_int_equal(missing_of(t, crl, &l, &serials), 0);
	struct seen s = read_list(t, 1);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.item[2].reason, 1);
}

static void
crl_adopt__list__taken_over(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_crl_adopted done = {0};
	struct listed l = a_list(t);
	struct sg_cadb_crl crl = {
	    .issuer = 1, .number = 12, .this_update = NOW + 9, .entries = 4, .der = text("out")};
	struct sg_cadb_crl_source source = {visit_all, &l};
	assert_ok(sg_cadb_crl_adopt(t->store, &crl, source, text("admin"), NOW, &done, &t->err));
	assert_int_equal(done.revoked, 2);
	assert_int_equal(done.foreign, 1);
	assert_int_equal(done.known, 1);
	struct seen s = read_list(t, 1);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.state.number, 13);
	assert_int_equal(s.state.last_this_update, NOW + 9);
	assert_int_equal(s.item[0].reason, 1); /* not held any more */
	assert_int_equal(s.item[0].revoked_at, NOW + 7);
	assert_int_equal(s.item[2].reason, 4); /* as it was known */
	/* Again, and an older one: nothing new. */
	crl.number = 3;
	assert_ok(sg_cadb_crl_adopt(t->store, &crl, source, text("admin"), NOW, &done, &t->err));
	assert_int_equal(done.known, 4);
	assert_int_equal(read_list(t, 1).state.number, 13);
	/* Its certificate comes: it is revoked from the first moment. */
	struct sg_cadb_new_cert cert = a_new_cert(9);
	struct sg_cadb_cert row = {0};
	bool is_new = false;
	cert.request_id = text(SG_CADB_IMPORT "nine");
	assert_ok(sg_cadb_cert_add(t->store, &cert, &is_new, &row, &t->err));
	assert_true(is_new);
	assert_ok(sg_cadb_cert_by_serial(t->store, serial_of(9), &row, &t->err));
	assert_int_equal(row.state, SG_CADB_CERT_REVOKED);
	assert_int_equal(row.reason, 1);
	assert_int_equal(row.revoked_at, NOW + 7);
	sg_cadb_cert_clear(&row);
	assert_int_equal(read_list(t, 1).n, 4);
}

static void
crl_adopt__source_that_fails__nothing_changed(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_crl_adopted done = {0};
	struct listed l = a_list(t);
	struct sg_cadb_crl crl = {
	    .issuer = 1, .number = 12, .this_update = NOW, .entries = 4, .der = text("out")};
	struct sg_cadb_crl_source source = {visit_and_fail, &l};
	assert_rule(sg_cadb_crl_adopt(t->store, &crl, source, text("admin"), NOW, &done, &t->err),
	    SG_E_MALFORMED, "test.entry");
	struct seen s = read_list(t, 1);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.state.number, 1);
}

static void
clock__times__latest_is_known(void **state)
{
	struct bed *t = *state;
	int64_t known = -1;
	assert_ok(sg_cadb_known_time(t->store, NOW, &known, &t->err));
	assert_int_equal(known, 0);
	assert_ok(sg_cadb_known_time(t->store, NOW - 500, &known, &t->err));
	assert_int_equal(known, NOW);
	sg_db_free(&t->store);
	bed_open(t, &sg_store_schema_ca);
	assert_ok(sg_cadb_known_time(t->store, NOW + 1, &known, &t->err));
	assert_int_equal(known, NOW);
}

static void
crl_revive__clock_was_ahead__entries_come_back(void **state)
{
	struct bed *t = *state;
	int64_t known = 0;
	uint64_t n = 99;
	issue_one(t, 1);
	revoke_at(t, 1, 1, NOW);
	assert_ok(sg_cadb_known_time(t->store, LATER + 999999, &known, &t->err));
	publish(t, LATER + 999999);
	assert_int_equal(read_list(t, 1).n, 0);
	/* Not for another issuer, and not when it has ended. */
	assert_ok(sg_cadb_crl_revive(t->store, 2, 0, text("ca"), NOW + 60, &n, &t->err));
	assert_ok(sg_cadb_crl_revive(t->store, 1, 0, text("ca"), LATER + 1, &n, &t->err));
	assert_int_equal(read_list(t, 1).n, 0);
	assert_ok(sg_cadb_crl_revive(t->store, 1, 0, text("ca"), NOW + 60, &n, &t->err));
	assert_int_equal(n, 1);
	struct seen s = read_list(t, 1);
	assert_int_equal(s.n, 1);
	/* The next one is dated as the last, and nothing leaves by that; nor is it audited again.
	 */
	struct sg_cadb_crl crl = {.issuer = 1,
	    .number = s.state.number,
	    .audit_seq = s.state.audit_seq,
	    .this_update = LATER + 999999,
	    .der = text("list")};
	assert_ok(sg_cadb_crl_publish(t->store, &crl, text("ca"), NOW + 61, &t->err));
	assert_ok(sg_cadb_crl_revive(t->store, 1, 0, text("ca"), NOW + 62, &n, &t->err));
	assert_int_equal(n, 0);
	s = read_list(t, 1);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.state.audit_seq, crl.audit_seq + 1); /* that of the list */
	assert_ok(sg_cadb_known_time_set_back(t->store, text("admin"), NOW + 60, &t->err));
	assert_ok(sg_cadb_known_time(t->store, NOW + 61, &known, &t->err));
	assert_int_equal(known, NOW + 60);
}

static void
crl_owed__act_without_its_list__said(void **state)
{
	struct bed *t = *state;
	bool owed = true;
	assert_ok(sg_cadb_crl_owed(t->store, 1, 0, &owed, &t->err));
	assert_false(owed);
	issue_one(t, 1);
	revoke_at(t, 1, SG_CADB_REASON_HOLD, NOW);
	assert_ok(sg_cadb_crl_owed(t->store, 1, 0, &owed, &t->err));
	assert_true(owed);
	publish(t, NOW);
	issue_one(t, 2);
	assert_ok(sg_cadb_crl_owed(t->store, 1, 0, &owed, &t->err));
	assert_false(owed);
	assert_ok(sg_cadb_release(t->store, serial_of(1), text("admin"), NOW, &t->err));
	assert_ok(sg_cadb_crl_owed(t->store, 1, 0, &owed, &t->err));
	assert_true(owed);
	publish(t, NOW);
	assert_ok(sg_cadb_crl_owed(t->store, 1, 0, &owed, &t->err));
	assert_false(owed);
	/* A list that was adopted knows of nothing. */
	struct listed l = {0};
	struct sg_cadb_crl_adopted done = {0};
	struct sg_cadb_crl crl = {
	    .issuer = 1, .number = 99, .this_update = NOW, .der = text("out")};
	struct sg_cadb_crl_source source = {visit_all, &l};
	assert_ok(sg_cadb_crl_adopt(t->store, &crl, source, text("admin"), NOW, &done, &t->err));
	assert_ok(sg_cadb_crl_owed(t->store, 1, 0, &owed, &t->err));
	assert_true(owed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_ca(crl_read__revoked_and_held__by_serial),
	    case_ca(crl_read__a_row_that_fails__comes_back),
	    case_ca(crl_read__revoked_meanwhile__one_state),
	    case_ca(crl_publish__beyond_its_end__once_more),
	    case_ca(crl_publish__revoked_after_it_was_read__stays),
	    case_ca(crl_publish__newest__kept_whole),
	    case_ca(crl_publish__wrong_number__conflict),
	    case_ca(crl_publish__numbers_of_an_earlier_version__go_on),
	    case_ca(crl_missing__good_held_or_gone__named),
	    case_ca(crl_missing__released__only_a_hold_and_only_since),
	    case_ca(crl_adopt__hold_then_revoked__revoked),
	    case_ca(crl_adopt__list__taken_over),
	    case_ca(crl_adopt__source_that_fails__nothing_changed),
	    case_ca(clock__times__latest_is_known),
	    case_ca(crl_revive__clock_was_ahead__entries_come_back),
	    case_ca(crl_owed__act_without_its_list__said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
