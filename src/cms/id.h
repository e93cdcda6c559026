/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/id.h - SignerIdentifier and RecipientIdentifier (RFC 5652 5.3, 6.2.1)
 */

#include "asn1/der.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "x509/cert.h"
#include "x509/cert_light.h"

/* issuerAndSerialNumber as SEQUENCE, or [0] subjectKeyIdentifier: the others stay empty. */
struct sg_cms_id {
	struct sg_slice issuer, serial, ski;
};
/* SG_E_LIMIT ("cms.serial", "cms.ski"). */
struct sg_cms_id
sg_cms_id_read(struct sg_der *d, const char *what);

/* What names a certificate. */
struct sg_cms_id
sg_cms_id_of_cert(const struct sg_cert *cert);
struct sg_cms_id
sg_cms_id_of_light(const struct sg_cert_light *cert);

/* How well an identifier names a certificate. */
enum sg_cms_match {
	SG_CMS_MATCH_NO = 0,
	SG_CMS_MATCH_SERIAL = 1, /* serial number alone: the issuer is another, or written anew */
	SG_CMS_MATCH_NAME = 2,	 /* issuer equal as a name, serial number */
	SG_CMS_MATCH_EXACT = 3,	 /* issuer byte by byte and serial number, or key identifier */
};
/* Serial numbers are compared as numbers. A certificate without subjectKeyIdentifier has the SHA-1
 * of its key for one, of the BIT STRING's contents (RFC 5280 4.2.1.2, method 1) or of the whole
 * SubjectPublicKeyInfo, as Windows computes it. */
enum sg_cms_match
sg_cms_id_match(const struct sg_cms_id *id, const struct sg_cert_light *cert);

/* SEQUENCE { Name, INTEGER } from a TLV and contents. */
void
sg_cms_id_put(struct sg_buf *b, struct sg_slice issuer, struct sg_slice serial);
