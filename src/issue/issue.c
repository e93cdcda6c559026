/* SPDX-License-Identifier: Apache-2.0 */

/*
 * issue/issue.c - a certificate: TBSCertificate written from template and facts, linted, signed
 */

#include "issue/issue.h"

#include "base/date.h"
#include "asn1/der.h"
#include "crypto/key.h"
#include "crypto/sign.h"
#include "issue/keyid_private.h"
#include "issue/signing_private.h"
#include "issue/serial.h"
#include "x509/algid.h"
#include "x509/bounds.h"
#include "x509/name.h"

void
sg_issue_from_csr(struct sg_issue *iss, const struct sg_csr *csr)
{
	iss->subject = iss->asked = csr->subject;
	iss->spki = csr->spki;
	iss->sans = csr->exts.sans.n > 0 ? &csr->exts.sans : NULL;
	iss->asked_key_usage = csr->exts.has_key_usage ? csr->exts.key_usage : 0;
}

/* From the given time and the template, never outside the issuer's own validity. */
static enum sg_code
put_validity(const struct sg_issue *iss, struct sg_cert_facts *f, struct sg_err *err)
{
	const struct sg_cert *ca = &iss->issuer->cert;
	sg_buf_scoped from = {0}, to = {0};

	if (iss->now < ca->not_before || iss->now >= ca->not_after) {
		sg_date_put(&from, ca->not_before);
		sg_date_put(&to, ca->not_after);
		return sg_fail(err, SG_E_CONF, "issue.issuer-expired",
		    "the CA certificate is valid from %s to %s, not now: look at this machine's "
		    "clock, or have it renewed for the same key",
		    sg_buf_text(&from), sg_buf_text(&to));
	}
	if (iss->tmpl->validity_s <= 0 || iss->tmpl->backdate_s < 0)
		return sg_fail(err, SG_E_CONF, "issue.validity", "template '%s' has no validity",
		    iss->tmpl->name);
	f->not_before = iss->now - iss->tmpl->backdate_s;
	if (f->not_before < ca->not_before)
		f->not_before = ca->not_before;
	f->not_after = ca->not_after;
	if (iss->tmpl->validity_s < ca->not_after - iss->now)
		f->not_after = iss->now + iss->tmpl->validity_s;
	return SG_OK;
}

/* The template's usages that the key can serve; of those the ones that were asked for,
 * when any was. */
static enum sg_code
put_key_usage(const struct sg_issue *iss, struct sg_cert_facts *f, struct sg_err *err)
{
	uint32_t capable = 0;
	enum sg_code rc = sg_issue_capable(iss->spki, &capable, err);

	if (rc != SG_OK)
		return rc;
	f->key_usage = iss->tmpl->key_usage & capable;
	if ((f->key_usage & iss->asked_key_usage) != 0)
		f->key_usage &= iss->asked_key_usage;
	if (f->key_usage == 0)
		return sg_fail(err, SG_E_CONF, "issue.key-usage",
		    "no key usage of template '%s' fits this type of key", iss->tmpl->name);
	return SG_OK;
}

static enum sg_code
check_facts(const struct sg_issue *iss, struct sg_err *err)
{
	if (iss->serial.len == 0 || iss->serial.len > SG_ISSUE_SERIAL_LEN ||
	    iss->serial.p[0] == 0 || (iss->serial.p[0] & 0x80) != 0)
		return sg_fail(err, SG_E_INTERNAL, "issue.serial",
		    "serial of %zu bytes: want 1 to %u, positive", iss->serial.len,
		    SG_ISSUE_SERIAL_LEN);
	if (iss->tmpl->eku_n > SG_EKUS_MAX || iss->tmpl->policy_n > 8)
		return sg_fail(err, SG_E_CONF, "issue.template", "template '%s' has too many OIDs",
		    iss->tmpl->name);
	return SG_OK;
}

