/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fuzz.h - what every fuzz target has: the function that is called with an input, from any bytes,
 * and a way to say what must hold of the outcome. NDEBUG does not turn it off.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static inline void
require(bool ok)
{
	if (!ok)
		abort();
}
