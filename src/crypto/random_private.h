/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/random_private.h - the start of the generator, for sg_crypto_init()
 */

#include <stdbool.h>

/* Once, after sg_ossl.ctx exists: seeds the generator while the process may still do what that
 * needs. False: it gives nothing. */
bool
sg_random_begin(void);
