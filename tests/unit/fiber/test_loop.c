/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/alloc_fail.h"
#include "unit/fiber/loop_test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* ---- what may be tried in a child of this process alone, while there is no thread ---- */

/* What is in a stack may not be changed by another one that is too deep. */
static volatile uint8_t *canary;
#define CANARY_SIZE 60000u

static void
keep_canary(void *arg)
{
	uint8_t bytes[CANARY_SIZE];
	struct sg_parker parker;
	atomic_int *there = arg;
	memset(bytes, 0xc5, sizeof bytes);
	canary = bytes;
	atomic_fetch_add(there, 1);
	sg_parker_init(&parker);
	sg_park(&parker, SG_CLOCK_NEVER);
}

static void
on_fault(int no)
{
	sg_ignore(no == 0);
	for (size_t n = 0; n < CANARY_SIZE; n++)
		if (canary[n] != 0xc5)
			_exit(43);
	_exit(42);
}

/* The compiler must see neither that it does not end nor that nobody wants its result. */
static volatile size_t how_deep;

__attribute__((noinline, no_sanitize("address"))) static size_t
fall(size_t depth)
{
	volatile uint8_t step[256];
	if (depth == how_deep)
		return depth;
	step[depth % sizeof step] = (uint8_t)depth;
	return fall(depth + 1) + step[0];
}

static void
fall_for_ever(void *arg)
{
	static uint8_t other[65536];
	stack_t stack = {.ss_sp = other, .ss_size = sizeof other};
	struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK};
	sg_ignore(arg != NULL);
	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	how_deep = SIZE_MAX;
	how_deep = fall(0);
	_exit(44);
}

static int
status_of(pid_t pid)
{
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
stack__too_deep__faults_and_harms_nobody(void **state)
{
	(void)state;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct sg_loop *loop = new_loop();
		atomic_int there = 0;
		/* Whichever way the kernel puts one stack next to another. */
		spawn(loop, keep_canary, &there);
		spawn(loop, fall_for_ever, NULL);
		spawn(loop, keep_canary, &there);
		while (there < 3)
			sg_loop_turn(loop, true);
		_exit(45);
	}
	int status = status_of(pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 42)
		fail_msg("status %x", (unsigned)status);
}

/* Without a handler of its own it ends the process. */
static void
fall_and_die(void *arg)
{
	sg_ignore(arg != NULL);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	how_deep = SIZE_MAX;
	how_deep = fall(0);
}

static void
stack__too_deep__killed(void **state)
{
	(void)state;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct sg_loop *loop = new_loop();
		spawn(loop, fall_and_die, NULL);
		sg_loop_turn(loop, true);
		_exit(45);
	}
	int status = status_of(pid);
	assert_true(WIFSIGNALED(status));
	assert_true(WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS);
}

static bool
is_err(enum sg_code rc, const struct sg_err *err, enum sg_code code, const char *rule)
{
	return rc == code && err->code == code && strcmp(err->rule, rule) == 0;
}

static void
spawn_and_start__no_address_space__said(void **state)
{
	(void)state;
	if (SANITIZED) /* which need address space themselves */
		return;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit none = {1, 1};
		struct sg_err err = {0};
		struct sg_loop *loop = new_loop();
		setrlimit(RLIMIT_AS, &none);
		enum sg_code rc = SG_OK;
		for (int n = 0; n < 4 && rc == SG_OK; n++) /* there may be a gap */
			rc = sg_loop_spawn(loop, nothing, NULL, &err);
		if (!is_err(rc, &err, SG_E_NOMEM, "memory"))
			_exit(1);
		rc = sg_loop_start(loop, &err);
		_exit(is_err(rc, &err, SG_E_NOMEM, "thread") ? 0 : 2);
	}
	assert_int_equal(status_of(pid), 0);
}

/* ---- what fails ---- */

static void
new__no_descriptors__said_and_none_kept(void **state)
{
	(void)state;
	struct rlimit old;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	int first = lowest_free();
	for (unsigned more = 0; more < 2; more++) {
		struct rlimit few = {(rlim_t)first + more, old.rlim_max};
		struct sg_err err = {0};
		struct sg_loop *loop = NULL;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		enum sg_code rc = sg_loop_new(&loop, &err);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
		expect_err(rc, &err, SG_E_IO, "loop.open");
		assert_null(loop);
		assert_int_equal(lowest_free(), first);
	}
}

