/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/hex.h - hexadecimal
 */

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* Lower-case hexadecimal. */
void
sg_hex_put(struct sg_buf *b, struct sg_slice s);
/* Exactly hex digits, an even number of them; ':' between bytes is allowed. */
SG_RC
sg_hex_parse(struct sg_slice text, struct sg_buf *out, struct sg_err *err);
