/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "base/buf.h"
#include "db/backup.h"
#include "db/db.h"
#include "store/registrar/challenge.h"
#include "store/registrar/tx.h"

static void
add_challenge(struct bed *t, unsigned n)
{
	struct sg_regdb_challenge c = a_challenge(n);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
}

/* Reserve and expect an attempt of this number to begin. */
static struct sg_regdb_tx
begin(struct bed *t, const struct sg_regdb_reserve *r, uint32_t attempt)
{
	struct sg_regdb_tx tx = {0};
	bool started = false;
	assert_ok(sg_regdb_tx_reserve(t->store, r, &started, &tx, &t->err));
	assert_true(started);
	assert_int_equal(tx.state, SG_TRANSACTION_RUNNING);
	assert_int_equal(tx.attempt, attempt);
	assert_null(tx.mem);
	return tx;
}

/* Reserve and expect the transaction as it stands. */
static void
expect_known(
    struct bed *t, const struct sg_regdb_reserve *r, int64_t id, enum sg_transaction_state want)
{
	struct sg_regdb_tx tx = {0};
	bool started = true;
	assert_ok(sg_regdb_tx_reserve(t->store, r, &started, &tx, &t->err));
	assert_false(started);
	assert_int_equal(tx.id, id);
	assert_int_equal(tx.state, want);
	assert_memory_equal(tx.key, r->key, 32);
	sg_regdb_tx_clear(&tx);
}

static void
reserve__one_time__everything_recorded(void **state)
{
	struct bed *t = *state;
	add_challenge(t, 1);
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx tx = begin(t, &r, 1), have = {0};
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_RESERVED);
	assert_ok(sg_regdb_tx_by_key(t->store, r.key, &have, &t->err));
	assert_int_equal(have.id, tx.id);
	assert_memory_equal(have.request_id, tx.request_id, SG_STORE_REQUEST_ID_LEN);
	assert_int_equal(have.state, SG_TRANSACTION_RUNNING);
	assert_int_equal(have.kind, SG_TRANSACTION_ENROL);
	assert_int_equal(have.policy, SG_POLICY_ONE_TIME);
	assert_memory_equal(have.csr_hash, r.csr_hash, 32);
	assert_memory_equal(have.auth_hash, r.auth_hash, 32);
	assert_memory_equal(have.signer_hash, r.signer_hash, 32);
	assert_memory_equal(have.trace, r.trace, 16);
	assert_int_equal(have.started_at, NOW + 10);
	assert_int_equal(have.finished_at, 0);
	assert_true(sg_slice_eq(have.endpoint, r.endpoint));
	assert_true(sg_slice_eq(have.txid, r.txid));
	assert_true(sg_slice_eq(have.subject, r.subject));
	assert_true(sg_slice_eq(have.peer, r.peer));
	assert_int_equal(have.serial.len, 0);
	sg_regdb_tx_clear(&have);

	struct sg_regdb_tx_issued done = an_issued(&tx, 7);
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_USED);
	assert_ok(sg_regdb_tx_by_key(t->store, r.key, &have, &t->err));
	assert_int_equal(have.state, SG_TRANSACTION_ISSUED);
	assert_int_equal(have.finished_at, NOW + 12);
	assert_int_equal(have.not_after, NOW + 86400);
	assert_true(sg_slice_eq(have.serial, done.serial));
	assert_memory_equal(have.cert_hash, done.cert_hash, 32);
	assert_true(sg_slice_is(have.steps, "unwrap 700us; policy ok"));
	sg_regdb_tx_clear(&have);
}

