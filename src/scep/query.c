/* SPDX-License-Identifier: Apache-2.0 */

#include "scep/query.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "cms/id.h"

enum sg_code
sg_scep_issuer_subject_parse(struct sg_slice der, struct sg_slice *ret_issuer,
    struct sg_slice *ret_subject, struct sg_err *err)
{
	struct sg_tlv whole = {0}, issuer = {0}, subject = {0};

	enum sg_code rc = sg_der_whole(der, SG_DER_SEQUENCE, "IssuerAndSubject", &whole, err);
	struct sg_der d = sg_der_init(whole.val);
	if (rc == SG_OK)
		rc = sg_der_get(&d, SG_DER_SEQUENCE, "issuer", &issuer, err);
	if (rc == SG_OK)
		rc = sg_der_get(&d, SG_DER_SEQUENCE, "subject", &subject, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "IssuerAndSubject", err);
	if (rc != SG_OK)
		return rc;
	*ret_issuer = issuer.raw;
	*ret_subject = subject.raw;
	return SG_OK;
}

enum sg_code
sg_scep_issuer_serial_parse(struct sg_slice der, struct sg_slice *ret_issuer,
    struct sg_slice *ret_serial, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der);
	struct sg_cms_id id = {0};

	if (sg_der_peek(&d) != SG_DER_SEQUENCE)
		return sg_fail(err, SG_E_MALFORMED, "der",
		    "IssuerAndSerialNumber: want tag 0x30, have 0x%02x", sg_der_peek(&d));
	enum sg_code rc = sg_cms_id_read(&d, "IssuerAndSerialNumber", &id, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "IssuerAndSerialNumber", err);
	if (rc != SG_OK)
		return rc;
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
