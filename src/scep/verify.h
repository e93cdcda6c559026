/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/verify.h - the signature of a message (RFC 5652 5.6)
 */

#include "base/err.h"
#include "crypto/key.h"
#include "scep/message.h"

/*
 * The signature holds with the key of the signer's certificate, which is made once and
 * handed out when ret_key is not NULL (sg_key_free).
 * The signed attributes may be signed as sent or sorted: some clients sign one order and send the
 * other. Either way it is one operation with an RSA key, and a key that costs more than
 * crypto/key.h allows a stranger is refused before it.
 *
 * SG_E_SIGNATURE ("cms.signer.missing", "cms.digest.missing", "cms.digest", "signature")
 * SG_E_ALG, SG_E_MALFORMED, SG_E_LIMIT   algorithm or key of the signer
 */
SG_RC
sg_scep_verify(const struct sg_scep_msg *msg, struct sg_key **ret_key, struct sg_err *err);
/* As sg_scep_verify with a key that the caller has from elsewhere. */
SG_RC
sg_scep_verify_with(const struct sg_scep_msg *msg, const struct sg_key *key, struct sg_err *err);
