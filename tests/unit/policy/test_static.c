/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "base/alloc.h"
#include "policy/policy.h"

static void
static__secret_and_patterns__decide(void **state)
{
	sg_scoped(patterns) p = NULL;
	struct request r;
	struct sg_policy_grant grant = {.binding = {(const uint8_t *)"x", 1}};

	(void)state;
	request_init(&r, "CN=dev1", "p256", "");
	struct sg_policy_request ask = {.csr = &r.csr, .endpoint = sg_slice_str("default")};
	assert_ok(sg_patterns_new(SG_NAME_LENGTHS_X520, &p, NULL));
	/* The secret before the names, so that nobody learns patterns without it. */
	assert_rule(
	    sg_policy_verify(&sg_policy_static, &ask, &grant, err), SG_E_DENIED, "challenge.wrong");
	ask.knows_secret = true;
	assert_rule(sg_policy_verify(&sg_policy_static, &ask, &grant, err), SG_E_DENIED,
	    "pattern.no-subject");
	ask.patterns = p;
	assert_rule(sg_policy_verify(&sg_policy_static, &ask, &grant, err), SG_E_DENIED,
	    "pattern.no-subject");
	assert_ok(sg_patterns_add_subject(p, sg_slice_str("CN=dev*"), NULL));
	assert_ok(sg_policy_verify(&sg_policy_static, &ask, &grant, NULL));
	assert_int_equal(grant.binding.len + grant.subject.len, 0);
	ask.knows_secret = false;
	assert_rule(
	    sg_policy_verify(&sg_policy_static, &ask, &grant, err), SG_E_DENIED, "challenge.wrong");
	request_clear(&r);
}

/* Whatever the names are: they are the next question. */
static void
static__live__by_the_secret_alone(void **state)
{
	struct sg_policy_request ask = {.endpoint = sg_slice_str("default")};

	(void)state;
	assert_rule(
	    sg_policy_check_live(&sg_policy_static, &ask, err), SG_E_DENIED, "challenge.wrong");
	ask.knows_secret = true;
	assert_ok(sg_policy_check_live(&sg_policy_static, &ask, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(static__secret_and_patterns__decide),
	    cmocka_unit_test(static__live__by_the_secret_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
