/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/throwaway.h - a self-signed certificate for signing requests (RFC 8894 2.3)
 */

#include <stdint.h>

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"

/*
 * Append a self-signed certificate for signing requests (RFC 8894 2.3): version 3,
 * digitalSignature and, for RSA, keyEncipherment. serial is a magnitude, 1 to 20 bytes.
 */
SG_RC
sg_scep_throwaway_put(struct sg_buf *b, const struct sg_key *key, enum sg_hash hash,
    struct sg_slice subject, struct sg_slice serial, int64_t not_before, int64_t not_after,
    struct sg_err *err);
