/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "crypto/digest.h"
#include "crypto/sign.h"
#include "cms/degenerate.h"
#include "asn1/oid.h"
#include "lib/alloc_fail.h"
#include "scep/reply.h"
#include "scep/throwaway.h"

static struct sg_slice ca[1];
static struct sg_buf envelope; /* the issued certificate for dev */

static struct sg_scep_reply_expect
expect(void)
{
	ca[0] = sg_buf_slice(&fx.ra_der);
	return (struct sg_scep_reply_expect){
	    .txid = sg_slice_str(FX_TXID),
	    .sender_nonce = sg_slice_str(FX_NONCE),
	    .ca_n = 1,
	    .ca = ca,
	    .key = fx.dev_key,
	    .signer_cert = sg_buf_slice(&fx.dev_der),
	};
}

static void
seal(const struct sg_cert *to, enum sg_cipher cipher, struct sg_slice plain, struct sg_buf *b)
{
	struct sg_err err = {0};
	struct sg_envelope_facts f = {
	    .recipient = sg_cms_id_of_cert(to),
	    .key = fx.dev_key,
	    .trans = {.transport = SG_TRANSPORT_PKCS1},
	    .cipher = cipher,
	    .plain = plain,
	};

	sg_buf_reset(b);
	fx_assert_ok(sg_envelope_seal(b, &f, &err), err);
}

static void
seal_certs(const struct sg_cert *to, enum sg_cipher cipher, struct sg_buf *b)
{
	sg_buf_scoped certs = {0};
	struct sg_slice list[] = {sg_buf_slice(&fx.issued_der)};

	sg_degenerate_put(&certs, list, 1, NULL, 0);
	seal(to, cipher, sg_buf_slice(&certs), b);
}

/* A CertRep with this status, SUCCESS with the certificate inside. */
static void
answer(struct fx_spec *s, const char *status)
{
	fx_spec(s);
	s->signer = &fx.ra;
	s->key = fx.ra_key;
	s->cert[0] = sg_buf_slice(&fx.ra_der);
	fx_attr(s, SG_OID(message_type))->val = sg_slice_str("3");
	fx_add_attr(s, SG_OID(pki_status), SG_DER_PRINTABLE, sg_slice_str(status));
	fx_add_attr(s, SG_OID(recipient_nonce), SG_DER_OCTET_STRING, sg_slice_str(FX_NONCE));
	if (status[0] == '0') {
		seal_certs(&fx.dev, SG_CIPHER_AES128_CBC, &envelope);
		s->content = sg_buf_slice(&envelope);
	} else {
		s->no_content = true;
	}
	fx_digest(s);
}

static enum sg_code
open_reply(const struct fx_spec *s, const struct sg_scep_reply_expect *x,
    struct sg_scep_reply *reply, struct sg_err *err)
{
	sg_buf_scoped der = {0};

	fx_build(s, &der);
	return sg_scep_reply_open(sg_buf_slice(&der), x, reply, err);
}

static void
refused(const struct fx_spec *s, const struct sg_scep_reply_expect *x, enum sg_code code,
    const char *rule)
{
	sg_scep_reply_scoped reply = {0};
	struct sg_err err = {0};

	fx_assert_fails(open_reply(s, x, &reply, &err), err, code, rule);
	assert_int_equal(reply.status, SG_SCEP_STATUS_NONE);
}

static void
reply__success__certificate(void **state)
{
	struct fx_spec s;
	struct sg_scep_reply_expect x = expect();
	sg_scep_reply_scoped reply = {0};
	struct sg_err err = {0};

	(void)state;
	answer(&s, "0");
	fx_assert_ok(open_reply(&s, &x, &reply, &err), err);
	assert_int_equal(reply.status, SG_SCEP_SUCCESS);
	assert_int_equal(reply.certs.cert_n, 1);
	fx_assert_slice(reply.certs.cert[0], sg_buf_slice(&fx.issued_der));
}

