/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/events.h - refusals on their way into the database, some hundred milliseconds
 * late (private to roles/registrar)
 */

#include "roles/registrar/state.h"

/* Who noted it, in the database. */
enum { EVENT_ROLE_FRONT = 1, EVENT_ROLE_REGISTRAR = 2 };

SG_RC
registrar_events_start(struct registrar *r, struct sg_err *err);
/* A refusal, or with SG_OK something worth a line. */
void
registrar_events_refusal(struct work *w, const struct sg_err *err);
void
registrar_events_from_front(struct registrar *r, unsigned version, struct sg_slice records);
/* Everything that was said before is in the database when this returns. */
void
registrar_events_flush(struct registrar *r);