static void
reserve__same_key__running_then_issued(void **state)
{
	struct bed *t = *state;
	add_challenge(t, 1);
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx tx = begin(t, &r, 1);
	/* Another transactionID and signer are recorded, not keyed. */
	struct sg_regdb_reserve again = r;
	again.txid = text("TXID-2");
	hash_of(again.signer_hash, 's', 99);
	expect_known(t, &again, tx.id, SG_TRANSACTION_RUNNING);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	expect_known(t, &again, tx.id, SG_TRANSACTION_ISSUED);
	/* For ever, also after the challenge has expired. */
	again.now = NOW + 1000000;
	expect_known(t, &again, tx.id, SG_TRANSACTION_ISSUED);
}

static void
reserve__failed__next_attempt(void **state)
{
	struct bed *t = *state;
	add_challenge(t, 1);
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx first = begin(t, &r, 1);
	struct sg_regdb_tx_failed f = a_failed(&first, SG_REGDB_TX_BLAME_US);
	assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
	struct sg_regdb_tx have = {0};
	assert_ok(sg_regdb_tx_by_key(t->store, r.key, &have, &t->err));
	assert_int_equal(have.state, SG_TRANSACTION_FAILED);
	assert_int_equal(have.code, SG_E_DENIED);
	assert_true(sg_slice_is(have.rule, "subject.mismatch"));
	assert_true(sg_slice_is(have.text, "want CN=a, have CN=b"));
	sg_regdb_tx_clear(&have);

	r.txid = text("TXID-2");
	r.trace[15] = 0x78;
	struct sg_regdb_tx second = begin(t, &r, 2);
	assert_int_equal(second.id, first.id);
	assert_memory_not_equal(second.request_id, first.request_id, SG_STORE_REQUEST_ID_LEN);
	assert_ok(sg_regdb_tx_by_key(t->store, r.key, &have, &t->err));
	assert_int_equal(have.state, SG_TRANSACTION_RUNNING);
	assert_int_equal(have.attempt, 2);
	assert_int_equal(have.code, 0);
	assert_int_equal(have.rule.len, 0);
	assert_int_equal(have.finished_at, 0);
	assert_true(sg_slice_is(have.txid, "TXID-2"));
	assert_int_equal(have.trace[15], 0x78);
	sg_regdb_tx_clear(&have);
}

static void
reserve__static_issued__window_counts(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_STATIC);
	struct sg_regdb_tx tx = begin(t, &r, 1);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	r.now = done.finished_at + sg_policy_static.answers_s - 1;
	expect_known(t, &r, tx.id, SG_TRANSACTION_ISSUED);
	r.now = done.finished_at - 100; /* a clock that was set back */
	expect_known(t, &r, tx.id, SG_TRANSACTION_ISSUED);
	r.now = done.finished_at + sg_policy_static.answers_s;
	struct sg_regdb_tx later = begin(t, &r, 1);
	assert_int_not_equal(later.id, tx.id);
	expect_known(t, &r, later.id, SG_TRANSACTION_RUNNING);
	struct sg_regdb_tx_issued done2 = an_issued(&later, 2);
	done2.finished_at = r.now + 1;
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done2, &t->err));
	expect_known(t, &r, later.id, SG_TRANSACTION_ISSUED);
}

/* The next attempt may be authorized by something else: what the outcome does is done to that. */
static void
reserve__failed__next_attempt_by_another_challenge(void **state)
{
	struct bed *t = *state;
	add_challenge(t, 1);
	add_challenge(t, 2);
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx tx = begin(t, &r, 1);
	struct sg_regdb_tx_failed f = a_failed(&tx, SG_REGDB_TX_BLAME_US);
	assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
	hash_of(r.auth_hash, 'c', 2);
	tx = begin(t, &r, 2);
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_FREE);
	assert_int_equal(challenge_state(t, 2, NULL), SG_CHALLENGE_RESERVED);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	done.signer_serial = text("\x5a\x01");
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	assert_int_equal(challenge_state(t, 2, NULL), SG_CHALLENGE_USED);
	struct sg_regdb_tx have = {0};
	assert_ok(sg_regdb_tx_by_key(t->store, r.key, &have, &t->err));
	assert_true(sg_slice_is(have.signer_serial, "\x5a\x01"));
	sg_regdb_tx_clear(&have);
}

