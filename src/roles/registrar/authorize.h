/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/authorize.h - which kind of request it is, its idempotency key, and who is
 * asked whether it may (private to roles/registrar)
 */

#include "roles/registrar/state.h"

SG_RC
registrar_identify(struct work *w, struct sg_err *err);
/* A renewal: ca is asked, then the template's floor. */
SG_RC
registrar_authorize_renewal(struct work *w, struct sg_err *err);
/* Everything else is decided in the transaction that reserves: what about. */
void
registrar_ask(const struct work *w, struct sg_decide_case *ret);
/* The subject as text: as the one with authority over it spells it. */
SG_RC
registrar_spell_subject(struct work *w, struct sg_slice name, struct sg_err *err);
