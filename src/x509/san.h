/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/san.h - subject alternative names (RFC 5280 4.2.1.6): kinds, reader, writer, comparison
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

enum sg_san_type {
	SG_SAN_DNS = 1,
	SG_SAN_EMAIL,
	SG_SAN_URI,
	SG_SAN_IP,	  /* 4 or 16 bytes */
	SG_SAN_UPN,	  /* otherName 1.3.6.1.4.1.311.20.2.3, UTF-8 */
	SG_SAN_DIRNAME,	  /* a Name */
	SG_SAN_RID,	  /* registeredID: OID contents */
	SG_SAN_OTHERNAME, /* any other otherName: its contents, see x509/san_other.h */
	SG_SAN_OTHER,	  /* x400Address, ediPartyName: the whole TLV; read, never issued */
};

/* In a set of kinds: what a template allows. */
#define SG_SAN_BIT(t) (1u << (unsigned)(t))

struct sg_san {
	enum sg_san_type type;
	struct sg_slice val;
};

struct sg_sans {
	size_t n;
	struct sg_san item[SG_SANS_MAX];
};

/*
 * GeneralNames (the SEQUENCE TLV). DNS, email and URI are printable ASCII; a directory name
 * passes sg_name_check, a UPN is UTF-8 without control characters, a registered ID an OID.
 * SG_E_MALFORMED ("der", "san.empty", "san.type", "san.value.empty", "san.ascii",
 * "san.upn", "san.ip", "san.rid", "name...."), SG_E_LIMIT ("san.count", "san.long"). On failure
 * *ret is empty.
 */
SG_RC
sg_sans_parse(struct sg_slice seq, struct sg_sans *ret, struct sg_err *err);
/* GeneralNames as a SEQUENCE. A directory name with a string type that its attribute may not have
 * is written as sg_name_reencode does. SG_SAN_OTHER is never written: the buffer fails with
 * SG_E_INTERNAL. */
void
sg_sans_put(struct sg_buf *b, const struct sg_sans *sans);
/* The same name (RFC 5280 7.2, 7.4, 7.5): DNS, the domain of email, scheme and host of a URI
 * without letter case, directory names as sg_name_equal, a UPN as text (x509/stringprep.h) with
 * letter case ignored after the last '@' only, the rest byte by byte. */
bool
sg_san_equal(const struct sg_san *a, const struct sg_san *b);
/* The same set of names: in any order, a repeated one counts once. */
bool
sg_sans_equal(const struct sg_sans *a, const struct sg_sans *b);
/* Leave out each name that is the same as one before it. */
void
sg_sans_unique(struct sg_sans *sans);
/* The two for names that are all a stranger's, who may send as many as a message holds, each to be
 * compared with each: so that a pair costs no more than to read it, characters beyond ASCII count
 * as they stand, and directory names are compared byte by byte. */
bool
sg_sans_equal_spelling(const struct sg_sans *a, const struct sg_sans *b);
void
sg_sans_unique_spelling(struct sg_sans *sans);
