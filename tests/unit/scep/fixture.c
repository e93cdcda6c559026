/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "crypto/digest.h"
#include "crypto/sign.h"
#include "asn1/oid.h"
#include "crypto/keyfile.h"
#include "scep/pop.h"
#include "scep/throwaway.h"
#include "unit/scep/fixture_keys.h"
#include "x509/algid.h"
#include "x509/csr.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/signed.h"

struct fx fx;

#define NOT_BEFORE 1600000000
#define NOT_AFTER 2200000000

void
fx_name(struct sg_buf *b, const char *text)
{
	struct sg_err err = {0};

	fx_assert_ok(sg_name_from_text(sg_slice_str(text), b, &err), err);
}

struct sg_cert_light
fx_light(const struct sg_cert *cert)
{
	struct sg_cert_light light;
	struct sg_err err = {0};

	fx_assert_ok(sg_cert_light_parse(cert->raw, &light, &err), err);
	return light;
}

static void
make_cert(struct sg_key *key, const char *name, const char *serial, struct sg_buf *der,
    struct sg_cert *cert)
{
	struct sg_err err = {0};
	sg_buf_scoped subject = {0};

	fx_name(&subject, name);
	fx_assert_ok(sg_scep_throwaway_put(der, key, SG_HASH_SHA256, sg_buf_slice(&subject),
			 sg_slice_str(serial), NOT_BEFORE, NOT_AFTER, &err),
	    err);
	fx_assert_ok(sg_cert_parse(sg_buf_slice(der), cert, &err), err);
}

/* A certificate for dev_key that ra's subject issued, with a key identifier. */
static void
make_issued(void)
{
	struct sg_err err = {0};
	sg_buf_scoped subject = {0}, tbs = {0}, sig = {0};

	fx_name(&subject, "O=Test, CN=issued");
	struct sg_cert_facts facts = {
	    .serial = sg_slice_str("issued"),
	    .sigalg = sg_key_sigalg(fx.ra_key, SG_HASH_SHA256),
	    .issuer = fx.ra.subject,
	    .subject = sg_buf_slice(&subject),
	    .spki = fx.dev.spki,
	    .not_before = NOT_BEFORE,
	    .not_after = NOT_AFTER,
	    .path_len = -1,
	    .key_usage = SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT,
	    .ski = sg_slice_str("key id of issued"),
	};
	sg_cert_put_tbs(&tbs, &facts);
	fx_assert_ok(sg_sign_tbs(fx.ra_key, facts.sigalg, sg_buf_slice(&tbs), &sig, &err), err);
	sg_signed_put(&fx.issued_der, sg_buf_slice(&tbs), facts.sigalg, sg_buf_slice(&sig));
	fx_assert_ok(sg_cert_parse(sg_buf_slice(&fx.issued_der), &fx.issued, &err), err);
}

static void
make_csr(void)
{
	struct sg_err err = {0};
	sg_buf_scoped subject = {0}, info = {0};

	fx_name(&subject, "O=Test, CN=device");
	struct sg_csr_facts facts = {
	    .subject = sg_buf_slice(&subject),
	    .spki = fx.dev.spki,
	    .challenge = sg_slice_str("a challenge"),
	};
	sg_csr_put_info(&info, &facts);
	fx_assert_ok(
	    sg_scep_pop_sign(&fx.csr, fx.dev_key, SG_HASH_SHA256, sg_buf_slice(&info), &err), err);
}

int
fx_setup(void **state)
{
	struct sg_err err = {0};

	(void)state;
	fx_assert_ok(sg_key_from_pem(sg_slice_str(FX_KEY_RA), &fx.ra_key, &err), err);
	fx_assert_ok(sg_key_from_pem(sg_slice_str(FX_KEY_DEV), &fx.dev_key, &err), err);
	fx_assert_ok(sg_key_generate(SG_KEY_P256, 0, &fx.ec_key, &err), err);
	make_cert(fx.ra_key, "O=Test, CN=RA", "serial of ra", &fx.ra_der, &fx.ra);
	make_cert(fx.dev_key, "O=Test, CN=device", "serial of dev", &fx.dev_der, &fx.dev);
	make_cert(fx.ec_key, "O=Test, CN=curve", "serial of ec", &fx.ec_der, &fx.ec);
	make_issued();
	make_csr();
	memset(fx.cek, 0x11, sizeof(fx.cek));
	memset(fx.iv, 0x22, sizeof(fx.iv));
	struct sg_envelope_facts env = {
	    .recipient = sg_cms_id_of_cert(&fx.ra),
	    .key = fx.ra_key,
	    .trans = {.transport = SG_TRANSPORT_PKCS1},
	    .cipher = SG_CIPHER_AES128_CBC,
	    .cek = sg_slice(fx.cek, 16),
	    .iv = sg_slice(fx.iv, 16),
	    .plain = sg_buf_slice(&fx.csr),
	};
	fx_assert_ok(sg_envelope_put(&fx.envelope, &env, &err), err);
	return 0;
}

