/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/edge.h - an edge: its frames, who may send which, and the version that both ends speak
 *
 * Versions: each end of a new socket first says the newest version of the edge that it speaks, in a
 * frame of type 0 whose call id is that number, without fields; that frame is for ever. Both then
 * speak the lower one. A build speaks its own version and the one before; ends that are further
 * apart have no edge. To add a field in the next version: a row at the end of its frame, whose
 * `since` is that version, and the version of the edge in its .c file. The side of before neither
 * sends it nor sees it; there the side of the next version reads 0, or no bytes, whatever the row's
 * least is, and its code must take that for "not said". Rows of a version that is out there never
 * change, and a frame or a row is left out once no version that is spoken has it. A new question is
 * asked where sg_peer_version has it; an older side would cut off.
 *
 * Security: a sibling may be compromised: unknown types are refused, and so is a type that this
 * side may not receive, and a version that this build does not speak.
 */

#include "ipc/frame.h"

struct sg_edge {
	const char *name; /* "front-registrar" */
	unsigned version; /* the newest; the one before is spoken, too */
	size_t n;
	const struct sg_frame *const *frame;
};

#define SG_EDGE_HELLO_LEN 14u /* without fields */

#define SG_EDGE_DEFINE(id, text, version, ...)                                                     \
	static const struct sg_frame *const id##_frame[] = {__VA_ARGS__};                          \
	const struct sg_edge sg_edge_##id = {                                                      \
	    text, version, sizeof id##_frame / sizeof id##_frame[0], id##_frame}

/* As sg_frame_get, for whichever frame of an edge it is; sender is the other side. *ret has
 * SG_FRAME_STRUCT_MAX bytes. */
SG_RC
sg_edge_get(const struct sg_edge *edge, enum sg_edge_side sender, unsigned version,
    struct sg_slice body, const struct sg_frame **ret_frame, uint64_t *ret_id, void *ret,
    struct sg_err *err);

/* What an end says first: SG_EDGE_HELLO_LEN bytes. */
void
sg_edge_hello(const struct sg_edge *edge, uint8_t ret[SG_EDGE_HELLO_LEN]);
/* What the other end said first: the version that both speak. SG_E_MALFORMED ("frame.hello",
 * "frame.version"). */
SG_RC
sg_edge_meet(
    const struct sg_edge *edge, struct sg_slice body, unsigned *ret_version, struct sg_err *err);
