/* SPDX-License-Identifier: Apache-2.0 */

/*
 * queue.c - requests that wait for a worker, in turns of the addresses that they come from
 *
 * Between the loop of HTTP, which pushes, and the fibers that run scep.c: nobody gets a second
 * worker while another has none, and when it is full the newest of who has most goes.
 */

#include "roles/front/queue.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/alloc.h"
#include "crypto/random.h"

#define BUCKETS 1024u
#define OWED_WEIGHT 16u /* a refusal, in requests that wait */

TAILQ_HEAD(item_list, queue_item);
TAILQ_HEAD(flow_list, queue_flow);

/* An address with something waiting or running. */
struct queue_flow {
	TAILQ_ENTRY(queue_flow) turn; /* among those that wait */
	struct queue_flow *next;      /* in its bucket, or free */
	uint64_t addr;
	bool known;
	size_t running, n; /* n wait */
	size_t owes;	   /* as its newest item said */
	struct item_list items;
};

/* A worker with nothing to do; on its stack. */
struct idle {
	struct idle *next;
	struct sg_parker parker;
};

struct queue {
	pthread_mutex_t lock;
	struct idle *idle;
	size_t n, max;
	uint64_t seed;
	struct flow_list turns;
	struct queue_flow *bucket[BUCKETS];
	struct queue_flow *free;
	queue_handler *handler;
	void *arg;
	struct queue_flow flows[]; /* as many as can wait or run */
};

static struct queue_flow **
bucket_of(struct queue *q, uint64_t addr)
{
	uint64_t h = addr ^ q->seed;
	h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdULL;
	return &q->bucket[(h ^ (h >> 32)) % BUCKETS];
}

static struct queue_flow *
flow_of(struct queue *q, const struct queue_from *from)
{
	struct queue_flow **bucket = bucket_of(q, from->addr), *f = *bucket;

	while (f != NULL && (f->addr != from->addr || f->known != from->known))
		f = f->next;
	if (f != NULL)
		return f;
	f = q->free; /* there is always one: see front_queue_push() */
	q->free = f->next;
	*f = (struct queue_flow){.next = *bucket, .addr = from->addr, .known = from->known};
	TAILQ_INIT(&f->items);
	*bucket = f;
	return f;
}

static void
drop_if_done(struct queue *q, struct queue_flow *f)
{
	if (f->running > 0 || f->n > 0)
		return;
	struct queue_flow **p = bucket_of(q, f->addr);
	while (*p != f)
		p = &(*p)->next;
	*p = f->next;
	f->next = q->free;
	q->free = f;
}

static void
leave(struct queue *q, struct queue_item *item)
{
	struct queue_flow *f = item->flow;

	TAILQ_REMOVE(&f->items, item, link);
	q->n--;
	if (--f->n == 0)
		TAILQ_REMOVE(&q->turns, f, turn);
}

static struct queue_item *
take(struct queue *q)
{
	struct queue_flow *best = NULL, *f;

	TAILQ_FOREACH(f, &q->turns, turn)
	{
		if (best == NULL || f->running + f->owes < best->running + best->owes)
			best = f;
		if (best->running + best->owes == 0)
			break;
	}
	if (best == NULL)
		return NULL;
	struct queue_item *item = TAILQ_FIRST(&best->items);
	leave(q, item);
	best->running++;
	if (best->n > 0) {
		TAILQ_REMOVE(&q->turns, best, turn);
		TAILQ_INSERT_TAIL(&q->turns, best, turn);
	}
	return item;
}

/* With the lock held, before and after. */
static void
wait_for_more(struct queue *q)
{
	struct idle idle = {.next = q->idle};

	sg_parker_init(&idle.parker);
	q->idle = &idle;
	pthread_mutex_unlock(&q->lock);
	sg_park(&idle.parker, SG_CLOCK_NEVER);
	pthread_mutex_lock(&q->lock);
}

/* With the lock held: the one that became idle last looks for an item. */
static void
call_one(struct queue *q)
{
	struct idle *idle = q->idle;

	if (idle == NULL)
		return;
	q->idle = idle->next;
	sg_unpark(&idle->parker);
}

static void
worker_main(void *arg)
{
	struct queue *q = arg;

	pthread_mutex_lock(&q->lock);
	for (;;) {
		struct queue_item *item;
		while ((item = take(q)) == NULL)
			wait_for_more(q);
		struct queue_flow *f = item->flow;
		pthread_mutex_unlock(&q->lock);
		q->handler(item, q->arg);
		pthread_mutex_lock(&q->lock);
		f->running--;
		drop_if_done(q, f);
	}
}

enum sg_code
front_queue_new(struct sg_loop *loop, size_t workers, size_t max, queue_handler *handler, void *arg,
    struct queue **ret, struct sg_err *err)
{
	/* One flow more: that of an item which is only looked at. */
	size_t flow_n = workers + max + 1;
	struct queue *q = sg_alloc(sizeof *q + flow_n * sizeof q->flows[0]);

	if (q == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	q->max = max;
	q->handler = handler;
	q->arg = arg;
	TAILQ_INIT(&q->turns);
	for (size_t n = 0; n < flow_n; n++) {
		q->flows[n].next = q->free;
		q->free = &q->flows[n];
	}
	enum sg_code rc = sg_random(&q->seed, sizeof q->seed, err);
	if (rc != SG_OK) {
		sg_free(q);
		return rc;
	}
	pthread_mutex_init(&q->lock, NULL);
	for (size_t n = 0; n < workers && rc == SG_OK; n++)
		rc = sg_loop_spawn(loop, worker_main, q, err);
	/* When one cannot start, the others keep q: it is not freed, and the role ends. */
	if (rc == SG_OK)
		*ret = q;
	return rc;
}

/* So that many who ask for much at once do not look worse than few who are always refused. */
static size_t
weight(const struct queue_flow *f)
{
	return f->n + f->owes * OWED_WEIGHT;
}

/* The newest of who has and owes the most, if that is more than flow would. */
static struct queue_item *
make_room(struct queue *q, const struct queue_flow *flow)
{
	const struct queue_flow *most = NULL, *f;
	size_t n = weight(flow) + 1;

	TAILQ_FOREACH(f, &q->turns, turn)
	{
		if (weight(f) <= n)
			continue;
		most = f;
		n = weight(f);
	}
	if (most == NULL)
		return NULL;
	struct queue_item *item = TAILQ_LAST(&most->items, item_list);
	leave(q, item);
	return item;
}

struct queue_item *
front_queue_push(struct queue *q, const struct queue_from *from, struct queue_item *item)
{
	struct queue_item *out = NULL;

	pthread_mutex_lock(&q->lock);
	struct queue_flow *f = flow_of(q, from);
	f->owes = from->owes;
	if (q->n == q->max)
		out = make_room(q, f);
	if (q->n < q->max) {
		item->flow = f;
		TAILQ_INSERT_TAIL(&f->items, item, link);
		q->n++;
		if (f->n++ == 0)
			TAILQ_INSERT_TAIL(&q->turns, f, turn);
		call_one(q);
	} else {
		out = item;
	}
	drop_if_done(q, f);
	if (out != NULL && out != item)
		drop_if_done(q, out->flow);
	pthread_mutex_unlock(&q->lock);
	return out;
}
