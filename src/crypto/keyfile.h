/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/keyfile.h - private keys of ours: made, read from PEM, written as PEM
 *
 * Apart from key.h because what reads keys of strangers never needs it: here OpenSSL's decoders
 * run, over files that belong to us.
 */

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"

/* bits counts for RSA only. */
SG_RC
sg_key_generate(enum sg_keytype type, unsigned bits, struct sg_key **ret, struct sg_err *err);
/* An unencrypted private key of ours, PEM (PKCS#8, PKCS#1, SEC1); its halves are checked to
 * fit. SG_E_MALFORMED ("key.pem", "key.encrypted", "key.decode", "key.pair") and as above. */
SG_RC
sg_key_from_pem(struct sg_slice pem, struct sg_key **ret, struct sg_err *err);
/* PKCS#8 PEM; out is wiped by its owner. SG_E_INTERNAL for a public key. */
SG_RC
sg_key_put_pem(const struct sg_key *key, struct sg_buf *out, struct sg_err *err);
