/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "scep/oids.h"

static enum sg_code
decode(const struct fx_spec *s, struct sg_buf *der, struct sg_scep_msg *msg, struct sg_err *err)
{
	sg_buf_reset(der);
	fx_build(s, der);
	return sg_scep_decode(sg_buf_slice(der), msg, err);
}

/* Decoding fails: nobody could be answered. */
static void
refused(const struct fx_spec *s, enum sg_code code, const char *rule)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	fx_assert_fails(decode(s, &der, &msg, &err), err, code, rule);
}

/* Decoding goes well enough to answer, the check does not. */
static void
put_off(const struct fx_spec *s, enum sg_code code, const char *rule)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	struct sg_scep_rules rules = {.hashes = FX_HASHES, .ciphers = FX_CIPHERS};

	fx_assert_ok(decode(s, &der, &msg, &err), err);
	assert_true(sg_slice_is(msg.txid, FX_TXID));
	fx_assert_fails(sg_scep_check(&msg, &rules, &err), err, code, rule);
	enum sg_code rc = sg_scep_verify(&msg, NULL, &err);
	if (msg.refused.code != SG_OK)
		assert_int_equal(rc, code);
}

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
	fx_assert_ok(decode(&s, &der, &msg, &err), err);
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
	assert_int_equal(msg.fail, SG_SCEP_FAIL_NONE);
	assert_int_equal(msg.hash, SG_HASH_SHA256);
	assert_int_equal(msg.sigalg.scheme, SG_SIG_RSA_PKCS1);
	assert_int_equal(msg.sigalg.hash, SG_HASH_SHA256);
	assert_true(msg.has_signer);
	fx_assert_slice(msg.signer.raw, sg_buf_slice(&fx.dev_der));
	fx_assert_slice(msg.content, sg_buf_slice(&fx.envelope));
	assert_true(sg_scep_signer_self_issued(&msg));
	assert_true(sg_scep_signer_is(&msg, &fx.dev));
	assert_false(sg_scep_signer_is(&msg, &fx.ra));
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
		assert_int_equal(
		    sg_scep_decode(sg_slice(der.p, n), &msg, &err), SG_E_MALFORMED);
	}
	for (size_t n = 0; n < ber.len; n++) {
		sg_scep_msg_scoped msg = {0};
		assert_int_equal(
		    sg_scep_decode(sg_slice(ber.p, n), &msg, &err), SG_E_MALFORMED);
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
	fx_assert_fails(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err, SG_E_MALFORMED,
	    "ber.trailing");
}

static void
decode__too_large__refused(void **state)
{
	sg_buf_scoped big = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	assert_non_null(sg_buf_extend(&big, SG_MESSAGE_MAX + 1));
	fx_assert_fails(sg_scep_decode(sg_buf_slice(&big), &msg, &err), err, SG_E_LIMIT,
	    "scep.message.size");
}

static void
decode__too_deep__refused(void **state)
{
	sg_buf_scoped b = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	for (unsigned i = 0; i < SG_DER_DEPTH_MAX + 1; i++)
		sg_buf_put(&b, "\x30\x80", 2);
	fx_assert_fails(
	    sg_scep_decode(sg_buf_slice(&b), &msg, &err), err, SG_E_LIMIT, "ber.depth");
}

static void
decode__other_content_types__refused(void **state)
{
	static const struct {
		const struct sg_slice *oid;
		enum sg_code code;
		const char *rule;
	} rows[] = {
	    {&sg_scep_oid_data, SG_E_MALFORMED, "cms.type"},
	    {&sg_scep_oid_enveloped_data, SG_E_MALFORMED, "cms.type"},
	    {&sg_scep_oid_digested_data, SG_E_MALFORMED, "cms.type"},
	    {&sg_scep_oid_encrypted_data, SG_E_MALFORMED, "cms.type"},
	    {&sg_scep_oid_auth_enveloped_data, SG_E_ALG, "cms.authenveloped"},
	    {&sg_scep_oid_compressed_data, SG_E_ALG, "cms.compressed"},
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
		fx_assert_fails(sg_scep_decode(sg_buf_slice(&b), &msg, &err), err,
		    rows[i].code, rows[i].rule);
	}
}