static void
reply__pending_and_failure__statuses(void **state)
{
	struct fx_spec s;
	struct sg_scep_reply_expect x = expect();
	struct sg_err err = {0};
	sg_scep_reply_scoped pending = {0};

	(void)state;
	answer(&s, "3");
	fx_assert_ok(open_reply(&s, &x, &pending, &err), err);
	assert_int_equal(pending.status, SG_SCEP_PENDING);
	static const char *const fails[] = {"0", "1", "2", "3", "4"};
	for (unsigned i = 0; i < 5; i++) {
		sg_scep_reply_scoped reply = {0};
		answer(&s, "2");
		fx_add_attr(&s, SG_OID(fail_info), SG_DER_PRINTABLE, sg_slice_str(fails[i]));
		fx_add_attr(&s, SG_OID(fail_info_text), SG_DER_UTF8, sg_slice_str("because"));
		fx_add_attr(&s, SG_OID(ms_hresult), SG_DER_PRINTABLE, sg_slice_str("-1"));
		fx_assert_ok(open_reply(&s, &x, &reply, &err), err);
		assert_int_equal(reply.status, SG_SCEP_FAILURE);
		assert_int_equal(reply.fail, SG_SCEP_BAD_ALG + i);
		assert_true(sg_slice_is(reply.fail_info_text, "because"));
		assert_true(sg_slice_is(reply.hresult, "-1"));
	}
	/* NDES sends its failures without certificates. */
	sg_scep_reply_scoped bare = {0};
	s.cert_n = 0;
	fx_assert_ok(open_reply(&s, &x, &bare, &err), err);
}

/* A FAILURE with one odd attribute: what is read all the same, and what is said about it. */
static void
reply__odd_reasons__shown_with_a_fault(void **state)
{
	enum { INFO, TEXT, HRESULT };
	static const struct {
		int attr;
		unsigned tag;
		const char *val;
		size_t len; /* 0: to its NUL */
		enum sg_scep_fail fail;
		const char *text, *fault;
	} rows[] = {
	    {INFO, SG_DER_PRINTABLE, "2", 0, SG_SCEP_BAD_REQUEST, "", ""},
	    {INFO, SG_DER_PRINTABLE, "02", 0, SG_SCEP_BAD_REQUEST, "", "0 to 4 but '02'"},
	    {INFO, SG_DER_PRINTABLE, " 2 ", 0, SG_SCEP_BAD_REQUEST, "", "0 to 4 but ' 2 '"},
	    {INFO, SG_DER_PRINTABLE, "00", 0, SG_SCEP_BAD_ALG, "", "0 to 4 but '00'"},
	    {INFO, SG_DER_UTF8, "2", 0, SG_SCEP_BAD_REQUEST, "", "have UTF8String"},
	    {INFO, SG_DER_INTEGER, "\x02", 0, SG_SCEP_BAD_REQUEST, "", "have INTEGER"},
	    {INFO, 0x0a, "\x00", 1, SG_SCEP_BAD_ALG, "", "have tag 0x0a"},
	    {INFO, SG_DER_PRINTABLE, "5", 0, SG_SCEP_FAIL_NONE, "", "0 to 4 but '5'"},
	    {INFO, SG_DER_PRINTABLE, "-1", 0, SG_SCEP_FAIL_NONE, "", "0 to 4 but '-1'"},
	    {INFO, SG_DER_PRINTABLE, "2 2", 0, SG_SCEP_FAIL_NONE, "", "0 to 4 but '2 2'"},
	    {INFO, SG_DER_PRINTABLE, "badRequest", 0, SG_SCEP_FAIL_NONE, "", "'badRequest'"},
	    {INFO, SG_DER_INTEGER, "\x07", 0, SG_SCEP_FAIL_NONE, "", "\\x07"},
	    {TEXT, SG_DER_UTF8, "Schl\xc3\xbcssel", 0, 0, "Schl\xc3\xbcssel", ""},
	    {TEXT, SG_DER_PRINTABLE, "no", 0, 0, "no",
		"failInfoText: want UTF8String, have PrintableString"},
	    {TEXT, SG_DER_IA5, "no", 0, 0, "no", "have IA5String"},
	    {TEXT, SG_DER_T61, "\xe4", 0, 0, "\xc3\xa4", "have T61String"},
	    {TEXT, SG_DER_BMP, "\x00n\x00o", 4, 0, "no", "have BMPString"},
	    {TEXT, SG_DER_BMP, "\x00n\x00", 3, 0, "", "is not the text"},
	    {TEXT, SG_DER_UTF8, "\xff", 0, 0, "\xff", "is not the text that its type says"},
	    {TEXT, SG_DER_PRINTABLE, "\xc3\xa4", 0, 0, "\xc3\xa4", "is not the text"},
	    {TEXT, SG_DER_OCTET_STRING, "no", 0, 0, "no", "have tag 0x04"},
	    {TEXT, SG_DER_UTF8, "", 0, 0, "", ""},
	};
	static const struct sg_slice *const oids[] = {
	    &SG_OID(fail_info), &SG_OID(fail_info_text), &SG_OID(ms_hresult)};
	struct sg_scep_reply_expect x = expect();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_scep_reply_scoped reply = {0};
		struct sg_err err = {0};
		struct fx_spec s;
		size_t len = rows[i].len > 0 ? rows[i].len : strlen(rows[i].val);
		answer(&s, "2");
		if (rows[i].attr != INFO)
			fx_add_attr(&s, SG_OID(fail_info), SG_DER_PRINTABLE, sg_slice_str("1"));
		fx_add_attr(&s, *oids[rows[i].attr], rows[i].tag, sg_slice(rows[i].val, len));
		fx_assert_ok(open_reply(&s, &x, &reply, &err), err);
		assert_int_equal(reply.status, SG_SCEP_FAILURE);
		assert_int_equal(
		    reply.fail, rows[i].attr == INFO ? rows[i].fail : SG_SCEP_BAD_MESSAGE_CHECK);
		if (rows[i].attr == TEXT && rows[i].text[0] != '\0')
			fx_assert_slice(reply.fail_info_text, sg_slice_str(rows[i].text));
		assert_int_equal(reply.faults.len > 0, rows[i].fault[0] != '\0');
		if (rows[i].fault[0] != '\0')
			assert_non_null(strstr(sg_buf_text(&reply.faults), rows[i].fault));
	}
}

