/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/registrar.h - the process that decides: policy module and registration
 * point
 *
 * SECURITY: hears front, which is as trustworthy as the network, and its control socket;
 * asks keyd and ca. It reads challenges in clear and holds its database and the key of
 * the challenges' keyed hashes; no private key. Who compromises it can ask ca for
 * certificates that ca's own floor of rules allows.
 */

#include "service/service.h"

/* What roles/registrar/service.c names, each as struct sg_service says. */
SG_RC
registrar_start(struct sg_service_ctx *ctx, struct sg_err *err);
SG_RC
registrar_run(struct sg_service_ctx *ctx, struct sg_err *err);
void
registrar_stop(struct sg_service_ctx *ctx);
void
registrar_handle(struct sg_peer_request *req, void *arg);

struct registrar;

/* End the process when its store takes no more. At the end of each round, and in threads that
 * write. */
void
registrar_end_if_dead(const struct registrar *r);
