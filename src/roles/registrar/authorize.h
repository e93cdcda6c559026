/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/authorize.h - the ways in which a request may be authorized, their idempotency
 * keys, and who is asked whether it may (private to roles/registrar; ARCHITECTURE.md, "One
 * enrolment")
 */

#include "roles/registrar/state.h"

/* Fills w->way. */
SG_RC
registrar_identify(struct work *w, struct sg_err *err);
/* Does its signer's certificate authorize it? ca is asked, then the template's floor. */
SG_RC
registrar_authorize_renewal(struct work *w, struct sg_err *err);
/* What a challenge authorizes is decided in the transaction that reserves: what about. */
void
registrar_ask(const struct work *w, struct sg_decide_case *ret);
/* To a refusal by the signer's certificate: that there was a challenge, too, and why it did not
 * count. */
void
registrar_tell_unused(const struct work *w, struct sg_err *err);
/* The subject as text: as the one with authority over it spells it. */
SG_RC
registrar_spell_subject(struct work *w, struct sg_slice name, struct sg_err *err);
