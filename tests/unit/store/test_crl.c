/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"

static uint64_t
take(struct bed *t, int issuer, unsigned shard)
{
	uint64_t number = 0;
	assert_ok(sg_ca_crl_number(t->store, issuer, shard, NOW, &number, &t->err));
	return number;
}

static struct sg_crl_row
a_crl(uint64_t number, const char *der)
{
	struct sg_crl_row crl = {
	    .issuer = 1,
	    .number = number,
	    .this_update = NOW,
	    .next_update = NOW + 3600,
	    .entries = 2,
	    .der = text(der),
	};
	return crl;
}

static void
crl_number__taken__only_grows(void **state)
{
	struct bed *t = *state;
	assert_int_equal(take(t, 1, 0), 1);
	assert_int_equal(take(t, 1, 0), 2);
	assert_int_equal(take(t, 2, 0), 1);
	assert_int_equal(take(t, 1, 7), 1);
	sg_store_free(&t->store);
	bed_open(t, SG_STORE_CA);
	assert_int_equal(take(t, 1, 0), 3); /* used up even when nothing was signed */
	struct sg_ca_head head = {0};
	assert_ok(sg_ca_head(t->store, &head, &t->err));
	assert_int_equal(head.crl_number, 3);
}

static void
crl_publish__newest__kept_whole(void **state)
{
	struct bed *t = *state;
	struct sg_crl_row have = {0};
	assert_rule(sg_ca_crl_latest(t->store, 1, 0, &have, &t->err), SG_E_NOTFOUND, "crl.none");
	struct sg_crl_row crl = a_crl(take(t, 1, 0), "first");
	assert_ok(sg_ca_crl_publish(t->store, &crl, text("ca"), NOW, &t->err));
	crl = a_crl(take(t, 1, 0), "second");
	assert_ok(sg_ca_crl_publish(t->store, &crl, text("ca"), NOW, &t->err));
	take(t, 1, 0);
	assert_ok(sg_ca_crl_latest(t->store, 1, 0, &have, &t->err));
	assert_int_equal(have.number, 2);
	assert_int_equal(have.this_update, NOW);
	assert_int_equal(have.next_update, NOW + 3600);
	assert_int_equal(have.entries, 2);
	assert_true(sg_slice_is(have.der, "second"));
	sg_crl_row_clear(&have);
	assert_rule(sg_ca_crl_latest(t->store, 2, 0, &have, &t->err), SG_E_NOTFOUND, "crl.none");
}

static void
crl_publish__wrong_number__conflict(void **state)
{
	struct bed *t = *state;
	struct sg_crl_row crl = a_crl(1, "x");
	assert_rule(sg_ca_crl_publish(t->store, &crl, text("ca"), NOW, &t->err), SG_E_CONFLICT,
	    "crl.number"); /* never handed out */
	take(t, 1, 0);
	assert_ok(sg_ca_crl_publish(t->store, &crl, text("ca"), NOW, &t->err));
	assert_rule(sg_ca_crl_publish(t->store, &crl, text("ca"), NOW, &t->err), SG_E_CONFLICT,
	    "crl.number"); /* used */
	take(t, 1, 0);
	take(t, 1, 0);
	crl.number = 2;
	assert_rule(sg_ca_crl_publish(t->store, &crl, text("ca"), NOW, &t->err), SG_E_CONFLICT,
	    "crl.number"); /* a newer one exists */
	crl.der = text("");
	assert_rule(sg_ca_crl_publish(t->store, &crl, text("ca"), NOW, &t->err), SG_E_INTERNAL,
	    "store.argument");
}

static void
crl_publish__many__old_numbers_go(void **state)
{
	struct bed *t = *state;
	sg_store_free(&t->store);
	bed_sql(t->path, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
			 "WHERE i < 2000) INSERT INTO crl (issuer, shard, number, taken_at, "
			 "this_update, next_update, entries) SELECT 1, 0, i, 1, 1, 1, 0 FROM n");
	bed_open(t, SG_STORE_CA);
	struct sg_crl_row crl = a_crl(take(t, 1, 0), "x");
	assert_int_equal(crl.number, 2001);
	assert_ok(sg_ca_crl_publish(t->store, &crl, text("ca"), NOW, &t->err));
	assert_int_equal(take(t, 1, 0), 2002);
}

struct seen {
	unsigned n, max;
	uint8_t last[16];
	int reasons[8];
};

static bool
see(void *arg, const struct sg_ca_crl_item *item)
{
	struct seen *s = arg;
	assert_int_equal(item->serial.len, 16);
	assert_true(s->n == 0 || memcmp(s->last, item->serial.p, 16) < 0);
	assert_int_equal(item->revoked_at, NOW + 50);
	memcpy(s->last, item->serial.p, 16);
	s->reasons[s->n++] = item->reason;
	return s->max == 0 || s->n < s->max;
}

static void
crl_entries__revoked_unexpired__by_serial(void **state)
{
	struct bed *t = *state;
	static const struct {
		unsigned n;
		int reason;
		bool withdrawn;
	} acts[] = {{5, 1, false}, {2, 4, false}, {3, SG_CA_REASON_HOLD, false}, {4, 5, true},
	    {6, SG_CA_REASON_HOLD, false}};
	for (unsigned i = 1; i <= 6; i++)
		issue_one(t, i);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		assert_ok(sg_ca_revoke(t->store, serial_of(acts[i].n), acts[i].reason,
		    acts[i].withdrawn, text("admin"), NOW + 50, NULL, &t->err));
	assert_ok(sg_ca_release(t->store, serial_of(6), text("admin"), NOW, &t->err));
	struct seen s = {0};
	assert_ok(sg_ca_crl_entries(t->store, 1, 0, NOW + 86400, see, &s, &t->err));
	assert_int_equal(s.n, 4);
	assert_int_equal(s.reasons[0], 4);
	assert_int_equal(s.reasons[1], SG_CA_REASON_HOLD);
	assert_int_equal(s.reasons[2], 5);
	assert_int_equal(s.reasons[3], 1);
	s = (struct seen){0};
	assert_ok(sg_ca_crl_entries(t->store, 1, 0, NOW + 86401, see, &s, &t->err));
	assert_int_equal(s.n, 0); /* all expired */
	assert_ok(sg_ca_crl_entries(t->store, 2, 0, NOW, see, &s, &t->err));
	assert_ok(sg_ca_crl_entries(t->store, 1, 1, NOW, see, &s, &t->err));
	assert_int_equal(s.n, 0);
	s.max = 2;
	assert_ok(sg_ca_crl_entries(t->store, 1, 0, NOW, see, &s, &t->err));
	assert_int_equal(s.n, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_ca(crl_number__taken__only_grows),
	    case_ca(crl_publish__newest__kept_whole),
	    case_ca(crl_publish__wrong_number__conflict),
	    case_ca(crl_publish__many__old_numbers_go),
	    case_ca(crl_entries__revoked_unexpired__by_serial),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
