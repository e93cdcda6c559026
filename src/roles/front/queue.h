/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/queue.h - workers (fibers) and what waits for them, shared fairly between addresses
 * (private to roles/front)
 *
 * Behind front everything is first come, first served; so front lets in at most as many requests
 * as it has workers, and chooses whose. The next request is one of the address with the fewest
 * running, where every refusal that it still owes counts as one that runs; in turn where several
 * have as few. An address has its turn a second time for keys that are known good: what others of
 * it owe is not theirs. One address alone may have all workers, none keeps another one waiting, and
 * those whose requests are refused, however many they are, come after those whose are not.
 *
 * Ownership: an item belongs to its handler from the moment it is taken. Workers run until the
 *            process ends.
 * Limits:    max items wait. When there is no room, the newest item of the address that has or
 *            owes the most goes, which may be the one that comes.
 * Threads:   any.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "fiber/loop.h"

struct queue;
struct queue_flow;

/* Whose turn it is. */
struct queue_from {
	uint64_t addr;
	unsigned owes;
	bool known; /* of keys that are known good, which have turns of their own */
};

/* The beginning of whatever waits. */
struct queue_item {
	TAILQ_ENTRY(queue_item) link;
	struct queue_flow *flow;
};

typedef void
queue_handler(struct queue_item *item, void *arg);

SG_RC
front_queue_new(struct sg_loop *loop, size_t workers, size_t max, queue_handler *handler, void *arg,
    struct queue **ret, struct sg_err *err);
/* NULL, or the item that has no place: the caller says "busy" to it. */
struct queue_item *
front_queue_push(struct queue *q, const struct queue_from *from, struct queue_item *item);
