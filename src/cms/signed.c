/* SPDX-License-Identifier: Apache-2.0 */

/*
 * signed.c - a SignedData that arrives, up to its signers
 */

#include "cms/signed.h"

#include "base/limits.h"
#include "cms/content.h"
#include "asn1/oid.h"

struct sg_cms_signed
sg_cms_signed_read(struct sg_der *d)
{
	struct sg_cms_signed sd = {0};

	sd.version_ok = sg_cms_version(d, 1, 3, "the version of SignedData");
	/* A hint for readers in one pass: what counts is in the SignerInfo. */
	sg_der_get(d, SG_DER_SET, "digestAlgorithms");
	struct sg_der encap = sg_der_enter(d, SG_DER_SEQUENCE, "encapContentInfo");
	sd.econtent_type = sg_der_oid(&encap, "eContentType");
	if (sg_der_more(&encap)) {
		struct sg_der exp = sg_der_enter(&encap, SG_DER_CTX_CONS(0), "eContent");
		sg_der_end(&encap, "encapContentInfo");
		sd.content = sg_der_get(&exp, SG_DER_OCTET_STRING, "eContent").val;
		sg_der_end(&exp, "eContent");
	}
	/* RFC 8894 3: without messageData eContent is absent; some send an empty one. */
	sd.has_content = sd.content.len > 0;
	sd.certs = sg_der_inside(d, sg_der_opt(d, SG_DER_CTX_CONS(0), "certificates").val);
	sd.crls = sg_der_inside(d, sg_der_opt(d, SG_DER_CTX_CONS(1), "crls").val);
	sd.signers = sg_der_enter(d, SG_DER_SET, "signerInfos");
	sg_der_end(d, "SignedData");
	return sd;
}

size_t
sg_cms_signed_collect(
    struct sg_der set, const char *what, const char *rule, struct sg_slice ret[SG_CMS_CERTS_MAX])
{
	size_t n = 0;

	while (sg_der_more(&set)) {
		if (n == SG_CMS_CERTS_MAX && sg_der_peek(&set) == SG_DER_SEQUENCE) {
			sg_der_fail(&set, SG_E_LIMIT, rule, "%s: want at most %u, have more", what,
			    SG_CMS_CERTS_MAX);
			break;
		}
		struct sg_tlv one = sg_der_any(&set, what);
		if (one.tag == SG_DER_SEQUENCE)
			ret[n++] = one.raw;
	}
	return n;
}
