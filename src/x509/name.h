/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/name.h - distinguished names (RFC 5280 4.1.2.4, 7.1)
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
 * SG_NAME_RDNS_MAX attributes in all, no type twice in one RDN, nothing after the end.
 * SG_E_MALFORMED ("der", "name.rdn.empty", "name.rdn.dup"), SG_E_LIMIT ("name.rdns"). */
SG_RC
sg_name_check_shape(struct sg_slice name, struct sg_err *err);
/* No RDN at all: 30 00. */
bool
sg_name_is_empty(struct sg_slice name);
/* As structures: types, number and order of RDNs, values as text, whatever the string type, by
 * caseIgnoreMatch (RFC 5280 7.1; x509/stringprep.h); the attributes of one RDN in any order. False
 * for names of a broken shape and for values that are not text.
 * Security: equal names may differ in their bytes, and may look different ("ss" for U+00DF). Who
 * authorizes by it certifies the bytes of the side that is the authority's, never those that were
 * asked for. */
bool
sg_name_equal(struct sg_slice a, struct sg_slice b);
/* As sg_name_equal with nothing but ASCII letter case and spaces folded: where the bytes that were
 * asked for are certified. */
bool
sg_name_equal_ascii(struct sg_slice a, struct sg_slice b);
/* Write the name anew, appended: the same text, each value in the string type that is certified
 * (sg_name_tag_for). asked is the name whose string types count where that of the standard does not
 * hold the text, attribute by attribute of the same RDN; empty: none. What sg_name_check says of
 * name, and sg_name_check_shape of asked. */
SG_RC
sg_name_reencode(
    struct sg_slice name, struct sg_slice asked, struct sg_buf *out, struct sg_err *err);
/* The last value of an attribute type, as UTF-8 appended to out; SG_E_NOTFOUND
 * ("name.attribute"). */
SG_RC
sg_name_get(struct sg_slice name, struct sg_slice type_oid, struct sg_buf *out, struct sg_err *err);
