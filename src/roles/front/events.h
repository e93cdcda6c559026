/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/events.h - refusals that never get to registrar as messages, several at once
 *
 * Of one address as many are recorded as it may have refusals.
 * Threads: any.
 */

#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

struct front;

struct refusal {
	uint8_t trace[SG_FRAME_TRACE_LEN];
	const struct sg_err *err;
	const char *peer;
	struct sg_slice endpoint, txid;
};

SG_RC
front_events_start(struct front *f, struct sg_err *err);
void
front_events_refused(struct front *f, const struct refusal *refusal);
/* A new trace id: milliseconds since 1970 in 6 bytes, 10 random ones. */
void
front_events_trace(uint8_t ret[SG_FRAME_TRACE_LEN]);