static void
reply__reason_missing_twice_or_long__shown_with_a_fault(void **state)
{
	static char text[5000];
	struct sg_scep_reply_expect x = expect();
	sg_scep_reply_scoped missing = {0}, twice = {0}, none = {0}, cut = {0};
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	answer(&s, "2");
	fx_assert_ok(open_reply(&s, &x, &missing, &err), err);
	assert_int_equal(missing.fail, SG_SCEP_FAIL_NONE);
	assert_non_null(strstr(sg_buf_text(&missing.faults), "without a failInfo"));
	fx_add_attr(&s, SG_OID(fail_info), SG_DER_PRINTABLE, sg_slice_str("2"));
	fx_add_attr(&s, SG_OID(fail_info), SG_DER_PRINTABLE, sg_slice_str("3"));
	fx_assert_ok(open_reply(&s, &x, &twice, &err), err);
	assert_int_equal(twice.fail, SG_SCEP_BAD_REQUEST);
	assert_non_null(strstr(sg_buf_text(&twice.faults), "failInfo is there twice"));
	fx_attr(&s, SG_OID(fail_info))->values = 0;
	fx_assert_ok(open_reply(&s, &x, &none, &err), err);
	assert_int_equal(none.fail, SG_SCEP_FAIL_NONE);
	memset(text, 'x', sizeof text);
	answer(&s, "2");
	fx_add_attr(&s, SG_OID(fail_info), SG_DER_PRINTABLE, sg_slice_str("2"));
	fx_add_attr(&s, SG_OID(fail_info_text), SG_DER_UTF8, sg_slice(text, sizeof text));
	fx_assert_ok(open_reply(&s, &x, &cut, &err), err);
	assert_int_equal(cut.fail_info_text.len, 4096);
	assert_non_null(strstr(sg_buf_text(&cut.faults), "5000 bytes"));
}

