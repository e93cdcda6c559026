/* SPDX-License-Identifier: Apache-2.0 */

/* What registrar says of its rows, of which front and another version may have written some. */

#include "unit/roles/registrar_ask.h"

#include "explain/steps.h"
#include "roles/registrar/events.h"
#include "roles/registrar/history.h"
#include "store/registrar/event.h"

static unsigned flushed;

void
registrar_events_flush(struct registrar *r)
{
	assert_non_null(r->store);
	flushed++;
}

static json_t *
ask(struct bed *t, const char *path, const char *query, int want_status)
{
	struct registrar r = {.store = t->store};
	const struct sg_api_ask question = {.method = SG_HTTP_GET,
	    .path = text(path),
	    .query = text(query),
	    .has_query = query[0] != '\0'};

	return ask_registrar(t, &r, &question, want_status);
}

/* --- rows ---------------------------------------------------------------------------------- */

static void
reserve(struct bed *t, unsigned n, struct sg_regdb_tx *ret)
{
	struct sg_regdb_challenge c = a_challenge(n);
	struct sg_regdb_reserve what = a_reserve(n, n, SG_POLICY_ONE_TIME);
	bool started = false;

	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	assert_ok(sg_regdb_tx_reserve(t->store, &what, &started, ret, &t->err));
	assert_true(started);
}

static void
issue(struct bed *t, unsigned n, const char *steps)
{
	struct sg_regdb_tx tx = {0};

	reserve(t, n, &tx);
	struct sg_regdb_tx_issued done = an_issued(&tx, n);
	done.steps = text(steps);
	done.signer_serial = text("\x0a\x1b");
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
	sg_regdb_tx_clear(&tx);
}

static void
refuse(struct bed *t, unsigned n)
{
	struct sg_regdb_tx tx = {0};

	reserve(t, n, &tx);
	struct sg_regdb_tx_failed done = a_failed(&tx, SG_REGDB_TX_BLAME_REQUEST);
	assert_ok(sg_regdb_tx_finish_failed(t->store, &done, &t->err));
	sg_regdb_tx_clear(&tx);
}

static struct sg_regdb_event
an_event(void)
{
	return (struct sg_regdb_event){.at_us = NOW * 1000000 + 5,
	    .role = EVENT_ROLE_FRONT,
	    .code = SG_E_ALG,
	    .rule = text("cms.digest.md5"),
	    .text = text("want SHA-256, have MD5")};
}

static void
note(struct bed *t, const struct sg_regdb_event *e)
{
	static const struct sg_regdb_event_keep all = {UINT64_MAX, UINT64_MAX};
	assert_ok(sg_regdb_event_add(t->store, e, 1, &all, &t->err));
}

/* --- tests --------------------------------------------------------------------------------- */

static void
transactions__each_state__its_members(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_tx running = {0};

	issue(t, 1, "1;ho9vm6h1j4;fb0,rh1jk!");
	refuse(t, 2);
	reserve(t, 3, &running);
	sg_regdb_tx_clear(&running);
	json_t *page = ask(t, "/v1/registrar/transactions", "", 200);
	const json_t *items = json_object_get(page, "items");
	assert_int_equal(json_array_size(items), 3);
	assert_true(json_is_null(json_object_get(page, "next")));

	const json_t *o = json_array_get(items, 0);
	expect(o, "state", "running");
	expect(o, "kind", "enrol");
	expect(o, "policy", "one-time");
	expect(o, "trace", "00000003000000000000000000000077");
	expect(o, "started_at", "2023-11-14T22:13:30Z");
	expect(o, "finished_at", "(absent)");
	expect(o, "serial", "(absent)");
	expect(o, "rule", "(absent)");
	assert_int_equal(json_array_size(json_object_get(o, "steps")), 0);

	o = json_array_get(items, 1);
	expect(o, "state", "failed");
	expect(o, "rule", "subject.mismatch");
	expect(o, "text", "want CN=a, have CN=b");
	expect(o, "finished_at", "2023-11-14T22:13:32Z");
	/* What cannot be read is left out. */
	assert_int_equal(json_array_size(json_object_get(o, "steps")), 0);

	o = json_array_get(items, 2);
	expect(o, "state", "issued");
	expect(o, "transaction", "TXID-1");
	expect(o, "subject", "CN=Dev1,O=Test");
	expect(o, "peer", "192.0.2.1");
	expect(o, "serial", "1100000000000001");
	expect(o, "signer", "0a1b");
	expect(o, "not_after", "2023-11-15T22:13:20Z");
	const json_t *step = json_array_get(json_object_get(o, "steps"), 1);
	expect(step, "step", "verify");
	expect(step, "done", "authorization");
	expect(step, "role", "registrar");
	expect(step, "outcome", "failed");
	expect(step, "at", "2026-11-18T11:06:40.002000Z");
	assert_int_equal(json_integer_value(json_object_get(step, "since_us")), 2000);
	assert_int_equal(json_integer_value(json_object_get(step, "took_us")), 2000);
	json_decref(page);
}

