/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/fixed_private.h - tables for one P-256 public key that checks many signatures; for
 * src/crypto only
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct sg_fixed;

/* point is 04 || X || Y, on the curve. NULL when there can be no tables (no memory, or an
 * OpenSSL that makes none): the caller does without. Takes 26 ms and 160 kB. */
struct sg_fixed *
sg_fixed_new(struct sg_slice point);
/*
 * True means that sig (DER Ecdsa-Sig-Value) is a signature over this hash: SEC 1 4.1.4.
 * False means "not known to be": a wrong signature, or no memory; EVP has the last word.
 * Threads: any number at once.
 */
bool
sg_fixed_holds(const struct sg_fixed *fixed, struct sg_slice sig, struct sg_slice hash);
void
sg_fixed_free(struct sg_fixed *fixed);
