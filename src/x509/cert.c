/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/cert.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "x509/algid.h"
#include "x509/ext_private.h"
#include "x509/name.h"
#include "asn1/oid.h"

enum sg_code
sg_sigalg_lenient(struct sg_slice algid, struct sg_sigalg *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(algid);
	struct sg_sigalg alg = {0};
	/* An algorithm that is unknown here is no fault of the certificate. */
	enum sg_code rc = sg_algid_get_sig(&d, &alg, NULL);
	if (rc != SG_OK && rc != SG_E_ALG) {
		d = sg_der_init(algid);
		return sg_algid_get_sig(&d, &alg, err);
	}
	*ret = (struct sg_sigalg){0};
	if (rc == SG_OK && alg.hash != SG_HASH_NONE)
		*ret = alg;
	return SG_OK;
}

static SG_RC
parse_version(struct sg_der *d, struct sg_cert *cert, struct sg_err *err)
{
	struct sg_der inner;
	uint64_t version = 0;
	if (sg_der_peek(d) == SG_DER_CTX_CONS(0)) {
		enum sg_code rc = sg_der_enter(d, SG_DER_CTX_CONS(0), "version", &inner, err);
		if (rc == SG_OK)
			rc = sg_der_uint(&inner, UINT64_MAX, "version", &version, err);
		if (rc == SG_OK)
			rc = sg_der_end(&inner, "version", err);
		if (rc != SG_OK)
			return rc;
	}
	if (version > 2)
		return sg_fail(err, SG_E_MALFORMED, "cert.version",
		    "RFC 5280 4.1.2.1: want version 0, 1 or 2, found %llu",
		    (unsigned long long)version);
	cert->version = (int)version + 1;
	return SG_OK;
}

static SG_RC
parse_serial(struct sg_der *d, struct sg_cert *cert, struct sg_err *err)
{
	struct sg_tlv serial;
	enum sg_code rc = sg_der_get(d, SG_DER_INTEGER, "serialNumber", &serial, err);
	if (rc != SG_OK)
		return rc;
	if (serial.val.len == 0)
		return sg_fail(err, SG_E_MALFORMED, "cert.serial",
		    "RFC 5280 4.1.2.2: serialNumber: want at least one byte");
	if (serial.val.len > SG_SERIAL_MAX)
		return sg_fail(err, SG_E_LIMIT, "cert.serial.long",
		    "RFC 5280 4.1.2.2: serialNumber: want at most %u bytes, found %zu",
		    SG_SERIAL_MAX, serial.val.len);
	cert->serial = serial.val;
	return SG_OK;
}

static SG_RC
parse_name(struct sg_der *d, const char *what, struct sg_slice *ret, struct sg_err *err)
{
	struct sg_tlv name;
	enum sg_code rc = sg_der_get(d, SG_DER_SEQUENCE, what, &name, err);
	if (rc == SG_OK) {
		rc = sg_name_check_shape(name.raw, err);
		if (rc != SG_OK)
			sg_err_prefix(err, "%s", what);
	}
	if (rc == SG_OK)
		*ret = name.raw;
	return rc;
}

static SG_RC
parse_validity(struct sg_der *d, struct sg_cert *cert, struct sg_err *err)
{
	struct sg_der seq;
	enum sg_code rc = sg_der_enter(d, SG_DER_SEQUENCE, "validity", &seq, err);
	if (rc == SG_OK)
		rc = sg_der_time(&seq, "notBefore", &cert->not_before, err);
	if (rc == SG_OK)
		rc = sg_der_time(&seq, "notAfter", &cert->not_after, err);
	if (rc == SG_OK)
		rc = sg_der_end(&seq, "validity", err);
	return rc;
}

