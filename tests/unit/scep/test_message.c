/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "asn1/oid.h"
#include "asn1/spki.h"
#include "crypto/digest.h"
#include "lib/alloc_fail.h"
#include "scep/check.h"
#include "scep/verify.h"

static void
decode__good__all_fields(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	struct sg_scep_rules rules = {.hashes = FX_HASHES, .strict = true};

	(void)state;
	fx_spec(&s);
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	assert_int_equal(msg.der.len, 0);
	assert_int_equal(msg.type, SG_SCEP_PKCSREQ);
	assert_true(sg_slice_is(msg.type_text, "19"));
	assert_true(sg_slice_is(msg.txid, FX_TXID));
	assert_int_equal(msg.txid_tag, SG_DER_PRINTABLE);
	assert_true(sg_slice_is(msg.sender_nonce, FX_NONCE));
	assert_int_equal(msg.recipient_nonce.len, 0);
	assert_true(msg.has_content_type);
	assert_true(msg.has_signing_time);
	assert_int_equal(msg.signing_time, FX_TIME);
	assert_int_equal(msg.status, SG_SCEP_STATUS_NONE);
	assert_false(msg.fail_info.present);
	assert_int_equal(msg.hash, SG_HASH_SHA256);
	assert_int_equal(msg.sigalg.scheme, SG_SIG_RSA_PKCS1);
	assert_int_equal(msg.sigalg.hash, SG_HASH_SHA256);
	assert_true(msg.has_signer);
	fx_assert_slice(msg.signer.raw, sg_buf_slice(&fx.dev_der));
	fx_assert_slice(msg.content, sg_buf_slice(&fx.envelope));
	struct sg_cert_light dev = fx_light(&fx.dev), ra = fx_light(&fx.ra);
	assert_true(sg_scep_signer_is(&msg, &dev));
	assert_false(sg_scep_signer_is(&msg, &ra));
	fx_assert_ok(sg_scep_check(&msg, &rules, &err), err);
}

static void
decode__ber__same_as_der(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0}, ber = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	fx_build(&s, &der);
	fx_ber(sg_buf_slice(&der), &ber);
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&ber), &msg, &err), err);
	fx_assert_slice(sg_buf_slice(&msg.der), sg_buf_slice(&der));
	fx_assert_slice(msg.content, sg_buf_slice(&fx.envelope));
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
}

static void
decode__every_prefix__refused(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0}, ber = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	fx_build(&s, &der);
	fx_ber(sg_buf_slice(&der), &ber);
	for (size_t n = 0; n < der.len; n++) {
		sg_scep_msg_scoped msg = {0};
		assert_int_equal(sg_scep_decode(sg_slice(der.p, n), &msg, &err), SG_E_MALFORMED);
	}
	for (size_t n = 0; n < ber.len; n++) {
		sg_scep_msg_scoped msg = {0};
		assert_int_equal(sg_scep_decode(sg_slice(ber.p, n), &msg, &err), SG_E_MALFORMED);
	}
}

/* Whatever one byte is changed to: no crash, and never a signature that holds over other
 * attributes, content or key. */
static void
decode__every_byte_changed__no_crash(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	fx_build(&s, &der);
	for (size_t n = 0; n < der.len; n++) {
		uint8_t was = der.p[n];
		for (unsigned v = 1; v < 256; v *= 2) {
			sg_scep_msg_scoped msg = {0};
			der.p[n] = (uint8_t)(was ^ v);
			sg_ignore(sg_scep_decode(sg_buf_slice(&der), &msg, &err));
		}
		der.p[n] = was;
	}
}

static void
decode__trailing_byte__refused(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	fx_build(&s, &der);
	sg_buf_put_u8(&der, 0);
	fx_assert_fails(
	    sg_scep_decode(sg_buf_slice(&der), &msg, &err), err, SG_E_MALFORMED, "ber.trailing");
}

static void
decode__unsigned_attrs__ignored(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	s.unsigned_attrs = true;
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
}

static void
decode__refused_algorithms__answerable(void **state)
{
	static const uint8_t md5[] = {
	    0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05, 0x00};
	static const uint8_t md5_rsa[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
	    0x0d, 0x01, 0x01, 0x04, 0x05, 0x00};
	static const uint8_t unknown[] = {0x30, 0x04, 0x06, 0x02, 0x2a, 0x03};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	s.hash_raw = sg_slice(md5, sizeof(md5));
	fx_put_off(&s, SG_E_ALG, "alg.md5");
	fx_spec(&s);
	s.sig_raw = sg_slice(md5_rsa, sizeof(md5_rsa));
	fx_put_off(&s, SG_E_ALG, "alg.md5");
	fx_spec(&s);
	s.hash_raw = sg_slice(unknown, sizeof(unknown));
	fx_put_off(&s, SG_E_ALG, "alg.unknown");
	fx_spec(&s);
	s.sig_raw = sg_slice(unknown, sizeof(unknown));
	fx_put_off(&s, SG_E_ALG, "alg.unknown");
}

