/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/check.h - a message that was decoded against the rules of the RFC and of the endpoint
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "scep/message.h"

/* What an endpoint accepts. */
struct sg_scep_rules {
	uint32_t hashes;  /* bits 1u << SG_HASH_...: of SignerInfo */
	uint32_t ciphers; /* bits 1u << SG_CIPHER_...: of the envelope */
	/* senderNonce, contentType, signingTime required; no faults (scep/message.h), the signer's
	 * certificate as RFC 5280 has it; no SHA-1 at all */
	bool strict;
};

/*
 * What decoding deferred, then the endpoint's rules on the SignerInfo, then the messageType:
 * only what a client may send (17, 19, 20, 21, 22), each with a content.
 * SHA-1 passes outside strict for a PKCSReq or CertPoll, whose signature authenticates nobody:
 * where that of a PKCSReq is to renew, sg_scep_check_renews follows. Never for a RenewalReq, for
 * the others only when the rules have it.
 *
 * SG_E_ALG       ("alg....", "scep.alg.hash", "scep.alg.sha1")
 * SG_E_MALFORMED ("scep.type", "scep.type.missing", "scep.content.missing",
 *                 "scep.strict....")
 * and as sg_scep_check_signer; in strict what is a fault, and as sg_cert_parse.
 */
SG_RC
sg_scep_check(const struct sg_scep_msg *msg, const struct sg_scep_rules *rules, struct sg_err *err);

/* A message that is to be authorized by its signer's certificate alone.
 * SG_E_ALG ("scep.alg.sha1"). */
SG_RC
sg_scep_check_renews(const struct sg_scep_msg *msg, struct sg_err *err);

/*
 * The signer's key, before any arithmetic with it: it can be answered, which needs RSA, and
 * verifying with it costs no more than crypto/key.h allows a stranger.
 * SG_E_ALG ("scep.answer.key"), as sg_scep_need_signer and sg_key_check_stranger.
 */
SG_RC
sg_scep_check_signer(const struct sg_scep_msg *msg, struct sg_err *err);
