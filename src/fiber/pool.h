/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fiber/pool.h - workers, fibers of a loop, that run handlers from a bounded queue
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "fiber/loop.h"

struct sg_pool;

typedef void
sg_pool_handler(void *item, void *arg);

/* Workers run until the process ends. */
SG_RC
sg_pool_new(struct sg_loop *loop, size_t workers, size_t queue_max, sg_pool_handler *handler,
    void *arg, struct sg_pool **ret, struct sg_err *err);
/* False when the queue is full: the caller says "busy". */
bool
sg_pool_push(struct sg_pool *pool, void *item);
