/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/tick.h - answers that must not tell by their time why they were refused
 */

#include "base/buf.h"
#include "base/err.h"
#include "http/server.h"

struct front;

SG_RC
front_tick_start(struct front *f, struct sg_err *err);
/* Answer on the next tick; body is taken over. */
void
front_tick_hold(struct front *f, struct sg_http_req *req, struct sg_buf *body);
