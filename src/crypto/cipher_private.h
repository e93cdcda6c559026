/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/cipher_private.h - what wrapping and unwrapping a content key have in common; for
 * src/crypto only
 */

#include "base/alg.h"
#include "base/err.h"
#include "crypto/key.h"

/* An RSA key, a transport that exists, a content key of 1 to SG_CEK_MAX bytes. SG_E_ALG
 * ("keytrans.key", "keytrans.unknown"), SG_E_LIMIT ("keytrans.size"). */
SG_RC
sg_keytrans_check(
    const struct sg_key *key, struct sg_keytrans trans, size_t cek_len, struct sg_err *err);
