/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include <stdatomic.h>
#include <unistd.h>

#include "fiber/loop.h"
#include "fiber/pool.h"
#include "lib/alloc_fail.h"

/* Pools and loops live as long as their process: they are kept where a leak check sees them. */
static struct sg_pool *volatile kept[16];
static struct sg_loop *volatile kept_loop[16];
static size_t kept_n;

static struct sg_loop *
new_loop(void)
{
	struct sg_err err = {0};
	struct sg_loop *loop = NULL;
	assert_int_equal(sg_loop_new(&loop, &err), SG_OK);
	assert_int_equal(sg_loop_start(loop, &err), SG_OK);
	assert_true(kept_n < sizeof kept / sizeof kept[0]);
	kept_loop[kept_n] = loop;
	return loop;
}

static struct sg_pool *
new_pool(size_t workers, size_t queue_max, sg_pool_handler *handler, void *arg)
{
	struct sg_err err = {0};
	struct sg_pool *p = NULL;
	assert_int_equal(
	    sg_pool_new(new_loop(), workers, queue_max, handler, arg, &p, &err), SG_OK);
	kept[kept_n++] = p;
	return p;
}

static void
wait_for(atomic_int *n, int want)
{
	for (int tries = 0; *n < want; tries++) {
		if (tries > 10000)
			fail_msg("%d of %d", *n, want);
		usleep(1000);
	}
}

struct counts {
	atomic_int done;
	atomic_int of[1000];
};

static void
count_item(void *item, void *arg)
{
	struct counts *c = arg;
	atomic_fetch_add(&c->of[(uintptr_t)item], 1);
	atomic_fetch_add(&c->done, 1);
}

static void
push__many__each_once(void **state)
{
	(void)state;
	static struct counts c;
	struct sg_pool *p = new_pool(8, 16, count_item, &c);
	for (uintptr_t n = 0; n < 1000; n++)
		while (!sg_pool_push(p, (void *)n))
			usleep(100);
	wait_for(&c.done, 1000);
	for (size_t n = 0; n < 1000; n++)
		assert_int_equal(c.of[n], 1);
}

/* Workers that wait at a gate. */
struct gate {
	atomic_bool open;
	atomic_int inside, done;
	uintptr_t order[64];
};

static void
wait_at_gate(void *item, void *arg)
{
	struct gate *g = arg;
	atomic_fetch_add(&g->inside, 1);
	while (!g->open)
		sg_pause_ms(1);
	g->order[g->done] = (uintptr_t)item;
	atomic_fetch_add(&g->done, 1);
}

static void
push__queue_full__refused_until_there_is_room(void **state)
{
	(void)state;
	static struct gate g;
	struct sg_pool *p = new_pool(3, 5, wait_at_gate, &g);
	for (uintptr_t n = 0; n < 3; n++)
		assert_true(sg_pool_push(p, (void *)n));
	wait_for(&g.inside, 3);
	for (uintptr_t n = 0; n < 5; n++)
		assert_true(sg_pool_push(p, (void *)n));
	for (int n = 0; n < 10; n++)
		assert_false(sg_pool_push(p, NULL));
	g.open = true;
	wait_for(&g.done, 8);
	assert_true(sg_pool_push(p, NULL));
	wait_for(&g.done, 9);
}

static void
push__one_worker__in_order(void **state)
{
	(void)state;
	static struct gate g;
	struct sg_pool *p = new_pool(1, 7, wait_at_gate, &g);
	assert_true(sg_pool_push(p, (void *)(uintptr_t)0));
	wait_for(&g.inside, 1);
	for (uintptr_t n = 1; n < 8; n++)
		assert_true(sg_pool_push(p, (void *)n));
	g.open = true;
	for (uintptr_t n = 8; n < 60; n++) /* round the ring */
		while (!sg_pool_push(p, (void *)n))
			usleep(100);
	wait_for(&g.done, 60);
	for (uintptr_t n = 0; n < 60; n++)
		assert_true(g.order[n] == n);
}

/* Without a queue only somebody idle takes an item. */
static void
push__no_queue__only_to_the_idle(void **state)
{
	(void)state;
	static struct gate g;
	struct sg_pool *p = new_pool(2, 0, wait_at_gate, &g);
	for (uintptr_t n = 0; n < 2; n++)
		while (!sg_pool_push(p, (void *)n))
			usleep(100);
	wait_for(&g.inside, 2);
	for (int n = 0; n < 10; n++)
		assert_false(sg_pool_push(p, NULL));
	g.open = true;
	wait_for(&g.done, 2);
}

static void
new__no_memory__says_so(void **state)
{
	(void)state;
	struct sg_loop *loop = new_loop();
	kept_n++;
	/* The pool's own three; the second worker, when the first one waits and keeps the pool. */
	for (unsigned long n = 1; n <= 5; n += n == 3 ? 2 : 1) {
		struct sg_err err = {0};
		struct sg_pool *p = NULL;
		alloc_fail_at(n);
		enum sg_code rc = sg_pool_new(loop, 2, 1, count_item, NULL, &p, &err);
		alloc_fail_at(0);
		expect_err(rc, &err, SG_E_NOMEM, "memory");
		assert_null(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(push__many__each_once),
	    cmocka_unit_test(push__queue_full__refused_until_there_is_room),
	    cmocka_unit_test(push__one_worker__in_order),
	    cmocka_unit_test(push__no_queue__only_to_the_idle),
	    cmocka_unit_test(new__no_memory__says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
