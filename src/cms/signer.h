/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/signer.h - a SignerInfo that arrives (RFC 5652 5.3), and whether its signature holds
 * (5.4, 5.6)
 *
 * Ownership: everything is borrowed from what is read.
 * Security:  what is read is unproved until both checks said SG_OK, and then proved for the key
 *            that the caller chose.
 */

#include "asn1/der.h"
#include "base/alg.h"
#include "base/err.h"
#include "base/slice.h"
#include "cms/id.h"
#include "crypto/key.h"

struct sg_cms_signer {
	bool version_ok; /* 1 or 3 */
	struct sg_cms_id id;
	/* AlgorithmIdentifiers, whole: whether one that we refuse ends the reading is the caller's
	 * to say. */
	struct sg_slice digest_alg, sig_alg;
	struct sg_tlv attrs; /* signedAttrs, tag [0] as sent */
	struct sg_slice sig;
};

/*
 * Read one SignerInfo with signed attributes; that no other follows is the caller's to check.
 * unsignedAttrs are skipped: nobody signed them. SG_E_MALFORMED ("cms.signers.count": there is
 * none, "cms.attrs.missing").
 */
struct sg_cms_signer
sg_cms_signer_read(struct sg_der *signers);

/* digest, the messageDigest (empty: absent), is that of content. SG_E_SIGNATURE
 * ("cms.digest.missing", "cms.digest"). */
SG_RC
sg_cms_signer_check_digest(
    enum sg_hash hash, struct sg_slice content, struct sg_slice digest, struct sg_err *err);
/* sig is that of the signed attributes, the TLV as sent, or of the same sorted: some clients sign
 * one order and send the other. SG_E_SIGNATURE ("signature"), and what crypto/sign.h refuses. */
SG_RC
sg_cms_signer_verify(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice attrs,
    struct sg_slice sig, struct sg_err *err);
