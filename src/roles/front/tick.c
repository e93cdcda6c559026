/* SPDX-License-Identifier: Apache-2.0 */

/*
 * tick.c - answers released together, TICK_MS apart
 *
 * The end of an enrolment that was refused for a reason which the time of its answer must not tell:
 * scep.c leaves that answer here instead of giving it to HTTP at once.
 */

#include "roles/front/tick.h"

#include <pthread.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "fiber/futex.h"
#include "roles/front/scep.h"
#include "roles/front/state.h"

#define TICK_MS 20 /* an order of magnitude more than anything that could be told apart */

struct held {
	struct held *next;
	struct sg_http_req *req;
	struct sg_buf body;
};

struct ticker {
	pthread_mutex_t lock;
	struct held *list;
	_Atomic uint32_t any; /* held: what the thread waits for */
};

static void
release(struct ticker *t)
{
	pthread_mutex_lock(&t->lock);
	struct held *list = t->list;
	t->list = NULL;
	t->any = 0;
	pthread_mutex_unlock(&t->lock);
	while (list != NULL) {
		struct held *h = list;
		list = h->next;
		front_scep_answer(h->req, sg_buf_slice(&h->body), FRONT_OTHER);
		sg_buf_clear(&h->body);
		sg_free(h);
	}
}

static void *
ticker_main(void *arg)
{
	struct ticker *t = arg;
	for (;;) {
		while (!t->any) /* no tick for nobody: an idle front does not wake */
			sg_ignore(sg_futex_wait(&t->any, 0, SG_CLOCK_NEVER));
		int64_t wait_us = TICK_MS * 1000 - sg_clock_mono_us() % (TICK_MS * 1000);
		struct timespec ts = {0, (long)wait_us * 1000};
		nanosleep(&ts, NULL);
		release(t);
	}
	return NULL;
}

enum sg_code
front_tick_start(struct front *f, struct sg_err *err)
{
	pthread_t thread;

	f->ticker = sg_xalloc(sizeof *f->ticker);
	pthread_mutex_init(&f->ticker->lock, NULL);
	int rc = pthread_create(&thread, NULL, ticker_main, f->ticker);
	if (rc != 0)
		return sg_fail(err, SG_E_NOMEM, "thread", "cannot start a thread: error %d", rc);
	pthread_detach(thread);
	return SG_OK;
}

void
front_tick_hold(struct front *f, struct sg_http_req *req, struct sg_buf *body)
{
	struct held *h = sg_alloc(sizeof *h);
	if (h == NULL) {
		sg_http_respond_status(req, 503);
		sg_buf_clear(body);
		return;
	}
	*h = (struct held){.req = req, .body = *body};
	*body = (struct sg_buf){0};
	pthread_mutex_lock(&f->ticker->lock);
	bool first = f->ticker->list == NULL;
	h->next = f->ticker->list;
	f->ticker->list = h;
	f->ticker->any = 1;
	pthread_mutex_unlock(&f->ticker->lock);
	if (first)
		sg_futex_wake(&f->ticker->any, 1);
}