static void
transactions__filters_and_pages__those(void **state)
{
	struct bed *t = *state;
	static const struct {
		const char *query;
		size_t n;
	} rows[] = {
	    {"subject=cn%3Ddev1", 3},
	    {"subject=CN%3Dother", 0},
	    {"transaction=TXID-1", 3},
	    {"transaction=TXID", 0},
	    {"serial=1100000000000002", 1},
	    {"serial=11%3A00%3A00%3A00%3A00%3A00%3A00%3A02", 1},
	    {"trace=00000003", 1},
	    {"trace=00000003&serial=1100000000000002", 0},
	};

	for (unsigned n = 1; n <= 3; n++)
		issue(t, n, "");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_t *page = ask(t, "/v1/registrar/transactions", rows[i].query, 200);
		assert_int_equal(json_array_size(json_object_get(page, "items")), rows[i].n);
		json_decref(page);
	}
	json_t *page = ask(t, "/v1/registrar/transactions", "limit=2", 200);
	assert_int_equal(json_integer_value(json_object_get(page, "next")), 2);
	json_decref(page);
	page = ask(t, "/v1/registrar/transactions", "limit=2&after=2", 200);
	assert_int_equal(json_array_size(json_object_get(page, "items")), 1);
	assert_true(json_is_null(json_object_get(page, "next")));
	json_decref(page);
	json_t *problem = ask(t, "/v1/registrar/transactions", "serial=0x1", 400);
	expect(problem, "member", "serial");
	json_decref(problem);
}

/* One odd row must not hide the others. */
static void
events__what_front_may_say__shown(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_event e = an_event();

	note(t, &e);
	e.at_us = INT64_MAX - 1;
	e.code = (enum sg_code)0xfff;
	e.role = 7;
	e.endpoint = text("default");
	e.peer = text("192.0.2.1");
	e.txid = text("\xff\x01");
	e.subject = text("CN=\xc3\xa4");
	note(t, &e);
	e.at_us = 0;
	e.code = SG_OK;
	note(t, &e);
	flushed = 0;
	json_t *page = ask(t, "/v1/registrar/events", "", 200);
	const json_t *items = json_object_get(page, "items");
	assert_int_equal(json_array_size(items), 3);
	assert_int_equal(flushed, 1);

	const json_t *o = json_array_get(items, 2);
	expect(o, "at", "2023-11-14T22:13:20.000005Z");
	expect(o, "role", "front");
	expect(o, "code", "algorithm");
	expect(o, "rule", "cms.digest.md5");
	expect(o, "text", "want SHA-256, have MD5");
	expect(o, "endpoint", "(absent)");
	expect(o, "peer", "(absent)");
	expect(o, "transaction", "(absent)");
	expect(o, "subject", "(absent)");

	o = json_array_get(items, 1);
	expect(o, "at", "9999-12-31T23:59:59.999999Z");
	expect(o, "role", "registrar");
	expect(o, "code", "unknown");
	expect(o, "transaction", "\\xff\\x01");
	expect(o, "subject", "CN=\xc3\xa4");
	expect(json_array_get(items, 0), "at", "1970-01-01T00:00:00Z");
	expect(json_array_get(items, 0), "code", "ok");
	json_decref(page);
}

static void
events__filters_and_pages__those(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_event e = an_event();

	for (unsigned n = 0; n < 4; n++) {
		e.rule = text(n == 2 ? "challenge.wrong" : "cms.digest.md5");
		e.subject = text(n == 3 ? "CN=b" : "CN=a");
		note(t, &e);
	}
	json_t *page = ask(t, "/v1/registrar/events", "rule=challenge.wrong", 200);
	assert_int_equal(json_array_size(json_object_get(page, "items")), 1);
	json_decref(page);
	page = ask(t, "/v1/registrar/events", "subject=cn%3Da&limit=2", 200);
	assert_int_equal(json_integer_value(json_object_get(page, "next")), 2);
	json_decref(page);
	page = ask(t, "/v1/registrar/events", "subject=cn%3Da&limit=2&after=2", 200);
	assert_int_equal(json_array_size(json_object_get(page, "items")), 1);
	assert_true(json_is_null(json_object_get(page, "next")));
	json_decref(page);
}

