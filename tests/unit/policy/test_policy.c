/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "base/alloc.h"
#include "policy/policy.h"

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
	b->rec = (struct sg_offer){.state = SG_OFFER_FRESH,
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
	return sg_policy_verify(&sg_policy_one_time, &b->rec, &b->ask, err);
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
	    {SG_OFFER_UNKNOWN, SG_E_DENIED, "challenge.unknown"},
	    {SG_OFFER_RESERVED, SG_E_DENIED, "challenge.reserved"},
	    {SG_OFFER_USED, SG_E_DENIED, "challenge.used"},
	    {SG_OFFER_BURNT, SG_E_DENIED, "challenge.burned"},
	    {SG_OFFER_REVOKED, SG_E_DENIED, "challenge.revoked"},
	    {17, SG_E_INTERNAL, "challenge.state"},
	};
	struct bench b;

	(void)state;
	setup(&b);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		b.rec.state = (enum sg_offer_state)rows[i].state;
		assert_rule(ask(&b, err), rows[i].code, rows[i].rule);
	}
	assert_rule(sg_policy_verify(&sg_policy_one_time, NULL, &b.ask, err), SG_E_DENIED,
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
	b.rec.state = SG_OFFER_USED;
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

static void
static__patterns__decide(void **state)
{
	struct bench b;
	sg_scoped(patterns) p = NULL;

	(void)state;
	setup(&b);
	assert_rule(sg_policy_verify(&sg_policy_static, NULL, &b.ask, err), SG_E_DENIED,
	    "pattern.no-subject");
	assert_ok(sg_patterns_new(SG_NAME_LENGTHS_X520, &p, NULL));
	assert_rule(
	    sg_policy_verify(&sg_policy_static, p, &b.ask, err), SG_E_DENIED, "pattern.no-subject");
	assert_ok(sg_patterns_add_subject(p, sg_slice_str("CN=dev*"), NULL));
	assert_ok(sg_policy_verify(&sg_policy_static, p, &b.ask, NULL));
	teardown(&b);
}

static enum sg_code
says(const void *self, const struct sg_policy_request *req, struct sg_err *err)
{
	(void)req;
	return sg_fail(err, *(const enum sg_code *)self, "test", "it says number %d", 1);
}

static void
policy_verify__none_or_odd_answers__denied(void **state)
{
	static const enum sg_code odd[] = {SG_E_MALFORMED, SG_E_NOTFOUND, SG_E_CONF, SG_E_CRYPTO,
	    SG_E_REPLAY, (enum sg_code)1, (enum sg_code) - 1};
	static const enum sg_code plain[] = {SG_OK, SG_E_PENDING, SG_E_DENIED, SG_E_BUSY,
	    SG_E_TIMEOUT, SG_E_IO, SG_E_NOMEM, SG_E_INTERNAL};
	const struct sg_policy policy = {.name = "test", .verify_request = says};
	const struct sg_policy empty = {.name = "empty"};
	struct bench b;

	(void)state;
	setup(&b);
	assert_rule(sg_policy_verify(NULL, NULL, &b.ask, err), SG_E_DENIED, "policy.none");
	assert_rule(sg_policy_verify(&empty, NULL, &b.ask, err), SG_E_DENIED, "policy.none");
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		assert_rule(
		    sg_policy_verify(&policy, &odd[i], &b.ask, err), SG_E_DENIED, "policy.failed");
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		assert_int_equal(sg_policy_verify(&policy, &plain[i], &b.ask, NULL), plain[i]);
	teardown(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_time__fresh_and_bound__granted),
	    cmocka_unit_test(one_time__states__own_rules),
	    cmocka_unit_test(one_time__time_and_endpoint__own_rules),
	    cmocka_unit_test(one_time__names__own_rules),
	    cmocka_unit_test(one_time__generate__bound_only),
	    cmocka_unit_test(static__patterns__decide),
	    cmocka_unit_test(policy_verify__none_or_odd_answers__denied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
