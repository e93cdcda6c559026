/* SPDX-License-Identifier: Apache-2.0 */

/*
 * envelope.c - EnvelopedData opened for what front and registrar may see of it, decrypted with a
 * content key from keyd, and sealed
 */

#include "cms/envelope.h"

#include "base/alloc.h"
#include "asn1/der.h"
#include "asn1/derw.h"
#include "base/limits.h"
#include "cms/content.h"
#include "crypto/random.h"
#include "asn1/oid.h"
#include "x509/algid.h"

static void
fail_other_recipient(struct sg_der *d, unsigned tag)
{
	switch (tag) {
	case SG_DER_CTX_CONS(1):
		sg_der_fail(d, SG_E_ALG, "cms.recipient.kari",
		    "RFC 8894 3.1: want a KeyTransRecipientInfo, have a KeyAgreeRecipientInfo");
		break;
	case SG_DER_CTX_CONS(2):
		sg_der_fail(d, SG_E_ALG, "cms.recipient.kek",
		    "RFC 8894 3.1: want a KeyTransRecipientInfo, have a KEKRecipientInfo");
		break;
	case SG_DER_CTX_CONS(3):
		sg_der_fail(d, SG_E_ALG, "cms.recipient.pwri",
		    "RFC 8894 3.1: want a KeyTransRecipientInfo, have a PasswordRecipientInfo");
		break;
	default:
		sg_der_fail(d, SG_E_ALG, "cms.recipient.other",
		    "RFC 8894 3.1: want a KeyTransRecipientInfo, have tag 0x%02x", tag);
		break;
	}
}

/* What is wrong with the envelope, but of no use here. */
static void
fault(struct sg_envelope *env, const char *rule, const char *text)
{
	if (env->fault.code == SG_OK)
		sg_ignore(sg_fail(&env->fault, SG_E_MALFORMED, rule, "%s", text));
}

/* The contents of a KeyTransRecipientInfo (RFC 5652 6.2.1) up to what identifies it. */
static struct sg_envelope_recipient
read_recipient(struct sg_der *info, bool *ret_version_ok)
{
	*ret_version_ok = sg_cms_version(info, 0, 2, "the version of KeyTransRecipientInfo");
	struct sg_cms_id id = sg_cms_id_read(info, "recipientIdentifier");
	return (struct sg_envelope_recipient){id, info->rest};
}

static void
read_recipients(struct sg_der *d, struct sg_envelope *env)
{
	struct sg_der set = sg_der_enter(d, SG_DER_SET, "recipientInfos");
	struct sg_tlv broken = {0}, other = {0};
	bool version_ok;

	for (size_t n = 0; sg_der_more(&set); n++) {
		if (n == SG_CMS_RECIPIENTS_MAX)
			sg_der_fail(&set, SG_E_LIMIT, "cms.recipients.many",
			    "more than %u recipientInfos", SG_CMS_RECIPIENTS_MAX);
		struct sg_tlv info = sg_der_any(&set, "recipientInfo");
		if (info.tag != SG_DER_SEQUENCE) {
			other = other.tag == 0 ? info : other;
			continue;
		}
		struct sg_der inner = sg_der_init(info.val, NULL);
		struct sg_envelope_recipient r = read_recipient(&inner, &version_ok);
		if (!sg_der_ok(&inner)) {
			broken = broken.tag == 0 ? info : broken;
			continue;
		}
		env->recipient[env->recipient_n++] = r;
		if (!version_ok)
			fault(env, "cms.version",
			    "RFC 5652 6.2.1: the version of KeyTransRecipientInfo is not 0 or 2");
	}
	if (env->recipient_n > 0)
		return;
	/* Why there is none. */
	if (other.tag != 0)
		fail_other_recipient(&set, other.tag);
	if (broken.tag != 0) {
		struct sg_der heard = sg_der_inside(&set, broken.val);
		read_recipient(&heard, &version_ok);
	}
	sg_der_fail(&set, SG_E_MALFORMED, "cms.recipients.count",
	    "RFC 5652 6.1: want a recipientInfo, have none");
}

/* [0] IMPLICIT OCTET STRING; the segments of a constructed one are put together. */
static void
read_ciphertext(struct sg_der *d, struct sg_envelope *env)
{
	unsigned tag = sg_der_peek(d);
	size_t block = sg_cipher_block_len(env->cipher);

	if (tag != SG_DER_CTX(0) && tag != SG_DER_CTX_CONS(0))
		sg_der_fail(d, SG_E_MALFORMED, "cms.ciphertext.missing",
		    "RFC 5652 6.1: there is no encryptedContent");
	env->ciphertext = sg_der_any(d, "encryptedContent").val;
	if (tag == SG_DER_CTX_CONS(0)) {
		struct sg_der segments = sg_der_inside(d, env->ciphertext);
		while (sg_der_more(&segments))
			sg_buf_put_slice(&env->joined,
			    sg_der_get(&segments, SG_DER_OCTET_STRING, "encryptedContent").val);
		sg_der_try(d, sg_buf_check(&env->joined, sg_der_err(d)));
		env->ciphertext = sg_buf_slice(&env->joined);
	}
	if (env->ciphertext.len == 0 || block == 0 || env->ciphertext.len % block != 0)
		sg_der_fail(d, SG_E_MALFORMED, "cms.ciphertext",
		    "encryptedContent has %zu bytes, want whole blocks of %zu", env->ciphertext.len,
		    block);
}

