/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue/signing_private.h - the two halves of signing, private to src/issue
 */

#include "base/buf.h"
#include "base/err.h"
#include "crypto/key.h"

/* tbs completed with a signature that cannot verify, appended to out (sticky failure). */
void
sg_issue_placeholder(
    struct sg_buf *out, struct sg_slice tbs, struct sg_sigalg alg, unsigned key_bits);
/* Sign with key, verify with pub, append the complete structure. */
SG_RC
sg_issue_sign_with(const struct sg_key *key, const struct sg_key *pub, struct sg_sigalg alg,
    struct sg_slice tbs, struct sg_buf *out, struct sg_err *err);
