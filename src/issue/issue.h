/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue/issue.h - a certificate from template and approved facts
 *
 * The order of ca: a serial number is on disk; sg_issue_tbs writes the
 * certificate, never copying an extension; sg_issue_lint reads it back, complete with a
 * signature that cannot verify, and checks every rule; sg_issue_sign signs and verifies
 * with the issuer's public key. sg_issue_cert is the three together.
 * The same request, serial and time give the same TBSCertificate.
 * Security: refuses rather than clips everything but validity and key usage.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "issue/issuer.h"
#include "issue/lint.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/template.h"

/* What one certificate is made of; slices borrow. */
struct sg_issue {
	const struct sg_issuer *issuer;
	const struct sg_template *tmpl;
	struct sg_slice serial;	    /* sg_issue_serial_make */
	struct sg_slice subject;    /* Name TLV: re-encoded here */
	struct sg_slice asked;	    /* the request's own: its string types, see sg_name_reencode */
	bool keep_subject;	    /* as it stands, where its string types allow that: a renewal */
	struct sg_slice spki;	    /* TLV; written in its canonical form */
	const struct sg_sans *sans; /* NULL or none: no extension */
	uint32_t asked_key_usage;   /* of the request; 0: nothing asked */
	int64_t now;		    /* a repeat with the same gives the same bytes */
};

/* Fill subject, asked, spki, sans and asked_key_usage from a request that passed
 * sg_request_check; borrows from it. */
void
sg_issue_from_csr(struct sg_issue *iss, const struct sg_csr *csr);

/*
 * Append the TBSCertificate to tbs.
 * Validity: from now - backdate (not before the issuer's own notBefore) to now + validity,
 * ending no later than the issuer. Key usage: the template's; of those the request's when
 * it asked for some of them; of those what the key type can do (EC: no encipherment, RSA:
 * no agreement).
 * SG_E_CONF "issue.issuer-expired" (the issuer has ended or not begun), "issue.key-usage"
 * (nothing left for this key), SG_E_INTERNAL "issue.serial", and what
 * sg_key_canonical_spki and sg_name_reencode say.
 */
SG_RC
sg_issue_tbs(const struct sg_issue *iss, struct sg_buf *tbs, struct sg_err *err);

/* sg_issue_lint_cert over tbs completed with a placeholder signature. */
SG_RC
sg_issue_lint(const struct sg_issuer *issuer, enum sg_issue_lint_kind kind,
    const struct sg_template *tmpl, struct sg_slice tbs, struct sg_err *err);

/* Sign, verify with the issuer's public key, append the certificate to out. SG_E_CRYPTO
 * "issue.verify" when our own signature does not hold: nothing is appended. */
SG_RC
sg_issue_sign(
    const struct sg_issuer *issuer, struct sg_slice tbs, struct sg_buf *out, struct sg_err *err);

/* All of it; out gets the certificate's DER. */
SG_RC
sg_issue_cert(const struct sg_issue *iss, struct sg_buf *out, struct sg_err *err);
