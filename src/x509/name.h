/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/name.h - distinguished names (RFC 5280 4.1.2.4, 7.1)
 *
 * Text form: "C=FI, O=Test, CN=dev1": RDNs in the order of the encoding, '+' joins the
 * attributes of one, '\' escapes , + " \ < > ; = and \HH a byte (RFC 4514 in its order of
 * encoding). Unknown types as dotted decimal.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Check a DER Name: shape, at most SG_NAME_RDNS_MAX RDNs, one value each of a string type
 * that decodes to UTF-8 without NUL or other control characters, X.520 lengths for CN.
 * SG_E_MALFORMED ("name...."), SG_E_LIMIT.
 */
SG_RC
sg_name_check(struct sg_slice name, struct sg_err *err);
bool
sg_name_is_empty(struct sg_slice name);
/* As structures: types, number and order of RDNs, values as text with letter case ignored
 * (ASCII) and runs of spaces folded, whatever the string type. False for broken names. */
bool
sg_name_equal(struct sg_slice a, struct sg_slice b);
/* DER of a Name from its text form. SG_E_MALFORMED ("name.text") says at which character. */
SG_RC
sg_name_from_text(struct sg_slice text, struct sg_buf *out, struct sg_err *err);
/* The text form, escaped for people; for broken names "(broken name)". */
void
sg_name_put_text(struct sg_buf *b, struct sg_slice name);
/* Write the name anew with string types of our choice: countryName, serialNumber and
 * dnQualifier PrintableString, emailAddress and DC IA5String, the rest UTF8String. */
SG_RC
sg_name_reencode(struct sg_slice name, struct sg_buf *out, struct sg_err *err);
/* The last value of an attribute type, as UTF-8 appended to out; SG_E_NOTFOUND. */
SG_RC
sg_name_get(struct sg_slice name, struct sg_slice type_oid, struct sg_buf *out, struct sg_err *err);
/* One DirectoryString or IA5String TLV (tag and contents) as UTF-8 appended to out; no NUL
 * is refused here: the caller decides. SG_E_MALFORMED ("string"). */
SG_RC
sg_string_to_utf8(unsigned tag, struct sg_slice val, struct sg_buf *out, struct sg_err *err);
