/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fiber/futex.h - a word that threads of one process wait on
 *
 * For hand-overs where a condition variable costs too much: its waiter needs the mutex
 * again, which the signaller often still holds, and on one core that is two more switches
 * for each. The waiter looks at the word again afterwards: returning means nothing.
 */

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* Sleep while the word is as seen, until the monotonic deadline; false when that has
 * passed. */
static inline bool
sg_futex_wait(_Atomic uint32_t *word, uint32_t seen, int64_t deadline_ms)
{
	int64_t ms = deadline_ms > 0 ? deadline_ms : 0;
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
	long rc = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, seen,
	    deadline_ms == SG_CLOCK_NEVER ? NULL : &ts, NULL, FUTEX_BITSET_MATCH_ANY);
	return rc == 0 || errno != ETIMEDOUT;
}

/* Wake up to n. The address alone is used: the word may be gone by now, when the waiter
 * has seen it change. A thread that by then waits for something else at the same address
 * wakes for nothing, which every user of futexes bears. */
static inline void
sg_futex_wake(_Atomic uint32_t *word, int n)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}
