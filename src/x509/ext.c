/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ext.c - extensions, read one by one and written one by one: what certificates, requests and
 * CRLs share
 */

#include "x509/ext.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "x509/ext_private.h"
#include "asn1/oid.h"
#include "x509/san_private.h"

struct sg_ext
sg_ext_next(struct sg_der *exts)
{
	struct sg_der seq = sg_der_enter(exts, SG_DER_SEQUENCE, "Extension");
	struct sg_ext ext = {.oid = sg_der_oid(&seq, "extnID")};
	/* An explicit FALSE is not DER, but some clients write it. */
	if (sg_der_peek(&seq) == SG_DER_BOOLEAN)
		ext.critical = sg_der_bool(&seq, "critical");
	ext.value = sg_der_get(&seq, SG_DER_OCTET_STRING, "extnValue").val;
	sg_der_end(&seq, "Extension");
	return sg_der_ok(exts) ? ext : (struct sg_ext){0};
}

static void
read_key_usage(struct sg_der *value, struct sg_exts *ret)
{
	struct sg_slice bits = sg_der_whole(value, SG_DER_BIT_STRING, "keyUsage").val;
	unsigned unused = bits.len > 0 ? bits.p[0] : 8;
	uint32_t usage = 0;
	if (unused > 7 || (bits.len == 1 && unused != 0)) {
		sg_der_fail(
		    value, SG_E_MALFORMED, "ext.ku", "X.690 8.6.2: keyUsage: a broken BIT STRING");
		return;
	}
	/* Trailing zero bits are not DER, but the field sends them; set bits past the end are not
	 * tolerated. */
	if (bits.len > 1 && (bits.p[bits.len - 1] & ((1u << unused) - 1)) != 0)
		sg_der_fail(value, SG_E_MALFORMED, "ext.ku",
		    "X.690 11.2.1: keyUsage: unused bits are not zero");
	for (size_t n = 0; n < (bits.len - 1) * 8 && sg_der_ok(value); n++) {
		if ((bits.p[1 + n / 8] >> (7 - n % 8) & 1) == 0)
			continue;
		if (n <= 8)
			usage |= 1u << n;
		else
			sg_der_fail(value, SG_E_MALFORMED, "ext.ku.bits",
			    "RFC 5280 4.2.1.3: keyUsage: want bits 0 to 8, found bit %zu", n);
	}
	if (usage == 0)
		sg_der_fail(value, SG_E_MALFORMED, "ext.ku.empty",
		    "RFC 5280 4.2.1.3: keyUsage: want at least one bit");
	ret->has_key_usage = true;
	ret->key_usage = usage;
}

static void
read_eku(struct sg_der *value, struct sg_exts *ret)
{
	struct sg_der seq = sg_der_inside(
	    value, sg_der_whole(value, SG_DER_SEQUENCE, "extKeyUsage").val);
	if (!sg_der_more(&seq))
		sg_der_fail(value, SG_E_MALFORMED, "ext.eku.empty",
		    "RFC 5280 4.2.1.12: extKeyUsage: want at least one purpose");
	while (sg_der_more(&seq)) {
		struct sg_slice oid = sg_der_oid(&seq, "KeyPurposeId");
		for (size_t i = 0; i < ret->eku_n; i++)
			if (sg_slice_eq(ret->eku[i], oid))
				sg_der_fail(value, SG_E_MALFORMED, "ext.eku.dup",
				    "extKeyUsage: purpose %zu stands twice", ret->eku_n + 1);
		if (ret->eku_n == SG_EKUS_MAX)
			sg_der_fail(value, SG_E_LIMIT, "ext.eku.count",
			    "extKeyUsage: want at most %u purposes", SG_EKUS_MAX);
		if (sg_der_ok(value))
			ret->eku[ret->eku_n++] = oid;
	}
	ret->has_eku = true;
}

static void
read_basic(struct sg_der *value, struct sg_exts *ret)
{
	struct sg_der seq = sg_der_inside(
	    value, sg_der_whole(value, SG_DER_SEQUENCE, "basicConstraints").val);
	ret->has_basic = true;
	if (sg_der_peek(&seq) == SG_DER_BOOLEAN)
		ret->ca = sg_der_bool(&seq, "cA");
	if (sg_der_more(&seq))
		ret->path_len = (int)sg_der_uint(&seq, 65535, "pathLenConstraint");
	sg_der_end(&seq, "basicConstraints");
	if (ret->path_len >= 0 && !ret->ca)
		sg_der_fail(value, SG_E_MALFORMED, "ext.bc.pathlen",
		    "RFC 5280 4.2.1.9: basicConstraints: pathLenConstraint without cA");
}