static void
reserve__renewal_issued__for_ever(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_RENEWAL);
	r.kind = SG_TRANSACTION_RENEW;
	struct sg_regdb_tx tx = begin(t, &r, 1);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	r.now = NOW + 10 * 365 * 86400;
	expect_known(t, &r, tx.id, SG_TRANSACTION_ISSUED);
}

static void
reserve__pending_or_denied__as_it_stands(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_STATIC),
				r2 = a_reserve(2, 1, SG_POLICY_STATIC);
	struct sg_regdb_tx tx = begin(t, &r, 1), tx2 = begin(t, &r2, 1);
	sg_db_free(&t->store);
	bed_sql(t->path, "UPDATE tx SET state = 2 WHERE id = 1; "
			 "UPDATE tx SET state = 3, finished_at = 5 WHERE id = 2");
	bed_open(t, &sg_store_schema_registrar);
	r.now = r2.now = NOW + 1000000;
	expect_known(t, &r, tx.id, SG_TRANSACTION_PENDING);
	expect_known(t, &r2, tx2.id, SG_TRANSACTION_DENIED);
}

static void
reserve__challenge_refusals__rules(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_tx tx = {.id = 42};
	bool started = true;
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_ONE_TIME);
	assert_rule(sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err), SG_E_DENIED,
	    "challenge.unknown");

	add_challenge(t, 1);
	r.now = NOW + 3600;
	assert_rule(sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err), SG_E_DENIED,
	    "challenge.expired");
	r.now = NOW + 3599;
	r.endpoint = text("other");
	assert_rule(sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err), SG_E_DENIED,
	    "challenge.endpoint");
	r.endpoint = text("default");
	struct sg_regdb_tx own = begin(t, &r, 1);

	struct sg_regdb_reserve other = a_reserve(2, 1, SG_POLICY_ONE_TIME);
	assert_rule(sg_regdb_tx_reserve(t->store, &other, &started, &tx, &t->err), SG_E_DENIED,
	    "challenge.reserved");
	struct sg_regdb_tx_issued done = an_issued(&own, 1);
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	assert_rule(sg_regdb_tx_reserve(t->store, &other, &started, &tx, &t->err), SG_E_DENIED,
	    "challenge.used");

	add_challenge(t, 2);
	struct sg_regdb_reserve burn = a_reserve(3, 2, SG_POLICY_ONE_TIME);
	for (unsigned i = 0; i < 5; i++) {
		struct sg_regdb_tx once = begin(t, &burn, i + 1);
		struct sg_regdb_tx_failed f = a_failed(&once, SG_REGDB_TX_BLAME_REQUEST);
		assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
	}
	assert_rule(sg_regdb_tx_reserve(t->store, &burn, &started, &tx, &t->err), SG_E_DENIED,
	    "challenge.burned");
	/* Nothing was begun, nothing was touched. */
	struct sg_regdb_tx have = {0};
	assert_rule(
	    sg_regdb_tx_by_key(t->store, other.key, &have, &t->err), SG_E_NOTFOUND, "tx.unknown");
	assert_true(started);
	assert_int_equal(tx.id, 42);
}

static void
reserve__challenge_of_any_endpoint__ok(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_challenge c = a_challenge(1);
	c.endpoint = text("");
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_ONE_TIME);
	r.endpoint = text("whatever");
	begin(t, &r, 1);
}

static void
reserve__incomplete__argument(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_tx tx = {0};
	bool started = false;
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_STATIC);
	r.endpoint = text("");
	assert_rule(sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err), SG_E_INTERNAL,
	    "store.argument");
	r = a_reserve(1, 1, 0);
	assert_rule(sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err), SG_E_INTERNAL,
	    "store.argument");
}

