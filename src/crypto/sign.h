/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/sign.h - every signature that we make or check
 */

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"

/* Sign tbs; the raw signature value (ECDSA: DER Ecdsa-Sig-Value) is appended to out. */
SG_RC
sg_sign_tbs(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice tbs, struct sg_buf *out,
    struct sg_err *err);

/* SG_OK means that the signature holds and nothing else does. SG_E_SIGNATURE
 * ("signature") when not, SG_E_ALG when key and algorithm do not fit. */
SG_RC
sg_sign_verify(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice data,
    struct sg_slice sig, struct sg_err *err);

/* The signature holds over one of two texts. With an RSA key that is one operation, whichever it
 * is, and if it is neither. */
SG_RC
sg_sign_verify_either(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice one,
    struct sg_slice other, struct sg_slice sig, struct sg_err *err);

/* sg_sign_verify for a signature that was just made here, cheaper when the key was told to expect
 * many (sg_key_expect_many). */
SG_RC
sg_sign_check(const struct sg_key *key, struct sg_sigalg alg, struct sg_slice data,
    struct sg_slice sig, struct sg_err *err);
