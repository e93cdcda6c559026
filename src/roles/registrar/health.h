/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/health.h - would an enrolment be answered now? What front asks, and `signet
 * status` (private to roles/registrar)
 */

#include "api/registrar.h"
#include "ipc/peer.h"
#include "roles/registrar/state.h"

/*
 * Answer it: ready is 1 when there is room to record here, and keyd and ca say within the time that
 * front waits that they work. One that does not know this question yet (version 1 of its edge) is
 * taken to work while it is connected. Releases req. On a fiber.
 */
void
registrar_health(struct registrar *r, struct sg_peer_request *req);
/* Which of them says within two seconds that it works. In any thread that may wait. */
struct sg_api_works
registrar_health_now(struct registrar *r);
