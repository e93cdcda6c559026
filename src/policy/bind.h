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
	struct sg_slice subject; /* Name TLV; empty: names alone, or any */
	struct sg_sans sans;	 /* none: the request may not have one either */
};

/* Is this binding good enough to make a challenge for? A challenge that is bound to
 * nothing is refused unless any is said, and any together with a name is a mistake:
 * SG_E_USAGE "binding.unbound", "binding.any". */
SG_RC
sg_binding_check(const struct sg_binding *b, struct sg_err *err);

/* What an administrator writes to order a challenge. */
struct sg_binding_text {
	bool any;
	struct sg_slice subject;    /* "CN=dev1, O=Test"; empty: none */
	size_t sans_n;		    /* at most SG_SANS_MAX */
	const struct sg_slice *san; /* "dns:dev1.example"; repeated ones count once */
};
struct sg_template;
#define SG_BINDING_AT 32u /* bytes of "sans[99]", with room */
/*
 * The binding that is written, in the encoding below, appended to out. What a certificate of the
 * template could never have is refused here, not when the device comes: what sg_name_from_text,
 * sg_san_from_text, sg_binding_check, sg_request_check_name, sg_request_check_empty and
 * sg_request_check_sans say. ret_at is then
 * which part is refused: "subject", "sans", "sans[3]", "any".
 */
SG_RC
sg_binding_from_text(const struct sg_binding_text *text, const struct sg_template *tmpl,
    struct sg_buf *out, char ret_at[SG_BINDING_AT], struct sg_err *err);

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
