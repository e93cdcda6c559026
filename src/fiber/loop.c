/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fiber/loop.c - rounds of fibers and looks at descriptors, in turn; how to wait and to be woken
 *
 * Every role's requests run here: the edges (ipc) give descriptors to watch, the pool makes
 * fibers, stores and calls park them. switch.c below it is the jump itself.
 */

#include "fiber/loop.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "fiber/futex.h"
#include "fiber/switch.h"

#define EVENTS_MAX 16
#define WAIT_MAX_MS 60000 /* a clock is looked at once a minute at least */
#define GUARD_SIZE 65536u /* no frame of a function jumps over it */
#define HOLD_US 2000	  /* what a long round gathers leaves before its end */

struct sg_fiber {
	struct sg_fiber *next_ready, *next; /* next: all of the loop's */
	struct sg_loop *loop;
	struct sg_switch at;
	void (*main)(void *arg);
	void *arg;
	/* Both under the loop's lock. */
	struct sg_parker *parked_on; /* NULL: runs or is ready */
	int64_t deadline_ms;
};

struct sg_watch {
	struct sg_loop *loop;
	int fd;
	sg_loop_fn *fn;
	void *arg;
};

struct sg_loop {
	int epoll, event;    /* event: a thread outside has made a fiber ready */
	struct sg_switch at; /* of the thread */
	struct {
		void (*fn)(void *arg);
		void *arg;
	} end[SG_LOOP_ENDS_MAX];
	_Atomic size_t end_n;

	pthread_mutex_t lock; /* everything below */
	struct sg_fiber *ready, **ready_tail, *all;
	int64_t next_deadline_ms; /* not after the first one of a parked fiber */
	bool sleeping;
};

static _Thread_local struct sg_fiber *current;
static _Thread_local struct sg_loop *own_loop;

/* ---- the loop ---- */

/* With the lock held. */
static void
make_ready(struct sg_loop *loop, struct sg_fiber *f)
{
	f->parked_on = NULL;
	f->next_ready = NULL;
	*loop->ready_tail = f;
	loop->ready_tail = &f->next_ready;
}

static void
expire(struct sg_loop *loop)
{
	int64_t now = sg_clock_mono_ms(), next = SG_CLOCK_NEVER;

	if (now < loop->next_deadline_ms)
		return;
	for (struct sg_fiber *f = loop->all; f != NULL; f = f->next) {
		if (f->parked_on == NULL)
			continue;
		if (f->deadline_ms <= now)
			make_ready(loop, f);
		else if (f->deadline_ms < next)
			next = f->deadline_ms;
	}
	loop->next_deadline_ms = next;
}

/* Who can go on, in order. */
static struct sg_fiber *
take_ready(struct sg_loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	loop->sleeping = false;
	expire(loop);
	struct sg_fiber *list = loop->ready;
	loop->ready = NULL;
	loop->ready_tail = &loop->ready;
	pthread_mutex_unlock(&loop->lock);
	return list;
}

/* How long nobody can go on, if nothing comes from outside: 0 not at all, -1 for ever. From now
 * on who makes a fiber ready wakes the loop. */
static int
fall_asleep(struct sg_loop *loop)
{
	int64_t ms = 0;

	pthread_mutex_lock(&loop->lock);
	loop->sleeping = loop->ready == NULL;
	int64_t next = loop->next_deadline_ms;
	if (loop->sleeping && next != SG_CLOCK_NEVER)
		ms = next - sg_clock_mono_ms(); /* may have passed by now: not for ever then */
	bool ever = loop->sleeping && next == SG_CLOCK_NEVER;
	pthread_mutex_unlock(&loop->lock);
	if (ever)
		return -1;
	if (ms > WAIT_MAX_MS)
		return WAIT_MAX_MS;
	return ms < 0 ? 0 : (int)ms;
}

static void
look_at_descriptors(struct sg_loop *loop, int wait_ms)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(loop->epoll, events, EVENTS_MAX, wait_ms);

	pthread_mutex_lock(&loop->lock);
	loop->sleeping = false;
	pthread_mutex_unlock(&loop->lock);
	for (int i = 0; i < n; i++) {
		struct sg_watch *w = events[i].data.ptr;
		if (w != NULL) /* NULL: the event, which has nothing to say but that we are awake */
			w->fn(w->arg, (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0,
			    (events[i].events & EPOLLOUT) != 0);
	}
}

