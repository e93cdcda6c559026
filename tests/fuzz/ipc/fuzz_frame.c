/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sg_edge_get on every edge and side: a message that is taken fits its row and is written
 * again as the same bytes. The first byte chooses the edge and the side.
 */

#include "fuzz/fuzz.h"

#include "ipc/edges/front_registrar.h"
#include "ipc/edges/registrar_ca.h"
#include "ipc/edges/registrar_keyd.h"

static const struct sg_frame *const record[] = {&sg_frame_event};
static const struct sg_edge records = {"records", 1, 1, record};
static const struct sg_edge *const edges[] = {
    &sg_edge_front_registrar, &sg_edge_registrar_keyd, &sg_edge_registrar_ca, &records};

static void
check(const struct sg_edge *edge, enum sg_edge_side side, struct sg_slice body)
{
	struct sg_err err = {.rule = NULL};
	uint64_t value[SG_FRAME_STRUCT_MAX / sizeof(uint64_t)], id;
	const struct sg_frame *frame = NULL;
	sg_buf_scoped out = {.max = 2 * SG_FRAME_MAX};

	enum sg_code rc = sg_edge_get(edge, side, edge->version, body, &frame, &id, value, &err);
	if (rc != SG_OK) {
		if (rc != SG_E_MALFORMED || err.rule == NULL)
			abort();
		return;
	}
	if (frame->sender != side || sg_frame_check(frame, edge->version, value, NULL) != SG_OK)
		abort();
	for (size_t n = 0; n < frame->n; n++) {
		const struct sg_frame_field *field = &frame->field[n];
		struct sg_slice b = {0};
		if (field->kind == SG_FRAME_BYTES)
			memcpy(&b, (uint8_t *)value + field->offset, sizeof b);
		if (b.len > 0 && (b.p < body.p || b.p + b.len > body.p + body.len))
			abort();
	}
	if (sg_frame_put(frame, edge->version, id, value, &out, NULL) != SG_OK ||
	    !sg_slice_eq(body, sg_slice(out.p + 4, out.len - 4)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0)
		return 0;
	check(edges[(data[0] >> 1) % (sizeof edges / sizeof edges[0])],
	    data[0] & 1 ? SG_EDGE_SERVER : SG_EDGE_CLIENT, sg_slice(data + 1, len - 1));
	return 0;
}
