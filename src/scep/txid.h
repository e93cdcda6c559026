/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/txid.h - the transactionID (RFC 8894 3.2.1.1)
 */

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"

/* A transactionID as RFC 8894 3.2.1.1 and the field have it: PrintableString or UTF8String
 * (the tag), 1 to SG_TXID_MAX bytes without NUL, otherwise opaque: escaped where it is shown. */
bool
sg_scep_txid_ok(unsigned tag, struct sg_slice txid);
/* A transactionID: the lower-case hexadecimal SHA-256 of the public key, 64 characters. */
SG_RC
sg_scep_txid_from_key(const struct sg_key *key, char ret[65], struct sg_err *err);
