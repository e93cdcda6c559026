/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/key.h - public and private keys
 *
 * Public keys are made straight from their numbers (EVP_PKEY_fromdata), never by
 * OpenSSL's eager decoders. RSA 2048..8192 bits, odd exponent >= 3; EC on P-256, P-384
 * and P-521 as named curves only, the point checked to be on the curve.
 * Ownership: opaque objects, released with sg_key_free.  Threads: a key may be used by
 * several threads at once.
 */

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct sg_key;

/* From a DER SubjectPublicKeyInfo. SG_E_MALFORMED ("der", "key.modulus", "key.exponent",
 * "key.point"), SG_E_LIMIT ("key.size", "key.exponent"), SG_E_ALG ("key.type", "key.curve"). */
SG_RC
sg_key_from_spki(struct sg_slice spki, struct sg_key **ret, struct sg_err *err);
/* Append the one form in which we certify a key: some write an RSA key without the NULL of its
 * parameters (RFC 3279 2.3.1), everything else has one form in DER. No arithmetic: whether the
 * point is on its curve, sg_key_from_spki says. Refuses as above. */
SG_RC
sg_key_canonical_spki(struct sg_slice spki, struct sg_buf *out, struct sg_err *err);
/* The bounds of a key that a stranger chose, read without any arithmetic: as above, and SG_E_LIMIT
 * ("key.cost") for RSA over 4096 bits or with an exponent over 32 bits. */
SG_RC
sg_key_check_stranger(struct sg_slice spki, enum sg_keytype *ret_type, struct sg_err *err);
/* The key, within these bounds. */
SG_RC
sg_key_from_stranger(struct sg_slice spki, struct sg_key **ret, struct sg_err *err);
/* DER SubjectPublicKeyInfo. */
SG_RC
sg_key_put_spki(const struct sg_key *key, struct sg_buf *out, struct sg_err *err);
enum sg_keytype
sg_key_type(const struct sg_key *key);
unsigned
sg_key_bits(const struct sg_key *key);
/* SG_OK only when both have the same public part; SG_E_DENIED ("key.match") otherwise. */
SG_RC
sg_key_same_public(const struct sg_key *a, const struct sg_key *b, struct sg_err *err);
/* This public key will check many signatures (sg_sign_check): P-256 gets tables for it. Not
 * while others use the key. Without memory for them it is merely slower. */
void
sg_key_expect_many(struct sg_key *key);
void
sg_key_free(struct sg_key **keyp);

/* The signature algorithm that this key makes by default with this hash: PKCS#1 v1.5 or
 * ECDSA. */
struct sg_sigalg
sg_key_sigalg(const struct sg_key *key, enum sg_hash hash);
