/* SPDX-License-Identifier: Apache-2.0 */

/*
 * signed.c - a SignedData that arrives, up to its signers
 */

#include "cms/signed.h"

#include "asn1/ber.h"
#include "asn1/derw.h"
#include "base/limits.h"
#include "cms/content.h"
#include "asn1/oid.h"

/* More than one digest algorithm is legal; nobody sends more than one or two. */
#define DIGEST_ALGS_MAX 8u

static enum sg_code
read_digest_algs(struct sg_der *d, struct sg_err *err)
{
	struct sg_der set = {0};
	struct sg_tlv alg = {0};

	enum sg_code rc = sg_der_enter(d, SG_DER_SET, "digestAlgorithms", &set, err);
	for (size_t n = 0; rc == SG_OK && sg_der_more(&set); n++) {
		if (n == DIGEST_ALGS_MAX)
			return sg_fail(err, SG_E_LIMIT, "cms.digests.count",
			    "RFC 5652 5.1: more than %u digestAlgorithms", DIGEST_ALGS_MAX);
		rc = sg_der_get(&set, SG_DER_SEQUENCE, "digestAlgorithm", &alg, err);
	}
	return rc;
}

static enum sg_code
read_encap(struct sg_der *d, struct sg_cms_signed *sd, struct sg_err *err)
{
	struct sg_der encap = {0}, exp = {0};
	struct sg_tlv content = {0};

	enum sg_code rc = sg_der_enter(d, SG_DER_SEQUENCE, "encapContentInfo", &encap, err);
	if (rc == SG_OK)
		rc = sg_der_oid(&encap, "eContentType", &sd->econtent_type, err);
	if (rc != SG_OK || !sg_der_more(&encap))
		return rc;
	rc = sg_der_enter(&encap, SG_DER_CTX_CONS(0), "eContent", &exp, err);
	if (rc == SG_OK)
		rc = sg_der_end(&encap, "encapContentInfo", err);
	if (rc == SG_OK)
		rc = sg_der_get(&exp, SG_DER_OCTET_STRING, "eContent", &content, err);
	if (rc == SG_OK)
		rc = sg_der_end(&exp, "eContent", err);
	/* RFC 8894 3: without messageData eContent is absent; some send an empty one. */
	sd->has_content = content.val.len > 0;
	sd->content = content.val;
	return rc;
}

static enum sg_code
read_optional_set(struct sg_der *d, unsigned tag, const char *what, bool *ret_has,
    struct sg_der *ret, struct sg_err *err)
{
	struct sg_tlv tlv = {0};

	enum sg_code rc = sg_der_opt(d, tag, what, &tlv, err);
	*ret_has = tlv.raw.len > 0;
	*ret = sg_der_init(tlv.val);
	return rc;
}

enum sg_code
sg_cms_signed_read(struct sg_der *d, struct sg_cms_signed *ret, struct sg_err *err)
{
	struct sg_cms_signed sd = {0};

	enum sg_code rc = sg_cms_version(d, 1, 3, "the version of SignedData", err);
	if (rc == SG_OK)
		rc = read_digest_algs(d, err);
	if (rc == SG_OK)
		rc = read_encap(d, &sd, err);
	if (rc == SG_OK)
		rc = read_optional_set(
		    d, SG_DER_CTX_CONS(0), "certificates", &sd.has_certs, &sd.certs, err);
	if (rc == SG_OK)
		rc = read_optional_set(d, SG_DER_CTX_CONS(1), "crls", &sd.has_crls, &sd.crls, err);
	if (rc == SG_OK)
		rc = sg_der_enter(d, SG_DER_SET, "signerInfos", &sd.signers, err);
	if (rc == SG_OK)
		rc = sg_der_end(d, "SignedData", err);
	if (rc == SG_OK)
		*ret = sd;
	return rc;
}

enum sg_code
sg_cms_signed_collect(struct sg_der set, const char *what, const char *rule,
    struct sg_slice ret[SG_CMS_CERTS_MAX], size_t *ret_n, struct sg_err *err)
{
	size_t n = 0;

	while (sg_der_more(&set)) {
		struct sg_tlv tlv = {0};
		if (n == SG_CMS_CERTS_MAX)
			return sg_fail(err, SG_E_LIMIT, rule, "RFC 5652 5.1: more than %u: %s",
			    SG_CMS_CERTS_MAX, what);
		enum sg_code rc = sg_der_get(&set, SG_DER_SEQUENCE, what, &tlv, err);
		if (rc != SG_OK)
			return rc;
		ret[n++] = tlv.raw;
	}
	*ret_n = n;
	return SG_OK;
}