static struct sg_slice
read_ski(struct sg_der *value)
{
	struct sg_slice id = sg_der_whole(value, SG_DER_OCTET_STRING, "subjectKeyIdentifier").val;
	if (id.len == 0 || id.len > SG_KEY_ID_MAX)
		sg_der_fail(value, SG_E_LIMIT, "ext.ski.length",
		    "subjectKeyIdentifier: want 1 to %u bytes, found %zu", SG_KEY_ID_MAX, id.len);
	return id;
}

struct sg_slice
sg_ext_read_aki(struct sg_der *value)
{
	const char *what = "authorityKeyIdentifier";
	struct sg_der seq = sg_der_inside(value, sg_der_whole(value, SG_DER_SEQUENCE, what).val);
	struct sg_tlv id = sg_der_opt(&seq, SG_DER_CTX(0), "keyIdentifier");
	sg_der_opt(&seq, SG_DER_CTX_CONS(1), "authorityCertIssuer");
	sg_der_opt(&seq, SG_DER_CTX(2), "authorityCertSerialNumber");
	sg_der_end(&seq, what);
	if (id.raw.len > 0 && (id.val.len == 0 || id.val.len > SG_KEY_ID_MAX))
		sg_der_fail(value, SG_E_LIMIT, "ext.aki.length",
		    "authorityKeyIdentifier: want 1 to %u bytes, found %zu", SG_KEY_ID_MAX,
		    id.val.len);
	return sg_der_ok(value) ? id.val : (struct sg_slice){0};
}

/* In the order of RFC 5280 4.2.1. What is not here we do not understand: when critical it is
 * noted, and the relying party must refuse it. */
static void
read_one(struct sg_der *exts, const struct sg_ext *ext, struct sg_exts *ret)
{
	struct sg_der value = sg_der_inside(exts, ext->value);
	if (sg_slice_eq(ext->oid, SG_OID(aki))) {
		ret->aki = sg_ext_read_aki(&value);
	} else if (sg_slice_eq(ext->oid, SG_OID(ski))) {
		ret->ski = read_ski(&value);
	} else if (sg_slice_eq(ext->oid, SG_OID(key_usage))) {
		read_key_usage(&value, ret);
	} else if (sg_slice_eq(ext->oid, SG_OID(san))) {
		ret->has_san = true;
		sg_sans_read(&value, &ret->sans);
	} else if (sg_slice_eq(ext->oid, SG_OID(basic_constraints))) {
		read_basic(&value, ret);
	} else if (sg_slice_eq(ext->oid, SG_OID(eku))) {
		read_eku(&value, ret);
	} else if (sg_slice_eq(ext->oid, SG_OID(ms_sid))) {
		ret->has_sid = true;
	} else if (ext->critical && !ret->unknown_critical) {
		ret->unknown_critical = true;
		ret->unknown_oid = ext->oid;
	}
}

void
sg_exts_read(struct sg_der *d, struct sg_exts *ret)
{
	struct sg_slice seen[SG_CERT_EXTS_MAX];
	struct sg_der exts = sg_der_inside(d, sg_der_whole(d, SG_DER_SEQUENCE, "Extensions").val);
	for (size_t n = 0; sg_der_more(&exts); n++) {
		if (n == SG_CERT_EXTS_MAX) {
			sg_der_fail(d, SG_E_LIMIT, "ext.count", "want at most %u extensions",
			    SG_CERT_EXTS_MAX);
			return;
		}
		struct sg_ext ext = sg_ext_next(&exts);
		for (size_t i = 0; i < n; i++)
			if (sg_slice_eq(seen[i], ext.oid))
				sg_der_fail(d, SG_E_MALFORMED, "ext.dup",
				    "RFC 5280 4.2: want each extension once, extensions %zu and "
				    "%zu are of one kind",
				    i + 1, n + 1);
		seen[n] = ext.oid;
		if (sg_der_ok(d))
			read_one(&exts, &ext, ret);
	}
}

enum sg_code
sg_exts_parse(struct sg_slice seq, struct sg_exts *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(seq, err);
	*ret = (struct sg_exts){.path_len = -1};
	sg_exts_read(&d, ret);
	if (!sg_der_ok(&d))
		*ret = (struct sg_exts){.path_len = -1};
	return sg_der_status(&d);
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
sg_ext_put_usage_text(struct sg_buf *b, uint32_t bits)
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
