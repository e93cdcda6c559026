/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fiber/loop.h - one thread that runs many fibers, and waiting that works in both
 *
 * A request waits for other processes and for commits three or four times. On a thread of its
 * own each of these is a futex and two switches of the kernel's; here it is a jump to the next
 * request that can go on. The code of a request stays one straight line.
 *
 * A fiber runs until it parks; nothing interrupts it, and it never moves to another thread. So
 * what it calls must not block for long, and it parks with no mutex locked. Between two rounds
 * of fibers the loop looks at its descriptors.
 *
 * Ownership: a loop, its fibers and its thread last until the process ends; a watch until
 *            sg_loop_unwatch.
 * Threads:   sg_loop_spawn, sg_loop_watch, sg_loop_wants_write, sg_unpark from any;
 *            sg_loop_unwatch on the loop's thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sg_loop;
struct sg_fiber;
struct sg_watch;

/* SG_E_NOMEM, SG_E_IO. It does nothing yet: either sg_loop_start gives it a thread, or a thread
 * with an event loop of its own calls sg_loop_turn. */
SG_RC
sg_loop_new(struct sg_loop **ret, struct sg_err *err);
SG_RC
sg_loop_start(struct sg_loop *loop, struct sg_err *err);

/* One round: look at the descriptors, if the loop's is readable, and run who can go on. To be
 * called, always by the same thread, when sg_loop_fd is readable, when that thread has made a
 * fiber ready, and when the milliseconds that it returns have passed: 0 there is more to do at
 * once, -1 never. */
int
sg_loop_turn(struct sg_loop *loop, bool readable);
int
sg_loop_fd(const struct sg_loop *loop);

/* Run main(arg) as a fiber with a stack of its own; it must not return. */
SG_RC
sg_loop_spawn(struct sg_loop *loop, void (*main)(void *arg), void *arg, struct sg_err *err);

/* Called on the loop's thread, not as a fiber: it must not park. */
typedef void
sg_loop_fn(void *arg, bool readable, bool writable);

/* Call fn whenever fd can be read or has ended. *ret is set before the first call. */
SG_RC
sg_loop_watch(struct sg_loop *loop, int fd, sg_loop_fn *fn, void *arg, struct sg_watch **ret,
    struct sg_err *err);
/* Whether fn is also called when fd can be written. */
void
sg_loop_wants_write(struct sg_watch *watch, bool wants);
/* From the watch's own fn alone, which then closes the descriptor. */
void
sg_loop_unwatch(struct sg_watch *watch);

/* Call fn on the loop's thread after each round of fibers, before it looks at its descriptors,
 * and every 2 ms of a long one: what a round has gathered goes out at once. Before the first fiber
 * is spawned; at most SG_LOOP_ENDS_MAX. SG_E_LIMIT. */
SG_RC
sg_loop_at_round_end(struct sg_loop *loop, void (*fn)(void *arg), void *arg, struct sg_err *err);
/* Is this the loop's thread? */
bool
sg_loop_is_ours(const struct sg_loop *loop);
/* Is the caller a fiber, of whichever loop? */
bool
sg_loop_is_fiber(void);

/* Where a fiber or a thread waits. Lies on its stack; the one that unparks must know, by
 * a lock that both take or because nobody else can, that it still does. */
struct sg_parker {
	struct sg_fiber *fiber; /* NULL: a thread */
	_Atomic uint32_t called;
};

/* For the caller to wait, once or again. */
void
sg_parker_init(struct sg_parker *parker);
/* Wait for sg_unpark; false when the monotonic deadline (ms) came first. */
bool
sg_park(struct sg_parker *parker, int64_t deadline_ms);
void
sg_unpark(struct sg_parker *parker);
/* The same for one of several: a fiber's loop is left asleep until sg_loop_wake, which it must
 * be; NULL when nothing is left to do. */
struct sg_loop *
sg_unpark_quietly(struct sg_parker *parker);
void
sg_loop_wake(struct sg_loop *loop);

/* Sleep: a fiber lets the others run. */
void
sg_pause_ms(int64_t ms);
