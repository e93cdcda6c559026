/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/ascii.h - characters of ASCII, whatever the locale
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* PrintableString's alphabet (X.680 41.4). */
bool
sg_ascii_is_printable(struct sg_slice s);