/* A SUCCESS does not depend on reasons that it should not have, nor on the server's nonce. */
static void
reply__success_with_odd_extras__certificate(void **state)
{
	struct sg_scep_reply_expect x = expect();
	sg_scep_reply_scoped reply = {0};
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	answer(&s, "0");
	fx_add_attr(&s, SG_OID(fail_info), SG_DER_BIT_STRING, sg_slice_str("\xff"));
	fx_add_attr(&s, SG_OID(fail_info_text), SG_DER_PRINTABLE, sg_slice_str("fine"));
	fx_attr(&s, SG_OID(sender_nonce))->val = sg_slice(NULL, 0);
	fx_assert_ok(open_reply(&s, &x, &reply, &err), err);
	assert_int_equal(reply.certs.cert_n, 1);
	assert_int_equal(reply.faults.len, 0);
}

/* What the message is not used for does not hide the certificate. */
static void
reply__faults_of_the_message__certificate_and_a_fault(void **state)
{
	struct sg_scep_reply_expect x = expect();
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	for (int n = 0; n < 4; n++) {
		static const char *const texts[] = {
		    "signingTime", "SignedData", "carries no CRLs", "contentType"};
		sg_scep_reply_scoped reply = {0};
		answer(&s, "0");
		if (n == 0)
			fx_attr(&s, SG_OID(signing_time))->val = sg_slice_str("261128090000+0100");
		s.version = n == 1 ? 7 : s.version;
		s.crls = n == 2;
		if (n == 3)
			fx_attr(&s, SG_OID(content_type))->val = SG_OID(signed_data);
		fx_assert_ok(open_reply(&s, &x, &reply, &err), err);
		assert_int_equal(reply.certs.cert_n, 1);
		assert_non_null(strstr(sg_buf_text(&reply.faults), texts[n]));
	}
}

/* RFC 8894 3.2.1.3: undefined values are errors. */
static void
reply__undefined_values__refused(void **state)
{
	static const char *const statuses[] = {"1", "4", "", "00", "2 "};
	struct fx_spec s;
	struct sg_scep_reply_expect x = expect();

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		answer(&s, "3");
		fx_attr(&s, SG_OID(pki_status))->val = sg_slice_str(statuses[i]);
		refused(&s, &x, SG_E_MALFORMED, "reply.status");
	}
	answer(&s, "3");
	fx_drop_attr(&s, SG_OID(pki_status));
	refused(&s, &x, SG_E_MALFORMED, "reply.status");
	answer(&s, "3");
	fx_attr(&s, SG_OID(message_type))->val = sg_slice_str("19");
	refused(&s, &x, SG_E_MALFORMED, "reply.type");
}

/* The signer's certificate need not be there: NDES leaves it out. */
static void
reply__unreadable_certificate_beside__certificate_and_a_fault(void **state)
{
	struct sg_scep_reply_expect x = expect();
	sg_scep_reply_scoped reply = {0};
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	answer(&s, "0");
	s.cert_n = 1;
	s.cert[0] = sg_slice("\x30\x02\x05\x00", 4);
	fx_assert_ok(open_reply(&s, &x, &reply, &err), err);
	assert_int_equal(reply.certs.cert_n, 1);
	assert_non_null(strstr(sg_buf_text(&reply.faults), "beside the signature"));
	x.ca_n = 0;
	refused(&s, &x, SG_E_SIGNATURE, "reply.signer");
}

