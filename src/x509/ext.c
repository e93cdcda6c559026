/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/ext.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "x509/ext_private.h"
#include "asn1/oid.h"

enum sg_code
sg_ext_next(struct sg_der *exts, struct sg_ext *ret, struct sg_err *err)
{
	struct sg_ext ext = {0};
	struct sg_der seq;
	struct sg_tlv value;
	enum sg_code rc = sg_der_enter(exts, SG_DER_SEQUENCE, "Extension", &seq, err);
	if (rc == SG_OK)
		rc = sg_der_oid(&seq, "extnID", &ext.oid, err);
	/* An explicit FALSE is not DER, but some clients write it. */
	if (rc == SG_OK && sg_der_peek(&seq) == SG_DER_BOOLEAN)
		rc = sg_der_bool(&seq, "critical", &ext.critical, err);
	if (rc == SG_OK)
		rc = sg_der_get(&seq, SG_DER_OCTET_STRING, "extnValue", &value, err);
	if (rc == SG_OK)
		rc = sg_der_end(&seq, "Extension", err);
	if (rc != SG_OK)
		return rc;
	ext.value = value.val;
	*ret = ext;
	return SG_OK;
}

static SG_RC
parse_key_usage(struct sg_slice value, struct sg_exts *ret, struct sg_err *err)
{
	struct sg_tlv bits;
	enum sg_code rc = sg_der_whole(value, SG_DER_BIT_STRING, "keyUsage", &bits, err);
	if (rc != SG_OK)
		return rc;
	size_t len = bits.val.len;
	unsigned unused = len > 0 ? bits.val.p[0] : 8;
	if (unused > 7 || (len == 1 && unused != 0))
		return sg_fail(
		    err, SG_E_MALFORMED, "ext.ku", "X.690 8.6.2: keyUsage: a broken BIT STRING");
	/* Trailing zero bits are not DER, but the field sends them; set bits past the end are not
	 * tolerated. */
	if (len > 1 && (bits.val.p[len - 1] & ((1u << unused) - 1)) != 0)
		return sg_fail(err, SG_E_MALFORMED, "ext.ku",
		    "X.690 11.2.1: keyUsage: unused bits are not zero");
	uint32_t usage = 0;
	for (size_t n = 0; n < (len - 1) * 8; n++) {
		if ((bits.val.p[1 + n / 8] >> (7 - n % 8) & 1) == 0)
			continue;
		if (n > 8)
			return sg_fail(err, SG_E_MALFORMED, "ext.ku.bits",
			    "RFC 5280 4.2.1.3: keyUsage: want bits 0 to 8, found bit %zu", n);
		usage |= 1u << n;
	}
	if (usage == 0)
		return sg_fail(err, SG_E_MALFORMED, "ext.ku.empty",
		    "RFC 5280 4.2.1.3: keyUsage: want at least one bit");
	ret->has_key_usage = true;
	ret->key_usage = usage;
	return SG_OK;
}

static bool
has_eku(const struct sg_exts *exts, struct sg_slice oid)
{
	for (size_t i = 0; i < exts->eku_n; i++) {
		if (sg_slice_eq(exts->eku[i], oid))
			return true;
	}
	return false;
}

static SG_RC
parse_eku(struct sg_slice value, struct sg_exts *ret, struct sg_err *err)
{
	struct sg_tlv seq;
	enum sg_code rc = sg_der_whole(value, SG_DER_SEQUENCE, "extKeyUsage", &seq, err);
	if (rc != SG_OK)
		return rc;
	struct sg_der d = sg_der_init(seq.val);
	if (!sg_der_more(&d))
		return sg_fail(err, SG_E_MALFORMED, "ext.eku.empty",
		    "RFC 5280 4.2.1.12: extKeyUsage: want at least one purpose");
	while (sg_der_more(&d)) {
		struct sg_slice oid;
		rc = sg_der_oid(&d, "KeyPurposeId", &oid, err);
		if (rc != SG_OK)
			return rc;
		if (has_eku(ret, oid))
			return sg_fail(err, SG_E_MALFORMED, "ext.eku.dup",
			    "RFC 5280 4.2.1.12: extKeyUsage: purpose %zu stands twice",
			    ret->eku_n + 1);
		if (ret->eku_n == SG_EKUS_MAX)
			return sg_fail(err, SG_E_LIMIT, "ext.eku.count",
			    "extKeyUsage: want at most %u purposes", SG_EKUS_MAX);
		ret->eku[ret->eku_n++] = oid;
	}
	ret->has_eku = true;
	return SG_OK;
}