static void
finish_failed__five_requests_to_blame__burned(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_tx none = {0};
	bool started = false;
	add_challenge(t, 1);
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_ONE_TIME);
	for (uint32_t i = 1; i <= 7; i++) {
		struct sg_regdb_tx tx = begin(t, &r, i);
		/* Ours count nothing. */
		enum sg_regdb_tx_blame blame = i == 2 || i == 4 ? SG_REGDB_TX_BLAME_US
								: SG_REGDB_TX_BLAME_REQUEST;
		struct sg_regdb_tx_failed f = a_failed(&tx, blame);
		assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
		assert_int_equal(
		    challenge_state(t, 1, NULL), i < 7 ? SG_CHALLENGE_FREE : SG_CHALLENGE_BURNED);
	}
	assert_rule(sg_regdb_tx_reserve(t->store, &r, &started, &none, &t->err), SG_E_DENIED,
	    "challenge.burned");
}

struct seen_tx {
	unsigned n, issued;
	int64_t newest, oldest;
};

static bool
count_tx(void *arg, const struct sg_regdb_tx *tx)
{
	struct seen_tx *s = arg;
	s->n++;
	s->issued += tx->state == SG_TRANSACTION_ISSUED;
	s->newest = s->newest == 0 ? tx->id : s->newest;
	s->oldest = tx->id;
	return true;
}

/* Whoever has a static challenge makes as many as they like fail: older ones go, issued ones stay,
 * ids go on, and a key that is forgotten begins anew. */
static void
finish_failed__beyond_keep__older_ones_go(void **state)
{
	struct bed *t = *state;
	struct seen_tx seen = {0};
	struct sg_regdb_tx_filter filter = {.limit = 1000};
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_STATIC);
	struct sg_regdb_tx issued = begin(t, &r, 1);
	struct sg_regdb_tx_issued done = an_issued(&issued, 1);
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	for (unsigned n = 2; n <= 50; n++) {
		r = a_reserve(n, 1, SG_POLICY_STATIC);
		struct sg_regdb_tx tx = begin(t, &r, 1);
		assert_int_equal(tx.id, n);
		struct sg_regdb_tx_failed f = a_failed(&tx, SG_REGDB_TX_BLAME_REQUEST);
		f.keep = 5;
		assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
		assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err)); /* repeated: nothing */
	}
	assert_ok(sg_regdb_tx_list(t->store, &filter, count_tx, &seen, &t->err));
	assert_int_equal(seen.n, 6);
	assert_int_equal(seen.issued, 1);
	assert_int_equal(seen.newest, 50);
	assert_int_equal(seen.oldest, 1);
	r = a_reserve(2, 1, SG_POLICY_STATIC);
	struct sg_regdb_tx again = begin(t, &r, 1);
	assert_int_equal(again.id, 51);
	/* One that runs again is no failure while it runs. */
	r = a_reserve(50, 1, SG_POLICY_STATIC);
	struct sg_regdb_tx second = begin(t, &r, 2);
	assert_int_equal(second.id, 50);
	struct sg_regdb_tx_failed f = a_failed(&again, SG_REGDB_TX_BLAME_REQUEST);
	f.keep = 5;
	assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
	seen = (struct seen_tx){0};
	assert_ok(sg_regdb_tx_list(t->store, &filter, count_tx, &seen, &t->err));
	assert_int_equal(seen.n, 1 + 1 + 5);
}

static void
finish_failed__released__another_request_may(void **state)
{
	struct bed *t = *state;
	add_challenge(t, 1);
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx tx = begin(t, &r, 1);
	struct sg_regdb_tx_failed f = a_failed(&tx, SG_REGDB_TX_BLAME_REQUEST);
	assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
	struct sg_regdb_reserve other = a_reserve(2, 1, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx second = begin(t, &other, 1);
	/* Now the first one cannot have it back. */
	bool started = false;
	struct sg_regdb_tx none = {0};
	assert_rule(sg_regdb_tx_reserve(t->store, &r, &started, &none, &t->err), SG_E_DENIED,
	    "challenge.reserved");
	/* A late failure of the first attempt does not free what is the second's. */
	assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_RESERVED);
	struct sg_regdb_tx_issued done = an_issued(&second, 2);
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_USED);
}

