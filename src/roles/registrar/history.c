/* SPDX-License-Identifier: Apache-2.0 */

/*
 * history.c - rows of the database as the objects of api/registrar.h
 *
 * What front said is in these rows, and what a newer version wrote may be: a number without a word
 * and a time without a date are shown as something else, so that one row does not hide all others.
 */

#include "roles/registrar/history.h"

#include "api/registrar.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/hex.h"
#include "explain/steps.h"
#include "roles/registrar/events.h"
#include "roles/registrar/state.h"
#include "store/registrar/event.h"
#include "store/registrar/tx.h"
#include "x509/name_text.h"
#include "x509/serial_key.h"

#define TIME_MAX (INT64_C(253402300800) * SG_CLOCK_SECOND - 1) /* the end of the year 9999 */

/* --- rows as objects ----------------------------------------------------------------------- */

static int
word_or_unknown(const struct sg_json_word *words, int number)
{
	return sg_json_word_of(words, number) == NULL ? SG_API_UNKNOWN : number;
}

static int64_t
shown_time(int64_t us)
{
	return us < 0 ? 0 : us > TIME_MAX ? TIME_MAX : us;
}

/* What the object of a transaction points to beside its row. */
struct tx_parts {
	struct sg_buf serial, signer;
	struct sg_api_step step[SG_STEPS_MAX];
};

static void
tx_parts_clear(struct tx_parts *p)
{
	sg_buf_clear(&p->serial);
	sg_buf_clear(&p->signer);
}
#define tx_parts_scoped __attribute__((cleanup(tx_parts_clear))) struct tx_parts

static struct sg_json_list
put_steps(struct sg_slice text, struct sg_api_step ret[SG_STEPS_MAX])
{
	struct sg_steps steps = {0};

	if (sg_steps_add(&steps, text, NULL) != SG_OK)
		return (struct sg_json_list){0};
	sg_steps_sort(&steps);
	for (size_t n = 0; n < steps.n; n++)
		ret[n] = (struct sg_api_step){.step = (int)sg_step_group(steps.item[n].id),
		    .done = (int)steps.item[n].id,
		    .role = (int)steps.item[n].role,
		    .at = shown_time(steps.item[n].at_us),
		    .since_us = sg_steps_since_us(&steps, n),
		    .took_us = sg_steps_took_us(&steps, n),
		    .outcome = (int)steps.item[n].state};
	return (struct sg_json_list){ret, steps.n};
}

static struct sg_slice
serial_text(struct sg_slice key, struct sg_buf *text)
{
	if (key.len > 0)
		sg_serial_key_put_text(text, key);
	return sg_buf_slice(text);
}

/* parts, zeroed, and the row must outlive ret. */
static void
set_transaction(
    const struct sg_regdb_tx *tx, struct tx_parts *parts, struct sg_api_transaction *ret)
{
	*ret = (struct sg_api_transaction){.id = tx->id,
	    .attempt = tx->attempt,
	    .state = word_or_unknown(sg_api_transaction_states, (int)tx->state),
	    .kind = word_or_unknown(sg_api_transaction_kinds, (int)tx->kind),
	    .policy = word_or_unknown(sg_api_policies, (int)tx->policy),
	    .trace = sg_slice(tx->trace, sizeof tx->trace),
	    .started_at = shown_time(tx->started_at * SG_CLOCK_SECOND),
	    .has_finished_at = tx->finished_at != 0,
	    .finished_at = shown_time(tx->finished_at * SG_CLOCK_SECOND),
	    .endpoint = tx->endpoint,
	    .transaction = tx->txid,
	    .subject = tx->subject,
	    .peer = tx->peer,
	    .has_serial = tx->serial.len > 0,
	    .serial = serial_text(tx->serial, &parts->serial),
	    .has_not_after = tx->not_after != 0,
	    .not_after = shown_time(tx->not_after * SG_CLOCK_SECOND),
	    .has_signer = tx->signer_serial.len > 0,
	    .signer = serial_text(tx->signer_serial, &parts->signer),
	    .has_rule = tx->rule.len > 0,
	    .rule = tx->rule,
	    .has_text = tx->text.len > 0,
	    .text = tx->text,
	    .steps = put_steps(tx->steps, parts->step)};
}

