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
	const char *peer, *via; /* as struct sg_http_req has them */
	struct sg_slice endpoint, txid;
};

/* "192.0.2.1", or "192.0.2.1 via 10.0.0.5": both are addresses that were read, never a text.
 * Version 1 of the edge to registrar has no room for two long ones: its end would hang up. */
#define FRONT_PEER_LEN (SG_FRAME_ADDR_MAX + 1)
void
front_events_peer(unsigned version, const char *peer, const char *via, char ret[FRONT_PEER_LEN]);

SG_RC
front_events_start(struct front *f, struct sg_err *err);
void
front_events_refused(struct front *f, const struct refusal *refusal);
/* An address has all the connections that it may have, and wanted one more: said once a minute. */
void
front_events_crowded(struct front *f, const char *peer);
/* A new trace id: milliseconds since 1970 in 6 bytes, 10 random ones. */
void
front_events_trace(uint8_t ret[SG_FRAME_TRACE_LEN]);