static void
finish__repeated__harmless(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_STATIC),
				r2 = a_reserve(2, 1, SG_POLICY_STATIC);
	struct sg_regdb_tx tx = begin(t, &r, 1), tx2 = begin(t, &r2, 1);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	struct sg_regdb_tx_failed f = a_failed(&tx2, SG_REGDB_TX_BLAME_US);
	assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
	assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
}

static void
finish__wrong_state__conflict(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_STATIC);
	struct sg_regdb_tx tx = begin(t, &r, 1);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	struct sg_regdb_tx_failed f = a_failed(&tx, SG_REGDB_TX_BLAME_US);
	done.attempt = 2;
	assert_rule(sg_regdb_tx_finish_issued(t->store, &done, &t->err), SG_E_CONFLICT, "tx.state");
	f.attempt = 2;
	assert_rule(sg_regdb_tx_finish_failed(t->store, &f, &t->err), SG_E_CONFLICT, "tx.state");
	done.attempt = f.attempt = 1;
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	assert_rule(sg_regdb_tx_finish_failed(t->store, &f, &t->err), SG_E_CONFLICT, "tx.state");
	hash_of(done.cert_hash, 'h', 99); /* another certificate */
	assert_rule(sg_regdb_tx_finish_issued(t->store, &done, &t->err), SG_E_CONFLICT, "tx.state");
	done.tx = f.tx = 4711;
	assert_rule(
	    sg_regdb_tx_finish_issued(t->store, &done, &t->err), SG_E_NOTFOUND, "tx.unknown");
	assert_rule(sg_regdb_tx_finish_failed(t->store, &f, &t->err), SG_E_NOTFOUND, "tx.unknown");
	done.serial = text("");
	assert_rule(
	    sg_regdb_tx_finish_issued(t->store, &done, &t->err), SG_E_INTERNAL, "store.argument");
	f.blame = 0;
	assert_rule(
	    sg_regdb_tx_finish_failed(t->store, &f, &t->err), SG_E_INTERNAL, "store.argument");
}

static void
request_id__two_databases__differ(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_reserve r = a_reserve(1, 1, SG_POLICY_STATIC);
	struct sg_regdb_tx a = begin(t, &r, 1);
	sg_db_free(&t->store);
	/* The same database gives the same id after a restart. */
	bed_open(t, &sg_store_schema_registrar);
	struct sg_regdb_tx again = {0};
	assert_ok(sg_regdb_tx_by_key(t->store, r.key, &again, &t->err));
	assert_memory_equal(again.request_id, a.request_id, SG_STORE_REQUEST_ID_LEN);
	sg_regdb_tx_clear(&again);
	sg_db_free(&t->store);
	bed_unlink(t->path);
	bed_open(t, &sg_store_schema_registrar);
	struct sg_regdb_tx b = begin(t, &r, 1);
	assert_int_equal(a.id, b.id);
	assert_memory_not_equal(a.request_id, b.request_id, 16);
	assert_memory_equal(a.request_id + 16, b.request_id + 16, 12);
}

struct seen {
	unsigned n, max;
	int64_t ids[16];
};

static bool
see(void *arg, const struct sg_regdb_tx *tx)
{
	struct seen *s = arg;
	if (s->n < 16)
		s->ids[s->n] = tx->id;
	s->n++;
	return s->max == 0 || s->n < s->max;
}

