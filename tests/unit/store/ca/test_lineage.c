/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "db/db.h"
#include "store/ca/audit.h"
#include "store/ca/cert.h"
#include "store/ca/lineage.h"
#include "store/ca/revoke.h"

#include <pthread.h>

#define DAY SG_RENEWAL_DAY_S

static enum sg_code
renew(struct bed *t, unsigned n, unsigned of, uint64_t *max, struct sg_err *err)
{
	struct sg_cadb_new_cert in = a_renewal(n, of);
	struct sg_cadb_cert row = {0};
	bool fresh = false;
	in.limits.successors = max != NULL ? *max : 0; /* live ones, the new one among them */
	enum sg_code rc = sg_cadb_cert_add(t->store, &in, &fresh, &row, err);
	sg_cadb_cert_clear(&row);
	return rc;
}

static int64_t
lineage_of(struct bed *t, unsigned n)
{
	struct sg_cadb_cert row = {0};
	assert_ok(sg_cadb_cert_by_serial(t->store, serial_of(n), &row, &t->err));
	int64_t lineage = row.lineage;
	sg_cadb_cert_clear(&row);
	return lineage;
}

static struct sg_renewal_use
use_at(struct bed *t, unsigned n, int64_t now)
{
	struct sg_renewal_use use = {0};
	assert_ok(sg_cadb_lineage_get_use(t->store, lineage_of(t, n), now, &use, &t->err));
	return use;
}

static void
join__chain_and_fan__one_lineage(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_lineage all = {0};
	issue_one(t, 1);
	issue_one(t, 2);
	assert_ok(renew(t, 3, 1, NULL, &t->err));
	assert_ok(renew(t, 4, 3, NULL, &t->err));
	assert_ok(renew(t, 5, 1, NULL, &t->err));
	assert_ok(renew(t, 6, 2, NULL, &t->err));
	int64_t one = lineage_of(t, 1), two = lineage_of(t, 2);
	assert_int_not_equal(one, two);
	for (unsigned n = 3; n <= 5; n++)
		assert_int_equal(lineage_of(t, n), one);
	assert_int_equal(lineage_of(t, 6), two);
	assert_ok(sg_cadb_lineage_get(t->store, one, NOW, &all, &t->err));
	assert_int_equal(all.size, 4);
	assert_int_equal(all.live, 4);
	assert_true(sg_slice_eq(sg_slice(all.first, all.first_len), serial_of(1)));
	assert_rule(
	    sg_cadb_lineage_get(t->store, 999, NOW, &all, &t->err), SG_E_INTERNAL, "store.corrupt");
}

static bool
count_row(void *arg, const struct sg_cadb_cert *row)
{
	unsigned *n = arg;
	assert_int_not_equal(row->lineage, 0);
	(*n)++;
	return true;
}

static void
list__lineage__only_its_own(void **state)
{
	struct bed *t = *state;
	unsigned n = 0;
	issue_one(t, 1);
	issue_one(t, 2);
	assert_ok(renew(t, 3, 1, NULL, &t->err));
	struct sg_cadb_cert_filter f = {.lineage = lineage_of(t, 3)};
	assert_ok(sg_cadb_cert_list(t->store, &f, count_row, &n, &t->err));
	assert_int_equal(n, 2);
	n = 0;
	f.states = 1u << SG_CADB_CERT_REVOKED;
	assert_ok(sg_cadb_cert_list(t->store, &f, count_row, &n, &t->err));
	assert_int_equal(n, 0);
}

