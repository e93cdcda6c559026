/* SPDX-License-Identifier: Apache-2.0 */

/*
 * id.c - how a message names the certificate of its signer or its recipient
 */

#include "cms/id.h"

#include "asn1/derw.h"
#include "base/limits.h"

/* The contents of a serial number, as encoded: throw-away signers write negative and padded
 * ones, and all that counts is that both places have the same bytes. */
static enum sg_code
read_serial(struct sg_der *d, struct sg_slice *ret, struct sg_err *err)
{
	struct sg_tlv tlv = {0};

	enum sg_code rc = sg_der_get(d, SG_DER_INTEGER, "serialNumber", &tlv, err);
	if (rc != SG_OK)
		return rc;
	if (tlv.val.len == 0 || tlv.val.len > SG_SERIAL_MAX)
		return sg_fail(err, SG_E_LIMIT, "cms.serial",
		    "a serialNumber of %zu bytes, want 1 to %u", tlv.val.len, SG_SERIAL_MAX);
	*ret = tlv.val;
	return SG_OK;
}

enum sg_code
sg_cms_id_read(struct sg_der *d, const char *what, struct sg_cms_id *ret, struct sg_err *err)
{
	struct sg_der seq = {0};
	struct sg_tlv issuer = {0}, ski = {0};
	struct sg_slice serial = {0};

	if (sg_der_peek(d) == SG_DER_CTX(0)) {
		enum sg_code rc = sg_der_any(d, what, &ski, err);
		if (rc != SG_OK)
			return rc;
		if (ski.val.len == 0 || ski.val.len > SG_SERIAL_MAX)
			return sg_fail(err, SG_E_LIMIT, "cms.ski",
			    "a subjectKeyIdentifier of %zu bytes, want 1 to %u", ski.val.len,
			    SG_SERIAL_MAX);
		*ret = (struct sg_cms_id){.ski = ski.val};
		return SG_OK;
	}
	enum sg_code rc = sg_der_enter(d, SG_DER_SEQUENCE, what, &seq, err);
	if (rc == SG_OK)
		rc = sg_der_get(&seq, SG_DER_SEQUENCE, "issuer", &issuer, err);
	if (rc == SG_OK)
		rc = read_serial(&seq, &serial, err);
	if (rc == SG_OK)
		rc = sg_der_end(&seq, what, err);
	if (rc == SG_OK)
		*ret = (struct sg_cms_id){.issuer = issuer.raw, .serial = serial};
	return rc;
}

enum sg_code
sg_cms_id_of_cert(struct sg_slice cert, struct sg_cms_id *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(cert), outer = {0}, tbs = {0};
	struct sg_tlv version = {0}, alg = {0}, issuer = {0};
	struct sg_slice serial = {0};

	enum sg_code rc = sg_der_enter(&d, SG_DER_SEQUENCE, "certificate", &outer, err);
	if (rc == SG_OK)
		rc = sg_der_enter(&outer, SG_DER_SEQUENCE, "tbsCertificate", &tbs, err);
	if (rc == SG_OK)
		rc = sg_der_opt(&tbs, SG_DER_CTX_CONS(0), "version", &version, err);
	if (rc == SG_OK)
		rc = read_serial(&tbs, &serial, err);
	if (rc == SG_OK)
		rc = sg_der_get(&tbs, SG_DER_SEQUENCE, "signature", &alg, err);
	if (rc == SG_OK)
		rc = sg_der_get(&tbs, SG_DER_SEQUENCE, "issuer", &issuer, err);
	if (rc == SG_OK)
		*ret = (struct sg_cms_id){.issuer = issuer.raw, .serial = serial};
	return rc;
}

void
sg_cms_id_put(struct sg_buf *b, struct sg_slice issuer, struct sg_slice serial)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_buf_put_slice(b, issuer);
	sg_derw_tlv(b, SG_DER_INTEGER, serial);
	sg_derw_end(b, seq);
}
