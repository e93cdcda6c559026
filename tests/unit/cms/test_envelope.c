/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "asn1/oid.h"
#include "crypto/digest.h"
#include "crypto/unwrap.h"
#include "lib/alloc_fail.h"
#include "unit/x509/asn.h"
#include "x509/algid.h"

#define SECRET sg_slice_str("a secret of the implicit rejection")

/* An EnvelopedData, field by field. */
struct env_spec {
	unsigned version, ri_version;
	unsigned recipients;
	unsigned recipient_tag; /* instead of KeyTransRecipientInfo: a context tag, empty */
	bool originator, unprotected, no_ciphertext, segmented, ski, trailing;
	struct sg_slice ctype, wrapped, ciphertext;
	struct sg_slice issuer, serial, key_id;
	enum sg_cipher cipher;
	struct sg_slice cipher_raw, trans_raw;
	struct sg_slice before, after; /* other recipients, encoded */
};

static uint8_t iv[16];

static void
env_spec(struct env_spec *s)
{
	*s = (struct env_spec){
	    .recipients = 1,
	    .ctype = SG_OID(data),
	    .wrapped = sg_slice_str("a wrapped key"),
	    .ciphertext = sg_slice_str("two blocks of 16two blocks of 16"),
	    .issuer = fx.ra.issuer,
	    .serial = fx.ra.serial,
	    .cipher = SG_CIPHER_AES128_CBC,
	};
}

static void
put_recipient(const struct env_spec *s, struct sg_buf *b)
{
	size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_uint(b, s->ri_version);
	if (s->key_id.len > 0 || s->ski) {
		sg_derw_tlv(b, SG_DER_CTX(0), s->ski ? fx.issued.exts.ski : s->key_id);
	} else {
		size_t id = sg_derw_begin(b, SG_DER_SEQUENCE);
		sg_buf_put_slice(b, s->issuer);
		sg_derw_tlv(b, SG_DER_INTEGER, s->serial);
		sg_derw_end(b, id);
	}
	if (s->trans_raw.len > 0)
		sg_buf_put_slice(b, s->trans_raw);
	else
		sg_algid_put_keytrans(b, (struct sg_keytrans){.transport = SG_TRANSPORT_PKCS1});
	sg_derw_tlv(b, SG_DER_OCTET_STRING, s->wrapped);
	sg_derw_end(b, info);
}

static void
put_ciphertext(const struct env_spec *s, struct sg_buf *b)
{
	if (s->no_ciphertext)
		return;
	if (!s->segmented) {
		sg_derw_tlv(b, SG_DER_CTX(0), s->ciphertext);
		return;
	}
	size_t cons = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	for (size_t i = 0; i < s->ciphertext.len; i += 5) {
		size_t n = s->ciphertext.len - i < 5 ? s->ciphertext.len - i : 5;
		sg_derw_tlv(b, SG_DER_OCTET_STRING, sg_slice(s->ciphertext.p + i, n));
	}
	sg_derw_end(b, cons);
}

static void
env_build(const struct env_spec *s, struct sg_buf *b)
{
	size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(enveloped_data));
	size_t content = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	size_t env = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_uint(b, s->version);
	if (s->originator)
		sg_derw_end(b, sg_derw_begin(b, SG_DER_CTX_CONS(0)));
	size_t set = sg_derw_begin(b, SG_DER_SET);
	sg_buf_put_slice(b, s->before);
	for (unsigned i = 0; i < s->recipients && s->recipient_tag == 0; i++)
		put_recipient(s, b);
	if (s->recipient_tag != 0)
		sg_derw_end(b, sg_derw_begin(b, s->recipient_tag));
	sg_buf_put_slice(b, s->after);
	sg_derw_end(b, set);
	size_t eci = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, s->ctype);
	if (s->cipher_raw.len > 0)
		sg_buf_put_slice(b, s->cipher_raw);
	else
		sg_algid_put_cipher(b, s->cipher, iv);
	put_ciphertext(s, b);
	sg_derw_end(b, eci);
	if (s->unprotected)
		sg_derw_end(b, sg_derw_begin(b, SG_DER_CTX_CONS(1)));
	if (s->trailing)
		sg_derw_null(b);
	sg_derw_end(b, env);
	sg_derw_end(b, content);
	sg_derw_end(b, info);
	assert_int_equal(b->failed, SG_OK);
}