static void
on_nothing(void *arg, bool readable, bool writable)
{
	sg_ignore(arg != NULL && readable && writable);
}

static void
alloc_fails__each_function__says_so(void **state)
{
	(void)state;
	struct sg_err err = {0};
	struct sg_loop *none = NULL;
	alloc_fail_at(1);
	enum sg_code rc = sg_loop_new(&none, &err);
	alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
	assert_null(none);
	struct sg_loop *loop = new_loop();
	alloc_fail_at(1);
	rc = sg_loop_spawn(loop, nothing, NULL, &err);
	alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
	struct sg_watch *watch = NULL;
	alloc_fail_at(1);
	rc = sg_loop_watch(loop, 0, on_nothing, NULL, &watch, &err);
	alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
	assert_null(watch);
}

static void
watch__not_to_be_watched__said(void **state)
{
	(void)state;
	struct sg_loop *loop = new_loop();
	struct sg_watch *watch = NULL;
	struct sg_err err = {0};
	expect_err(
	    sg_loop_watch(loop, -1, on_nothing, NULL, &watch, &err), &err, SG_E_IO, "loop.watch");
	assert_null(watch);
	int file = memfd_create("a file", MFD_CLOEXEC);
	assert_true(file >= 0);
	expect_err(
	    sg_loop_watch(loop, file, on_nothing, NULL, &watch, &err), &err, SG_E_IO, "loop.watch");
	assert_null(watch);
	close(file);
}

/* ---- fibers ---- */

static void
say_where(void *arg)
{
	struct notes *notes = arg;
	note(notes, sg_loop_is_ours(notes->loop) ? 'y' : 'n');
}

static void
spawn__running_or_not__runs_on_the_loops_thread(void **state)
{
	(void)state;
	static struct notes notes;
	notes.loop = new_loop();
	spawn(notes.loop, say_where, &notes);
	usleep(20000);
	assert_int_equal(notes.n, 0); /* it has no thread yet */
	start(notes.loop);
	wait_for(&notes.n, 1);
	usleep(20000); /* it sleeps */
	spawn(notes.loop, say_where, &notes);
	wait_for(&notes.n, 2);
	assert_string_equal(notes.text, "yy");
	assert_false(sg_loop_is_ours(notes.loop));
}

static void
note_name(void *arg)
{
	struct actor *a = arg;
	note(a->notes, a->name);
}

static void
spawn_more(void *arg)
{
	struct actor *a = arg;
	note(a->notes, a->name);
	for (struct actor *o = a->other; o != NULL; o = o->other)
		spawn(a->notes->loop, note_name, o);
	note(a->notes, '.');
}

/* Who returns, which nobody should, is not run again and stops nobody. */
static void
spawn__several__in_order(void **state)
{
	(void)state;
	static struct notes notes;
	static struct actor a[6];
	notes.loop = new_loop();
	for (size_t n = 0; n < 6; n++)
		a[n] = (struct actor){.notes = &notes, .name = (char)('a' + n)};
	a[0].other = &a[3];
	a[3].other = &a[4];
	a[4].other = &a[5];
	spawn(notes.loop, spawn_more, &a[0]);
	spawn(notes.loop, note_name, &a[1]);
	spawn(notes.loop, note_name, &a[2]);
	start(notes.loop);
	wait_for(&notes.n, 7);
	usleep(20000);
	assert_string_equal(notes.text, "a.bcdef");
}

/* ---- park and unpark ---- */

static void
play(void *arg)
{
	struct actor *a = arg;
	for (int n = 0; n < 50; n++) {
		if (a->name == 'a' || n > 0) {
			note(a->notes, a->name);
			sg_unpark(&a->other->parker);
		}
		if (!sg_park(&a->parker, SG_CLOCK_NEVER))
			note(a->notes, '!');
		sg_parker_init(&a->parker);
	}
	atomic_fetch_add(&a->notes->n, 1000);
}

