/* SPDX-License-Identifier: Apache-2.0 */

/*
 * buf.c - the byte buffer that everything is put together in: answers, frames, statements, logs
 */

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/limits.h"

#define COPY_MAX 4096u /* messages are 3 KiB: two copies to get there; what is larger is rare */

static size_t
buf_max(const struct sg_buf *b)
{
	return b->max == 0 ? SG_BUF_DEFAULT_MAX : b->max;
}

/* Make room for more bytes and a NUL after them. */
static bool
reserve(struct sg_buf *b, size_t more)
{
	if (b->failed != SG_OK)
		return false;
	if (more > buf_max(b) || b->len > buf_max(b) - more) {
		b->failed = SG_E_LIMIT;
		return false;
	}
	size_t need = b->len + more + 1;
	if (need <= b->cap)
		return true;
	size_t cap = b->cap == 0 ? 256 : b->cap;
	while (cap < need)
		cap *= cap < COPY_MAX ? 4 : 2;
	uint8_t *p = sg_realloc(b->p, b->cap, cap);
	if (p == NULL) {
		b->failed = SG_E_NOMEM;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void
sg_buf_put(struct sg_buf *b, const void *p, size_t len)
{
	if (len == 0 || !reserve(b, len))
		return;
	memcpy(b->p + b->len, p, len);
	b->len += len;
}

void
sg_buf_put_slice(struct sg_buf *b, struct sg_slice s)
{
	sg_buf_put(b, s.p, s.len);
}

void
sg_buf_put_u8(struct sg_buf *b, unsigned v)
{
	uint8_t byte = (uint8_t)v;
	sg_buf_put(b, &byte, 1);
}

void
sg_buf_put_u16(struct sg_buf *b, unsigned v)
{
	uint8_t bytes[2] = {(uint8_t)(v >> 8), (uint8_t)v};
	sg_buf_put(b, bytes, sizeof bytes);
}

void
sg_buf_put_u32(struct sg_buf *b, uint32_t v)
{
	uint8_t bytes[4];
	for (size_t n = 0; n < sizeof bytes; n++)
		bytes[n] = (uint8_t)(v >> (24 - 8 * n));
	sg_buf_put(b, bytes, sizeof bytes);
}

void
sg_buf_put_u64(struct sg_buf *b, uint64_t v)
{
	sg_buf_put_u32(b, (uint32_t)(v >> 32));
	sg_buf_put_u32(b, (uint32_t)v);
}

void
sg_buf_puts(struct sg_buf *b, const char *s)
{
	sg_buf_put_slice(b, sg_slice_str(s));
}

void
sg_buf_printf(struct sg_buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = SG_E_INTERNAL;
		return;
	}
	if (!reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	/* UNSAFE: reserve() made room for n bytes and the NUL. */
	vsnprintf((char *)b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

uint8_t *
sg_buf_extend(struct sg_buf *b, size_t len)
{
	if (!reserve(b, len))
		return NULL;
	uint8_t *p = b->p + b->len;
	memset(p, 0, len);
	b->len += len;
	return p;
}

void
sg_buf_insert_gap(struct sg_buf *b, size_t at, size_t gap)
{
	if (at > b->len || !reserve(b, gap))
		return;
	memmove(b->p + at + gap, b->p + at, b->len - at);
	memset(b->p + at, 0, gap);
	b->len += gap;
}

void
sg_buf_consume(struct sg_buf *b, size_t n)
{
	if (n > b->len)
		n = b->len;
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->len - n);
	sg_wipe(b->p + b->len - n, n);
	b->len -= n;
}

void
sg_buf_reset(struct sg_buf *b)
{
	sg_wipe(b->p, b->len);
	b->len = 0;
	b->failed = SG_OK;
}

void
sg_buf_clear(struct sg_buf *b)
{
	sg_wipe(b->p, b->cap);
	sg_free(b->p);
	size_t max = b->max;
	*b = (struct sg_buf){.max = max};
}

enum sg_code
sg_buf_check(const struct sg_buf *b, struct sg_err *err)
{
	if (b->failed == SG_OK)
		return SG_OK;
	if (b->failed == SG_E_LIMIT)
		return sg_fail(err, SG_E_LIMIT, "limit.buffer", "more than %zu bytes", buf_max(b));
	if (b->failed == SG_E_NOMEM)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory at %zu bytes", b->len);
	return sg_fail(err, SG_E_INTERNAL, "buffer", "something that cannot be written");
}

void
sg_buf_keep(struct sg_buf *b, struct sg_slice *const *slice, size_t n)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += slice[i]->len;
	uint8_t *p = sg_buf_extend(b, total);
	for (size_t i = 0; p != NULL && i < n; i++) {
		if (slice[i]->len > 0)
			memcpy(p, slice[i]->p, slice[i]->len);
		slice[i]->p = p;
		p += slice[i]->len;
	}
}

const char *
sg_buf_text(struct sg_buf *b)
{
	if (!reserve(b, 0))
		return "";
	b->p[b->len] = '\0';
	return (const char *)b->p;
}
