/* SPDX-License-Identifier: Apache-2.0 */

/*
 * id.c - how a message names the certificate of its signer or its recipient
 */

#include "cms/id.h"

#include "asn1/derw.h"
#include "asn1/spki.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "x509/name.h"

/* The contents of a serial number, as encoded: throw-away signers write negative and padded
 * ones. */
static struct sg_slice
read_serial(struct sg_der *d)
{
	struct sg_slice serial = sg_der_get(d, SG_DER_INTEGER, "serialNumber").val;

	if (serial.len == 0 || serial.len > SG_SERIAL_MAX)
		sg_der_fail(d, SG_E_LIMIT, "cms.serial",
		    "a serialNumber of %zu bytes, want 1 to %u", serial.len, SG_SERIAL_MAX);
	return serial;
}

struct sg_cms_id
sg_cms_id_read(struct sg_der *d, const char *what)
{
	struct sg_cms_id id = {0};

	if (sg_der_peek(d) == SG_DER_CTX(0)) {
		id.ski = sg_der_any(d, what).val;
		if (id.ski.len == 0 || id.ski.len > SG_SERIAL_MAX)
			sg_der_fail(d, SG_E_LIMIT, "cms.ski",
			    "a subjectKeyIdentifier of %zu bytes, want 1 to %u", id.ski.len,
			    SG_SERIAL_MAX);
	} else {
		struct sg_der seq = sg_der_enter(d, SG_DER_SEQUENCE, what);
		id.issuer = sg_der_get(&seq, SG_DER_SEQUENCE, "issuer").raw;
		id.serial = read_serial(&seq);
		sg_der_end(&seq, what);
	}
	return sg_der_ok(d) ? id : (struct sg_cms_id){0};
}

struct sg_cms_id
sg_cms_id_of_cert(const struct sg_cert *cert)
{
	return (struct sg_cms_id){cert->issuer, cert->serial, cert->exts.ski};
}

struct sg_cms_id
sg_cms_id_of_light(const struct sg_cert_light *cert)
{
	return (struct sg_cms_id){cert->issuer, cert->serial, sg_cert_light_ski(cert)};
}

static bool
is_sha1_of(struct sg_slice id, struct sg_slice data)
{
	uint8_t md[SG_HASH_LEN_MAX];

	return id.len == sg_hash_len(SG_HASH_SHA1) &&
	       sg_digest(SG_HASH_SHA1, data, md, NULL) == SG_OK &&
	       sg_slice_eq(id, sg_slice(md, id.len));
}

static bool
is_key_id(struct sg_slice id, const struct sg_cert_light *cert)
{
	struct sg_slice ski = sg_cert_light_ski(cert);
	struct sg_der d = sg_der_init(cert->spki, NULL);

	if (ski.len > 0)
		return sg_slice_eq(id, ski);
	struct sg_spki key = sg_spki_read(&d);
	return sg_der_ok(&d) && (is_sha1_of(id, key.bits) || is_sha1_of(id, cert->spki));
}

/* Without the bytes that say nothing (X.690 8.3.2): who copies a padded number as a number writes
 * it without them. */
static struct sg_slice
minimal(struct sg_slice n)
{
	while (n.len > 1 && ((n.p[0] == 0 && n.p[1] < 0x80) || (n.p[0] == 0xff && n.p[1] >= 0x80)))
		n = sg_slice(n.p + 1, n.len - 1);
	return n;
}

enum sg_cms_match
sg_cms_id_match(const struct sg_cms_id *id, const struct sg_cert_light *cert)
{
	if (id->ski.len > 0)
		return is_key_id(id->ski, cert) ? SG_CMS_MATCH_EXACT : SG_CMS_MATCH_NO;
	if (id->serial.len == 0 || !sg_slice_eq(minimal(id->serial), minimal(cert->serial)))
		return SG_CMS_MATCH_NO;
	if (sg_slice_eq(id->issuer, cert->issuer))
		return SG_CMS_MATCH_EXACT;
	return sg_name_equal(id->issuer, cert->issuer) ? SG_CMS_MATCH_NAME : SG_CMS_MATCH_SERIAL;
}

void
sg_cms_id_put(struct sg_buf *b, struct sg_slice issuer, struct sg_slice serial)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_buf_put_slice(b, issuer);
	sg_derw_tlv(b, SG_DER_INTEGER, serial);
	sg_derw_end(b, seq);
}
