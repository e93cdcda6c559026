/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/str.h - hexadecimal, base64, numbers, and making outside text printable
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* Lower-case hexadecimal. */
void
sg_hex(struct sg_buf *b, struct sg_slice s);
/* Exactly hex digits, an even number of them; ':' between bytes is allowed. */
SG_RC
sg_unhex(struct sg_slice text, struct sg_buf *out, struct sg_err *err);

/* RFC 4648 section 4 with padding, no line feeds. */
void
sg_base64(struct sg_buf *b, struct sg_slice s);
/* Strict RFC 4648 section 4; with wrapped, CR, LF and spaces between are skipped (PEM). */
SG_RC
sg_unbase64(struct sg_slice text, bool wrapped, struct sg_buf *out, struct sg_err *err);

/* The first PEM block with this label ("CERTIFICATE"); *pos moves behind it, so that
 * calling again finds the next one. SG_E_NOTFOUND when there is none. */
SG_RC
sg_pem_next(
    struct sg_slice text, const char *label, size_t *pos, struct sg_buf *out, struct sg_err *err);
void
sg_pem(struct sg_buf *b, const char *label, struct sg_slice der);

/* A decimal number without sign, space or leading zero; SG_E_MALFORMED ("number") or
 * SG_E_LIMIT when above max. */
SG_RC
sg_parse_u64(struct sg_slice text, uint64_t max, uint64_t *ret, struct sg_err *err);

/*
 * Append outside text so that it can go to a terminal or a log: printable ASCII and
 * well-formed printable UTF-8 stay, everything else (controls, escapes, bidirectional
 * marks, broken UTF-8, '"' and '\\') becomes \xNN. Cut with "..." past max bytes.
 */
void
sg_escape(struct sg_buf *b, struct sg_slice s, size_t max);
/* The same for a whole line that has escaped text in it: '"' and '\\' stay. */
void
sg_escape_line(struct sg_buf *b, struct sg_slice s, size_t max);

/* Well-formed UTF-8 without NUL, surrogates or overlong forms. */
bool
sg_is_utf8(struct sg_slice s);
/* PrintableString's alphabet (X.680 41.4). */
bool
sg_is_printable(struct sg_slice s);
