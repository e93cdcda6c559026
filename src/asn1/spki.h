/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * asn1/spki.h - SubjectPublicKeyInfo (RFC 5280 4.1.2.7) and what it holds, as it stands
 *
 * Shape only: which keys are good enough is judged by crypto/key.h for keys that are used, by
 * policy/request.h for keys that are certified.
 */

#include <stddef.h>

#include "asn1/der.h"
#include "base/alg.h"

/* Slices borrow. */
struct sg_spki {
	struct sg_slice alg; /* OID */
	struct sg_slice
	    params;	      /* what stands after it in the AlgorithmIdentifier: not looked into */
	struct sg_slice bits; /* of subjectPublicKey */
};

/* What is left of d must be one SubjectPublicKeyInfo. */
struct sg_spki
sg_spki_read(struct sg_der *d);

/* RSAPublicKey (RFC 8017 A.1.1), magnitudes of any length. */
struct sg_spki_rsa {
	struct sg_slice n, e;
};
/* What is left of d, the bits of an RSA key, must be one. */
struct sg_spki_rsa
sg_spki_rsa_read(struct sg_der *d);
/* Of a magnitude. */
unsigned
sg_spki_bits(struct sg_slice magnitude);

/* The curves that are in use here. */
struct sg_spki_curve {
	enum sg_keytype type;
	unsigned bits;
	const char *names[2]; /* NIST's and the one that OpenSSL uses */
	const struct sg_slice *oid;
};
/* NULL for one that we do not take. */
const struct sg_spki_curve *
sg_spki_curve_find(struct sg_slice oid);
/* By one of its names. */
const struct sg_spki_curve *
sg_spki_curve_named(const char *name);
/* The length of an uncompressed point: 04 || X || Y. */
size_t
sg_spki_point_len(const struct sg_spki_curve *curve);
