/* SPDX-License-Identifier: Apache-2.0 */

/*
 * issue/lint.c - reads a certificate back and checks every rule that ours keep
 *
 * Independent of the writer: it starts from the DER, with the reader that reads strangers'
 * certificates, and walks the extensions itself for what the reader does not keep.
 */

#include "issue/lint.h"

#include "x509/bounds.h"
#include "x509/ext.h"
#include "x509/san.h"
#include "asn1/der.h"
#include "crypto/key.h"
#include "issue/keyid_private.h"
#include "issue/serial.h"
#include "x509/name.h"
#include "asn1/oid.h"

/* What sg_cert does not keep. */
struct raw {
	struct sg_slice inner_alg, outer_alg;
	struct sg_slice exts; /* contents of the Extensions SEQUENCE */
};

static enum sg_code
finding(struct sg_err *err, const char *rule, const char *what)
{
	return sg_fail_at(err, SG_E_INTERNAL, rule, __FILE__, __LINE__,
	    "the certificate that was about to be signed breaks a rule: %s", what);
}

/* version, serial, signature, issuer, validity, subject, key, [3] extensions. */
static void
read_tbs(struct sg_der *d, struct raw *r)
{
	sg_der_get(d, SG_DER_CTX_CONS(0), "version");
	sg_der_get(d, SG_DER_INTEGER, "serial");
	r->inner_alg = sg_der_get(d, SG_DER_SEQUENCE, "signature").raw;
	for (unsigned i = 0; i < 4; i++)
		sg_der_get(d, SG_DER_SEQUENCE, "field");
	struct sg_der inner = sg_der_enter(d, SG_DER_CTX_CONS(3), "extensions");
	sg_der_end(d, "tbs");
	r->exts = sg_der_get(&inner, SG_DER_SEQUENCE, "Extensions").val;
}

static bool
read_raw(struct sg_slice der, struct raw *r)
{
	struct sg_der d = sg_der_init(der, NULL);
	struct sg_der seq = sg_der_inside(&d, sg_der_whole(&d, SG_DER_SEQUENCE, "certificate").val);
	struct sg_der tbs = sg_der_enter(&seq, SG_DER_SEQUENCE, "tbs");

	read_tbs(&tbs, r);
	r->outer_alg = sg_der_get(&seq, SG_DER_SEQUENCE, "signatureAlgorithm").raw;
	return sg_der_ok(&d);
}

enum presence { ABSENT, PLAIN, CRITICAL, TWICE };

static enum presence
extension(const struct raw *r, struct sg_slice want)
{
	struct sg_der d = sg_der_init(r->exts, NULL);
	enum presence found = ABSENT;

	while (sg_der_more(&d)) {
		struct sg_der ext = sg_der_enter(&d, SG_DER_SEQUENCE, "extension");
		if (!sg_slice_eq(sg_der_oid(&ext, "extnID"), want))
			continue;
		if (found != ABSENT)
			return TWICE;
		bool critical = sg_der_peek(&ext) == SG_DER_BOOLEAN &&
				sg_der_bool(&ext, "critical");
		found = critical ? CRITICAL : PLAIN;
	}
	return sg_der_ok(&d) ? found : TWICE;
}

static enum sg_code
lint_serial(const struct sg_cert *c, struct sg_err *err)
{
	/* RFC 5280 4.1.2.2; the contents as encoded, a sign byte counts. */
	if (c->serial.len == 0 || c->serial.len > SG_ISSUE_SERIAL_LEN)
		return finding(err, "lint.serial", "serial number not of 1 to 20 octets");
	if ((c->serial.p[0] & 0x80) != 0)
		return finding(err, "lint.serial", "negative serial number");
	if (c->serial.len == 1 && c->serial.p[0] == 0)
		return finding(err, "lint.serial", "serial number zero");
	return SG_OK;
}

static enum sg_code
lint_validity(const struct sg_cert *c, const struct sg_cert *issuer, struct sg_err *err)
{
	if (c->not_before >= c->not_after)
		return finding(err, "lint.validity", "it ends before it begins");
	if (c->not_before < issuer->not_before || c->not_after > issuer->not_after)
		return finding(err, "lint.validity", "validity reaches out of its issuer's");
	return SG_OK;
}

