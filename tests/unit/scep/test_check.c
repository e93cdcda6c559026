/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include <stdio.h>

#include "asn1/oid.h"
#include "scep/check.h"

static enum sg_code
check(const struct fx_spec *s, const struct sg_scep_rules *rules, struct sg_err *err)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};

	fx_build(s, &der);
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, err), *err);
	return sg_scep_check(&msg, rules, err);
}

static void
set_type(struct fx_spec *s, struct sg_slice text)
{
	fx_attr(s, SG_OID(message_type))->val = text;
}

static void
use_hash(struct fx_spec *s, enum sg_hash hash)
{
	s->hash = hash;
	s->sigalg.hash = hash;
	fx_digest(s);
}

/* RFC 8894 3.2.1.2: undefined message types are errors. */
static void
check__type__only_requests(void **state)
{
	struct sg_scep_rules rules = {.hashes = FX_HASHES};
	struct sg_err err = {0};
	struct fx_spec s;
	char text[8];

	(void)state;
	for (int type = -1; type <= 256; type++) {
		bool ok = type == 17 || (type >= 19 && type <= 22);
		fx_spec(&s);
		snprintf(text, sizeof(text), "%d", type);
		set_type(&s, sg_slice_str(text));
		enum sg_code rc = check(&s, &rules, &err);
		if (ok)
			fx_assert_ok(rc, err);
		else
			fx_assert_fails(rc, err, SG_E_MALFORMED, "scep.type");
	}
	static const struct sg_slice odd[] = {
	    {(const uint8_t *)"019", 3},
	    {(const uint8_t *)" 19", 3},
	    {(const uint8_t *)"19 ", 3},
	    {(const uint8_t *)"19\0", 3},
	    {(const uint8_t *)"+19", 3},
	    {(const uint8_t *)"1", 1},
	    {(const uint8_t *)"\x13", 1},
	    {(const uint8_t *)"PKCSReq", 7},
	    {(const uint8_t *)"", 0},
	};
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		fx_spec(&s);
		set_type(&s, odd[i]);
		fx_assert_fails(check(&s, &rules, &err), err, SG_E_MALFORMED, "scep.type");
	}
	fx_spec(&s);
	fx_drop_attr(&s, SG_OID(message_type));
	fx_assert_fails(check(&s, &rules, &err), err, SG_E_MALFORMED, "scep.type.missing");
}

static void
check__no_content__refused(void **state)
{
	struct sg_scep_rules rules = {.hashes = FX_HASHES};
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	s.no_content = true;
	fx_digest(&s);
	fx_assert_fails(check(&s, &rules, &err), err, SG_E_MALFORMED, "scep.content.missing");
}

static void
check__hash__only_those_of_the_endpoint(void **state)
{
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	for (unsigned h = SG_HASH_SHA256; h <= SG_HASH_SHA512; h++) {
		fx_spec(&s);
		use_hash(&s, (enum sg_hash)h);
		struct sg_scep_rules rules = {.hashes = 1u << h};
		fx_assert_ok(check(&s, &rules, &err), err);
		rules.hashes = FX_HASHES & ~(1u << h);
		fx_assert_fails(check(&s, &rules, &err), err, SG_E_ALG, "scep.alg.hash");
	}
	/* The signature's hash counts as well as the digest's. */
	static const uint8_t rsa_sha1[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
	    0x0d, 0x01, 0x01, 0x05, 0x05, 0x00};
	fx_spec(&s);
	set_type(&s, sg_slice_str("17"));
	s.sig_raw = sg_slice(rsa_sha1, sizeof(rsa_sha1));
	struct sg_scep_rules rules = {.hashes = FX_HASHES};
	fx_assert_fails(check(&s, &rules, &err), err, SG_E_ALG, "scep.alg.sha1");
}

