/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/filter_private.h - what a filter of a list asks the database for, private to src/store
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "store/verbs.h"

/* What a filter asks for: a LIKE pattern that finds part of a text (escape character '!'),
 * and the first and last trace with a prefix. */
void
sg_store_like_pattern(struct sg_slice part, struct sg_buf *out);
SG_RC
sg_store_trace_range(struct sg_slice prefix, uint8_t ret_first[SG_STORE_TRACE_LEN],
    uint8_t ret_last[SG_STORE_TRACE_LEN], struct sg_err *err);