static void
running__after_restart__oldest_first(void **state)
{
	struct bed *t = *state;
	struct seen seen = {0};
	for (unsigned i = 1; i <= 5; i++) {
		struct sg_regdb_reserve r = a_reserve(i, 1, SG_POLICY_STATIC);
		struct sg_regdb_tx tx = begin(t, &r, 1);
		if (i == 2) {
			struct sg_regdb_tx_issued done = an_issued(&tx, 1);
			assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
		}
		if (i == 4) {
			struct sg_regdb_tx_failed f = a_failed(&tx, SG_REGDB_TX_BLAME_US);
			assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
		}
	}
	sg_db_free(&t->store);
	bed_open(t, &sg_store_schema_registrar);
	assert_ok(sg_regdb_tx_running(t->store, see, &seen, &t->err));
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.ids[0], 1);
	assert_int_equal(seen.ids[1], 3);
	assert_int_equal(seen.ids[2], 5);
}

static void
tx_list__filters__newest_first(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_tx_issued done = {0};
	for (unsigned i = 1; i <= 5; i++) {
		struct sg_regdb_reserve r = a_reserve(i, 1, SG_POLICY_STATIC);
		r.subject = text(i == 3 ? "CN=100%_sure,O=Test" : "CN=Dev,O=Test");
		r.txid = text(i >= 4 ? "AAAA" : "BBBB");
		struct sg_regdb_tx tx = begin(t, &r, 1);
		done = an_issued(&tx, i);
		assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	}
	struct seen s = {0};
	struct sg_regdb_tx_filter f = {0};
	assert_ok(sg_regdb_tx_list(t->store, &f, see, &s, &t->err));
	assert_int_equal(s.n, 5);
	assert_int_equal(s.ids[0], 5);
	assert_int_equal(s.ids[4], 1);

	s = (struct seen){0};
	f = (struct sg_regdb_tx_filter){.limit = 2, .before_id = 5};
	assert_ok(sg_regdb_tx_list(t->store, &f, see, &s, &t->err));
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ids[0], 4);

	s = (struct seen){0};
	f = (struct sg_regdb_tx_filter){.txid = text("AAAA")};
	assert_ok(sg_regdb_tx_list(t->store, &f, see, &s, &t->err));
	assert_int_equal(s.n, 2);

	s = (struct seen){0};
	f = (struct sg_regdb_tx_filter){.serial = done.serial};
	assert_ok(sg_regdb_tx_list(t->store, &f, see, &s, &t->err));
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ids[0], 5);

	s = (struct seen){0};
	f = (struct sg_regdb_tx_filter){.subject = text("cn=100%_S")};
	assert_ok(sg_regdb_tx_list(t->store, &f, see, &s, &t->err));
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ids[0], 3);
	s = (struct seen){0};
	f = (struct sg_regdb_tx_filter){.subject = text("C_=")}; /* no wildcard */
	assert_ok(sg_regdb_tx_list(t->store, &f, see, &s, &t->err));
	assert_int_equal(s.n, 0);

	s = (struct seen){0};
	f = (struct sg_regdb_tx_filter){.trace_prefix = sg_slice("\0\0\0\2", 4)};
	assert_ok(sg_regdb_tx_list(t->store, &f, see, &s, &t->err));
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ids[0], 2);
	s = (struct seen){.max = 2};
	f = (struct sg_regdb_tx_filter){.trace_prefix = sg_slice("\0\0\0", 3)};
	assert_ok(sg_regdb_tx_list(t->store, &f, see, &s, &t->err));
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ids[0], 5);
	f = (struct sg_regdb_tx_filter){.trace_prefix = sg_slice("12345678901234567", 17)};
	assert_rule(
	    sg_regdb_tx_list(t->store, &f, see, &s, &t->err), SG_E_INTERNAL, "store.argument");
}

static enum sg_code
no_begin(void *arg, uint64_t length, struct sg_err *err)
{
	(void)arg;
	(void)length;
	(void)err;
	return SG_OK;
}

static enum sg_code
keep_piece(void *arg, struct sg_slice piece, struct sg_err *err)
{
	sg_buf_put_slice(arg, piece);
	return sg_buf_check(arg, err);
}

