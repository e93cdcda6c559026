/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/recovery.h - attempts that belong to nobody, because a process ended (private to
 * roles/registrar)
 */

#include "roles/registrar/state.h"

/* Bring to an end what a crash left running; runs in a thread of its own. */
SG_RC
registrar_recovery_start(struct registrar *r, struct sg_err *err);
