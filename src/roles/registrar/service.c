/* SPDX-License-Identifier: Apache-2.0 */

/*
 * service.c - what registrar is: asked by front and the command line, asks keyd and ca, keeps a
 * database
 */

#include "roles/registrar/service.h"

#include "roles/registrar/registrar.h"
#include "roles/registrar/routes.h"
#include "roles/registrar/state.h"
#include "ipc/edges/front_registrar.h"
#include "ipc/edges/registrar_ca.h"
#include "ipc/edges/registrar_keyd.h"

const struct sg_service registrar_service = {
    .name = "registrar",
    .section = "registrar",
    .edge_n = 3,
    .edge =
	{
	    [PEER_FRONT] = {&sg_edge_front_registrar, SG_EDGE_SERVER, registrar_handle},
	    [PEER_KEYD] = {&sg_edge_registrar_keyd, SG_EDGE_CLIENT, NULL},
	    [PEER_CA] = {&sg_edge_registrar_ca, SG_EDGE_CLIENT, NULL},
	},
    .loop = SG_SERVICE_LOOP,
    .calls = {&sg_sandbox_database},
    .api = &registrar_api,
    .path =
	{
	    {SG_SERVICE_PATH_OWN, "/db/registrar", 0700},
	    /* SQLite's own random numbers, for names of temporary files and the instance's id. */
	    {SG_SERVICE_PATH_READ, "/dev/urandom", 0},
	},
    .descriptors = 256,
    .data_mib = 1024,
    .start = registrar_start,
    .run = registrar_run,
    .stop = registrar_stop,
};
