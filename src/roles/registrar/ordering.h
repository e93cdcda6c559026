/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/ordering.h - one-time challenges, as an administrator orders them (private to
 * roles/registrar)
 */

#include "api/call.h"

/* POST /v1/registrar/challenges. SG_E_USAGE: "control.endpoint", "control.policy", what
 * sg_binding_from_text refuses, "fitness.excluded". */
SG_RC
registrar_challenge_new(struct sg_api_call *call, struct sg_err *err);
