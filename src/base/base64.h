/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/base64.h - base64, strict
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* RFC 4648 section 4 with padding, no line feeds. */
void
sg_base64_put(struct sg_buf *b, struct sg_slice s);
/* Strict RFC 4648 section 4; with wrapped, CR, LF and spaces between are skipped (PEM). */
SG_RC
sg_base64_parse(struct sg_slice text, bool wrapped, struct sg_buf *out, struct sg_err *err);