SG_RC
sg_issue_tbs(const struct sg_issue *iss, struct sg_buf *tbs, struct sg_err *err)
{
	struct sg_cert_facts f = {.path_len = -1};
	uint8_t ski[SG_ISSUE_KEYID_LEN];
	sg_buf_scoped subject = {0}, spki = {0};
	enum sg_code rc = check_facts(iss, err);

	if (rc != SG_OK)
		return rc;
	rc = put_validity(iss, &f, err);
	if (rc != SG_OK)
		return rc;
	rc = put_key_usage(iss, &f, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_key_canonical_spki(iss->spki, &spki, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_issue_keyid(sg_buf_slice(&spki), ski, err);
	if (rc != SG_OK)
		return rc;
	if (iss->keep_subject && sg_name_has_own_types(iss->subject))
		sg_buf_put_slice(&subject, iss->subject);
	else
		rc = sg_name_reencode(iss->subject, iss->asked, &subject, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&subject, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_slice_eq(iss->subject, sg_buf_slice(&subject)) &&
	    !sg_name_equal(iss->subject, sg_buf_slice(&subject)))
		return sg_fail(err, SG_E_INTERNAL, "issue.subject",
		    "the re-encoded subject is not the requested one");
	f.serial = iss->serial;
	f.sigalg = iss->issuer->sigalg;
	if (iss->tmpl->hash != SG_HASH_NONE)
		f.sigalg = sg_key_sigalg(iss->issuer->key, iss->tmpl->hash);
	f.issuer = iss->issuer->cert.subject;
	f.subject = sg_buf_slice(&subject);
	f.spki = sg_buf_slice(&spki);
	f.eku_n = iss->tmpl->eku_n;
	for (size_t i = 0; i < f.eku_n; i++)
		f.eku[i] = iss->tmpl->eku[i];
	f.sans = iss->sans;
	f.ski = sg_slice(ski, sizeof ski);
	f.aki = iss->issuer->cert.exts.ski;
	f.cdp_url = iss->issuer->cdp_url;
	f.ca_issuers_url = iss->issuer->ca_issuers_url;
	f.ocsp_url = iss->issuer->ocsp_url;
	f.policy_n = iss->tmpl->policy_n;
	for (size_t i = 0; i < f.policy_n; i++)
		f.policy[i] = iss->tmpl->policy[i];
	sg_cert_put_tbs(tbs, &f);
	return sg_buf_check(tbs, err);
}

/* The signature algorithm that a TBSCertificate of ours says inside: a template chooses it. */
static enum sg_code
read_alg(struct sg_slice tbs, struct sg_sigalg *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(tbs, NULL);
	struct sg_der seq = sg_der_inside(&d, sg_der_whole(&d, SG_DER_SEQUENCE, "tbs").val);

	sg_der_get(&seq, SG_DER_CTX_CONS(0), "version");
	sg_der_get(&seq, SG_DER_INTEGER, "serial");
	*ret = sg_algid_sig(&seq);
	if (sg_der_ok(&d))
		return SG_OK;
	return sg_fail(err, SG_E_INTERNAL, "issue.tbs",
	    "what was to be signed is not a TBSCertificate of ours");
}

SG_RC
sg_issue_lint(const struct sg_issuer *issuer, enum sg_issue_lint_kind kind,
    const struct sg_template *tmpl, struct sg_slice tbs, struct sg_err *err)
{
	sg_buf_scoped whole = {0};

	struct sg_sigalg alg;
	enum sg_code rc = read_alg(tbs, &alg, err);
	if (rc != SG_OK)
		return rc;
	sg_issue_placeholder(&whole, tbs, alg, sg_key_bits(issuer->pub));
	rc = sg_buf_check(&whole, err);
	if (rc != SG_OK)
		return rc;
	return sg_issue_lint_cert(sg_buf_slice(&whole), &issuer->cert, kind, tmpl, err);
}

SG_RC
sg_issue_sign(
    const struct sg_issuer *issuer, struct sg_slice tbs, struct sg_buf *out, struct sg_err *err)
{
	struct sg_sigalg alg;
	enum sg_code rc = read_alg(tbs, &alg, err);

	if (rc != SG_OK)
		return rc;
	return sg_issue_sign_with(issuer->key, issuer->pub, alg, tbs, out, err);
}

SG_RC
sg_issue_cert(const struct sg_issue *iss, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped tbs = {0};
	enum sg_code rc = sg_issue_tbs(iss, &tbs, err);

	if (rc != SG_OK)
		return rc;
	rc = sg_issue_lint(iss->issuer, SG_ISSUE_LINT_DEVICE, iss->tmpl, sg_buf_slice(&tbs), err);
	if (rc != SG_OK)
		return rc;
	return sg_issue_sign(iss->issuer, sg_buf_slice(&tbs), out, err);
}
