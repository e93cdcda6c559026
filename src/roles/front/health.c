/* SPDX-License-Identifier: Apache-2.0 */

/*
 * health.c - the check of load balancers
 *
 * scep.c leaves requests of /health here. They hang on a list until one fiber has asked registrar,
 * which asks keyd and ca; what it said holds for a second.
 */

#include "roles/front/health.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "ipc/edges/front_registrar.h"
#include "roles/front/front.h"
#include "roles/front/state.h"

#define WAIT_MS 2000 /* who hangs so long is not well; load balancers wait a little longer */
#define KEEP_MS 1000

struct asker {
	struct asker *next;
	struct sg_http_req *req;
};

/* Only one thread is here: neither the list nor the rest has a lock. */
struct health {
	struct asker *askers;
	struct sg_parker *parker; /* of the fiber, while nobody asks */
	int64_t until_ms;	  /* how long ready holds */
	bool ready;
};

static bool
ask(struct front *f)
{
	struct sg_frame_health ask = {.wait_ms = WAIT_MS};
	sg_frame_scoped(health_answer) answer = {0};
	unsigned version = sg_peer_version(f->ctx->peer[0]);

	if (version < 2) /* of the version before this question, or none */
		return version > 0;
	return sg_peer_ask_health(
		   f->ctx->peer[0], &ask, sg_clock_mono_ms() + WAIT_MS, &answer, NULL) == SG_OK &&
	       answer.ready != 0;
}

static void
respond(struct sg_http_req *req, bool ready)
{
	struct sg_http_answer answer = {.status = ready ? 200 : 503,
	    .content_type = "text/plain",
	    .fields = ready ? "Cache-Control: no-store\r\n"
			    : "Cache-Control: no-store\r\nRetry-After: 5\r\n",
	    .body = sg_slice_str(ready ? "ok\n" : "unavailable\n")};
	sg_http_respond(req, &answer);
}

static void
wait_for_askers(struct health *h)
{
	struct sg_parker parker;

	while (h->askers == NULL) {
		sg_parker_init(&parker);
		h->parker = &parker;
		sg_park(&parker, SG_CLOCK_NEVER);
	}
}

static void
health_main(void *arg)
{
	struct front *f = arg;
	struct health *h = f->health;

	for (;;) {
		wait_for_askers(h);
		h->ready = ask(f);
		h->until_ms = sg_clock_mono_ms() + KEEP_MS;
		struct asker *list = h->askers;
		h->askers = NULL;
		while (list != NULL) {
			struct asker *a = list;
			list = a->next;
			respond(a->req, h->ready);
			sg_free(a);
		}
	}
}

enum sg_code
front_health_start(struct front *f, struct sg_err *err)
{
	f->health = sg_xalloc(sizeof *f->health);
	return sg_loop_spawn(f->ctx->loop, health_main, f, err);
}

void
front_health_http(struct front *f, struct sg_http_req *req)
{
	struct health *h = f->health;

	if (req->head.method == SG_HTTP_OPTIONS || req->head.method == SG_HTTP_POST) {
		struct sg_http_answer answer = {
		    .status = req->head.method == SG_HTTP_OPTIONS ? 204 : 405,
		    .content_type = "text/plain",
		    .fields = "Allow: GET, HEAD, OPTIONS\r\n",
		    .body = sg_slice_str("health is for GET\n")};
		sg_http_respond(req, &answer);
		return;
	}
	struct asker *a = sg_clock_mono_ms() < h->until_ms ? NULL : sg_alloc(sizeof *a);
	if (a == NULL) { /* known, or no memory: what was known last */
		respond(req, h->ready);
		return;
	}
	*a = (struct asker){.next = h->askers, .req = req};
	h->askers = a;
	if (h->parker != NULL) {
		sg_unpark(h->parker);
		h->parker = NULL;
		front_turn(f);
	}
}
