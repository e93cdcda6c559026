/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/cipher.h - CBC with PKCS#7 padding, key transport, and the unwrap that never
 * says whether it failed
 */

#include <stdint.h>

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"

#define SG_CEK_MAX 32u
#define SG_IV_MAX 16u

/* key has sg_cipher_key_len bytes, iv sg_cipher_block_len. DES_CBC: SG_E_ALG. */
SG_RC
sg_encrypt_cbc(enum sg_cipher cipher, const uint8_t *key, const uint8_t *iv, struct sg_slice plain,
    struct sg_buf *out, struct sg_err *err);
/* SG_E_CRYPTO ("cms.decrypt") for a wrong length or padding; the padding is looked at in
 * constant time. DES_CBC only with legacy_des. */
SG_RC
sg_decrypt_cbc(enum sg_cipher cipher, bool legacy_des, const uint8_t *key, const uint8_t *iv,
    struct sg_slice ciphertext, struct sg_buf *out, struct sg_err *err);

/* Encrypt a content key to an RSA public key. */
SG_RC
sg_wrap_key(const struct sg_key *key, struct sg_keytrans trans, struct sg_slice cek,
    struct sg_buf *out, struct sg_err *err);

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
