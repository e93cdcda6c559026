/* SPDX-License-Identifier: Apache-2.0 */

/*
 * frame.c - structs to bytes and back, by the rows of ipc/edges: between peer.c, or control.c, and
 * what is sent and was read
 */

#include "ipc/frame.h"

#include <string.h>

#include "base/alloc.h"
#include "base/cursor.h"

static void *
at(void *value, const struct sg_frame_field *field)
{
	return (uint8_t *)value + field->offset;
}

static uint64_t
get_uint(const void *value, const struct sg_frame_field *field)
{
	return *(const uint64_t *)(const void *)((const uint8_t *)value + field->offset);
}

static struct sg_slice
get_bytes(const void *value, const struct sg_frame_field *field)
{
	return *(const struct sg_slice *)(const void *)((const uint8_t *)value + field->offset);
}

static enum sg_code
check_bounds(const struct sg_frame *frame, const struct sg_frame_field *field, uint64_t v,
    enum sg_code code, struct sg_err *err)
{
	if (v >= field->min && v <= field->max)
		return SG_OK;
	return sg_fail(err, code, code == SG_E_INTERNAL ? "frame.schema" : "frame.field",
	    "%s: %s is %llu, want %llu to %llu", frame->name, field->name, (unsigned long long)v,
	    (unsigned long long)field->min, (unsigned long long)field->max);
}

enum sg_code
sg_frame_check(
    const struct sg_frame *frame, unsigned version, const void *value, struct sg_err *err)
{
	enum sg_code rc = SG_OK;

	for (size_t n = 0; rc == SG_OK && n < frame->n; n++) {
		const struct sg_frame_field *field = &frame->field[n];
		if (field->since > version)
			continue;
		uint64_t measure = field->kind == SG_FRAME_BYTES ? get_bytes(value, field).len
								 : get_uint(value, field);
		rc = check_bounds(frame, field, measure, SG_E_INTERNAL, err);
	}
	return rc;
}

enum sg_code
sg_frame_put(const struct sg_frame *frame, unsigned version, uint64_t id, const void *value,
    struct sg_buf *out, struct sg_err *err)
{
	size_t start = out->len;

	enum sg_code rc = sg_frame_check(frame, version, value, err);
	if (rc == SG_OK)
		rc = sg_buf_check(out, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_put_u32(out, 0);
	sg_buf_put_u16(out, frame->type);
	sg_buf_put_u64(out, id);
	for (size_t n = 0; n < frame->n; n++) {
		const struct sg_frame_field *field = &frame->field[n];
		if (field->since > version)
			continue;
		if (field->kind == SG_FRAME_BYTES) {
			struct sg_slice b = get_bytes(value, field);
			sg_buf_put_u32(out, (uint32_t)b.len);
			sg_buf_put_slice(out, b);
		} else {
			sg_buf_put_u64(out, get_uint(value, field));
		}
	}
	rc = sg_buf_check(out, err);
	if (rc != SG_OK) {
		/* Half a frame would make what stands before it unreadable. */
		if (out->len > start)
			sg_wipe(out->p + start, out->len - start);
		out->len = start;
		out->failed = SG_OK;
		return rc;
	}
	size_t len = out->len - start - 4;
	for (size_t n = 0; n < 4; n++)
		out->p[start + n] = (uint8_t)(len >> (24 - 8 * n));
	return SG_OK;
}

static enum sg_code
get_field(const struct sg_frame *frame, const struct sg_frame_field *field, struct sg_cursor *c,
    void *value, struct sg_err *err)
{
	uint64_t measure = 0;

	if (field->kind == SG_FRAME_BYTES) {
		measure = sg_cursor_u32(c);
		*(struct sg_slice *)at(value, field) = sg_cursor_bytes(c, (size_t)measure);
	} else {
		measure = sg_cursor_u64(c);
		*(uint64_t *)at(value, field) = measure;
	}
	if (c->bad)
		return sg_fail(
		    err, SG_E_MALFORMED, "frame.cut", "%s ends in %s", frame->name, field->name);
	return check_bounds(frame, field, measure, SG_E_MALFORMED, err);
}

enum sg_code
sg_frame_get(const struct sg_frame *frame, unsigned version, struct sg_slice body, uint64_t *ret_id,
    void *ret, struct sg_err *err)
{
	struct sg_cursor c = sg_cursor_init(body);
	uint16_t type = sg_cursor_u16(&c);
	uint64_t id = sg_cursor_u64(&c);
	enum sg_code rc = SG_OK;

	memset(ret, 0, frame->size);
	if (c.bad || type != frame->type)
		return sg_fail(
		    err, SG_E_MALFORMED, "frame.type", "type %u is not %s", type, frame->name);
	for (size_t n = 0; rc == SG_OK && n < frame->n; n++)
		if (frame->field[n].since <= version)
			rc = get_field(frame, &frame->field[n], &c, ret, err);
	if (rc == SG_OK && !sg_cursor_done(&c))
		rc = sg_fail(err, SG_E_MALFORMED, "frame.trailing", "%zu bytes after %s",
		    sg_cursor_left(&c), frame->name);
	if (rc == SG_OK)
		*ret_id = id;
	else
		memset(ret, 0, frame->size);
	return rc;
}

void
sg_frame_release(void *frame)
{
	sg_inbox_release(frame);
}
