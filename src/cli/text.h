/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/text.h - times and outside text as a command prints them
 *
 * Threads: none; what is returned lives until the fourth call after it.
 */

#include <stdint.h>

#include "base/slice.h"
#include "json/schema.h"

/* "2026-11-20T13:44:00Z", "-" for 0. */
const char *
cli_time(int64_t at);
/* The same of microseconds, as answers have them. */
const char *
cli_time_us(int64_t at);
/* The word of a value; "unknown" where another version of Signet answered with one of its own. */
const char *
cli_word(const struct sg_json_word *words, int value);
/* Outside text made printable. */
const char *
cli_show(const char *s);
const char *
cli_show_slice(struct sg_slice s);
/* A text of ours, in which what is from outside was made printable already. */
const char *
cli_show_line(struct sg_slice s);