static SG_RC
parse_basic(struct sg_slice value, struct sg_exts *ret, struct sg_err *err)
{
	struct sg_tlv seq;
	enum sg_code rc = sg_der_whole(value, SG_DER_SEQUENCE, "basicConstraints", &seq, err);
	if (rc != SG_OK)
		return rc;
	struct sg_der d = sg_der_init(seq.val);
	uint64_t path_len = 0;
	bool ca = false, has_path_len = false;
	if (sg_der_peek(&d) == SG_DER_BOOLEAN)
		rc = sg_der_bool(&d, "cA", &ca, err);
	if (rc == SG_OK && sg_der_more(&d)) {
		has_path_len = true;
		rc = sg_der_uint(&d, 65535, "pathLenConstraint", &path_len, err);
	}
	if (rc == SG_OK)
		rc = sg_der_end(&d, "basicConstraints", err);
	if (rc != SG_OK)
		return rc;
	if (has_path_len && !ca)
		return sg_fail(err, SG_E_MALFORMED, "ext.bc.pathlen",
		    "RFC 5280 4.2.1.9: basicConstraints: pathLenConstraint without cA");
	ret->has_basic = true;
	ret->ca = ca;
	ret->path_len = has_path_len ? (int)path_len : -1;
	return SG_OK;
}

static SG_RC
parse_ski(struct sg_slice value, struct sg_exts *ret, struct sg_err *err)
{
	struct sg_tlv id;
	enum sg_code rc = sg_der_whole(
	    value, SG_DER_OCTET_STRING, "subjectKeyIdentifier", &id, err);
	if (rc != SG_OK)
		return rc;
	if (id.val.len == 0 || id.val.len > SG_KEY_ID_MAX)
		return sg_fail(err, SG_E_LIMIT, "ext.ski.length",
		    "subjectKeyIdentifier: want 1 to %u bytes, found %zu", SG_KEY_ID_MAX,
		    id.val.len);
	ret->ski = id.val;
	return SG_OK;
}

enum sg_code
sg_ext_parse_aki(struct sg_slice value, struct sg_slice *ret, struct sg_err *err)
{
	struct sg_tlv seq, id, issuer, serial;
	enum sg_code rc = sg_der_whole(value, SG_DER_SEQUENCE, "authorityKeyIdentifier", &seq, err);
	if (rc != SG_OK)
		return rc;
	struct sg_der d = sg_der_init(seq.val);
	rc = sg_der_opt(&d, SG_DER_CTX(0), "keyIdentifier", &id, err);
	if (rc == SG_OK)
		rc = sg_der_opt(&d, SG_DER_CTX_CONS(1), "authorityCertIssuer", &issuer, err);
	if (rc == SG_OK)
		rc = sg_der_opt(&d, SG_DER_CTX(2), "authorityCertSerialNumber", &serial, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "authorityKeyIdentifier", err);
	if (rc != SG_OK)
		return rc;
	if (id.raw.len > 0 && (id.val.len == 0 || id.val.len > SG_KEY_ID_MAX))
		return sg_fail(err, SG_E_LIMIT, "ext.aki.length",
		    "authorityKeyIdentifier: want 1 to %u bytes, found %zu", SG_KEY_ID_MAX,
		    id.val.len);
	*ret = id.val;
	return SG_OK;
}

/* In the order of RFC 5280 4.2.1. What is not here we do not understand: when critical it is
 * noted, and whoever relies on the certificate must refuse it. */
static SG_RC
parse_one(const struct sg_ext *ext, struct sg_exts *ret, struct sg_err *err)
{
	if (sg_slice_eq(ext->oid, SG_OID(aki)))
		return sg_ext_parse_aki(ext->value, &ret->aki, err);
	if (sg_slice_eq(ext->oid, SG_OID(ski)))
		return parse_ski(ext->value, ret, err);
	if (sg_slice_eq(ext->oid, SG_OID(key_usage)))
		return parse_key_usage(ext->value, ret, err);
	if (sg_slice_eq(ext->oid, SG_OID(san))) {
		ret->has_san = true;
		return sg_sans_parse(ext->value, &ret->sans, err);
	}
	if (sg_slice_eq(ext->oid, SG_OID(basic_constraints)))
		return parse_basic(ext->value, ret, err);
	if (sg_slice_eq(ext->oid, SG_OID(eku)))
		return parse_eku(ext->value, ret, err);
	if (sg_slice_eq(ext->oid, SG_OID(ms_sid))) {
		ret->has_sid = true;
		return SG_OK;
	}
	if (ext->critical && !ret->unknown_critical) {
		ret->unknown_critical = true;
		ret->unknown_oid = ext->oid;
	}
	return SG_OK;
}

