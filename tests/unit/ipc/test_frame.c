/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/ipc/ipc_test.h"

static void
visit_rows(void (*visit)(const struct sg_edge *edge, const struct sg_frame *def))
{
	for (size_t e = 0; e < EDGES; e++)
		for (size_t r = 0; r < edges[e]->n; r++)
			visit(edges[e], edges[e]->frame[r]);
}

static void
expect_same(const struct sg_frame *def, const union any *a, const union any *b)
{
	for (size_t n = 0; n < def->n; n++) {
		const struct sg_frame_field *field = &def->field[n];
		if (field->kind == SG_FRAME_UINT)
			assert_true(*uint_of(a, field) == *uint_of(b, field));
		else
			assert_true(sg_slice_eq(*bytes_of(a, field), *bytes_of(b, field)));
	}
}

/* By the other side: whichever frame of the edge it is. */
static enum sg_code
read_back(const struct sg_edge *edge, const struct sg_frame *def, struct sg_slice body,
    union any *ret, uint64_t *ret_id, struct sg_err *err)
{
	const struct sg_frame *frame = NULL;
	enum sg_code rc = sg_edge_get(
	    edge, def->sender, edge->version, body, &frame, ret_id, ret, err);
	if (rc == SG_OK)
		assert_ptr_equal(frame, def);
	return rc;
}

static void
expect_zero(const struct sg_frame *def, const union any *v)
{
	for (size_t n = 0; n < def->size / sizeof v->bytes[0]; n++)
		assert_true(v->bytes[n] == 0);
}

/* Written and read back by the other side. */
static void
there_and_back(
    const struct sg_edge *edge, const struct sg_frame *def, uint64_t id, const union any *v)
{
	struct sg_err err = {0};
	union any back;
	uint64_t id_back = 1;
	sg_buf_scoped out = {.max = SG_FRAME_MAX + 100};
	memset(&back, 0xa5, sizeof back);
	sg_buf_puts(&out, "before");
	if (sg_frame_put(def, edge->version, id, v, &out, &err) != SG_OK)
		fail_msg("%s: %s", def->name, err.text);
	size_t len = (size_t)out.p[6] << 24 | (size_t)out.p[7] << 16 | (size_t)out.p[8] << 8 |
		     out.p[9];
	assert_int_equal(len, out.len - 10);
	uint8_t *copy = exact(sg_slice(out.p + 10, len));
	if (read_back(edge, def, sg_slice(copy, len), &back, &id_back, &err) != SG_OK)
		fail_msg("%s: %s", def->name, err.text);
	assert_true(id == id_back);
	assert_null(back.hold.block);
	expect_same(def, v, &back);
	free(copy);
}

static void
row_round_trip(const struct sg_edge *edge, const struct sg_frame *def)
{
	union any v = least(def);
	there_and_back(edge, def, 0, &v);
	for (size_t n = 0; n < def->n; n++)
		set_field(&def->field[n], &v, def->field[n].max);
	there_and_back(edge, def, UINT64_MAX, &v);
	for (size_t n = 0; n < def->n; n++) {
		v = least(def);
		set_field(&def->field[n], &v, def->field[n].max);
		there_and_back(edge, def, 7, &v);
	}
}

static void
every_type__least_and_most__there_and_back(void **state)
{
	(void)state;
	visit_rows(row_round_trip);
}

/* The writer refuses it, and leaves the buffer as it was; so does the reader. */
static void
refused(const struct sg_edge *edge, const struct sg_frame *def, const union any *v)
{
	struct sg_err err = {0};
	union any back;
	uint64_t id = 77;
	sg_buf_scoped out = {.max = 4 * SG_FRAME_MAX};
	sg_buf_puts(&out, "before");
	expect_err(
	    sg_frame_check(def, edge->version, v, &err), &err, SG_E_INTERNAL, "frame.schema");
	expect_err(sg_frame_put(def, edge->version, 7, v, &out, &err), &err, SG_E_INTERNAL,
	    "frame.schema");
	assert_string_equal(sg_buf_text(&out), "before");
	sg_buf_reset(&out);
	put_raw(&out, def, 7, v);
	uint8_t *copy = exact(sg_buf_slice(&out));
	expect_err(read_back(edge, def, sg_slice(copy, out.len), &back, &id, &err), &err,
	    SG_E_MALFORMED, "frame.field");
	assert_int_equal(id, 77);
	expect_zero(def, &back);
	free(copy);
}