static void
init_both(void *arg)
{
	struct actor *a = arg;
	/* Both are fibers of one thread: nobody runs in between. */
	sg_parker_init(&a->parker);
	a->parked = true;
	while (!a->other->parked)
		sg_pause_ms(1);
	play(a);
}

static void
park__unparked_by_a_fiber__in_turn(void **state)
{
	(void)state;
	static struct notes notes;
	static struct actor a[2];
	notes.loop = new_started();
	a[0] = (struct actor){.notes = &notes, .other = &a[1], .name = 'a'};
	a[1] = (struct actor){.notes = &notes, .other = &a[0], .name = 'b'};
	spawn(notes.loop, init_both, &a[0]);
	spawn(notes.loop, init_both, &a[1]);
	/* a writes 50 times and waits once more than b answers. */
	for (int tries = 0; notes.n < 1000; tries++) {
		assert_true(tries < SOON_MS);
		usleep(1000);
	}
	assert_null(strchr(notes.text, '!'));
	assert_memory_equal(notes.text, "ababababab", 10);
}

/* A parker that a fiber offers to a thread. */
struct meeting {
	struct sg_loop *loop;
	pthread_mutex_t lock;
	struct sg_parker *there; /* under the lock; its owner takes it away */
	int64_t ms;
	atomic_int n, on_time, late;
	int rounds;
};

static void
meet(struct meeting *m)
{
	struct sg_parker parker;
	sg_parker_init(&parker);
	pthread_mutex_lock(&m->lock);
	m->there = &parker;
	pthread_mutex_unlock(&m->lock);
	bool on_time = sg_park(
	    &parker, m->ms == SG_CLOCK_NEVER ? m->ms : sg_clock_mono_ms() + m->ms);
	pthread_mutex_lock(&m->lock);
	m->there = NULL;
	pthread_mutex_unlock(&m->lock);
	atomic_fetch_add(on_time ? &m->on_time : &m->late, 1);
}

static void
meet_often(void *arg)
{
	struct meeting *m = arg;
	while (m->n < m->rounds) {
		meet(m);
		atomic_fetch_add(&m->n, 1);
	}
}

static bool
call_there(struct meeting *m)
{
	pthread_mutex_lock(&m->lock);
	struct sg_parker *p = m->there;
	m->there = NULL;
	if (p != NULL)
		sg_unpark(p);
	pthread_mutex_unlock(&m->lock);
	return p != NULL;
}

static void
meeting_init(struct meeting *m, int64_t ms, int rounds)
{
	*m = (struct meeting){.ms = ms, .rounds = rounds};
	pthread_mutex_init(&m->lock, NULL);
}

static void
park__unparked_by_a_thread__true(void **state)
{
	(void)state;
	static struct meeting m;
	meeting_init(&m, SG_CLOCK_NEVER, 200);
	spawn(new_started(), meet_often, &m);
	while (m.n < m.rounds) {
		call_there(&m);
		if (m.n % 10 == 0)
			usleep(500); /* it falls asleep */
	}
	assert_int_equal(m.on_time, 200);
	assert_int_equal(m.late, 0);
}

static void *
meet_in_thread(void *arg)
{
	meet_often(arg);
	return NULL;
}

static void
park__a_thread_waits__unparked_by_a_thread(void **state)
{
	(void)state;
	static struct meeting m;
	pthread_t thread;
	meeting_init(&m, SG_CLOCK_NEVER, 200);
	assert_int_equal(pthread_create(&thread, NULL, meet_in_thread, &m), 0);
	while (m.n < m.rounds)
		call_there(&m);
	pthread_join(thread, NULL);
	assert_int_equal(m.on_time, 200);
}

static void
unpark_other(void *arg)
{
	sg_unpark(arg);
}

static void
park__a_thread_waits__unparked_by_a_fiber(void **state)
{
	(void)state;
	static struct sg_parker parker;
	struct sg_loop *loop = new_started();
	for (int n = 0; n < 20; n++) {
		sg_parker_init(&parker);
		spawn(loop, unpark_other, &parker);
		assert_true(sg_park(&parker, sg_clock_mono_ms() + SOON_MS));
	}
}

