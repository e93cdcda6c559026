/* SPDX-License-Identifier: Apache-2.0 */

/*
 * check.c - a message that was decoded against the rules of the RFC and of the endpoint
 */

#include "scep/check.h"

#include "base/escape.h"
#include "crypto/key.h"
#include "x509/cert.h"

/* SHA-1 may sign where the signature authenticates nobody. That the challenge in a PKCSReq decides,
 * whoever signed, is known only when it is read: sg_scep_check_renews. */
static bool
sha1_passes(const struct sg_scep_msg *msg, const struct sg_scep_rules *rules)
{
	if (rules->strict || msg->type == SG_SCEP_RENEWALREQ)
		return false;
	if (msg->type == SG_SCEP_PKCSREQ || msg->type == SG_SCEP_CERTPOLL)
		return true;
	return (rules->hashes & 1u << SG_HASH_SHA1) != 0;
}

static enum sg_code
check_hash(const struct sg_scep_msg *msg, enum sg_hash hash, const struct sg_scep_rules *rules,
    struct sg_err *err)
{
	if (hash == SG_HASH_SHA1 && sha1_passes(msg, rules))
		return SG_OK;
	if (hash == SG_HASH_SHA1)
		return sg_fail(err, SG_E_ALG, "scep.alg.sha1",
		    "SHA-1 is not accepted in a %s at this endpoint, want SHA-256",
		    sg_scep_type_name(msg->type));
	if (hash == SG_HASH_NONE || (rules->hashes & 1u << hash) == 0)
		return sg_fail(err, SG_E_ALG, "scep.alg.hash",
		    "%s is not among the endpoint's hashes", sg_hash_name(hash));
	return SG_OK;
}

static enum sg_code
check_type(const struct sg_scep_msg *msg, struct sg_err *err)
{
	sg_buf_scoped shown = {0};

	if (!msg->has_type)
		return sg_fail(err, SG_E_MALFORMED, "scep.type.missing",
		    "RFC 8894 3.2.1.2: there is no messageType");
	switch (msg->type) {
	case SG_SCEP_RENEWALREQ:
	case SG_SCEP_PKCSREQ:
	case SG_SCEP_CERTPOLL:
	case SG_SCEP_GETCERT:
	case SG_SCEP_GETCRL:
		break;
	case SG_SCEP_TYPE_NONE:
	case SG_SCEP_CERTREP:
	default:
		sg_escape_put(&shown, msg->type_text, 40);
		return sg_fail(err, SG_E_MALFORMED, "scep.type",
		    "RFC 8894 3.2.1.2: want messageType 17, 19, 20, 21 or 22, have '%s'",
		    sg_buf_text(&shown));
	}
	if (!msg->has_content)
		return sg_fail(err, SG_E_MALFORMED, "scep.content.missing",
		    "RFC 8894 3.2: a %s without its pkcsPKIEnvelope", sg_scep_type_name(msg->type));
	return SG_OK;
}

/* RFC 8894 3.2.1 and RFC 5280, to the letter: what field clients may leave out or get wrong. */
static enum sg_code
check_strict(const struct sg_scep_msg *msg, struct sg_err *err)
{
	struct sg_cert signer;

	if (msg->fault.code != SG_OK) {
		if (err != NULL)
			*err = msg->fault;
		return msg->fault.code;
	}
	if (msg->sender_nonce.len == 0)
		return sg_fail(err, SG_E_MALFORMED, "scep.strict.nonce",
		    "RFC 8894 3.2.1.5: there is no senderNonce");
	if (!msg->has_content_type)
		return sg_fail(err, SG_E_MALFORMED, "scep.strict.contenttype",
		    "RFC 5652 5.3: there is no attribute contentType");
	if (!msg->has_signing_time)
		return sg_fail(err, SG_E_MALFORMED, "scep.strict.signingtime",
		    "profile strict: there is no signingTime");
	if (!msg->has_signer)
		return SG_OK;
	enum sg_code rc = sg_cert_parse(msg->signer.raw, &signer, err);
	if (rc != SG_OK && err != NULL)
		sg_err_prefix(err, "profile strict: the signer's certificate");
	return rc;
}

enum sg_code
sg_scep_check_signer(const struct sg_scep_msg *msg, struct sg_err *err)
{
	enum sg_keytype type;

	enum sg_code rc = sg_scep_need_signer(msg, err);
	if (rc == SG_OK)
		rc = sg_key_check_stranger(msg->signer.spki, &type, err);
	if (rc == SG_OK && type != SG_KEY_RSA)
		rc = sg_fail(err, SG_E_ALG, "scep.answer.key",
		    "RFC 8894 3.1: the answer can only be encrypted to an RSA key, the signer has "
		    "%s",
		    sg_keytype_name(type));
	return rc;
}

enum sg_code
sg_scep_check_renews(const struct sg_scep_msg *msg, struct sg_err *err)
{
	if (!sg_scep_over_sha1(msg))
		return SG_OK;
	return sg_fail(err, SG_E_ALG, "scep.alg.sha1",
	    "SHA-1 is not accepted where the signer's certificate decides, as in a renewal, want "
	    "SHA-256");
}

enum sg_code
sg_scep_check(const struct sg_scep_msg *msg, const struct sg_scep_rules *rules, struct sg_err *err)
{
	if (msg->refused.code != SG_OK) {
		if (err != NULL)
			*err = msg->refused;
		return msg->refused.code;
	}
	enum sg_code rc = check_type(msg, err);
	if (rc == SG_OK)
		rc = check_hash(msg, msg->hash, rules, err);
	if (rc == SG_OK && msg->sigalg.hash != msg->hash)
		rc = check_hash(msg, msg->sigalg.hash, rules, err);
	if (rc == SG_OK && rules->strict)
		rc = check_strict(msg, err);
	if (rc == SG_OK)
		rc = sg_scep_check_signer(msg, err);
	return rc;
}
