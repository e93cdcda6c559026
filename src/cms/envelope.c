/* SPDX-License-Identifier: Apache-2.0 */

#include "cms/envelope.h"

#include "base/alloc.h"
#include "asn1/der.h"
#include "asn1/derw.h"
#include "base/limits.h"
#include "cms/content.h"
#include "cms/id.h"
#include "crypto/random.h"
#include "asn1/oid.h"
#include "x509/algid.h"
#include "x509/name.h"

/* KeyTransRecipientInfo, RFC 5652 6.2.1. */
static enum sg_code
read_keytrans(struct sg_der *set, struct sg_envelope *env, struct sg_err *err)
{
	struct sg_der d = {0};
	struct sg_cms_id id = {0};
	struct sg_tlv wrapped = {0};

	enum sg_code rc = sg_der_enter(set, SG_DER_SEQUENCE, "recipientInfo", &d, err);
	if (rc == SG_OK)
		rc = sg_cms_version(&d, 0, 2, "the version of KeyTransRecipientInfo", err);
	if (rc == SG_OK)
		rc = sg_cms_id_read(&d, "recipientIdentifier", &id, err);
	if (rc == SG_OK)
		rc = sg_algid_get_keytrans(&d, &env->trans, err);
	if (rc == SG_OK)
		rc = sg_der_get(&d, SG_DER_OCTET_STRING, "encryptedKey", &wrapped, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "recipientInfo", err);
	if (rc != SG_OK)
		return rc;
	if (wrapped.val.len == 0 || wrapped.val.len > SG_RSA_MAX_BITS / 8)
		return sg_fail(err, SG_E_MALFORMED, "cms.recipient.key",
		    "RFC 5652 6.2.1: an encryptedKey of %zu bytes, want 1 to %u", wrapped.val.len,
		    SG_RSA_MAX_BITS / 8);
	env->rid_issuer = id.issuer;
	env->rid_serial = id.serial;
	env->rid_ski = id.ski;
	env->wrapped = wrapped.val;
	return SG_OK;
}

static enum sg_code
other_recipient(unsigned tag, struct sg_err *err)
{
	switch (tag) {
	case SG_DER_CTX_CONS(1):
		return sg_fail(err, SG_E_ALG, "cms.recipient.kari",
		    "RFC 5652 6.2: want a KeyTransRecipientInfo, have a KeyAgreeRecipientInfo");
	case SG_DER_CTX_CONS(2):
		return sg_fail(err, SG_E_ALG, "cms.recipient.kek",
		    "RFC 5652 6.2: want a KeyTransRecipientInfo, have a KEKRecipientInfo");
	case SG_DER_CTX_CONS(3):
		return sg_fail(err, SG_E_ALG, "cms.recipient.pwri",
		    "RFC 5652 6.2: want a KeyTransRecipientInfo, have a PasswordRecipientInfo");
	default:
		return sg_fail(err, SG_E_ALG, "cms.recipient.other",
		    "RFC 5652 6.2: want a KeyTransRecipientInfo, have tag 0x%02x", tag);
	}
}

static enum sg_code
read_recipients(struct sg_der *d, struct sg_envelope *env, struct sg_err *err)
{
	struct sg_der set = {0};

	enum sg_code rc = sg_der_enter(d, SG_DER_SET, "recipientInfos", &set, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_der_more(&set))
		return sg_fail(err, SG_E_MALFORMED, "cms.recipients.count",
		    "RFC 5652 6.1: want 1 recipientInfo, have none");
	if (sg_der_peek(&set) != SG_DER_SEQUENCE)
		return other_recipient(sg_der_peek(&set), err);
	rc = read_keytrans(&set, env, err);
	/* A second one would make the answer say which of the two was right. */
	if (rc == SG_OK && sg_der_more(&set))
		return sg_fail(err, SG_E_MALFORMED, "cms.recipients.count",
		    "RFC 5652 6.1: want 1 recipientInfo, have more");
	return rc;
}

/* The segments of a constructed [0] IMPLICIT OCTET STRING, put together. */
static enum sg_code
join(struct sg_slice contents, struct sg_envelope *env, struct sg_err *err)
{
	struct sg_der d = sg_der_init(contents);

	while (sg_der_more(&d)) {
		struct sg_tlv segment = {0};
		enum sg_code rc = sg_der_get(
		    &d, SG_DER_OCTET_STRING, "encryptedContent", &segment, err);
		if (rc != SG_OK)
			return rc;
		sg_buf_put_slice(&env->joined, segment.val);
	}
	env->ciphertext = sg_buf_slice(&env->joined);
	return sg_buf_check(&env->joined, err);
}