/* The database as its backup has it comes back. */
static void
restore(struct bed *t, struct sg_buf *copy)
{
	if (copy->len == 0) {
		const struct sg_db_backup_to to = {copy, no_begin, keep_piece};
		assert_ok(sg_db_backup(t->store, &to, &t->err));
		return;
	}
	sg_db_free(&t->store);
	bed_unlink(t->path);
	FILE *f = fopen(t->path, "wxe");
	assert_non_null(f);
	assert_int_equal(fwrite(copy->p, 1, copy->len, f), copy->len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(t->path, 0600), 0);
	bed_open(t, &sg_store_schema_registrar);
}

/* ca may have seen what is newer than the backup: no attempt has that number again. Those of the
 * backup keep theirs, by which ca knows them, however often it comes back. */
static void
request_id__backup_came_back__never_twice(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_reserve r[4];
	struct sg_regdb_tx old, lost, now, later, have = {0};
	sg_buf_scoped copy = {0}, second = {0};
	for (unsigned n = 0; n < 4; n++) {
		add_challenge(t, n + 1);
		r[n] = a_reserve(n + 1, n + 1, SG_POLICY_ONE_TIME);
	}
	old = begin(t, &r[0], 1);
	restore(t, &copy);
	lost = begin(t, &r[1], 1);
	restore(t, &copy);
	now = begin(t, &r[2], 1);
	assert_int_equal(now.id, lost.id);
	assert_memory_not_equal(now.request_id, lost.request_id, SG_STORE_REQUEST_ID_LEN);
	restore(t, &second);
	for (unsigned n = 0; n < 2; n++) {
		restore(t, &second); /* twice: nothing was reserved in between */
		assert_ok(sg_regdb_tx_by_key(t->store, r[0].key, &have, &t->err));
		assert_memory_equal(have.request_id, old.request_id, SG_STORE_REQUEST_ID_LEN);
		sg_regdb_tx_clear(&have);
		assert_ok(sg_regdb_tx_by_key(t->store, r[2].key, &have, &t->err));
		assert_memory_equal(have.request_id, now.request_id, SG_STORE_REQUEST_ID_LEN);
		sg_regdb_tx_clear(&have);
	}
	later = begin(t, &r[3], 1);
	assert_memory_not_equal(later.request_id, now.request_id, 16);
	assert_memory_not_equal(later.request_id, old.request_id, 16);
	sg_db_free(&t->store);
	bed_open(t, &sg_store_schema_registrar); /* once, not at every start */
	assert_ok(sg_regdb_tx_by_key(t->store, r[3].key, &have, &t->err));
	assert_memory_equal(have.request_id, later.request_id, SG_STORE_REQUEST_ID_LEN);
	sg_regdb_tx_clear(&have);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(reserve__one_time__everything_recorded),
	    case_registrar(reserve__same_key__running_then_issued),
	    case_registrar(reserve__failed__next_attempt),
	    case_registrar(reserve__static_issued__window_counts),
	    case_registrar(reserve__failed__next_attempt_by_another_challenge),
	    case_registrar(reserve__renewal_issued__for_ever),
	    case_registrar(reserve__pending_or_denied__as_it_stands),
	    case_registrar(reserve__challenge_refusals__rules),
	    case_registrar(reserve__challenge_of_any_endpoint__ok),
	    case_registrar(reserve__incomplete__argument),
	    case_registrar(finish_failed__five_requests_to_blame__burned),
	    case_registrar(finish_failed__beyond_keep__older_ones_go),
	    case_registrar(finish_failed__released__another_request_may),
	    case_registrar(finish__repeated__harmless),
	    case_registrar(finish__wrong_state__conflict),
	    case_registrar(request_id__two_databases__differ),
	    case_registrar(request_id__backup_came_back__never_twice),
	    case_registrar(running__after_restart__oldest_first),
	    case_registrar(tx_list__filters__newest_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
