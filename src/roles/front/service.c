/* SPDX-License-Identifier: Apache-2.0 */

/*
 * service.c - what front is: a server on listening sockets that it was handed, which asks registrar
 */

#include "roles/front/service.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "roles/front/front.h"
#include "ipc/edges/front_registrar.h"

static const struct sg_sandbox_call http_calls[] = {
    {.name = "accept4"},
    {.name = "writev"}, /* head and body of an answer at once */
    {.name = "getsockname"},
    {.name = "getpeername"},
    {.name = "setsockopt", .when = {SG_CALL_IS(1, IPPROTO_TCP), SG_CALL_IS(2, TCP_NODELAY)}},
    {.name = "fcntl", .when = {SG_CALL_IS(1, F_GETFL)}}, /* never SETFL: logs stay append-only */
    SG_CALL_NOT_THE_LOG("lseek"),			 /* the access log: how long is it? */
    {.name = "pipe2"},
    {.name = "getuid"}, /* libevent: is the environment to be trusted? */
    {.name = "geteuid"},
    {.name = "getgid"},
    {.name = "getegid"},
    {.name = NULL},
};
static const struct sg_sandbox_calls http = {
    "accept on the sockets that it was handed", http_calls};

/* The access log is the only file that it writes. */
static uint64_t
file_max(const struct sg_conf *conf)
{
	return conf->front.access_log_size << 20;
}

/* The internet: no file at all; it may accept, not connect. Memory is a few times what the largest
 * load measured. */
const struct sg_service front_service = {
    .name = "front",
    .section = "front",
    .edge_n = 1,
    .edge = {{&sg_edge_front_registrar, SG_EDGE_CLIENT, NULL}},
    .loop = SG_SERVICE_TURNS_LOOP,
    .calls = {&http, &sg_sandbox_no_files},
    .descriptors = SG_HTTP_CONNS_MAX + 64 +
		   2 * SG_TLS_PAIRS_MAX, /* the latter while they are read */
    .data_mib = 2048,
    .file_max = file_max,
    .start = front_start,
    .file = front_file,
    .stop = front_stop,
};
