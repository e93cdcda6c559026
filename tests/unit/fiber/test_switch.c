/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_switch.c - stacks that are entered, left and resumed; what a switch keeps, and what it costs
 */

#include "unit/base/base_test.h"

#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fiber/switch.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#define STACK_LEN 131072u
#define STACKS 5

struct strand {
	struct sg_switch at;
	struct sg_switch *home;
	unsigned number, turns;
	uintptr_t local; /* the address of a variable of its main */
	bool wrong;
};

static _Alignas(64) uint8_t stacks[STACKS][STACK_LEN];

/* Counts its turns in a variable, and looks whether what it had in registers is still there. */
static void
strand_main(void *arg)
{
	struct strand *s = arg;
	unsigned turns = 0;
	uint64_t a = s->number, b = a * 3, c = a * 5, d = a * 7, e = a * 11, f = a * 13;
	double x = s->number + 0.5;

	s->local = (uintptr_t)&turns;
	for (;;) {
		s->turns = ++turns;
		sg_switch(&s->at, s->home);
		a++, b += 3, c += 5, d += 7, e += 11, f += 13, x += 1;
		uint64_t want = s->number + turns;
		s->wrong |= a != want || b != 3 * want || c != 5 * want || d != 7 * want ||
			    e != 11 * want || f != 13 * want || x < (double)want ||
			    x > (double)want + 1;
	}
}

static void
new_strand(struct strand *s, struct sg_switch *home, unsigned number)
{
	*s = (struct strand){.home = home, .number = number};
	assert_true(sg_switch_init(&s->at, stacks[number], STACK_LEN, strand_main, s));
}

static void
switch__many_stacks__each_goes_on_where_it_was(void **state)
{
	static struct strand strand[STACKS];
	static struct sg_switch home;
	(void)state;
	for (unsigned n = 0; n < STACKS; n++)
		new_strand(&strand[n], &home, n);
	for (unsigned turn = 1; turn <= 1000; turn++)
		for (unsigned n = 0; n < STACKS; n++) {
			sg_switch(&home, &strand[(n * turn) % STACKS].at);
			sg_switch(&home, &strand[n].at);
		}
	for (unsigned n = 0; n < STACKS; n++) {
		assert_false(strand[n].wrong);
		assert_true(strand[n].turns >= 1000);
		uintptr_t begin = (uintptr_t)stacks[n];
#ifndef SANITIZED /* it may keep variables elsewhere */
		assert_true(strand[n].local >= begin && strand[n].local < begin + STACK_LEN);
#else
		assert_true(begin > 0);
#endif
	}
}

#ifndef SANITIZED
static bool
is_blocked(int signal)
{
	sigset_t now;
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &now), 0);
	return sigismember(&now, signal) == 1;
}

static void *
resume_blocked(void *arg)
{
	static struct sg_switch home;
	struct strand *s = arg;
	sigset_t set;

	s->home = &home;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
	sg_switch(&home, &s->at);
	sg_switch(&home, &s->at);
	return is_blocked(SIGUSR1) ? arg : NULL;
}

static void
switch__made_by_a_thread_with_another_mask__keeps_that_of_its_own(void **state)
{
	static struct strand s;
	pthread_t thread;
	void *kept = NULL;
	(void)state;
	new_strand(&s, NULL, 0);
	assert_false(is_blocked(SIGUSR1));
	assert_int_equal(pthread_create(&thread, NULL, resume_blocked, &s), 0);
	assert_int_equal(pthread_join(thread, &kept), 0);
	assert_ptr_equal(kept, &s);
	assert_int_equal(s.turns, 2);
}

/* A process in strict mode is killed by any system call but read, write and exit. */
static void
switch__after_the_first__makes_no_system_call(void **state)
{
	static struct strand s;
	static struct sg_switch home;
	int status = 0;
	(void)state;
	new_strand(&s, &home, 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		sg_switch(&home, &s.at);
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
			_exit(2);
		for (unsigned n = 0; n < 1000; n++)
			sg_switch(&home, &s.at);
		syscall(SYS_exit, s.turns == 1001 && !s.wrong ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		skip();
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(switch__many_stacks__each_goes_on_where_it_was),
#ifndef SANITIZED
	    cmocka_unit_test(switch__made_by_a_thread_with_another_mask__keeps_that_of_its_own),
	    cmocka_unit_test(switch__after_the_first__makes_no_system_call),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
