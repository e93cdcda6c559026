/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_loop_turns.c - rounds and their ends, loops turned by another one, descriptors
 */

#include "unit/fiber/loop_test.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

/* ---- the ends of rounds ---- */

static void
end_1(void *arg)
{
	struct notes *notes = arg;
	if (notes->n > 0 && notes->n < 200)
		note(notes, '1');
}

static void
end_2(void *arg)
{
	struct notes *notes = arg;
	if (notes->n > 0 && notes->n < 200)
		note(notes, '2');
}

static void
pause_between(void *arg)
{
	struct actor *a = arg;
	note(a->notes, a->name);
	if (a->name == 'c')
		sg_unpark(&a->other->parker);
}

/* After everybody who could go on, in the order in which they were named, and again before the
 * loop sleeps; who is made ready in a round is one of the next. */
static void
round_end__fibers_run__after_each_round_in_order(void **state)
{
	(void)state;
	static struct notes notes;
	static struct actor a[3];
	struct sg_err err = {0};
	struct sg_loop *loop = new_loop();
	assert_int_equal(sg_loop_at_round_end(loop, end_1, &notes, &err), SG_OK);
	assert_int_equal(sg_loop_at_round_end(loop, end_2, &notes, &err), SG_OK);
	for (size_t n = 0; n < 3; n++)
		a[n] = (struct actor){.notes = &notes, .name = (char)('a' + n)};
	a[2].other = &a[0];
	spawn(loop, park_and_note, &a[0]);
	spawn(loop, pause_between, &a[1]);
	spawn(loop, pause_between, &a[2]);
	assert_int_equal(sg_loop_turn(loop, true), 0);
	assert_string_equal(notes.text, "bc12");
	assert_int_equal(sg_loop_turn(loop, true), -1);
	assert_string_equal(notes.text, "bc12a12");
}

static void
round_end__too_many__limit(void **state)
{
	(void)state;
	struct sg_err err = {0};
	struct sg_loop *loop = new_loop();
	for (size_t n = 0; n < SG_LOOP_ENDS_MAX; n++)
		assert_int_equal(sg_loop_at_round_end(loop, nothing, NULL, &err), SG_OK);
	expect_err(sg_loop_at_round_end(loop, nothing, NULL, &err), &err, SG_E_LIMIT, "loop.ends");
}

static void
note_if_fiber(void *arg)
{
	note(arg, sg_loop_is_fiber() ? 'f' : 't');
}

/* What runs between the fibers is none. */
static void
is_fiber__fiber_end_and_thread__told_apart(void **state)
{
	(void)state;
	static struct notes notes;
	struct sg_err err = {0};
	struct sg_loop *loop = new_loop();
	assert_int_equal(sg_loop_at_round_end(loop, note_if_fiber, &notes, &err), SG_OK);
	spawn(loop, note_if_fiber, &notes);
	assert_int_equal(sg_loop_turn(loop, true), -1);
	assert_string_equal(notes.text, "ft");
	assert_false(sg_loop_is_fiber());
}

/* ---- turned by another loop ---- */

static bool
is_readable(int fd, int ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	return poll(&poll_fd, 1, ms) == 1;
}

static void *
unpark_from_thread(void *arg)
{
	sg_unpark(arg);
	return NULL;
}

/* Comes back for its own pauses, and notes nothing before another has. */
static void
pause_then_follow(void *arg)
{
	struct actor *a = arg;
	do
		sg_pause_ms(20);
	while (a->notes->n == 0);
	note(a->notes, a->name);
	sg_pause_ms(20);
	note(a->notes, a->name);
}

static void
turn__by_hand__says_when_to_come_again(void **state)
{
	(void)state;
	static struct notes notes;
	static struct actor a, sleeper;
	struct sg_loop *loop = new_loop();
	assert_int_equal(sg_loop_turn(loop, true), -1);
	assert_true(sg_loop_is_ours(loop));
	assert_false(is_readable(sg_loop_fd(loop), 0));
	a = (struct actor){.notes = &notes, .name = 'a'};
	spawn(loop, park_and_note, &a);
	assert_int_equal(sg_loop_turn(loop, true), -1);
	sleeper = (struct actor){.notes = &notes, .name = 'b'};
	spawn(loop, pause_then_follow, &sleeper);
	int ms = sg_loop_turn(loop, true);
	assert_true(ms >= 0 && ms <= 20);
	/* From outside: the descriptor says it. */
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, unpark_from_thread, &a.parker), 0);
	assert_true(is_readable(sg_loop_fd(loop), SOON_MS));
	pthread_join(thread, NULL);
	while (ms = sg_loop_turn(loop, true), notes.n < 3)
		sg_ignore(is_readable(sg_loop_fd(loop), ms));
	assert_string_equal(notes.text, "abb");
	assert_int_equal(sg_loop_turn(loop, true), -1);
	assert_false(is_readable(sg_loop_fd(loop), 0));
}

