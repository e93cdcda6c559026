/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"

#include "base/clock.h"
#include "policy/request.h"
#include "store/registrar/challenge.h"
#include "store/registrar/tx.h"
#include "x509/name_text.h"

/* The decision that policy takes inside the transaction of sg_regdb_tx_reserve. */

static _Atomic unsigned fsyncs;

/* In place of libc's: what is not written is not synchronised either. */
__attribute__((visibility("default"))) int
fdatasync(int fd)
{
	(void)fd;
	fsyncs++;
	return 0;
}

/* What the policy of these tests answers, and what it was asked; the writer asks it while the test
 * waits. */
static struct verdict {
	enum sg_code code;
	unsigned asked;
	bool saw_row;
	enum sg_challenge_state saw_state;
	char saw_subject[32];
} * verdict;

static enum sg_code
verify(const struct sg_policy_request *req, struct sg_policy_grant *ret, struct sg_err *err)
{
	struct verdict *v = verdict;

	v->asked++;
	v->saw_row = req->offer != NULL;
	if (req->offer != NULL) {
		v->saw_state = req->offer->state;
		memcpy(v->saw_subject, req->offer->binding.p, req->offer->binding.len);
		ret->binding = req->offer->binding;
	}
	return v->code == SG_OK ? SG_OK : sg_fail(err, v->code, "test.judge", "as I was told");
}

/* The state of the challenge, and nothing else. */
static enum sg_code
check_live(const struct sg_policy_request *req, struct sg_err *err)
{
	if (req->offer != NULL && req->offer->state == SG_CHALLENGE_FREE)
		return SG_OK;
	return sg_fail(err, SG_E_DENIED, "test.live", "not free");
}

static const struct sg_policy policy = {
    .kind = SG_POLICY_ONE_TIME, .check_live = check_live, .verify_request = verify};

/* A request that every template allows. */
static const struct sg_csr *
a_csr(void)
{
	static uint8_t spki[91] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	    0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0,
	    4};
	static struct sg_buf name;
	static struct sg_csr csr;

	if (name.len == 0 && sg_name_from_text(sg_slice_str("CN=dev1"), &name, NULL) != SG_OK)
		fail_msg("no name");
	csr = (struct sg_csr){.subject = sg_buf_slice(&name), .spki = sg_slice(spki, sizeof(spki))};
	csr.exts.path_len = -1;
	return &csr;
}

static struct sg_template tmpl;
static struct sg_decide_case ask = {.policy = &policy, .now_us = sg_clock_now_us};
static struct sg_decision decision;

static struct sg_regdb_reserve
with_judge(unsigned key, unsigned challenge, enum sg_policy_kind kind, struct verdict *v)
{
	struct sg_regdb_reserve r = a_reserve(key, challenge, kind);

	verdict = v;
	sg_template_client(&tmpl);
	ask.tmpl = &tmpl;
	ask.may_decline = false;
	ask.request = (struct sg_policy_request){
	    .csr = a_csr(), .endpoint = r.endpoint, .now = r.now};
	r.ask = &ask;
	r.decision = &decision;
	return r;
}

static void
add_challenge(struct bed *t, unsigned n)
{
	struct sg_regdb_challenge c = a_challenge(n);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
}

static void
refuse(struct bed *t, const struct sg_regdb_reserve *r, enum sg_code code, const char *rule)
{
	struct sg_regdb_tx tx = {0};
	bool started = false;

	assert_rule(sg_regdb_tx_reserve(t->store, r, &started, &tx, &t->err), code, rule);
	assert_false(started);
	assert_null(tx.mem);
	assert_rule(
	    sg_regdb_tx_by_key(t->store, r->key, &tx, &t->err), SG_E_NOTFOUND, "tx.unknown");
}

/* One that nothing speaks against; started: not one that there was. */
static struct sg_regdb_tx
reserve(struct bed *t, const struct sg_regdb_reserve *r, bool want_started)
{
	struct sg_regdb_tx tx = {0};
	bool started = !want_started;

	assert_ok(sg_regdb_tx_reserve(t->store, r, &started, &tx, &t->err));
	assert_int_equal(started, want_started);
	return tx;
}

