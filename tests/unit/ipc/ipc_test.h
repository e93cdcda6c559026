/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc_test.h - every edge of the product, and structs that fit their rows
 */

#include "unit/base/base_test.h"

#include "ipc/edges/front_registrar.h"
#include "ipc/edges/registrar_ca.h"
#include "ipc/edges/registrar_keyd.h"

/* What is inside the frame of events is read as if it were an edge's. */
static const struct sg_frame *const record[] = {&sg_frame_event};
static const struct sg_edge records = {"records", 1, 1, record};

static const struct sg_edge *const edges[] = {
    &sg_edge_front_registrar, &sg_edge_registrar_keyd, &sg_edge_registrar_ca, &records};
#define EDGES (sizeof edges / sizeof edges[0])

/* The struct of whichever frame. */
union any {
	struct sg_inbox_hold hold;
	uint64_t bytes[SG_FRAME_STRUCT_MAX / sizeof(uint64_t)];
};

static inline uint64_t *
uint_of(const union any *v, const struct sg_frame_field *field)
{
	return (uint64_t *)(uintptr_t)((const uint8_t *)v + field->offset);
}

static inline struct sg_slice *
bytes_of(const union any *v, const struct sg_frame_field *field)
{
	return (struct sg_slice *)(uintptr_t)((const uint8_t *)v + field->offset);
}

static inline void
set_field(const struct sg_frame_field *field, union any *v, uint64_t measure)
{
	static uint8_t filler[SG_FRAME_MAX + 1];
	if (field->kind == SG_FRAME_UINT) {
		*uint_of(v, field) = measure;
		return;
	}
	assert_true(measure <= sizeof filler);
	if (filler[0] == 0)
		memset(filler, 'x', sizeof filler);
	*bytes_of(v, field) = sg_slice(filler, (size_t)measure);
}

/* Every field at its least. */
static inline union any
least(const struct sg_frame *frame)
{
	union any v = {{0}};
	for (size_t n = 0; n < frame->n; n++)
		set_field(&frame->field[n], &v, frame->field[n].min);
	return v;
}

/* What the rows say that the fields are: sg_frame_put refuses to write anything else. */
static inline void
put_raw(struct sg_buf *out, const struct sg_frame *frame, uint64_t id, const union any *v)
{
	sg_buf_put_u16(out, frame->type);
	sg_buf_put_u64(out, id);
	for (size_t n = 0; n < frame->n; n++) {
		const struct sg_frame_field *field = &frame->field[n];
		if (field->kind == SG_FRAME_UINT) {
			sg_buf_put_u64(out, *uint_of(v, field));
		} else {
			sg_buf_put_u32(out, (uint32_t)bytes_of(v, field)->len);
			sg_buf_put_slice(out, *bytes_of(v, field));
		}
	}
}
