/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * explain/json.h - writing JSON: enough for event and trace output, no reader
 */

#include "base/buf.h"
#include "base/slice.h"

/* A string in quotes. Well-formed UTF-8 passes, controls, '"' and '\' are escaped, bytes
 * that are not UTF-8 become U+FFFD one by one. */
void
sg_json_put_string(struct sg_buf *b, struct sg_slice s);
/* "name":"value" with a comma before it unless the buffer ends in '{' or '['. */
void
sg_json_put_field(struct sg_buf *b, const char *name, const char *value);
void
sg_json_put_int(struct sg_buf *b, const char *name, long long value);
