/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "crypto/sign.h"
#include "x509/cert.h"

static void
ca_make__both_keys__root(void **state)
{
	const struct sg_key *const keys[] = {ca_ec, ca_rsa};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		sg_buf_scoped der = {0};
		struct sg_cert c;
		make_ca_der(&der, keys[i], NOW, 3650 * DAY);
		assert_ok(sg_cert_parse(sg_buf_slice(&der), &c, NULL));
		assert_ok(sg_verify(keys[i], c.sigalg, c.tbs, c.sig, NULL));
		assert_true(sg_slice_eq(c.issuer, c.subject));
		assert_true(c.exts.ca);
		assert_int_equal(c.exts.path_len, 0);
		assert_int_equal(c.exts.key_usage, SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_CERT_SIGN |
		    SG_KU_CRL_SIGN);
		assert_int_equal(c.not_before, NOW - SG_BACKDATE_S);
		assert_int_equal(c.not_after, NOW + 3650 * DAY);
		assert_int_equal(c.serial.len, SG_SERIAL_LEN);
		assert_ok(sg_lint_cert(sg_buf_slice(&der), &c, SG_LINT_CA, NULL, NULL));
	}
}

static void
ca_make__bad_requests__refused(void **state)
{
	static const uint8_t empty[] = {0x30, 0x00}, broken[] = {0x30, 0x01};
	sg_buf_scoped name = {0}, out = {0};

	(void)state;
	put_name(&name, "CN=x");
	struct sg_ca_request req = {.subject = sg_slice(empty, 2), .key = ca_ec,
		.hash = SG_HASH_SHA256, .now = NOW, .validity_s = DAY, .path_len = -1};
	assert_rule(sg_ca_make(&req, &out, err), SG_E_USAGE, "issue.no-subject");
	req.subject = sg_slice(broken, 2);
	assert_int_not_equal(sg_ca_make(&req, &out, NULL), SG_OK);
	req.subject = sg_buf_slice(&name);
	req.validity_s = 0;
	assert_rule(sg_ca_make(&req, &out, err), SG_E_USAGE, "issue.validity");
	req.validity_s = DAY;
	req.hash = SG_HASH_SHA1;
	assert_rule(sg_ca_make(&req, &out, err), SG_E_USAGE, "issue.validity");
	assert_int_equal(out.len, 0);
	req.hash = SG_HASH_SHA512;
	assert_ok(sg_ca_make(&req, &out, NULL));
}

static void
ra_make__rsa_key__request_agent(void **state)
{
	const struct sg_issuer *const issuers[] = {issuer_ec, issuer_rsa};
	sg_buf_scoped name = {0}, spki = {0};

	(void)state;
	put_name(&name, "CN=Test RA, O=Test");
	assert_ok(sg_key_put_spki(dev_rsa, &spki, NULL));
	const struct sg_ra_request req = {.subject = sg_buf_slice(&name),
		.spki = sg_buf_slice(&spki), .now = NOW, .validity_s = 36500 * DAY};
	for (size_t i = 0; i < 2; i++) {
		sg_buf_scoped der = {0};
		struct sg_cert c;
		assert_ok(sg_ra_make(issuers[i], &req, &der, NULL));
		assert_ok(sg_cert_parse(sg_buf_slice(&der), &c, NULL));
		assert_ok(sg_verify(issuers[i]->pub, c.sigalg, c.tbs, c.sig, NULL));
		assert_int_equal(c.exts.key_usage, SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT);
		assert_int_equal(c.exts.eku_n, 1);
		assert_true(sg_slice_eq(c.exts.eku[0], SG_OID(eku_request_agent)));
		assert_false(c.exts.ca);
		assert_int_equal(c.not_after, issuers[i]->cert.not_after);
	}
}

static void
ra_make__bad_requests__refused(void **state)
{
	static const uint8_t empty[] = {0x30, 0x00};
	sg_buf_scoped name = {0}, spki = {0}, out = {0};

	(void)state;
	put_name(&name, "CN=RA");
	assert_ok(sg_key_put_spki(dev_ec, &spki, NULL));
	struct sg_ra_request req = {.subject = sg_slice(empty, 2), .spki = sg_buf_slice(&spki),
		.now = NOW, .validity_s = DAY};
	assert_rule(sg_ra_make(issuer_ec, &req, &out, err), SG_E_USAGE, "issue.no-subject");
	req.subject = sg_buf_slice(&name);
	assert_rule(sg_ra_make(issuer_ec, &req, &out, err), SG_E_USAGE, "issue.ra-key");
	assert_int_equal(out.len, 0);
}