static void
park_called(void *arg)
{
	struct notes *notes = arg;
	struct sg_parker parker;
	sg_parker_init(&parker);
	sg_unpark(&parker);
	note(notes, sg_park(&parker, SG_CLOCK_NEVER) ? 'y' : 'n');
	note(notes, sg_park(&parker, 0) ? 'y' : 'n'); /* called is called, whatever the time */
	sg_parker_init(&parker);
	note(notes, sg_park(&parker, 0) ? 'y' : 'n');
	note(notes, sg_park(&parker, 1) ? 'y' : 'n');
	sg_unpark(&parker); /* too late for the last one, and in time for the next */
	note(notes, sg_park(&parker, 0) ? 'y' : 'n');
}

static void
park__already_called__true_at_once(void **state)
{
	(void)state;
	static struct notes notes[2];
	park_called(&notes[0]);
	assert_string_equal(notes[0].text, "yynny");
	spawn(new_started(), park_called, &notes[1]);
	wait_for(&notes[1].n, 5);
	assert_string_equal(notes[1].text, "yynny");
}

static void
park_for_a_while(void *arg)
{
	struct notes *notes = arg;
	static const int ms[] = {0, 1, 5, 30, 70};
	for (size_t n = 0; n < sizeof ms / sizeof ms[0]; n++) {
		struct sg_parker parker;
		int64_t begin = sg_clock_mono_ms();
		sg_parker_init(&parker);
		bool called = sg_park(&parker, begin + ms[n]);
		int64_t took = sg_clock_mono_ms() - begin;
		note(notes, !called && took >= ms[n] && took < SOON_MS ? 'y' : 'n');
	}
}

static void
park__nobody_calls__false_at_the_deadline(void **state)
{
	(void)state;
	static struct notes notes[4];
	struct sg_loop *loop = new_started();
	park_for_a_while(&notes[0]);
	for (size_t n = 1; n < 4; n++)
		spawn(loop, park_for_a_while, &notes[n]);
	for (size_t n = 0; n < 4; n++) {
		wait_for(&notes[n].n, 5);
		assert_string_equal(notes[n].text, "yyyyy");
	}
}

/* Unparked about when the deadline comes: it returns once for each, and knows which it was. */
static void
park__deadline_and_unpark_race__one_of_them(void **state)
{
	(void)state;
	static struct meeting m[3];
	struct sg_loop *loop = new_started();
	int rounds = SANITIZED ? 300 : 1500;
	for (size_t n = 0; n < 3; n++) {
		meeting_init(&m[n], 1, rounds);
		spawn(loop, meet_often, &m[n]);
	}
	pthread_t thread; /* and one that waits as a thread does */
	static struct meeting other;
	meeting_init(&other, 1, rounds);
	assert_int_equal(pthread_create(&thread, NULL, meet_in_thread, &other), 0);
	int called = 0;
	for (unsigned n = 0;
	     m[0].n < rounds || m[1].n < rounds || m[2].n < rounds || other.n < rounds; n++) {
		called += call_there(n % 4 == 3 ? &other : &m[n % 4]);
		usleep(n % 7 * 90);
	}
	pthread_join(thread, NULL);
	int late = 0;
	for (size_t n = 0; n < 3; n++) {
		assert_int_equal(m[n].on_time + m[n].late, rounds);
		late += m[n].late;
	}
	/* How often which of them comes first is the machine's choice, but not every time the same.
	 */
	assert_true(late > 0 && late < 3 * rounds);
	assert_int_equal(other.on_time + other.late, rounds);
	/* Who was called in the last moment may know it, or not. */
	assert_true(m[0].on_time + m[1].on_time + m[2].on_time + other.on_time <= called);
}

/* Between the look at the deadlines and falling asleep one passes, by exactly a millisecond. */
static int64_t passes_at;

static void
let_it_pass(void *arg)
{
	sg_ignore(arg != NULL);
	if (passes_at == 0)
		return;
	while (sg_clock_mono_ms() <= passes_at)
		continue;
	passes_at = 0;
}

