/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/ct.h - masks instead of branches, for values that must not show in time
 *
 * Security: the empty assembler statement makes a value opaque, so that the compiler can
 * neither turn a mask back into a branch nor leave a loop early. All masks are 0 or all
 * ones.
 */

#include <stdint.h>

static inline uint32_t
sg_ct_hide(uint32_t v)
{
	__asm__ volatile("" : "+r"(v));
	return v;
}

/* All ones when v is 0. */
static inline uint32_t
sg_ct_is_zero(uint32_t v)
{
	v = sg_ct_hide(v);
	return sg_ct_hide(0u - ((~v & (v - 1u)) >> 31));
}

/* All ones when a < b; both below 2^31. */
static inline uint32_t
sg_ct_less(uint32_t a, uint32_t b)
{
	return sg_ct_hide(0u - ((sg_ct_hide(a) - sg_ct_hide(b)) >> 31));
}

/* a where the mask is ones, b where it is 0. */
static inline uint8_t
sg_ct_select(uint32_t mask, uint8_t a, uint8_t b)
{
	mask = sg_ct_hide(mask);
	return (uint8_t)((a & mask) | (b & ~mask));
}