static SG_RC
parse_all(struct sg_der *d, struct sg_exts *ret, struct sg_err *err)
{
	struct sg_slice seen[SG_CERT_EXTS_MAX];
	for (size_t n = 0; sg_der_more(d); n++) {
		struct sg_ext ext;
		if (n == SG_CERT_EXTS_MAX)
			return sg_fail(err, SG_E_LIMIT, "ext.count", "want at most %u extensions",
			    SG_CERT_EXTS_MAX);
		enum sg_code rc = sg_ext_next(d, &ext, err);
		if (rc != SG_OK)
			return rc;
		for (size_t i = 0; i < n; i++) {
			if (sg_slice_eq(seen[i], ext.oid))
				return sg_fail(err, SG_E_MALFORMED, "ext.dup",
				    "RFC 5280 4.2: want each extension once, extensions %zu and "
				    "%zu "
				    "are of one kind",
				    i + 1, n + 1);
		}
		seen[n] = ext.oid;
		rc = parse_one(&ext, ret, err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

enum sg_code
sg_exts_parse(struct sg_slice seq, struct sg_exts *ret, struct sg_err *err)
{
	struct sg_tlv whole;
	enum sg_code rc = sg_der_whole(seq, SG_DER_SEQUENCE, "Extensions", &whole, err);
	if (rc != SG_OK)
		return rc;
	struct sg_exts exts = {.path_len = -1};
	struct sg_der d = sg_der_init(whole.val);
	rc = parse_all(&d, &exts, err);
	if (rc == SG_OK)
		*ret = exts;
	return rc;
}

struct sg_extw
sg_extw_begin(struct sg_buf *b, struct sg_slice oid, bool critical)
{
	struct sg_extw w;
	w.seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, oid);
	if (critical)
		sg_derw_bool(b, true);
	w.value = sg_derw_begin(b, SG_DER_OCTET_STRING);
	return w;
}

void
sg_extw_end(struct sg_buf *b, struct sg_extw w)
{
	sg_derw_end(b, w.value);
	sg_derw_end(b, w.seq);
}

void
sg_ext_put_key_usage(struct sg_buf *b, uint32_t bits)
{
	uint8_t val[3] = {0};
	size_t last = 0;
	for (size_t n = 0; n <= 8; n++) {
		if ((bits & 1u << n) == 0)
			continue;
		val[1 + n / 8] |= (uint8_t)(0x80 >> n % 8);
		last = n;
	}
	val[0] = (uint8_t)(7 - last % 8);
	struct sg_extw w = sg_extw_begin(b, SG_OID(key_usage), true);
	sg_derw_tlv(b, SG_DER_BIT_STRING, sg_slice(val, 2 + last / 8));
	sg_extw_end(b, w);
}

void
sg_ext_put_eku(struct sg_buf *b, const struct sg_slice *eku, size_t n)
{
	struct sg_extw w = sg_extw_begin(b, SG_OID(eku), false);
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	for (size_t i = 0; i < n; i++)
		sg_derw_oid(b, eku[i]);
	sg_derw_end(b, seq);
	sg_extw_end(b, w);
}

void
sg_ext_put_san(struct sg_buf *b, const struct sg_sans *sans, bool critical)
{
	struct sg_extw w = sg_extw_begin(b, SG_OID(san), critical);
	sg_sans_put(b, sans);
	sg_extw_end(b, w);
}

void
sg_ext_put_aki(struct sg_buf *b, struct sg_slice key_id)
{
	struct sg_extw w = sg_extw_begin(b, SG_OID(aki), false);
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_tlv(b, SG_DER_CTX(0), key_id);
	sg_derw_end(b, seq);
	sg_extw_end(b, w);
}

void
sg_key_usage_put_text(struct sg_buf *b, uint32_t bits)
{
	static const char *const words[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
	    "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly",
	    "decipherOnly"};
	const char *comma = "";
	for (size_t n = 0; n < sizeof words / sizeof words[0]; n++) {
		if ((bits & 1u << n) == 0)
			continue;
		sg_buf_puts(b, comma);
		sg_buf_puts(b, words[n]);
		comma = ", ";
	}
}