static void
judge__allows__row_lent_and_reserved(void **state)
{
	struct bed *t = *state;
	struct verdict v = {0};
	add_challenge(t, 1);
	struct sg_regdb_reserve r = with_judge(1, 1, SG_POLICY_ONE_TIME, &v);
	reserve(t, &r, true);
	assert_int_equal(v.asked, 1);
	assert_true(v.saw_row);
	assert_int_equal(v.saw_state, SG_CHALLENGE_FREE);
	assert_string_equal(v.saw_subject, "CN=dev1");
	assert_string_equal(sg_buf_text(&decision.binding), "CN=dev1");
	assert_true(decision.authorized_us > 0 && decision.checked_us >= decision.authorized_us);
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_RESERVED);
}

static void
judge__transaction_answers__not_asked(void **state)
{
	struct bed *t = *state;
	struct verdict v = {0};
	add_challenge(t, 1);
	struct sg_regdb_reserve r = with_judge(1, 1, SG_POLICY_ONE_TIME, &v);
	struct sg_regdb_tx tx = reserve(t, &r, true);
	struct sg_regdb_tx_issued done = an_issued(&tx, 1);
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	v = (struct verdict){.code = SG_E_DENIED};
	tx = reserve(t, &r, false);
	assert_int_equal(tx.state, SG_TRANSACTION_ISSUED);
	assert_int_equal(v.asked, 0);
	sg_regdb_tx_clear(&tx);
}

static void
judge__refuses__counted_and_burned_at_the_fifth(void **state)
{
	struct bed *t = *state;
	struct verdict v = {.code = SG_E_DENIED};
	uint32_t failures = 0;
	add_challenge(t, 1);
	for (unsigned n = 1; n <= SG_CHALLENGE_FAILURES_MAX; n++) {
		struct sg_regdb_reserve r = with_judge(n, 1, SG_POLICY_ONE_TIME, &v);
		refuse(t, &r, SG_E_DENIED, "test.judge");
		enum sg_challenge_state now = challenge_state(t, 1, &failures);
		assert_int_equal(failures, n);
		assert_int_equal(
		    now, n < SG_CHALLENGE_FAILURES_MAX ? SG_CHALLENGE_FREE : SG_CHALLENGE_BURNED);
	}
	/* Nothing is left to count, and nothing written. */
	unsigned before = fsyncs;
	assert_true(before >= SG_CHALLENGE_FAILURES_MAX);
	struct sg_regdb_reserve r = with_judge(9, 1, SG_POLICY_ONE_TIME, &v);
	refuse(t, &r, SG_E_DENIED, "test.judge");
	assert_int_equal(v.saw_state, SG_CHALLENGE_BURNED);
	challenge_state(t, 1, &failures);
	assert_int_equal(failures, SG_CHALLENGE_FAILURES_MAX);
	assert_int_equal(fsyncs, before);
}

/* By another request, while the challenge is reserved. */
static void
judge__refuses_five_times_while_reserved__burns_when_released(void **state)
{
	struct bed *t = *state;
	struct verdict v = {0};
	add_challenge(t, 1);
	struct sg_regdb_reserve r = with_judge(1, 1, SG_POLICY_ONE_TIME, &v);
	struct sg_regdb_tx tx = reserve(t, &r, true);
	v.code = SG_E_DENIED;
	for (unsigned n = 1; n <= SG_CHALLENGE_FAILURES_MAX; n++) {
		struct sg_regdb_reserve other = with_judge(10 + n, 1, SG_POLICY_ONE_TIME, &v);
		refuse(t, &other, SG_E_DENIED, "test.judge");
		assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_RESERVED);
	}
	struct sg_regdb_tx_failed f = a_failed(&tx, SG_REGDB_TX_BLAME_US);
	assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
	assert_int_equal(challenge_state(t, 1, NULL), SG_CHALLENGE_BURNED);
}

static void
judge__refuses_for_our_sake__not_counted(void **state)
{
	struct bed *t = *state;
	static const enum sg_code codes[] = {SG_E_BUSY, SG_E_NOMEM, SG_E_INTERNAL, SG_E_TIMEOUT};
	uint32_t failures = 1;
	add_challenge(t, 1);
	unsigned before = fsyncs;
	for (unsigned n = 0; n < sizeof codes / sizeof codes[0]; n++) {
		struct verdict v = {.code = codes[n]};
		struct sg_regdb_reserve r = with_judge(n, 1, SG_POLICY_ONE_TIME, &v);
		refuse(t, &r, codes[n], "test.judge");
	}
	assert_int_equal(challenge_state(t, 1, &failures), SG_CHALLENGE_FREE);
	assert_int_equal(failures, 0);
	assert_int_equal(fsyncs, before);
}

