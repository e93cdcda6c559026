/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/answer_private.h - composing an answer, giving it to the socket, telling of it
 *
 * Threads: the loop's.
 */

#include <stdbool.h>

#include "base/err.h"
#include "http/parse.h"
#include "http/server.h"

struct conn;
struct preq;

/* False: the connection is broken. */
bool
sg_http_answer_send(struct conn *c, enum sg_http_method method, const struct sg_http_answer *answer,
    bool keep, bool say_keep);
bool
sg_http_answer_continue(struct conn *c);
/* Tell the settings' finished(): of a request, or of what was refused on a connection. */
void
sg_http_answer_log(struct sg_http_server *server, const struct preq *r,
    const struct sg_http_answer *answer, unsigned win32_status);
void
sg_http_answer_log_refused(struct conn *c, const struct sg_http_head *head,
    const struct sg_http_answer *answer, const struct sg_err *err);
