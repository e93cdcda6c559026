/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/health.h - /health, for load balancers: would an enrolment be answered now?
 *
 * 200 "ok" when registrar, keyd and ca answer and have room to record, else 503 and no more: who is
 * missing is not for strangers. However many ask, registrar is asked once at a time, and not again
 * for a second.
 *
 * Threads: HTTP's, which is the fibers' too.
 */

#include "base/err.h"
#include "http/server.h"

struct front;

/* Start the fiber that asks. */
SG_RC
front_health_start(struct front *f, struct sg_err *err);
/* Answer a request of that path, at once or when registrar has answered. */
void
front_health_http(struct front *f, struct sg_http_req *req);
