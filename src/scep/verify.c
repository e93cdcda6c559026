/* SPDX-License-Identifier: Apache-2.0 */

/*
 * verify.c - the signature of a message (RFC 5652 5.6)
 */

#include "scep/verify.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "crypto/digest.h"
#include "crypto/sign.h"

/* The attributes as a SET OF, which is what gets signed: RFC 5652 5.4. */
static void
put_set(struct sg_buf *b, struct sg_slice attrs)
{
	sg_buf_put_slice(b, attrs);
	if (b->failed == SG_OK)
		b->p[0] = SG_DER_SET;
}

/* The same with its elements sorted; the caller compares. */
static enum sg_code
put_sorted(struct sg_buf *b, struct sg_slice attrs, struct sg_err *err)
{
	struct sg_der d = sg_der_init(attrs, err);
	struct sg_tlv tlv = sg_der_whole(&d, SG_DER_CTX_CONS(0), "signedAttrs");

	if (!sg_der_ok(&d))
		return sg_der_status(&d);
	size_t mark = sg_derw_begin(b, SG_DER_SET);
	sg_buf_put_slice(b, tlv.val);
	sg_derw_sort(b, mark);
	sg_derw_end(b, mark);
	return sg_buf_check(b, err);
}

static enum sg_code
check_digest(const struct sg_scep_msg *msg, struct sg_err *err)
{
	uint8_t md[SG_HASH_LEN_MAX];

	if (msg->digest.len == 0)
		return sg_fail(err, SG_E_SIGNATURE, "cms.digest.missing",
		    "RFC 5652 5.4: there is no messageDigest");
	enum sg_code rc = sg_digest(msg->hash, msg->content, md, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_slice_eq(msg->digest, sg_slice(md, sg_hash_len(msg->hash))))
		return sg_fail(err, SG_E_SIGNATURE, "cms.digest",
		    "RFC 5652 5.6: messageDigest is not the %s of the content",
		    sg_hash_name(msg->hash));
	return SG_OK;
}

enum sg_code
sg_scep_verify_with(const struct sg_scep_msg *msg, const struct sg_key *key, struct sg_err *err)
{
	sg_buf_scoped sent = {0};
	sg_buf_scoped sorted = {0};

	if (msg->refused.code != SG_OK) {
		if (err != NULL)
			*err = msg->refused;
		return msg->refused.code;
	}
	enum sg_code rc = check_digest(msg, err);
	if (rc != SG_OK)
		return rc;
	put_set(&sent, msg->attrs);
	rc = sg_buf_check(&sent, err);
	if (rc != SG_OK)
		return rc;
	rc = put_sorted(&sorted, msg->attrs, err);
	if (rc != SG_OK)
		return rc;
	if (sg_slice_eq(sg_buf_slice(&sent), sg_buf_slice(&sorted)))
		return sg_sign_verify(key, msg->sigalg, sg_buf_slice(&sent), msg->sig, err);
	return sg_sign_verify_either(
	    key, msg->sigalg, sg_buf_slice(&sent), sg_buf_slice(&sorted), msg->sig, err);
}

enum sg_code
sg_scep_verify(const struct sg_scep_msg *msg, struct sg_key **ret_key, struct sg_err *err)
{
	struct sg_key *key = NULL;

	if (msg->refused.code == SG_OK && !msg->has_signer)
		return sg_fail(err, SG_E_SIGNATURE, "cms.signer.missing",
		    "RFC 8894 3: the signer's certificate is not among the %zu of the message",
		    msg->cert_n);
	if (msg->refused.code == SG_OK) {
		enum sg_code rc = sg_key_from_stranger(msg->signer.spki, &key, err);
		if (rc != SG_OK)
			return rc;
	}
	enum sg_code rc = sg_scep_verify_with(msg, key, err);
	if (rc == SG_OK && ret_key != NULL) {
		*ret_key = key;
		return SG_OK;
	}
	sg_key_free(&key);
	return rc;
}
