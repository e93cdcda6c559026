/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/pem.h - PEM
 */

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* The first PEM block with this label ("CERTIFICATE"); *pos moves past it, so that
 * calling again finds the next one. SG_E_NOTFOUND when there is none. */
SG_RC
sg_pem_next(
    struct sg_slice text, const char *label, size_t *pos, struct sg_buf *out, struct sg_err *err);
void
sg_pem_put(struct sg_buf *b, const char *label, struct sg_slice der);