/* Both unique identifiers (unused since 1997) and the extensions. */
static SG_RC
parse_tail(struct sg_der *d, struct sg_cert *cert, struct sg_err *err)
{
	struct sg_tlv unique, exts;
	enum sg_code rc = sg_der_opt(d, SG_DER_CTX(1), "issuerUniqueID", &unique, err);
	if (rc == SG_OK)
		rc = sg_der_opt(d, SG_DER_CTX(2), "subjectUniqueID", &unique, err);
	if (rc == SG_OK)
		rc = sg_der_opt(d, SG_DER_CTX_CONS(3), "extensions", &exts, err);
	if (rc == SG_OK)
		rc = sg_der_end(d, "TBSCertificate", err);
	if (rc != SG_OK || exts.raw.len == 0)
		return rc;
	if (cert->version != 3)
		return sg_fail(err, SG_E_MALFORMED, "cert.version.exts",
		    "RFC 5280 4.1.2.1: extensions: want version 3 with them, found %d",
		    cert->version);
	cert->has_exts = true;
	return sg_exts_parse(exts.val, &cert->exts, err);
}

static SG_RC
parse_tbs(
    struct sg_slice contents, struct sg_cert *cert, struct sg_slice *ret_alg, struct sg_err *err)
{
	struct sg_der d = sg_der_init(contents);
	struct sg_tlv alg, spki;
	enum sg_code rc = parse_version(&d, cert, err);
	if (rc == SG_OK)
		rc = parse_serial(&d, cert, err);
	if (rc == SG_OK)
		rc = sg_der_get(&d, SG_DER_SEQUENCE, "signature", &alg, err);
	if (rc == SG_OK)
		rc = parse_name(&d, "issuer", &cert->issuer, err);
	if (rc == SG_OK)
		rc = parse_validity(&d, cert, err);
	if (rc == SG_OK)
		rc = parse_name(&d, "subject", &cert->subject, err);
	if (rc == SG_OK)
		rc = sg_der_get(&d, SG_DER_SEQUENCE, "subjectPublicKeyInfo", &spki, err);
	if (rc == SG_OK)
		rc = parse_tail(&d, cert, err);
	if (rc != SG_OK)
		return rc;
	cert->spki = spki.raw;
	*ret_alg = alg.raw;
	return SG_OK;
}

static SG_RC
parse_certificate(struct sg_slice der, struct sg_cert *cert, struct sg_err *err)
{
	struct sg_tlv whole, tbs, alg;
	struct sg_slice tbs_alg = {0};
	enum sg_code rc = sg_der_whole(der, SG_DER_SEQUENCE, "Certificate", &whole, err);
	if (rc != SG_OK)
		return rc;
	struct sg_der d = sg_der_init(whole.val);
	rc = sg_der_get(&d, SG_DER_SEQUENCE, "TBSCertificate", &tbs, err);
	if (rc == SG_OK)
		rc = parse_tbs(tbs.val, cert, &tbs_alg, err);
	if (rc == SG_OK)
		rc = sg_der_get(&d, SG_DER_SEQUENCE, "signatureAlgorithm", &alg, err);
	if (rc == SG_OK)
		rc = sg_der_bits(&d, "signatureValue", &cert->sig, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "Certificate", err);
	if (rc != SG_OK)
		return rc;
	if (!sg_slice_eq(tbs_alg, alg.raw))
		return sg_fail(err, SG_E_MALFORMED, "cert.alg.mismatch",
		    "RFC 5280 4.1.1.2: want the same signature algorithm inside and outside");
	if (cert->sig.len == 0)
		return sg_fail(err, SG_E_MALFORMED, "cert.signature.empty",
		    "RFC 5280 4.1.1.3: want a signature, found an empty one");
	cert->raw = whole.raw;
	cert->tbs = tbs.raw;
	return sg_sigalg_lenient(alg.raw, &cert->sigalg, err);
}

enum sg_code
sg_cert_parse(struct sg_slice der, struct sg_cert *ret, struct sg_err *err)
{
	if (der.len > SG_CERT_MAX)
		return sg_fail(err, SG_E_LIMIT, "cert.size",
		    "certificate: want at most %u bytes, found %zu", SG_CERT_MAX, der.len);
	struct sg_cert cert = {.exts = {.path_len = -1}};
	enum sg_code rc = parse_certificate(der, &cert, err);
	if (rc == SG_OK)
		*ret = cert;
	return rc;
}

