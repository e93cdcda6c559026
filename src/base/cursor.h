/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/cursor.h - bounded reading with a sticky error
 *
 * After the first read past the end every operation returns zero or an empty slice and
 * bad stays true; the caller checks once. Integers are big-endian.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct sg_cursor {
	const uint8_t *p;
	size_t len;
	size_t pos;
	bool bad;
};

struct sg_cursor
sg_cursor_init(struct sg_slice s);
uint8_t
sg_cursor_u8(struct sg_cursor *c);
uint16_t
sg_cursor_u16(struct sg_cursor *c);
uint32_t
sg_cursor_u32(struct sg_cursor *c);
uint64_t
sg_cursor_u64(struct sg_cursor *c);
struct sg_slice
sg_cursor_bytes(struct sg_cursor *c, size_t n);
size_t
sg_cursor_left(const struct sg_cursor *c);
/* True when nothing went wrong and nothing is left. */
bool
sg_cursor_done(const struct sg_cursor *c);
