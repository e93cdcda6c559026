/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/control.h - the control sockets that the command line talks to: a path, one JSON
 * question and one JSON answer per connection, the peer known by SO_PEERCRED
 *
 * Security: only root and the user that the process was started by may ask; who asked is
 * handed to the handler, which writes it into the audit.
 * Threads:  one thread accepts, one short-lived thread answers each connection, at most
 * 16 at once; a 17th waits until one has ended.
 */

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* Fill json (an object) from the question (one object); the code goes to the caller too. */
typedef enum sg_code
sg_control_handler(struct sg_slice question, uid_t who, struct sg_buf *json, void *arg);

/* Serve a listening socket (taken over) for ever, in threads of its own. owner may ask
 * besides root. */
SG_RC
sg_control_serve(int fd, uid_t owner, sg_control_handler *handler, void *arg, struct sg_err *err);

/* Read a question from a connection and answer it. */
void
sg_control_answer(int fd, uid_t who, sg_control_handler *handler, void *arg);

/* The command line's side: ask the socket at path. ret_code is the handler's.
 * SG_E_IO ("control.connect") when nobody listens, SG_E_TIMEOUT, SG_E_DENIED. */
SG_RC
sg_control_ask(const char *path, struct sg_slice question, enum sg_code *ret_code,
    struct sg_buf *json, struct sg_err *err);