static void
judge__no_such_challenge__told_and_nothing_written(void **state)
{
	struct bed *t = *state;
	struct verdict v = {.code = SG_E_DENIED};
	struct sg_regdb_reserve r = with_judge(1, 1, SG_POLICY_ONE_TIME, &v);
	unsigned before = fsyncs;
	refuse(t, &r, SG_E_DENIED, "test.judge");
	assert_int_equal(v.asked, 1);
	assert_false(v.saw_row);
	/* Its word alone does not do: the store looks, too. */
	v.code = SG_OK;
	refuse(t, &r, SG_E_DENIED, "challenge.unknown");
	assert_int_equal(fsyncs, before);
}

static void
judge__other_policies__no_row_and_no_count(void **state)
{
	struct bed *t = *state;
	struct verdict v = {.code = SG_E_DENIED};
	uint32_t failures = 1;
	add_challenge(t, 1);
	struct sg_regdb_reserve r = with_judge(1, 1, SG_POLICY_STATIC, &v);
	unsigned before = fsyncs;
	refuse(t, &r, SG_E_DENIED, "test.judge");
	assert_false(v.saw_row);
	challenge_state(t, 1, &failures);
	assert_int_equal(failures, 0);
	assert_int_equal(fsyncs, before);
}

/* A failed transaction is judged again, and its next attempt is refused like any other. */
static void
judge__after_a_failed_attempt__asked_again(void **state)
{
	struct bed *t = *state;
	struct verdict v = {0};
	uint32_t failures = 0;
	add_challenge(t, 1);
	struct sg_regdb_reserve r = with_judge(1, 1, SG_POLICY_ONE_TIME, &v);
	struct sg_regdb_tx tx = reserve(t, &r, true);
	struct sg_regdb_tx_failed f = a_failed(&tx, SG_REGDB_TX_BLAME_US);
	assert_ok(sg_regdb_tx_finish_failed(t->store, &f, &t->err));
	v.code = SG_E_DENIED;
	bool started = false;
	assert_rule(
	    sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err), SG_E_DENIED, "test.judge");
	assert_int_equal(v.asked, 2);
	assert_int_equal(challenge_state(t, 1, &failures), SG_CHALLENGE_FREE);
	assert_int_equal(failures, 1);
	assert_ok(sg_regdb_tx_by_key(t->store, r.key, &tx, &t->err));
	assert_int_equal(tx.state, SG_TRANSACTION_FAILED);
	sg_regdb_tx_clear(&tx);
}

/* The template's word after the policy's: it refuses and counts like that. */
static void
decide__template_refuses__counted(void **state)
{
	struct bed *t = *state;
	struct verdict v = {0};
	uint32_t failures = 0;
	add_challenge(t, 1);
	struct sg_regdb_reserve r = with_judge(1, 1, SG_POLICY_ONE_TIME, &v);
	tmpl.key_types = 0;
	refuse(t, &r, SG_E_DENIED, "request.key-type");
	assert_int_equal(v.asked, 1);
	assert_true(decision.authorized_us > 0);
	assert_int_equal(decision.checked_us, 0);
	assert_int_equal(challenge_state(t, 1, &failures), SG_CHALLENGE_FREE);
	assert_int_equal(failures, 1);
}

/* Who waits for somebody's attempt gets its outcome, and nothing is decided for him. */
static void
decide__no_attempt_wanted__only_what_is_known(void **state)
{
	struct bed *t = *state;
	struct verdict v = {0};
	add_challenge(t, 1);
	struct sg_regdb_reserve r = with_judge(1, 1, SG_POLICY_ONE_TIME, &v);
	r.no_attempt = true;
	refuse(t, &r, SG_E_BUSY, "tx.changed");
	assert_int_equal(v.asked, 0);
	r.no_attempt = false;
	reserve(t, &r, true);
	r.no_attempt = true;
	struct sg_regdb_tx tx = reserve(t, &r, false);
	assert_int_equal(tx.state, SG_TRANSACTION_RUNNING);
	sg_regdb_tx_clear(&tx);
}

/* What is not live is left to the signer's certificate: nothing is asked, counted, or written. What
 * is live counts as ever. */
