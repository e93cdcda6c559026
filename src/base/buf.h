/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/buf.h - a growing byte buffer with a cap and a sticky failure
 *
 * After the first failure (out of memory, cap exceeded) every operation does nothing;
 * the caller checks once with sg_buf_check(). Content is wiped when freed or moved.
 * A zeroed struct is an empty buffer whose cap is SG_BUF_DEFAULT_MAX.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct sg_buf {
	uint8_t *p;
	size_t len;
	size_t cap;
	size_t max; /* 0: SG_BUF_DEFAULT_MAX */
	enum sg_code failed;
};

#define sg_buf_scoped __attribute__((cleanup(sg_buf_clear))) struct sg_buf

void
sg_buf_put(struct sg_buf *b, const void *p, size_t len);
void
sg_buf_put_slice(struct sg_buf *b, struct sg_slice s);
void
sg_buf_put_u8(struct sg_buf *b, unsigned v);
/* Big-endian integers. */
void
sg_buf_put_u16(struct sg_buf *b, unsigned v);
void
sg_buf_put_u32(struct sg_buf *b, uint32_t v);
void
sg_buf_put_u64(struct sg_buf *b, uint64_t v);
void
sg_buf_puts(struct sg_buf *b, const char *s);
void
sg_buf_printf(struct sg_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Make room for len more bytes and lend them, uninitialised to the caller's writing but
 * zeroed; NULL on failure. The length grows by len. */
uint8_t *
sg_buf_extend(struct sg_buf *b, size_t len);

/* Make room for gap bytes at position at (zeroed), moving what follows. */
void
sg_buf_insert_gap(struct sg_buf *b, size_t at, size_t gap);

/* Drop n bytes at the front. */
void
sg_buf_consume(struct sg_buf *b, size_t n);

/* Forget the content (wiped), keep the memory; clears the failure. */
void
sg_buf_reset(struct sg_buf *b);

/* Wipe and release; the struct is empty again. */
void
sg_buf_clear(struct sg_buf *b);

/* SG_OK, SG_E_NOMEM, SG_E_LIMIT (rule "limit.buffer") or SG_E_INTERNAL ("buffer": a year
 * past 9999, a set of too many elements). */
SG_RC
sg_buf_check(const struct sg_buf *b, struct sg_err *err);

/* Copy what n slices show to the end of b and let them point there: b is not to grow any more. When
 * it fails they are as they were. */
void
sg_buf_keep(struct sg_buf *b, struct sg_slice *const *slice, size_t n);

static inline struct sg_slice
sg_buf_slice(const struct sg_buf *b)
{
	return sg_slice(b->p, b->len);
}

/* The content as NUL-terminated text (a NUL is kept after the end); "" when empty or failed. */
const char *
sg_buf_text(struct sg_buf *b);
