/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "base/alloc.h"
#include "policy/policy.h"
#include "x509/name_text.h"

#define NOW INT64_C(1800000000)

struct bench {
	struct request req;
	struct sg_buf binding;
	struct sg_offer rec;
	struct sg_policy_request ask;
};

static void
setup(struct bench *b)
{
	struct sg_binding binding = {.any = false};
	sg_buf_scoped name = {0};

	memset(b, 0, sizeof *b);
	request_init(&b->req, "CN=dev1", "p256", "");
	put_name(&name, "CN=dev1");
	binding.subject = sg_buf_slice(&name);
	sg_binding_put(&b->binding, &binding);
	b->rec = (struct sg_offer){.state = SG_CHALLENGE_FREE,
	    .expires_at = NOW + 60,
	    .endpoint = sg_slice_str("default"),
	    .binding = sg_buf_slice(&b->binding)};
	b->ask = (struct sg_policy_request){
	    .csr = &b->req.csr, .endpoint = sg_slice_str("default"), .now = NOW};
}

static void
teardown(struct bench *b)
{
	request_clear(&b->req);
	sg_buf_clear(&b->binding);
}

static enum sg_code
ask(struct bench *b, struct sg_err *err)
{
	struct sg_policy_grant grant = {0};

	b->ask.offer = &b->rec;
	return sg_policy_verify(&sg_policy_one_time, &b->ask, &grant, err);
}

static void
one_time__fresh_and_bound__granted(void **state)
{
	struct bench b;

	(void)state;
	setup(&b);
	assert_ok(ask(&b, NULL));
	b.rec.endpoint = sg_slice(NULL, 0);
	assert_ok(ask(&b, NULL));
	teardown(&b);
}

static void
one_time__states__own_rules(void **state)
{
	static const struct {
		int state;
		enum sg_code code;
		const char *rule;
	} rows[] = {
	    {SG_CHALLENGE_RESERVED, SG_E_DENIED, "challenge.reserved"},
	    {SG_CHALLENGE_USED, SG_E_DENIED, "challenge.used"},
	    {SG_CHALLENGE_BURNED, SG_E_DENIED, "challenge.burned"},
	    {0, SG_E_INTERNAL, "challenge.state"},
	    {17, SG_E_INTERNAL, "challenge.state"},
	};
	struct sg_policy_grant grant = {0};
	struct bench b;

	(void)state;
	setup(&b);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		b.rec.state = (enum sg_challenge_state)rows[i].state;
		assert_rule(ask(&b, err), rows[i].code, rows[i].rule);
	}
	b.ask.offer = NULL;
	assert_rule(sg_policy_verify(&sg_policy_one_time, &b.ask, &grant, err), SG_E_DENIED,
	    "challenge.unknown");
	teardown(&b);
}

static void
one_time__time_and_endpoint__own_rules(void **state)
{
	struct bench b;

	(void)state;
	setup(&b);
	b.rec.expires_at = NOW + 1;
	assert_ok(ask(&b, NULL));
	b.rec.expires_at = NOW;
	assert_rule(ask(&b, err), SG_E_DENIED, "challenge.expired");
	b.rec.expires_at = 0;
	assert_rule(ask(&b, err), SG_E_DENIED, "challenge.expired");
	b.rec.expires_at = NOW + 60;
	b.ask.endpoint = sg_slice_str("other");
	assert_rule(ask(&b, err), SG_E_DENIED, "challenge.endpoint");
	/* That it is used is nobody's business at another endpoint. */
	b.rec.state = SG_CHALLENGE_USED;
	assert_rule(ask(&b, err), SG_E_DENIED, "challenge.endpoint");
	teardown(&b);
}

static void
one_time__names__own_rules(void **state)
{
	struct bench b;

	(void)state;
	setup(&b);
	request_clear(&b.req);
	request_init(&b.req, "CN=admin", "p256", "");
	assert_rule(ask(&b, err), SG_E_DENIED, "binding.subject");
	request_clear(&b.req);
	request_init(&b.req, "CN=dev1", "p256", "upn:admin@corp.example");
	assert_rule(ask(&b, err), SG_E_DENIED, "binding.san");
	b.rec.binding.len--;
	assert_rule(ask(&b, err), SG_E_INTERNAL, "binding.encoding");
	teardown(&b);
}

