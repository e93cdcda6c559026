/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "crypto/digest.h"
#include "lib/alloc_fail.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/signed.h"

static void
issuer_new__certificates_that_cannot__refused(void **state)
{
	struct sg_issuer *iss = NULL;
	struct bench b;
	sg_buf_scoped leaf = {0};

	(void)state;
	struct sg_slice ca = sg_buf_slice(&issuer_ec->der);
	assert_rule(
	    sg_issuer_new(ca, ca_rsa, SG_HASH_SHA256, NULL, &iss, err), SG_E_CONF, "issuer.key");
	assert_rule(
	    sg_issuer_new(ca, dev_ec, SG_HASH_SHA256, NULL, &iss, err), SG_E_CONF, "issuer.key");
	assert_rule(
	    sg_issuer_new(ca, ca_ec, SG_HASH_SHA1, NULL, &iss, err), SG_E_CONF, "issuer.hash");
	assert_rule(
	    sg_issuer_new(ca, ca_ec, SG_HASH_NONE, NULL, &iss, err), SG_E_CONF, "issuer.hash");
	bench_init(&b, issuer_ec, dev_ec);
	assert_ok(sg_issue_cert(&b.iss, &leaf, NULL));
	bench_clear(&b);
	assert_rule(sg_issuer_new(sg_buf_slice(&leaf), dev_ec, SG_HASH_SHA256, NULL, &iss, err),
	    SG_E_CONF, "issuer.ca");
	sg_buf_scoped curve = {0};
	sg_buf_put_slice(&curve, ca);
	uint8_t *oid = memmem(curve.p, curve.len, "\x2a\x86\x48\xce\x3d\x03\x01\x07", 8);
	assert_non_null(oid);
	oid[7] = 6; /* prime239v3 */
	assert_rule(sg_issuer_new(sg_buf_slice(&curve), NULL, SG_HASH_SHA256, NULL, &iss, err),
	    SG_E_CONF, "issuer.key-kind");
	for (size_t n = 0; n < ca.len; n += 7)
		assert_int_not_equal(
		    sg_issuer_new(sg_slice(ca.p, n), ca_ec, SG_HASH_SHA256, NULL, &iss, NULL),
		    SG_OK);
	assert_null(iss);
}

/* A CA certificate with one thing missing, not signed: sg_issuer_new does not look. */
static enum sg_code
new_from_facts(
    uint32_t key_usage, bool ski, bool subject, struct sg_issuer **ret, struct sg_err *err)
{
	static const uint8_t empty[] = {0x30, 0x00};
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
	return sg_issuer_new(sg_buf_slice(&der), ca_ec, SG_HASH_SHA256, NULL, ret, err);
}

static enum sg_code
issuer_from_facts(uint32_t key_usage, bool ski, bool subject, struct sg_err *err)
{
	struct sg_issuer *iss = NULL;
	enum sg_code rc = new_from_facts(key_usage, ski, subject, &iss, err);

	sg_issuer_free(&iss);
	return rc;
}

/* SHA-1 of the BIT STRING without its unused bits: what others would compute. */
static void
issuer_new__no_key_identifier__made_from_the_key(void **state)
{
	struct sg_issuer *iss = NULL;
	uint8_t hash[SG_HASH_LEN_MAX];
	struct bench b;
	struct sg_cert cert;
	sg_buf_scoped der = {0};

	(void)state;
	assert_ok(new_from_facts(0, false, true, &iss, NULL));
	struct sg_slice spki = iss->cert.spki; /* of P-256: ends with the point of 65 bytes */
	assert_ok(sg_digest(SG_HASH_SHA1, sg_slice(spki.p + spki.len - 65, 65), hash, NULL));
	assert_true(sg_slice_eq(iss->cert.exts.ski, sg_slice(hash, 20)));
	bench_init(&b, iss, dev_ec);
	assert_ok(sg_issue_cert(&b.iss, &der, NULL));
	assert_ok(sg_cert_parse(sg_buf_slice(&der), &cert, NULL));
	assert_true(sg_slice_eq(cert.exts.aki, sg_slice(hash, 20)));
	bench_clear(&b);
	sg_issuer_free(&iss);
}

static void
issuer_new__one_thing_missing__own_rules(void **state)
{
	const uint32_t both = SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN;

	(void)state;
	assert_ok(issuer_from_facts(both, true, true, NULL));
	assert_ok(issuer_from_facts(0, true, true, NULL));
	assert_ok(issuer_from_facts(SG_KU_KEY_CERT_SIGN, true, true, NULL));
	assert_rule(
	    issuer_from_facts(SG_KU_CRL_SIGN, true, true, err), SG_E_CONF, "issuer.key-usage");
	assert_ok(issuer_from_facts(both, false, true, NULL));
	assert_rule(issuer_from_facts(both, true, false, err), SG_E_CONF, "issuer.subject");
}

static void
issuer_new__nth_allocation_fails__nomem(void **state)
{
	(void)state;
	for (unsigned long n = 1; n < 100; n++) {
		struct sg_issuer *iss = NULL;
		alloc_fail_at(n);
		enum sg_code rc = sg_issuer_new(
		    sg_buf_slice(&issuer_ec->der), ca_ec, SG_HASH_SHA256, NULL, &iss, NULL);
		alloc_fail_at(0);
		sg_issuer_free(&iss);
		if (rc == SG_OK)
			return;
		assert_int_equal(rc, SG_E_NOMEM);
	}
	fail();
}

static void
issuer_new__urls__copied(void **state)
{
	char text[] = "http://a.example/x";
	const struct sg_issuer_urls urls = {
	    .cdp = sg_slice(text, 16), .ocsp = sg_slice(text, sizeof text - 1)};
	struct sg_issuer *iss = NULL;

	(void)state;
	assert_ok(
	    sg_issuer_new(sg_buf_slice(&issuer_ec->der), ca_ec, SG_HASH_SHA384, &urls, &iss, NULL));
	memset(text, 'x', sizeof text);
	assert_true(sg_slice_is(iss->cdp_url, "http://a.example"));
	assert_true(sg_slice_is(iss->ocsp_url, "http://a.example/x"));
	assert_int_equal(iss->ca_issuers_url.len, 0);
	assert_int_equal(iss->sigalg.hash, SG_HASH_SHA384);
	assert_int_equal(iss->sigalg.scheme, SG_SIG_ECDSA);
	sg_issuer_free(&iss);
	assert_null(iss);
	sg_issuer_free(&iss);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(issuer_new__certificates_that_cannot__refused),
	    cmocka_unit_test(issuer_new__one_thing_missing__own_rules),
	    cmocka_unit_test(issuer_new__no_key_identifier__made_from_the_key),
	    cmocka_unit_test(issuer_new__nth_allocation_fails__nomem),
	    cmocka_unit_test(issuer_new__urls__copied),
	};

	return cmocka_run_group_tests(tests, setup_keys, teardown_keys);
}