static void
send_gathered(struct sg_loop *loop)
{
	for (size_t n = 0; n < loop->end_n; n++)
		loop->end[n].fn(loop->end[n].arg);
}

/* Run everybody of a list and send what they gather. */
static void
run_round(struct sg_loop *loop, struct sg_fiber *list)
{
	int64_t since_us = sg_clock_mono_us();

	while (list != NULL) {
		struct sg_fiber *f = list;
		list = f->next_ready; /* it may be made ready again while it runs */
		current = f;
		sg_switch(&loop->at, &f->at);
		current = NULL;
		int64_t now_us = list != NULL ? sg_clock_mono_us() : since_us;
		if (now_us - since_us < HOLD_US)
			continue;
		send_gathered(loop);
		since_us = now_us;
	}
	send_gathered(loop);
}

static void *
loop_main(void *arg)
{
	struct sg_loop *loop = arg;

	own_loop = loop;
	for (;;) {
		run_round(loop, take_ready(loop));
		look_at_descriptors(loop, fall_asleep(loop));
	}
	return NULL;
}

int
sg_loop_turn(struct sg_loop *loop, bool readable)
{
	own_loop = loop;
	if (readable)
		look_at_descriptors(loop, 0);
	run_round(loop, take_ready(loop));
	return fall_asleep(loop);
}

int
sg_loop_fd(const struct sg_loop *loop)
{
	return loop->epoll;
}

static enum sg_code
open_loop(struct sg_loop *loop, struct sg_err *err)
{
	/* By its edge: each write to the event is told once, and nobody has to read it. */
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET};

	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll < 0 || loop->event < 0 ||
	    epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->event, &ev) != 0)
		return sg_fail(
		    err, SG_E_IO, "loop.open", "cannot make a loop: %s", strerror(errno));
	return SG_OK;
}

enum sg_code
sg_loop_start(struct sg_loop *loop, struct sg_err *err)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, loop_main, loop);
	if (rc != 0)
		return sg_fail(err, SG_E_NOMEM, "thread", "cannot start a thread: error %d", rc);
	pthread_detach(thread);
	return SG_OK;
}

enum sg_code
sg_loop_new(struct sg_loop **ret, struct sg_err *err)
{
	struct sg_loop *loop = sg_alloc(sizeof *loop);
	if (loop == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	*loop = (struct sg_loop){.epoll = -1, .event = -1, .next_deadline_ms = SG_CLOCK_NEVER};
	loop->ready_tail = &loop->ready;
	pthread_mutex_init(&loop->lock, NULL);
	enum sg_code rc = open_loop(loop, err);
	if (rc != SG_OK) {
		if (loop->epoll >= 0)
			close(loop->epoll);
		if (loop->event >= 0)
			close(loop->event);
		sg_free(loop);
		return rc;
	}
	*ret = loop;
	return SG_OK;
}

/* A stack with a gap before it that nobody may touch. */
static uint8_t *
new_stack(void)
{
	size_t size = SG_FIBER_STACK + GUARD_SIZE;
	void *p = mmap(
	    NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	if (mprotect(p, GUARD_SIZE, PROT_NONE) != 0) {
		munmap(p, size);
		return NULL;
	}
	return p;
}

static void
fiber_main(void *arg)
{
	struct sg_fiber *f = arg;

	f->main(f->arg);
	/* It must not return; if it does, it waits for ever. */
	struct sg_parker never;
	sg_parker_init(&never);
	for (;;)
		sg_park(&never, SG_CLOCK_NEVER);
}

enum sg_code
sg_loop_spawn(struct sg_loop *loop, void (*main)(void *arg), void *arg, struct sg_err *err)
{
	struct sg_fiber *f = sg_alloc(sizeof *f);
	uint8_t *stack = f != NULL ? new_stack() : NULL;

	if (stack == NULL ||
	    !sg_switch_init(&f->at, stack + GUARD_SIZE, SG_FIBER_STACK, fiber_main, f)) {
		if (stack != NULL)
			munmap(stack, SG_FIBER_STACK + GUARD_SIZE);
		sg_free(f);
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for a fiber");
	}
	f->loop = loop;
	f->main = main;
	f->arg = arg;
	pthread_mutex_lock(&loop->lock);
	f->next = loop->all;
	loop->all = f;
	make_ready(loop, f);
	pthread_mutex_unlock(&loop->lock);
	sg_loop_wake(loop);
	return SG_OK;
}

enum sg_code
sg_loop_at_round_end(struct sg_loop *loop, void (*fn)(void *arg), void *arg, struct sg_err *err)
{
	size_t n = loop->end_n;

	if (n == SG_LOOP_ENDS_MAX)
		return sg_fail(err, SG_E_LIMIT, "loop.ends", "more than %u", SG_LOOP_ENDS_MAX);
	loop->end[n].fn = fn;
	loop->end[n].arg = arg;
	loop->end_n = n + 1;
	return SG_OK;
}

bool
sg_loop_is_ours(const struct sg_loop *loop)
{
	return own_loop == loop;
}

bool
sg_loop_is_fiber(void)
{
	return current != NULL;
}

/* ---- descriptors ---- */

enum sg_code
sg_loop_watch(struct sg_loop *loop, int fd, sg_loop_fn *fn, void *arg, struct sg_watch **ret,
    struct sg_err *err)
{
	struct sg_watch *w = sg_alloc(sizeof *w);
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = w};

	if (w == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	*w = (struct sg_watch){loop, fd, fn, arg};
	*ret = w;
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &ev) == 0)
		return SG_OK;
	*ret = NULL;
	sg_free(w);
	return sg_fail(
	    err, SG_E_IO, "loop.watch", "cannot watch a descriptor: %s", strerror(errno));
}