static void
refused(const struct env_spec *s, enum sg_code code, const char *rule)
{
	sg_buf_scoped der = {0};
	sg_envelope_scoped env = {0};
	struct sg_err err = {0};

	env_build(s, &der);
	fx_assert_fails(sg_envelope_decode(sg_buf_slice(&der), &env, &err), err, code, rule);
}

static enum sg_code
choose(struct sg_envelope *env, const struct sg_cert *own, struct sg_err *err)
{
	struct sg_cert_light light = fx_light(own);

	return sg_envelope_choose(env, &light, err);
}

/* Decoding goes well, choosing the RA's recipient does not. */
static void
not_chosen(const struct env_spec *s, enum sg_code code, const char *rule)
{
	sg_buf_scoped der = {0};
	sg_envelope_scoped env = {0};
	struct sg_err err = {0};

	env_build(s, &der);
	fx_assert_ok(sg_envelope_decode(sg_buf_slice(&der), &env, &err), err);
	fx_assert_fails(choose(&env, &fx.ra, &err), err, code, rule);
}

static void
decode__good__all_fields(void **state)
{
	struct env_spec s;
	sg_buf_scoped der = {0};
	struct sg_err err = {0};

	(void)state;
	env_spec(&s);
	for (unsigned version = 0; version <= 2; version += 2) {
		sg_envelope_scoped env = {0};
		s.version = s.ri_version = version;
		sg_buf_reset(&der);
		env_build(&s, &der);
		fx_assert_ok(sg_envelope_decode(sg_buf_slice(&der), &env, &err), err);
		assert_int_equal(env.recipient_n, 1);
		fx_assert_slice(env.recipient[0].id.issuer, fx.ra.issuer);
		fx_assert_slice(env.recipient[0].id.serial, fx.ra.serial);
		assert_int_equal(env.recipient[0].id.ski.len, 0);
		assert_int_equal(env.fault.code, SG_OK);
		fx_assert_ok(choose(&env, &fx.ra, &err), err);
		assert_true(env.is_ours);
		assert_int_equal(env.trans.transport, SG_TRANSPORT_PKCS1);
		fx_assert_slice(env.wrapped, s.wrapped);
		assert_int_equal(env.cipher, SG_CIPHER_AES128_CBC);
		assert_int_equal(env.iv.len, 16);
		fx_assert_slice(env.ciphertext, s.ciphertext);
	}
}

static void
decode__shape__refused(void **state)
{
	static const uint8_t long_id[SG_SERIAL_MAX + 1];
	struct env_spec s;

	(void)state;
	env_spec(&s);
	s.recipients = 0;
	refused(&s, SG_E_MALFORMED, "cms.recipients.count");
	env_spec(&s);
	s.recipients = SG_CMS_RECIPIENTS_MAX + 1;
	refused(&s, SG_E_LIMIT, "cms.recipients.many");
	env_spec(&s);
	s.trailing = true;
	refused(&s, SG_E_MALFORMED, "der");
	env_spec(&s);
	s.serial = sg_slice(long_id, sizeof long_id);
	refused(&s, SG_E_LIMIT, "cms.serial");
}

