/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json/scan_private.h - a text of JSON looked at before and after jansson reads it
 *
 * Security: input is hostile. One pass each, no memory but the path.
 */

#include "base/err.h"
#include "base/slice.h"
#include "json/path_private.h"
#include "json/read.h"

/* Which bound a text breaks, if any; *ret_at is where. SG_E_LIMIT ("json.size": bytes, or values;
 * "json.depth"). Nothing is said of its syntax. */
SG_RC
sg_json_scan(
    struct sg_slice text, const struct sg_json_limits *limits, size_t *ret_at, struct sg_err *err);

/* The member in which the byte at position `at` is, or the last before it. */
void
sg_json_scan_path(struct sg_slice text, size_t at, struct sg_json_path *ret);
