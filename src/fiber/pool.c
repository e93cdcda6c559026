/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fiber/pool.c - a fixed number of fibers that run a handler over a bounded queue
 *
 * How registrar and ca serve requests: what an edge has read is pushed here, and the handler is a
 * straight line that may park (loop.c). front has a queue of its own.
 */

#include "fiber/pool.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/clock.h"

/*
 * An idle worker is handed its item. The one that became idle last goes first: its stack is
 * still in the caches, and a light load touches few stacks.
 */
struct worker {
	struct worker *next; /* idle */
	struct sg_pool *pool;
	void *item;
	struct sg_parker parker;
};

struct sg_pool {
	pthread_mutex_t lock;
	struct worker *idle;
	size_t first, n, max; /* the queue: empty while a worker is idle */
	void **item;	      /* a ring of max */
	sg_pool_handler *handler;
	void *arg;
};

/* The next item, waiting for one. */
static void *
next_item(struct worker *w)
{
	struct sg_pool *pool = w->pool;

	pthread_mutex_lock(&pool->lock);
	if (pool->n > 0) {
		void *item = pool->item[pool->first];
		pool->first = (pool->first + 1) % pool->max;
		pool->n--;
		pthread_mutex_unlock(&pool->lock);
		return item;
	}
	sg_parker_init(&w->parker);
	w->next = pool->idle;
	pool->idle = w;
	pthread_mutex_unlock(&pool->lock);
	sg_park(&w->parker, SG_CLOCK_NEVER);
	return w->item;
}

static void
worker_main(void *arg)
{
	struct worker *w = arg;

	for (;;)
		w->pool->handler(next_item(w), w->pool->arg);
}

enum sg_code
sg_pool_new(struct sg_loop *loop, size_t workers, size_t queue_max, sg_pool_handler *handler,
    void *arg, struct sg_pool **ret, struct sg_err *err)
{
	struct sg_pool *pool = sg_alloc(sizeof *pool);
	void **item = sg_calloc(queue_max, sizeof *item);
	struct worker *worker = sg_calloc(workers, sizeof *worker);
	if (pool == NULL || item == NULL || worker == NULL) {
		sg_free(pool);
		sg_free(item);
		sg_free(worker);
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	}
	*pool = (struct sg_pool){.max = queue_max, .item = item, .handler = handler, .arg = arg};
	pthread_mutex_init(&pool->lock, NULL);
	enum sg_code rc = SG_OK;
	for (size_t n = 0; n < workers && rc == SG_OK; n++) {
		worker[n].pool = pool;
		rc = sg_loop_spawn(loop, worker_main, &worker[n], err);
	}
	/* When one cannot start, the others keep the pool: it is not freed, and the role ends. */
	if (rc == SG_OK)
		*ret = pool;
	return rc;
}

bool
sg_pool_push(struct sg_pool *pool, void *item)
{
	pthread_mutex_lock(&pool->lock);
	struct worker *w = pool->idle;
	bool room = w != NULL || pool->n < pool->max;
	if (w != NULL) {
		pool->idle = w->next;
	} else if (room) {
		pool->item[(pool->first + pool->n) % pool->max] = item;
		pool->n++;
	}
	pthread_mutex_unlock(&pool->lock);
	if (w != NULL) {
		w->item = item;
		sg_unpark(&w->parker);
	}
	return room;
}
