/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/crl.h"

#include "base/date.h"
#include "asn1/derw.h"
#include "base/limits.h"
#include "x509/algid.h"
#include "x509/chars.h"
#include "x509/ext_private.h"
#include "x509/name.h"
#include "asn1/oid.h"
#include "x509/serial_key.h"

static const struct {
	enum sg_crl_reason reason;
	const char *word;
} reasons[] = {
    {SG_REASON_UNSPECIFIED, "unspecified"},
    {SG_REASON_KEY_COMPROMISE, "keyCompromise"},
    {SG_REASON_CA_COMPROMISE, "cACompromise"},
    {SG_REASON_AFFILIATION_CHANGED, "affiliationChanged"},
    {SG_REASON_SUPERSEDED, "superseded"},
    {SG_REASON_CESSATION, "cessationOfOperation"},
    {SG_REASON_HOLD, "certificateHold"},
    {SG_REASON_PRIVILEGE_WITHDRAWN, "privilegeWithdrawn"},
    {SG_REASON_AA_COMPROMISE, "aACompromise"},
};

const char *
sg_reason_name(enum sg_crl_reason reason)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (reasons[i].reason == reason)
			return reasons[i].word;
	}
	return NULL;
}

static bool
same_word(struct sg_slice text, const char *word)
{
	if (strlen(word) != text.len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (sg_chars_lower(text.p[i]) != sg_chars_lower((uint8_t)word[i]))
			return false;
	}
	return true;
}

enum sg_code
sg_reason_parse(struct sg_slice word, enum sg_crl_reason *ret, struct sg_err *err)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (same_word(word, reasons[i].word)) {
			*ret = reasons[i].reason;
			return SG_OK;
		}
	}
	return sg_fail(err, SG_E_NOTFOUND, "crl.reason",
	    "RFC 5280 5.3.1: want a reason such as keyCompromise, superseded, "
	    "cessationOfOperation, certificateHold or unspecified");
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

static SG_RC
parse_number(struct sg_slice value, uint64_t *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(value);
	enum sg_code rc = sg_der_uint(&d, UINT64_MAX, "cRLNumber", ret, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "cRLNumber", err);
	return rc;
}

