/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/cipher.h - CBC with PKCS#7 padding; encrypting a content key to a recipient
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
