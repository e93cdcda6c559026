/* SPDX-License-Identifier: Apache-2.0 */

/*
 * signer.c - the SignerInfo of a message: read when it is decoded, and its digest and signature
 * checked once it is known whose key to ask
 */

#include "cms/signer.h"

#include "asn1/derw.h"
#include "cms/content.h"
#include "crypto/digest.h"
#include "crypto/sign.h"

struct sg_cms_signer
sg_cms_signer_read(struct sg_der *signers)
{
	struct sg_cms_signer s = {0};

	if (!sg_der_more(signers))
		sg_der_fail(
		    signers, SG_E_MALFORMED, "cms.signers.count", "want 1 signerInfo, have none");
	struct sg_der d = sg_der_enter(signers, SG_DER_SEQUENCE, "signerInfo");
	s.version_ok = sg_cms_version(&d, 1, 3, "the version of SignerInfo");
	s.id = sg_cms_id_read(&d, "signerIdentifier");
	s.digest_alg = sg_der_get(&d, SG_DER_SEQUENCE, "digestAlgorithm").raw;
	if (sg_der_peek(&d) != SG_DER_CTX_CONS(0))
		sg_der_fail(&d, SG_E_MALFORMED, "cms.attrs.missing",
		    "RFC 8894 3.2: the signerInfo has no signed attributes");
	s.attrs = sg_der_any(&d, "signedAttrs");
	s.sig_alg = sg_der_get(&d, SG_DER_SEQUENCE, "signatureAlgorithm").raw;
	s.sig = sg_der_get(&d, SG_DER_OCTET_STRING, "signature").val;
	sg_der_opt(&d, SG_DER_CTX_CONS(1), "unsignedAttrs");
	sg_der_end(&d, "signerInfo");
	return s;
}

enum sg_code
sg_cms_signer_check_digest(
    enum sg_hash hash, struct sg_slice content, struct sg_slice digest, struct sg_err *err)
{
	uint8_t md[SG_HASH_LEN_MAX];

	if (digest.len == 0)
		return sg_fail(err, SG_E_SIGNATURE, "cms.digest.missing",
		    "RFC 5652 5.3: there is no messageDigest");
	enum sg_code rc = sg_digest(hash, content, md, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_slice_eq(digest, sg_slice(md, sg_hash_len(hash))))
		return sg_fail(err, SG_E_SIGNATURE, "cms.digest",
		    "RFC 5652 5.6: messageDigest is not the %s of the content", sg_hash_name(hash));
	return SG_OK;
}

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

enum sg_code
sg_cms_signer_verify(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice attrs,
    struct sg_slice sig, struct sg_err *err)
{
	sg_buf_scoped sent = {0};
	sg_buf_scoped sorted = {0};

	put_set(&sent, attrs);
	enum sg_code rc = sg_buf_check(&sent, err);
	if (rc != SG_OK)
		return rc;
	rc = put_sorted(&sorted, attrs, err);
	if (rc != SG_OK)
		return rc;
	if (sg_slice_eq(sg_buf_slice(&sent), sg_buf_slice(&sorted)))
		return sg_sign_verify(key, alg, sg_buf_slice(&sent), sig, err);
	return sg_sign_verify_either(
	    key, alg, sg_buf_slice(&sent), sg_buf_slice(&sorted), sig, err);
}