static void
park_until_it_passes(void *arg)
{
	struct notes *notes = arg;
	for (int n = 0; n < 50; n++) {
		struct sg_parker parker;
		sg_parker_init(&parker);
		int64_t deadline = sg_clock_mono_ms() + 2;
		passes_at = deadline;
		sg_ignore(sg_park(&parker, deadline));
	}
	note(notes, 'y');
}

static void
park__deadline_passes_before_the_loop_sleeps__not_for_ever(void **state)
{
	(void)state;
	static struct notes notes;
	struct sg_err err = {0};
	struct sg_loop *loop = new_loop();
	assert_int_equal(sg_loop_at_round_end(loop, let_it_pass, NULL, &err), SG_OK);
	spawn(loop, park_until_it_passes, &notes);
	start(loop);
	wait_for(&notes.n, 1);
}

/* b, while a pauses; a twice, while b does; and b again. */
static void
pause_for_the_other(void *arg)
{
	struct actor *a = arg;
	while (a->name == 'a' && a->notes->n == 0)
		sg_pause_ms(1);
	note(a->notes, a->name);
	while (a->name == 'b' && a->notes->n < 3)
		sg_pause_ms(1);
	note(a->notes, a->name);
}

static void
pause__fiber__others_run_meanwhile(void **state)
{
	(void)state;
	static struct notes notes;
	static struct actor a[2];
	struct sg_loop *loop = new_started();
	for (size_t n = 0; n < 2; n++) {
		a[n] = (struct actor){.notes = &notes, .name = (char)('a' + n)};
		spawn(loop, pause_for_the_other, &a[n]);
	}
	wait_for(&notes.n, 4);
	assert_string_equal(notes.text, "baab");
	int64_t begin = sg_clock_mono_ms();
	sg_pause_ms(30);
	int64_t took = sg_clock_mono_ms() - begin;
	assert_true(took >= 30 && took < SOON_MS);
}

/* ---- several at once ---- */

static void
unpark_quietly__several__asleep_until_woken_then_in_order(void **state)
{
	(void)state;
	static struct notes notes;
	static struct actor a[8];
	struct sg_loop *loop = new_started();
	for (size_t n = 0; n < 8; n++) {
		a[n] = (struct actor){.notes = &notes, .name = (char)('a' + n)};
		spawn(loop, park_and_note, &a[n]);
	}
	for (size_t n = 0; n < 8; n++)
		wait_asleep(&a[n]);
	static const unsigned order[8] = {5, 3, 1, 7, 0, 2, 6, 4};
	for (size_t n = 0; n < 8; n++)
		assert_ptr_equal(sg_unpark_quietly(&a[order[n]].parker), loop);
	usleep(50000);
	assert_int_equal(notes.n, 0);
	sg_loop_wake(loop);
	wait_for(&notes.n, 8);
	assert_string_equal(notes.text, "fdbhacge");
	sg_loop_wake(loop); /* nobody is there: no harm */
	sg_loop_wake(NULL);
}

static void
unpark_quietly_inside(void *arg)
{
	struct actor *a = arg;
	/* The loop of the caller is awake. */
	note(a->notes, sg_unpark_quietly(&a->other->parker) == NULL ? 'y' : 'n');
}

static void
unpark_quietly__own_fiber_or_a_thread__nothing_left_to_do(void **state)
{
	(void)state;
	static struct notes notes;
	static struct actor a[2];
	struct sg_loop *loop = new_loop();
	a[0] = (struct actor){.notes = &notes, .name = 'a'};
	a[1] = (struct actor){.notes = &notes, .other = &a[0]};
	spawn(loop, park_and_note, &a[0]);
	spawn(loop, unpark_quietly_inside, &a[1]);
	start(loop);
	wait_for(&notes.n, 2);
	assert_string_equal(notes.text, "ya");
	struct sg_parker parker;
	sg_parker_init(&parker);
	assert_null(sg_unpark_quietly(&parker));
	assert_true(sg_park(&parker, 0));
}

#define CROWD 64
#define CALLERS 3

struct crowd {
	struct meeting m[CROWD];
	unsigned caller;
};

