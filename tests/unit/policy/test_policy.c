/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "policy/policy.h"

static enum sg_code answer;

static enum sg_code
says(const struct sg_policy_request *req, struct sg_policy_grant *ret, struct sg_err *err)
{
	(void)req;
	(void)ret;
	return sg_fail(err, answer, "test", "it says number %d", 1);
}

static void
policy_verify__none_or_odd_answers__denied(void **state)
{
	static const enum sg_code odd[] = {SG_E_MALFORMED, SG_E_NOTFOUND, SG_E_CONF, SG_E_CRYPTO,
	    SG_E_REPLAY, (enum sg_code)1, (enum sg_code) - 1};
	static const enum sg_code plain[] = {SG_OK, SG_E_PENDING, SG_E_DENIED, SG_E_BUSY,
	    SG_E_TIMEOUT, SG_E_IO, SG_E_NOMEM, SG_E_INTERNAL};
	const struct sg_policy policy = {.verify_request = says};
	const struct sg_policy empty = {.kind = SG_POLICY_STATIC};
	const struct sg_policy_request ask = {.endpoint = sg_slice_str("default")};
	struct sg_policy_grant grant;

	(void)state;
	assert_rule(sg_policy_verify(NULL, &ask, &grant, err), SG_E_DENIED, "policy.none");
	assert_rule(sg_policy_verify(&empty, &ask, &grant, err), SG_E_DENIED, "policy.none");
	assert_rule(sg_policy_check_live(NULL, &ask, err), SG_E_DENIED, "policy.none");
	assert_rule(sg_policy_check_live(&empty, &ask, err), SG_E_DENIED, "policy.none");
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		answer = odd[i];
		assert_rule(
		    sg_policy_verify(&policy, &ask, &grant, err), SG_E_DENIED, "policy.failed");
	}
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		answer = plain[i];
		assert_int_equal(sg_policy_verify(&policy, &ask, &grant, NULL), plain[i]);
	}
}

/* Numbers are in databases, and words in configurations. */
static void
table__every_row__whole(void **state)
{
	static const struct {
		int kind;
		const char *name;
		bool endpoint, challenges, makes;
		unsigned needs;
		int64_t answers_s;
	} rows[] = {
	    {0, "unknown", .endpoint = false},
	    {1, "one-time", .endpoint = true, .challenges = true, .makes = true},
	    {2, "static", .endpoint = true, .answers_s = 1200,
		.needs = SG_POLICY_NEEDS_SECRET | SG_POLICY_NEEDS_PATTERNS},
	    {3, "renewal", .endpoint = false},
	    {4, "unknown", .endpoint = false},
	    {-1, "unknown", .endpoint = false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum sg_policy_kind kind = (enum sg_policy_kind)rows[i].kind;
		const struct sg_policy *p = sg_policy_of(kind);
		assert_string_equal(sg_policy_name(kind), rows[i].name);
		assert_int_equal(p != NULL, rows[i].endpoint);
		if (p == NULL)
			continue;
		assert_int_equal(p->kind, kind);
		assert_non_null(p->verify_request);
		assert_non_null(p->check_live);
		assert_int_equal(p->challenges, rows[i].challenges);
		assert_int_equal(p->generate_challenge != NULL, rows[i].makes);
		assert_int_equal(p->needs, rows[i].needs);
		assert_int_equal(p->answers_s, rows[i].answers_s);
		assert_true((p->needs & SG_POLICY_NEEDS_PATTERNS) != 0 || p->names_by != NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(policy_verify__none_or_odd_answers__denied),
	    cmocka_unit_test(table__every_row__whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
