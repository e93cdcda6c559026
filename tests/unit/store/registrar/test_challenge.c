/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"

static void
challenge_add__found__same(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = a_challenge(1);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	const struct seen_challenge *seen = find_challenge(t, c.hash);
	assert_true(seen->found);
	struct sg_regdb_challenge have = seen->row;
	assert_memory_equal(have.hash, c.hash, 32);
	assert_int_equal(have.state, SG_CHALLENGE_FREE);
	assert_int_equal(have.tx, 0);
	assert_int_equal(have.failures, 0);
	assert_int_equal(have.created_at, NOW);
	assert_int_equal(have.expires_at, NOW + 3600);
	assert_true(sg_slice_is(have.endpoint, "default"));
	assert_true(sg_slice_is(have.subject, "CN=dev1"));
	assert_true(sg_slice_is(have.sans, "dns:dev1.example"));
	assert_true(sg_slice_is(have.created_by, "root"));
	assert_true(sg_slice_is(have.note, "for the tests"));
}

static void
challenge_add__empty_fields__empty(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = {.created_at = 1, .expires_at = 2};
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	const struct seen_challenge *seen = find_challenge(t, c.hash);
	assert_true(seen->found);
	struct sg_regdb_challenge have = seen->row;
	assert_int_equal(have.endpoint.len, 0);
	assert_int_equal(have.subject.len, 0);
	assert_int_equal(have.note.len, 0);
}

static void
challenge_add__binary_subject__same(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = a_challenge(1);
	c.subject = sg_slice("\x30\x00\xff'; DROP TABLE tx; --", 24);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	const struct seen_challenge *seen = find_challenge(t, c.hash);
	assert_true(seen->found);
	struct sg_regdb_challenge have = seen->row;
	assert_true(sg_slice_eq(have.subject, c.subject));
}

struct lent {
	unsigned n;
	struct sg_regdb_challenge row;
	enum sg_code says;
};

static enum sg_code
lend(void *arg, const struct sg_regdb_challenge *row, struct sg_err *err)
{
	struct lent *l = arg;
	l->n++;
	l->row = *row;
	return l->says == SG_OK ? SG_OK : sg_fail(err, l->says, "test", "as the test wants it");
}

static void
challenge_read__known_unknown_and_refused__as_documented(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = a_challenge(1), other = a_challenge(2);
	struct lent l = {.says = SG_OK};
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	assert_ok(sg_regdb_challenge_read(t->store, c.hash, lend, &l, &t->err));
	assert_int_equal(l.n, 1);
	assert_int_equal(l.row.expires_at, NOW + 3600);
	l.says = SG_E_NOMEM;
	assert_rule(
	    sg_regdb_challenge_read(t->store, c.hash, lend, &l, &t->err), SG_E_NOMEM, "test");
	assert_rule(sg_regdb_challenge_read(t->store, other.hash, lend, &l, &t->err), SG_E_NOTFOUND,
	    "challenge.unknown");
	assert_int_equal(l.n, 2);
}

static void
challenge_add__twice__conflict(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = a_challenge(1);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	assert_rule(
	    sg_regdb_challenge_add(t->store, &c, &t->err), SG_E_CONFLICT, "challenge.exists");
}

static bool
count_challenge(void *arg, const struct sg_regdb_challenge *row)
{
	unsigned *n = arg;
	assert_true(row->expires_at > 0);
	return ++*n < 3;
}

static void
challenge_purge__expired__forgotten(void **state)
{
	struct bed *t = *state;
	uint64_t purged = 0;
	for (unsigned i = 0; i < 6; i++) {
		struct sg_regdb_challenge c = a_challenge(i);
		c.expires_at = NOW + i;
		assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	}
	/* Number 0 is reserved and stays. */
	struct sg_regdb_reserve r = a_reserve(1, 0, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx tx = {0};
	bool started = false;
	r.now = NOW - 1;
	assert_ok(sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err));
	assert_ok(sg_regdb_challenge_purge(t->store, NOW + 4, 2, &purged, &t->err));
	assert_int_equal(purged, 2);
	assert_ok(sg_regdb_challenge_purge(t->store, NOW + 4, 100, &purged, &t->err));
	assert_int_equal(purged, 1);
	assert_ok(sg_regdb_challenge_purge(t->store, NOW + 4, 100, &purged, &t->err));
	assert_int_equal(purged, 0);
	unsigned n = 0;
	assert_ok(sg_regdb_challenge_list(t->store, 100, count_challenge, &n, &t->err));
	assert_int_equal(n, 3);
	assert_int_equal(challenge_state(t, 0, NULL), SG_CHALLENGE_RESERVED);
}

static void
challenge_list__callback_stops__stops(void **state)
{
	struct bed *t = *state;
	for (unsigned i = 0; i < 6; i++) {
		struct sg_regdb_challenge c = a_challenge(i);
		assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	}
	unsigned n = 0;
	assert_ok(sg_regdb_challenge_list(t->store, 100, count_challenge, &n, &t->err));
	assert_int_equal(n, 3);
	n = 0;
	assert_ok(sg_regdb_challenge_list(t->store, 2, count_challenge, &n, &t->err));
	assert_int_equal(n, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(challenge_add__found__same),
	    case_registrar(challenge_add__empty_fields__empty),
	    case_registrar(challenge_add__binary_subject__same),
	    case_registrar(challenge_read__known_unknown_and_refused__as_documented),
	    case_registrar(challenge_add__twice__conflict),
	    case_registrar(challenge_purge__expired__forgotten),
	    case_registrar(challenge_list__callback_stops__stops),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
