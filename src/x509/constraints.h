/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/constraints.h - the names for which a CA certificate may be used (RFC 5280 4.2.1.10)
 *
 * For the check of a CA that was brought along: what it forbids is said before the first device
 * gets a certificate that does not verify; no request of a device is refused or accepted by it. And
 * for our client, which believes no RA or CA outside the names of those above it.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "x509/cert.h"
#include "x509/san.h"

/* The contents of the two lists of subtrees, empty where there is none; borrow from the
 * certificate. */
struct sg_constraints {
	struct sg_slice permitted, excluded;
	bool critical; /* no verifier may pass them over */
};

/* *ret_critical is the first critical extension that RFC 5280 does not make verifiers know, who
 * refuse the certificate then; empty: there is none. SG_E_MALFORMED ("constraints", "der" and those
 * of sg_name_check_shape): nameConstraints that cannot be read. */
SG_RC
sg_constraints_read(const struct sg_cert *cert, struct sg_constraints *ret,
    struct sg_slice *ret_critical, struct sg_err *err);
/* Says one of the lists anything of names of this type? */
bool
sg_constraints_have(const struct sg_constraints *c, enum sg_san_type type);
/*
 * May a certificate below have this name? A subject is given as a directory name; the empty one
 * may always be. Subtrees as verifiers compare them: of DNS the name itself and all below, of
 * e-mail and URI a host or, after a '.', all below, of addresses the network, of directory names
 * those that begin so. A UPN or another otherName may not be where there is any subtree of an
 * otherName, and a registeredID where there is one of those: no two verifiers compare them alike.
 */
bool
sg_constraints_allow(const struct sg_constraints *c, const struct sg_san *name);
/* "only dns:.example.com, ip:192.0.2.0/255.255.255.0; not email:x.example", escaped. */
void
sg_constraints_put_text(struct sg_buf *b, const struct sg_constraints *c);