static enum sg_code
lint_names(const struct sg_cert *c, const struct sg_cert *issuer, const struct raw *r,
    const struct sg_template *tmpl, enum sg_issue_lint_kind kind, struct sg_err *err)
{
	enum sg_name_lengths lengths = tmpl != NULL ? tmpl->name_lengths : SG_NAME_LENGTHS_X520;
	bool empty = sg_name_is_empty(c->subject);
	enum presence san = extension(r, SG_OID(san));

	/* RFC 5280 4.1.2.4: chains are built by comparing bytes. */
	if (!sg_slice_eq(c->issuer, issuer->subject))
		return finding(err, "lint.issuer", "issuer name is not the CA's subject");
	if (!empty && (sg_name_check_bounds(c->subject, lengths, NULL) != SG_OK ||
			  !sg_name_has_own_types(c->subject)))
		return finding(err, "lint.subject",
		    "subject is not a well-formed name, has an empty value, one that is too long "
		    "or one of a type that its attribute does not have");
	if (empty && kind != SG_ISSUE_LINT_DEVICE)
		return finding(err, "lint.subject", "no subject");
	/* RFC 5280 4.2.1.6. */
	if (empty && san != CRITICAL)
		return finding(err, "lint.subject", "no subject and no critical SAN");
	if (!empty && san == CRITICAL)
		return finding(err, "lint.san", "SAN critical although there is a subject");
	return SG_OK;
}

static enum sg_code
lint_sans(const struct sg_cert *c, const struct sg_template *tmpl, enum sg_issue_lint_kind kind,
    struct sg_err *err)
{
	if (c->exts.has_san && c->exts.sans.n == 0)
		return finding(err, "lint.san", "empty SAN extension");
	if (kind != SG_ISSUE_LINT_DEVICE && c->exts.has_san)
		return finding(err, "lint.san", "SAN in a certificate of our own");
	for (size_t i = 0; i < c->exts.sans.n; i++) {
		const struct sg_san *san = &c->exts.sans.item[i];
		if (san->val.len == 0)
			return finding(err, "lint.san", "empty name in SAN");
		if (san->type == SG_SAN_OTHER || (tmpl != NULL && !sg_san_is_given(tmpl, san)))
			return finding(err, "lint.san", "type of name that the template forbids");
		if (sg_san_check_bounds(san,
			tmpl != NULL ? tmpl->name_lengths : SG_NAME_LENGTHS_X520, NULL) != SG_OK)
			return finding(err, "lint.san", "name that its type cannot have");
		if (san->type == SG_SAN_DIRNAME && !sg_name_has_own_types(san->val))
			return finding(err, "lint.san", "directory name in a wrong string type");
	}
	if (tmpl != NULL && c->exts.sans.n > tmpl->sans_max)
		return finding(err, "lint.san", "more names than the template allows");
	return SG_OK;
}

/* Which usages a certificate of this kind must, may and must not have. */
static enum sg_code
lint_key_usage(const struct sg_cert *c, const struct raw *r, const struct sg_template *tmpl,
    enum sg_issue_lint_kind kind, struct sg_err *err)
{
	const uint32_t ca = SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN;
	uint32_t ku = c->exts.key_usage, capable = 0;

	if (extension(r, SG_OID(key_usage)) != CRITICAL || !c->exts.has_key_usage || ku == 0)
		return finding(err, "lint.key-usage", "no critical key usage");
	enum sg_code rc = sg_issue_capable(c->spki, &capable, err);
	if (rc != SG_OK)
		return finding(err, "lint.key", "public key is neither RSA nor EC");
	if ((ku & ~capable) != 0)
		return finding(err, "lint.key-usage", "key usage that this type of key cannot do");
	if (kind == SG_ISSUE_LINT_CA && (ku & ca) != ca)
		return finding(err, "lint.key-usage", "CA without keyCertSign or cRLSign");
	if (kind != SG_ISSUE_LINT_CA && (ku & ca) != 0)
		return finding(err, "lint.key-usage", "keyCertSign or cRLSign outside a CA");
	if (kind == SG_ISSUE_LINT_RA && ku != (SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT))
		return finding(err, "lint.key-usage", "RA without signature and encipherment");
	if (tmpl != NULL && (ku & ~tmpl->key_usage) != 0)
		return finding(err, "lint.key-usage", "key usage that the template does not give");
	return SG_OK;
}

static bool
has_eku(const struct sg_cert *c, struct sg_slice oid)
{
	return sg_slice_among(c->exts.eku, c->exts.eku_n, oid);
}

static enum sg_code
lint_eku(const struct sg_cert *c, const struct sg_template *tmpl, enum sg_issue_lint_kind kind,
    struct sg_err *err)
{
	if (kind == SG_ISSUE_LINT_CA && c->exts.has_eku)
		return finding(err, "lint.eku", "EKU in a root");
	if (kind == SG_ISSUE_LINT_RA &&
	    (c->exts.eku_n != 1 || !has_eku(c, SG_OID(eku_request_agent))))
		return finding(err, "lint.eku", "RA whose EKU is not the request agent alone");
	if (kind != SG_ISSUE_LINT_DEVICE)
		return SG_OK;
	/* Each of these is power over others, no device has it (even from a template). */
	if (has_eku(c, SG_OID(eku_any)) || has_eku(c, SG_OID(eku_ocsp)) ||
	    has_eku(c, SG_OID(eku_request_agent)) || has_eku(c, SG_OID(eku_cmc_ra)))
		return finding(err, "lint.eku", "EKU any, OCSP signing, request agent or cmcRA");
	if (tmpl == NULL)
		return SG_OK;
	if (c->exts.eku_n != tmpl->eku_n)
		return finding(err, "lint.eku", "not exactly the template's EKUs");
	for (size_t i = 0; i < tmpl->eku_n; i++)
		if (!has_eku(c, tmpl->eku[i]))
			return finding(err, "lint.eku", "not exactly the template's EKUs");
	return SG_OK;
}

