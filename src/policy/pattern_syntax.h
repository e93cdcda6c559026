/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/pattern_syntax.h - how patterns of subjects and alternative names are written
 *
 * Asked by conf, which says the line of a mistake, and by policy/pattern before it reads a pattern.
 * What a pattern means, and what it matches, is said there.
 */

#include <stdbool.h>

#include "base/slice.h"
#include "x509/san.h"

/* Syntax of one subject or SAN pattern: NULL when it is well-formed, else what is wrong. Whether a
 * name can be as it says (types, lengths, hosts) is not asked here. */
const char *
sg_pattern_subject_wrong(struct sg_slice pattern);
const char *
sg_pattern_san_wrong(struct sg_slice pattern);
/*
 * Does the pattern leave a name that identifies somebody to the requester? Or is it not
 * well-formed? What fixes a part of a CN is one letter or digit of ASCII, or another character that
 * shows (see sg_bounds_is_blank), written without '\' and outside the braces.
 */
bool
sg_pattern_subject_is_free(struct sg_slice pattern);
bool
sg_pattern_san_is_free(struct sg_slice pattern);
/* The kind of a pattern, 0 when unknown. */
enum sg_san_type
sg_pattern_san_kind(struct sg_slice pattern);
