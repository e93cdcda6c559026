/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/random.h - random bytes
 */

#include <stddef.h>

#include "base/err.h"

/* From the operating system's generator through OpenSSL's; never falls back. */
SG_RC
sg_random(void *out, size_t len, struct sg_err *err);
