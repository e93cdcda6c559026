/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/name_text.h - distinguished names as people write them
 *
 * Text form: "C=FI, O=Test, CN=dev1": RDNs in the order of the encoding, '+' joins the
 * attributes of one, '\' escapes , + " \ < > ; = # and spaces at the ends, \HH is a byte of
 * UTF-8 (RFC 4514, but in the order of the encoding). Unknown types as dotted decimal.
 */

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* DER of a Name from its text form, appended; string types as in sg_name_reencode. Empty
 * text is the empty Name. SG_E_MALFORMED ("name.text") says at which character, and what
 * sg_name_check says. */
SG_RC
sg_name_from_text(struct sg_slice text, struct sg_buf *out, struct sg_err *err);
/* The text form, escaped for people (control characters as \HH), which sg_name_from_text
 * reads back; "(broken name)" when it cannot be written. */
void
sg_name_put_text(struct sg_buf *b, struct sg_slice name);
