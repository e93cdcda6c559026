/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/degenerate.h - certs-only SignedData (RFC 8894 3.4): no signer, no content
 */

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

struct sg_degenerate {
	struct sg_buf der; /* only when the input is BER; slices borrow from it or the input */
	size_t cert_n;
	struct sg_slice cert[SG_CMS_CERTS_MAX]; /* in the order of the encoding */
	size_t crl_n;
	struct sg_slice crl[SG_CMS_CERTS_MAX];
};

/* Append a ContentInfo; certificates keep the given order (leaf first), which DER's SET OF
 * would not: every server of the field does the same, and clients look at it. */
void
sg_degenerate_put(struct sg_buf *b, const struct sg_slice *certs, size_t cert_n,
    const struct sg_slice *crls, size_t crl_n);

/* Signers and a content, which RFC 8894 3.4 does not have here, are not looked at.
 * SG_E_MALFORMED ("der", "ber", "cms...."), SG_E_LIMIT ("cms.certs.count", "cms.crls.count"). On
 * failure *ret is untouched. */
SG_RC
sg_degenerate_decode(struct sg_slice der, struct sg_degenerate *ret, struct sg_err *err);
void
sg_degenerate_free(struct sg_degenerate *deg);
#define sg_degenerate_scoped __attribute__((cleanup(sg_degenerate_free))) struct sg_degenerate
