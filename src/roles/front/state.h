/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/state.h - what the parts of front share (private to roles/front)
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "http/server.h"
#include "roles/front/accesslog.h"
#include "roles/front/budget.h"
#include "roles/front/keys.h"
#include "roles/front/queue.h"
#include "scep/check.h"
#include "service/service.h"

struct endpoint {
	const struct sg_conf_endpoint *conf;
	struct sg_scep_rules rules;
	struct sg_buf caps; /* the answer to GetCACaps */
};

struct events;
struct health;
struct https;
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
	struct budget *forged;	/* let in for a key that they turned out not to have */
	struct budget *signers; /* refusals of a key: signer_of() in place of the address */
	struct keys *known;	/* whose last message succeeded */
	struct keys *waiting;	/* turned away because their address was over its budget */
	struct budget *records; /* of refusals that only cost a row */
	struct budget *crowded; /* connections too many, to be said */
	struct sg_http_server *server;
	struct event_base *base; /* of HTTP, and its thread */
	pthread_t thread;
	_Atomic bool stopping;
	struct event *turn, *turn_due; /* of ctx->loop */
	struct accesslog *log;	       /* NULL: none */
	struct events *events;
	struct health *health;
	struct https *https; /* NULL: no TLS */
	struct ticker *ticker;
};