/* What is not used is skipped; profile strict wants the versions and the contentType of the RFC. */
static void
decode__what_is_not_used__skipped(void **state)
{
	static const struct {
		unsigned version, ri_version;
		bool originator, unprotected, type;
		const char *fault;
	} rows[] = {
	    {.originator = true, .unprotected = true},
	    {.version = 1, .fault = "cms.version"},
	    {.version = 3, .originator = true, .fault = "cms.version"},
	    {.version = 70000, .fault = "cms.version"},
	    {.ri_version = 3, .fault = "cms.version"},
	    {.type = true, .fault = "cms.content.type"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct env_spec s;
		sg_buf_scoped der = {0};
		sg_envelope_scoped env = {0};
		struct sg_err err = {0};
		env_spec(&s);
		s.version = rows[i].version;
		s.ri_version = rows[i].ri_version;
		s.originator = rows[i].originator;
		s.unprotected = rows[i].unprotected;
		s.ctype = rows[i].type ? SG_OID(signed_data) : SG_OID(data);
		env_build(&s, &der);
		fx_assert_ok(sg_envelope_decode(sg_buf_slice(&der), &env, &err), err);
		fx_assert_ok(choose(&env, &fx.ra, &err), err);
		assert_true(env.is_ours);
		fx_assert_slice(env.ciphertext, s.ciphertext);
		fx_assert_ok(sg_envelope_check(&env, FX_CIPHERS, false, &err), err);
		enum sg_code rc = sg_envelope_check(&env, FX_CIPHERS, true, &err);
		if (rows[i].fault != NULL)
			fx_assert_fails(rc, err, SG_E_MALFORMED, rows[i].fault);
		else
			fx_assert_ok(rc, err);
	}
}

/* Beside ours nothing of the others is read, whatever they are. */
static void
decode__others_beside_ours__skipped(void **state)
{
	static const char *const others[] = {
	    "a1{ 05: }",
	    "a2{}",
	    "a3{ 02:00 }",
	    "a4{ 06:2a03 05: }",
	    "04:ffff",
	    "30{}",
	    "30{ 05: }",
	    "30{ 02:00 30{ 30{} 02: } }",
	    "30{ 02:00 30{ 30{} 02:01 } }",
	    "30{ 02:00 80:0102 30{} 05: }",
	    "30{ 02:00 30{ 30{} 02:01 } 30{ 06:2a03 } 04{ x2000(=ff) } 04: }",
	};
	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		for (unsigned side = 1; side <= 3; side++) {
			struct env_spec s;
			sg_buf_scoped der = {0}, other = {0};
			sg_envelope_scoped env = {0};
			struct sg_err err = {0};
			env_spec(&s);
			asn(&other, others[i]);
			s.before = side & 1 ? sg_buf_slice(&other) : s.before;
			s.after = side & 2 ? sg_buf_slice(&other) : s.after;
			env_build(&s, &der);
			fx_assert_ok(sg_envelope_decode(sg_buf_slice(&der), &env, &err), err);
			fx_assert_ok(choose(&env, &fx.ra, &err), err);
			assert_true(env.is_ours);
			fx_assert_slice(env.wrapped, s.wrapped);
		}
	}
}

static void
choose__ours__read(void **state)
{
	static const uint8_t aes128_gcm[] = {
	    0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x06};
	uint8_t big[SG_RSA_MAX_BITS / 8 + 1] = {0};
	struct env_spec s;

	(void)state;
	env_spec(&s);
	s.wrapped = sg_slice("", 0);
	not_chosen(&s, SG_E_MALFORMED, "cms.recipient.key");
	s.wrapped = sg_slice(big, sizeof(big));
	not_chosen(&s, SG_E_MALFORMED, "cms.recipient.key");
	env_spec(&s);
	s.trans_raw = sg_slice(aes128_gcm, sizeof(aes128_gcm));
	not_chosen(&s, SG_E_ALG, "alg.unknown");
	env_spec(&s);
	s.trans_raw = sg_slice("\5\0", 2);
	not_chosen(&s, SG_E_MALFORMED, "der");
}

static void
decode__other_recipients__own_rules(void **state)
{
	static const struct {
		unsigned tag;
		const char *rule;
	} rows[] = {
	    {SG_DER_CTX_CONS(1), "cms.recipient.kari"},
	    {SG_DER_CTX_CONS(2), "cms.recipient.kek"},
	    {SG_DER_CTX_CONS(3), "cms.recipient.pwri"},
	    {SG_DER_CTX_CONS(4), "cms.recipient.other"},
	};
	struct env_spec s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		env_spec(&s);
		s.version = 3;
		s.recipient_tag = rows[i].tag;
		refused(&s, SG_E_ALG, rows[i].rule);
	}
}

