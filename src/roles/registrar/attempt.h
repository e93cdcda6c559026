/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/attempt.h - reserve, ask ca, record; or wait for the attempt that does
 * (private to roles/registrar)
 */

#include "roles/registrar/state.h"

SG_RC
registrar_attempt(struct work *w, struct sg_err *err);
/* Bring to an end what a crash left running; runs in a thread of its own. */
SG_RC
registrar_recovery_start(struct registrar *r, struct sg_err *err);
