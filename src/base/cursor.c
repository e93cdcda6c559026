/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cursor.c - fixed-size fields out of bytes; the readers of frames stand on it
 */

#include "base/cursor.h"

struct sg_cursor
sg_cursor_init(struct sg_slice s)
{
	return (struct sg_cursor){.p = s.p, .len = s.len};
}

struct sg_slice
sg_cursor_bytes(struct sg_cursor *c, size_t n)
{
	if (c->bad || n > c->len - c->pos) {
		c->bad = true;
		return sg_slice(NULL, 0);
	}
	struct sg_slice s = sg_slice(c->p == NULL ? NULL : c->p + c->pos, n);
	c->pos += n;
	return s;
}

static uint64_t
read_be(struct sg_cursor *c, size_t n)
{
	struct sg_slice s = sg_cursor_bytes(c, n);
	uint64_t v = 0;
	for (size_t i = 0; i < s.len; i++)
		v = v << 8 | s.p[i];
	return v;
}

uint8_t
sg_cursor_u8(struct sg_cursor *c)
{
	return (uint8_t)read_be(c, 1);
}

uint16_t
sg_cursor_u16(struct sg_cursor *c)
{
	return (uint16_t)read_be(c, 2);
}

uint32_t
sg_cursor_u32(struct sg_cursor *c)
{
	return (uint32_t)read_be(c, 4);
}

uint64_t
sg_cursor_u64(struct sg_cursor *c)
{
	return read_be(c, 8);
}

size_t
sg_cursor_left(const struct sg_cursor *c)
{
	return c->bad ? 0 : c->len - c->pos;
}

bool
sg_cursor_done(const struct sg_cursor *c)
{
	return !c->bad && c->pos == c->len;
}
