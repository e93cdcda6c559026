/* SPDX-License-Identifier: Apache-2.0 */

/*
 * alloc.c - zeroed and wiped memory for every other file; nothing else calls malloc
 */

#include "base/alloc.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * glibc's calloc passes by the thread's own cache of small blocks, and a message allocates
 * dozens; only for large blocks, which come zeroed from the kernel, is it the faster one.
 */
#define CALLOC_FROM (64u * 1024u)

void *
sg_alloc(size_t size)
{
	if (size >= CALLOC_FROM)
		return calloc(1, size);
	void *p = malloc(size == 0 ? 1 : size);
	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void *
sg_calloc(size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		return NULL;
	return sg_alloc(n * size);
}

void *
sg_memdup(const void *p, size_t len)
{
	if (len == SIZE_MAX)
		return NULL;
	uint8_t *copy = malloc(len + 1);
	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, p, len);
	copy[len] = 0;
	return copy;
}

void *
sg_realloc(void *p, size_t old_size, size_t new_size)
{
	/* A fresh block and a wiped old one: realloc() would leave copies of secrets behind. */
	void *fresh = sg_alloc(new_size);
	if (fresh == NULL)
		return NULL;
	if (p != NULL) {
		memcpy(fresh, p, old_size < new_size ? old_size : new_size);
		sg_wipe(p, old_size);
		free(p);
	}
	return fresh;
}

void
sg_free(void *p)
{
	free(p);
}

void
sg_free_wiped(void *p)
{
	if (p != NULL)
		sg_wipe(p, malloc_usable_size(p));
	free(p);
}

void
sg_wipe(void *p, size_t len)
{
	if (p != NULL && len > 0)
		explicit_bzero(p, len);
}

void *
sg_xalloc(size_t size)
{
	void *p = sg_alloc(size);
	if (p == NULL) {
		fputs("signet: out of memory at start\n", stderr);
		abort();
	}
	return p;
}
