/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/ipc/ipc_test.h"

static void
tables__every_row__within_the_frame(void **state)
{
	(void)state;
	for (size_t e = 0; e < EDGES; e++) {
		assert_true(edges[e]->n > 0);
		for (size_t r = 0; r < edges[e]->n; r++) {
			const struct sg_frame *def = edges[e]->frame[r];
			uint64_t least = SG_FRAME_HEAD - 4, most = least;
			assert_true(def->n > 0 && def->n <= SG_FRAME_FIELDS_MAX);
			assert_true(def->sender == SG_EDGE_CLIENT || def->sender == SG_EDGE_SERVER);
			for (size_t n = 0; n < def->n; n++) {
				const struct sg_frame_field *f = &def->field[n];
				assert_true(f->min <= f->max);
				bool bytes = f->kind == SG_FRAME_BYTES;
				assert_true(!bytes || f->max <= SG_FRAME_MAX);
				least += bytes ? 4 + f->min : 8;
				most += bytes ? 4 + f->max : 8;
			}
			if (most > SG_FRAME_MAX)
				fail_msg("%s: %llu bytes", def->name, (unsigned long long)most);
		}
	}
}

/* A type belongs to one edge, and its number never changes: both ends may be of two versions
 * during an update. */
static void
types__all__unique_and_stable(void **state)
{
	(void)state;
	/* 16 and 17 were those of the control sockets. */
	bool seen[SG_FRAME_CA_HEALTH_ANSWER + 1] = {true, [16] = true, [17] = true};
	for (size_t e = 0; e < EDGES; e++) {
		for (size_t r = 0; r < edges[e]->n; r++) {
			const struct sg_frame *def = edges[e]->frame[r];
			assert_true(def->type > 0 && def->type < sizeof seen);
			assert_false(seen[def->type]);
			seen[def->type] = true;
		}
	}
	for (size_t n = 0; n < sizeof seen; n++)
		assert_true(seen[n]);
}

/* Every question has an answer that the other side sends. */
static void
sides__each_edge__both_but_records(void **state)
{
	(void)state;
	for (size_t e = 0; e < EDGES; e++) {
		bool asks = false, answers = false;
		for (size_t r = 0; r < edges[e]->n; r++) {
			bool client = edges[e]->frame[r]->sender == SG_EDGE_CLIENT;
			asks = asks || client;
			answers = answers || !client;
		}
		assert_true(asks);
		assert_int_equal(answers, edges[e] != &records);
	}
}

/* What stands on the wire, u for a number and b for bytes: tests/e2e/owned.py has the same. A frame
 * of a version that is out there never changes; a later one has more rows. */
static void
wire__each_frame_of_version_1__as_it_is(void **state)
{
	(void)state;
	static const char *const rows[] = {"", "bbbububbb", "uuub", "b", "ubb", "b", "u", "uuuub",
	    "ub", "uubbubub", "ubb", "bbubbbb", "b", "ubbbb", "bb", "ubb", NULL, NULL, "buubbbbb",
	    "", "", "", "", "", ""};
	size_t frames = 0;
	for (size_t e = 0; e < EDGES; e++) {
		for (size_t r = 0; r < edges[e]->n; r++) {
			const struct sg_frame *def = edges[e]->frame[r];
			char kinds[SG_FRAME_FIELDS_MAX + 1] = "";
			size_t len = 0;
			for (size_t n = 0; n < def->n; n++)
				if (def->field[n].since == 1)
					kinds[len++] = "ub"[def->field[n].kind == SG_FRAME_BYTES];
			assert_true(def->type < sizeof rows / sizeof rows[0]);
			assert_non_null(rows[def->type]);
			assert_string_equal(kinds, rows[def->type]);
			frames++;
		}
	}
	assert_int_equal(frames, sizeof rows / sizeof rows[0] - 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tables__every_row__within_the_frame),
	    cmocka_unit_test(types__all__unique_and_stable),
	    cmocka_unit_test(sides__each_edge__both_but_records),
	    cmocka_unit_test(wire__each_frame_of_version_1__as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
