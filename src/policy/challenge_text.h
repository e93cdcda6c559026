/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/challenge_text.h - the text of one-time and static challenges
 *
 * Security: a challenge is a secret: it goes into buffers that are wiped, is compared
 * with sg_ct_equal or looked up as a keyed hash by the caller, and never reaches a text.
 */

#include "base/buf.h"
#include "base/err.h"
#include "x509/csr.h"

/* 160 random bits as 8 groups of 4 characters, "-" between them: nothing that looks like
 * something else (no i, l, o, u), nothing outside PrintableString, nothing to quote. */
#define SG_CHALLENGE_RANDOM_LEN 20u
#define SG_CHALLENGE_TEXT_LEN 39u
void
sg_challenge_make(
    const uint8_t random[SG_CHALLENGE_RANDOM_LEN], char ret[SG_CHALLENGE_TEXT_LEN + 1]);

/*
 * The text of a challenge as the bytes that are compared or hashed, appended to out: one rule for
 * what a device sends, what stands in a file of an endpoint or of our client, and what is typed.
 * What may have come around a secret goes: one NUL at the end, then spaces, tabs and line ends at
 * both ends; and U+FEFF at the beginning, which editors write into files. Nothing inside changes,
 * and no other character is white space here.
 * SG_E_DENIED "challenge.missing" (nothing is left: clients of renewals send blank ones);
 * SG_E_MALFORMED "challenge.nul"; SG_E_LIMIT "challenge.length" (1..SG_CHALLENGE_MAX bytes).
 */
SG_RC
sg_challenge_normalize(struct sg_slice utf8, struct sg_buf *out, struct sg_err *err);

/* The same of the challenge of a request, in any DirectoryString or IA5String; without one
 * "challenge.missing". SG_E_MALFORMED "challenge.string" as well, and what sg_csr_parse found wrong
 * with it. */
SG_RC
sg_challenge_of(const struct sg_csr *csr, struct sg_buf *out, struct sg_err *err);
