/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/ipc/ipc_test.h"

static void
visit_rows(void (*visit)(const struct sg_edge *edge, const struct sg_msgdef *def))
{
	for (size_t e = 0; e < EDGES; e++)
		for (size_t r = 0; r < edges[e]->n; r++)
			visit(edges[e], &edges[e]->defs[r]);
}

static void
expect_same(const struct sg_msgdef *def, const struct sg_msg *a, const struct sg_msg *b)
{
	assert_int_equal(a->type, b->type);
	assert_true(a->id == b->id);
	for (size_t n = 0; n < def->n; n++) {
		if (def->fields[n].kind == SG_F_UINT)
			assert_true(a->v[n].u == b->v[n].u);
		else
			assert_true(sg_slice_eq(a->v[n].b, b->v[n].b));
	}
}

/* Written and read back by the other side. */
static void
there_and_back(const struct sg_edge *edge, const struct sg_msgdef *def, const struct sg_msg *m)
{
	struct sg_err err = {0};
	struct sg_msg back;
	sg_buf_scoped out = {.max = SG_FRAME_MAX + 100};
	sg_buf_puts(&out, "before");
	if (sg_frame_put(edge, m, &out, &err) != SG_OK)
		fail_msg("%s: %s", def->name, err.text);
	size_t len = (size_t)out.p[6] << 24 | (size_t)out.p[7] << 16 | (size_t)out.p[8] << 8 |
		     out.p[9];
	assert_int_equal(len, out.len - 10);
	uint8_t *copy = exact(sg_slice(out.p + 10, len));
	if (sg_frame_get(edge, def->sender, sg_slice(copy, len), &back, &err) != SG_OK)
		fail_msg("%s: %s", def->name, err.text);
	expect_same(def, m, &back);
	free(copy);
}