static void
decode__shape__refused(void **state)
{
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	s.version = 2;
	refused(&s, SG_E_MALFORMED, "cms.version");
	fx_spec(&s);
	s.si_version = 0;
	refused(&s, SG_E_MALFORMED, "cms.version");
	fx_spec(&s);
	s.signer_n = 0;
	refused(&s, SG_E_MALFORMED, "cms.signers.count");
	fx_spec(&s);
	s.signer_n = 2;
	refused(&s, SG_E_MALFORMED, "cms.signers.count");
	fx_spec(&s);
	s.crls = true;
	refused(&s, SG_E_MALFORMED, "cms.crls");
	fx_spec(&s);
	s.hash_n = 9;
	refused(&s, SG_E_LIMIT, "cms.digests.count");
	fx_spec(&s);
	s.no_attrs = true;
	refused(&s, SG_E_MALFORMED, "cms.attrs.missing");
	fx_spec(&s);
	s.etype = sg_scep_oid_enveloped_data;
	put_off(&s, SG_E_MALFORMED, "cms.content.type");
}

static void
decode__certs__counted(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	for (size_t i = 0; i < 16; i++)
		s.cert[i] = sg_buf_slice(&fx.ra_der);
	s.cert[9] = sg_buf_slice(&fx.dev_der);
	s.cert_n = SG_CMS_CERTS_MAX;
	fx_assert_ok(decode(&s, &der, &msg, &err), err);
	assert_int_equal(msg.cert_n, SG_CMS_CERTS_MAX);
	assert_true(msg.has_signer);
	s.cert_n++;
	refused(&s, SG_E_LIMIT, "cms.certs.count");
}

static void
decode__signer_id__bounds(void **state)
{
	static const uint8_t long_id[SG_SERIAL_MAX + 1];
	struct fx_spec s;
	struct sg_cert signer = fx.dev;

	(void)state;
	for (size_t n = 0; n <= SG_SERIAL_MAX + 1; n += SG_SERIAL_MAX + 1) {
		fx_spec(&s);
		s.signer = &signer;
		signer.serial = sg_slice(long_id, n);
		refused(&s, SG_E_LIMIT, "cms.serial");
		s.ski = true;
		signer.exts.ski = sg_slice(long_id, n);
		refused(&s, SG_E_LIMIT, "cms.ski");
	}
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
	fx_assert_ok(decode(&s, &der, &msg, &err), err);
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
}

