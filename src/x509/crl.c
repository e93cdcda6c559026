/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crl.c - revocation lists: written entry by entry from the store, read back before they leave
 */

#include "x509/crl.h"

#include "base/date.h"
#include "asn1/derw.h"
#include "base/limits.h"
#include "x509/algid.h"
#include "x509/ext_private.h"
#include "x509/name.h"
#include "asn1/oid.h"
#include "x509/serial_key.h"

#define REASON(name, value, word, text) {name, word},
static const struct {
	enum sg_crl_reason reason;
	const char *word;
} reasons[] = {SG_REASON_ROWS(REASON)};

const char *
sg_reason_name(enum sg_crl_reason reason)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (reasons[i].reason == reason)
			return reasons[i].word;
	}
	return NULL;
}

void
sg_crl_begin(struct sg_crlw *w, struct sg_buf *b, const struct sg_crl_facts *facts)
{
	*w = (struct sg_crlw){.tbs = sg_derw_begin(b, SG_DER_SEQUENCE)};
	sg_derw_uint(b, 1);
	sg_algid_put_sig(b, facts->sigalg);
	sg_buf_put_slice(b, facts->issuer);
	sg_derw_time(b, facts->this_update);
	sg_derw_time(b, facts->next_update);
}

static uint8_t *
put_two(uint8_t *p, int v)
{
	p[0] = (uint8_t)('0' + v / 10 % 10);
	p[1] = (uint8_t)('0' + v % 10);
	return p + 2;
}

/* The same bytes as sg_derw_time, which formats with printf: too slow for a million entries.
 * Returns how many of the 17 bytes are used. */
static size_t
write_time(uint8_t out[17], int64_t at)
{
	struct sg_date d = sg_date_from(at);
	bool utc = d.year >= 1950 && d.year < 2050;
	out[0] = utc ? SG_DER_UTCTIME : SG_DER_GENTIME;
	out[1] = utc ? 13 : 15;
	uint8_t *p = out + 2;
	if (!utc)
		p = put_two(p, d.year / 100);
	p = put_two(p, d.year);
	p = put_two(p, d.month);
	p = put_two(p, d.day);
	p = put_two(p, d.hour);
	p = put_two(p, d.minute);
	p = put_two(p, d.second);
	*p++ = 'Z';
	return (size_t)(p - out);
}

void
sg_crl_entry(struct sg_crlw *w, struct sg_buf *b, struct sg_slice serial, int64_t revoked_at,
    enum sg_crl_reason reason)
{
	/* crlEntryExtensions with reasonCode; its last byte is the reason. */
	uint8_t tail[14] = {0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a,
	    0x01, (uint8_t)reason};
	uint8_t time[17];
	if (sg_reason_name(reason) == NULL && b->failed == SG_OK)
		b->failed = SG_E_INTERNAL;
	if (w->n++ == 0)
		w->entries = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t entry = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_serial_key_put_integer(b, serial);
	sg_buf_put(b, time, write_time(time, revoked_at));
	if (reason != SG_REASON_UNSPECIFIED)
		sg_buf_put(b, tail, sizeof tail);
	sg_derw_end(b, entry);
}

void
sg_crl_end(struct sg_crlw *w, struct sg_buf *b, const struct sg_crl_facts *facts)
{
	if (w->n > 0)
		sg_derw_end(b, w->entries);
	size_t outer = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_ext_put_aki(b, facts->aki);
	struct sg_extw number = sg_extw_begin(b, SG_OID(crl_number), false);
	sg_derw_uint(b, facts->number);
	sg_extw_end(b, number);
	sg_derw_end(b, seq);
	sg_derw_end(b, outer);
	sg_derw_end(b, w->tbs);
}

/* crlExtensions. */
static void
read_exts(struct sg_der *d, struct sg_crl *crl)
{
	struct sg_slice seen[SG_CERT_EXTS_MAX];
	struct sg_der exts = sg_der_inside(
	    d, sg_der_whole(d, SG_DER_SEQUENCE, "crlExtensions").val);
	for (size_t n = 0; sg_der_more(&exts); n++) {
		if (n == SG_CERT_EXTS_MAX) {
			sg_der_fail(d, SG_E_LIMIT, "crl.exts.count",
			    "crlExtensions: want at most %u", SG_CERT_EXTS_MAX);
			return;
		}
		struct sg_ext ext = sg_ext_next(&exts);
		for (size_t i = 0; i < n; i++)
			if (sg_slice_eq(seen[i], ext.oid))
				sg_der_fail(d, SG_E_MALFORMED, "crl.exts.dup",
				    "want each extension once, %zu and %zu are of one kind", i + 1,
				    n + 1);
		seen[n] = ext.oid;
		struct sg_der value = sg_der_inside(d, ext.value);
		if (sg_slice_eq(ext.oid, SG_OID(aki))) {
			crl->aki = sg_ext_read_aki(&value);
		} else if (sg_slice_eq(ext.oid, SG_OID(crl_number))) {
			crl->number = sg_der_uint(&value, UINT64_MAX, "cRLNumber");
			sg_der_end(&value, "cRLNumber");
		} else if (ext.critical && !crl->unknown_critical) {
			crl->unknown_critical = true;
			crl->unknown_oid = ext.oid;
		}
	}
}

