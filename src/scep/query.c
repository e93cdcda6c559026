/* SPDX-License-Identifier: Apache-2.0 */

/*
 * query.c - what the envelope of CertPoll, GetCert and GetCRL holds, read by registrar, written by
 * a client
 */

#include "scep/query.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "cms/id.h"

enum sg_code
sg_scep_issuer_subject_parse(struct sg_slice der, struct sg_slice *ret_issuer,
    struct sg_slice *ret_subject, struct sg_err *err)
{
	struct sg_der whole = sg_der_init(der, err);

	struct sg_der d = sg_der_inside(
	    &whole, sg_der_whole(&whole, SG_DER_SEQUENCE, "IssuerAndSubject").val);
	struct sg_slice issuer = sg_der_get(&d, SG_DER_SEQUENCE, "issuer").raw;
	struct sg_slice subject = sg_der_get(&d, SG_DER_SEQUENCE, "subject").raw;
	sg_der_end(&d, "IssuerAndSubject");
	if (!sg_der_ok(&d))
		return sg_der_status(&d);
	*ret_issuer = issuer;
	*ret_subject = subject;
	return SG_OK;
}

enum sg_code
sg_scep_issuer_serial_parse(struct sg_slice der, struct sg_slice *ret_issuer,
    struct sg_slice *ret_serial, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);

	if (sg_der_peek(&d) != SG_DER_SEQUENCE)
		sg_der_fail(&d, SG_E_MALFORMED, "der",
		    "IssuerAndSerialNumber: want tag 0x30, have 0x%02x", sg_der_peek(&d));
	struct sg_cms_id id = sg_cms_id_read(&d, "IssuerAndSerialNumber");
	sg_der_end(&d, "IssuerAndSerialNumber");
	if (!sg_der_ok(&d))
		return sg_der_status(&d);
	*ret_issuer = id.issuer;
	*ret_serial = id.serial;
	return SG_OK;
}

void
sg_scep_issuer_subject_put(struct sg_buf *b, struct sg_slice issuer, struct sg_slice subject)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_buf_put_slice(b, issuer);
	sg_buf_put_slice(b, subject);
	sg_derw_end(b, seq);
}

void
sg_scep_issuer_serial_put(struct sg_buf *b, struct sg_slice issuer, struct sg_slice serial)
{
	sg_cms_id_put(b, issuer, serial);
}