static void
decode__signer_missing__verify_says_so(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	s.cert_n = 0;
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	assert_false(msg.has_signer);
	fx_assert_fails(
	    sg_scep_verify(&msg, NULL, &err), err, SG_E_SIGNATURE, "cms.signer.missing");
	sg_scep_msg_free(&msg);
	s.cert_n = 1;
	s.cert[0] = sg_buf_slice(&fx.ra_der);
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	fx_assert_fails(
	    sg_scep_verify(&msg, NULL, &err), err, SG_E_SIGNATURE, "cms.signer.missing");
}

static void
decode__signer_broken__put_off(void **state)
{
	struct fx_spec s;
	sg_buf_scoped cert = {0};

	(void)state;
	fx_spec(&s);
	/* Serial and issuer of the device, then nothing. */
	size_t outer = sg_derw_begin(&cert, SG_DER_SEQUENCE);
	size_t tbs = sg_derw_begin(&cert, SG_DER_SEQUENCE);
	sg_derw_tlv(&cert, SG_DER_INTEGER, fx.dev.serial);
	sg_derw_end(&cert, sg_derw_begin(&cert, SG_DER_SEQUENCE));
	sg_buf_put_slice(&cert, fx.dev.issuer);
	sg_derw_end(&cert, tbs);
	sg_derw_end(&cert, outer);
	s.cert[0] = sg_buf_slice(&cert);
	fx_put_off(&s, SG_E_MALFORMED, "der");
}

static void
decode__signer_by_key_id__found(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	s.ski = true;
	s.si_version = 3;
	s.version = 3;
	s.signer = &fx.issued;
	s.cert_n = 2;
	s.cert[0] = sg_buf_slice(&fx.ra_der);
	s.cert[1] = sg_buf_slice(&fx.issued_der);
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	assert_true(msg.has_signer);
	fx_assert_slice(msg.signer.raw, sg_buf_slice(&fx.issued_der));
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
}

/* A certificate without subjectKeyIdentifier, whose identifier the client computed. */
static void
decode__signer_by_computed_key_id__found(void **state)
{
	uint8_t md[SG_HASH_LEN_MAX];
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(fx.dev.spki, &err);
	struct sg_spki spki = sg_spki_read(&d);
	const struct sg_slice hashed[] = {spki.bits, fx.dev.spki, fx.dev.issuer};
	struct sg_cert signer = fx.dev;

	(void)state;
	assert_int_equal(fx.dev.exts.ski.len, 0);
	for (size_t i = 0; i < sizeof hashed / sizeof hashed[0]; i++) {
		struct fx_spec s;
		sg_buf_scoped der = {0};
		sg_scep_msg_scoped msg = {0};
		fx_assert_ok(sg_digest(SG_HASH_SHA1, hashed[i], md, &err), err);
		signer.exts.ski = sg_slice(md, sg_hash_len(SG_HASH_SHA1));
		fx_spec(&s);
		s.ski = true;
		s.signer = &signer;
		fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
		assert_int_equal(msg.has_signer, i < 2);
		if (msg.has_signer)
			fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
	}
}

/* An empty OCTET STRING is as good as none, RFC 8894 3. */
static void
decode__empty_content__is_absent(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	s.content = sg_slice("", 0);
	fx_digest(&s);
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	assert_false(msg.has_content);
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
	s.no_content = true;
	sg_scep_msg_free(&msg);
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	assert_false(msg.has_content);
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
}

static void
decode__no_memory__says_so(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0}, ber = {0};

	(void)state;
	fx_spec(&s);
	fx_build(&s, &der);
	fx_ber(sg_buf_slice(&der), &ber);
	enum sg_code rc = SG_E_NOMEM;
	for (unsigned long n = 1; rc != SG_OK; n++) {
		sg_scep_msg_scoped msg = {0};
		struct sg_err err = {0};
		alloc_fail_at(n);
		rc = sg_scep_decode(sg_buf_slice(&ber), &msg, &err);
		alloc_fail_at(0);
		if (rc != SG_OK) {
			assert_int_equal(rc, SG_E_NOMEM);
			assert_int_equal(msg.cert_n, 0);
		}
		assert_true(n < 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decode__good__all_fields),
	    cmocka_unit_test(decode__ber__same_as_der),
	    cmocka_unit_test(decode__every_prefix__refused),
	    cmocka_unit_test(decode__every_byte_changed__no_crash),
	    cmocka_unit_test(decode__trailing_byte__refused),
	    cmocka_unit_test(decode__unsigned_attrs__ignored),
	    cmocka_unit_test(decode__refused_algorithms__answerable),
	    cmocka_unit_test(decode__signer_missing__verify_says_so),
	    cmocka_unit_test(decode__signer_broken__put_off),
	    cmocka_unit_test(decode__signer_by_key_id__found),
	    cmocka_unit_test(decode__signer_by_computed_key_id__found),
	    cmocka_unit_test(decode__empty_content__is_absent),
	    cmocka_unit_test(decode__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
