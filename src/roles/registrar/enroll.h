/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/enroll.h - one PKCSReq or RenewalReq from the verified message to the answer
 * (private to roles/registrar)
 */

#include "roles/registrar/state.h"

/* The answer is in w->answer when SG_OK. */
SG_RC
registrar_enroll(struct work *w, struct sg_err *err);

/* Are request and message signed by one key (RFC 8894 2.3)? SG_E_DENIED "scep.strict.key". */
SG_RC
registrar_check_one_key(const struct work *w, struct sg_err *err);

/* A step of the trace, done now. */
void
registrar_mark(struct work *w, enum sg_step_role role, enum sg_step_id id);
