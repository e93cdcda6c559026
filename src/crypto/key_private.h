/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/key_private.h - what a key is made of, for the files of src/crypto only
 *
 * Each key keeps at most one idle EVP_PKEY_CTX per operation, prepared for it: setting one
 * up costs 3 us, a sixth of an RSA-2048 verification. A user takes it out of its slot and
 * puts it back, both atomically; a second user at the same time makes a new one.
 */

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>

#include "asn1/spki.h"
#include "base/buf.h"
#include "base/slice.h"
#include "crypto/fixed_private.h"
#include "crypto/key.h"

/* Slots of idle contexts; for signatures one per hash (PSS is never kept). */
enum sg_key_op {
	SG_KEY_OP_SIGN = 0,
	SG_KEY_OP_VERIFY = SG_HASH_SHA512 + 1,
	SG_KEY_OP_DECRYPT = 2 * (SG_HASH_SHA512 + 1),
	SG_KEY_OP_COUNT,
};

struct sg_key {
	enum sg_keytype type;
	unsigned bits;
	size_t len; /* bytes of the modulus or of a coordinate */
	bool is_private;
	EVP_PKEY *pkey;
	struct sg_buf spki;	 /* DER SubjectPublicKeyInfo, ours */
	struct sg_slice modulus; /* RSA: the len bytes in spki */
	EVP_PKEY_CTX *idle[SG_KEY_OP_COUNT];
	struct sg_fixed *fixed; /* after sg_key_expect_many, or NULL */
};

/* A context in the state in which sg_key_ctx_put left it, or NULL. */
EVP_PKEY_CTX *
sg_key_ctx_take(const struct sg_key *key, unsigned slot);
/* Takes the context over. Only after a success: a failure may leave it in any state. */
void
sg_key_ctx_put(const struct sg_key *key, unsigned slot, EVP_PKEY_CTX *ctx);

#define SG_KEY_COORD_MAX 66u /* bytes of a P-521 coordinate */

/* The numbers of a public key; borrowed. */
struct sg_key_numbers {
	const struct sg_spki_curve *curve; /* NULL: RSA */
	struct sg_slice n, e;		   /* RSA: magnitudes without leading zero */
	struct sg_slice point;		   /* EC: 04 || X || Y */
	struct sg_slice spki;		   /* as we write it ourselves; empty: not at hand */
};

/* SG_OK when size and shape are what we accept (not yet: that the point is on the curve). */
SG_RC
sg_key_check_numbers(const struct sg_key_numbers *num, struct sg_err *err);
/* A key object around pkey, which is taken over on success and NULL then. */
SG_RC
sg_key_wrap(const struct sg_key_numbers *num, EVP_PKEY **pkey, bool is_private, struct sg_key **ret,
    struct sg_err *err);
