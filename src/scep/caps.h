/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/caps.h - GetCACaps (RFC 8894 3.5.2)
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

enum sg_scep_cap {
	SG_CAP_AES = 1u << 0,
	SG_CAP_DES3 = 1u << 1,
	SG_CAP_NEXT_CA = 1u << 2,
	SG_CAP_POST = 1u << 3,
	SG_CAP_RENEWAL = 1u << 4,
	SG_CAP_SHA1 = 1u << 5,
	SG_CAP_SHA256 = 1u << 6,
	SG_CAP_SHA384 = 1u << 7, /* not of the RFC; strongSwan 5.9.8 sees AES only with it */
	SG_CAP_SHA512 = 1u << 8,
	SG_CAP_STANDARD = 1u << 9,
};

/* What an endpoint says of itself when its options take nothing away. */
#define SG_CAPS_DEFAULT                                                                            \
	(SG_CAP_AES | SG_CAP_POST | SG_CAP_RENEWAL | SG_CAP_STANDARD | SG_CAP_SHA256 |             \
	    SG_CAP_SHA384 | SG_CAP_SHA512)

/* One keyword a line in the exact letter case, LF, every item by itself as well as
 * SCEPStandard: some clients do not know what it implies. */
void
sg_scep_caps_put(struct sg_buf *b, uint32_t caps);

/* What a server said: split at white space, letter case ignored, unknown words (HTML
 * pages too) skipped. SCEPStandard adds what it implies: AES, POST, SHA-256. */
uint32_t
sg_scep_caps_parse(struct sg_slice text);