static void
trace__each_way__found_once(void **state)
{
	struct bed *t = *state;
	struct sg_regdb_event e = an_event();
	static const struct {
		const char *query;
		size_t txs, events;
	} rows[] = {
	    {"what=00000001", 1, 0}, /* the beginning of a trace id */
	    {"what=00000001000000000000000000000077", 1, 0},
	    {"what=TXID-1", 3, 0},
	    {"what=TXID-2", 0, 1},
	    {"what=1100000000000002", 1, 0},
	    {"what=11%3a00%3A00:00:00:00:00:02", 1, 0},
	    {"what=dev1", 3, 0},
	    {"what=dev", 3, 0},
	    {"what=CN%3Dother,+O%3DTest", 0, 1}, /* as we would write it */
	    {"what=TXID-1&limit=2", 2, 0},
	};

	for (unsigned n = 1; n <= 3; n++)
		issue(t, n, "1;ho9vm6h1j4;fb0,rh1jk!");
	e.txid = text("TXID-2");
	e.subject = text("CN=other, O=Test");
	e.trace[0] = 0x77;
	note(t, &e);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_t *o = ask(t, "/v1/registrar/trace", rows[i].query, 200);
		const json_t *txs = json_object_get(o, "transactions");
		assert_int_equal(json_array_size(txs), rows[i].txs);
		assert_int_equal(json_array_size(json_object_get(o, "events")), rows[i].events);
		if (rows[i].txs > 0) {
			const json_t *tx = json_array_get(txs, rows[i].txs - 1);
			expect(tx, "subject", "CN=Dev1,O=Test");
			expect(tx, "signer", "0a1b");
			assert_int_equal(json_array_size(json_object_get(tx, "steps")), 2);
		}
		json_decref(o);
	}
	json_t *problem = ask(t, "/v1/registrar/trace", "what=nobody%1b", 404);
	expect(problem, "rule", "trace.none");
	expect(problem, "member", "what");
	expect(problem, "detail", "nothing is known of 'nobody\\x1b'");
	json_decref(problem);
	json_decref(ask(t, "/v1/registrar/trace", "", 400));
	json_decref(ask(t, "/v1/registrar/trace", "what=", 400));
	json_decref(ask(t, "/v1/registrar/trace", "what=a&limit=101", 400));
}

/* A whole answer fits, whatever the rows have. */
static void
trace__as_many_as_there_can_be__fits(void **state)
{
	struct bed *t = *state;
	struct sg_steps steps = {0};
	sg_buf_scoped text_form = {0};

	for (unsigned n = 0; n < SG_STEPS_MAX; n++)
		sg_steps_mark(&steps, SG_STEP_ROLE_REGISTRAR, SG_STEP_REQUEST_CHECKED, SG_STEP_OK,
		    NOW * 1000000 + n);
	sg_steps_put(&text_form, &steps);
	for (unsigned n = 1; n <= SG_API_TRACE_MAX + 1; n++)
		issue(t, n, sg_buf_text(&text_form));
	json_t *o = ask(t, "/v1/registrar/trace", "what=dev1&limit=100", 200);
	assert_int_equal(json_array_size(json_object_get(o, "transactions")), SG_API_TRACE_MAX);
	json_decref(o);
}

static void
words__every_number__one(void **state)
{
	(void)state;
	static const struct sg_json_word *const tables[] = {sg_api_transaction_states,
	    sg_api_transaction_kinds, sg_api_policies, sg_api_codes, sg_api_step_roles,
	    sg_api_step_groups, sg_api_step_names, sg_api_step_states};

	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		for (const struct sg_json_word *w = tables[i]; w->name != NULL; w++) {
			assert_non_null(w->text);
			assert_string_equal(sg_json_word_of(tables[i], w->value), w->name);
			for (const struct sg_json_word *v = tables[i]; v != w; v++)
				assert_string_not_equal(v->name, w->name);
		}
	for (int n = SG_TRANSACTION_RUNNING; n <= SG_TRANSACTION_FAILED; n++)
		assert_non_null(sg_json_word_of(sg_api_transaction_states, n));
	assert_string_equal(
	    sg_json_word_of(sg_api_transaction_states, SG_TRANSACTION_DENIED), "denied");
	assert_string_equal(sg_json_word_of(sg_api_policies, SG_POLICY_RENEWAL), "renewal");
	assert_string_equal(sg_json_word_of(sg_api_codes, SG_E_DENIED), "denied");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(transactions__each_state__its_members),
	    case_registrar(transactions__filters_and_pages__those),
	    case_registrar(events__what_front_may_say__shown),
	    case_registrar(events__filters_and_pages__those),
	    case_registrar(trace__each_way__found_once),
	    case_registrar(trace__as_many_as_there_can_be__fits),
	    cmocka_unit_test(words__every_number__one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