static enum sg_code
fail_des(struct sg_err *err)
{
	return sg_fail(err, SG_E_ALG, "alg.des", "RFC 8894 2.9: single DES must not be supported");
}

/* Is single DES the cipher of what follows the recipients? micromdm's client encrypts to
 * every certificate of GetCACert as well, but this is what its user has to be told. */
static bool
is_des(struct sg_slice after_recipients)
{
	struct sg_der d = sg_der_init(after_recipients, NULL);
	struct sg_slice iv = {0};

	struct sg_der info = sg_der_enter(&d, SG_DER_SEQUENCE, "");
	sg_der_oid(&info, "");
	return sg_algid_cipher(&info, &iv) == SG_CIPHER_DES_CBC;
}

static enum sg_code
decode(struct sg_slice content, struct sg_envelope *env, struct sg_err *err)
{
	struct sg_der message = sg_der_init(content, err);

	struct sg_der d = sg_cms_content_open(
	    &message, SG_MESSAGE_MAX, SG_OID(enveloped_data), "envelopedData", &env->der);
	if (!sg_cms_version(&d, 0, 2, "the version of EnvelopedData"))
		fault(
		    env, "cms.version", "RFC 5652 6.1: the version of EnvelopedData is not 0 or 2");
	sg_der_opt(&d, SG_DER_CTX_CONS(0), "originatorInfo");
	if (!sg_der_ok(&d))
		return sg_der_status(&d);
	read_recipients(&d, env);
	if (!sg_der_ok(&d) && is_des(d.rest))
		return fail_des(err);
	struct sg_der info = sg_der_enter(&d, SG_DER_SEQUENCE, "encryptedContentInfo");
	if (!sg_slice_eq(sg_der_oid(&info, "contentType"), SG_OID(data)))
		fault(env, "cms.content.type",
		    "RFC 8894 3.2.2: the contentType of the encrypted content is not data");
	env->cipher = sg_algid_cipher(&info, &env->iv);
	read_ciphertext(&info, env);
	sg_der_end(&info, "encryptedContentInfo");
	sg_der_opt(&d, SG_DER_CTX_CONS(1), "unprotectedAttrs");
	sg_der_end(&d, "envelopedData");
	return sg_der_status(&d);
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
sg_envelope_check(const struct sg_envelope *env, uint32_t ciphers, bool strict, struct sg_err *err)
{
	if (env->cipher == SG_CIPHER_DES_CBC)
		return fail_des(err);
	if (env->cipher == SG_CIPHER_NONE || (ciphers & 1u << env->cipher) == 0)
		return sg_fail(err, SG_E_ALG, "scep.alg.cipher",
		    "%s is not among the endpoint's ciphers", sg_cipher_name(env->cipher));
	if (!strict || env->fault.code == SG_OK)
		return SG_OK;
	if (err != NULL)
		*err = env->fault;
	return env->fault.code;
}

/* Algorithm and encrypted key of the recipient that is ours. */
static enum sg_code
read_transport(struct sg_envelope *env, struct sg_slice rest, struct sg_err *err)
{
	struct sg_der d = sg_der_init(rest, err);

	env->trans = sg_algid_keytrans(&d);
	env->wrapped = sg_der_get(&d, SG_DER_OCTET_STRING, "encryptedKey").val;
	sg_der_end(&d, "recipientInfo");
	if (env->wrapped.len == 0 || env->wrapped.len > SG_RSA_MAX_BITS / 8)
		sg_der_fail(&d, SG_E_MALFORMED, "cms.recipient.key",
		    "an encryptedKey of %zu bytes, want 1 to %u", env->wrapped.len,
		    SG_RSA_MAX_BITS / 8);
	return sg_der_status(&d);
}

enum sg_code
sg_envelope_choose(struct sg_envelope *env, const struct sg_cert_light *own, struct sg_err *err)
{
	const struct sg_envelope_recipient *named = NULL, *by_serial = NULL;
	size_t named_n = 0, by_serial_n = 0;

	for (size_t i = 0; i < env->recipient_n; i++) {
		enum sg_cms_match m = sg_cms_id_match(&env->recipient[i].id, own);
		if (m >= SG_CMS_MATCH_NAME) {
			named = &env->recipient[i];
			named_n++;
		} else if (m == SG_CMS_MATCH_SERIAL) {
			by_serial = &env->recipient[i];
			by_serial_n++;
		}
	}
	if (named_n > 1 || (named_n == 0 && by_serial_n > 1))
		return sg_fail(err, SG_E_MALFORMED, "cms.recipients.twice",
		    "two recipientInfos name the certificate that receives the "
		    "message");
	const struct sg_envelope_recipient *ours = named != NULL ? named : by_serial;
	env->is_ours = ours != NULL;
	return ours != NULL ? read_transport(env, ours->rest, err) : SG_OK;
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
	sg_cms_id_put(b, f->recipient.issuer, f->recipient.serial);
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
