/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/alloc.h - the only place that allocates
 *
 * Memory is zeroed. sg_alloc may return NULL: callers return SG_E_NOMEM. Sizes that
 * come from outside are checked against base/limits.h before they get here.
 * Unit tests make the n-th malloc or calloc under these functions fail (tests/lib/alloc_fail.h).
 */

#include <stddef.h>

#define sg_scoped(name) __attribute__((cleanup(sg_##name##_free))) struct sg_##name *
#define sg_steal(p)                                                                                \
	__extension__({                                                                            \
		__typeof__(p) sg_steal_ = (p);                                                     \
		(p) = NULL;                                                                        \
		sg_steal_;                                                                         \
	})

void *
sg_alloc(size_t size);

/* As sg_alloc for n objects of a size; NULL when the product overflows. */
void *
sg_calloc(size_t n, size_t size);

/* Copy len bytes and append a NUL; NULL when out of memory. */
void *
sg_memdup(const void *p, size_t len);

/* Grow or shrink; the old block is wiped when it moves. NULL leaves p as it was. */
void *
sg_realloc(void *p, size_t old_size, size_t new_size);

void
sg_free(void *p);

/* sg_free for libraries that have secrets among what they free, and do not say how long:
 * the whole block is wiped. It may be from any function here, or from malloc. */
void
sg_free_wiped(void *p);

/* Overwrite memory so that the compiler cannot leave it out. */
void
sg_wipe(void *p, size_t len);

/* sg_alloc that ends the process: only at the start of a role. */
void *
sg_xalloc(size_t size);
