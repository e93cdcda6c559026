/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/bounds.h - how long, and of what, the names are that we certify
 *
 * A parser takes what is well-formed; these rules are for names that go into a certificate
 * of ours: at the entrance (requests, challenges, patterns, --site) and again in lint. The
 * bounds of attributes are those of X.520 and RFC 5280 A.1, counted in characters.
 */

#include "base/err.h"
#include "x509/ext.h"

/* How long an attribute may be. Country and domainComponent stay as they are. */
enum sg_name_lengths {
	SG_NAME_LENGTHS_X520 = 0, /* its own bound */
	SG_NAME_LENGTHS_255 = 1,  /* 255 characters where its own bound is less */
};

/*
 * Judge the values of a Name, which sg_name_check finds well-formed, too. No value is empty
 * or blank (spaces and characters that show nothing); each fits the alphabet of its type; a
 * type that we do not know has at most 255 characters. The empty Name passes.
 * SG_E_MALFORMED ("name.value.empty", "name.country", "name.printable", "name.ia5" and those
 * of sg_name_check), SG_E_LIMIT ("name.cn.length", "name.length", "name.dc.length").
 */
SG_RC
sg_name_check_bounds(struct sg_slice name, enum sg_name_lengths lengths, struct sg_err *err);
/* The string type that we write for an attribute type: PrintableString, IA5String, else
 * UTF8String. */
unsigned
sg_name_own_tag(struct sg_slice type);
/* Does each value have a string type that its attribute may have (RFC 5280 A.1)? What
 * sg_name_reencode writes does. False for names that are not well-formed. */
bool
sg_name_has_own_types(struct sg_slice name);
/* Does nothing of the text show: is it empty, or spaces and default-ignorable characters only? */
bool
sg_bounds_is_blank(struct sg_slice utf8);
/*
 * Judge a name of a certificate by its type: a host name has labels of 1 to 63 letters,
 * digits, '-' and '_', 253 in all, no wildcard; an address is local@host, of at most 64 and
 * 320 characters (some have dots where RFC 5321 has none, and people have had them for years);
 * a URI has a scheme, something other than '/' after it, and two hexadecimal digits after each '%';
 * an IP address has 4 or 16 bytes; a
 * directory name by the rules above, not empty. Other types never pass. SG_E_MALFORMED
 * ("san.form").
 */
SG_RC
sg_san_check_bounds(const struct sg_san *san, enum sg_name_lengths lengths, struct sg_err *err);
