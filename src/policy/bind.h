/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/bind.h - what a one-time challenge is bound to: one subject and one set of SANs
 *
 * Compared as structures, never as text. The encoding below is what the store keeps.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "x509/csr.h"
#include "x509/ext.h"

struct sg_binding {
	bool any;		 /* bound to nothing: the administrator asked for it by name */
	struct sg_slice subject; /* Name TLV; not empty unless any */
	struct sg_sans sans;	 /* none: the request may not have one either */
};

/* Is this binding good enough to make a challenge for? A challenge that is bound to
 * nothing is refused unless any is said, and any together with a name is a mistake:
 * SG_E_USAGE "binding.unbound", "binding.any". */
SG_RC
sg_binding_check(const struct sg_binding *b, struct sg_err *err);

/* DER: SEQUENCE { BOOLEAN any, Name, GeneralNames OPTIONAL }. */
void
sg_binding_put(struct sg_buf *out, const struct sg_binding *b);
/* Slices borrow from der. SG_E_MALFORMED "binding.encoding" (a broken row of ours). */
SG_RC
sg_binding_get(struct sg_slice der, struct sg_binding *ret, struct sg_err *err);

/* SG_OK when the request asks for exactly the bound subject and SANs; SG_E_DENIED
 * "binding.subject", "binding.san" with both sides in the text. */
SG_RC
sg_binding_match(const struct sg_binding *b, const struct sg_csr *csr, struct sg_err *err);
