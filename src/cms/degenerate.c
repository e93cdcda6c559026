/* SPDX-License-Identifier: Apache-2.0 */

/*
 * degenerate.c - SignedData as a bag of certificates and CRLs: answers of GetCACert, GetCert,
 * GetCRL
 */

#include "cms/degenerate.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "cms/content.h"
#include "cms/signed.h"
#include "asn1/oid.h"

static void
put_set(struct sg_buf *b, unsigned tag, const struct sg_slice *items, size_t n)
{
	if (n == 0)
		return;
	size_t set = sg_derw_begin(b, tag);
	for (size_t i = 0; i < n; i++)
		sg_buf_put_slice(b, items[i]);
	sg_derw_end(b, set);
}

void
sg_degenerate_put(struct sg_buf *b, const struct sg_slice *certs, size_t cert_n,
    const struct sg_slice *crls, size_t crl_n)
{
	size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(signed_data));
	size_t content = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	size_t sd = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_uint(b, 1);
	sg_derw_end(b, sg_derw_begin(b, SG_DER_SET));
	size_t encap = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(data));
	sg_derw_end(b, encap);
	put_set(b, SG_DER_CTX_CONS(0), certs, cert_n);
	put_set(b, SG_DER_CTX_CONS(1), crls, crl_n);
	sg_derw_end(b, sg_derw_begin(b, SG_DER_SET));
	sg_derw_end(b, sd);
	sg_derw_end(b, content);
	sg_derw_end(b, info);
}

static enum sg_code
decode(struct sg_slice der, struct sg_degenerate *deg, struct sg_err *err)
{
	struct sg_der message = sg_der_init(der, err);

	struct sg_der d = sg_cms_content_open(
	    &message, SG_ANSWER_MAX, SG_OID(signed_data), "signedData", &deg->der);
	struct sg_cms_signed sd = sg_cms_signed_read(&d);
	deg->cert_n = sg_cms_signed_collect(sd.certs, "certificate", "cms.certs.count", deg->cert);
	deg->crl_n = sg_cms_signed_collect(sd.crls, "crl", "cms.crls.count", deg->crl);
	return sg_der_status(&message);
}

enum sg_code
sg_degenerate_decode(struct sg_slice der, struct sg_degenerate *ret, struct sg_err *err)
{
	struct sg_degenerate deg = {0};

	enum sg_code rc = decode(der, &deg, err);
	if (rc != SG_OK) {
		sg_degenerate_free(&deg);
		return rc;
	}
	*ret = deg;
	return SG_OK;
}

void
sg_degenerate_free(struct sg_degenerate *deg)
{
	sg_buf_clear(&deg->der);
	*deg = (struct sg_degenerate){0};
}
