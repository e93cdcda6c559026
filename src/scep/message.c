/* SPDX-License-Identifier: Apache-2.0 */

/*
 * message.c - a pkiMessage decoded: what front makes of the bytes of a stranger, and a client of an
 * answer
 */

#include "scep/message.h"

#include "base/alloc.h"
#include "asn1/der.h"
#include "cms/content.h"
#include "scep/attrs_private.h"
#include "cms/signed.h"
#include "cms/signer.h"
#include "asn1/oid.h"
#include "x509/algid.h"

/* What is wrong with the message, but of no use here. */
static void
fault(struct sg_scep_msg *msg, const char *rule, const char *text)
{
	if (msg->fault.code == SG_OK)
		sg_ignore(sg_fail(&msg->fault, SG_E_MALFORMED, rule, "%s", text));
}

/* Algorithms that we do not know or refuse are no reason not to read on: the client wants to be
 * told badAlg. */
static void
read_signer(struct sg_der *signers, struct sg_scep_msg *msg)
{
	struct sg_err late = {0};

	struct sg_cms_signer signer = sg_cms_signer_read(signers);
	if (!signer.version_ok)
		fault(msg, "cms.version", "RFC 5652 5.3: the version of SignerInfo is not 1 or 3");
	struct sg_der hash = sg_der_init(signer.digest_alg, &late);
	msg->hash = sg_algid_hash(&hash);
	sg_scep_defer(&msg->refused, &late);
	struct sg_der sigalg = sg_der_init(signer.sig_alg, &late);
	msg->sigalg = sg_algid_sig(&sigalg);
	sg_scep_defer(&msg->refused, &late);
	if (msg->sigalg.scheme == SG_SIG_RSA_PKCS1 && msg->sigalg.hash == SG_HASH_NONE)
		msg->sigalg.hash = msg->hash;
	struct sg_der attrs = sg_der_inside(signers, signer.attrs.val);
	sg_scep_attrs_read(&attrs, msg);
	if (sg_der_more(signers))
		sg_der_fail(
		    signers, SG_E_MALFORMED, "cms.signers.count", "want 1 signerInfo, have more");
	msg->sid = signer.id;
	msg->attrs = signer.attrs.raw;
	msg->sig = signer.sig;
}

bool
sg_scep_signer_is(const struct sg_scep_msg *msg, const struct sg_cert_light *cert)
{
	return sg_cms_id_match(&msg->sid, cert) >= SG_CMS_MATCH_NAME;
}

/* RFC 8894 3: the signer's certificate is among those of a request; an answer may leave it out. */
static void
find_signer(struct sg_scep_msg *msg)
{
	for (size_t i = 0; i < msg->cert_n && !msg->has_signer; i++) {
		struct sg_err *why = msg->unread.code == SG_OK ? &msg->unread : NULL;
		if (sg_cert_light_parse(msg->cert[i], &msg->signer, why) == SG_OK)
			msg->has_signer = sg_scep_signer_is(msg, &msg->signer);
	}
	if (!msg->has_signer)
		msg->signer = (struct sg_cert_light){0};
}

static enum sg_code
decode(struct sg_slice message, struct sg_scep_msg *msg, struct sg_err *err)
{
	struct sg_der whole = sg_der_init(message, err);

	struct sg_der d = sg_cms_content_open(
	    &whole, SG_MESSAGE_MAX, SG_OID(signed_data), "signedData", &msg->der);
	struct sg_cms_signed sd = sg_cms_signed_read(&d);
	if (!sd.version_ok)
		fault(msg, "cms.version", "RFC 5652 5.1: the version of SignedData is not 1 or 3");
	if (sg_der_more(&sd.crls))
		fault(msg, "cms.crls", "a pkiMessage carries no CRLs");
	if (!sg_slice_eq(sd.econtent_type, SG_OID(data)))
		fault(msg, "cms.content.type", "RFC 8894 3.2: eContentType is not data");
	msg->cert_n = sg_cms_signed_collect(sd.certs, "certificate", "cms.certs.count", msg->cert);
	read_signer(&sd.signers, msg);
	msg->has_content = sd.has_content;
	msg->content = sd.content;
	if (sg_der_ok(&d))
		find_signer(msg);
	return sg_der_status(&d);
}

enum sg_code
sg_scep_decode(struct sg_slice message, struct sg_scep_msg *ret, struct sg_err *err)
{
	struct sg_scep_msg msg = {0};

	enum sg_code rc = decode(message, &msg, err);
	if (rc != SG_OK) {
		sg_scep_msg_free(&msg);
		return rc;
	}
	*ret = msg;
	return SG_OK;
}

void
sg_scep_msg_free(struct sg_scep_msg *msg)
{
	sg_buf_clear(&msg->der);
	*msg = (struct sg_scep_msg){0};
}

enum sg_code
sg_scep_need_signer(const struct sg_scep_msg *msg, struct sg_err *err)
{
	if (msg->has_signer)
		return SG_OK;
	if (msg->unread.code == SG_OK)
		return sg_fail(err, SG_E_SIGNATURE, "cms.signer.missing",
		    "RFC 8894 2.3: the signer's certificate is not among the %zu of the message",
		    msg->cert_n);
	if (err != NULL) {
		*err = msg->unread;
		sg_err_prefix(err, "the signer's certificate is missing, or is one of the message "
				   "that cannot be read");
	}
	return msg->unread.code;
}

bool
sg_scep_over_sha1(const struct sg_scep_msg *msg)
{
	return msg->hash == SG_HASH_SHA1 || msg->sigalg.hash == SG_HASH_SHA1;
}
