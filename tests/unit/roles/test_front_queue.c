/* SPDX-License-Identifier: Apache-2.0 */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "fiber/loop.h"
#include "lib/alloc_fail.h"
#include "roles/front/queue.h"

#define MAX 8u

struct work {
	struct queue_item item;
	char name;
};

/* Workers stop in front of the gate; what they took is written down in order. */
struct rig {
	struct sg_loop *loop;
	struct queue *q;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned open; /* how many may pass */
	size_t taken, done;
	char order[64];
	struct work work[64];
	size_t n;
};

static void
handle(struct queue_item *item, void *arg)
{
	struct rig *rig = arg;
	struct work *w = (struct work *)item;

	pthread_mutex_lock(&rig->lock);
	rig->order[rig->taken++] = w->name;
	pthread_cond_broadcast(&rig->changed);
	while (rig->open == 0) {
		pthread_mutex_unlock(&rig->lock);
		sg_pause_ms(1); /* the other workers are fibers of the same thread */
		pthread_mutex_lock(&rig->lock);
	}
	rig->open--;
	rig->done++;
	pthread_cond_broadcast(&rig->changed);
	pthread_mutex_unlock(&rig->lock);
}

static void
start(struct rig *rig, size_t workers)
{
	struct sg_err err;

	*rig = (struct rig){0};
	pthread_mutex_init(&rig->lock, NULL);
	pthread_cond_init(&rig->changed, NULL);
	assert_int_equal(sg_loop_new(&rig->loop, &err), SG_OK);
	assert_int_equal(
	    front_queue_new(rig->loop, workers, MAX, handle, rig, &rig->q, &err), SG_OK);
	assert_int_equal(sg_loop_start(rig->loop, &err), SG_OK);
}

/* Capitals owe ten refusals; a digit is a known key of the address 'A'. */
static struct work *
push(struct rig *rig, char name)
{
	struct work *w = &rig->work[rig->n++];
	bool known = name >= '0' && name <= '9';
	struct queue_from from = {.addr = known ? 'A' : (unsigned char)name,
	    .owes = name >= 'A' && name <= 'Z' ? 10 : 0,
	    .known = known};
	w->name = name;
	return (struct work *)front_queue_push(rig->q, &from, &w->item);
}

static void
wait_taken(struct rig *rig, size_t n)
{
	pthread_mutex_lock(&rig->lock);
	while (rig->taken < n)
		pthread_cond_wait(&rig->changed, &rig->lock);
	pthread_mutex_unlock(&rig->lock);
}

static void
let(struct rig *rig, unsigned n)
{
	pthread_mutex_lock(&rig->lock);
	rig->open += n;
	pthread_cond_broadcast(&rig->changed);
	pthread_mutex_unlock(&rig->lock);
}

/* Everything pushed passes; then the workers wait for nothing of this frame. */
static void
finish(struct rig *rig, size_t n)
{
	let(rig, 64);
	pthread_mutex_lock(&rig->lock);
	while (rig->done < n)
		pthread_cond_wait(&rig->changed, &rig->lock);
	pthread_mutex_unlock(&rig->lock);
}

static void
push__one_worker__addresses_take_turns(void **state)
{
	static struct rig rig;
	(void)state;
	start(&rig, 1);
	assert_null(push(&rig, 'a'));
	wait_taken(&rig, 1);
	for (const char *p = "aaabbc"; *p != 0; p++)
		assert_null(push(&rig, *p));
	finish(&rig, 7);
	assert_string_equal(rig.order, "aabcaba");
}

static void
push__several_workers__fewest_running_first(void **state)
{
	static struct rig rig;
	(void)state;
	start(&rig, 4);
	for (const char *p = "aaaaaaa"; *p != 0; p++)
		assert_null(push(&rig, *p));
	/* Nobody else waits: it has all workers. */
	wait_taken(&rig, 4);
	assert_null(push(&rig, 'b'));
	assert_null(push(&rig, 'b'));
	let(&rig, 1);
	wait_taken(&rig, 5);
	let(&rig, 1);
	wait_taken(&rig, 6);
	assert_string_equal(rig.order, "aaaabb");
	finish(&rig, 9);
	assert_string_equal(rig.order, "aaaabbaaa");
}

