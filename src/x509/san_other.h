/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/san_other.h - otherName of RFC 5280 4.2.1.6: a type, and one value of any kind
 *
 * A struct sg_san of type SG_SAN_OTHERNAME has the contents of the OtherName as they stand. A
 * certificate gets them byte by byte: nobody here knows what the type means, so they are judged by
 * their encoding alone.
 */

#include "asn1/der.h"
#include "x509/san.h"

struct sg_san_other {
	struct sg_slice type; /* OID contents */
	struct sg_tlv value;
};

/* What is left of d must be the contents of an OtherName; "der", "der.oid". */
struct sg_san_other
sg_san_other_read(struct sg_der *d);
/* Is the value DER down to its leaves, at most 8 deep, and its strings well-formed and without
 * control characters? False, too, for contents that are no OtherName. */
bool
sg_san_other_is_sound(struct sg_slice contents);

/*
 * "1.2.3:text", a UTF8String, or "1.2.3:#0c0161", any value as the hexadecimal of its DER, to
 * contents, appended to out. userPrincipalName is refused: it has a kind of its own.
 * SG_E_MALFORMED ("san.text"), and what sg_oid_from_dotted says.
 */
SG_RC
sg_san_other_from_text(struct sg_slice text, struct sg_buf *out, struct sg_err *err);
/* The same the other way round: as text where it is text that can be read back. */
void
sg_san_other_put_text(struct sg_buf *b, struct sg_slice contents);
