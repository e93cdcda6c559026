/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/certrep.h - making a CertRep (RFC 8894 3.3.2) in two processes
 *
 * keyd:      sg_scep_certrep_put_attrs() writes the signed attributes from facts, messageType 3
 *            always; sg_sign_tbs() signs exactly those bytes.
 * registrar: sg_cms_assemble() (cms/assemble.h) puts attributes, signature, RA certificate
 *            and content into a SignedData.
 * Ownership: everything is borrowed for the call; output is appended to the buffer.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "scep/message.h"

/* bytes of failInfoText; RFC 8894 sets none, ours are one sentence */
#define SG_FAIL_TEXT_MAX 255u

/* Everything that the signed attributes say. */
struct sg_scep_certrep_facts {
	enum sg_scep_status status;
	enum sg_scep_fail fail;	   /* FAILURE only, then required */
	struct sg_slice fail_text; /* FAILURE only: UTF-8, up to SG_FAIL_TEXT_MAX; empty: none */
	struct sg_slice hresult;   /* FAILURE only: decimal digits for Windows; empty: none */
	struct sg_slice txid;	   /* mirrored */
	unsigned txid_tag;	   /* SG_DER_PRINTABLE or SG_DER_UTF8, mirrored */
	struct sg_slice recipient_nonce; /* the request's senderNonce; empty: omitted */
	struct sg_slice sender_nonce;	 /* fresh, 1 to SG_NONCE_MAX bytes, 16 by the RFC */
	enum sg_hash hash;		 /* the client's */
	struct sg_slice digest;		 /* of the content; empty: there is none (not SUCCESS) */
	int64_t signing_time;		 /* 0: none */
};

/*
 * Append the DER SET OF attributes (tag 0x31), which is what gets signed.
 * SG_E_INTERNAL ("certrep.facts") when the facts contradict each other: an owner that sends
 * such facts is broken or compromised.
 */
SG_RC
sg_scep_certrep_put_attrs(
    struct sg_buf *b, const struct sg_scep_certrep_facts *facts, struct sg_err *err);