static void
set_event(const struct sg_regdb_event *row, struct sg_api_event *ret)
{
	*ret = (struct sg_api_event){.id = row->id,
	    .at = shown_time(row->at_us),
	    .trace = sg_slice(row->trace, sizeof row->trace),
	    .role = row->role == EVENT_ROLE_FRONT ? SG_STEP_ROLE_FRONT : SG_STEP_ROLE_REGISTRAR,
	    .code = word_or_unknown(sg_api_codes, (int)row->code),
	    .rule = row->rule,
	    .text = row->text,
	    .has_endpoint = row->endpoint.len > 0,
	    .endpoint = row->endpoint,
	    .has_peer = row->peer.len > 0,
	    .peer = row->peer,
	    .has_transaction = row->txid.len > 0,
	    .transaction = row->txid,
	    .has_subject = row->subject.len > 0,
	    .subject = row->subject};
}

/* --- lists --------------------------------------------------------------------------------- */

static bool
put_tx(void *arg, const struct sg_regdb_tx *tx)
{
	tx_parts_scoped parts = {0};
	struct sg_api_transaction value;

	set_transaction(tx, &parts, &value);
	return sg_api_put_item(arg, tx->id, &value);
}

enum sg_code
registrar_transactions(struct sg_api_call *call, struct sg_err *err)
{
	const struct sg_api_transaction_filter *want = call->params;
	struct registrar *r = call->role;
	sg_buf_scoped serial = {0};

	if (want->has_serial && sg_serial_key_from_text(want->serial, &serial, err) != SG_OK) {
		sg_api_blame_member(call, "serial", "digits of hexadecimal", NULL);
		err->code = SG_E_USAGE;
		return SG_E_USAGE;
	}
	struct sg_regdb_tx_filter filter = {.trace_prefix = want->trace,
	    .txid = want->transaction,
	    .serial = sg_buf_slice(&serial),
	    .subject = want->subject,
	    .before_id = call->page.has_after ? call->page.after : 0,
	    .limit = call->page.limit};
	return sg_regdb_tx_list(r->store, &filter, put_tx, call, err);
}

static bool
put_event(void *arg, const struct sg_regdb_event *row)
{
	struct sg_api_event value;

	set_event(row, &value);
	return sg_api_put_item(arg, row->id, &value);
}

enum sg_code
registrar_events(struct sg_api_call *call, struct sg_err *err)
{
	const struct sg_api_event_filter *want = call->params;
	const struct sg_api_page *page = &call->page;
	struct registrar *r = call->role;
	struct sg_regdb_event_filter filter = {.rule = want->rule,
	    .subject = want->subject,
	    .ascending = page->ascending,
	    .after_id = page->has_after ? page->after : 0,
	    .before_id = page->has_after ? page->after : 0,
	    .limit = page->limit};

	registrar_events_flush(r);
	return sg_regdb_event_list(r->store, &filter, put_event, call, err);
}

/* --- one thing ----------------------------------------------------------------------------- */

/* What was found, in memory of its own: rows are lent. */
struct found {
	size_t limit;
	struct sg_api_transaction *tx;
	struct tx_parts *parts;
	struct sg_api_event *event;
	struct sg_buf *text; /* 2 * limit: of the transactions, then of the events */
	size_t tx_n, event_n;
};

static void
found_clear(struct found *f)
{
	for (size_t n = 0; f->parts != NULL && n < f->limit; n++)
		tx_parts_clear(&f->parts[n]);
	for (size_t n = 0; f->text != NULL && n < 2 * f->limit; n++)
		sg_buf_clear(&f->text[n]);
	sg_free(f->tx);
	sg_free(f->parts);
	sg_free(f->event);
	sg_free(f->text);
}

static bool
found_init(struct found *f, size_t limit)
{
	*f = (struct found){.limit = limit,
	    .tx = sg_calloc(limit, sizeof *f->tx),
	    .parts = sg_calloc(limit, sizeof *f->parts),
	    .event = sg_calloc(limit, sizeof *f->event),
	    .text = sg_calloc(2 * limit, sizeof *f->text)};
	return f->tx != NULL && f->parts != NULL && f->event != NULL && f->text != NULL;
}

static bool
keep_tx(void *arg, const struct sg_regdb_tx *tx)
{
	struct found *f = arg;
	struct sg_api_transaction *v = &f->tx[f->tx_n];
	struct sg_slice *const lent[] = {
	    &v->trace, &v->endpoint, &v->transaction, &v->subject, &v->peer, &v->rule, &v->text};

	set_transaction(tx, &f->parts[f->tx_n], v);
	sg_buf_keep(&f->text[f->tx_n], lent, sizeof lent / sizeof lent[0]);
	return ++f->tx_n < f->limit;
}

