/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "asn1/oid.h"
#include "scep/check.h"
#include "scep/verify.h"

#define PKCS7 "\x2a\x86\x48\x86\xf7\x0d\x01\x07"
static const struct sg_slice digested_data = {(const uint8_t *)PKCS7 "\x05", 9};
static const struct sg_slice encrypted_data = {(const uint8_t *)PKCS7 "\x06", 9};

static void
cms__too_large__refused(void **state)
{
	sg_buf_scoped big = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	assert_non_null(sg_buf_extend(&big, SG_MESSAGE_MAX + 1));
	fx_assert_fails(
	    sg_scep_decode(sg_buf_slice(&big), &msg, &err), err, SG_E_LIMIT, "scep.message.size");
}

static void
cms__too_deep__refused(void **state)
{
	sg_buf_scoped b = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	for (unsigned i = 0; i < SG_DER_DEPTH_MAX + 1; i++)
		sg_buf_put(&b, "\x30\x80", 2);
	fx_assert_fails(sg_scep_decode(sg_buf_slice(&b), &msg, &err), err, SG_E_LIMIT, "ber.depth");
}

static void
cms__other_content_types__refused(void **state)
{
	static const struct {
		const struct sg_slice *oid;
		enum sg_code code;
		const char *rule;
	} rows[] = {
	    {&SG_OID(data), SG_E_MALFORMED, "cms.type"},
	    {&SG_OID(enveloped_data), SG_E_MALFORMED, "cms.type"},
	    {&digested_data, SG_E_MALFORMED, "cms.type"},
	    {&encrypted_data, SG_E_MALFORMED, "cms.type"},
	    {&SG_OID(auth_enveloped_data), SG_E_ALG, "cms.authenveloped"},
	    {&SG_OID(compressed_data), SG_E_ALG, "cms.compressed"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sg_buf_scoped b = {0};
		sg_scep_msg_scoped msg = {0};
		struct sg_err err = {0};
		size_t info = sg_derw_begin(&b, SG_DER_SEQUENCE);
		sg_derw_oid(&b, *rows[i].oid);
		size_t content = sg_derw_begin(&b, SG_DER_CTX_CONS(0));
		sg_derw_end(&b, sg_derw_begin(&b, SG_DER_SEQUENCE));
		sg_derw_end(&b, content);
		sg_derw_end(&b, info);
		fx_assert_fails(
		    sg_scep_decode(sg_buf_slice(&b), &msg, &err), err, rows[i].code, rows[i].rule);
	}
}

static void
cms__shape__refused(void **state)
{
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	s.signer_n = 0;
	fx_refused(&s, SG_E_MALFORMED, "cms.signers.count");
	fx_spec(&s);
	s.signer_n = 2;
	fx_refused(&s, SG_E_MALFORMED, "cms.signers.count");
	fx_spec(&s);
	s.no_attrs = true;
	fx_refused(&s, SG_E_MALFORMED, "cms.attrs.missing");
}

static void
cms__what_is_not_used__strict_only(void **state)
{
	static const unsigned versions[] = {0, 2, 4, 255, 256, 70000};
	struct fx_spec s;

	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		fx_spec(&s);
		s.version = versions[i];
		fx_fault(&s, "cms.version");
		fx_spec(&s);
		s.si_version = versions[i];
		fx_fault(&s, "cms.version");
	}
	fx_spec(&s);
	s.crls = true;
	fx_fault(&s, "cms.crls");
	fx_spec(&s);
	s.etype = SG_OID(enveloped_data);
	fx_fault(&s, "cms.content.type");
}

/* The SignerInfo has the digest algorithm that counts. */
static void
cms__digest_algorithms__not_read(void **state)
{
	struct fx_spec s;

	(void)state;
	for (unsigned n = 0; n <= 40; n += 20) {
		sg_buf_scoped der = {0};
		sg_scep_msg_scoped msg = {0};
		struct sg_err err = {0};
		fx_spec(&s);
		s.hash_n = n;
		fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
		fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
		assert_int_equal(msg.fault.code, SG_OK);
	}
}

/* Attribute certificates and other formats beside the signer's certificate, and certificates that
 * are none. */
static void
cms__other_certificates__skipped(void **state)
{
	static const uint8_t attribute[] = {0xa2, 0x02, 0x05, 0x00}, other[] = {0xa3, 0x00},
			     broken[] = {0x30, 0x02, 0x05, 0x00};
	struct fx_spec s;
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	s.cert_n = 0;
	for (size_t i = 0; i < 5; i++)
		s.cert[s.cert_n++] = sg_slice(attribute, sizeof attribute);
	for (size_t i = 0; i < 5; i++)
		s.cert[s.cert_n++] = sg_slice(other, sizeof other);
	s.cert[s.cert_n++] = sg_slice(broken, sizeof broken);
	s.cert[s.cert_n++] = sg_buf_slice(&fx.dev_der);
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	assert_int_equal(msg.cert_n, 2);
	fx_assert_slice(msg.signer.raw, sg_buf_slice(&fx.dev_der));
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
}

static void
cms__certs__counted(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	for (size_t i = 0; i < SG_CMS_CERTS_MAX + 1; i++)
		s.cert[i] = sg_slice("\x30\x00", 2); /* none that can be read, and small */
	s.cert[SG_CMS_CERTS_MAX - 1] = sg_buf_slice(&fx.dev_der);
	s.cert_n = SG_CMS_CERTS_MAX;
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	assert_int_equal(msg.cert_n, SG_CMS_CERTS_MAX);
	assert_true(msg.has_signer);
	s.cert_n++;
	fx_refused(&s, SG_E_LIMIT, "cms.certs.count");
}

static void
cms__signer_id__bounds(void **state)
{
	static const uint8_t long_id[SG_SERIAL_MAX + 1];
	struct fx_spec s;
	struct sg_cert signer = fx.dev;

	(void)state;
	for (size_t n = 0; n <= SG_SERIAL_MAX + 1; n += SG_SERIAL_MAX + 1) {
		fx_spec(&s);
		s.signer = &signer;
		signer.serial = sg_slice(long_id, n);
		fx_refused(&s, SG_E_LIMIT, "cms.serial");
		s.ski = true;
		signer.exts.ski = sg_slice(long_id, n);
		fx_refused(&s, SG_E_LIMIT, "cms.ski");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cms__too_large__refused),
	    cmocka_unit_test(cms__too_deep__refused),
	    cmocka_unit_test(cms__other_content_types__refused),
	    cmocka_unit_test(cms__shape__refused),
	    cmocka_unit_test(cms__what_is_not_used__strict_only),
	    cmocka_unit_test(cms__digest_algorithms__not_read),
	    cmocka_unit_test(cms__other_certificates__skipped),
	    cmocka_unit_test(cms__certs__counted),
	    cmocka_unit_test(cms__signer_id__bounds),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