static void
join__predecessor_not_good__refused(void **state)
{
	struct bed *t = *state;
	issue_one(t, 1);
	issue_one(t, 2);
	assert_ok(sg_cadb_revoke(
	    t->store, serial_of(1), SG_CADB_REASON_HOLD, false, text("a"), NOW, NULL, &t->err));
	assert_rule(renew(t, 3, 1, NULL, &t->err), SG_E_DENIED, "renewal.revoked");
	assert_ok(sg_cadb_release(t->store, serial_of(1), text("a"), NOW, &t->err));
	assert_ok(renew(t, 3, 1, NULL, &t->err));
	assert_ok(sg_cadb_revoke(t->store, serial_of(1), 1, false, text("a"), NOW, NULL, &t->err));
	assert_rule(renew(t, 4, 1, NULL, &t->err), SG_E_DENIED, "renewal.revoked");
	assert_ok(sg_cadb_revoke(t->store, serial_of(2), 5, true, text("a"), NOW, NULL, &t->err));
	assert_rule(renew(t, 4, 2, NULL, &t->err), SG_E_DENIED, "renewal.revoked");
	assert_rule(renew(t, 4, 77, NULL, &t->err), SG_E_DENIED, "renewal.foreign");
	/* Other bytes under that serial number. */
	struct sg_cadb_new_cert in = a_renewal(4, 3);
	struct sg_cadb_cert row = {0};
	bool fresh = false;
	in.renews_hash[31] ^= 1;
	assert_rule(
	    sg_cadb_cert_add(t->store, &in, &fresh, &row, &t->err), SG_E_DENIED, "renewal.foreign");
}

static void
use__states_and_times__counted_exactly(void **state)
{
	struct bed *t = *state;
	issue_one(t, 1); /* recorded at NOW, ends at NOW + DAY */
	for (unsigned n = 2; n <= 6; n++)
		assert_ok(renew(t, n, 1, NULL, &t->err));
	assert_ok(sg_cadb_revoke(t->store, serial_of(2), 1, false, text("a"), NOW, NULL, &t->err));
	assert_ok(sg_cadb_revoke(
	    t->store, serial_of(3), SG_CADB_REASON_HOLD, false, text("a"), NOW, NULL, &t->err));
	assert_ok(sg_cadb_revoke(t->store, serial_of(4), 5, true, text("a"), NOW, NULL, &t->err));
	struct sg_renewal_use use = use_at(t, 1, NOW);
	assert_int_equal(use.live, 4);	   /* without the revoked and the withdrawn, not without
					    * the held */
	assert_int_equal(use.renewals, 5); /* whatever became of them */
	assert_int_equal(use.live_ends, NOW + DAY);
	assert_int_equal(use.renewals_from, NOW);
	assert_int_equal(use_at(t, 1, NOW + DAY - 1).renewals, 5);
	assert_int_equal(use_at(t, 1, NOW + DAY).renewals, 0);
	assert_int_equal(use_at(t, 1, NOW + DAY).live, 4); /* the last second counts */
	use = use_at(t, 1, NOW + DAY + 1);
	assert_int_equal(use.live, 0);
	assert_int_equal(use.live_ends, 0);
	assert_int_equal(use.renewals_from, 0);
	/* The clock went back: by less than a day frees nothing, by more locks nobody out. */
	assert_int_equal(use_at(t, 1, NOW - DAY + 1).renewals, 5);
	assert_int_equal(use_at(t, 1, NOW - DAY).renewals, 0);
	assert_int_equal(use_at(t, 1, NOW - 400 * (int64_t)DAY).renewals, 0);
}

static void
issue__repeat_at_the_cap__the_certificate_again(void **state)
{
	struct bed *t = *state;
	uint64_t max = 2;
	issue_one(t, 1);
	assert_ok(renew(t, 2, 1, &max, &t->err));
	assert_rule(renew(t, 3, 1, &max, &t->err), SG_E_DENIED, "renewal.successors");
	/* The same request id: its certificate, even when what it renews is revoked by now. */
	assert_ok(renew(t, 2, 1, &max, &t->err));
	assert_ok(sg_cadb_revoke(t->store, serial_of(1), 1, false, text("a"), NOW, NULL, &t->err));
	assert_ok(renew(t, 2, 1, &max, &t->err));
	/* Another request id with the same PKCS#10 and signer: said as what it is. */
	struct sg_cadb_new_cert in = a_renewal(4, 1);
	struct sg_cadb_cert row = {0};
	bool fresh = false;
	in.limits.successors = max;
	hash_of(in.csr_hash, 'q', 2);
	assert_rule(sg_cadb_cert_add(t->store, &in, &fresh, &row, &t->err), SG_E_DENIED,
	    "renewal.repeated");
}

#define THREADS 8u
#define EACH 16u

struct racer {
	struct bed *t;
	unsigned from;
	uint64_t max;
	unsigned issued, capped, revoked;
	pthread_t thread;
};