static void
park_again_and_again(void *arg)
{
	struct actor *a = arg;
	for (;;) {
		sg_parker_init(&a->parker);
		a->parked = true;
		sg_park(&a->parker, SG_CLOCK_NEVER);
		a->parked = false;
		atomic_fetch_add(&a->notes->n, 1);
	}
}

/* Nobody reads the event: each wake is told by itself. */
static void
turn__woken_again_and_again__told_each_time(void **state)
{
	(void)state;
	static struct notes notes;
	static struct actor a = {.notes = &notes};
	struct sg_loop *loop = new_loop();
	spawn(loop, park_again_and_again, &a);
	assert_int_equal(sg_loop_turn(loop, true), -1);
	for (int n = 1; n <= 100; n++) {
		pthread_t thread;
		assert_true(a.parked);
		assert_false(is_readable(sg_loop_fd(loop), 0));
		assert_int_equal(pthread_create(&thread, NULL, unpark_from_thread, &a.parker), 0);
		pthread_join(thread, NULL);
		assert_true(is_readable(sg_loop_fd(loop), 0));
		assert_int_equal(sg_loop_turn(loop, true), -1);
		assert_int_equal(notes.n, n);
	}
}

/* A minute is the longest: a deadline may be years away. */
static void
park_for_long(void *arg)
{
	struct sg_parker parker;
	sg_parker_init(&parker);
	sg_ignore(sg_park(&parker, sg_clock_mono_ms() + *(int64_t *)arg));
}

static void
turn__deadline_far_away__once_a_minute(void **state)
{
	(void)state;
	static int64_t far[] = {10000, INT64_MAX / 2};
	struct sg_loop *loop = new_loop();
	spawn(loop, park_for_long, &far[1]);
	assert_int_equal(sg_loop_turn(loop, true), 60000);
	spawn(loop, park_for_long, &far[0]);
	int ms = sg_loop_turn(loop, true);
	assert_true(ms >= 0 && ms <= 10000);
}

/* ---- descriptors ---- */

struct watched {
	struct sg_watch *watch;
	int fd;
	atomic_int reads, writes, ends;
	atomic_bool stay_writable;
	char got[64];
	size_t got_n;
};

static void
on_event(void *arg, bool readable, bool writable)
{
	struct watched *w = arg;
	if (writable) {
		if (!w->stay_writable)
			sg_loop_wants_write(w->watch, false);
		atomic_fetch_add(&w->writes, 1);
	}
	if (!readable)
		return;
	ssize_t n = read(w->fd, w->got + w->got_n, 1);
	if (n > 0) {
		w->got_n++;
		atomic_fetch_add(&w->reads, 1);
		return;
	}
	sg_loop_unwatch(w->watch);
	close(w->fd);
	atomic_fetch_add(&w->ends, 1);
}

static int
watch_one(struct sg_loop *loop, struct watched *w)
{
	struct sg_err err = {0};
	int fd[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd), 0);
	w->fd = fd[0];
	assert_int_equal(sg_loop_watch(loop, fd[0], on_event, w, &w->watch, &err), SG_OK);
	return fd[1];
}

static void
watch__readable_and_ended__called(void **state)
{
	(void)state;
	static struct watched w[40]; /* more than are looked at in one go */
	struct sg_loop *loop = new_started();
	int first = lowest_free(), other[40];
	for (size_t n = 0; n < 40; n++)
		other[n] = watch_one(loop, &w[n]);
	for (size_t n = 0; n < 40; n++)
		assert_int_equal(write(other[n], "abc", 3), 3);
	for (size_t n = 0; n < 40; n++) {
		wait_for(&w[n].reads, 3); /* what it did not read it is told of again */
		assert_int_equal(w[n].writes, 0);
		assert_int_equal(write(other[n], "d", 1), 1);
		close(other[n]);
	}
	for (size_t n = 0; n < 40; n++) {
		wait_for(&w[n].ends, 1);
		assert_string_equal(w[n].got, "abcd");
	}
	assert_int_equal(lowest_free(), first);
}