int
fx_teardown(void **state)
{
	(void)state;
	sg_key_free(&fx.ra_key);
	sg_key_free(&fx.dev_key);
	sg_key_free(&fx.ec_key);
	sg_buf_clear(&fx.ra_der);
	sg_buf_clear(&fx.dev_der);
	sg_buf_clear(&fx.ec_der);
	sg_buf_clear(&fx.issued_der);
	sg_buf_clear(&fx.csr);
	sg_buf_clear(&fx.envelope);
	return 0;
}

void
fx_add_attr(struct fx_spec *s, struct sg_slice oid, unsigned tag, struct sg_slice val)
{
	assert_true(s->attr_n < sizeof(s->attr) / sizeof(s->attr[0]));
	s->attr[s->attr_n++] = (struct fx_attr){oid, tag, val, 1};
}

struct fx_attr *
fx_attr(struct fx_spec *s, struct sg_slice oid)
{
	for (size_t i = 0; i < s->attr_n; i++)
		if (sg_slice_eq(s->attr[i].oid, oid))
			return &s->attr[i];
	fail_msg("no such attribute in the specification");
	return NULL;
}

void
fx_drop_attr(struct fx_spec *s, struct sg_slice oid)
{
	struct fx_attr *a = fx_attr(s, oid);

	*a = s->attr[--s->attr_n];
}

void
fx_digest(struct fx_spec *s)
{
	struct sg_err err = {0};
	struct sg_slice content = s->no_content ? (struct sg_slice){0} : s->content;

	fx_assert_ok(sg_digest(s->hash, content, s->md, &err), err);
	fx_attr(s, SG_OID(message_digest))->val = sg_slice(s->md, sg_hash_len(s->hash));
}

void
fx_spec(struct fx_spec *s)
{
	*s = (struct fx_spec){
	    .version = 1,
	    .si_version = 1,
	    .hash_n = 1,
	    .etype = SG_OID(data),
	    .content = sg_buf_slice(&fx.envelope),
	    .cert_n = 1,
	    .cert = {sg_buf_slice(&fx.dev_der)},
	    .signer_n = 1,
	    .signer = &fx.dev,
	    .key = fx.dev_key,
	    .hash = SG_HASH_SHA256,
	    .sigalg = {.scheme = SG_SIG_RSA_PKCS1, .hash = SG_HASH_SHA256},
	};
	fx_add_attr(s, SG_OID(content_type), SG_DER_OID, SG_OID(data));
	fx_add_attr(s, SG_OID(message_digest), SG_DER_OCTET_STRING, (struct sg_slice){0});
	fx_add_attr(s, SG_OID(signing_time), SG_DER_UTCTIME, sg_slice_str("231114221320Z"));
	fx_add_attr(s, SG_OID(message_type), SG_DER_PRINTABLE, sg_slice_str("19"));
	fx_add_attr(s, SG_OID(transaction_id), SG_DER_PRINTABLE, sg_slice_str(FX_TXID));
	fx_add_attr(s, SG_OID(sender_nonce), SG_DER_OCTET_STRING, sg_slice_str(FX_NONCE));
	fx_digest(s);
}

static void
put_attr(struct sg_buf *b, const struct fx_attr *a)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, a->oid);
	size_t set = sg_derw_begin(b, SG_DER_SET);
	for (unsigned i = 0; i < a->values; i++)
		sg_derw_tlv(b, a->tag, a->val);
	sg_derw_end(b, set);
	sg_derw_end(b, seq);
}

/* In the order of DER, or in that of the specification. */
static void
put_attrs(const struct fx_spec *s, struct sg_buf *b, unsigned tag, bool sorted)
{
	size_t set = sg_derw_begin(b, tag);
	for (size_t i = 0; i < s->attr_n; i++)
		put_attr(b, &s->attr[i]);
	if (sorted)
		sg_derw_sort(b, set);
	sg_derw_end(b, set);
}

static void
put_sid(const struct fx_spec *s, struct sg_buf *b)
{
	if (s->ski) {
		sg_derw_tlv(b, SG_DER_CTX(0), s->signer->exts.ski);
		return;
	}
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_buf_put_slice(b, s->signer->issuer);
	sg_derw_tlv(b, SG_DER_INTEGER, s->signer->serial);
	sg_derw_end(b, seq);
}

static void
put_signature(const struct fx_spec *s, struct sg_buf *b)
{
	sg_buf_scoped tbs = {0}, sig = {0};
	struct sg_err err = {0};

	put_attrs(s, &tbs, SG_DER_SET, !s->unsorted || s->sign_sorted);
	fx_assert_ok(sg_sign_tbs(s->key, s->sigalg, sg_buf_slice(&tbs), &sig, &err), err);
	if (s->bad_sig)
		sig.p[sig.len - 1] ^= 1;
	sg_derw_tlv(b, SG_DER_OCTET_STRING, sg_buf_slice(&sig));
}

