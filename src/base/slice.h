/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/slice.h - borrowed bytes: the maker of the slice owns what it points to
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct sg_slice {
	const uint8_t *p;
	size_t len;
};

static inline struct sg_slice
sg_slice(const void *p, size_t len)
{
	return (struct sg_slice){p, len};
}

/* The bytes of a NUL-terminated text that is ours (never a peer's). */
static inline struct sg_slice
sg_slice_str(const char *s)
{
	return (struct sg_slice){(const uint8_t *)s, strlen(s)};
}

/* Equality of public bytes; secrets are compared with sg_ct_equal (crypto/). */
static inline bool
sg_slice_eq(struct sg_slice a, struct sg_slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool
sg_slice_among(const struct sg_slice *list, size_t n, struct sg_slice s)
{
	for (size_t i = 0; i < n; i++)
		if (sg_slice_eq(list[i], s))
			return true;
	return false;
}

static inline bool
sg_slice_is(struct sg_slice a, const char *s)
{
	return sg_slice_eq(a, sg_slice_str(s));
}
