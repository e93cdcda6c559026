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
 * The challenge of a request as the UTF-8 bytes that are compared or hashed, appended to
 * out: any DirectoryString or IA5String; one trailing NUL, then surrounding spaces go.
 * An empty or blank one counts as absent (clients of renewals send those).
 * SG_E_DENIED "challenge.missing"; SG_E_MALFORMED "challenge.string", "challenge.nul";
 * SG_E_LIMIT "challenge.length" (1..SG_CHALLENGE_MAX bytes); and what sg_csr_parse found wrong
 * with it.
 */
SG_RC
sg_challenge_of(const struct sg_csr *csr, struct sg_buf *out, struct sg_err *err);

/* The same rules for text from an administrator or a file (a line feed at the end, as
 * editors leave it, goes too). */
SG_RC
sg_challenge_normalize(struct sg_slice utf8, struct sg_buf *out, struct sg_err *err);
