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
		assert_ok(sg_sign_verify(keys[i], c.sigalg, c.tbs, c.sig, NULL));
		assert_true(sg_slice_eq(c.issuer, c.subject));
		assert_true(c.exts.ca);
		assert_int_equal(c.exts.path_len, 0);
		assert_int_equal(c.exts.key_usage,
		    SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN);
		assert_int_equal(c.not_before, NOW - SG_BACKDATE_S);
		assert_int_equal(c.not_after, NOW + 3650 * DAY);
		assert_int_equal(c.serial.len, SG_ISSUE_SERIAL_LEN);
		assert_ok(sg_issue_lint_cert(sg_buf_slice(&der), &c, SG_ISSUE_LINT_CA, NULL, NULL));
	}
}

static void
ca_make__bad_requests__refused(void **state)
{
	static const uint8_t empty[] = {0x30, 0x00}, broken[] = {0x30, 0x01};
	sg_buf_scoped name = {0}, out = {0};

	(void)state;
	put_name(&name, "CN=x");
	struct sg_issue_ca req = {.subject = sg_slice(empty, 2),
	    .key = ca_ec,
	    .hash = SG_HASH_SHA256,
	    .now = NOW,
	    .validity_s = DAY,
	    .path_len = -1};
	assert_rule(sg_issue_ca_make(&req, &out, err), SG_E_USAGE, "issue.no-subject");
	req.subject = sg_slice(broken, 2);
	assert_int_not_equal(sg_issue_ca_make(&req, &out, NULL), SG_OK);
	req.subject = sg_buf_slice(&name);
	req.validity_s = 0;
	assert_rule(sg_issue_ca_make(&req, &out, err), SG_E_USAGE, "issue.validity");
	req.validity_s = DAY;
	req.hash = SG_HASH_SHA1;
	assert_rule(sg_issue_ca_make(&req, &out, err), SG_E_USAGE, "issue.validity");
	assert_int_equal(out.len, 0);
	req.hash = SG_HASH_SHA512;
	assert_ok(sg_issue_ca_make(&req, &out, NULL));
}

static void
ra_make__rsa_key__request_agent(void **state)
{
	const struct sg_issuer *const issuers[] = {issuer_ec, issuer_rsa};
	sg_buf_scoped name = {0}, spki = {0};

	(void)state;
	put_name(&name, "CN=Test RA, O=Test");
	assert_ok(sg_key_put_spki(dev_rsa, &spki, NULL));
	const struct sg_issue_ra req = {.subject = sg_buf_slice(&name),
	    .spki = sg_buf_slice(&spki),
	    .now = NOW,
	    .validity_s = 36500 * DAY};
	for (size_t i = 0; i < 2; i++) {
		sg_buf_scoped der = {0};
		struct sg_cert c;
		assert_ok(sg_issue_ra_make(issuers[i], &req, &der, NULL));
		assert_ok(sg_cert_parse(sg_buf_slice(&der), &c, NULL));
		assert_ok(sg_sign_verify(issuers[i]->pub, c.sigalg, c.tbs, c.sig, NULL));
		assert_int_equal(
		    c.exts.key_usage, SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT);
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
	struct sg_issue_ra req = {.subject = sg_slice(empty, 2),
	    .spki = sg_buf_slice(&spki),
	    .now = NOW,
	    .validity_s = DAY};
	assert_rule(sg_issue_ra_make(issuer_ec, &req, &out, err), SG_E_USAGE, "issue.no-subject");
	req.subject = sg_buf_slice(&name);
	assert_rule(sg_issue_ra_make(issuer_ec, &req, &out, err), SG_E_USAGE, "issue.ra-key");
	assert_int_equal(out.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ca_make__both_keys__root),
	    cmocka_unit_test(ca_make__bad_requests__refused),
	    cmocka_unit_test(ra_make__rsa_key__request_agent),
	    cmocka_unit_test(ra_make__bad_requests__refused),
	};

	return cmocka_run_group_tests(tests, setup_keys, teardown_keys);
}
