/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/serial_key.h - under what a certificate is stored: its serial number as a key
 *
 * The number without leading zeros, which is what RFC 5280 has and what we issue. Other CAs wrote
 * negative numbers and superfluous octets; these keep their INTEGER's contents, after a zero that
 * tells them apart, so that a list of revoked certificates names them byte for byte.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

/* Of an INTEGER's contents; borrows from them or from store. */
struct sg_slice
sg_serial_key(struct sg_slice contents, uint8_t store[SG_SERIAL_MAX + 1]);
/* The INTEGER of a key, as it was in the certificate. */
void
sg_serial_key_put_integer(struct sg_buf *b, struct sg_slice key);
/* As openssl x509 -serial prints it, but in lower case: "0a1b", "-0a1b" for a negative one. */
void
sg_serial_key_put_text(struct sg_buf *b, struct sg_slice key);
/* The key of a number as above, or with ':' between bytes; appended to out. SG_E_MALFORMED. */
SG_RC
sg_serial_key_from_text(struct sg_slice text, struct sg_buf *out, struct sg_err *err);
/* The next key of the same number with an octet more, in place: for those with superfluous ones. */
void
sg_serial_key_widen(struct sg_buf *key);
