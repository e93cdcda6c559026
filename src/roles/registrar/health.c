/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/registrar/health.c - whether an enrolment would be answered now
 *
 * registrar.c leaves front's question here, once a second at most, routes.c that of `signet
 * status`; keyd and ca are asked in turn.
 */

#include "roles/registrar/health.h"

#include "base/clock.h"
#include "ipc/edges/registrar_ca.h"
#include "ipc/edges/registrar_keyd.h"

#define WAIT_MS 2000 /* as front waits */

static bool
keyd_is_ready(struct registrar *r, int64_t deadline_ms)
{
	struct sg_peer *keyd = r->ctx->peer[PEER_KEYD];
	struct sg_frame_keyd_health ask = {0};
	sg_frame_scoped(keyd_health_answer) answer = {0};
	unsigned version = sg_peer_version(keyd);

	if (version < 2)
		return version > 0;
	return sg_peer_ask_keyd_health(keyd, &ask, deadline_ms, &answer, NULL) == SG_OK &&
	       answer.ready != 0;
}

static bool
ca_is_ready(struct registrar *r, int64_t deadline_ms)
{
	struct sg_peer *ca = r->ctx->peer[PEER_CA];
	struct sg_frame_ca_health ask = {0};
	sg_frame_scoped(ca_health_answer) answer = {0};
	unsigned version = sg_peer_version(ca);

	if (version < 2)
		return version > 0;
	return sg_peer_ask_ca_health(ca, &ask, deadline_ms, &answer, NULL) == SG_OK &&
	       answer.ready != 0;
}

void
registrar_health(struct registrar *r, struct sg_peer_request *req)
{
	int64_t deadline_ms = sg_clock_mono_ms() + (int64_t)sg_peer_asked_health(req)->wait_ms;
	struct sg_frame_health_answer answer = {.ready = atomic_load(&r->disk.since) == 0 &&
							 keyd_is_ready(r, deadline_ms) &&
							 ca_is_ready(r, deadline_ms)};

	sg_peer_reply_health(req, &answer);
}

struct sg_api_works
registrar_health_now(struct registrar *r)
{
	/* Each has its own time: that keyd hangs says nothing of ca. */
	return (struct sg_api_works){
	    .keyd = keyd_is_ready(r, sg_clock_mono_ms() + WAIT_MS),
	    .ca = ca_is_ready(r, sg_clock_mono_ms() + WAIT_MS),
	};
}