static void *
race(void *arg)
{
	struct racer *r = arg;
	for (unsigned i = 0; i < EACH; i++) {
		struct sg_err err = {0};
		if (renew(r->t, r->from + i, 1, &r->max, &err) == SG_OK)
			r->issued++;
		else if (strcmp(err.rule, "renewal.successors") == 0)
			r->capped++;
		else if (strcmp(err.rule, "renewal.revoked") == 0)
			r->revoked++;
	}
	return NULL;
}

static void
start_race(struct bed *t, struct racer *racers, uint64_t max)
{
	for (unsigned n = 0; n < THREADS; n++) {
		racers[n] = (struct racer){.t = t, .from = 100 + n * EACH, .max = max};
		assert_int_equal(pthread_create(&racers[n].thread, NULL, race, &racers[n]), 0);
	}
}

static struct racer
end_race(struct racer *racers)
{
	struct racer sum = {0};
	for (unsigned n = 0; n < THREADS; n++) {
		assert_int_equal(pthread_join(racers[n].thread, NULL), 0);
		sum.issued += racers[n].issued;
		sum.capped += racers[n].capped;
		sum.revoked += racers[n].revoked;
	}
	assert_int_equal(sum.issued + sum.capped + sum.revoked, THREADS * EACH);
	return sum;
}

static void
issue__renewals_at_once__never_more_than_the_cap(void **state)
{
	struct bed *t = *state;
	struct racer racers[THREADS];
	issue_one(t, 1);
	start_race(t, racers, 8);
	assert_int_equal(end_race(racers).issued, 7);
	assert_int_equal(use_at(t, 1, NOW).live, 8);
}

static void
remember(void *arg, const struct sg_cadb_lineage_member *member)
{
	unsigned *n = arg;
	assert_int_equal(member->serial.len, 16);
	assert_int_equal(member->serial.p[0], 0x5a);
	assert_int_equal(member->issuer, 1);
	*n += member->changed ? 1 : 0;
}

static void
revoke_lineage__renewals_at_once__none_is_left(void **state)
{
	struct bed *t = *state;
	struct racer racers[THREADS];
	struct sg_cadb_lineage_revoked done = {0};
	unsigned told = 0;
	issue_one(t, 1);
	start_race(t, racers, 1000);
	assert_ok(sg_cadb_lineage_revoke(
	    t->store, serial_of(1), 1, text("admin"), NOW, remember, &told, &done, &t->err));
	struct racer sum = end_race(racers);
	assert_int_equal(use_at(t, 1, NOW).live, 0);
	assert_int_equal(done.changed, sum.issued + 1);
	assert_int_equal(done.size, sum.issued + 1);
	assert_int_equal(told, done.changed);
	assert_int_equal(sum.capped, 0);
}

struct acts {
	unsigned revoke, hold;
};

static bool
count_act(void *arg, const struct sg_cadb_audit_row *row)
{
	struct acts *a = arg;
	a->revoke += sg_slice_is(row->act, "revoke") ? 1 : 0;
	a->hold += sg_slice_is(row->act, "hold") ? 1 : 0;
	return true;
}

