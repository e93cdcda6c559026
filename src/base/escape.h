/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/escape.h - making outside text printable
 */

#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"

/*
 * Append outside text so that it can go to a terminal or a log: printable ASCII and
 * well-formed printable UTF-8 stay, everything else (controls, escapes, bidirectional
 * marks, broken UTF-8, and '\\' itself) becomes \xNN. A '"' stays: it does nothing to either, and
 * who writes JSON escapes for that. Cut with "..." past max bytes.
 */
void
sg_escape_put(struct sg_buf *b, struct sg_slice s, size_t max);
/* The same for a whole line that has escaped text in it: '\\' stays. */
void
sg_escape_put_line(struct sg_buf *b, struct sg_slice s, size_t max);
