/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fiber/switch.c - the jump between the stack of a loop's thread and those of its fibers
 *
 * Below the loop, which decides who runs. Small and alone because it is compiled differently:
 * without _FORTIFY_SOURCE, whose longjmp() ends a process that jumps to another stack, and without
 * shadow stacks (meson.build), to which longjmp() cannot jump either: an object without them
 * tells the loader to use none in this process.
 */
#undef _FORTIFY_SOURCE

#include "fiber/switch.h"

#include <signal.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

/* makecontext() can pass numbers only. */
static _Thread_local struct sg_switch *entering;

#ifdef HAS_ASAN

static _Thread_local struct sg_switch *leaving;

/* Tell the sanitizer that we are on another stack, and learn of the one before. */
static void
arrive(void *fake)
{
	__sanitizer_finish_switch_fiber(fake, &leaving->stack, &leaving->stack_len);
}

void __attribute__((noinline)) sg_switch(struct sg_switch *from, struct sg_switch *to)
{
	void *fake = NULL;

	leaving = from;
	entering = to;
	__sanitizer_start_switch_fiber(&fake, to->stack, to->stack_len);
	swapcontext(&from->entry, &to->entry);
	arrive(fake);
}

#else

static void
arrive(void *fake)
{
	(void)fake;
}

/* Not inlined, and without a variable of its own: nothing of a caller's is in a register that the
 * jump would not restore. */
void __attribute__((noinline)) sg_switch(struct sg_switch *from, struct sg_switch *to)
{
	from->begun = true; /* or it would not run */
	if (sigsetjmp(from->left, 0) != 0)
		return;
	if (to->begun)
		siglongjmp(to->left, 1);
	entering = to;
	/* setcontext() sets a mask: the thread's own, not that of the thread which made the fiber.
	 */
	pthread_sigmask(SIG_SETMASK, NULL, &to->entry.uc_sigmask);
	setcontext(&to->entry);
}

#endif

static void
begin(void)
{
	struct sg_switch *c = entering;

	arrive(NULL);
	c->main(c->arg);
}

bool
sg_switch_init(
    struct sg_switch *to, uint8_t *stack, size_t stack_len, void (*main)(void *arg), void *arg)
{
	if (getcontext(&to->entry) != 0)
		return false;
	to->entry.uc_stack.ss_sp = stack;
	to->entry.uc_stack.ss_size = stack_len;
	to->entry.uc_link = NULL;
	to->begun = false;
	to->main = main;
	to->arg = arg;
	to->stack = stack;
	to->stack_len = stack_len;
	makecontext(&to->entry, begin, 0);
	return true;
}