static void
put_signer(const struct fx_spec *s, struct sg_buf *b)
{
	size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_uint(b, s->si_version);
	put_sid(s, b);
	if (s->hash_raw.len > 0)
		sg_buf_put_slice(b, s->hash_raw);
	else
		sg_algid_put_hash(b, s->hash);
	if (!s->no_attrs)
		put_attrs(s, b, SG_DER_CTX_CONS(0), !s->unsorted);
	if (s->sig_raw.len > 0)
		sg_buf_put_slice(b, s->sig_raw);
	else
		sg_algid_put_signer_sig(b, s->sigalg);
	put_signature(s, b);
	if (s->unsigned_attrs) {
		size_t un = sg_derw_begin(b, SG_DER_CTX_CONS(1));
		put_attr(b, &s->attr[0]);
		sg_derw_end(b, un);
	}
	sg_derw_end(b, info);
}

static void
put_encap(const struct fx_spec *s, struct sg_buf *b)
{
	size_t encap = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, s->etype);
	if (!s->no_content) {
		size_t exp = sg_derw_begin(b, SG_DER_CTX_CONS(0));
		sg_derw_tlv(b, SG_DER_OCTET_STRING, s->content);
		sg_derw_end(b, exp);
	}
	sg_derw_end(b, encap);
}

void
fx_build(const struct fx_spec *s, struct sg_buf *b)
{
	size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(signed_data));
	size_t content = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	size_t sd = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_uint(b, s->version);
	size_t hashes = sg_derw_begin(b, SG_DER_SET);
	for (unsigned i = 0; i < s->hash_n; i++)
		sg_algid_put_hash(b, s->hash);
	sg_derw_end(b, hashes);
	put_encap(s, b);
	if (s->cert_n > 0) {
		size_t certs = sg_derw_begin(b, SG_DER_CTX_CONS(0));
		for (size_t i = 0; i < s->cert_n; i++)
			sg_buf_put_slice(b, s->cert[i]);
		sg_derw_end(b, certs);
	}
	if (s->crls) {
		size_t crls = sg_derw_begin(b, SG_DER_CTX_CONS(1));
		sg_derw_end(b, sg_derw_begin(b, SG_DER_SEQUENCE));
		sg_derw_end(b, crls);
	}
	size_t signers = sg_derw_begin(b, SG_DER_SET);
	for (unsigned i = 0; i < s->signer_n; i++)
		put_signer(s, b);
	sg_derw_end(b, signers);
	sg_derw_end(b, sd);
	sg_derw_end(b, content);
	sg_derw_end(b, info);
	assert_int_equal(b->failed, SG_OK);
}

static void
ber_octets(struct sg_buf *b, struct sg_slice val)
{
	size_t half = val.len / 2;

	sg_buf_put(b, "\x24\x80", 2);
	sg_derw_tlv(b, SG_DER_OCTET_STRING, sg_slice(val.p, half));
	sg_derw_tlv(b, SG_DER_OCTET_STRING, sg_slice(val.p + half, val.len - half));
	sg_buf_put(b, "\0\0", 2);
}

void
fx_ber(struct sg_slice der, struct sg_buf *b)
{
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(der, &err);

	while (sg_der_more(&d)) {
		struct sg_tlv tlv = sg_der_any(&d, "element");
		fx_assert_ok(sg_der_status(&d), err);
		if (tlv.tag == SG_DER_OCTET_STRING && tlv.val.len > 2) {
			ber_octets(b, tlv.val);
		} else if (tlv.tag & 0x20) {
			sg_buf_put_u8(b, tlv.tag);
			sg_buf_put_u8(b, 0x80);
			fx_ber(tlv.val, b);
			sg_buf_put(b, "\0\0", 2);
		} else {
			sg_buf_put_slice(b, tlv.raw);
		}
	}
}

enum sg_code
fx_decode(const struct fx_spec *s, struct sg_buf *der, struct sg_scep_msg *msg, struct sg_err *err)
{
	sg_buf_reset(der);
	fx_build(s, der);
	return sg_scep_decode(sg_buf_slice(der), msg, err);
}

void
fx_refused(const struct fx_spec *s, enum sg_code code, const char *rule)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	fx_assert_fails(fx_decode(s, &der, &msg, &err), err, code, rule);
}

void
fx_fault(const struct fx_spec *s, const char *rule)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	struct sg_scep_rules rules = {.hashes = FX_HASHES, .ciphers = FX_CIPHERS};

	fx_assert_ok(fx_decode(s, &der, &msg, &err), err);
	fx_assert_ok(sg_scep_check(&msg, &rules, &err), err);
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
	assert_int_equal(msg.refused.code, SG_OK);
	fx_assert_fails(msg.fault.code, msg.fault, SG_E_MALFORMED, rule);
	rules.strict = true;
	fx_assert_fails(sg_scep_check(&msg, &rules, &err), err, SG_E_MALFORMED, rule);
}

void
fx_put_off(const struct fx_spec *s, enum sg_code code, const char *rule)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	struct sg_scep_rules rules = {.hashes = FX_HASHES, .ciphers = FX_CIPHERS};

	fx_assert_ok(fx_decode(s, &der, &msg, &err), err);
	assert_true(sg_slice_is(msg.txid, FX_TXID));
	fx_assert_fails(sg_scep_check(&msg, &rules, &err), err, code, rule);
	enum sg_code rc = sg_scep_verify(&msg, NULL, &err);
	if (msg.refused.code != SG_OK)
		assert_int_equal(rc, code);
}
