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
 * or blank (spaces and characters that show nothing); a country is two letters of ASCII; a
 * type that we do not know has at most 255 characters. The empty Name passes.
 * SG_E_MALFORMED ("name.value.empty", "name.country" and those of sg_name_check), SG_E_LIMIT
 * ("name.cn.length", "name.length", "name.dc.length").
 */
SG_RC
sg_name_check_bounds(struct sg_slice name, enum sg_name_lengths lengths, struct sg_err *err);
/*
 * The string type in which a text is certified, the first of these that can hold it:
 *  1. that of the standard for the attribute: PrintableString for countryName, serialNumber,
 *     dnQualifier and telephoneNumber, IA5String for emailAddress and domainComponent (RFC 5280
 *     A.1), UTF8String for all others;
 *  2. asked, the tag of the request's own value, 0 where it has none: PrintableString or IA5String
 *     (X.680 41.4; TeletexString, BMPString and UniversalString are not written);
 *  3. UTF8String.
 * So a serialNumber of "FDO_1*" is no PrintableString, whatever its sender called it.
 */
unsigned
sg_name_tag_for(struct sg_slice type, struct sg_slice utf8, unsigned asked);
/* Does each value have a string type that its attribute may have: where the standard has one
 * string type, what sg_name_tag_for would choose for it, with its own type as the one asked for;
 * elsewhere a DirectoryString (RFC 5280 A.1)? What sg_name_reencode writes does. False for names
 * that are not well-formed. */
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
 * an IP address has 4 or 16 bytes; a directory name is one by the rules above, and not empty; an
 * otherName is sound (x509/san_other.h); a registered ID is an OID. Other types never pass.
 * SG_E_MALFORMED ("san.form"), which says the first fault and where it is.
 */
SG_RC
sg_san_check_bounds(const struct sg_san *san, enum sg_name_lengths lengths, struct sg_err *err);
