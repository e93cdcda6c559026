/* SPDX-License-Identifier: Apache-2.0 */

/*
 * service.c - what ca is: asked by registrar and the command line, keeps a database, publishes
 * revocation lists
 */

#include "roles/ca/service.h"

#include "roles/ca/ca.h"
#include "roles/ca/routes.h"
#include "roles/ca/state.h"
#include "ipc/edges/registrar_ca.h"

/* Revocation lists, published by rename; opening and the rest is sg_sandbox_database. */
static const struct sg_sandbox_call publish_calls[] = {
    {.name = "rename"},
    {.name = "renameat"},
    {.name = "renameat2"},
    {.name = NULL},
};
static const struct sg_sandbox_calls publish = {NULL, publish_calls};

const struct sg_service ca_service = {
    .name = "ca",
    .section = "ca",
    .edge_n = 1,
    .edge = {{&sg_edge_registrar_ca, SG_EDGE_SERVER, ca_handle}},
    .loop = SG_SERVICE_LOOP,
    .calls = {&sg_sandbox_database, &publish},
    .api = &ca_api,
    .path =
	{
	    {SG_SERVICE_PATH_OWN, "/db/ca", 0700},
	    {SG_SERVICE_PATH_MADE, "/pub", 0755}, /* where `ca.crl` is by default */
	    /* SQLite's own random numbers, for names of temporary files and the instance's id. */
	    {SG_SERVICE_PATH_READ, "/dev/urandom", 0},
	},
    .descriptors = 256,
    .data_mib = 2048, /* a revocation list of millions, twice */
    .start = ca_start,
};
