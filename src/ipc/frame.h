/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/frame.h - messages between processes: structs on both sides, on the wire a length, a type,
 * a call id and the fields
 *
 *   u32 length of what follows | u16 type | u64 call id | fields in the order of the rows
 *   U: u64          B: u32 length and that many bytes
 *
 * A frame is one list of rows, in the header of its edge; U is a number and B are bytes, with the
 * version that the row is of, and the least and most of the value or of the number of bytes:
 *
 *	#define SG_FRAME_PING_ROWS(T, U, B)
 *		U(T, count, 1, 0, 9)
 *		B(T, text, 1, 2, 64)
 *	SG_FRAME_DECLARE(ping, SG_FRAME_PING_ROWS);
 *
 * makes struct sg_frame_ping with the members uint64_t count and struct sg_slice text, and in the
 * .c file SG_FRAME_DEFINE makes the table sg_frame_ping, by which it is written and read. Nothing
 * else knows where a field is.
 *
 * A row says the version of its edge that it is of (ipc/edge.h); a frame is written and read as one
 * version has it.
 *
 * Ownership: slices of a struct that was received borrow from its hold, which sg_frame_release
 *            lets go; one that is sent borrows from its maker and holds nothing.
 * Security:  a sibling may be compromised: every field is bounded by its row, nothing is left over,
 *            unknown types are refused, and so is a type that this side may not receive.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "ipc/inbox.h"

enum sg_frame_kind { SG_FRAME_UINT, SG_FRAME_BYTES };

struct sg_frame_field {
	const char *name;
	enum sg_frame_kind kind;
	size_t offset; /* in the struct: of a uint64_t, or of a struct sg_slice */
	unsigned since;
	uint64_t min, max; /* of the value, or of the number of bytes */
};

/* The two ends of an edge: the client asks, the server answers. */
enum sg_edge_side { SG_EDGE_CLIENT = 1, SG_EDGE_SERVER = 2 };

struct sg_frame {
	const char *name;
	uint16_t type;		  /* not 0; no two frames have the same */
	enum sg_edge_side sender; /* a question is the client's, an answer the server's */
	size_t size;		  /* of its struct, at most SG_FRAME_STRUCT_MAX */
	size_t n;
	const struct sg_frame_field *field;
};

#define SG_FRAME_HEAD 14u /* length, type, id */
/* What its bytes are read into, and its fields. */
#define SG_FRAME_STRUCT_MAX                                                                        \
	(sizeof(struct sg_inbox_hold) + SG_FRAME_FIELDS_MAX * sizeof(struct sg_slice))

#define SG_FRAME_MEMBER_U(T, name, since, min, max) uint64_t name;
#define SG_FRAME_MEMBER_B(T, name, since, min, max) struct sg_slice name;
#define SG_FRAME_DECLARE(id, ROWS)                                                                 \
	struct sg_frame_##id {                                                                     \
		struct sg_inbox_hold hold;                                                         \
		ROWS(sg_frame_##id, SG_FRAME_MEMBER_U, SG_FRAME_MEMBER_B)                          \
	};                                                                                         \
	_Static_assert(sizeof(struct sg_frame_##id) <= SG_FRAME_STRUCT_MAX, "too many fields");    \
	extern const struct sg_frame sg_frame_##id

#define SG_FRAME_FIELD(T, name, kind, since, min, max)                                             \
	{#name, kind, offsetof(struct T, name), since, min, max},
#define SG_FRAME_FIELD_U(T, name, since, min, max)                                                 \
	SG_FRAME_FIELD(T, name, SG_FRAME_UINT, since, min, max)
#define SG_FRAME_FIELD_B(T, name, since, min, max)                                                 \
	SG_FRAME_FIELD(T, name, SG_FRAME_BYTES, since, min, max)
#define SG_FRAME_DEFINE(id, type, sender, ROWS)                                                    \
	static const struct sg_frame_field id##_field[] = {                                        \
	    ROWS(sg_frame_##id, SG_FRAME_FIELD_U, SG_FRAME_FIELD_B)};                              \
	const struct sg_frame sg_frame_##id = {#id, type, sender, sizeof(struct sg_frame_##id),    \
	    sizeof id##_field / sizeof id##_field[0], id##_field}

/* SG_E_INTERNAL ("frame.schema") when a struct does not fit its rows of a version: our own bug. */
SG_RC
sg_frame_check(
    const struct sg_frame *frame, unsigned version, const void *value, struct sg_err *err);
/* Append a struct as a frame, as a version has it, or nothing. SG_E_INTERNAL, SG_E_NOMEM,
 * SG_E_LIMIT. */
SG_RC
sg_frame_put(const struct sg_frame *frame, unsigned version, uint64_t id, const void *value,
    struct sg_buf *out, struct sg_err *err);

/*
 * Read what follows the length: a struct that borrows from body, and on failure is zero.
 * SG_E_MALFORMED ("frame.type", "frame.field", "frame.cut", "frame.trailing").
 */
SG_RC
sg_frame_get(const struct sg_frame *frame, unsigned version, struct sg_slice body, uint64_t *ret_id,
    void *ret, struct sg_err *err);

/* Wipe and let go what a struct borrows from; frame is the struct. */
void
sg_frame_release(void *frame);
#define sg_frame_scoped(id) __attribute__((cleanup(sg_frame_release))) struct sg_frame_##id
