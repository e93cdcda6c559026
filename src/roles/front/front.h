/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/front.h - the process that strangers reach: HTTP and the outer layer of SCEP
 *
 * SECURITY: parses HTTP and SignedData, checks the signature, and hands the message to
 * registrar. It holds no key, no challenge and no database; owning it equals owning the
 * network in front of it.
 */

#include "service/service.h"

/* What roles/front/service.c names, each as struct sg_service says. */
SG_RC
front_start(struct sg_service_ctx *ctx, struct sg_err *err);
bool
front_file(struct sg_service_ctx *ctx, const char *name, int fd);
void
front_stop(struct sg_service_ctx *ctx);

struct front;
/* For scep.c: there is something for the workers. On the thread of HTTP. */
void
front_turn(struct front *f);
