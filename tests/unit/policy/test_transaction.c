/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "policy/transaction.h"

#define NOW INT64_C(1800000000)

/* Every state, by every policy, as long ago as matters. */
static void
answers__states_policies_times__as_documented(void **state)
{
	static const int64_t ago[] = {0, 1199, 1200, 1201, -50, INT64_C(1) << 40};
	/* The last one in hand is a number that this build does not know. */
	static const int policies[] = {SG_POLICY_RENEWAL, SG_POLICY_ONE_TIME, SG_POLICY_STATIC, 99};
	const size_t n = sizeof ago / sizeof ago[0];

	(void)state;
	for (unsigned s = SG_TRANSACTION_RUNNING; s <= SG_TRANSACTION_FAILED; s++) {
		for (size_t p = 0; p < 4; p++) {
			for (size_t i = 0; i < n * n; i++) {
				struct sg_transaction_known known = {
				    .state = (enum sg_transaction_state)s,
				    .policy = (enum sg_policy_kind)policies[p],
				    .started_at = NOW - ago[i / n],
				    .finished_at = NOW - ago[i % n]};
				bool recent = ago[i / n] < 1200 || ago[i % n] < 1200;
				bool want = s == SG_TRANSACTION_ISSUED ? p != 2 || recent
								       : s != SG_TRANSACTION_FAILED;
				assert_int_equal(sg_transaction_answers(&known, NOW), want);
			}
		}
	}
}

static void
say__states__as_documented(void **state)
{
	static const struct {
		int attempt;
		enum sg_code code;
		const char *rule;
		bool open;
	} rows[] = {
	    {0, SG_E_INTERNAL, "tx.state", .open = false},
	    {SG_TRANSACTION_RUNNING, SG_E_INTERNAL, "tx.state", .open = true},
	    {SG_TRANSACTION_PENDING, SG_E_PENDING, "request.pending", .open = true},
	    {SG_TRANSACTION_DENIED, SG_E_DENIED, "request.denied", .open = false},
	    {SG_TRANSACTION_ISSUED, SG_OK, NULL, .open = false},
	    {SG_TRANSACTION_FAILED, SG_E_INTERNAL, "tx.state", .open = false},
	    {6, SG_E_INTERNAL, "tx.state", .open = false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum sg_transaction_state s = (enum sg_transaction_state)rows[i].attempt;
		if (rows[i].code == SG_OK)
			assert_ok(sg_transaction_say(s, NULL));
		else
			assert_rule(sg_transaction_say(s, err), rows[i].code, rows[i].rule);
		assert_int_equal(sg_transaction_is_open(s), rows[i].open);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers__states_policies_times__as_documented),
	    cmocka_unit_test(say__states__as_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