static void
push__addresses_that_owe__come_last_and_give_way(void **state)
{
	static struct rig rig;
	(void)state;
	start(&rig, 1);
	assert_null(push(&rig, 'A'));
	wait_taken(&rig, 1);
	for (const char *p = "ABCDEFAa"; *p != 0; p++)
		assert_null(push(&rig, *p));
	/* Full: one who owes nothing takes the place of one who does, and not the reverse. */
	assert_ptr_equal(push(&rig, 'b'), &rig.work[7]);
	assert_non_null(push(&rig, 'a'));
	assert_non_null(push(&rig, 'a'));
	for (unsigned n = 0; n < 5; n++) /* six wait, and still they come first */
		assert_non_null(push(&rig, 'a'));
	struct work *mine = &rig.work[rig.n];
	assert_ptr_equal(push(&rig, 'G'), mine);
	finish(&rig, 9);
	assert_memory_equal(rig.order, "Aab", 3);
}

/* What others of its address owe does not count, and among themselves they take turns. */
static void
push__known_keys__before_what_their_address_owes(void **state)
{
	static struct rig rig;
	(void)state;
	start(&rig, 1);
	assert_null(push(&rig, 'x'));
	wait_taken(&rig, 1);
	for (const char *p = "AAAA1a23"; *p != 0; p++)
		assert_null(push(&rig, *p));
	/* And when it is full, its others give way. */
	assert_ptr_equal(push(&rig, '4'), &rig.work[4]);
	finish(&rig, 1 + MAX);
	assert_string_equal(rig.order, "x1a234AAA");
}

static void
push__full__longest_gives_way(void **state)
{
	static struct rig rig;
	(void)state;
	start(&rig, 1);
	assert_null(push(&rig, 'a'));
	wait_taken(&rig, 1);
	for (unsigned n = 0; n < MAX; n++)
		assert_null(push(&rig, 'a'));
	/* Its own newcomer goes itself. */
	struct work *mine = &rig.work[rig.n];
	assert_ptr_equal(push(&rig, 'a'), mine);
	/* Another's takes the place of its newest. */
	assert_ptr_equal(push(&rig, 'b'), &rig.work[MAX]);
	assert_ptr_equal(push(&rig, 'c'), &rig.work[MAX - 1]);
	let(&rig, 1);
	wait_taken(&rig, 2);
	finish(&rig, 1 + MAX);
	assert_string_equal(rig.order, "aabcaaaaa");
}

/* As many addresses as can wait, again and again: each has a place, and gives it back. */
static void
push__all_different__places_come_back(void **state)
{
	static struct rig rig;
	(void)state;
	start(&rig, 1);
	for (unsigned round = 0; round < 5; round++) {
		rig.n = 0;
		assert_null(push(&rig, 'x'));
		wait_taken(&rig, 9 * round + 1);
		for (unsigned n = 0; n < MAX; n++)
			assert_null(push(&rig, (char)('a' + n)));
		/* Nobody has more waiting than one who comes would have. */
		struct work *mine = &rig.work[rig.n];
		assert_ptr_equal(push(&rig, 'z'), mine);
		let(&rig, 9);
		pthread_mutex_lock(&rig.lock);
		while (rig.done < 9 * (round + 1))
			pthread_cond_wait(&rig.changed, &rig.lock);
		pthread_mutex_unlock(&rig.lock);
	}
	assert_string_equal(rig.order, "xabcdefghxabcdefghxabcdefghxabcdefghxabcdefgh");
}

static void
new__no_memory__refused(void **state)
{
	static struct sg_loop *loop; /* keeps what was begun */
	struct queue *q = NULL;
	struct sg_err err;
	(void)state;
	assert_int_equal(sg_loop_new(&loop, &err), SG_OK);
	/* The queue; the second worker, when the first one waits and keeps it. */
	for (unsigned long n = 1; n <= 3; n += 2) {
		alloc_fail_at(n);
		enum sg_code rc = front_queue_new(loop, 2, 1, handle, NULL, &q, &err);
		alloc_fail_at(0);
		assert_int_equal(rc, SG_E_NOMEM);
		assert_string_equal(err.rule, "memory");
		assert_null(q);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(push__one_worker__addresses_take_turns),
	    cmocka_unit_test(push__several_workers__fewest_running_first),
	    cmocka_unit_test(push__addresses_that_owe__come_last_and_give_way),
	    cmocka_unit_test(push__known_keys__before_what_their_address_owes),
	    cmocka_unit_test(push__full__longest_gives_way),
	    cmocka_unit_test(push__all_different__places_come_back),
	    cmocka_unit_test(new__no_memory__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