void
sg_loop_wants_write(struct sg_watch *watch, bool wants)
{
	struct epoll_event ev = {.events = wants ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = watch};
	/* It fails only for a descriptor that is not watched. */
	sg_ignore(epoll_ctl(watch->loop->epoll, EPOLL_CTL_MOD, watch->fd, &ev) != 0);
}

void
sg_loop_unwatch(struct sg_watch *watch)
{
	sg_ignore(epoll_ctl(watch->loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL) != 0);
	sg_free(watch);
}

/* ---- waiting ---- */

void
sg_parker_init(struct sg_parker *parker)
{
	parker->fiber = current;
	parker->called = 0;
}

static bool
park_thread(struct sg_parker *parker, int64_t deadline_ms)
{
	while (!parker->called)
		if (!sg_futex_wait(&parker->called, 0, deadline_ms))
			return parker->called != 0;
	return true;
}

bool
sg_park(struct sg_parker *parker, int64_t deadline_ms)
{
	struct sg_fiber *f = parker->fiber;

	if (f == NULL)
		return park_thread(parker, deadline_ms);
	pthread_mutex_lock(&f->loop->lock);
	bool called = parker->called != 0;
	if (!called) {
		f->parked_on = parker;
		f->deadline_ms = deadline_ms;
		if (deadline_ms < f->loop->next_deadline_ms)
			f->loop->next_deadline_ms = deadline_ms;
	}
	pthread_mutex_unlock(&f->loop->lock);
	if (!called)
		sg_switch(&f->at, &f->loop->at);
	return parker->called != 0;
}

struct sg_loop *
sg_unpark_quietly(struct sg_parker *parker)
{
	struct sg_fiber *f = parker->fiber;

	if (f == NULL) {
		_Atomic uint32_t *word = &parker->called;
		*word = 1;
		/* From here on the waiter may be gone; only the address is used. */
		sg_futex_wake(word, 1);
		return NULL;
	}
	struct sg_loop *loop = f->loop;
	pthread_mutex_lock(&loop->lock);
	parker->called = 1;
	if (f->parked_on == parker)
		make_ready(loop, f);
	pthread_mutex_unlock(&loop->lock);
	return own_loop == loop ? NULL : loop;
}

void
sg_loop_wake(struct sg_loop *loop)
{
	uint64_t one = 1;

	if (loop == NULL)
		return;
	pthread_mutex_lock(&loop->lock);
	bool asleep = loop->sleeping;
	loop->sleeping = false; /* the others need not wake it again */
	pthread_mutex_unlock(&loop->lock);
	/* Cannot fail but for an overflow, and then it is awake. */
	if (asleep)
		sg_ignore(write(loop->event, &one, sizeof one) < 0);
}

void
sg_unpark(struct sg_parker *parker)
{
	sg_loop_wake(sg_unpark_quietly(parker));
}

void
sg_pause_ms(int64_t ms)
{
	struct sg_parker parker;

	sg_parker_init(&parker);
	sg_park(&parker, sg_clock_mono_ms() + ms);
}