static void
reply__signer__must_be_trusted(void **state)
{
	struct fx_spec s;
	struct sg_scep_reply_expect x = expect();

	(void)state;
	/* A device certificate of the same CA. */
	answer(&s, "3");
	s.signer = &fx.issued;
	s.key = fx.dev_key;
	s.cert[0] = sg_buf_slice(&fx.issued_der);
	refused(&s, &x, SG_E_SIGNATURE, "reply.signer");
	/* The CA's name and serial number with another key. */
	answer(&s, "3");
	s.key = fx.dev_key;
	refused(&s, &x, SG_E_SIGNATURE, "signature");
	s.cert_n = 0;
	refused(&s, &x, SG_E_SIGNATURE, "signature");
	/* No trusted certificate at all. */
	answer(&s, "3");
	x.ca_n = 0;
	refused(&s, &x, SG_E_SIGNATURE, "reply.signer");
	x = expect();
	s.bad_sig = true;
	refused(&s, &x, SG_E_SIGNATURE, "signature");
	answer(&s, "0");
	s.content = sg_buf_slice(&fx.envelope);
	refused(&s, &x, SG_E_SIGNATURE, "cms.digest");
}

/* A certificate that copies issuer and serial number of the RA is another one. */
static void
reply__look_alike__refused(void **state)
{
	struct fx_spec s;
	struct sg_scep_reply_expect x = expect();
	sg_buf_scoped fake = {0};
	struct sg_err err = {0};

	(void)state;
	fx_assert_ok(sg_scep_throwaway_put(&fake, fx.dev_key, SG_HASH_SHA256, fx.ra.subject,
			 fx.ra.serial, 0, 2000000000, &err),
	    err);
	answer(&s, "3");
	s.key = fx.dev_key;
	s.cert[0] = sg_buf_slice(&fake);
	refused(&s, &x, SG_E_SIGNATURE, "reply.signer");
}

static void
reply__transaction__must_be_ours(void **state)
{
	struct fx_spec s;
	struct sg_scep_reply_expect x = expect();
	sg_scep_reply_scoped reply = {0};
	struct sg_err err = {0};

	(void)state;
	answer(&s, "3");
	x.txid = sg_slice_str("another");
	refused(&s, &x, SG_E_REPLAY, "reply.txid");
	x = expect();
	x.sender_nonce = sg_slice_str("sixteen bytes..?");
	refused(&s, &x, SG_E_REPLAY, "reply.nonce");
	x.sender_nonce = sg_slice(FX_NONCE, 15);
	refused(&s, &x, SG_E_REPLAY, "reply.nonce");
	x.legacy_nonce = true;
	refused(&s, &x, SG_E_REPLAY, "reply.nonce");
	x = expect();
	fx_drop_attr(&s, SG_OID(recipient_nonce));
	refused(&s, &x, SG_E_REPLAY, "reply.nonce");
	x.legacy_nonce = true;
	fx_assert_ok(open_reply(&s, &x, &reply, &err), err);
}

static void
reply__sha1__only_legacy(void **state)
{
	struct fx_spec s;
	struct sg_scep_reply_expect x = expect();
	sg_scep_reply_scoped reply = {0};
	struct sg_err err = {0};

	(void)state;
	answer(&s, "3");
	s.hash = s.sigalg.hash = SG_HASH_SHA1;
	fx_digest(&s);
	refused(&s, &x, SG_E_ALG, "reply.sha1");
	x.legacy_sha1 = true;
	fx_assert_ok(open_reply(&s, &x, &reply, &err), err);
}

static void
with_content(struct fx_spec *s, struct sg_buf *content)
{
	answer(s, "0");
	s->content = sg_buf_slice(content);
	fx_digest(s);
}

