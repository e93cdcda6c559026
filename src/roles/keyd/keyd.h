/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/keyd/keyd.h - the process that holds the RA's private key beside registrar
 *
 * SECURITY: knows two questions of fixed fields from one sibling. unwrap never tells
 * whether it failed; sign writes the signed attributes of a CertRep itself, so that it
 * signs nothing else. It has no network, no database, and parses no certificate and no
 * message. Who compromises registrar can have keys unwrapped and answers signed, not more;
 * who compromises keyd has the RA key, with which nothing can be issued.
 */

#include "service/service.h"

/* What roles/keyd/service.c names, each as struct sg_service says. */
SG_RC
keyd_start(struct sg_service_ctx *ctx, struct sg_err *err);
void
keyd_handle(struct sg_peer_request *req, void *arg);
