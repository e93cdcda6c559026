/* SPDX-License-Identifier: Apache-2.0 */

#include "role/pool.h"

#include <pthread.h>

#include "base/alloc.h"

struct sg_pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	size_t first, n, max;
	void **item; /* a ring of max */
	sg_pool_handler *handler;
	void *arg;
};

#define STACK_SIZE (512u * 1024u) /* the deepest handler needs 64 KiB; 64 workers are resident */

static void *
worker_main(void *arg)
{
	struct sg_pool *pool = arg;

	for (;;) {
		pthread_mutex_lock(&pool->lock);
		while (pool->n == 0)
			pthread_cond_wait(&pool->more, &pool->lock);
		void *item = pool->item[pool->first];
		pool->first = (pool->first + 1) % pool->max;
		pool->n--;
		pthread_mutex_unlock(&pool->lock);
		pool->handler(item, pool->arg);
	}
	return NULL;
}

enum sg_code
sg_pool_new(size_t threads, size_t queue_max, sg_pool_handler *handler, void *arg,
    struct sg_pool **ret, struct sg_err *err)
{
	struct sg_pool *pool = sg_alloc(sizeof *pool);
	void **item = sg_calloc(queue_max, sizeof *item);
	if (pool == NULL || item == NULL) {
		sg_free(pool);
		sg_free(item);
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	}
	*pool = (struct sg_pool){.max = queue_max, .item = item, .handler = handler, .arg = arg};
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->more, NULL);
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int rc = 0;
	for (size_t n = 0; n < threads && rc == 0; n++) {
		pthread_t thread;
		rc = pthread_create(&thread, &attr, worker_main, pool);
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
	bool room = pool->n < pool->max;
	if (room) {
		pool->item[(pool->first + pool->n) % pool->max] = item;
		pool->n++;
		pthread_cond_signal(&pool->more);
	}
	pthread_mutex_unlock(&pool->lock);
	return room;
}
