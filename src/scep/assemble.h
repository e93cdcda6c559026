/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/assemble.h - putting a SignedData together, for answers and requests; private to
 * scep/
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "scep/certrep.h"

/* The attributes that every message has: contentType data, messageDigest, and signingTime
 * unless 0. */
void
sg_attrs_put_cms(struct sg_buf *b, struct sg_slice digest, int64_t signing_time);

/* SG_E_INTERNAL ("certrep.parts") when a part is missing or attrs is no SET. */
SG_RC
sg_signed_assemble(struct sg_buf *b, const struct sg_certrep_parts *parts, struct sg_err *err);