static void
reply__content__must_open(void **state)
{
	struct fx_spec s;
	struct sg_scep_reply_expect x = expect();
	sg_buf_scoped env = {0}, empty = {0};

	(void)state;
	answer(&s, "0");
	s.no_content = true;
	fx_digest(&s);
	refused(&s, &x, SG_E_MALFORMED, "reply.content");
	/* To somebody else. */
	seal_certs(&fx.ra, SG_CIPHER_AES128_CBC, &env);
	with_content(&s, &env);
	refused(&s, &x, SG_E_MALFORMED, "reply.recipient");
	/* Ours by name, but not our key. */
	seal_certs(&fx.dev, SG_CIPHER_AES128_CBC, &env);
	with_content(&s, &env);
	x.key = fx.ra_key;
	sg_scep_reply_scoped reply = {0};
	struct sg_err err = {0};
	enum sg_code rc = open_reply(&s, &x, &reply, &err);
	assert_true(rc == SG_E_CRYPTO || rc == SG_E_MALFORMED);
	x.key = NULL;
	refused(&s, &x, SG_E_ALG, "reply.key");
	x.key = fx.ec_key;
	refused(&s, &x, SG_E_ALG, "reply.key");
	x = expect();
	/* Something else inside. */
	seal(&fx.dev, SG_CIPHER_AES128_CBC, sg_buf_slice(&fx.csr), &env);
	with_content(&s, &env);
	refused(&s, &x, SG_E_MALFORMED, "der");
	sg_degenerate_put(&empty, NULL, 0, NULL, 0);
	seal(&fx.dev, SG_CIPHER_AES128_CBC, sg_buf_slice(&empty), &env);
	with_content(&s, &env);
	refused(&s, &x, SG_E_MALFORMED, "reply.empty");
	with_content(&s, &fx.csr);
	refused(&s, &x, SG_E_MALFORMED, "der");
}

static void
reply__bare_certificate__taken_with_a_fault(void **state)
{
	struct sg_scep_reply_expect x = expect();
	sg_scep_reply_scoped reply = {0};
	sg_buf_scoped env = {0};
	struct sg_err err = {0};
	struct fx_spec s;

	(void)state;
	seal(&fx.dev, SG_CIPHER_AES128_CBC, sg_buf_slice(&fx.issued_der), &env);
	with_content(&s, &env);
	fx_assert_ok(open_reply(&s, &x, &reply, &err), err);
	assert_int_equal(reply.certs.cert_n, 1);
	fx_assert_slice(reply.certs.cert[0], sg_buf_slice(&fx.issued_der));
	assert_non_null(strstr(sg_buf_text(&reply.faults), "a bare certificate"));
}