/* TBSCertList; gives the signature algorithm inside, as it stands. */
static struct sg_slice
read_tbs(struct sg_der *d, struct sg_crl *crl)
{
	bool has_version = sg_der_peek(d) == SG_DER_INTEGER;
	uint64_t version = has_version ? sg_der_uint(d, UINT64_MAX, "version") : 0;
	if (has_version && version != 1)
		sg_der_fail(d, SG_E_MALFORMED, "crl.version",
		    "RFC 5280 5.1.2.1: want version 1, found %llu", (unsigned long long)version);
	struct sg_slice alg = sg_der_get(d, SG_DER_SEQUENCE, "signature").raw;
	crl->issuer = sg_der_get(d, SG_DER_SEQUENCE, "issuer").raw;
	sg_der_try(d, sg_name_check_shape(crl->issuer, sg_der_err(d)));
	crl->this_update = sg_der_time(d, "thisUpdate");
	if (sg_der_peek(d) == SG_DER_UTCTIME || sg_der_peek(d) == SG_DER_GENTIME)
		crl->next_update = sg_der_time(d, "nextUpdate");
	crl->entries = sg_der_opt(d, SG_DER_SEQUENCE, "revokedCertificates").val;
	struct sg_tlv exts = sg_der_opt(d, SG_DER_CTX_CONS(0), "crlExtensions");
	sg_der_end(d, "TBSCertList");
	if (exts.raw.len == 0)
		return alg;
	if (!has_version)
		sg_der_fail(d, SG_E_MALFORMED, "crl.version.exts",
		    "RFC 5280 5.1.2.1: crlExtensions: want version 2 with them, found 1");
	struct sg_der inner = sg_der_inside(d, exts.val);
	read_exts(&inner, crl);
	return alg;
}

enum sg_code
sg_crl_parse(struct sg_slice der, struct sg_crl *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);
	*ret = (struct sg_crl){0};
	struct sg_tlv whole = sg_der_whole(&d, SG_DER_SEQUENCE, "CertificateList");
	struct sg_der seq = sg_der_inside(&d, whole.val);
	struct sg_tlv tbs = sg_der_get(&seq, SG_DER_SEQUENCE, "TBSCertList");
	struct sg_der fields = sg_der_inside(&d, tbs.val);
	struct sg_slice tbs_alg = read_tbs(&fields, ret);
	struct sg_slice alg = sg_der_get(&seq, SG_DER_SEQUENCE, "signatureAlgorithm").raw;
	ret->sig = sg_der_bits(&seq, "signatureValue");
	sg_der_end(&seq, "CertificateList");
	if (!sg_slice_eq(tbs_alg, alg))
		sg_der_fail(&d, SG_E_MALFORMED, "crl.alg.mismatch",
		    "RFC 5280 5.1.1.2: want the same signature algorithm inside and outside");
	if (ret->sig.len == 0)
		sg_der_fail(&d, SG_E_MALFORMED, "crl.signature.empty",
		    "RFC 5280 5.1.1.3: want a signature, found an empty one");
	ret->sigalg = sg_algid_sig_lenient(&d, alg);
	ret->raw = whole.raw;
	ret->tbs = tbs.raw;
	if (!sg_der_ok(&d))
		*ret = (struct sg_crl){0};
	return sg_der_status(&d);
}

static enum sg_crl_reason
read_reason(struct sg_der *d)
{
	struct sg_slice v = sg_der_whole(d, SG_DER_ENUMERATED, "reasonCode").val;
	for (size_t i = 0; v.len == 1 && i < sizeof reasons / sizeof reasons[0]; i++)
		if ((unsigned)reasons[i].reason == v.p[0])
			return reasons[i].reason;
	sg_der_fail(d, SG_E_MALFORMED, "crl.reason",
	    "RFC 5280 5.3.1: reasonCode: want 0 to 6, 9 or 10 in one byte");
	return SG_REASON_UNSPECIFIED;
}

static void
read_entry_exts(struct sg_der *exts, struct sg_crl_item *item)
{
	bool has_reason = false;
	while (sg_der_more(exts)) {
		struct sg_ext ext = sg_ext_next(exts);
		if (!sg_slice_eq(ext.oid, SG_OID(crl_reason))) {
			item->unknown_critical |= ext.critical;
			continue;
		}
		if (has_reason)
			sg_der_fail(
			    exts, SG_E_MALFORMED, "crl.reason.dup", "want reasonCode at most once");
		has_reason = true;
		struct sg_der value = sg_der_inside(exts, ext.value);
		item->reason = read_reason(&value);
	}
}

struct sg_crl_item
sg_crl_next(struct sg_der *entries)
{
	struct sg_der d = sg_der_enter(entries, SG_DER_SEQUENCE, "revokedCertificate");
	struct sg_crl_item item = {.reason = SG_REASON_UNSPECIFIED};
	item.serial = sg_der_get(&d, SG_DER_INTEGER, "userCertificate").val;
	if (item.serial.len == 0 || item.serial.len > SG_SERIAL_MAX)
		sg_der_fail(&d, SG_E_LIMIT, "crl.entry.serial",
		    "userCertificate: want 1 to %u bytes, found %zu", SG_SERIAL_MAX,
		    item.serial.len);
	item.revoked_at = sg_der_time(&d, "revocationDate");
	if (sg_der_more(&d)) {
		struct sg_der exts = sg_der_enter(&d, SG_DER_SEQUENCE, "crlEntryExtensions");
		read_entry_exts(&exts, &item);
	}
	sg_der_end(&d, "revokedCertificate");
	return sg_der_ok(entries) ? item : (struct sg_crl_item){0};
}

enum sg_code
sg_crl_count(const struct sg_crl *crl, uint64_t *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(crl->entries, err);
	uint64_t n = 0;
	for (; sg_der_more(&d); n++)
		sg_crl_next(&d);
	if (sg_der_ok(&d))
		*ret = n;
	return sg_der_status(&d);
}