static void
put_basic(struct sg_buf *b, const struct sg_cert_facts *f)
{
	struct sg_extw w = sg_extw_begin(b, SG_OID(basic_constraints), true);
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	if (f->ca) {
		sg_derw_bool(b, true);
		if (f->path_len >= 0)
			sg_derw_uint(b, (uint64_t)f->path_len);
	}
	sg_derw_end(b, seq);
	sg_extw_end(b, w);
}

static void
put_ski(struct sg_buf *b, struct sg_slice key_id)
{
	struct sg_extw w = sg_extw_begin(b, SG_OID(ski), false);
	sg_derw_tlv(b, SG_DER_OCTET_STRING, key_id);
	sg_extw_end(b, w);
}

/* One DistributionPoint with one URI as its full name. */
static void
put_cdp(struct sg_buf *b, struct sg_slice url)
{
	struct sg_extw w = sg_extw_begin(b, SG_OID(cdp), false);
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t point = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t name = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	size_t full = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	sg_derw_tlv(b, SG_DER_CTX(6), url);
	sg_derw_end(b, full);
	sg_derw_end(b, name);
	sg_derw_end(b, point);
	sg_derw_end(b, seq);
	sg_extw_end(b, w);
}

static void
put_access(struct sg_buf *b, struct sg_slice method, struct sg_slice url)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, method);
	sg_derw_tlv(b, SG_DER_CTX(6), url);
	sg_derw_end(b, seq);
}

static void
put_aia(struct sg_buf *b, const struct sg_cert_facts *f)
{
	struct sg_extw w = sg_extw_begin(b, SG_OID(aia), false);
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	if (f->ocsp_url.len > 0)
		put_access(b, SG_OID(aia_ocsp), f->ocsp_url);
	if (f->ca_issuers_url.len > 0)
		put_access(b, SG_OID(aia_ca_issuers), f->ca_issuers_url);
	sg_derw_end(b, seq);
	sg_extw_end(b, w);
}

static void
put_policies(struct sg_buf *b, const struct sg_cert_facts *f)
{
	struct sg_extw w = sg_extw_begin(b, SG_OID(cert_policies), false);
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	for (size_t i = 0; i < f->policy_n; i++) {
		size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
		sg_derw_oid(b, f->policy[i]);
		sg_derw_end(b, info);
	}
	sg_derw_end(b, seq);
	sg_extw_end(b, w);
}

static void
put_exts(struct sg_buf *b, const struct sg_cert_facts *f)
{
	size_t outer = sg_derw_begin(b, SG_DER_CTX_CONS(3));
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	put_basic(b, f);
	if (f->key_usage != 0)
		sg_ext_put_key_usage(b, f->key_usage);
	if (f->eku_n > 0)
		sg_ext_put_eku(b, f->eku, f->eku_n);
	if (f->ski.len > 0)
		put_ski(b, f->ski);
	if (f->aki.len > 0)
		sg_ext_put_aki(b, f->aki);
	if (f->sans != NULL && f->sans->n > 0)
		sg_ext_put_san(b, f->sans, sg_name_is_empty(f->subject));
	if (f->cdp_url.len > 0)
		put_cdp(b, f->cdp_url);
	if (f->ocsp_url.len > 0 || f->ca_issuers_url.len > 0)
		put_aia(b, f);
	if (f->policy_n > 0)
		put_policies(b, f);
	sg_derw_end(b, seq);
	sg_derw_end(b, outer);
}

void
sg_cert_put_tbs(struct sg_buf *b, const struct sg_cert_facts *facts)
{
	size_t tbs = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t version = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	sg_derw_uint(b, 2);
	sg_derw_end(b, version);
	sg_derw_magnitude(b, facts->serial);
	sg_algid_put_sig(b, facts->sigalg);
	sg_buf_put_slice(b, facts->issuer);
	size_t validity = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_time(b, facts->not_before);
	sg_derw_time(b, facts->not_after);
	sg_derw_end(b, validity);
	sg_buf_put_slice(b, facts->subject);
	sg_buf_put_slice(b, facts->spki);
	put_exts(b, facts);
	sg_derw_end(b, tbs);
}