/* Replace the cipher's identifier by single DES: the refusal comes before decryption. */
static void
reply__single_des__only_legacy(void **state)
{
	static const uint8_t des[] = {0x30, 0x11, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x07, 0x04,
	    0x08, 1, 2, 3, 4, 5, 6, 7, 8};
	struct fx_spec s;
	struct sg_scep_reply_expect x = expect();
	sg_buf_scoped b = {0}, wrapped = {0};
	struct sg_err err = {0};

	(void)state;
	struct sg_keytrans trans = {.transport = SG_TRANSPORT_PKCS1};
	fx_assert_ok(sg_wrap_key(fx.dev_key, trans, sg_slice_str("8 bytes!"), &wrapped, &err), err);
	size_t info = sg_derw_begin(&b, SG_DER_SEQUENCE);
	sg_derw_oid(&b, SG_OID(enveloped_data));
	size_t content = sg_derw_begin(&b, SG_DER_CTX_CONS(0));
	size_t env = sg_derw_begin(&b, SG_DER_SEQUENCE);
	sg_derw_uint(&b, 0);
	size_t set = sg_derw_begin(&b, SG_DER_SET);
	size_t ri = sg_derw_begin(&b, SG_DER_SEQUENCE);
	sg_derw_uint(&b, 0);
	size_t id = sg_derw_begin(&b, SG_DER_SEQUENCE);
	sg_buf_put_slice(&b, fx.dev.issuer);
	sg_derw_tlv(&b, SG_DER_INTEGER, fx.dev.serial);
	sg_derw_end(&b, id);
	size_t alg = sg_derw_begin(&b, SG_DER_SEQUENCE);
	sg_derw_oid(&b, sg_slice("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9));
	sg_derw_null(&b);
	sg_derw_end(&b, alg);
	sg_derw_tlv(&b, SG_DER_OCTET_STRING, sg_buf_slice(&wrapped));
	sg_derw_end(&b, ri);
	sg_derw_end(&b, set);
	size_t eci = sg_derw_begin(&b, SG_DER_SEQUENCE);
	sg_derw_oid(&b, SG_OID(data));
	sg_buf_put(&b, des, sizeof(des));
	sg_derw_tlv(&b, SG_DER_CTX(0), sg_slice_str("8 bytes!8 bytes!"));
	sg_derw_end(&b, eci);
	sg_derw_end(&b, env);
	sg_derw_end(&b, content);
	sg_derw_end(&b, info);
	with_content(&s, &b);
	refused(&s, &x, SG_E_ALG, "reply.des");
	x.legacy_des = true;
	sg_scep_reply_scoped reply = {0};
	enum sg_code rc = open_reply(&s, &x, &reply, &err);
	assert_true(rc == SG_E_CRYPTO || rc == SG_E_MALFORMED);
}

/* No bit of an answer can be changed so that something else comes out. */
static void
reply__every_bit_flipped__same_or_refused(void **state)
{
	struct fx_spec s;
	struct sg_scep_reply_expect x = expect();
	sg_buf_scoped der = {0};
	unsigned survivors = 0;

	(void)state;
	answer(&s, "0");
	fx_build(&s, &der);
	for (size_t bit = 0; bit < der.len * 8; bit++) {
		sg_scep_reply_scoped reply = {0};
		struct sg_err err = {0};
		der.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		enum sg_code rc = sg_scep_reply_open(sg_buf_slice(&der), &x, &reply, &err);
		der.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (rc != SG_OK)
			continue;
		survivors++;
		assert_int_equal(reply.status, SG_SCEP_SUCCESS);
		assert_int_equal(reply.certs.cert_n, 1);
		fx_assert_slice(reply.certs.cert[0], sg_buf_slice(&fx.issued_der));
	}
	/* The set of hashes, versions, letter case of names, and what makes the certificate that
	 * came along another one than the signer's: the trusted one is used anyway. */
	assert_true(survivors < 500);
}

static void
reply__no_memory__says_so(void **state)
{
	struct fx_spec s;
	struct sg_scep_reply_expect x = expect();
	sg_buf_scoped der = {0};
	enum sg_code rc = SG_E_NOMEM;

	(void)state;
	answer(&s, "0");
	fx_build(&s, &der);
	for (unsigned long n = 1; rc != SG_OK; n++) {
		sg_scep_reply_scoped reply = {0};
		struct sg_err err = {0};
		alloc_fail_at(n);
		rc = sg_scep_reply_open(sg_buf_slice(&der), &x, &reply, &err);
		alloc_fail_at(0);
		assert_true(rc == SG_OK || rc == SG_E_NOMEM);
		assert_true(n < 1000);
	}
}

static int
teardown(void **state)
{
	sg_buf_clear(&envelope);
	return fx_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reply__success__certificate),
	    cmocka_unit_test(reply__pending_and_failure__statuses),
	    cmocka_unit_test(reply__odd_reasons__shown_with_a_fault),
	    cmocka_unit_test(reply__reason_missing_twice_or_long__shown_with_a_fault),
	    cmocka_unit_test(reply__success_with_odd_extras__certificate),
	    cmocka_unit_test(reply__faults_of_the_message__certificate_and_a_fault),
	    cmocka_unit_test(reply__bare_certificate__taken_with_a_fault),
	    cmocka_unit_test(reply__unreadable_certificate_beside__certificate_and_a_fault),
	    cmocka_unit_test(reply__undefined_values__refused),
	    cmocka_unit_test(reply__signer__must_be_trusted),
	    cmocka_unit_test(reply__look_alike__refused),
	    cmocka_unit_test(reply__transaction__must_be_ours),
	    cmocka_unit_test(reply__sha1__only_legacy),
	    cmocka_unit_test(reply__content__must_open),
	    cmocka_unit_test(reply__single_des__only_legacy),
	    cmocka_unit_test(reply__every_bit_flipped__same_or_refused),
	    cmocka_unit_test(reply__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, fx_setup, teardown);
}