static enum sg_code
lint_basic(
    const struct sg_cert *c, const struct raw *r, enum sg_issue_lint_kind kind, struct sg_err *err)
{
	enum presence basic = extension(r, SG_OID(basic_constraints));

	if (kind == SG_ISSUE_LINT_CA && (basic != CRITICAL || !c->exts.ca))
		return finding(err, "lint.basic", "CA without critical basicConstraints CA:TRUE");
	if (kind != SG_ISSUE_LINT_CA &&
	    (c->exts.ca || (c->exts.has_basic && c->exts.path_len >= 0)))
		return finding(err, "lint.basic", "CA:TRUE outside a CA");
	return SG_OK;
}

static enum sg_code
lint_keyids(
    const struct sg_cert *c, const struct sg_cert *issuer, const struct raw *r, struct sg_err *err)
{
	uint8_t ski[SG_ISSUE_KEYID_LEN];
	sg_buf_scoped canonical = {0};
	enum sg_code rc = sg_key_canonical_spki(c->spki, &canonical, err);

	if (rc == SG_OK)
		rc = sg_issue_keyid(c->spki, ski, err);
	if (rc == SG_E_NOMEM)
		return rc;
	if (rc != SG_OK)
		return finding(err, "lint.key", "public key cannot be read");
	if (!sg_slice_eq(c->spki, sg_buf_slice(&canonical)))
		return finding(err, "lint.key", "public key that is not in its canonical form");
	if (!sg_slice_eq(c->exts.ski, sg_slice(ski, sizeof ski)))
		return finding(err, "lint.ski", "subjectKeyIdentifier is not the key's");
	if (c->exts.aki.len == 0 || !sg_slice_eq(c->exts.aki, issuer->exts.ski))
		return finding(err, "lint.aki", "authorityKeyIdentifier is not the issuer's");
	/* RFC 5280 4.2.1.1, 4.2.1.2. */
	if (extension(r, SG_OID(ski)) != PLAIN || extension(r, SG_OID(aki)) != PLAIN)
		return finding(err, "lint.ski", "key identifier critical or twice");
	return SG_OK;
}

static enum sg_code
lint_algs(const struct sg_cert *c, const struct raw *r, struct sg_err *err)
{
	/* RFC 5280 4.1.1.2. */
	if (!sg_slice_eq(r->inner_alg, r->outer_alg))
		return finding(
		    err, "lint.sigalg", "signature algorithms inside and outside differ");
	if (c->sigalg.scheme == SG_SIG_NONE || c->sigalg.hash == SG_HASH_NONE ||
	    c->sigalg.hash == SG_HASH_SHA1)
		return finding(err, "lint.sigalg", "signature algorithm unknown or with SHA-1");
	return SG_OK;
}

SG_RC
sg_issue_lint_cert(struct sg_slice der, const struct sg_cert *issuer, enum sg_issue_lint_kind kind,
    const struct sg_template *tmpl, struct sg_err *err)
{
	struct sg_cert c;
	struct raw r = {0};
	enum sg_code rc = sg_cert_parse(der, &c, err);

	if (rc == SG_E_NOMEM)
		return rc;
	if (rc != SG_OK || c.version != 3 || !c.has_exts || !read_raw(der, &r))
		return finding(err, "lint.parse", "not a version 3 certificate that we can read");
	if (c.exts.unknown_critical)
		return finding(err, "lint.critical", "critical extension that we do not know");
	rc = lint_serial(&c, err);
	if (rc == SG_OK)
		rc = lint_validity(&c, issuer, err);
	if (rc == SG_OK)
		rc = lint_names(&c, issuer, &r, tmpl, kind, err);
	if (rc == SG_OK)
		rc = lint_basic(&c, &r, kind, err);
	if (rc == SG_OK)
		rc = lint_key_usage(&c, &r, tmpl, kind, err);
	if (rc == SG_OK)
		rc = lint_eku(&c, tmpl, kind, err);
	if (rc == SG_OK)
		rc = lint_sans(&c, tmpl, kind, err);
	if (rc == SG_OK)
		rc = lint_keyids(&c, issuer, &r, err);
	if (rc == SG_OK)
		rc = lint_algs(&c, &r, err);
	return rc;
}