static void
row_round_trip(const struct sg_edge *edge, const struct sg_msgdef *def)
{
	struct sg_msg m = least_message(def, 0);
	there_and_back(edge, def, &m);
	m = least_message(def, UINT64_MAX);
	for (size_t n = 0; n < def->n; n++)
		set_field(&def->fields[n], &m.v[n], def->fields[n].max);
	there_and_back(edge, def, &m);
	for (size_t n = 0; n < def->n; n++) {
		m = least_message(def, 7);
		set_field(&def->fields[n], &m.v[n], def->fields[n].max);
		there_and_back(edge, def, &m);
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
refused(const struct sg_edge *edge, const struct sg_msgdef *def, const struct sg_msg *m)
{
	struct sg_err err = {0};
	struct sg_msg back = {.type = 77};
	sg_buf_scoped out = {.max = 4 * SG_FRAME_MAX};
	sg_buf_puts(&out, "before");
	expect_err(sg_frame_put(edge, m, &out, &err), &err, SG_E_INTERNAL, "frame.schema");
	assert_string_equal(sg_buf_text(&out), "before");
	sg_buf_reset(&out);
	put_raw(&out, def, m);
	uint8_t *copy = exact(sg_buf_slice(&out));
	expect_err(sg_frame_get(edge, def->sender, sg_slice(copy, out.len), &back, &err), &err,
	    SG_E_MALFORMED, "frame.field");
	assert_int_equal(back.type, 77);
	free(copy);
}

static void
row_bounds(const struct sg_edge *edge, const struct sg_msgdef *def)
{
	for (size_t n = 0; n < def->n; n++) {
		const struct sg_field *f = &def->fields[n];
		struct sg_msg m = least_message(def, 7);
		if (f->min > 0) {
			set_field(f, &m.v[n], f->min - 1);
			refused(edge, def, &m);
			set_field(f, &m.v[n], 0);
			refused(edge, def, &m);
		}
		if (f->max < UINT64_MAX) {
			set_field(f, &m.v[n], f->max + 1);
			refused(edge, def, &m);
		}
		if (f->kind == SG_F_UINT) {
			set_field(f, &m.v[n], UINT64_MAX);
			refused(edge, def, &m);
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
row_cut(const struct sg_edge *edge, const struct sg_msgdef *def)
{
	struct sg_err err = {0};
	struct sg_msg m = least_message(def, 7), back = {.type = 77};
	sg_buf_scoped out = {0};
	assert_int_equal(sg_frame_put(edge, &m, &out, &err), SG_OK);
	struct sg_slice body = sg_slice(out.p + 4, out.len - 4);
	for (size_t n = 0; n < body.len; n++) {
		uint8_t *copy = exact(sg_slice(body.p, n));
		enum sg_code rc = sg_frame_get(edge, def->sender, sg_slice(copy, n), &back, &err);
		expect_err(rc, &err, SG_E_MALFORMED, n < 10 ? "frame.type" : "frame.cut");
		free(copy);
	}
	for (size_t more = 1; more < 20; more++) {
		sg_buf_put_u8(&out, 0);
		expect_err(sg_frame_get(edge, def->sender, sg_slice(out.p + 4, body.len + more),
			       &back, &err),
		    &err, SG_E_MALFORMED, "frame.trailing");
	}
	assert_int_equal(back.type, 77);
}

static void
every_type__cut_or_longer__refused(void **state)
{
	(void)state;
	visit_rows(row_cut);
}

static void
row_sides(const struct sg_edge *edge, const struct sg_msgdef *def)
{
	struct sg_err err = {0};
	struct sg_msg m = least_message(def, 7), back = {.type = 77};
	sg_buf_scoped out = {0};
	enum sg_edge_side wrong = def->sender == SG_EDGE_CLIENT ? SG_EDGE_SERVER : SG_EDGE_CLIENT;
	assert_int_equal(sg_frame_put(edge, &m, &out, &err), SG_OK);
	struct sg_slice body = sg_slice(out.p + 4, out.len - 4);
	expect_err(
	    sg_frame_get(edge, wrong, body, &back, &err), &err, SG_E_MALFORMED, "frame.type");
	/* Other edges do not know it; no edge knows other numbers. */
	for (size_t e = 0; e < EDGES; e++) {
		if (edges[e] == edge)
			continue;
		expect_err(sg_frame_get(edges[e], def->sender, body, &back, &err), &err,
		    SG_E_MALFORMED, "frame.type");
		expect_err(
		    sg_frame_put(edges[e], &m, &out, &err), &err, SG_E_INTERNAL, "frame.schema");
	}
	assert_int_equal(back.type, 77);
}

static void
every_type__wrong_side_or_edge__refused(void **state)
{
	(void)state;
	visit_rows(row_sides);
}

static void
every_edge__every_type_number__known_or_refused(void **state)
{
	(void)state;
	for (size_t e = 0; e < EDGES; e++) {
		for (unsigned type = 0; type <= UINT16_MAX; type++) {
			uint8_t body[10] = {(uint8_t)(type >> 8), (uint8_t)type};
			struct sg_err err = {0};
			struct sg_msg back;
			const struct sg_msgdef *def = sg_edge_find(edges[e], (uint16_t)type);
			enum sg_code rc = sg_frame_get(edges[e],
			    def == NULL ? SG_EDGE_CLIENT : def->sender, sg_slice(body, 10), &back,
			    &err);
			expect_err(
			    rc, &err, SG_E_MALFORMED, def == NULL ? "frame.type" : "frame.cut");
		}
	}
}

/* A length inside that says more than there is, at each size. */
static void
row_lengths(const struct sg_edge *edge, const struct sg_msgdef *def)
{
	static const uint32_t says[] = {1, 0x7fffffff, 0x80000000u, 0xffffffffu};
	struct sg_msg m = least_message(def, 7), back;
	size_t last = def->n - 1;
	if (def->fields[last].kind != SG_F_BYTES)
		return;
	sg_buf_scoped out = {0};
	struct sg_err err = {0};
	assert_int_equal(sg_frame_put(edge, &m, &out, &err), SG_OK);
	size_t have = m.v[last].b.len, at = out.len - have - 4;
	for (size_t n = 0; n < sizeof says / sizeof says[0]; n++) {
		uint32_t v = n == 0 ? (uint32_t)have + 1 : says[n];
		for (size_t k = 0; k < 4; k++)
			out.p[at + k] = (uint8_t)(v >> (24 - 8 * k));
		uint8_t *copy = exact(sg_slice(out.p + 4, out.len - 4));
		expect_err(
		    sg_frame_get(edge, def->sender, sg_slice(copy, out.len - 4), &back, &err), &err,
		    SG_E_MALFORMED, "frame.cut");
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
	struct sg_msg m = least_message(sg_edge_find(&sg_edge_control, SG_CTL_ASK), 1);
	sg_buf_scoped out = {0};
	enum sg_code rc = sg_frame_put(&sg_edge_control, &m, &out, NULL);
	if (rc != SG_OK)
		assert_int_equal(out.len, 0);
	return rc;
}

static void
put__no_memory_or_room__nothing_left_behind(void **state)
{
	(void)state;
	expect_nomem(put_once);
	struct sg_msg m = least_message(sg_edge_find(&sg_edge_control, SG_CTL_ASK), 1);
	for (size_t max = 6; max < 40; max++) {
		sg_buf_scoped out = {.max = max};
		struct sg_err err = {0};
		sg_buf_puts(&out, "before");
		enum sg_code rc = sg_frame_put(&sg_edge_control, &m, &out, &err);
		if (max >= 6 + 14 + 4 + 2) {
			assert_int_equal(rc, SG_OK);
			continue;
		}
		expect_err(rc, &err, SG_E_LIMIT, "limit.buffer");
		assert_int_equal(out.len, 6);
	}
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
