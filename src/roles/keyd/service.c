/* SPDX-License-Identifier: Apache-2.0 */

/*
 * service.c - what keyd is: one socket, and the keys that it has in memory
 */

#include "roles/keyd/service.h"

#include "roles/keyd/keyd.h"
#include "ipc/edges/registrar_keyd.h"

const struct sg_service keyd_service = {
    .name = "keyd",
    .section = "ra",
    .edge_n = 1,
    .edge = {{&sg_edge_registrar_keyd, SG_EDGE_SERVER, keyd_handle}},
    .calls = {&sg_sandbox_no_files},
    .descriptors = 64,
    .data_mib = 256,
    .start = keyd_start,
};
