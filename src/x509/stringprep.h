/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/stringprep.h - the text of two names compared as RFC 5280 7.1 and RFC 4518 say
 *
 * Both are prepared, then compared character by character:
 *  1. Characters that show nothing (soft hyphen, joiners, zero width space, variation selectors
 *     ...: RFC 4518 2.2) go, separators of words become the space.
 *  2. Letter case is folded, and the text normalized: NFKC, over NFD as Unicode 3.13 has it.
 *  3. Runs of spaces are one, none at the ends (RFC 4518 2.6.1); a space that carries a combining
 *     mark is a character.
 * Two deviations, both to the strict side: control characters (sg_chars_is_control) are not mapped
 * to nothing or to the space, and what RFC 4518 prohibits does not end the comparison. Such
 * characters, unassigned and private ones among them, count as they stand.
 *
 * Limits: a text of more than SG_STRINGPREP_MAX bytes of UTF-8, of more characters when prepared,
 * or with more than SG_STRINGPREP_MARKS_MAX combining marks in a row is equal only to the same
 * characters. So the relation stays an equivalence, and what a stranger can make it cost is linear
 * in the text. Nothing is allocated.
 */

#include <stdbool.h>

#include "x509/chars.h"

#define SG_STRINGPREP_MAX 1024u
#define SG_STRINGPREP_MARKS_MAX 30u /* as in the stream-safe text of Unicode (UAX 15) */

enum sg_stringprep_case {
	SG_STRINGPREP_CASE_IGNORE, /* caseIgnoreMatch (RFC 4517 4.2.11) */
	SG_STRINGPREP_CASE_EXACT,  /* caseExactMatch (4.2.4) */
};

/* Are the texts the same name? False when one is not an encoding of its string type. */
bool
sg_stringprep_equal(struct sg_chars a, struct sg_chars b, enum sg_stringprep_case how);
/* The same for ASCII alone: the case of its letters is ignored and U+0020 folded, every other
 * character counts as it stands, whatever the length. */
bool
sg_stringprep_equal_ascii(struct sg_chars a, struct sg_chars b, enum sg_stringprep_case how);
