/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/peer.h - one edge to a sibling process: calls that survive the sibling's death
 *
 * A loop reads frames from the socket. On the client side an answer wakes the fiber or thread
 * that waits in sg_peer_call; on the server side a request goes to the handler on the loop's
 * thread. A role with other work queues it there; one that does one thing after the other (keyd)
 * answers at once, and answers to requests that came together leave together.
 * When the socket ends, calls wait for the supervisor to attach a new one and are sent again
 * with the same content: requests carry what makes a repetition harmless.
 * A sibling that does not read costs a call its deadline. What it has not read waits in
 * memory, within a limit.
 * Threads: sg_peer_call and sg_peer_reply from any thread.
 */

#include <stdint.h>

#include "base/err.h"
#include "fiber/loop.h"
#include "ipc/frame.h"
#include "ipc/inbox.h"

struct sg_peer;
struct sg_peer_request;

/* A request as the server's handler gets it; ends with sg_peer_reply or _drop. */
struct sg_peer_request {
	struct sg_msg msg; /* borrows from what is held */
	struct sg_inbox_hold hold;
	struct sg_peer *peer;
	uint64_t generation; /* of the socket it came from */
};

struct sg_peer_answer {
	struct sg_msg msg; /* borrows from what is held */
	struct sg_inbox_hold hold;
};

typedef void
sg_peer_handler(struct sg_peer_request *req, void *arg);

/* side is ours. handler is NULL for a client. */
SG_RC
sg_peer_new(const struct sg_edge *edge, enum sg_edge_side side, struct sg_loop *loop,
    sg_peer_handler *handler, void *arg, struct sg_peer **ret, struct sg_err *err);

/* Use the next socket (taken over); the one before, if any, is closed. fd -1: there was no
 * descriptor for it, SG_E_IO "rpc.socket". Where this fails, that socket has ended. */
SG_RC
sg_peer_attach(struct sg_peer *peer, int fd, struct sg_err *err);

/* Whenever a socket, the n-th that sg_peer_attach was called for, has ended before the next one
 * came: on the thread of the loop or the one that attaches, which it must not keep for long. */
typedef void
sg_peer_ended(const struct sg_edge *edge, uint64_t n);
/* Before the first sg_peer_attach. */
void
sg_peer_on_end(struct sg_peer *peer, sg_peer_ended *fn);

/*
 * Ask and wait for the answer. msg->id is set here. Sent again after each new attachment
 * until deadline_ms (monotonic, base/clock.h).
 * SG_E_TIMEOUT ("rpc.timeout"), SG_E_NOMEM, SG_E_INTERNAL.
 */
SG_RC
sg_peer_call(struct sg_peer *peer, struct sg_msg *msg, int64_t deadline_ms,
    struct sg_peer_answer *ret, struct sg_err *err);
/* Wipe and release. */
void
sg_peer_answer_free(struct sg_peer_answer *answer);
#define sg_peer_answer_scoped __attribute__((cleanup(sg_peer_answer_free))) struct sg_peer_answer

/* Answer a request and release it. When its socket has gone, the answer is dropped: the
 * client repeats the call. */
void
sg_peer_reply(struct sg_peer_request *req, struct sg_msg *msg);
/* Release without an answer. */
void
sg_peer_drop(struct sg_peer_request *req);