/* Every state, early and late, here and elsewhere, for these names and for others: what is live is
 * told by the challenge alone, and what is not is refused by the same rule when it is verified. */
static void
one_time__live__every_state(void **state)
{
	static const char *const states[] = {[SG_CHALLENGE_FREE] = NULL,
	    [SG_CHALLENGE_RESERVED] = "challenge.reserved",
	    [SG_CHALLENGE_USED] = "challenge.used",
	    [SG_CHALLENGE_BURNED] = "challenge.burned"};
	struct bench b;

	(void)state;
	for (unsigned n = 0; n < 4u << 3; n++) {
		bool late = n & 1, elsewhere = n & 2, other_name = n & 4;
		setup(&b);
		b.rec.state = (enum sg_challenge_state)(SG_CHALLENGE_FREE + (n >> 3));
		b.ask.offer = &b.rec;
		b.ask.now = late ? NOW + 60 : NOW;
		b.ask.endpoint = sg_slice_str(elsewhere ? "other" : "default");
		if (other_name) {
			request_clear(&b.req);
			request_init(&b.req, "CN=admin", "p256", "");
		}
		const char *want = elsewhere			 ? "challenge.endpoint"
				   : states[b.rec.state] != NULL ? states[b.rec.state]
				   : late			 ? "challenge.expired"
								 : NULL;
		if (want == NULL) {
			assert_ok(sg_policy_check_live(&sg_policy_one_time, &b.ask, NULL));
		} else {
			assert_rule(sg_policy_check_live(&sg_policy_one_time, &b.ask, err),
			    SG_E_DENIED, want);
			assert_rule(ask(&b, err), SG_E_DENIED, want);
		}
		teardown(&b);
	}
	setup(&b);
	b.ask.offer = NULL;
	assert_rule(sg_policy_check_live(&sg_policy_one_time, &b.ask, err), SG_E_DENIED,
	    "challenge.unknown");
	teardown(&b);
}

/* The spelling of whoever made the challenge counts, unless it is for any name. */
static void
one_time__granted__names_of_the_challenge(void **state)
{
	struct sg_policy_grant grant = {0};
	struct bench b;

	(void)state;
	setup(&b);
	request_clear(&b.req);
	request_init(&b.req, "CN=DEV1", "p256", "");
	b.ask.offer = &b.rec;
	assert_ok(sg_policy_verify(&sg_policy_one_time, &b.ask, &grant, NULL));
	assert_true(sg_slice_eq(grant.binding, b.rec.binding));
	sg_buf_scoped text = {0};
	sg_name_put_text(&text, grant.subject);
	assert_string_equal(sg_buf_text(&text), "CN=dev1");

	struct sg_binding any = {.any = true};
	sg_buf_reset(&b.binding);
	sg_binding_put(&b.binding, &any);
	b.rec.binding = sg_buf_slice(&b.binding);
	grant = (struct sg_policy_grant){0};
	assert_ok(sg_policy_verify(&sg_policy_one_time, &b.ask, &grant, NULL));
	assert_true(sg_slice_eq(grant.binding, b.rec.binding));
	assert_int_equal(grant.subject.len, 0);
	teardown(&b);
}

static void
one_time__generate__bound_only(void **state)
{
	static const uint8_t random[SG_CHALLENGE_RANDOM_LEN] = {1};
	struct sg_binding b = {.any = false};
	sg_buf_scoped out = {0}, name = {0};

	(void)state;
	assert_rule(sg_policy_one_time.generate_challenge(&b, random, &out, err), SG_E_USAGE,
	    "binding.unbound");
	assert_int_equal(out.len, 0);
	put_name(&name, "CN=dev1");
	b.subject = sg_buf_slice(&name);
	assert_ok(sg_policy_one_time.generate_challenge(&b, random, &out, NULL));
	assert_int_equal(out.len, SG_CHALLENGE_TEXT_LEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_time__fresh_and_bound__granted),
	    cmocka_unit_test(one_time__states__own_rules),
	    cmocka_unit_test(one_time__time_and_endpoint__own_rules),
	    cmocka_unit_test(one_time__names__own_rules),
	    cmocka_unit_test(one_time__live__every_state),
	    cmocka_unit_test(one_time__granted__names_of_the_challenge),
	    cmocka_unit_test(one_time__generate__bound_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
