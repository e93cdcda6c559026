/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/reply.h - the client's side of an answer: CertRep checked, decrypted, unpacked
 *
 * Security: a CertRep is believed only when signed by one of the certificates that the
 * caller already trusts as CA or RA, byte by byte, and when transactionID and nonce are
 * those of the request.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"
#include "cms/degenerate.h"
#include "scep/message.h"

/* What the client knows before the answer comes. */
struct sg_scep_reply_expect {
	struct sg_slice txid, sender_nonce; /* of our request */
	size_t ca_n;
	const struct sg_slice *ca;   /* RA and CA certificates, already trusted */
	const struct sg_key *key;    /* private key of the certificate that signed the request */
	struct sg_slice signer_cert; /* that certificate: the answer is encrypted to it */
	bool legacy_des;	     /* accept single DES in the answer */
	bool legacy_sha1;	     /* accept SHA-1 in the answer's signature */
	bool legacy_nonce;	     /* accept an answer without recipientNonce */
};

struct sg_scep_reply {
	enum sg_scep_status status;
	enum sg_scep_fail fail;			 /* FAILURE; NONE when it is missing or unknown */
	struct sg_buf store;			 /* owns what the slices below point to */
	struct sg_slice fail_info_text, hresult; /* UTF-8, or bytes that are no text */
	struct sg_buf faults;	    /* what is odd in parts that decide nothing: a line each */
	struct sg_degenerate certs; /* SUCCESS: what came, not yet compared with the request */
};

/*
 * SG_OK also for FAILURE and PENDING: the caller looks at status. What only explains a FAILURE
 * (failInfo, failInfoText, HRESULT), and what is a fault of a message (scep/message.h), never
 * fails: what is odd about it is a line of faults. On failure *ret is untouched.
 * SG_E_SIGNATURE ("reply.signer", "cms....", "signature")   not from the CA
 * SG_E_REPLAY    ("reply.txid", "reply.nonce")
 * SG_E_MALFORMED ("reply....", "cms....", "der", ...)
 * SG_E_ALG       ("reply.des", "reply.sha1", "reply.key", "alg....")
 * SG_E_CRYPTO    ("cms.decrypt")
 */
SG_RC
sg_scep_reply_open(struct sg_slice message, const struct sg_scep_reply_expect *expect,
    struct sg_scep_reply *ret, struct sg_err *err);
void
sg_scep_reply_free(struct sg_scep_reply *reply);
#define sg_scep_reply_scoped __attribute__((cleanup(sg_scep_reply_free))) struct sg_scep_reply
