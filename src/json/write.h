/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json/write.h - JSON written by a schema, compact
 *
 * Text that is not well-formed UTF-8, or has a NUL, is escaped (base/escape.h): what came from
 * outside stays readable and the answer stays JSON. What a terminal would obey is \uXXXX. Bounds
 * are the reader's. Failures stay in the buffer (sg_buf_check). Threads: no shared state.
 */

#include "base/buf.h"
#include "base/slice.h"
#include "json/schema.h"

/* Append an object. A value of an enumeration without a word, a time without a year, and a number
 * that is beyond SG_JSON_INT_MAX are failures of the buffer (SG_E_INTERNAL). */
void
sg_json_put(struct sg_buf *b, const struct sg_json_schema *schema, const void *value);
/* Append the value of one member of the struct as a text, as sg_json_read_text reads it. Kinds
 * object, list and texts are a failure of the buffer. */
void
sg_json_put_text(struct sg_buf *b, const struct sg_json_member *member, const void *value);
/* Append a string with its quotes. */
void
sg_json_put_string(struct sg_buf *b, struct sg_slice text);
/* Append "2026-11-28T12:00:00Z", and six decimals where it has a fraction of a second. Years 1 to
 * 9999; others are a failure of the buffer. */
void
sg_json_put_time(struct sg_buf *b, int64_t us);
/* Append a text of JSON, such as sg_json_put wrote, for people: a member or item a line, two spaces
 * a level, a line feed at the end. A string keeps its value:
 * in it, what a terminal would obey is escaped, whoever wrote the text. */
void
sg_json_put_indented(struct sg_buf *b, struct sg_slice text);
