/* SPDX-License-Identifier: Apache-2.0 */

#include "role/pool.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/futex.h"

/*
 * An idle worker is handed its item and woken without a lock that both need. The one that
 * became idle last goes first: its stack is still in the caches, and a light load touches
 * few stacks.
 */
struct worker {
	struct worker *next; /* idle */
	struct sg_pool *pool;
	void *item;
	_Atomic uint32_t called;
};

struct sg_pool {
	pthread_mutex_t lock;
	struct worker *idle;
	size_t first, n, max; /* the queue: empty while somebody is idle */
	void **item;	      /* a ring of max */
	sg_pool_handler *handler;
	void *arg;
};

#define STACK_SIZE (512u * 1024u) /* the deepest handler needs 64 KiB; 64 workers are resident */

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
	w->called = 0;
	w->next = pool->idle;
	pool->idle = w;
	pthread_mutex_unlock(&pool->lock);
	while (!w->called)
		sg_futex_wait(&w->called, 0, SG_FUTEX_FOREVER);
	return w->item;
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;

	for (;;)
		w->pool->handler(next_item(w), w->pool->arg);
	return NULL;
}

enum sg_code
sg_pool_new(size_t threads, size_t queue_max, sg_pool_handler *handler, void *arg,
    struct sg_pool **ret, struct sg_err *err)
{
	struct sg_pool *pool = sg_alloc(sizeof *pool);
	void **item = sg_calloc(queue_max, sizeof *item);
	struct worker *worker = sg_calloc(threads, sizeof *worker);
	if (pool == NULL || item == NULL || worker == NULL) {
		sg_free(pool);
		sg_free(item);
		sg_free(worker);
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	}
	*pool = (struct sg_pool){.max = queue_max, .item = item, .handler = handler, .arg = arg};
	pthread_mutex_init(&pool->lock, NULL);
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int rc = 0;
	for (size_t n = 0; n < threads && rc == 0; n++) {
		pthread_t thread;
		worker[n].pool = pool;
		rc = pthread_create(&thread, &attr, worker_main, &worker[n]);
	}
	pthread_attr_destroy(&attr);
	if (rc != 0)
		return sg_fail(
		    err, SG_E_NOMEM, "thread", "cannot start %zu workers: error %d", threads, rc);
	*ret = pool;
	return SG_OK;
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
		w->called = 1;
		sg_futex_wake(&w->called, 1);
	}
	return room;
}
