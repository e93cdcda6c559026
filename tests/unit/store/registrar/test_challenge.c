/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "store/registrar/challenge.h"
#include "store/registrar/tx.h"

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

static void
challenge_binding__known_and_unknown__as_documented(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = a_challenge(1), other = a_challenge(2);
	sg_buf_scoped bound = {0};
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	sg_buf_puts(&bound, "what was there");
	assert_ok(sg_regdb_challenge_binding(t->store, c.hash, &bound, &t->err));
	assert_string_equal(sg_buf_text(&bound), "CN=dev1");
	assert_rule(sg_regdb_challenge_binding(t->store, other.hash, &bound, &t->err),
	    SG_E_NOTFOUND, "challenge.unknown");
	sg_buf_scoped small = {.max = 3};
	assert_rule(sg_regdb_challenge_binding(t->store, c.hash, &small, &t->err), SG_E_LIMIT,
	    "limit.buffer");
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
	    case_registrar(challenge_binding__known_and_unknown__as_documented),
	    case_registrar(challenge_add__twice__conflict),
	    case_registrar(challenge_purge__expired__forgotten),
	    case_registrar(challenge_list__callback_stops__stops),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
