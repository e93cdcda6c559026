/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/ca.h - the issuing CA: the only process that makes certificates
 *
 * SECURITY: holds the CA's key and database; hears one sibling and its control socket,
 * nothing from the network. It never signs bytes that another process made: it gets facts
 * and evidence, applies its own floor of rules, writes and lints before it signs, with a
 * serial number that is on disk, and stores before it answers. Who compromises it has the CA.
 */

#include "service/service.h"

/* What roles/ca/service.c names, each as struct sg_service says. */
SG_RC
ca_start(struct sg_service_ctx *ctx, struct sg_err *err);
void
ca_handle(struct sg_peer_request *req, void *arg);
