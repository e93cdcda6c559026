/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/ascii.h - characters of ASCII, whatever the locale
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Characters and code points alike: none above 127 is a letter or a digit, or changes. */
static inline uint32_t
sg_ascii_lower(uint32_t c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static inline bool
sg_ascii_is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool
sg_ascii_is_letter(uint32_t c)
{
	return sg_ascii_lower(c) >= 'a' && sg_ascii_lower(c) <= 'z';
}

static inline bool
sg_ascii_is_alnum(uint32_t c)
{
	return sg_ascii_is_letter(c) || sg_ascii_is_digit(c);
}

/* Equal but for the case of letters. */
bool
sg_ascii_same(struct sg_slice a, struct sg_slice b);
/* a is this word, but for the case of letters. */
bool
sg_ascii_is(struct sg_slice a, const char *word);
/* a begins with this word, but for the case of letters. */
bool
sg_ascii_starts(struct sg_slice a, const char *word);
/* PrintableString's alphabet (X.680 41.4). */
bool
sg_ascii_is_printable(struct sg_slice s);
