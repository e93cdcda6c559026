/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/init.h - the start of crypto/ in a process
 */

#include "base/err.h"

/* Fetches the algorithms once (digests, ciphers, provider), so that nothing is looked up by name
 * later. Idempotent, thread-safe; every function of crypto/ calls it, roles call it before they
 * enter the sandbox. */
SG_RC
sg_crypto_init(struct sg_err *err);