static void *
call_a_third(void *arg)
{
	struct crowd *c = arg;
	unsigned me = __atomic_fetch_add(&c->caller, 1, __ATOMIC_SEQ_CST);
	for (bool more = true; more;) {
		bool called = false;
		more = false;
		for (unsigned n = me; n < CROWD; n += CALLERS) {
			called = call_there(&c->m[n]) || called;
			more = more || c->m[n].n < c->m[n].rounds;
		}
		if (!called)
			usleep(20); /* the loop needs the processor, too */
	}
	return NULL;
}

static void
park__many_fibers_and_threads__none_forgotten(void **state)
{
	(void)state;
	static struct crowd c;
	pthread_t thread[CALLERS];
	struct sg_loop *loop = new_started();
	int rounds = SANITIZED ? 500 : 10000;
	for (unsigned n = 0; n < CROWD; n++) {
		meeting_init(&c.m[n], SG_CLOCK_NEVER, rounds);
		spawn(loop, meet_often, &c.m[n]);
	}
	for (unsigned n = 0; n < CALLERS; n++)
		assert_int_equal(pthread_create(&thread[n], NULL, call_a_third, &c), 0);
	for (unsigned n = 0; n < CALLERS; n++)
		pthread_join(thread[n], NULL);
	for (unsigned n = 0; n < CROWD; n++)
		assert_int_equal(c.m[n].on_time, rounds);
}

/* ---- stacks ---- */

#define DEEP (300u * 1024u)

static void
go_deep(void *arg)
{
	struct actor *a = arg;
	volatile uint8_t bytes[DEEP];
	bool good = true;
	for (size_t n = 0; n < DEEP; n++)
		bytes[n] = (uint8_t)(n * 31 + (size_t)a->name);
	for (int round = 0; round < 5; round++) {
		sg_pause_ms(1); /* the others write into theirs */
		for (size_t n = 0; n < DEEP; n++)
			good = good && bytes[n] == (uint8_t)(n * 31 + (size_t)a->name);
	}
	note(a->notes, good ? 'y' : 'n');
}

static void
stack__deep_and_several__kept(void **state)
{
	(void)state;
	static struct notes notes;
	static struct actor a[5];
	struct sg_loop *loop = new_started();
	for (size_t n = 0; n < 5; n++) {
		a[n] = (struct actor){.notes = &notes, .name = (char)('a' + n)};
		spawn(loop, go_deep, &a[n]);
	}
	wait_for(&notes.n, 5);
	assert_string_equal(notes.text, "yyyyy");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    /* These make children: before there are threads. */
	    cmocka_unit_test(stack__too_deep__faults_and_harms_nobody),
	    cmocka_unit_test(stack__too_deep__killed),
	    cmocka_unit_test(spawn_and_start__no_address_space__said),
	    cmocka_unit_test(new__no_descriptors__said_and_none_kept),
	    cmocka_unit_test(alloc_fails__each_function__says_so),
	    cmocka_unit_test(watch__not_to_be_watched__said),
	    cmocka_unit_test(spawn__running_or_not__runs_on_the_loops_thread),
	    cmocka_unit_test(spawn__several__in_order),
	    cmocka_unit_test(park__unparked_by_a_fiber__in_turn),
	    cmocka_unit_test(park__unparked_by_a_thread__true),
	    cmocka_unit_test(park__a_thread_waits__unparked_by_a_thread),
	    cmocka_unit_test(park__a_thread_waits__unparked_by_a_fiber),
	    cmocka_unit_test(park__already_called__true_at_once),
	    cmocka_unit_test(park__nobody_calls__false_at_the_deadline),
	    cmocka_unit_test(park__deadline_and_unpark_race__one_of_them),
	    cmocka_unit_test(park__deadline_passes_before_the_loop_sleeps__not_for_ever),
	    cmocka_unit_test(pause__fiber__others_run_meanwhile),
	    cmocka_unit_test(unpark_quietly__several__asleep_until_woken_then_in_order),
	    cmocka_unit_test(unpark_quietly__own_fiber_or_a_thread__nothing_left_to_do),
	    cmocka_unit_test(park__many_fibers_and_threads__none_forgotten),
	    cmocka_unit_test(stack__deep_and_several__kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
