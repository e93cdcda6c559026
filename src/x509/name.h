/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/name.h - distinguished names (RFC 5280 4.1.2.4, 7.1)
 *
 * Text form: "C=FI, O=Test, CN=dev1": RDNs in the order of the encoding, '+' joins the
 * attributes of one, '\' escapes , + " \ < > ; = # and spaces at the ends, \HH is a byte of
 * UTF-8 (RFC 4514, but in the order of the encoding). Unknown types as dotted decimal.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Check a DER Name: shape (sg_name_check_shape) and values. Each value is of a string type,
 * at most SG_NAME_VALUE_MAX bytes, decodes to characters and has no NUL and no control
 * characters (escape sequences, U+0080..9F, line separators and bidirectional controls among
 * them). Empty values and long ones pass: what a name may be that we certify says x509/bounds.h.
 * SG_E_MALFORMED ("name.value.type", "name.value.encoding", "name.value.control"), SG_E_LIMIT
 * ("name.value.long").
 */
SG_RC
sg_name_check(struct sg_slice name, struct sg_err *err);
/* Only the shape, for certificates that others made: a SEQUENCE of not empty SETs, at most
 * SG_NAME_RDNS_MAX attributes in all, no type twice in one RDN, nothing behind the end.
 * SG_E_MALFORMED ("der", "name.rdn.empty", "name.rdn.dup"), SG_E_LIMIT ("name.rdns"). */
SG_RC
sg_name_check_shape(struct sg_slice name, struct sg_err *err);
/* No RDN at all: 30 00. */
bool
sg_name_is_empty(struct sg_slice name);
/* As structures: types, number and order of RDNs, values as text with letter case ignored
 * (ASCII) and runs of spaces folded (none at the ends), whatever the string type; the
 * attributes of one RDN in any order. False for names of a broken shape and for values that
 * are not text. */
bool
sg_name_equal(struct sg_slice a, struct sg_slice b);
/* DER of a Name from its text form, appended; string types as in sg_name_reencode. Empty
 * text is the empty Name. SG_E_MALFORMED ("name.text") says at which character, and what
 * sg_name_check says. */
SG_RC
sg_name_from_text(struct sg_slice text, struct sg_buf *out, struct sg_err *err);
/* The text form, escaped for people (control characters as \HH), which sg_name_from_text
 * reads back; "(broken name)" when it cannot be written. */
void
sg_name_put_text(struct sg_buf *b, struct sg_slice name);
/* Write the name anew with string types of our choice: countryName, serialNumber, dnQualifier
 * and telephoneNumber PrintableString, emailAddress and DC IA5String, the rest UTF8String;
 * appended. SG_E_MALFORMED ("name.printable", "name.ia5") when a value does not fit its type, and
 * what sg_name_check says. */
SG_RC
sg_name_reencode(struct sg_slice name, struct sg_buf *out, struct sg_err *err);
/* The last value of an attribute type, as UTF-8 appended to out; SG_E_NOTFOUND
 * ("name.attribute"). */
SG_RC
sg_name_get(struct sg_slice name, struct sg_slice type_oid, struct sg_buf *out, struct sg_err *err);
/* The contents of one DirectoryString or IA5String as UTF-8 appended to out; NUL passes: the
 * caller decides. SG_E_MALFORMED ("string", "string.encoding"). */
SG_RC
sg_string_to_utf8(unsigned tag, struct sg_slice val, struct sg_buf *out, struct sg_err *err);
