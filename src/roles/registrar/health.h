/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/health.h - front's question: would an enrolment be answered now? (private to
 * roles/registrar)
 */

#include "ipc/peer.h"
#include "roles/registrar/state.h"

/*
 * Answer it: ready is 1 when there is room to record here, and keyd and ca say within the time that
 * front waits that they work. One that does not know this question yet (version 1 of its edge) is
 * taken to work while it is connected. Releases req. On a fiber.
 */
void
registrar_health(struct registrar *r, struct sg_peer_request *req);