static void
watch__wants_write__as_long_as_it_does(void **state)
{
	(void)state;
	static struct watched w;
	struct sg_loop *loop = new_started();
	int other = watch_one(loop, &w);
	usleep(20000);
	assert_int_equal(w.writes, 0);
	sg_loop_wants_write(w.watch, true);
	wait_for(&w.writes, 1);
	usleep(20000);
	assert_int_equal(w.writes, 1);
	assert_int_equal(write(other, "x", 1), 1);
	wait_for(&w.reads, 1);
	/* Again and again, and both at once. */
	w.stay_writable = true;
	sg_loop_wants_write(w.watch, true);
	wait_for(&w.writes, 10);
	assert_int_equal(write(other, "y", 1), 1);
	wait_for(&w.reads, 2);
	close(other);
	wait_for(&w.ends, 1);
}

static void
spin(void *arg)
{
	struct notes *notes = arg;
	while (notes->n == 0)
		sg_pause_ms(0);
	atomic_fetch_add(&notes->n, 1);
}

/* Who turns a loop for its fibers alone does not look at the descriptors. */
static void
turn__not_readable__fibers_only(void **state)
{
	(void)state;
	static struct notes notes;
	static struct watched w;
	struct sg_loop *loop = new_loop();
	int other = watch_one(loop, &w);
	assert_int_equal(write(other, "a", 1), 1);
	spawn(loop, note_if_fiber, &notes);
	assert_int_equal(sg_loop_turn(loop, false), -1);
	assert_string_equal(notes.text, "f");
	assert_int_equal(w.reads, 0);
	assert_true(is_readable(sg_loop_fd(loop), 0));
	assert_int_equal(sg_loop_turn(loop, true), -1);
	assert_int_equal(w.reads, 1);
	close(other);
}

/* Fibers that always can go on leave the descriptors their turn, and the reverse. */
static void
watch__busy_fibers__served_all_the_same(void **state)
{
	(void)state;
	static struct notes notes;
	static struct watched w;
	struct sg_loop *loop = new_started();
	for (int n = 0; n < 3; n++)
		spawn(loop, spin, &notes);
	int other = watch_one(loop, &w);
	assert_int_equal(write(other, "abc", 3), 3);
	wait_for(&w.reads, 3);
	w.stay_writable = true;
	sg_loop_wants_write(w.watch, true);
	wait_for(&w.writes, 10);
	notes.n = 1;
	wait_for(&notes.n, 4);
	close(other);
	wait_for(&w.ends, 1);
}

struct waker {
	struct watched w; /* first */
	struct actor *actor;
};

static void
wake_on_event(void *arg, bool readable, bool writable)
{
	struct waker *waker = arg;
	on_event(&waker->w, readable, writable);
	if (readable && waker->w.ends == 0)
		sg_unpark(&waker->actor->parker);
}

/* As an answer does: what was read makes a fiber ready, which nobody has to wake the loop for. */
static void
watch__unparks_a_fiber__runs(void **state)
{
	(void)state;
	static struct notes notes;
	static struct actor a;
	static struct waker waker;
	struct sg_err err = {0};
	struct sg_loop *loop = new_started();
	int fd[2];
	a = (struct actor){.notes = &notes, .name = 'a'};
	waker.actor = &a;
	spawn(loop, park_and_note, &a);
	wait_asleep(&a);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	waker.w.fd = fd[0];
	assert_int_equal(
	    sg_loop_watch(loop, fd[0], wake_on_event, &waker, &waker.w.watch, &err), SG_OK);
	usleep(20000);
	assert_int_equal(write(fd[1], "x", 1), 1);
	wait_for(&notes.n, 1);
	close(fd[1]);
	wait_for(&waker.w.ends, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_end__fibers_run__after_each_round_in_order),
	    cmocka_unit_test(round_end__too_many__limit),
	    cmocka_unit_test(is_fiber__fiber_end_and_thread__told_apart),
	    cmocka_unit_test(turn__by_hand__says_when_to_come_again),
	    cmocka_unit_test(turn__woken_again_and_again__told_each_time),
	    cmocka_unit_test(turn__deadline_far_away__once_a_minute),
	    cmocka_unit_test(turn__not_readable__fibers_only),
	    cmocka_unit_test(watch__readable_and_ended__called),
	    cmocka_unit_test(watch__wants_write__as_long_as_it_does),
	    cmocka_unit_test(watch__busy_fibers__served_all_the_same),
	    cmocka_unit_test(watch__unparks_a_fiber__runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