static void
revoke_lineage__mixed_states__what_is_not_revoked(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_lineage_revoked done = {0};
	struct acts acts = {0};
	unsigned told = 0;
	issue_one(t, 1);
	issue_one(t, 9); /* another lineage */
	for (unsigned n = 2; n <= 5; n++)
		assert_ok(renew(t, n, n - 1, NULL, &t->err));
	assert_ok(sg_cadb_revoke(t->store, serial_of(2), 4, false, text("a"), NOW, NULL, &t->err));
	assert_ok(sg_cadb_revoke(
	    t->store, serial_of(3), SG_CADB_REASON_HOLD, false, text("a"), NOW, NULL, &t->err));
	assert_ok(sg_cadb_revoke(t->store, serial_of(4), 5, true, text("a"), NOW, NULL, &t->err));
	/* Hold: those that are good; by a revoked one's serial number too. */
	assert_ok(sg_cadb_lineage_revoke(t->store, serial_of(2), SG_CADB_REASON_HOLD, text("admin"),
	    NOW, remember, &told, &done, &t->err));
	assert_int_equal(done.changed, 2);
	assert_int_equal(done.size, 5);
	assert_int_equal(told, 2);
	assert_int_equal(state_of(t, 1), SG_CADB_CERT_HOLD);
	assert_int_equal(state_of(t, 5), SG_CADB_CERT_HOLD);
	/* For good: the held ones too; what was revoked keeps its reason. All have ended. */
	told = 0;
	assert_ok(sg_cadb_lineage_revoke(t->store, serial_of(5), 1, text("admin"), NOW + 2 * DAY,
	    remember, &told, &done, &t->err));
	assert_int_equal(done.changed, 3);
	assert_int_equal(done.ended, 3);
	assert_int_equal(told, 3);
	struct sg_cadb_cert row = {0};
	assert_ok(sg_cadb_cert_by_serial(t->store, serial_of(2), &row, &t->err));
	assert_int_equal(row.reason, 4);
	sg_cadb_cert_clear(&row);
	assert_int_equal(state_of(t, 4), SG_CADB_CERT_WITHDRAWN);
	assert_int_equal(state_of(t, 9), SG_CADB_CERT_GOOD);
	/* Again: nothing, and that is no mistake. */
	assert_ok(sg_cadb_lineage_revoke(
	    t->store, serial_of(1), 1, text("admin"), NOW, remember, &told, &done, &t->err));
	assert_int_equal(done.changed, 0);
	assert_int_equal(told, 3);
	assert_rule(sg_cadb_lineage_revoke(t->store, serial_of(77), 1, text("a"), NOW, remember,
			&told, &done, &t->err),
	    SG_E_NOTFOUND, "serial.unknown");
	assert_rule(sg_cadb_lineage_revoke(
			t->store, serial_of(1), 7, text("a"), NOW, remember, &told, &done, &t->err),
	    SG_E_INTERNAL, "store.argument");
	struct sg_cadb_audit_filter all = {.limit = 1000};
	assert_ok(sg_cadb_audit_list(t->store, &all, count_act, &acts, &t->err));
	assert_int_equal(acts.revoke, 5);
	assert_int_equal(acts.hold, 3);
}

/* Chains and fans of version 2, with what no sound database has: a circle, a certificate that
 * renews itself, an older one that renews a newer, a predecessor that is missing or that failed. */
static void
migration__version_2__every_certificate_in_its_lineage(void **state)
{
	static const struct {
		unsigned n, renews, first;
	} rows[] = {{1, 0, 1}, {2, 0, 2}, {3, 1, 1}, {4, 3, 1}, {5, 4, 1}, {6, 2, 2}, {7, 1, 1},
	    {8, 8, 8}, {9, 10, 9}, {10, 9, 9}, {11, 10, 9}, {12, 99, 12}, {13, 12, 12}};
	struct bed *t = *state;
	char sql[160];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		issue_one(t, rows[i].n);
	struct sg_cadb_cert row = {0};
	assert_ok(sg_cadb_cert_cancel(
	    t->store, a_new_cert(50).request_id, text("given up"), NOW, &row, &t->err));
	sg_cadb_cert_clear(&row);
	sg_db_free(&t->store);
	bed_old(t->path, 2);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].renews == 0)
			continue;
		/* Serial numbers end with the number of the certificate, which is its id here. */
		snprintf(sql, sizeof(sql),
		    "UPDATE cert SET renews = x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a%04x', "
		    "renews_hash = x'%04x' WHERE id = %u",
		    rows[i].renews, rows[i].n, rows[i].n);
		bed_sql(t->path, sql);
	}
	bed_open(t, &sg_store_schema_ca);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(lineage_of(t, rows[i].n), rows[i].first);
	/* And it goes on from there. */
	assert_ok(renew(t, 20, 5, NULL, &t->err));
	assert_int_equal(lineage_of(t, 20), 1);
	assert_int_equal(use_at(t, 20, NOW).live, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_ca(join__chain_and_fan__one_lineage),
	    case_ca(list__lineage__only_its_own),
	    case_ca(join__predecessor_not_good__refused),
	    case_ca(use__states_and_times__counted_exactly),
	    case_ca(issue__repeat_at_the_cap__the_certificate_again),
	    case_ca(issue__renewals_at_once__never_more_than_the_cap),
	    case_ca(revoke_lineage__renewals_at_once__none_is_left),
	    case_ca(revoke_lineage__mixed_states__what_is_not_revoked),
	    case_ca(migration__version_2__every_certificate_in_its_lineage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
