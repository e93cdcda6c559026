/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/state.h - what the parts of front share (private to roles/front)
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "http/server.h"
#include "scep/check.h"
#include "service/service.h"
#include "roles/front/accesslog.h"
#include "roles/front/budget.h"
#include "roles/front/queue.h"
#include "ipc/edges/front_registrar.h"
#include "scep/message.h"

struct endpoint {
	const struct sg_conf_endpoint *conf;
	struct sg_scep_rules rules;
	struct sg_buf caps; /* the answer to GetCACaps */
};

struct events;
struct ticker;

/* Of an answer, for the access log: not one that everybody gets who asks. */
enum { FRONT_OTHER, FRONT_SERVED };

struct front {
	struct sg_service_ctx *ctx;
	size_t endpoint_n;
	struct endpoint *endpoint;
	struct queue *queue;
	struct budget *refusals;
	struct budget *guests;	/* refused although their address was over its budget */
	struct budget *signers; /* refusals of a key: signer_of() in place of the address */
	struct budget *records; /* of refusals that only cost a row */
	struct sg_http_server *server;
	struct event_base *base; /* of HTTP, and its thread */
	pthread_t thread;
	_Atomic bool stopping;
	struct event *turn, *turn_due; /* of ctx->loop */
	struct accesslog *log;	       /* NULL: none */
	struct events *events;
	struct ticker *ticker;
};

/* front.c: there is something for the workers. On the thread of HTTP. */
void
front_turn(struct front *f);

/* scep.c: a complete HTTP request; and the rest, by a worker. */
void
front_http(void *arg, struct sg_http_req *req);
void
front_work(struct queue_item *item, void *arg);

/* events.c: refusals that never get to registrar as messages, several at once. Of one address
 * as many are recorded as it may have refusals. */
struct refusal {
	uint8_t trace[SG_FRAME_TRACE_LEN];
	const struct sg_err *err;
	const char *peer;
	struct sg_slice endpoint, txid;
};
SG_RC
front_events_start(struct front *f, struct sg_err *err);
void
front_refused(struct front *f, const struct refusal *refusal);
/* A new trace id: milliseconds since 1970 in 6 bytes, 10 random ones. */
void
front_trace(uint8_t ret[SG_FRAME_TRACE_LEN]);

/* tick.c: answers that must not tell by their time why they were refused. */
SG_RC
front_ticker_start(struct front *f, struct sg_err *err);
/* Answer on the next tick; body is taken over. */
void
front_answer_on_tick(struct front *f, struct sg_http_req *req, struct sg_buf *body);
void
front_answer(struct sg_http_req *req, struct sg_slice body, unsigned mark);
