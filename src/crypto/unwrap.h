/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/unwrap.h - the unwrap of a content key that never says whether it failed
 */

#include <stddef.h>
#include <stdint.h>

#include "base/alg.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/cipher.h"
#include "crypto/key.h"

/*
 * Decrypt a content key of a known length, for keyd. Raw RSA and our own
 * constant-time decoding (PKCS#1 v1.5: RFC 8017 7.2.2; OAEP: 7.1.2, empty label); when the
 * padding or the length is wrong, out gets HMAC(secret, wrapped) instead, always computed
 * and chosen in constant time: the caller cannot tell.
 * wrapped may lack leading zeros; the HMAC is over it in full length. secret has at least 16
 * bytes. out gets cek_len bytes.
 * Fails only for public reasons: not an RSA key, wrapped longer than the modulus or not
 * below it, cek_len 0 or over SG_CEK_MAX, out of memory.
 */
SG_RC
sg_unwrap_key(const struct sg_key *key, struct sg_keytrans trans, struct sg_slice wrapped,
    struct sg_slice secret, size_t cek_len, uint8_t out[SG_CEK_MAX], struct sg_err *err);
