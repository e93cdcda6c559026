/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/digest.h - hashes, HMAC, comparison in constant time
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/alg.h"
#include "base/err.h"
#include "base/slice.h"

#define SG_HASH_LEN_MAX 64u
#define SG_SHA256_LEN 32u

/* sg_hash_len(hash) bytes go to out. */
SG_RC
sg_digest(
    enum sg_hash hash, struct sg_slice data, uint8_t out[SG_HASH_LEN_MAX], struct sg_err *err);
SG_RC
sg_sha256(struct sg_slice data, uint8_t out[SG_SHA256_LEN], struct sg_err *err);
SG_RC
sg_hmac_sha256(
    struct sg_slice key, struct sg_slice data, uint8_t out[SG_SHA256_LEN], struct sg_err *err);
/* MGF1 (RFC 8017 B.2.1): the mask made of seed, XORed into the target. */
SG_RC
sg_mgf1_xor(
    enum sg_hash hash, struct sg_slice seed, uint8_t *target, size_t len, struct sg_err *err);
/* Constant time in the content; lengths are public. */
bool
sg_ct_equal(struct sg_slice a, struct sg_slice b);