static void
issuer_new__certificates_that_cannot__refused(void **state)
{
	struct sg_issuer *iss = NULL;
	struct bench b;
	sg_buf_scoped leaf = {0};

	(void)state;
	struct sg_slice ca = sg_buf_slice(&issuer_ec->der);
	assert_rule(sg_issuer_new(ca, ca_rsa, SG_HASH_SHA256, NULL, &iss, err), SG_E_CONF,
	    "issuer.key");
	assert_rule(sg_issuer_new(ca, dev_ec, SG_HASH_SHA256, NULL, &iss, err), SG_E_CONF,
	    "issuer.key");
	assert_rule(sg_issuer_new(ca, ca_ec, SG_HASH_SHA1, NULL, &iss, err), SG_E_CONF,
	    "issuer.hash");
	assert_rule(sg_issuer_new(ca, ca_ec, SG_HASH_NONE, NULL, &iss, err), SG_E_CONF,
	    "issuer.hash");
	bench_init(&b, issuer_ec, dev_ec);
	assert_ok(sg_issue_cert(&b.iss, &leaf, NULL));
	bench_clear(&b);
	assert_rule(sg_issuer_new(sg_buf_slice(&leaf), dev_ec, SG_HASH_SHA256, NULL, &iss, err),
	    SG_E_CONF, "issuer.ca");
	for (size_t n = 0; n < ca.len; n += 7)
		assert_int_not_equal(sg_issuer_new(sg_slice(ca.p, n), ca_ec, SG_HASH_SHA256, NULL,
		    &iss, NULL), SG_OK);
	assert_null(iss);
}

/* A CA certificate with one thing missing, not signed: sg_issuer_new does not look. */
static enum sg_code
issuer_from_facts(uint32_t key_usage, bool ski, bool subject, struct sg_err *err)
{
	static const uint8_t empty[] = {0x30, 0x00};
	struct sg_issuer *iss = NULL;
	sg_buf_scoped spki = {0}, tbs = {0}, der = {0};

	assert_ok(sg_key_put_spki(ca_ec, &spki, NULL));
	const struct sg_cert_facts f = {
		.serial = sg_slice("\x01", 1),
		.sigalg = issuer_ec->sigalg,
		.issuer = issuer_ec->cert.subject,
		.subject = subject ? issuer_ec->cert.subject : sg_slice(empty, 2),
		.spki = sg_buf_slice(&spki),
		.not_before = NOW,
		.not_after = NOW + DAY,
		.ca = true,
		.path_len = -1,
		.key_usage = key_usage,
		.ski = ski ? issuer_ec->cert.exts.ski : sg_slice(NULL, 0),
	};
	sg_cert_put_tbs(&tbs, &f);
	sg_signed_put(&der, sg_buf_slice(&tbs), f.sigalg, sg_slice("sig", 3));
	enum sg_code rc = sg_issuer_new(sg_buf_slice(&der), ca_ec, SG_HASH_SHA256, NULL, &iss, err);
	sg_issuer_free(&iss);
	return rc;
}

static void
issuer_new__one_thing_missing__own_rules(void **state)
{
	const uint32_t both = SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN;

	(void)state;
	assert_ok(issuer_from_facts(both, true, true, NULL));
	assert_rule(issuer_from_facts(0, true, true, err), SG_E_CONF, "issuer.key-usage");
	assert_rule(issuer_from_facts(SG_KU_KEY_CERT_SIGN, true, true, err), SG_E_CONF,
	    "issuer.key-usage");
	assert_rule(issuer_from_facts(SG_KU_CRL_SIGN, true, true, err), SG_E_CONF,
	    "issuer.key-usage");
	assert_rule(issuer_from_facts(both, false, true, err), SG_E_CONF, "issuer.ski");
	assert_rule(issuer_from_facts(both, true, false, err), SG_E_CONF, "issuer.subject");
}

static void
issuer_new__nth_allocation_fails__nomem(void **state)
{
	(void)state;
	for (unsigned long n = 1; n < 100; n++) {
		struct sg_issuer *iss = NULL;
		sg_alloc_fail_at(n);
		enum sg_code rc = sg_issuer_new(sg_buf_slice(&issuer_ec->der), ca_ec,
		    SG_HASH_SHA256, NULL, &iss, NULL);
		sg_alloc_fail_at(0);
		sg_issuer_free(&iss);
		if (rc == SG_OK)
			return;
		assert_int_equal(rc, SG_E_NOMEM);
	}
	fail();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ca_make__both_keys__root),
		cmocka_unit_test(ca_make__bad_requests__refused),
		cmocka_unit_test(ra_make__rsa_key__request_agent),
		cmocka_unit_test(ra_make__bad_requests__refused),
		cmocka_unit_test(issuer_new__certificates_that_cannot__refused),
		cmocka_unit_test(issuer_new__one_thing_missing__own_rules),
		cmocka_unit_test(issuer_new__nth_allocation_fails__nomem),
	};

	return cmocka_run_group_tests(tests, setup_keys, teardown_keys);
}
