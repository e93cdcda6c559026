/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cert_light.c - the light reader of throw-away certificates: front and registrar know the signer
 * of a message by it, ca looks by it for a certificate on record
 */

#include "x509/cert_light.h"

#include "asn1/der.h"
#include "asn1/oid.h"
#include "base/limits.h"

static struct sg_slice
read_serial(struct sg_der *tbs)
{
	struct sg_slice serial = sg_der_get(tbs, SG_DER_INTEGER, "serialNumber").val;

	if (serial.len == 0)
		sg_der_fail(tbs, SG_E_MALFORMED, "cert.serial",
		    "X.690 8.3.1: serialNumber: want at least one byte");
	if (serial.len > SG_SERIAL_MAX)
		sg_der_fail(tbs, SG_E_LIMIT, "cert.serial.long",
		    "serialNumber: want at most %u bytes, found %zu", SG_SERIAL_MAX, serial.len);
	return serial;
}

/* A Name in shape. How many RDNs there are, and whether one has a type twice, matters to nobody
 * who only repeats it. */
static struct sg_slice
read_issuer(struct sg_der *tbs)
{
	struct sg_tlv issuer = sg_der_get(tbs, SG_DER_SEQUENCE, "issuer");
	struct sg_der rdns = sg_der_inside(tbs, issuer.val);

	if (issuer.raw.len > SG_CERT_MAX)
		sg_der_fail(tbs, SG_E_LIMIT, "cert.issuer.long",
		    "issuer: want at most %u bytes, found %zu", SG_CERT_MAX, issuer.raw.len);
	while (sg_der_more(&rdns)) {
		struct sg_der rdn = sg_der_enter(&rdns, SG_DER_SET, "issuer: RDN");
		while (sg_der_more(&rdn)) {
			struct sg_der attr = sg_der_enter(
			    &rdn, SG_DER_SEQUENCE, "issuer: attribute");
			sg_der_oid(&attr, "issuer: attribute type");
			sg_der_any(&attr, "issuer: attribute value");
			sg_der_end(&attr, "issuer: attribute");
		}
	}
	return issuer.raw;
}

enum sg_code
sg_cert_light_parse(struct sg_slice der, struct sg_cert_light *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);
	struct sg_cert_light c = {0};

	if (der.len > SG_MESSAGE_MAX)
		sg_der_fail(&d, SG_E_LIMIT, "cert.size",
		    "certificate: want at most %u bytes, found %zu", SG_MESSAGE_MAX, der.len);
	struct sg_tlv whole = sg_der_whole(&d, SG_DER_SEQUENCE, "Certificate");
	struct sg_der seq = sg_der_inside(&d, whole.val);
	struct sg_der tbs = sg_der_enter(&seq, SG_DER_SEQUENCE, "TBSCertificate");
	if (sg_der_peek(&tbs) == SG_DER_CTX(0) || sg_der_peek(&tbs) == SG_DER_CTX_CONS(0))
		sg_der_any(&tbs, "version");
	c.serial = read_serial(&tbs);
	sg_der_any(&tbs, "signature");
	c.issuer = read_issuer(&tbs);
	sg_der_any(&tbs, "validity");
	c.subject = sg_der_any(&tbs, "subject").raw;
	c.spki = sg_der_get(&tbs, SG_DER_SEQUENCE, "subjectPublicKeyInfo").raw;
	c.after_key = tbs.rest;
	c.raw = whole.raw;
	*ret = sg_der_ok(&d) ? c : (struct sg_cert_light){0};
	return sg_der_status(&d);
}

/* What the extension says when it is the subjectKeyIdentifier, else nothing. */
static struct sg_slice
ski_of(struct sg_slice ext)
{
	struct sg_der d = sg_der_init(ext, NULL);
	struct sg_der fields = sg_der_enter(&d, SG_DER_SEQUENCE, "extension");

	if (!sg_slice_eq(sg_der_oid(&fields, "extnID"), SG_OID(ski)))
		return (struct sg_slice){0};
	sg_der_opt(&fields, SG_DER_BOOLEAN, "critical");
	struct sg_slice value = sg_der_get(&fields, SG_DER_OCTET_STRING, "extnValue").val;
	struct sg_der inside = sg_der_init(value, NULL);
	struct sg_slice id = sg_der_whole(&inside, SG_DER_OCTET_STRING, "keyIdentifier").val;
	return sg_der_ok(&inside) ? id : value;
}

struct sg_slice
sg_cert_light_ski(const struct sg_cert_light *cert)
{
	struct sg_der d = sg_der_init(cert->after_key, NULL);
	struct sg_slice ski = {0};

	while (sg_der_more(&d)) {
		struct sg_tlv field = sg_der_any(&d, "after the key");
		if (field.tag != SG_DER_CTX_CONS(3))
			continue;
		struct sg_der outer = sg_der_inside(&d, field.val);
		struct sg_der exts = sg_der_enter(&outer, SG_DER_SEQUENCE, "extensions");
		while (sg_der_more(&exts) && ski.len == 0)
			ski = ski_of(sg_der_any(&exts, "extension").raw);
	}
	return ski;
}