static void
decode__txid__rules(void **state)
{
	struct fx_spec s;
	char longest[SG_TXID_MAX + 1];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	static const struct {
		unsigned tag;
		const char *text;
		bool ok;
	} rows[] = {
	    {SG_DER_PRINTABLE, "1", true},
	    {SG_DER_UTF8, "\xc3\xa4", true},
	    {SG_DER_PRINTABLE, "a+b/c=", true},
	    {SG_DER_PRINTABLE, "under_score", true},
	    {SG_DER_PRINTABLE, "", false},
	    {SG_DER_PRINTABLE, "a\r\nb", true},
	    {SG_DER_UTF8, "\x7f", true},
	    {SG_DER_PRINTABLE, "\xc3\xa4", false},
	    {SG_DER_UTF8, "\xc3", false},
	    {SG_DER_BMP, "ab", false},
	    {SG_DER_IA5, "ab", false},
	    {SG_DER_OCTET_STRING, "ab", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sg_buf_scoped der = {0};
		sg_scep_msg_scoped msg = {0};
		struct sg_err err = {0};
		fx_spec(&s);
		fx_attr(&s, sg_scep_oid_transaction_id)->tag = rows[i].tag;
		fx_attr(&s, sg_scep_oid_transaction_id)->val = sg_slice_str(rows[i].text);
		enum sg_code rc = decode(&s, &der, &msg, &err);
		if (rows[i].ok)
			fx_assert_ok(rc, err);
		else
			fx_assert_fails(rc, err, SG_E_MALFORMED, "scep.txid");
	}
	fx_spec(&s);
	fx_attr(&s, sg_scep_oid_transaction_id)->val = sg_slice(longest, SG_TXID_MAX);
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	fx_assert_ok(decode(&s, &der, &msg, &err), err);
	fx_attr(&s, sg_scep_oid_transaction_id)->val = sg_slice(longest, SG_TXID_MAX + 1);
	refused(&s, SG_E_MALFORMED, "scep.txid");
	fx_attr(&s, sg_scep_oid_transaction_id)->val = sg_slice("a\0b", 3);
	refused(&s, SG_E_MALFORMED, "scep.txid");
	fx_attr(&s, sg_scep_oid_transaction_id)->tag = SG_DER_UTF8;
	refused(&s, SG_E_MALFORMED, "scep.txid");
	fx_drop_attr(&s, sg_scep_oid_transaction_id);
	refused(&s, SG_E_MALFORMED, "scep.txid.missing");
}

static void
decode__attr_twice__refused(void **state)
{
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	for (size_t i = 0; i < s.attr_n; i++) {
		struct fx_spec t = s;
		t.attr[t.attr_n++] = s.attr[i];
		if (sg_slice_eq(s.attr[i].oid, sg_scep_oid_transaction_id))
			refused(&t, SG_E_MALFORMED, "cms.attr.duplicate");
		else
			put_off(&t, SG_E_MALFORMED, "cms.attr.duplicate");
	}
}

static void
decode__attr_values__exactly_one(void **state)
{
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	for (size_t i = 0; i < s.attr_n; i++) {
		for (unsigned values = 0; values <= 2; values += 2) {
			struct fx_spec t = s;
			t.attr[i].values = values;
			if (sg_slice_eq(s.attr[i].oid, sg_scep_oid_transaction_id))
				refused(&t, SG_E_MALFORMED, "cms.attr.values");
			else
				put_off(&t, SG_E_MALFORMED, "cms.attr.values");
		}
	}
}

static void
decode__attr_wrong_type__put_off(void **state)
{
	static const struct sg_slice *const oids[] = {
	    &sg_scep_oid_content_type,
	    &sg_scep_oid_message_digest,
	    &sg_scep_oid_message_type,
	    &sg_scep_oid_sender_nonce,
	    &sg_scep_oid_recipient_nonce,
	    &sg_scep_oid_pki_status,
	    &sg_scep_oid_fail_info,
	    &sg_scep_oid_fail_info_text,
	    &sg_scep_oid_ms_hresult,
	};
	struct fx_spec s;

	(void)state;
	for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++) {
		fx_spec(&s);
		if (i >= 4)
			fx_add_attr(&s, *oids[i], SG_DER_PRINTABLE, sg_slice_str("0"));
		fx_attr(&s, *oids[i])->tag = SG_DER_BIT_STRING;
		put_off(&s, SG_E_MALFORMED, "scep.attr.type");
	}
	fx_spec(&s);
	fx_attr(&s, sg_scep_oid_signing_time)->val = sg_slice_str("never");
	put_off(&s, SG_E_MALFORMED, "der.time");
	fx_spec(&s);
	fx_attr(&s, sg_scep_oid_content_type)->val = sg_scep_oid_enveloped_data;
	put_off(&s, SG_E_MALFORMED, "cms.content.type");
	fx_spec(&s);
	fx_add_attr(&s, sg_scep_oid_fail_info_text, SG_DER_UTF8, sg_slice_str("\xff"));
	put_off(&s, SG_E_MALFORMED, "scep.attr.type");
}

static void
decode__nonce__lengths(void **state)
{
	struct fx_spec s;
	uint8_t nonce[SG_NONCE_MAX + 1] = {0};

	(void)state;
	for (size_t n = 0; n <= SG_NONCE_MAX + 1; n++) {
		sg_buf_scoped der = {0};
		sg_scep_msg_scoped msg = {0};
		struct sg_err err = {0};
		fx_spec(&s);
		fx_attr(&s, sg_scep_oid_sender_nonce)->val = sg_slice(nonce, n);
		fx_assert_ok(decode(&s, &der, &msg, &err), err);
		if (n >= 1 && n <= SG_NONCE_MAX) {
			assert_int_equal(msg.refused.code, SG_OK);
			assert_int_equal(msg.sender_nonce.len, n);
			continue;
		}
		assert_int_equal(msg.refused.code, SG_E_MALFORMED);
		assert_string_equal(msg.refused.rule, "scep.nonce");
	}
}

