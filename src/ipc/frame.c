/* SPDX-License-Identifier: Apache-2.0 */

#include "ipc/frame.h"

#include "base/alloc.h"
#include "base/cursor.h"

const struct sg_msgdef *
sg_edge_find(const struct sg_edge *edge, uint16_t type)
{
	for (size_t n = 0; n < edge->n; n++)
		if (edge->defs[n].type == type)
			return &edge->defs[n];
	return NULL;
}

static enum sg_code
check_bounds(const struct sg_edge *edge, const struct sg_field *field, uint64_t v,
    enum sg_code code, struct sg_err *err)
{
	if (v >= field->min && v <= field->max)
		return SG_OK;
	return sg_fail(err, code, code == SG_E_INTERNAL ? "frame.schema" : "frame.field",
	    "%s: %s is %llu, want %llu to %llu", edge->name, field->name, (unsigned long long)v,
	    (unsigned long long)field->min, (unsigned long long)field->max);
}

/* Half a frame would make what stands before it in the buffer unreadable. */
static void
take_back(struct sg_buf *out, size_t start)
{
	if (out->len > start)
		sg_wipe(out->p + start, out->len - start);
	out->len = start;
	out->failed = SG_OK;
}

enum sg_code
sg_frame_check(const struct sg_edge *edge, const struct sg_msg *msg, struct sg_err *err)
{
	const struct sg_msgdef *def = sg_edge_find(edge, msg->type);

	if (def == NULL)
		return sg_fail(
		    err, SG_E_INTERNAL, "frame.schema", "%s: no type %u", edge->name, msg->type);
	for (size_t n = 0; n < def->n; n++) {
		const struct sg_field *field = &def->fields[n];
		uint64_t measure = field->kind == SG_F_BYTES ? msg->v[n].b.len : msg->v[n].u;
		enum sg_code rc = check_bounds(edge, field, measure, SG_E_INTERNAL, err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

enum sg_code
sg_frame_put(
    const struct sg_edge *edge, const struct sg_msg *msg, struct sg_buf *out, struct sg_err *err)
{
	const struct sg_msgdef *def = sg_edge_find(edge, msg->type);
	size_t start = out->len;

	enum sg_code rc = sg_frame_check(edge, msg, err);
	if (rc == SG_OK)
		rc = sg_buf_check(out, err);
	if (rc != SG_OK || def == NULL)
		return rc;
	sg_buf_put_u32(out, 0);
	sg_buf_put_u16(out, msg->type);
	sg_buf_put_u64(out, msg->id);
	for (size_t n = 0; n < def->n; n++) {
		const struct sg_val *v = &msg->v[n];
		if (def->fields[n].kind == SG_F_BYTES) {
			sg_buf_put_u32(out, (uint32_t)v->b.len);
			sg_buf_put_slice(out, v->b);
		} else {
			sg_buf_put_u64(out, v->u);
		}
	}
	rc = sg_buf_check(out, err);
	if (rc != SG_OK) {
		take_back(out, start);
		return rc;
	}
	size_t len = out->len - start - 4;
	for (size_t n = 0; n < 4; n++)
		out->p[start + n] = (uint8_t)(len >> (24 - 8 * n));
	return SG_OK;
}

enum sg_code
sg_frame_get(const struct sg_edge *edge, enum sg_edge_side sender, struct sg_slice body,
    struct sg_msg *ret, struct sg_err *err)
{
	struct sg_cursor c = sg_cursor_init(body);
	struct sg_msg msg = {0};

	msg.type = sg_cursor_u16(&c);
	msg.id = sg_cursor_u64(&c);
	const struct sg_msgdef *def = sg_edge_find(edge, msg.type);
	if (c.bad || def == NULL || def->sender != sender)
		return sg_fail(err, SG_E_MALFORMED, "frame.type",
		    "%s: type %u is not for this side", edge->name, msg.type);
	for (size_t n = 0; n < def->n; n++) {
		const struct sg_field *field = &def->fields[n];
		struct sg_val *v = &msg.v[n];
		uint64_t measure = 0;
		if (field->kind == SG_F_BYTES) {
			measure = sg_cursor_u32(&c);
			v->b = sg_cursor_bytes(&c, (size_t)measure);
		} else {
			measure = v->u = sg_cursor_u64(&c);
		}
		if (c.bad)
			return sg_fail(err, SG_E_MALFORMED, "frame.cut", "%s: %s ends in %s",
			    edge->name, def->name, field->name);
		enum sg_code rc = check_bounds(edge, field, measure, SG_E_MALFORMED, err);
		if (rc != SG_OK)
			return rc;
	}
	if (!sg_cursor_done(&c))
		return sg_fail(err, SG_E_MALFORMED, "frame.trailing", "%s: %zu bytes behind %s",
		    edge->name, sg_cursor_left(&c), def->name);
	*ret = msg;
	return SG_OK;
}