static bool
keep_event(void *arg, const struct sg_regdb_event *row)
{
	struct found *f = arg;
	struct sg_api_event *v = &f->event[f->event_n];
	struct sg_slice *const lent[] = {
	    &v->trace, &v->rule, &v->text, &v->endpoint, &v->peer, &v->transaction, &v->subject};

	set_event(row, v);
	sg_buf_keep(&f->text[f->limit + f->event_n], lent, sizeof lent / sizeof lent[0]);
	return ++f->event_n < f->limit;
}

static enum sg_code
check_kept(const struct found *f, struct sg_err *err)
{
	enum sg_code rc = SG_OK;

	for (size_t n = 0; rc == SG_OK && n < 2 * f->limit; n++)
		rc = sg_buf_check(&f->text[n], err);
	for (size_t n = 0; rc == SG_OK && n < f->tx_n; n++) {
		rc = sg_buf_check(&f->parts[n].serial, err);
		if (rc == SG_OK)
			rc = sg_buf_check(&f->parts[n].signer, err);
	}
	return rc;
}

/* Everything about one thing: a trace id (or its beginning), a transactionID, a serial
 * number, or part of a subject. The first of these that finds something counts. */
static enum sg_code
search(struct registrar *r, struct sg_slice what, struct found *f, struct sg_err *err)
{
	sg_buf_scoped bytes = {0}, der = {0}, name = {0};
	unsigned limit = (unsigned)f->limit;
	bool hex = what.len >= 4 && sg_hex_parse(what, &bytes, NULL) == SG_OK;
	struct sg_slice b = sg_buf_slice(&bytes), none = sg_slice(NULL, 0);
	struct sg_slice trace = hex && b.len <= SG_FRAME_TRACE_LEN ? b : none;
	struct sg_slice serial = hex && b.len <= SG_SERIAL_MAX ? b : none;
	struct sg_slice subject = what;
	/* A name is stored the way we write it: "CN=a, O=b". */
	if (sg_name_from_text(what, &der, NULL) == SG_OK) {
		sg_name_put_text(&name, sg_buf_slice(&der));
		subject = sg_buf_slice(&name);
	}
	const struct sg_regdb_tx_filter tx[] = {{.trace_prefix = trace, .limit = limit},
	    {.txid = what, .limit = limit}, {.serial = serial, .limit = limit},
	    {.subject = subject, .limit = limit}};
	const struct sg_regdb_event_filter ev[] = {{.trace_prefix = trace, .limit = limit},
	    {.txid = what, .limit = limit}, {.limit = 0}, {.subject = subject, .limit = limit}};
	const bool usable[] = {trace.len > 0, true, serial.len > 0, true};

	for (size_t n = 0; n < 4 && f->tx_n + f->event_n == 0; n++) {
		if (!usable[n])
			continue;
		enum sg_code rc = sg_regdb_tx_list(r->store, &tx[n], keep_tx, f, err);
		if (rc == SG_OK && ev[n].limit > 0)
			rc = sg_regdb_event_list(r->store, &ev[n], keep_event, f, err);
		if (rc == SG_OK)
			rc = check_kept(f, err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

enum sg_code
registrar_trace(struct sg_api_call *call, struct sg_err *err)
{
	const struct sg_api_trace_ask *ask = call->params;
	__attribute__((cleanup(found_clear))) struct found f = {0};
	sg_buf_scoped shown = {0};

	if (!found_init(&f, ask->has_limit ? (size_t)ask->limit : SG_API_TRACE_DEFAULT))
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for a trace");
	registrar_events_flush(call->role);
	enum sg_code rc = search(call->role, ask->what, &f, err);
	if (rc != SG_OK)
		return rc;
	if (f.tx_n + f.event_n == 0) {
		sg_escape_put(&shown, ask->what, 100);
		sg_api_blame_member(call, "what", NULL, sg_buf_text(&shown));
		return sg_fail(err, SG_E_NOTFOUND, "trace.none", "nothing is known of '%s'",
		    sg_buf_text(&shown));
	}
	struct sg_api_trace answer = {
	    .transactions = {f.tx, f.tx_n}, .events = {f.event, f.event_n}};
	sg_api_put(call, &answer);
	return SG_OK;
}