/* SHA-1: only where the signature may authenticate nobody. */
static void
check__sha1__only_enrolments(void **state)
{
	static const struct {
		const char *type;
		bool issued, strict, listed, ok;
	} rows[] = {
	    {"19", false, false, false, true},
	    {"19", false, false, true, true},
	    {"19", false, true, true, false},
	    {"19", true, false, false, true},
	    {"19", true, true, true, false},
	    {"20", false, false, false, true},
	    {"20", true, false, false, true},
	    {"20", false, true, true, false},
	    {"17", false, false, true, false},
	    {"17", true, false, true, false},
	    {"21", false, false, false, false},
	    {"21", true, false, true, true},
	    {"22", false, false, true, true},
	    {"22", false, true, true, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sg_err err = {0};
		struct fx_spec s;
		struct sg_scep_rules rules = {.hashes = FX_HASHES, .strict = rows[i].strict};
		fx_spec(&s);
		use_hash(&s, SG_HASH_SHA1);
		set_type(&s, sg_slice_str(rows[i].type));
		if (rows[i].issued) {
			s.signer = &fx.issued;
			s.cert[0] = sg_buf_slice(&fx.issued_der);
		}
		if (rows[i].listed)
			rules.hashes |= 1u << SG_HASH_SHA1;
		enum sg_code rc = check(&s, &rules, &err);
		if (rows[i].ok)
			fx_assert_ok(rc, err);
		else
			fx_assert_fails(rc, err, SG_E_ALG, "scep.alg.sha1");
	}
}

static void
check__sha1__renews_nothing(void **state)
{
	(void)state;
	for (int digest = 0; digest <= SG_HASH_SHA512; digest++) {
		for (int sig = 0; sig <= SG_HASH_SHA512; sig++) {
			struct sg_scep_msg msg = {
			    .hash = (enum sg_hash)digest, .sigalg.hash = (enum sg_hash)sig};
			struct sg_err err = {0};
			enum sg_code rc = sg_scep_check_renews(&msg, &err);
			if (digest == SG_HASH_SHA1 || sig == SG_HASH_SHA1)
				fx_assert_fails(rc, err, SG_E_ALG, "scep.alg.sha1");
			else
				fx_assert_ok(rc, err);
		}
	}
}

static void
check__strict__needs_all(void **state)
{
	static const struct {
		const struct sg_slice *oid;
		const char *rule;
	} rows[] = {
	    {&SG_OID(sender_nonce), "scep.strict.nonce"},
	    {&SG_OID(content_type), "scep.strict.contenttype"},
	    {&SG_OID(signing_time), "scep.strict.signingtime"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sg_err err = {0};
		struct fx_spec s;
		struct sg_scep_rules rules = {.hashes = FX_HASHES};
		fx_spec(&s);
		fx_drop_attr(&s, *rows[i].oid);
		fx_assert_ok(check(&s, &rules, &err), err);
		rules.strict = true;
		fx_assert_fails(check(&s, &rules, &err), err, SG_E_MALFORMED, rows[i].rule);
	}
}

/* A throw-away certificate that no calendar agrees with: its dates are not read. */
static void
check__odd_signer_certificate__strict_only(void **state)
{
	struct sg_err err = {0};
	struct fx_spec s;
	struct sg_scep_rules rules = {.hashes = FX_HASHES};
	sg_buf_scoped odd = {0};

	(void)state;
	sg_buf_put_slice(&odd, sg_buf_slice(&fx.dev_der));
	uint8_t *time = memmem(odd.p, odd.len, "200913122640Z", 13);
	assert_non_null(time);
	memcpy(time + 2, "00", 2);
	fx_spec(&s);
	s.cert[0] = sg_buf_slice(&odd);
	fx_assert_ok(check(&s, &rules, &err), err);
	rules.strict = true;
	fx_assert_fails(check(&s, &rules, &err), err, SG_E_MALFORMED, "time");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(check__type__only_requests),
	    cmocka_unit_test(check__no_content__refused),
	    cmocka_unit_test(check__hash__only_those_of_the_endpoint),
	    cmocka_unit_test(check__sha1__only_enrolments),
	    cmocka_unit_test(check__sha1__renews_nothing),
	    cmocka_unit_test(check__strict__needs_all),
	    cmocka_unit_test(check__odd_signer_certificate__strict_only),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
