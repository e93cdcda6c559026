/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rpc_test.h - every edge there is, and messages that fit their rows
 */

#include "unit/base/base_test.h"

#include "ipc/edges.h"

static const struct sg_edge *const edges[] = {&sg_edge_front_registrar, &sg_edge_registrar_keyd,
    &sg_edge_registrar_ca, &sg_edge_control, &sg_edge_event_record};
#define EDGES (sizeof edges / sizeof edges[0])

static inline void
set_field(const struct sg_field *field, struct sg_val *v, uint64_t measure)
{
	static uint8_t filler[SG_FRAME_MAX + 1];
	if (field->kind == SG_F_UINT) {
		v->u = measure;
		return;
	}
	assert_true(measure <= sizeof filler);
	if (filler[0] == 0)
		memset(filler, 'x', sizeof filler);
	v->b = sg_slice(filler, (size_t)measure);
}

/* A message of a type with every field at its least. */
static inline struct sg_msg
least_message(const struct sg_msgdef *def, uint64_t id)
{
	struct sg_msg m = {.type = def->type, .id = id};
	for (size_t n = 0; n < def->n; n++)
		set_field(&def->fields[n], &m.v[n], def->fields[n].min);
	return m;
}

/* What a row says that its field is: sg_frame_put refuses to write anything else. */
static inline void
put_raw(struct sg_buf *out, const struct sg_msgdef *def, const struct sg_msg *m)
{
	sg_buf_put_u16(out, m->type);
	sg_buf_put_u64(out, m->id);
	for (size_t n = 0; n < def->n; n++) {
		if (def->fields[n].kind == SG_F_UINT) {
			sg_buf_put_u64(out, m->v[n].u);
		} else {
			sg_buf_put_u32(out, (uint32_t)m->v[n].b.len);
			sg_buf_put_slice(out, m->v[n].b);
		}
	}
}
