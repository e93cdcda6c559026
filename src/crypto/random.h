/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/random.h - random bytes
 *
 * OpenSSL's generator, seeded by the operating system. What it gives is drawn in blocks, because
 * each of its calls asks the kernel whether there was a fork.
 *
 * Security: no two callers get the same byte, in whichever thread or child of fork() they are;
 *           what is given is wiped from the block at once. The block tells no more than the
 *           generator's own state, which is in the same memory: both are in no core dump of a
 *           role, and the block is in none at all.
 * Threads:  any. Not between fork() and exec() of a process with several threads, as for all
 *           that takes a lock.
 */

#include <stddef.h>

#include "base/err.h"

/* Never falls back to anything else: SG_E_CRYPTO when the generator fails. */
SG_RC
sg_random(void *out, size_t len, struct sg_err *err);
