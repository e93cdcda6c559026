/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/peer.h - one edge to a sibling process: calls that survive the sibling's death
 *
 * A loop reads frames from the socket. On the client side an answer wakes the fiber or thread
 * that waits in sg_peer_ask; on the server side a request goes to the handler on the loop's
 * thread. A role with other work queues it there; one that does one thing after the other (keyd)
 * answers at once, and answers to requests that came together leave together.
 * On each new socket both sides first say which version of the edge they speak (ipc/frame.h).
 * When the socket ends, calls wait for the supervisor to attach a new one and are sent again
 * with the same content: requests carry what makes a repetition harmless.
 * A sibling that does not read costs a call its deadline. What it has not read waits in
 * memory, within a limit.
 * Threads: sg_peer_ask and sg_peer_answer from any thread.
 */

#include <assert.h>
#include <stdint.h>

#include "base/err.h"
#include "fiber/loop.h"
#include "ipc/edge.h"

struct sg_peer;
struct sg_peer_request;

/* A question as the server's handler gets it; ends with an answer or with sg_peer_drop. */
struct sg_peer_request {
	const struct sg_frame *frame;
	uint64_t id;
	unsigned version; /* that its socket speaks */
	struct sg_peer *peer;
	uint64_t generation; /* of the socket it came from */
	uint64_t value[];    /* the struct of frame */
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

/*
 * Whenever a socket, the n-th that sg_peer_attach was called for, has ended before the next one
 * came: on the thread of the loop or the one that attaches, which it must not keep for long. why
 * has SG_OK where the sibling or the kernel ended it, else what the sibling said that it was cut
 * off for: SG_E_MALFORMED or SG_E_LIMIT ("frame.size", "frame.hello", "frame.version",
 * "frame.type", "frame.field", "frame.cut", "frame.trailing", "frame.answer").
 */
typedef void
sg_peer_ended(const struct sg_edge *edge, uint64_t n, const struct sg_err *why);
/* Before the first sg_peer_attach. */
void
sg_peer_on_end(struct sg_peer *peer, sg_peer_ended *fn);

/*
 * Ask and wait for the answer, which is read into ret: the structs of the two frames. A sibling
 * that answers with another frame is cut off. Sent again after each new attachment until
 * deadline_ms (monotonic, base/clock.h). For all but the macro below: a call by the name of its
 * question. SG_E_TIMEOUT ("rpc.timeout"), SG_E_NOMEM, SG_E_INTERNAL ("frame.schema").
 */
SG_RC
sg_peer_ask(struct sg_peer *peer, const struct sg_frame *question, const void *value,
    int64_t deadline_ms, const struct sg_frame *answer, void *ret, struct sg_err *err);

/* What is spoken with the sibling now; 0: nothing yet. */
unsigned
sg_peer_version(struct sg_peer *peer);

/* Answer a request with the struct of a frame, and release it. When its socket has gone, the answer
 * is dropped: the client repeats the call. */
void
sg_peer_answer(struct sg_peer_request *req, const struct sg_frame *answer, const void *value);
/* Release without an answer. */
void
sg_peer_drop(struct sg_peer_request *req);

/*
 * A question and its answer, which stand together here alone:
 *   sg_peer_ask_X       ask and wait; the answer is released by its owner
 *   sg_peer_asked_X     the question of a request whose frame is X
 *   sg_peer_reply_X     answer it
 */
#define SG_PEER_QUESTION(question, answer)                                                         \
	static inline SG_RC sg_peer_ask_##question(struct sg_peer *peer,                           \
	    const struct sg_frame_##question *ask, int64_t deadline_ms,                            \
	    struct sg_frame_##answer *ret, struct sg_err *err)                                     \
	{                                                                                          \
		return sg_peer_ask(                                                                \
		    peer, &sg_frame_##question, ask, deadline_ms, &sg_frame_##answer, ret, err);   \
	}                                                                                          \
	static inline const struct sg_frame_##question *sg_peer_asked_##question(                  \
	    const struct sg_peer_request *req)                                                     \
	{                                                                                          \
		assert(req->frame == &sg_frame_##question);                                        \
		return (const void *)req->value;                                                   \
	}                                                                                          \
	static inline void sg_peer_reply_##question(                                               \
	    struct sg_peer_request *req, const struct sg_frame_##answer *value)                    \
	{                                                                                          \
		assert(req->frame == &sg_frame_##question);                                        \
		sg_peer_answer(req, &sg_frame_##answer, value);                                    \
	}                                                                                          \
	_Static_assert(sizeof(struct sg_frame_##question) > 0, "ends with a semicolon")
