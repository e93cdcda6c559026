/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/name_text.h - distinguished names as people write them
 *
 * Written: "C=FI, O=Test, CN=dev1": RDNs in the order of the encoding, '+' joins the attributes of
 * one, '\' escapes , + " \ < > ; and spaces at the ends, \HH is a byte of UTF-8 (RFC 4514, but in
 * the order of the encoding). Types without a name in asn1/oid.h as dotted decimal.
 *
 * Read: that, and what people have written elsewhere:
 *  - ';' for ',' (RFC 2253 4), a quoted value: O="Test, Inc." ("" is a quote in it, as Windows
 *    writes it), spaces and line ends around '=', ',' and '+', "subject=" before it;
 *  - '#' and the DER of a string in hexadecimal (RFC 4514 2.4);
 *  - OpenSSL's form, told by a '/' at the beginning: /C=FI/O=Test, Inc./CN=dev1, where '/' and '+'
 *    divide and \/ \+ \\ \" stand for themselves. Elsewhere a '/' is a character;
 *  - types in any case: the names of X.520 in full, CN O OU C ST S L STREET DC UID E EMAIL GN G T I
 *    DNQ, 2.5.4.3 and OID.2.5.4.3. SN is refused: surname to OpenSSL and LDAP, serialNumber to
 *    others.
 *  - \xHH as well for a byte of UTF-8.
 * "CN=a O=b", "CN=a/O=b" and "/CN=a, O=b" are refused, with O or the name of another type: a comma
 * is missing, or the '=' is written "\=".
 */

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* DER of a Name from its text form, appended; string types as in sg_name_reencode, nothing asked.
 * Empty text is the empty Name. SG_E_MALFORMED ("name.text") says at which character, what was
 * wanted and found, and what to do; and what sg_name_check says. */
SG_RC
sg_name_from_text(struct sg_slice text, struct sg_buf *out, struct sg_err *err);
/* The text form, escaped for people (control characters as \HH), which sg_name_from_text
 * reads back; "(broken name)" when it cannot be written. */
void
sg_name_put_text(struct sg_buf *b, struct sg_slice name);