static void
row_bounds(const struct sg_edge *edge, const struct sg_frame *def)
{
	for (size_t n = 0; n < def->n; n++) {
		const struct sg_frame_field *f = &def->field[n];
		union any v = least(def);
		if (f->min > 0) {
			set_field(f, &v, f->min - 1);
			refused(edge, def, &v);
			set_field(f, &v, 0);
			refused(edge, def, &v);
		}
		if (f->max < UINT64_MAX) {
			set_field(f, &v, f->max + 1);
			refused(edge, def, &v);
		}
		if (f->kind == SG_FRAME_UINT) {
			set_field(f, &v, UINT64_MAX);
			refused(edge, def, &v);
		}
	}
}

static void
every_field__past_its_bounds__refused(void **state)
{
	(void)state;
	visit_rows(row_bounds);
}

static void
row_cut(const struct sg_edge *edge, const struct sg_frame *def)
{
	struct sg_err err = {0};
	union any v = least(def), back;
	uint64_t id = 77;
	sg_buf_scoped out = {0};
	assert_int_equal(sg_frame_put(def, edge->version, 7, &v, &out, &err), SG_OK);
	struct sg_slice body = sg_slice(out.p + 4, out.len - 4);
	for (size_t n = 0; n < body.len; n++) {
		uint8_t *copy = exact(sg_slice(body.p, n));
		enum sg_code rc = read_back(edge, def, sg_slice(copy, n), &back, &id, &err);
		expect_err(rc, &err, SG_E_MALFORMED, n < 10 ? "frame.type" : "frame.cut");
		free(copy);
	}
	for (size_t more = 1; more < 20; more++) {
		sg_buf_put_u8(&out, 0);
		expect_err(
		    read_back(edge, def, sg_slice(out.p + 4, body.len + more), &back, &id, &err),
		    &err, SG_E_MALFORMED, "frame.trailing");
		expect_zero(def, &back);
	}
	assert_int_equal(id, 77);
}

static void
every_type__cut_or_longer__refused(void **state)
{
	(void)state;
	visit_rows(row_cut);
}

static void
row_sides(const struct sg_edge *edge, const struct sg_frame *def)
{
	struct sg_err err = {0};
	union any v = least(def), back;
	const struct sg_frame *frame = NULL;
	uint64_t id = 77;
	sg_buf_scoped out = {0};
	enum sg_edge_side wrong = def->sender == SG_EDGE_CLIENT ? SG_EDGE_SERVER : SG_EDGE_CLIENT;
	assert_int_equal(sg_frame_put(def, edge->version, 7, &v, &out, &err), SG_OK);
	struct sg_slice body = sg_slice(out.p + 4, out.len - 4);
	expect_err(sg_edge_get(edge, wrong, edge->version, body, &frame, &id, &back, &err), &err,
	    SG_E_MALFORMED, "frame.type");
	/* Other edges do not know it, and no other frame is taken for it. */
	for (size_t e = 0; e < EDGES; e++) {
		if (edges[e] != edge)
			expect_err(read_back(edges[e], def, body, &back, &id, &err), &err,
			    SG_E_MALFORMED, "frame.type");
		for (size_t r = 0; r < edges[e]->n; r++)
			if (edges[e]->frame[r] != def)
				expect_err(
				    sg_frame_get(edges[e]->frame[r], 1, body, &id, &back, &err),
				    &err, SG_E_MALFORMED, "frame.type");
	}
	assert_int_equal(id, 77);
	assert_null(frame);
}

static void
every_type__wrong_side_or_edge__refused(void **state)
{
	(void)state;
	visit_rows(row_sides);
}

static const struct sg_frame *
find(const struct sg_edge *edge, unsigned type)
{
	for (size_t n = 0; n < edge->n; n++)
		if (edge->frame[n]->type == type)
			return edge->frame[n];
	return NULL;
}