static void
decide__may_decline__not_live_is_not_counted(void **state)
{
	struct bed *t = *state;
	struct verdict v = {.code = SG_E_DENIED};
	uint32_t failures = 0;
	add_challenge(t, 1);
	struct sg_regdb_reserve r = with_judge(1, 1, SG_POLICY_ONE_TIME, &v);
	ask.may_decline = true;
	refuse(t, &r, SG_E_DENIED, "test.judge");
	assert_false(decision.declined);
	challenge_state(t, 1, &failures);
	assert_int_equal(failures, 1);
	v.code = SG_OK;
	reserve(t, &r, true);
	v = (struct verdict){.code = SG_E_DENIED};
	unsigned before = fsyncs;
	for (unsigned n = 2; n < 10; n++) {
		struct sg_regdb_reserve other = with_judge(n, 1, SG_POLICY_ONE_TIME, &v);
		ask.may_decline = true;
		refuse(t, &other, SG_E_DENIED, "test.live");
		assert_true(decision.declined);
	}
	struct sg_regdb_reserve unknown = with_judge(20, 2, SG_POLICY_ONE_TIME, &v);
	ask.may_decline = true;
	refuse(t, &unknown, SG_E_DENIED, "test.live");
	assert_true(decision.declined);
	assert_int_equal(v.asked, 0);
	assert_int_equal(fsyncs, before);
	assert_int_equal(challenge_state(t, 1, &failures), SG_CHALLENGE_RESERVED);
	assert_int_equal(failures, 1);
	/* Nor does it stay for a run that comes to no decision. */
	unknown.no_attempt = true;
	refuse(t, &unknown, SG_E_BUSY, "tx.changed");
	assert_false(decision.declined);
}

/* A transaction under either key answers, the own one first; a failed one does not, and one that
 * its own policy has forgotten by now. */
static void
reserve__two_keys__what_answers(void **state)
{
	struct bed *t = *state;
	struct verdict v = {0};
	add_challenge(t, 1);
	struct sg_regdb_reserve renewal = a_reserve(7, 7, SG_POLICY_RENEWAL);
	renewal.kind = SG_TRANSACTION_RENEW;
	struct sg_regdb_reserve r = with_judge(1, 1, SG_POLICY_ONE_TIME, &v);
	r.other_key = renewal.key;
	ask.may_decline = true;

	struct sg_regdb_tx old = reserve(t, &renewal, true);
	struct sg_regdb_tx_failed failed = a_failed(&old, SG_REGDB_TX_BLAME_REQUEST);
	struct sg_regdb_tx tx = reserve(t, &r, false);
	assert_int_equal(tx.id, old.id);
	assert_int_equal(tx.kind, SG_TRANSACTION_RENEW);
	assert_int_equal(tx.policy, SG_POLICY_RENEWAL);
	sg_regdb_tx_clear(&tx);
	assert_int_equal(v.asked, 0);

	assert_ok(sg_regdb_tx_finish_failed(t->store, &failed, &t->err));
	struct sg_regdb_tx own = reserve(t, &r, true);
	assert_int_not_equal(own.id, old.id);
	old = reserve(t, &renewal, true);
	struct sg_regdb_tx_issued done = an_issued(&old, 1);
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	tx = reserve(t, &r, false);
	assert_int_equal(tx.id, own.id);
	sg_regdb_tx_clear(&tx);
	/* The one that only asks by its own key sees its own. */
	tx = reserve(t, &renewal, false);
	assert_int_equal(tx.id, old.id);
	sg_regdb_tx_clear(&tx);
	failed = a_failed(&own, SG_REGDB_TX_BLAME_US);
	assert_ok(sg_regdb_tx_finish_failed(t->store, &failed, &t->err));
	tx = reserve(t, &r, false);
	assert_int_equal(tx.id, old.id);
	sg_regdb_tx_clear(&tx);
	/* That a renewal answers for ever does not depend on the policy that asks. */
	r.policy = SG_POLICY_STATIC;
	r.now = NOW + 10 * 365 * 86400;
	tx = reserve(t, &r, false);
	assert_int_equal(tx.id, old.id);
	sg_regdb_tx_clear(&tx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(judge__allows__row_lent_and_reserved),
	    case_registrar(judge__transaction_answers__not_asked),
	    case_registrar(judge__refuses__counted_and_burned_at_the_fifth),
	    case_registrar(judge__refuses_five_times_while_reserved__burns_when_released),
	    case_registrar(judge__refuses_for_our_sake__not_counted),
	    case_registrar(judge__no_such_challenge__told_and_nothing_written),
	    case_registrar(judge__other_policies__no_row_and_no_count),
	    case_registrar(judge__after_a_failed_attempt__asked_again),
	    case_registrar(decide__template_refuses__counted),
	    case_registrar(decide__no_attempt_wanted__only_what_is_known),
	    case_registrar(decide__may_decline__not_live_is_not_counted),
	    case_registrar(reserve__two_keys__what_answers),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	sg_decision_clear(&decision);
	return failed;
}
