/* SPDX-License-Identifier: Apache-2.0 */

/*
 * alloc_fail.c - makes the n-th allocation of a unit test fail: stands between base/alloc.c and
 * the C library by the linker's --wrap, so that the product has nothing of it
 */

#include "lib/alloc_fail.h"

#include <stdatomic.h>
#include <stddef.h>

/* 0: off; 1: the next allocation fails. */
static atomic_ulong fail_at;

static int
should_fail(void)
{
	if (atomic_load_explicit(&fail_at, memory_order_relaxed) == 0)
		return 0;
	return atomic_fetch_sub(&fail_at, 1) == 1;
}

void
alloc_fail_at(unsigned long n)
{
	atomic_store(&fail_at, n);
}

/* The linker's names. */
void *
__real_malloc(size_t size);
void *
__real_calloc(size_t n, size_t size);
void *
__wrap_malloc(size_t size);
void *
__wrap_calloc(size_t n, size_t size);

void *
__wrap_malloc(size_t size)
{
	return should_fail() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return should_fail() ? NULL : __real_calloc(n, size);
}
