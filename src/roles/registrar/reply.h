/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/reply.h - CertReps (private to roles/registrar)
 */

#include "roles/registrar/state.h"

SG_RC
registrar_seal_success(struct work *w, struct sg_err *err);
SG_RC
registrar_seal_failure(struct work *w, enum sg_scep_fail fail, struct sg_err *err);
/* keyd's key is the RA certificate's, and both operations work. */
SG_RC
registrar_check_keyd(struct registrar *r, struct sg_err *err);
