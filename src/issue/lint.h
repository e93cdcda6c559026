/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue/lint.h - what every certificate of ours keeps, checked on its DER
 */

#include "base/err.h"
#include "base/slice.h"
#include "x509/cert.h"
#include "x509/template.h"

/* For whom a certificate is: decides which key usages and EKUs are forbidden. */
enum sg_issue_lint_kind {
	SG_ISSUE_LINT_DEVICE = 1, /* from a template */
	SG_ISSUE_LINT_RA = 2,	  /* our own RA: the request agent EKU is its purpose */
	SG_ISSUE_LINT_CA = 3,	  /* self-signed */
};

/*
 * Check a complete certificate, signed or not (the signature is not looked at).
 * issuer is the CA's certificate; for SG_ISSUE_LINT_CA the certificate itself.
 * tmpl may be NULL (RA, CA). All findings are SG_E_INTERNAL "lint....": our own mistakes.
 */
SG_RC
sg_issue_lint_cert(struct sg_slice der, const struct sg_cert *issuer, enum sg_issue_lint_kind kind,
    const struct sg_template *tmpl, struct sg_err *err);
