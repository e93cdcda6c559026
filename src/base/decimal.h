/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/decimal.h - decimal numbers
 */

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/* A decimal number without sign, space or leading zero; SG_E_MALFORMED ("number") or
 * SG_E_LIMIT when above max. */
SG_RC
sg_decimal_parse(struct sg_slice text, uint64_t max, uint64_t *ret, struct sg_err *err);