static enum sg_code
read_ciphertext(struct sg_der *d, struct sg_envelope *env, struct sg_err *err)
{
	struct sg_tlv tlv = {0};
	unsigned tag = sg_der_peek(d);
	size_t block = sg_cipher_block_len(env->cipher);

	if (tag != SG_DER_CTX(0) && tag != SG_DER_CTX_CONS(0))
		return sg_fail(err, SG_E_MALFORMED, "cms.ciphertext.missing",
		    "RFC 5652 6.1: there is no encryptedContent");
	enum sg_code rc = sg_der_any(d, "encryptedContent", &tlv, err);
	if (rc != SG_OK)
		return rc;
	env->ciphertext = tlv.val;
	if (tag == SG_DER_CTX_CONS(0))
		rc = join(tlv.val, env, err);
	if (rc != SG_OK)
		return rc;
	if (env->ciphertext.len == 0 || block == 0 || env->ciphertext.len % block != 0)
		return sg_fail(err, SG_E_MALFORMED, "cms.ciphertext",
		    "encryptedContent has %zu bytes, want whole blocks of %zu", env->ciphertext.len,
		    block);
	return SG_OK;
}

static enum sg_code
read_content_info(struct sg_der *outer, struct sg_envelope *env, struct sg_err *err)
{
	struct sg_der d = {0};
	struct sg_slice type = {0};

	enum sg_code rc = sg_der_enter(outer, SG_DER_SEQUENCE, "encryptedContentInfo", &d, err);
	if (rc == SG_OK)
		rc = sg_der_oid(&d, "contentType", &type, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_slice_eq(type, SG_OID(data)))
		return sg_fail(err, SG_E_MALFORMED, "cms.content.type",
		    "RFC 8894 3.2.2: the contentType of the encrypted content is not data");
	rc = sg_algid_get_cipher(&d, &env->cipher, &env->iv, err);
	if (rc == SG_OK)
		rc = read_ciphertext(&d, env, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "encryptedContentInfo", err);
	return rc;
}

static enum sg_code
fail_des(struct sg_err *err)
{
	return sg_fail(err, SG_E_ALG, "alg.des", "RFC 8894 2.9: single DES must not be supported");
}

/* Is single DES the cipher of what follows the recipients? micromdm's client encrypts to
 * every certificate of GetCACert as well, but this is what its user has to be told. */
static bool
is_des(struct sg_der behind_recipients)
{
	struct sg_der d = {0};
	struct sg_slice skip = {0};
	enum sg_cipher cipher = SG_CIPHER_NONE;

	return sg_der_enter(&behind_recipients, SG_DER_SEQUENCE, "", &d, NULL) == SG_OK &&
	       sg_der_oid(&d, "", &skip, NULL) == SG_OK &&
	       sg_algid_get_cipher(&d, &cipher, &skip, NULL) == SG_OK &&
	       cipher == SG_CIPHER_DES_CBC;
}

static enum sg_code
decode(struct sg_slice content, struct sg_envelope *env, struct sg_err *err)
{
	struct sg_der d = {0};
	uint64_t version = 0;

	enum sg_code rc = sg_cms_content_open(
	    content, SG_MESSAGE_MAX, SG_OID(enveloped_data), "envelopedData", &env->der, &d, err);
	if (rc == SG_OK)
		rc = sg_der_uint(&d, 255, "the version of EnvelopedData", &version, err);
	if (rc != SG_OK)
		return rc;
	if (sg_der_peek(&d) == SG_DER_CTX_CONS(0))
		return sg_fail(err, SG_E_MALFORMED, "cms.originator",
		    "RFC 5652 6.1: originatorInfo is not for key transport");
	rc = read_recipients(&d, env, err);
	if (rc != SG_OK && is_des(d))
		return fail_des(err);
	/* Only now: 3 and 4 are for other recipients, which have their own refusals. */
	if (rc == SG_OK && version != 0 && version != 2)
		return sg_fail(err, SG_E_MALFORMED, "cms.version",
		    "RFC 5652 6.1: the version of EnvelopedData is %u, want 0 or 2",
		    (unsigned)version);
	if (rc == SG_OK)
		rc = read_content_info(&d, env, err);
	if (rc == SG_OK && sg_der_peek(&d) == SG_DER_CTX_CONS(1))
		return sg_fail(err, SG_E_MALFORMED, "cms.unprotected",
		    "RFC 5652 6.1: unprotectedAttrs have no use here");
	if (rc == SG_OK)
		rc = sg_der_end(&d, "envelopedData", err);
	return rc;
}

enum sg_code
sg_envelope_decode(struct sg_slice content, struct sg_envelope *ret, struct sg_err *err)
{
	struct sg_envelope env = {0};

	enum sg_code rc = decode(content, &env, err);
	if (rc != SG_OK) {
		sg_envelope_free(&env);
		return rc;
	}
	*ret = env;
	return SG_OK;
}

void
sg_envelope_free(struct sg_envelope *env)
{
	sg_buf_clear(&env->der);
	sg_buf_clear(&env->joined);
	*env = (struct sg_envelope){0};
}

