/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/hex.h - hexadecimal
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* What a digit stands for, in either case; -1 when it is none. */
int
sg_hex_digit(uint8_t c);
/* Lower-case hexadecimal. */
void
sg_hex_put(struct sg_buf *b, struct sg_slice s);
/* Exactly hex digits, an even number of them; ':' between bytes is allowed. */
SG_RC
sg_hex_parse(struct sg_slice text, struct sg_buf *out, struct sg_err *err);
