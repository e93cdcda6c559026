/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cert.c - certificates: the reader for all that comes (signers, RAs, issuers), and the writer
 * of the TBSCertificate that the CA signs
 */

#include "x509/cert.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "x509/algid.h"
#include "x509/ext_private.h"
#include "x509/name.h"
#include "asn1/oid.h"

static struct sg_slice
read_name(struct sg_der *d, const char *what)
{
	struct sg_slice name = sg_der_get(d, SG_DER_SEQUENCE, what).raw;
	if (!sg_der_ok(d))
		return name;
	sg_der_try(d, sg_name_check_shape(name, sg_der_err(d)));
	if (!sg_der_ok(d))
		sg_err_prefix(sg_der_err(d), "%s", what);
	return name;
}

/* TBSCertificate; gives the signature algorithm inside, as it stands. */
static struct sg_slice
read_tbs(struct sg_der *d, struct sg_cert *cert)
{
	uint64_t version = 0;
	if (sg_der_peek(d) == SG_DER_CTX_CONS(0)) {
		struct sg_der inner = sg_der_enter(d, SG_DER_CTX_CONS(0), "version");
		version = sg_der_uint(&inner, UINT64_MAX, "version");
		sg_der_end(&inner, "version");
	}
	if (version > 2)
		sg_der_fail(d, SG_E_MALFORMED, "cert.version",
		    "RFC 5280 4.1.2.1: want version 0, 1 or 2, found %llu",
		    (unsigned long long)version);
	else
		cert->version = (int)version + 1;

	cert->serial = sg_der_get(d, SG_DER_INTEGER, "serialNumber").val;
	if (cert->serial.len == 0)
		sg_der_fail(d, SG_E_MALFORMED, "cert.serial",
		    "X.690 8.3.1: serialNumber: want at least one byte");
	if (cert->serial.len > SG_SERIAL_MAX)
		sg_der_fail(d, SG_E_LIMIT, "cert.serial.long",
		    "serialNumber: want at most %u bytes, found %zu", SG_SERIAL_MAX,
		    cert->serial.len);

	struct sg_slice alg = sg_der_get(d, SG_DER_SEQUENCE, "signature").raw;
	cert->issuer = read_name(d, "issuer");
	struct sg_der validity = sg_der_enter(d, SG_DER_SEQUENCE, "validity");
	cert->not_before = sg_der_time(&validity, "notBefore");
	cert->not_after = sg_der_time(&validity, "notAfter");
	sg_der_end(&validity, "validity");
	cert->subject = read_name(d, "subject");
	cert->spki = sg_der_get(d, SG_DER_SEQUENCE, "subjectPublicKeyInfo").raw;
	/* Unused since 1997. */
	sg_der_opt(d, SG_DER_CTX(1), "issuerUniqueID");
	sg_der_opt(d, SG_DER_CTX(2), "subjectUniqueID");
	struct sg_tlv exts = sg_der_opt(d, SG_DER_CTX_CONS(3), "extensions");
	sg_der_end(d, "TBSCertificate");
	if (exts.raw.len == 0)
		return alg;
	if (cert->version != 3)
		sg_der_fail(d, SG_E_MALFORMED, "cert.version.exts",
		    "RFC 5280 4.1.2.1: extensions: want version 3 with them, found %d",
		    cert->version);
	cert->has_exts = true;
	struct sg_der inner = sg_der_inside(d, exts.val);
	sg_exts_read(&inner, &cert->exts);
	return alg;
}

enum sg_code
sg_cert_parse(struct sg_slice der, struct sg_cert *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);
	*ret = (struct sg_cert){.exts = {.path_len = -1}};
	if (der.len > SG_CERT_MAX)
		sg_der_fail(&d, SG_E_LIMIT, "cert.size",
		    "certificate: want at most %u bytes, found %zu", SG_CERT_MAX, der.len);
	struct sg_tlv whole = sg_der_whole(&d, SG_DER_SEQUENCE, "Certificate");
	struct sg_der seq = sg_der_inside(&d, whole.val);
	struct sg_tlv tbs = sg_der_get(&seq, SG_DER_SEQUENCE, "TBSCertificate");
	struct sg_der fields = sg_der_inside(&d, tbs.val);
	struct sg_slice tbs_alg = read_tbs(&fields, ret);
	struct sg_slice alg = sg_der_get(&seq, SG_DER_SEQUENCE, "signatureAlgorithm").raw;
	ret->sig = sg_der_bits(&seq, "signatureValue");
	sg_der_end(&seq, "Certificate");
	if (!sg_slice_eq(tbs_alg, alg))
		sg_der_fail(&d, SG_E_MALFORMED, "cert.alg.mismatch",
		    "RFC 5280 4.1.1.2: want the same signature algorithm inside and outside");
	if (ret->sig.len == 0)
		sg_der_fail(&d, SG_E_MALFORMED, "cert.signature.empty",
		    "RFC 5280 4.1.1.3: want a signature, found an empty one");
	ret->sigalg = sg_algid_sig_lenient(&d, alg);
	ret->raw = whole.raw;
	ret->tbs = tbs.raw;
	if (!sg_der_ok(&d))
		*ret = (struct sg_cert){.exts = {.path_len = -1}};
	return sg_der_status(&d);
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