static void
every_edge__every_type_number__known_or_refused(void **state)
{
	(void)state;
	for (size_t e = 0; e < EDGES; e++) {
		for (unsigned type = 0; type <= UINT16_MAX; type++) {
			uint8_t body[10] = {(uint8_t)(type >> 8), (uint8_t)type};
			struct sg_err err = {0};
			union any back;
			uint64_t id;
			const struct sg_frame *def = find(edges[e], type), *frame;
			enum sg_code rc = sg_edge_get(edges[e],
			    def == NULL ? SG_EDGE_CLIENT : def->sender, edges[e]->version,
			    sg_slice(body, 10), &frame, &id, &back, &err);
			expect_err(
			    rc, &err, SG_E_MALFORMED, def == NULL ? "frame.type" : "frame.cut");
		}
	}
}

/* A length inside that says more than there is, at each size. */
static void
row_lengths(const struct sg_edge *edge, const struct sg_frame *def)
{
	static const uint32_t says[] = {1, 0x7fffffff, 0x80000000u, 0xffffffffu};
	union any v = least(def), back;
	uint64_t id;
	size_t last = def->n - 1;
	if (def->field[last].kind != SG_FRAME_BYTES)
		return;
	sg_buf_scoped out = {0};
	struct sg_err err = {0};
	assert_int_equal(sg_frame_put(def, edge->version, 7, &v, &out, &err), SG_OK);
	size_t have = bytes_of(&v, &def->field[last])->len, at = out.len - have - 4;
	for (size_t n = 0; n < sizeof says / sizeof says[0]; n++) {
		uint32_t len = n == 0 ? (uint32_t)have + 1 : says[n];
		for (size_t k = 0; k < 4; k++)
			out.p[at + k] = (uint8_t)(len >> (24 - 8 * k));
		uint8_t *copy = exact(sg_slice(out.p + 4, out.len - 4));
		expect_err(read_back(edge, def, sg_slice(copy, out.len - 4), &back, &id, &err),
		    &err, SG_E_MALFORMED, "frame.cut");
		free(copy);
	}
}

static void
every_type__inner_length_lies__refused(void **state)
{
	(void)state;
	visit_rows(row_lengths);
}

static enum sg_code
put_once(void)
{
	struct sg_frame_unwrap_answer ask = {.cek = sg_slice_str("{}")};
	sg_buf_scoped out = {0};
	enum sg_code rc = sg_frame_put(&sg_frame_unwrap_answer, 1, 1, &ask, &out, NULL);
	if (rc != SG_OK)
		assert_int_equal(out.len, 0);
	return rc;
}

static void
put__no_memory_or_room__nothing_left_behind(void **state)
{
	(void)state;
	expect_nomem(put_once);
	struct sg_frame_unwrap_answer ask = {.cek = sg_slice_str("{}")};
	for (size_t max = 6; max < 40; max++) {
		sg_buf_scoped out = {.max = max};
		struct sg_err err = {0};
		sg_buf_puts(&out, "before");
		enum sg_code rc = sg_frame_put(&sg_frame_unwrap_answer, 1, 1, &ask, &out, &err);
		if (max >= 6 + 14 + 8 + 4 + 2) {
			assert_int_equal(rc, SG_OK);
			continue;
		}
		expect_err(rc, &err, SG_E_LIMIT, "limit.buffer");
		assert_int_equal(out.len, 6);
		assert_int_equal(out.failed, SG_OK); /* what stands before it can go on */
	}
}

/* A buffer that failed before stays failed. */
static void
put__buffer_has_failed__says_so(void **state)
{
	(void)state;
	struct sg_frame_unwrap_answer ask = {.cek = sg_slice_str("{}")};
	struct sg_err err = {0};
	sg_buf_scoped out = {.failed = SG_E_NOMEM};
	expect_err(sg_frame_put(&sg_frame_unwrap_answer, 1, 1, &ask, &out, &err), &err, SG_E_NOMEM,
	    "memory");
	assert_int_equal(out.failed, SG_E_NOMEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_type__least_and_most__there_and_back),
	    cmocka_unit_test(every_field__past_its_bounds__refused),
	    cmocka_unit_test(every_type__cut_or_longer__refused),
	    cmocka_unit_test(every_type__wrong_side_or_edge__refused),
	    cmocka_unit_test(every_edge__every_type_number__known_or_refused),
	    cmocka_unit_test(every_type__inner_length_lies__refused),
	    cmocka_unit_test(put__no_memory_or_room__nothing_left_behind),
	    cmocka_unit_test(put__buffer_has_failed__says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
