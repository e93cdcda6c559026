/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sg_frame_get on every edge and side: a message that is taken fits its row and is written
 * again as the same bytes. The first byte chooses the edge and the side.
 */

#include "fuzz/fuzz.h"

#include "ipc/edges.h"

static const struct sg_edge *const edges[] = {&sg_edge_front_registrar, &sg_edge_registrar_keyd,
    &sg_edge_registrar_ca, &sg_edge_control, &sg_edge_event_record};

static void
check(const struct sg_edge *edge, enum sg_edge_side side, struct sg_slice body)
{
	struct sg_err err = {.rule = NULL};
	struct sg_msg msg;
	sg_buf_scoped out = {.max = 2 * SG_FRAME_MAX};

	enum sg_code rc = sg_frame_get(edge, side, body, &msg, &err);
	if (rc != SG_OK) {
		if (rc != SG_E_MALFORMED || err.rule == NULL)
			abort();
		return;
	}
	const struct sg_msgdef *def = sg_edge_find(edge, msg.type);
	if (def == NULL || def->sender != side)
		abort();
	for (size_t n = 0; n < def->n; n++) {
		bool bytes = def->fields[n].kind == SG_F_BYTES;
		uint64_t v = bytes ? msg.v[n].b.len : msg.v[n].u;
		if (v < def->fields[n].min || v > def->fields[n].max)
			abort();
		if (bytes && v > 0 &&
		    (msg.v[n].b.p < body.p || msg.v[n].b.p + v > body.p + body.len))
			abort();
	}
	if (sg_frame_put(edge, &msg, &out, NULL) != SG_OK ||
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
