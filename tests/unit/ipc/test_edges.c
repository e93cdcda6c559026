/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/ipc/ipc_test.h"

static void
tables__every_row__within_the_frame(void **state)
{
	(void)state;
	for (size_t e = 0; e < EDGES; e++) {
		assert_true(edges[e]->n > 0);
		for (size_t r = 0; r < edges[e]->n; r++) {
			const struct sg_msgdef *def = &edges[e]->defs[r];
			uint64_t least = SG_FRAME_HEAD - 4, most = least;
			assert_true(def->n > 0 && def->n <= SG_FRAME_FIELDS_MAX);
			assert_true(def->sender == SG_EDGE_CLIENT || def->sender == SG_EDGE_SERVER);
			for (size_t n = 0; n < def->n; n++) {
				const struct sg_field *f = &def->fields[n];
				assert_true(f->min <= f->max);
				bool bytes = f->kind == SG_F_BYTES;
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
	bool seen[SG_EV_RECORD + 1] = {true};
	for (size_t e = 0; e < EDGES; e++) {
		for (size_t r = 0; r < edges[e]->n; r++) {
			const struct sg_msgdef *def = &edges[e]->defs[r];
			assert_true(def->type > 0 && def->type <= SG_EV_RECORD);
			assert_false(seen[def->type]);
			seen[def->type] = true;
			assert_ptr_equal(sg_edge_find(edges[e], def->type), def);
			for (size_t k = 0; k < EDGES; k++)
				if (k != e)
					assert_null(sg_edge_find(edges[k], def->type));
		}
		assert_null(sg_edge_find(edges[e], 0));
		assert_null(sg_edge_find(edges[e], UINT16_MAX));
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
			bool client = edges[e]->defs[r].sender == SG_EDGE_CLIENT;
			asks = asks || client;
			answers = answers || !client;
		}
		assert_true(asks);
		assert_int_equal(answers, edges[e] != &sg_edge_event_record);
	}
}

/* The enums that number the fields count as many as the rows have. */
static void
fields__enums__as_many_as_the_rows(void **state)
{
	(void)state;
	static const struct {
		const struct sg_edge *edge;
		uint16_t type;
		size_t last;
		const char *name;
	} rows[] = {
	    {&sg_edge_front_registrar, SG_FR_SCEP, SG_FR_SCEP_MESSAGE, "message"},
	    {&sg_edge_front_registrar, SG_FR_SCEP_ANSWER, SG_FR_SCEP_ANSWER_BODY, "body"},
	    {&sg_edge_front_registrar, SG_FR_CACERT, SG_FR_CACERT_ENDPOINT, "endpoint"},
	    {&sg_edge_front_registrar, SG_FR_CACERT_ANSWER, SG_FR_CACERT_ANSWER_BODY, "body"},
	    {&sg_edge_front_registrar, SG_FR_EVENTS, SG_FR_EVENTS_RECORDS, "records"},
	    {&sg_edge_front_registrar, SG_FR_EVENTS_ANSWER, SG_FR_EVENTS_ANSWER_CODE, "code"},
	    {&sg_edge_registrar_keyd, SG_RK_UNWRAP, SG_RK_UNWRAP_WRAPPED, "wrapped"},
	    {&sg_edge_registrar_keyd, SG_RK_UNWRAP_ANSWER, SG_RK_UNWRAP_ANSWER_CEK, "cek"},
	    {&sg_edge_registrar_keyd, SG_RK_SIGN, SG_RK_SIGN_DIGEST, "digest"},
	    {&sg_edge_registrar_keyd, SG_RK_SIGN_ANSWER, SG_RK_SIGN_ANSWER_SIG, "sig"},
	    {&sg_edge_registrar_ca, SG_RC_ISSUE, SG_RC_ISSUE_CEK, "cek"},
	    {&sg_edge_registrar_ca, SG_RC_CANCEL, SG_RC_CANCEL_ID, "id"},
	    {&sg_edge_registrar_ca, SG_RC_ISSUED, SG_RC_ISSUED_STEPS, "steps"},
	    {&sg_edge_registrar_ca, SG_RC_SIGNER, SG_RC_SIGNER_ENDPOINT, "endpoint"},
	    {&sg_edge_registrar_ca, SG_RC_SIGNER_ANSWER, SG_RC_SIGNER_ANSWER_TEXT, "text"},
	    {&sg_edge_control, SG_CTL_ASK, SG_CTL_ASK_JSON, "json"},
	    {&sg_edge_control, SG_CTL_ANSWER, SG_CTL_ANSWER_JSON, "json"},
	    {&sg_edge_event_record, SG_EV_RECORD, SG_EV_TXID, "txid"},
	};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		const struct sg_msgdef *def = sg_edge_find(rows[n].edge, rows[n].type);
		assert_non_null(def);
		assert_int_equal(def->n, rows[n].last + 1);
		assert_string_equal(def->fields[rows[n].last].name, rows[n].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tables__every_row__within_the_frame),
	    cmocka_unit_test(types__all__unique_and_stable),
	    cmocka_unit_test(sides__each_edge__both_but_records),
	    cmocka_unit_test(fields__enums__as_many_as_the_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