static SG_RC
parse_exts(struct sg_slice seq, struct sg_crl *crl, struct sg_err *err)
{
	struct sg_slice seen[SG_CERT_EXTS_MAX];
	struct sg_tlv whole;
	enum sg_code rc = sg_der_whole(seq, SG_DER_SEQUENCE, "crlExtensions", &whole, err);
	if (rc != SG_OK)
		return rc;
	struct sg_der d = sg_der_init(whole.val);
	for (size_t n = 0; sg_der_more(&d); n++) {
		struct sg_ext ext;
		if (n == SG_CERT_EXTS_MAX)
			return sg_fail(err, SG_E_LIMIT, "crl.exts.count",
			    "crlExtensions: want at most %u", SG_CERT_EXTS_MAX);
		rc = sg_ext_next(&d, &ext, err);
		for (size_t i = 0; rc == SG_OK && i < n; i++) {
			if (sg_slice_eq(seen[i], ext.oid))
				return sg_fail(err, SG_E_MALFORMED, "crl.exts.dup",
				    "RFC 5280 5.2: want each extension once, %zu and %zu are of "
				    "one "
				    "kind",
				    i + 1, n + 1);
		}
		if (rc != SG_OK)
			return rc;
		seen[n] = ext.oid;
		if (sg_slice_eq(ext.oid, SG_OID(aki))) {
			rc = sg_ext_parse_aki(ext.value, &crl->aki, err);
		} else if (sg_slice_eq(ext.oid, SG_OID(crl_number))) {
			rc = parse_number(ext.value, &crl->number, err);
		} else if (ext.critical && !crl->unknown_critical) {
			crl->unknown_critical = true;
			crl->unknown_oid = ext.oid;
		}
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

static SG_RC
parse_times(struct sg_der *d, struct sg_crl *crl, struct sg_err *err)
{
	enum sg_code rc = sg_der_time(d, "thisUpdate", &crl->this_update, err);
	unsigned next = sg_der_peek(d);
	if (rc == SG_OK && (next == SG_DER_UTCTIME || next == SG_DER_GENTIME))
		rc = sg_der_time(d, "nextUpdate", &crl->next_update, err);
	return rc;
}

static SG_RC
parse_tbs(
    struct sg_slice contents, struct sg_crl *crl, struct sg_slice *ret_alg, struct sg_err *err)
{
	struct sg_der d = sg_der_init(contents);
	struct sg_tlv alg, issuer, entries, exts;
	uint64_t version = 0;
	enum sg_code rc = SG_OK;
	bool has_version = sg_der_peek(&d) == SG_DER_INTEGER;
	if (has_version)
		rc = sg_der_uint(&d, UINT64_MAX, "version", &version, err);
	if (rc != SG_OK)
		return rc;
	if (has_version && version != 1)
		return sg_fail(err, SG_E_MALFORMED, "crl.version",
		    "RFC 5280 5.1.2.1: want version 1, found %llu", (unsigned long long)version);
	rc = sg_der_get(&d, SG_DER_SEQUENCE, "signature", &alg, err);
	if (rc == SG_OK)
		rc = sg_der_get(&d, SG_DER_SEQUENCE, "issuer", &issuer, err);
	if (rc == SG_OK)
		rc = sg_name_check_shape(issuer.raw, err);
	if (rc == SG_OK)
		rc = parse_times(&d, crl, err);
	if (rc == SG_OK)
		rc = sg_der_opt(&d, SG_DER_SEQUENCE, "revokedCertificates", &entries, err);
	if (rc == SG_OK)
		rc = sg_der_opt(&d, SG_DER_CTX_CONS(0), "crlExtensions", &exts, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "TBSCertList", err);
	if (rc != SG_OK)
		return rc;
	if (exts.raw.len > 0 && !has_version)
		return sg_fail(err, SG_E_MALFORMED, "crl.version.exts",
		    "RFC 5280 5.1.2.1: crlExtensions: want version 2 with them, found 1");
	crl->issuer = issuer.raw;
	crl->entries = entries.val;
	*ret_alg = alg.raw;
	return exts.raw.len > 0 ? parse_exts(exts.val, crl, err) : SG_OK;
}

static SG_RC
parse_list(struct sg_slice der, struct sg_crl *crl, struct sg_err *err)
{
	struct sg_tlv whole, tbs, alg;
	struct sg_slice tbs_alg = {0};
	enum sg_code rc = sg_der_whole(der, SG_DER_SEQUENCE, "CertificateList", &whole, err);
	if (rc != SG_OK)
		return rc;
	struct sg_der d = sg_der_init(whole.val);
	rc = sg_der_get(&d, SG_DER_SEQUENCE, "TBSCertList", &tbs, err);
	if (rc == SG_OK)
		rc = parse_tbs(tbs.val, crl, &tbs_alg, err);
	if (rc == SG_OK)
		rc = sg_der_get(&d, SG_DER_SEQUENCE, "signatureAlgorithm", &alg, err);
	if (rc == SG_OK)
		rc = sg_der_bits(&d, "signatureValue", &crl->sig, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "CertificateList", err);
	if (rc != SG_OK)
		return rc;
	if (!sg_slice_eq(tbs_alg, alg.raw))
		return sg_fail(err, SG_E_MALFORMED, "crl.alg.mismatch",
		    "RFC 5280 5.1.1.2: want the same signature algorithm inside and outside");
	if (crl->sig.len == 0)
		return sg_fail(err, SG_E_MALFORMED, "crl.signature.empty",
		    "RFC 5280 5.1.1.3: want a signature, found an empty one");
	crl->raw = whole.raw;
	crl->tbs = tbs.raw;
	return sg_sigalg_lenient(alg.raw, &crl->sigalg, err);
}

enum sg_code
sg_crl_parse(struct sg_slice der, struct sg_crl *ret, struct sg_err *err)
{
	struct sg_crl crl = {0};
	enum sg_code rc = parse_list(der, &crl, err);
	if (rc == SG_OK)
		*ret = crl;
	return rc;
}

static SG_RC
parse_reason(struct sg_slice value, enum sg_crl_reason *ret, struct sg_err *err)
{
	struct sg_tlv tlv;
	enum sg_code rc = sg_der_whole(value, SG_DER_ENUMERATED, "reasonCode", &tlv, err);
	if (rc != SG_OK)
		return rc;
	for (size_t i = 0; tlv.val.len == 1 && i < sizeof reasons / sizeof reasons[0]; i++) {
		if ((unsigned)reasons[i].reason == tlv.val.p[0]) {
			*ret = reasons[i].reason;
			return SG_OK;
		}
	}
	return sg_fail(err, SG_E_MALFORMED, "crl.reason",
	    "RFC 5280 5.3.1: reasonCode: want 0 to 6, 9 or 10 in one byte");
}

static SG_RC
parse_entry_exts(struct sg_der *d, struct sg_crl_item *item, struct sg_err *err)
{
	struct sg_der exts;
	bool has_reason = false;
	enum sg_code rc = sg_der_enter(d, SG_DER_SEQUENCE, "crlEntryExtensions", &exts, err);
	while (rc == SG_OK && sg_der_more(&exts)) {
		struct sg_ext ext;
		rc = sg_ext_next(&exts, &ext, err);
		if (rc != SG_OK)
			return rc;
		if (!sg_slice_eq(ext.oid, SG_OID(crl_reason))) {
			item->unknown_critical |= ext.critical;
			continue;
		}
		if (has_reason)
			return sg_fail(err, SG_E_MALFORMED, "crl.reason.dup",
			    "RFC 5280 5.3: want reasonCode at most once");
		has_reason = true;
		rc = parse_reason(ext.value, &item->reason, err);
	}
	return rc;
}

enum sg_code
sg_crl_next(struct sg_der *entries, struct sg_crl_item *ret, struct sg_err *err)
{
	struct sg_crl_item item = {.reason = SG_REASON_UNSPECIFIED};
	struct sg_der d;
	struct sg_tlv serial;
	enum sg_code rc = sg_der_enter(entries, SG_DER_SEQUENCE, "revokedCertificate", &d, err);
	if (rc == SG_OK)
		rc = sg_der_get(&d, SG_DER_INTEGER, "userCertificate", &serial, err);
	if (rc != SG_OK)
		return rc;
	if (serial.val.len == 0 || serial.val.len > SG_SERIAL_MAX)
		return sg_fail(err, SG_E_LIMIT, "crl.entry.serial",
		    "RFC 5280 5.1.2.6: userCertificate: want 1 to %u bytes, found %zu",
		    SG_SERIAL_MAX, serial.val.len);
	item.serial = serial.val;
	rc = sg_der_time(&d, "revocationDate", &item.revoked_at, err);
	if (rc == SG_OK && sg_der_more(&d))
		rc = parse_entry_exts(&d, &item, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "revokedCertificate", err);
	if (rc == SG_OK)
		*ret = item;
	return rc;
}

enum sg_code
sg_crl_count(const struct sg_crl *crl, uint64_t *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(crl->entries);
	enum sg_code rc = SG_OK;
	uint64_t n = 0;

	for (; rc == SG_OK && sg_der_more(&d); n++) {
		struct sg_crl_item item;
		rc = sg_crl_next(&d, &item, err);
	}
	if (rc == SG_OK)
		*ret = n;
	return rc;
}