static void
decode__unknown_attrs__ignored_up_to_limit(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	uint8_t oid[3] = {0x2a, 0x03, 0};

	(void)state;
	fx_spec(&s);
	while (s.attr_n < SG_CMS_ATTRS_MAX)
		fx_add_attr(&s, sg_slice(oid, 3), SG_DER_NULL, (struct sg_slice){0});
	fx_assert_ok(decode(&s, &der, &msg, &err), err);
	assert_int_equal(msg.refused.code, SG_OK);
	fx_add_attr(&s, sg_slice(oid, 3), SG_DER_NULL, (struct sg_slice){0});
	refused(&s, SG_E_LIMIT, "cms.attrs.count");
}

static void
decode__refused_algorithms__answerable(void **state)
{
	static const uint8_t md5[] = {0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
	    0x02, 0x05, 0x05, 0x00};
	static const uint8_t md5_rsa[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
	    0x0d, 0x01, 0x01, 0x04, 0x05, 0x00};
	static const uint8_t unknown[] = {0x30, 0x04, 0x06, 0x02, 0x2a, 0x03};
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	s.hash_raw = sg_slice(md5, sizeof(md5));
	put_off(&s, SG_E_ALG, "alg.md5");
	fx_spec(&s);
	s.sig_raw = sg_slice(md5_rsa, sizeof(md5_rsa));
	put_off(&s, SG_E_ALG, "alg.md5");
	fx_spec(&s);
	s.hash_raw = sg_slice(unknown, sizeof(unknown));
	put_off(&s, SG_E_ALG, "alg.unknown");
	fx_spec(&s);
	s.sig_raw = sg_slice(unknown, sizeof(unknown));
	put_off(&s, SG_E_ALG, "alg.unknown");
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
	fx_assert_ok(decode(&s, &der, &msg, &err), err);
	assert_false(msg.has_signer);
	assert_false(sg_scep_signer_self_issued(&msg));
	fx_assert_fails(
	    sg_scep_verify(&msg, NULL, &err), err, SG_E_SIGNATURE, "cms.signer.missing");
	sg_scep_msg_free(&msg);
	s.cert_n = 1;
	s.cert[0] = sg_buf_slice(&fx.ra_der);
	fx_assert_ok(decode(&s, &der, &msg, &err), err);
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
	put_off(&s, SG_E_MALFORMED, "der");
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
	fx_assert_ok(decode(&s, &der, &msg, &err), err);
	assert_true(msg.has_signer);
	assert_false(sg_scep_signer_self_issued(&msg));
	fx_assert_slice(msg.signer.raw, sg_buf_slice(&fx.issued_der));
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
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
	fx_assert_ok(decode(&s, &der, &msg, &err), err);
	assert_false(msg.has_content);
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
	s.no_content = true;
	sg_scep_msg_free(&msg);
	fx_assert_ok(decode(&s, &der, &msg, &err), err);
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
		sg_alloc_fail_at(n);
		rc = sg_scep_decode(sg_buf_slice(&ber), &msg, &err);
		sg_alloc_fail_at(0);
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
	    cmocka_unit_test(decode__too_large__refused),
	    cmocka_unit_test(decode__too_deep__refused),
	    cmocka_unit_test(decode__other_content_types__refused),
	    cmocka_unit_test(decode__shape__refused),
	    cmocka_unit_test(decode__certs__counted),
	    cmocka_unit_test(decode__signer_id__bounds),
	    cmocka_unit_test(decode__unsigned_attrs__ignored),
	    cmocka_unit_test(decode__txid__rules),
	    cmocka_unit_test(decode__attr_twice__refused),
	    cmocka_unit_test(decode__attr_values__exactly_one),
	    cmocka_unit_test(decode__attr_wrong_type__put_off),
	    cmocka_unit_test(decode__nonce__lengths),
	    cmocka_unit_test(decode__unknown_attrs__ignored_up_to_limit),
	    cmocka_unit_test(decode__refused_algorithms__answerable),
	    cmocka_unit_test(decode__signer_missing__verify_says_so),
	    cmocka_unit_test(decode__signer_broken__put_off),
	    cmocka_unit_test(decode__signer_by_key_id__found),
	    cmocka_unit_test(decode__empty_content__is_absent),
	    cmocka_unit_test(decode__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