enum sg_code
sg_envelope_check(const struct sg_envelope *env, uint32_t ciphers, struct sg_err *err)
{
	if (env->cipher == SG_CIPHER_DES_CBC)
		return fail_des(err);
	if (env->cipher == SG_CIPHER_NONE || (ciphers & 1u << env->cipher) == 0)
		return sg_fail(err, SG_E_ALG, "scep.alg.cipher",
		    "%s is not among the endpoint's ciphers", sg_cipher_name(env->cipher));
	return SG_OK;
}

enum sg_rid_match
sg_envelope_match(const struct sg_envelope *env, const struct sg_cert *cert)
{
	if (env->rid_ski.len > 0)
		return sg_slice_eq(env->rid_ski, cert->exts.ski) ? SG_RID_EXACT : SG_RID_NO;
	if (!sg_slice_eq(env->rid_serial, cert->serial))
		return SG_RID_NO;
	if (sg_slice_eq(env->rid_issuer, cert->issuer))
		return SG_RID_EXACT;
	return sg_name_equal(env->rid_issuer, cert->issuer) ? SG_RID_NAME : SG_RID_SERIAL;
}

enum sg_code
sg_envelope_decrypt(const struct sg_envelope *env, struct sg_slice cek, bool legacy_des,
    struct sg_buf *out, struct sg_err *err)
{
	if (cek.len != sg_cipher_key_len(env->cipher))
		return sg_fail(err, SG_E_CRYPTO, "cms.decrypt",
		    "a content key of %zu bytes, %s wants %zu", cek.len,
		    sg_cipher_name(env->cipher), sg_cipher_key_len(env->cipher));
	return sg_decrypt_cbc(env->cipher, legacy_des, cek.p, env->iv.p, env->ciphertext, out, err);
}

static enum sg_code
check_facts(const struct sg_envelope_facts *f, struct sg_err *err)
{
	if (sg_key_type(f->key) != SG_KEY_RSA)
		return sg_fail(err, SG_E_ALG, "cms.recipient.keytype",
		    "RFC 8894 3.1: a %s key cannot transport a content key",
		    sg_keytype_name(sg_key_type(f->key)));
	if (f->cek.len == 0 || f->cek.len != sg_cipher_key_len(f->cipher) ||
	    f->iv.len != sg_cipher_block_len(f->cipher))
		return sg_fail(err, SG_E_INTERNAL, "envelope.facts",
		    "content key of %zu and IV of %zu bytes do not fit %s", f->cek.len, f->iv.len,
		    sg_cipher_name(f->cipher));
	return SG_OK;
}

static enum sg_code
put_recipient(struct sg_buf *b, const struct sg_envelope_facts *f, struct sg_err *err)
{
	size_t set = sg_derw_begin(b, SG_DER_SET);
	size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_uint(b, 0);
	sg_cms_id_put(b, f->recipient->issuer, f->recipient->serial);
	sg_algid_put_keytrans(b, f->trans);
	size_t key = sg_derw_begin(b, SG_DER_OCTET_STRING);
	enum sg_code rc = sg_wrap_key(f->key, f->trans, f->cek, b, err);
	if (rc != SG_OK)
		return rc;
	sg_derw_end(b, key);
	sg_derw_end(b, info);
	sg_derw_end(b, set);
	return SG_OK;
}

static enum sg_code
put_content(struct sg_buf *b, const struct sg_envelope_facts *f, struct sg_err *err)
{
	size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(data));
	sg_algid_put_cipher(b, f->cipher, f->iv.p);
	size_t content = sg_derw_begin(b, SG_DER_CTX(0));
	enum sg_code rc = sg_encrypt_cbc(f->cipher, f->cek.p, f->iv.p, f->plain, b, err);
	if (rc != SG_OK)
		return rc;
	sg_derw_end(b, content);
	sg_derw_end(b, info);
	return SG_OK;
}

enum sg_code
sg_envelope_put(struct sg_buf *b, const struct sg_envelope_facts *facts, struct sg_err *err)
{
	enum sg_code rc = check_facts(facts, err);
	if (rc != SG_OK)
		return rc;
	size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(enveloped_data));
	size_t content = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	size_t env = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_uint(b, 0);
	rc = put_recipient(b, facts, err);
	if (rc == SG_OK)
		rc = put_content(b, facts, err);
	if (rc != SG_OK)
		return rc;
	sg_derw_end(b, env);
	sg_derw_end(b, content);
	sg_derw_end(b, info);
	return sg_buf_check(b, err);
}

enum sg_code
sg_envelope_seal(struct sg_buf *b, const struct sg_envelope_facts *facts, struct sg_err *err)
{
	uint8_t random[SG_CEK_MAX + SG_IV_MAX];
	struct sg_envelope_facts f = *facts;

	enum sg_code rc = sg_random(random, sizeof(random), err);
	if (rc != SG_OK)
		return rc;
	f.cek = sg_slice(random, sg_cipher_key_len(f.cipher));
	f.iv = sg_slice(random + SG_CEK_MAX, sg_cipher_block_len(f.cipher));
	rc = sg_envelope_put(b, &f, err);
	sg_wipe(random, sizeof(random));
	return rc;
}
