/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/text.h - names, times and paths as messages of the client say them
 *
 * Each text is lent by the buffer that it is written to, which the caller clears.
 * Threads: no shared state.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/digest.h"

/* "(empty)" for a name without attributes. */
const char *
sg_enroll_name_text(struct sg_buf *b, struct sg_slice name);
/* "2026-11-20T13:44:00Z", "-" for 0. */
const char *
sg_enroll_time_text(struct sg_buf *b, int64_t at);
/* Outside text (a path, a value) made printable, cut at 1008 bytes. */
const char *
sg_enroll_shown(struct sg_buf *b, const char *s);
/* The first line with a letter or digit of a text, in a web page without its tags, printable and
 * cut at 120 bytes; "" when there is none or it is no text. */
const char *
sg_enroll_first_line(struct sg_buf *b, struct sg_slice text, bool html);
/* SHA-256 in lower-case hexadecimal. */
SG_RC
sg_enroll_fingerprint(struct sg_slice der, char ret[2 * SG_SHA256_LEN + 1], struct sg_err *err);