/* Single DES is what a client has to be told first, whoever else it encrypts to. */
static void
decode__des_to_two__says_des(void **state)
{
	static const uint8_t des[] = {0x30, 0x11, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x07, 0x04,
	    0x08, 1, 2, 3, 4, 5, 6, 7, 8};
	struct env_spec s;
	sg_buf_scoped der = {0};
	sg_envelope_scoped env = {0};
	struct sg_err err = {0};

	(void)state;
	env_spec(&s);
	s.cipher_raw = sg_slice(des, sizeof(des));
	env_build(&s, &der);
	fx_assert_ok(sg_envelope_decode(sg_buf_slice(&der), &env, &err), err);
	assert_int_equal(env.cipher, SG_CIPHER_DES_CBC);
	s.recipients = SG_CMS_RECIPIENTS_MAX + 1;
	refused(&s, SG_E_ALG, "alg.des");
}

static void
decode__ciphertext__whole_blocks(void **state)
{
	struct env_spec s;

	(void)state;
	env_spec(&s);
	s.no_ciphertext = true;
	refused(&s, SG_E_MALFORMED, "cms.ciphertext.missing");
	env_spec(&s);
	s.ciphertext = sg_slice("", 0);
	refused(&s, SG_E_MALFORMED, "cms.ciphertext");
	s.segmented = true;
	refused(&s, SG_E_MALFORMED, "cms.ciphertext");
	for (size_t n = 1; n < 16; n++) {
		env_spec(&s);
		s.ciphertext.len = 16 + n;
		refused(&s, SG_E_MALFORMED, "cms.ciphertext");
	}
}

static void
decode__segmented__joined(void **state)
{
	struct env_spec s;
	sg_buf_scoped der = {0}, ber = {0};
	sg_envelope_scoped env = {0}, env2 = {0};
	struct sg_err err = {0};

	(void)state;
	env_spec(&s);
	s.segmented = true;
	env_build(&s, &der);
	fx_assert_ok(sg_envelope_decode(sg_buf_slice(&der), &env, &err), err);
	fx_assert_slice(env.ciphertext, s.ciphertext);
	fx_ber(sg_buf_slice(&der), &ber);
	fx_assert_ok(sg_envelope_decode(sg_buf_slice(&ber), &env2, &err), err);
	fx_assert_slice(env2.ciphertext, s.ciphertext);
	fx_assert_ok(choose(&env2, &fx.ra, &err), err);
	fx_assert_slice(env2.wrapped, s.wrapped);
}

static void
decode__segment_of_wrong_type__refused(void **state)
{
	struct env_spec s;
	sg_buf_scoped der = {0};
	sg_envelope_scoped env = {0};
	struct sg_err err = {0};

	(void)state;
	env_spec(&s);
	s.segmented = true;
	env_build(&s, &der);
	/* The last segment is the last element of the message. */
	der.p[der.len - 4] = SG_DER_UTF8;
	fx_assert_fails(
	    sg_envelope_decode(sg_buf_slice(&der), &env, &err), err, SG_E_MALFORMED, "der");
}

static void
decode__every_prefix__refused(void **state)
{
	sg_buf_scoped ber = {0};
	struct sg_err err = {0};

	(void)state;
	fx_ber(sg_buf_slice(&fx.envelope), &ber);
	for (size_t n = 0; n < fx.envelope.len; n++) {
		sg_envelope_scoped env = {0};
		assert_int_equal(
		    sg_envelope_decode(sg_slice(fx.envelope.p, n), &env, &err), SG_E_MALFORMED);
	}
	for (size_t n = 0; n < ber.len; n++) {
		sg_envelope_scoped env = {0};
		assert_int_equal(
		    sg_envelope_decode(sg_slice(ber.p, n), &env, &err), SG_E_MALFORMED);
	}
	sg_buf_scoped more = {0};
	sg_envelope_scoped env = {0};
	sg_buf_put_slice(&more, sg_buf_slice(&fx.envelope));
	sg_buf_put_slice(&more, sg_buf_slice(&fx.envelope));
	fx_assert_fails(sg_envelope_decode(sg_buf_slice(&more), &env, &err), err, SG_E_MALFORMED,
	    "ber.trailing");
}

