/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue/issuer.h - a CA that signs: its certificate, its key, what it puts into
 * certificates
 *
 * Ownership: sg_issuer owns a copy of the certificate and borrows the private key, which
 * must outlive it.  Threads: read-only after it was made; several may sign at once.
 */

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypto/key.h"
#include "x509/cert.h"

struct sg_issuer_urls {
	struct sg_slice cdp, ca_issuers, ocsp; /* empty: none */
};

struct sg_issuer {
	struct sg_buf der;
	struct sg_cert cert;	  /* borrows from der; exts.ski is never empty */
	uint8_t ski[20];	  /* what cert.exts.ski is where the certificate has none */
	const struct sg_key *key; /* private, borrowed; NULL: it can only verify */
	struct sg_key *pub;	  /* from the certificate: what signatures are verified with */
	struct sg_sigalg sigalg;
	struct sg_buf urls;
	struct sg_slice cdp_url, ca_issuers_url, ocsp_url;
};

/* What to do about a CA key of another kind or size. */
#define SG_ISSUER_KEY_REMEDY                                                                       \
	"make a CA with a key of RSA with 2048 to 8192 bits, P-256, P-384 or P-521 (signet up "    \
	"makes one) and have it certified anew"

/*
 * key NULL: an issuer whose key is gone, to verify what it signed.
 * SG_E_CONF "issuer.ca" (not a CA certificate), "issuer.key-usage" (a key usage
 * without keyCertSign), "issuer.subject" (empty), "issuer.hash" (SHA-1), "issuer.key" (the key is
 * not the certificate's), "issuer.key-kind" (neither RSA within the bounds of crypto/key.h nor on
 * one of its curves). A certificate without key usage or key identifier is accepted; what else
 * makes it unfit, but not in itself unusable, says issue/fitness.h.
 */
SG_RC
sg_issuer_new(struct sg_slice cert_der, const struct sg_key *key, enum sg_hash hash,
    const struct sg_issuer_urls *urls, struct sg_issuer **ret, struct sg_err *err);
void
sg_issuer_free(struct sg_issuer **issuerp);
