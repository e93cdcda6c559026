/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/queue.h - worker threads and what waits for them, shared fairly between addresses
 * (private to roles/front)
 *
 * Behind front everything is first come, first served; so front lets in at most as many requests
 * as it has workers, and chooses whose. The next request is one of the address with the fewest
 * running, in turn where several have as few: one address alone may have all workers, and no
 * number of addresses keeps another one waiting for more than one request each.
 *
 * Ownership: an item belongs to its handler from the moment it is taken. Threads run until the
 *            process ends.
 * Limits:    max items wait. When there is no room, the newest item of the address that has the
 *            most waiting goes, which may be the one that comes.
 * Threads:   any.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"

struct queue;
struct queue_flow;

/* The beginning of whatever waits. */
struct queue_item {
	TAILQ_ENTRY(queue_item) link;
	struct queue_flow *flow;
};

typedef void
queue_handler(struct queue_item *item, void *arg);

SG_RC
queue_new(size_t threads, size_t max, queue_handler *handler, void *arg, struct queue **ret,
    struct sg_err *err);
/* NULL, or the item that has no place: the caller says "busy" to it. */
struct queue_item *
queue_push(struct queue *q, uint64_t addr, struct queue_item *item);