static void
decode__other_content_types__refused(void **state)
{
	static const struct {
		const struct sg_slice *oid;
		enum sg_code code;
		const char *rule;
	} rows[] = {
	    {&SG_OID(signed_data), SG_E_MALFORMED, "cms.type"},
	    {&SG_OID(auth_enveloped_data), SG_E_ALG, "cms.authenveloped"},
	    {&SG_OID(compressed_data), SG_E_ALG, "cms.compressed"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sg_buf_scoped b = {0};
		sg_envelope_scoped env = {0};
		struct sg_err err = {0};
		size_t info = sg_derw_begin(&b, SG_DER_SEQUENCE);
		sg_derw_oid(&b, *rows[i].oid);
		sg_derw_end(&b, info);
		fx_assert_fails(sg_envelope_decode(sg_buf_slice(&b), &env, &err), err, rows[i].code,
		    rows[i].rule);
	}
}

static void
decode__unknown_algorithms__refused(void **state)
{
	static const uint8_t aes128_gcm[] = {
	    0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x06};
	struct env_spec s;
	sg_buf_scoped der = {0};
	sg_envelope_scoped env = {0};
	struct sg_err err = {0};

	(void)state;
	env_spec(&s);
	s.cipher_raw = sg_slice(aes128_gcm, sizeof(aes128_gcm));
	env_build(&s, &der);
	assert_int_equal(sg_envelope_decode(sg_buf_slice(&der), &env, &err), SG_E_ALG);
}

static void
check__cipher__by_endpoint_and_never_des(void **state)
{
	struct sg_err err = {0};

	(void)state;
	for (unsigned c = SG_CIPHER_AES128_CBC; c <= SG_CIPHER_DES3_CBC; c++) {
		struct sg_envelope env = {.cipher = (enum sg_cipher)c};
		fx_assert_ok(sg_envelope_check(&env, 1u << c, false, &err), err);
		fx_assert_fails(sg_envelope_check(&env, ~(1u << c), false, &err), err, SG_E_ALG,
		    "scep.alg.cipher");
	}
	struct sg_envelope des = {.cipher = SG_CIPHER_DES_CBC};
	fx_assert_fails(sg_envelope_check(&des, UINT32_MAX, false, &err), err, SG_E_ALG, "alg.des");
	struct sg_envelope none = {.cipher = SG_CIPHER_NONE};
	fx_assert_fails(
	    sg_envelope_check(&none, UINT32_MAX, false, &err), err, SG_E_ALG, "scep.alg.cipher");
}

static enum sg_cms_match
match(struct sg_cms_id id, const struct sg_cert *cert)
{
	struct sg_cert_light light = fx_light(cert);

	return sg_cms_id_match(&id, &light);
}

static void
match__ranks(void **state)
{
	sg_buf_scoped upper = {0}, other = {0};
	struct sg_cms_id id = sg_cms_id_of_cert(&fx.ra);

	(void)state;
	id.ski = (struct sg_slice){0};
	assert_int_equal(match(id, &fx.ra), SG_CMS_MATCH_EXACT);
	assert_int_equal(match(id, &fx.dev), SG_CMS_MATCH_NO);
	/* The same name with other letter case: equal as a name, not byte by byte. */
	fx_name(&upper, "O=TEST, CN=ra");
	id.issuer = sg_buf_slice(&upper);
	assert_int_equal(match(id, &fx.ra), SG_CMS_MATCH_NAME);
	fx_name(&other, "CN=somebody else");
	id.issuer = sg_buf_slice(&other);
	assert_int_equal(match(id, &fx.ra), SG_CMS_MATCH_SERIAL);
	struct sg_cms_id ski = {.ski = fx.issued.exts.ski};
	assert_int_equal(match(ski, &fx.issued), SG_CMS_MATCH_EXACT);
	assert_int_equal(match(ski, &fx.ra), SG_CMS_MATCH_NO);
	assert_int_equal(match((struct sg_cms_id){0}, &fx.ra), SG_CMS_MATCH_NO);
	struct env_spec s;
	sg_buf_scoped der = {0};
	sg_envelope_scoped decoded = {0};
	struct sg_err err = {0};
	env_spec(&s);
	s.ski = true;
	s.version = s.ri_version = 2;
	env_build(&s, &der);
	fx_assert_ok(sg_envelope_decode(sg_buf_slice(&der), &decoded, &err), err);
	fx_assert_ok(choose(&decoded, &fx.issued, &err), err);
	assert_true(decoded.is_ours);
	fx_assert_ok(choose(&decoded, &fx.ra, &err), err);
	assert_false(decoded.is_ours);
}

/* A letter for each recipient: E names the RA exactly, N by an equal name, S has only its serial
 * number, P has that padded, K its key identifier, C is the certificate of another. */
static void
put_letter(char letter, struct sg_buf *b)
{
	struct env_spec s;
	sg_buf_scoped name = {0}, padded = {0};
	uint8_t md[SG_HASH_LEN_MAX];
	struct sg_err err = {0};

	env_spec(&s);
	s.wrapped = sg_slice(&letter, 1);
	if (letter == 'N' || letter == 'S') {
		fx_name(&name, letter == 'N' ? "O=TEST, CN=ra" : "CN=somebody else");
		s.issuer = sg_buf_slice(&name);
	} else if (letter == 'P') {
		sg_buf_put_u8(&padded, 0);
		sg_buf_put_u8(&padded, 0);
		sg_buf_put_slice(&padded, fx.ra.serial);
		assert_true(fx.ra.serial.p[0] < 0x80);
		s.serial = sg_buf_slice(&padded);
	} else if (letter == 'C') {
		s.serial = fx.dev.serial;
	} else if (letter == 'K') {
		fx_assert_ok(sg_digest(SG_HASH_SHA1, fx.ra.spki, md, &err), err);
		s.key_id = sg_slice(md, sg_hash_len(SG_HASH_SHA1));
	}
	put_recipient(&s, b);
}

static void
choose__one_of_several__ours(void **state)
{
	static const struct {
		const char *recipients;
		char chosen; /* 'x': two are ours, '-': none is */
	} rows[] = {
	    {"E", 'E'},
	    {"N", 'N'},
	    {"S", 'S'},
	    {"K", 'K'},
	    {"C", '-'},
	    {"CCC", '-'},
	    {"EC", 'E'},
	    {"CE", 'E'},
	    {"CCKC", 'K'},
	    {"CSC", 'S'},
	    {"CCN", 'N'},
	    /* A certificate of another CA with the same serial number. */
	    {"ES", 'E'},
	    {"SE", 'E'},
	    {"SSE", 'E'},
	    {"SESSC", 'E'},
	    {"NS", 'N'},
	    {"SK", 'K'},
	    {"SCSCK", 'K'},
	    {"P", 'P'},
	    {"CPS", 'P'},
	    {"EP", 'x'},
	    {"EE", 'x'},
	    {"EN", 'x'},
	    {"NE", 'x'},
	    {"NN", 'x'},
	    {"KE", 'x'},
	    {"EK", 'x'},
	    {"KK", 'x'},
	    {"SS", 'x'},
	    {"CSCS", 'x'},
	    {"ECCCCCCCCCCCCCCE", 'x'},
	    {"SSEN", 'x'},
	    {"ESSN", 'x'},
	    {"CCCCCCCCCCCCCCCE", 'E'},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct env_spec s;
		sg_buf_scoped list = {0}, der = {0};
		sg_envelope_scoped env = {0};
		struct sg_err err = {0};
		for (const char *p = rows[i].recipients; *p != 0; p++)
			put_letter(*p, &list);
		env_spec(&s);
		s.recipients = 0;
		s.before = sg_buf_slice(&list);
		env_build(&s, &der);
		fx_assert_ok(sg_envelope_decode(sg_buf_slice(&der), &env, &err), err);
		assert_int_equal(env.recipient_n, strlen(rows[i].recipients));
		enum sg_code rc = choose(&env, &fx.ra, &err);
		if (rows[i].chosen == 'x') {
			fx_assert_fails(rc, err, SG_E_MALFORMED, "cms.recipients.twice");
			continue;
		}
		fx_assert_ok(rc, err);
		if (env.is_ours != (rows[i].chosen != '-'))
			fail_msg("%s", rows[i].recipients);
		if (env.is_ours && env.wrapped.p[0] != rows[i].chosen)
			fail_msg("%s: %c", rows[i].recipients, env.wrapped.p[0]);
	}
}

static void
round_trip(enum sg_cipher cipher, struct sg_keytrans trans)
{
	struct sg_err err = {0};
	sg_buf_scoped b = {0}, plain = {0};
	sg_envelope_scoped env = {0};
	uint8_t cek[SG_CEK_MAX];
	struct sg_envelope_facts facts = {
	    .recipient = sg_cms_id_of_cert(&fx.ra),
	    .key = fx.ra_key,
	    .trans = trans,
	    .cipher = cipher,
	    .plain = sg_buf_slice(&fx.csr),
	};

	fx_assert_ok(sg_envelope_seal(&b, &facts, &err), err);
	fx_assert_ok(sg_envelope_decode(sg_buf_slice(&b), &env, &err), err);
	assert_int_equal(env.cipher, cipher);
	fx_assert_ok(choose(&env, &fx.ra, &err), err);
	assert_int_equal(env.trans.transport, trans.transport);
	assert_int_equal(env.trans.oaep_hash, trans.oaep_hash);
	assert_int_equal(env.trans.mgf1_hash, trans.mgf1_hash);
	size_t len = sg_cipher_key_len(cipher);
	fx_assert_ok(sg_unwrap_key(fx.ra_key, env.trans, env.wrapped, SECRET, len, cek, &err), err);
	fx_assert_ok(sg_envelope_decrypt(&env, sg_slice(cek, len), false, &plain, &err), err);
	fx_assert_slice(sg_buf_slice(&plain), sg_buf_slice(&fx.csr));
	sg_buf_reset(&plain);
	fx_assert_fails(sg_envelope_decrypt(&env, sg_slice(cek, len - 1), false, &plain, &err), err,
	    SG_E_CRYPTO, "cms.decrypt");
}

static void
put__every_cipher_and_transport__comes_back(void **state)
{
	static const struct sg_keytrans trans[] = {
	    {SG_TRANSPORT_PKCS1, SG_HASH_NONE, SG_HASH_NONE},
	    {SG_TRANSPORT_OAEP, SG_HASH_SHA1, SG_HASH_SHA1},
	    {SG_TRANSPORT_OAEP, SG_HASH_SHA256, SG_HASH_SHA256},
	    {SG_TRANSPORT_OAEP, SG_HASH_SHA256, SG_HASH_SHA1},
	    {SG_TRANSPORT_OAEP, SG_HASH_SHA512, SG_HASH_SHA512},
	};
	(void)state;
	for (unsigned c = SG_CIPHER_AES128_CBC; c <= SG_CIPHER_DES3_CBC; c++)
		for (size_t t = 0; t < sizeof(trans) / sizeof(trans[0]); t++)
			round_trip((enum sg_cipher)c, trans[t]);
}

static void
put__facts__checked(void **state)
{
	struct sg_err err = {0};
	sg_buf_scoped b = {0};
	struct sg_envelope_facts facts = {
	    .recipient = sg_cms_id_of_cert(&fx.ec),
	    .key = fx.ec_key,
	    .trans = {.transport = SG_TRANSPORT_PKCS1},
	    .cipher = SG_CIPHER_AES128_CBC,
	    .plain = sg_buf_slice(&fx.csr),
	};

	(void)state;
	fx_assert_fails(sg_envelope_seal(&b, &facts, &err), err, SG_E_ALG, "cms.recipient.keytype");
	facts.recipient = sg_cms_id_of_cert(&fx.ra);
	facts.key = fx.ra_key;
	facts.cek = sg_slice(fx.cek, 15);
	facts.iv = sg_slice(fx.iv, 16);
	fx_assert_fails(sg_envelope_put(&b, &facts, &err), err, SG_E_INTERNAL, "envelope.facts");
	facts.cek = sg_slice(fx.cek, 16);
	facts.iv = sg_slice(fx.iv, 8);
	fx_assert_fails(sg_envelope_put(&b, &facts, &err), err, SG_E_INTERNAL, "envelope.facts");
	facts.cipher = SG_CIPHER_NONE;
	facts.cek = facts.iv = (struct sg_slice){0};
	fx_assert_fails(sg_envelope_put(&b, &facts, &err), err, SG_E_INTERNAL, "envelope.facts");
	facts.cipher = SG_CIPHER_DES_CBC;
	assert_int_equal(sg_envelope_seal(&b, &facts, &err), SG_E_ALG);
}

static void
envelope__no_memory__says_so(void **state)
{
	sg_buf_scoped ber = {0};
	struct env_spec s;
	sg_buf_scoped der = {0};

	(void)state;
	env_spec(&s);
	s.segmented = true;
	env_build(&s, &der);
	fx_ber(sg_buf_slice(&der), &ber);
	enum sg_code rc = SG_E_NOMEM;
	for (unsigned long n = 1; rc != SG_OK; n++) {
		sg_envelope_scoped env = {0};
		struct sg_err err = {0};
		alloc_fail_at(n);
		rc = sg_envelope_decode(sg_buf_slice(&ber), &env, &err);
		alloc_fail_at(0);
		assert_true(rc == SG_OK || rc == SG_E_NOMEM);
		assert_true(n < 1000);
	}
	struct sg_envelope_facts facts = {
	    .recipient = sg_cms_id_of_cert(&fx.ra),
	    .key = fx.ra_key,
	    .trans = {.transport = SG_TRANSPORT_PKCS1},
	    .cipher = SG_CIPHER_AES128_CBC,
	    .plain = sg_buf_slice(&fx.csr),
	};
	rc = SG_E_NOMEM;
	for (unsigned long n = 1; rc != SG_OK; n++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		alloc_fail_at(n);
		rc = sg_envelope_seal(&b, &facts, &err);
		alloc_fail_at(0);
		assert_true(rc == SG_OK || rc == SG_E_NOMEM);
		assert_true(n < 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decode__good__all_fields),
	    cmocka_unit_test(decode__shape__refused),
	    cmocka_unit_test(decode__what_is_not_used__skipped),
	    cmocka_unit_test(decode__others_beside_ours__skipped),
	    cmocka_unit_test(choose__ours__read),
	    cmocka_unit_test(decode__other_recipients__own_rules),
	    cmocka_unit_test(decode__des_to_two__says_des),
	    cmocka_unit_test(decode__ciphertext__whole_blocks),
	    cmocka_unit_test(decode__segmented__joined),
	    cmocka_unit_test(decode__segment_of_wrong_type__refused),
	    cmocka_unit_test(decode__every_prefix__refused),
	    cmocka_unit_test(decode__other_content_types__refused),
	    cmocka_unit_test(decode__unknown_algorithms__refused),
	    cmocka_unit_test(check__cipher__by_endpoint_and_never_des),
	    cmocka_unit_test(match__ranks),
	    cmocka_unit_test(choose__one_of_several__ours),
	    cmocka_unit_test(put__every_cipher_and_transport__comes_back),
	    cmocka_unit_test(put__facts__checked),
	    cmocka_unit_test(envelope__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
