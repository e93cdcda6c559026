/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "lib/alloc_fail.h"
#include "policy/decide.h"
#include "policy/request.h"

#define NOW INT64_C(1800000000)

static int64_t ticks;

static int64_t
tick(void)
{
	return ++ticks;
}

struct bench {
	struct request req;
	struct sg_template tmpl;
	struct sg_buf binding;
	struct sg_offer offer;
	struct sg_decide_case ask;
	struct sg_decision ret;
};

static void
setup(struct bench *b, const char *bound, const char *asked)
{
	struct sg_binding binding = {.any = bound == NULL};
	sg_buf_scoped name = {0};

	memset(b, 0, sizeof *b);
	ticks = 0;
	if (bound != NULL) {
		put_name(&name, bound);
		binding.subject = sg_buf_slice(&name);
	}
	sg_binding_put(&b->binding, &binding);
	request_init(&b->req, asked, "p256", "");
	sg_template_client(&b->tmpl);
	b->offer = (struct sg_offer){.state = SG_CHALLENGE_FREE,
	    .expires_at = NOW + 60,
	    .binding = sg_buf_slice(&b->binding)};
	b->ask = (struct sg_decide_case){
	    .policy = &sg_policy_one_time,
	    .request = {.csr = &b->req.csr, .endpoint = sg_slice_str("default"), .now = NOW},
	    .tmpl = &b->tmpl,
	    .now_us = tick,
	};
}

static void
teardown(struct bench *b)
{
	sg_decision_clear(&b->ret);
	sg_buf_clear(&b->binding);
	request_clear(&b->req);
}

static void
decide__granted__names_and_times(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, "CN=dev1", "CN=DEV1");
	for (unsigned again = 0; again < 2; again++) {
		assert_ok(sg_decide(&b.ask, &b.offer, &b.ret, NULL));
		assert_string_equal(sg_buf_text(&b.ret.subject), "CN=dev1");
		assert_true(sg_slice_eq(sg_buf_slice(&b.ret.binding), sg_buf_slice(&b.binding)));
		assert_int_equal(b.ret.authorized_us, 2 * again + 1);
		assert_int_equal(b.ret.checked_us, 2 * again + 2);
	}
	teardown(&b);
	/* For any name: the request's spelling counts. */
	setup(&b, NULL, "CN=DEV1");
	assert_ok(sg_decide(&b.ask, &b.offer, &b.ret, NULL));
	assert_int_equal(b.ret.subject.len, 0);
	assert_true(b.ret.binding.len > 0);
	teardown(&b);
}

/* The policy first, then the template; each time says how far it came. */
static void
decide__refused__by_the_first(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, "CN=dev1", "CN=dev2");
	b.tmpl.key_types = 0;
	assert_rule(sg_decide(&b.ask, &b.offer, &b.ret, err), SG_E_DENIED, "binding.subject");
	assert_int_equal(b.ret.authorized_us, 0);
	assert_rule(sg_decide(&b.ask, NULL, &b.ret, err), SG_E_DENIED, "challenge.unknown");
	teardown(&b);
	setup(&b, "CN=dev1", "CN=dev1");
	assert_ok(sg_decide(&b.ask, &b.offer, &b.ret, NULL));
	b.tmpl.key_types = 0;
	assert_rule(sg_decide(&b.ask, &b.offer, &b.ret, err), SG_E_DENIED, "request.key-type");
	assert_int_equal(b.ret.authorized_us, 3);
	assert_int_equal(b.ret.checked_us, 0);
	assert_int_equal(b.ret.subject.len + b.ret.binding.len, 0);
	b.ask.policy = NULL;
	assert_rule(sg_decide(&b.ask, &b.offer, &b.ret, err), SG_E_DENIED, "policy.none");
	teardown(&b);
}

/* Where the signer's certificate may authorize instead, what is not live is left to it; what is
 * live is decided as ever, and so is a mismatch. */
static void
decide__may_decline__only_what_is_not_live(void **state)
{
	static const char *const rules[] = {[SG_CHALLENGE_FREE] = NULL,
	    [SG_CHALLENGE_RESERVED] = "challenge.reserved",
	    [SG_CHALLENGE_USED] = "challenge.used",
	    [SG_CHALLENGE_BURNED] = "challenge.burned"};
	struct bench b;

	(void)state;
	for (int s = SG_CHALLENGE_FREE; s <= SG_CHALLENGE_BURNED; s++) {
		for (unsigned may = 0; may < 2; may++) {
			setup(&b, "CN=dev1", "CN=dev1");
			b.ask.may_decline = may;
			b.offer.state = (enum sg_challenge_state)s;
			if (rules[s] == NULL)
				assert_ok(sg_decide(&b.ask, &b.offer, &b.ret, NULL));
			else
				assert_rule(sg_decide(&b.ask, &b.offer, &b.ret, err), SG_E_DENIED,
				    rules[s]);
			assert_int_equal(b.ret.declined, may && rules[s] != NULL);
			teardown(&b);
		}
	}
	setup(&b, "CN=dev1", "CN=dev2");
	b.ask.may_decline = true;
	assert_rule(sg_decide(&b.ask, NULL, &b.ret, err), SG_E_DENIED, "challenge.unknown");
	assert_true(b.ret.declined);
	assert_rule(sg_decide(&b.ask, &b.offer, &b.ret, err), SG_E_DENIED, "binding.subject");
	assert_false(b.ret.declined);
	/* Our own record is broken: that is nobody's word on the challenge. */
	b.offer.state = (enum sg_challenge_state)17;
	assert_rule(sg_decide(&b.ask, &b.offer, &b.ret, err), SG_E_INTERNAL, "challenge.state");
	assert_false(b.ret.declined);
	b.ask.policy = NULL;
	assert_rule(sg_decide(&b.ask, &b.offer, &b.ret, err), SG_E_DENIED, "policy.none");
	teardown(&b);
}

static void
decide__nth_allocation_fails__not_granted(void **state)
{
	struct bench b;
	enum sg_code rc = SG_E_NOMEM;

	(void)state;
	setup(&b, "CN=dev1", "CN=dev1");
	for (unsigned long n = 1; n < 200 && rc != SG_OK; n++) {
		sg_decision_clear(&b.ret);
		alloc_fail_at(n);
		rc = sg_decide(&b.ask, &b.offer, &b.ret, NULL);
		alloc_fail_at(0);
	}
	assert_ok(rc);
	assert_string_equal(sg_buf_text(&b.ret.subject), "CN=dev1");
	teardown(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decide__granted__names_and_times),
	    cmocka_unit_test(decide__refused__by_the_first),
	    cmocka_unit_test(decide__may_decline__only_what_is_not_live),
	    cmocka_unit_test(decide__nth_allocation_fails__not_granted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
