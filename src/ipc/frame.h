/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/frame.h - messages between processes: a length, a type, a call id, and exactly the
 * fields that the edge's schema table names
 *
 *   u32 length of what follows | u16 type | u64 call id | fields in the order of the table
 *   SG_F_UINT: u64          SG_F_BYTES: u32 length and that many bytes
 *
 * Ownership: a decoded message borrows from the frame's bytes.
 * Security:  a sibling may be owned: every field is bounded by its row, nothing is left
 *            over, unknown types are refused, and so is a type that this side may not
 *            receive.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

enum sg_field_kind { SG_F_UINT, SG_F_BYTES };

struct sg_field {
	const char *name;
	enum sg_field_kind kind;
	uint64_t min, max; /* of the value, or of the number of bytes */
};

/* Who may send a type: the side that asks (client) or the one that answers (server). */
enum sg_edge_side { SG_EDGE_CLIENT = 1, SG_EDGE_SERVER = 2 };

struct sg_msgdef {
	uint16_t type; /* not 0 */
	const char *name;
	enum sg_edge_side sender;
	size_t n;
	const struct sg_field *fields;
};

struct sg_edge {
	const char *name; /* "front-registrar" */
	size_t n;
	const struct sg_msgdef *defs;
};

struct sg_val {
	uint64_t u;
	struct sg_slice b;
};

struct sg_msg {
	uint16_t type;
	uint64_t id; /* pairs an answer with its question */
	struct sg_val v[SG_FRAME_FIELDS_MAX];
};

#define SG_FRAME_HEAD 14u /* length, type, id */

/* SG_E_INTERNAL ("frame.schema") when a message does not fit its row: our own bug. */
SG_RC
sg_frame_check(const struct sg_edge *edge, const struct sg_msg *msg, struct sg_err *err);
/* Append the frame of a message that fits, or nothing. */
SG_RC
sg_frame_put(
    const struct sg_edge *edge, const struct sg_msg *msg, struct sg_buf *out, struct sg_err *err);

/* Decode what follows the length field. sender is the other side.
 * SG_E_MALFORMED ("frame.type", "frame.field", "frame.cut", "frame.trailing"). */
SG_RC
sg_frame_get(const struct sg_edge *edge, enum sg_edge_side sender, struct sg_slice body,
    struct sg_msg *ret, struct sg_err *err);

const struct sg_msgdef *
sg_edge_find(const struct sg_edge *edge, uint16_t type);
