/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/scep.h - an enrolment over HTTP: what the loop of HTTP does, and what a worker
 */

#include "base/slice.h"
#include "http/server.h"
#include "roles/front/queue.h"

/* A complete HTTP request; arg is struct front. */
void
front_scep_http(void *arg, struct sg_http_req *req);
/* The rest of it, by a worker. */
void
front_scep_work(struct queue_item *item, void *arg);
/* Answer with a CertRep; mark is FRONT_OTHER or FRONT_SERVED. */
void
front_scep_answer(struct sg_http_req *req, struct sg_slice body, unsigned mark);
