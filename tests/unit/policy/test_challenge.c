/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "policy/challenge.h"

#define NOW INT64_C(1800000000)
#define FREE SG_CHALLENGE_FREE
#define RESERVED SG_CHALLENGE_RESERVED
#define USED SG_CHALLENGE_USED
#define BURNED SG_CHALLENGE_BURNED

static const struct sg_offer an_offer = {
    .state = SG_CHALLENGE_FREE,
    .expires_at = NOW + 60,
    .endpoint = {(const uint8_t *)"default", 7},
};

/* Every state, at the endpoint and at another, in time and late. */
static void
present__states_endpoints_times__one_rule_each(void **state)
{
	static const char *const by_state[] = {"challenge.state", NULL, "challenge.reserved",
	    "challenge.used", "challenge.burned", "challenge.state"};
	static const int64_t late[] = {-1, 0, 1, INT64_C(1) << 40};
	const struct sg_slice here = sg_slice_str("default"), there = sg_slice_str("other");

	(void)state;
	for (unsigned s = 0; s < sizeof by_state / sizeof by_state[0]; s++) {
		for (size_t i = 0; i < sizeof late / sizeof late[0]; i++) {
			struct sg_offer o = an_offer;
			int64_t now = o.expires_at + late[i];
			const char *rule = by_state[s];
			enum sg_code code = s == 0 || s == 5 ? SG_E_INTERNAL : SG_E_DENIED;
			o.state = (enum sg_challenge_state)s;
			if (rule == NULL && late[i] >= 0)
				rule = "challenge.expired";
			if (rule == NULL)
				assert_ok(sg_challenge_present(&o, here, now, NULL));
			else
				assert_rule(sg_challenge_present(&o, here, now, err), code, rule);
			/* What became of it is nobody's business elsewhere. */
			assert_rule(sg_challenge_present(&o, there, now, err), SG_E_DENIED,
			    "challenge.endpoint");
			/* One of every endpoint, or of this one by another letter case. */
			o.endpoint = i == 0 ? sg_slice(NULL, 0) : sg_slice_str("DEFault");
			if (rule == NULL)
				assert_ok(
				    sg_challenge_present(&o, i == 0 ? there : here, now, NULL));
			else
				assert_rule(
				    sg_challenge_present(&o, i == 0 ? there : here, now, err), code,
				    rule);
		}
	}
	assert_rule(sg_challenge_present(NULL, here, NOW, err), SG_E_DENIED, "challenge.unknown");
}

/* All states and all events, at each number of failures; what is not here changes nothing. */
static void
step__states_and_events__as_drawn(void **state)
{
	static const struct {
		enum sg_challenge_state from;
		enum sg_challenge_event event;
		enum sg_challenge_state to; /* below the limit */
		unsigned adds;		    /* failures */
		bool burns;		    /* at the limit */
	} rows[] = {
	    {.from = FREE, .event = SG_CHALLENGE_RESERVE, .to = RESERVED},
	    {.from = FREE, .event = SG_CHALLENGE_REFUSE, .to = FREE, .adds = 1, .burns = true},
	    {.from = RESERVED, .event = SG_CHALLENGE_REFUSE, .to = RESERVED, .adds = 1},
	    {.from = RESERVED, .event = SG_CHALLENGE_ISSUE, .to = USED},
	    {.from = RESERVED, .event = SG_CHALLENGE_FAIL, .to = FREE, .adds = 1, .burns = true},
	    {.from = RESERVED, .event = SG_CHALLENGE_RELEASE, .to = FREE, .burns = true},
	};
	const size_t n = sizeof rows / sizeof rows[0];

	(void)state;
	for (unsigned s = 0; s <= 5; s++) {
		for (unsigned e = 0; e <= SG_CHALLENGE_RELEASE + 1; e++) {
			for (uint32_t failures = 0; failures < 9; failures++) {
				struct sg_offer o = an_offer;
				size_t i = 0;
				o.state = (enum sg_challenge_state)s;
				o.failures = failures;
				bool moved = sg_challenge_step(&o, (enum sg_challenge_event)e);
				while (i < n && (rows[i].from != s || rows[i].event != e))
					i++;
				assert_int_equal(moved, i < n);
				if (!moved) {
					assert_int_equal(o.state, s);
					assert_int_equal(o.failures, failures);
					continue;
				}
				uint32_t after = failures + rows[i].adds;
				bool burnt = rows[i].burns && after >= SG_CHALLENGE_FAILURES_MAX;
				assert_int_equal(o.failures, after);
				assert_int_equal(o.state, burnt ? BURNED : rows[i].to);
				assert_int_equal(o.expires_at, an_offer.expires_at);
			}
		}
	}
}

static void
counts__every_code__blames_whom(void **state)
{
	static const struct {
		enum sg_code code;
		bool refusal, failure;
	} rows[] = {
	    {SG_OK, .refusal = false},
	    {SG_E_MALFORMED, .refusal = true, .failure = true},
	    {SG_E_LIMIT, .refusal = true, .failure = true},
	    {SG_E_ALG, .refusal = true, .failure = true},
	    {SG_E_SIGNATURE, .refusal = true, .failure = true},
	    {SG_E_TIME, .refusal = true, .failure = true},
	    {SG_E_REPLAY, .refusal = true, .failure = true},
	    {SG_E_DENIED, .refusal = true, .failure = true},
	    {SG_E_PENDING, .refusal = true, .failure = true},
	    {SG_E_NOTFOUND, .refusal = true, .failure = false},
	    {SG_E_CONFLICT, .refusal = true, .failure = false},
	    {SG_E_BUSY, .refusal = false},
	    {SG_E_TIMEOUT, .refusal = false},
	    {SG_E_IO, .refusal = false},
	    {SG_E_NOMEM, .refusal = false},
	    {SG_E_INTERNAL, .refusal = false},
	    {SG_E_CRYPTO, .refusal = false},
	    {SG_E_USAGE, .refusal = false},
	    {SG_E_CONF, .refusal = false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (sg_challenge_refusal_counts(rows[i].code) != rows[i].refusal ||
		    sg_challenge_failure_counts(rows[i].code) != rows[i].failure)
			fail_msg("%s", sg_code_name(rows[i].code));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(present__states_endpoints_times__one_rule_each),
	    cmocka_unit_test(step__states_and_events__as_drawn),
	    cmocka_unit_test(counts__every_code__blames_whom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
