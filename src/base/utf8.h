/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/utf8.h - UTF-8
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Length of the well-formed UTF-8 sequence at p (1..4), of at least one byte, its code point in
 * *ret; 0 if there is none within left bytes. */
size_t
sg_utf8_next(const uint8_t *p, size_t left, uint32_t *ret);
/* Well-formed UTF-8 without NUL, surrogates or overlong forms. */
bool
sg_utf8_is_valid(struct sg_slice s);
