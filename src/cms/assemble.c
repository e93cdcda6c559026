/* SPDX-License-Identifier: Apache-2.0 */

/*
 * assemble.c - a SignedData with one signer put together from parts that others made
 */

#include "cms/assemble.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "base/limits.h"
#include "asn1/oid.h"
#include "x509/algid.h"

static enum sg_code
check_parts(const struct sg_cms_parts *p, struct sg_tlv *ret_attrs, struct sg_err *err)
{
	struct sg_der d = sg_der_init(p->attrs, NULL);

	*ret_attrs = sg_der_whole(&d, SG_DER_SET, "signed attributes");
	if (sg_der_ok(&d) && p->sig.len > 0 && sg_hash_len(p->hash) > 0 &&
	    p->cert_n <= SG_CMS_CERTS_MAX)
		return SG_OK;
	return sg_fail(err, SG_E_INTERNAL, "certrep.parts",
	    "a message needs attributes, a signature, a hash and at most %u certificates",
	    SG_CMS_CERTS_MAX);
}

/*
 * RFC 8894 3 omits the pkcsPKIEnvelope where there is no messageData. What is left is an
 * empty OCTET STRING: OpenSSL's PKCS7_verify() refuses a message whose eContent is absent
 * ("no content"), so that certmonger took every FAILURE and PENDING for a forgery;
 * strongSwan and micromdm take both.
 */
static void
put_encap(struct sg_buf *b, struct sg_slice content)
{
	size_t encap = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(data));
	size_t exp = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	sg_derw_tlv(b, SG_DER_OCTET_STRING, content);
	sg_derw_end(b, exp);
	sg_derw_end(b, encap);
}

static void
put_certs(struct sg_buf *b, const struct sg_cms_parts *p)
{
	if (p->cert_n == 0)
		return;
	size_t certs = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	for (size_t i = 0; i < p->cert_n; i++)
		sg_buf_put_slice(b, p->certs[i]);
	sg_derw_end(b, certs);
}

static void
put_signer(struct sg_buf *b, const struct sg_cms_parts *p, struct sg_slice attrs)
{
	size_t set = sg_derw_begin(b, SG_DER_SET);
	size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_uint(b, 1);
	sg_cms_id_put(b, p->signer.issuer, p->signer.serial);
	sg_algid_put_hash(b, p->hash);
	sg_derw_tlv(b, SG_DER_CTX_CONS(0), attrs);
	sg_algid_put_signer_sig(b, p->sigalg);
	sg_derw_tlv(b, SG_DER_OCTET_STRING, p->sig);
	sg_derw_end(b, info);
	sg_derw_end(b, set);
}

enum sg_code
sg_cms_assemble(struct sg_buf *b, const struct sg_cms_parts *parts, struct sg_err *err)
{
	struct sg_tlv attrs = {0};

	enum sg_code rc = check_parts(parts, &attrs, err);
	if (rc != SG_OK)
		return rc;
	size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(signed_data));
	size_t content = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	size_t sd = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_uint(b, 1);
	size_t hashes = sg_derw_begin(b, SG_DER_SET);
	sg_algid_put_hash(b, parts->hash);
	sg_derw_end(b, hashes);
	put_encap(b, parts->content);
	put_certs(b, parts);
	put_signer(b, parts, attrs.val);
	sg_derw_end(b, sd);
	sg_derw_end(b, content);
	sg_derw_end(b, info);
	return sg_buf_check(b, err);
}
