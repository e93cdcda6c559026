/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/text.h - times and outside text as a command prints them
 *
 * Threads: none; what is returned lives until the fourth call after it.
 */

#include <stdint.h>

/* "2026-11-20T13:44:00Z", "-" for 0. */
const char *
cli_time(int64_t at);
/* Outside text made printable. */
const char *
cli_show(const char *s);
