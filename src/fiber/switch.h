/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fiber/switch.h - from one stack to another without a system call
 *
 * swapcontext() saves and sets the signal mask at each switch, two system calls for a fiber that
 * parks and goes on. Here a stack is entered by makecontext() once and left and resumed by
 * sigsetjmp() and siglongjmp(), which keep registers only. Under AddressSanitizer, which must be
 * told of each stack and replaces siglongjmp() by one that expects a single stack, it is
 * swapcontext() throughout.
 *
 * So the signal mask is the thread's and not the fiber's: nothing that runs as a fiber changes it
 * (tools/lint, signal-mask).
 *
 * Ownership: a stack is borrowed. Nothing is released: a stack that is not resumed any more
 *            may be unmapped.
 * Threads:   a context belongs to the thread that resumes it first.
 */

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

/* Where a stack was left. All zero: the stack of the thread that switches from it. */
struct sg_switch {
	ucontext_t entry;
	sigjmp_buf left;
	bool begun; /* left holds it, and no longer entry */
	void (*main)(void *arg);
	void *arg;
	const void *stack;
	size_t stack_len;
};

/* The first switch there runs main(arg) on the stack; it must not return. False: the
 * processor's state cannot be had. */
bool
sg_switch_init(
    struct sg_switch *to, uint8_t *stack, size_t stack_len, void (*main)(void *arg), void *arg);
/* Leave the stack that runs, and go on where `to` was left; returns when somebody switches back. */
void
sg_switch(struct sg_switch *from, struct sg_switch *to);
