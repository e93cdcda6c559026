/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * lib/alloc_fail.h - the n-th allocation fails, in every unit test
 */

/* The n-th allocation from now fails (1 = the next); 0 switches it off. Counted are the calls of
 * malloc and calloc in what is linked statically: one for each of base/alloc.h's functions that
 * allocates, and those that a test makes for itself in between. */
void
alloc_fail_at(unsigned long n);
