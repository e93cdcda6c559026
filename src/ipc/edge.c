/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ipc/edge.c - what both ends of an edge speak: the version that they say first, and which frame
 * may come from which side
 *
 * peer.c asks here about each socket and each frame that was read; frame.c reads the fields.
 */

#include "ipc/edge.h"

#include <string.h>

#include "base/cursor.h"

enum sg_code
sg_edge_get(const struct sg_edge *edge, enum sg_edge_side sender, unsigned version,
    struct sg_slice body, const struct sg_frame **ret_frame, uint64_t *ret_id, void *ret,
    struct sg_err *err)
{
	struct sg_cursor c = sg_cursor_init(body);
	uint16_t type = sg_cursor_u16(&c);
	size_t n = 0;

	while (n < edge->n && (edge->frame[n]->type != type || edge->frame[n]->sender != sender))
		n++;
	if (n == edge->n)
		return sg_fail(
		    err, SG_E_MALFORMED, "frame.type", "type %u is not for this side", type);
	*ret_frame = edge->frame[n];
	return sg_frame_get(edge->frame[n], version, body, ret_id, ret, err);
}

void
sg_edge_hello(const struct sg_edge *edge, uint8_t ret[SG_EDGE_HELLO_LEN])
{
	uint8_t hello[SG_EDGE_HELLO_LEN] = {[3] = SG_EDGE_HELLO_LEN - 4};

	for (size_t n = 0; n < sizeof edge->version; n++)
		hello[SG_EDGE_HELLO_LEN - 1 - n] = (uint8_t)(edge->version >> 8 * n);
	memcpy(ret, hello, sizeof hello);
}

enum sg_code
sg_edge_meet(
    const struct sg_edge *edge, struct sg_slice body, unsigned *ret_version, struct sg_err *err)
{
	struct sg_cursor c = sg_cursor_init(body);
	uint16_t type = sg_cursor_u16(&c);
	uint64_t theirs = sg_cursor_u64(&c), ours = edge->version;

	if (!sg_cursor_done(&c) || type != 0)
		return sg_fail(err, SG_E_MALFORMED, "frame.hello",
		    "the other side does not say its version first");
	if (theirs == 0 || theirs + 1 < ours || theirs > ours + 1)
		return sg_fail(err, SG_E_MALFORMED, "frame.version",
		    "the other side speaks version %llu, this one %llu", (unsigned long long)theirs,
		    (unsigned long long)ours);
	*ret_version = (unsigned)(theirs < ours ? theirs : ours);
	return SG_OK;
}
