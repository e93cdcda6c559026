/* SPDX-License-Identifier: Apache-2.0 */

/*
 * control.c - what the command line may ask registrar: one function per verb
 */

#include "roles/registrar/control.h"

#include <string.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "issue/fitness.h"
#include "policy/bind.h"
#include "policy/challenge_text.h"
#include "policy/policy.h"
#include "service/json.h"
#include "service/log.h"
#include "roles/registrar/events.h"
#include "roles/registrar/health.h"
#include "roles/registrar/state.h"
#include "db/db.h"
#include "store/registrar/challenge.h"
#include "store/registrar/event.h"
#include "store/registrar/tx.h"
#include "x509/name_text.h"
#include "x509/serial_key.h"

#define LIST_MAX 500
#define EXPIRES_DEFAULT_S 3600

static struct registrar *
registrar_of(const struct sg_verb_call *c)
{
	return c->role;
}

static const struct endpoint *
find_endpoint(struct registrar *r, struct sg_slice name)
{
	for (size_t n = 0; n < r->endpoint_n; n++)
		if (sg_ascii_is(name, r->endpoint[n].conf->name))
			return &r->endpoint[n];
	return NULL;
}

static enum sg_code
refuse_endpoint(const struct registrar *r, struct sg_slice name, struct sg_err *err)
{
	sg_buf_scoped names = {0}, shown = {0};

	sg_escape_put(&shown, name, 64);
	for (size_t n = 0; n < r->endpoint_n && names.len < 200; n++)
		sg_buf_printf(&names, "%s'%s'", n > 0 ? ", " : "", r->endpoint[n].conf->name);
	return sg_fail(err, SG_E_USAGE, "control.endpoint", "no such endpoint: '%s'; there are %s",
	    sg_buf_text(&shown), sg_buf_text(&names));
}

/* The names that the challenge is for, as the store keeps them. */
static enum sg_code
get_binding(
    struct sg_verb_call *c, const struct sg_template *tmpl, struct sg_buf *ret, struct sg_err *err)
{
	const json_t *sans = json_object_get(c->ask, "sans");
	struct sg_slice san[SG_SANS_MAX];
	const struct sg_binding_text text = {.any = json_is_true(json_object_get(c->ask, "any")),
	    .subject = sg_slice_str(sg_json_text(c->ask, "subject")),
	    .sans_n = json_array_size(sans),
	    .san = san};

	char at[SG_BINDING_AT];

	if (text.sans_n > SG_SANS_MAX)
		return sg_fail(err, SG_E_USAGE, "control.sans", "at most %u names, a fixed limit",
		    SG_SANS_MAX);
	for (size_t n = 0; n < text.sans_n; n++) {
		const char *one = json_string_value(json_array_get(sans, n));
		san[n] = sg_slice_str(one == NULL ? "" : one);
	}
	return sg_binding_from_text(&text, tmpl, ret, at, err);
}

static enum sg_code
store_challenge(struct sg_verb_call *c, const struct endpoint *e, struct sg_slice binding,
    struct sg_slice challenge, int64_t expires_at, struct sg_err *err)
{
	struct sg_regdb_challenge row = {.created_at = sg_clock_now(),
	    .expires_at = expires_at,
	    .endpoint = sg_slice_str(e->conf->name),
	    .subject = binding,
	    .created_by = sg_slice_str(c->who),
	    .note = sg_slice_str(sg_json_text(c->ask, "note"))};

	enum sg_code rc = sg_hmac_sha256(
	    sg_buf_slice(&registrar_of(c)->challenge_key), challenge, row.hash, err);
	return rc == SG_OK ? sg_regdb_challenge_add(registrar_of(c)->store, &row, err) : rc;
}

static enum sg_code
make_challenge(struct sg_verb_call *c, const struct endpoint *e, struct sg_slice der,
    int64_t expires_s, struct sg_err *err)
{
	uint8_t random[SG_CHALLENGE_RANDOM_LEN];
	struct sg_binding binding = {0};
	sg_buf_scoped challenge = {0};
	int64_t expires_at = sg_clock_now() + expires_s;

	enum sg_code rc = sg_binding_get(der, &binding, err);
	/* What could verify nowhere. A request with such names is not refused: who relies on what
	 * devices have today may look at no name constraints. */
	if (rc == SG_OK)
		rc = sg_fitness_names(
		    &registrar_of(c)->ca_cert, binding.subject, &binding.sans, err);
	if (rc == SG_OK)
		rc = sg_random(random, sizeof random, err);
	if (rc == SG_OK)
		rc = e->policy->generate_challenge(&binding, random, &challenge, err);
	if (rc == SG_OK)
		rc = store_challenge(c, e, der, sg_buf_slice(&challenge), expires_at, err);
	if (rc == SG_OK) {
		sg_json_set_text(c->answer, "challenge", sg_buf_slice(&challenge));
		sg_json_set_int(c->answer, "expires_at", expires_at);
		sg_json_set_text(c->answer, "endpoint", sg_slice_str(e->conf->name));
	}
	sg_wipe(random, sizeof random);
	return rc;
}

static enum sg_code
verb_challenge_new(struct sg_verb_call *c, struct sg_err *err)
{
	struct sg_slice name = sg_slice_str(sg_json_text(c->ask, "endpoint"));
	const struct endpoint *e = find_endpoint(registrar_of(c), name);
	int64_t expires_s = sg_json_int(c->ask, "expires_s", EXPIRES_DEFAULT_S);
	sg_buf_scoped binding = {0};
	enum sg_code rc = SG_OK;

	if (e == NULL)
		rc = refuse_endpoint(registrar_of(c), name, err);
	else if (e->policy->generate_challenge == NULL)
		rc = sg_fail(err, SG_E_USAGE, "control.policy",
		    "endpoint '%s' has policy %s: its challenge is in %s", e->conf->name,
		    sg_policy_name(e->policy->kind), e->conf->challenge_file);
	else if (expires_s < SG_CHALLENGE_LIFE_MIN_S || expires_s > SG_CHALLENGE_LIFE_MAX_S)
		rc = sg_fail(err, SG_E_USAGE, "control.expires", "expires: want 1s to 90d");
	if (rc == SG_OK)
		rc = get_binding(c, e->tmpl, &binding, err);
	return rc == SG_OK ? make_challenge(c, e, sg_buf_slice(&binding), expires_s, err) : rc;
}

static bool
add_tx(void *arg, const struct sg_regdb_tx *tx)
{
	json_t *o = json_object();

	sg_json_set_int(o, "id", tx->id);
	sg_json_set_int(o, "attempt", tx->attempt);
	json_object_set_new(o, "state", json_string(sg_transaction_state_name(tx->state)));
	json_object_set_new(o, "kind", json_string(sg_transaction_kind_name(tx->kind)));
	json_object_set_new(o, "policy", json_string(sg_policy_name(tx->policy)));
	sg_json_set_hex(o, "trace", sg_slice(tx->trace, sizeof tx->trace));
	sg_json_set_int(o, "started_at", tx->started_at);
	sg_json_set_int(o, "finished_at", tx->finished_at);
	sg_json_set_text(o, "endpoint", tx->endpoint);
	sg_json_set_text(o, "transaction", tx->txid);
	sg_json_set_text(o, "subject", tx->subject);
	sg_json_set_text(o, "peer", tx->peer);
	sg_json_set_hex(o, "serial", tx->serial);
	sg_json_set_int(o, "not_after", tx->not_after);
	if (tx->signer_serial.len > 0) {
		sg_buf_scoped signer = {0};
		sg_serial_key_put_text(&signer, tx->signer_serial);
		sg_json_set_text(o, "signer", sg_buf_slice(&signer));
	}
	sg_json_set_text(o, "rule", tx->rule);
	sg_json_set_text(o, "text", tx->text);
	sg_json_set_text(o, "steps", tx->steps);
	json_array_append_new(arg, o);
	return true;
}

static bool
add_event(void *arg, const struct sg_regdb_event *row)
{
	json_t *o = json_object();

	sg_json_set_int(o, "id", row->id);
	sg_json_set_int(o, "at_us", row->at_us);
	sg_json_set_hex(o, "trace", sg_slice(row->trace, sizeof row->trace));
	json_object_set_new(o, "role", json_string(row->role == 1 ? "front" : "registrar"));
	json_object_set_new(o, "code", json_string(sg_code_name(row->code)));
	sg_json_set_text(o, "rule", row->rule);
	sg_json_set_text(o, "text", row->text);
	sg_json_set_text(o, "endpoint", row->endpoint);
	sg_json_set_text(o, "peer", row->peer);
	sg_json_set_text(o, "transaction", row->txid);
	sg_json_set_text(o, "subject", row->subject);
	json_array_append_new(arg, o);
	return true;
}

/* Everything about one thing: a trace id (or its beginning), a transactionID, a serial
 * number, or part of a subject. The first of these that finds something counts. */
static enum sg_code
search(struct sg_verb_call *c, struct sg_slice what, unsigned limit, json_t *txs, json_t *events,
    struct sg_err *err)
{
	sg_buf_scoped bytes = {0}, der = {0}, name = {0};
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

	for (size_t n = 0; n < 4 && json_array_size(txs) + json_array_size(events) == 0; n++) {
		if (!usable[n])
			continue;
		enum sg_code rc = sg_regdb_tx_list(
		    registrar_of(c)->store, &tx[n], add_tx, txs, err);
		if (rc == SG_OK && ev[n].limit > 0)
			rc = sg_regdb_event_list(
			    registrar_of(c)->store, &ev[n], add_event, events, err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

static unsigned
get_limit(const struct sg_verb_call *c, int64_t otherwise)
{
	int64_t limit = sg_json_int(c->ask, "limit", otherwise);
	return limit < 1 || limit > LIST_MAX ? LIST_MAX : (unsigned)limit;
}

static enum sg_code
verb_trace(struct sg_verb_call *c, struct sg_err *err)
{
	json_t *txs = json_array(), *events = json_array();
	struct sg_slice what = sg_slice_str(sg_json_text(c->ask, "what"));

	json_object_set_new(c->answer, "transactions", txs);
	json_object_set_new(c->answer, "events", events);
	if (what.len == 0)
		return sg_fail(err, SG_E_USAGE, "control.what",
		    "want a trace id, a transactionID, a serial number or part of a subject");
	registrar_events_flush(registrar_of(c));
	enum sg_code rc = search(c, what, get_limit(c, 20), txs, events, err);
	if (rc == SG_OK && json_array_size(txs) + json_array_size(events) == 0)
		rc = sg_fail(err, SG_E_NOTFOUND, "trace.none", "nothing is known of '%.100s'",
		    sg_json_text(c->ask, "what"));
	return rc;
}

static enum sg_code
verb_transactions(struct sg_verb_call *c, struct sg_err *err)
{
	json_t *txs = json_array();
	struct sg_regdb_tx_filter filter = {
	    .before_id = sg_json_int(c->ask, "before", 0), .limit = get_limit(c, 100)};

	json_object_set_new(c->answer, "transactions", txs);
	return sg_regdb_tx_list(registrar_of(c)->store, &filter, add_tx, txs, err);
}

static enum sg_code
verb_events(struct sg_verb_call *c, struct sg_err *err)
{
	json_t *events = json_array();
	int64_t after = sg_json_int(c->ask, "after", -1);
	struct sg_regdb_event_filter filter = {.rule = sg_slice_str(sg_json_text(c->ask, "rule")),
	    .subject = sg_slice_str(sg_json_text(c->ask, "subject")),
	    .after_id = after < 0 ? 0 : after,
	    .ascending = after >= 0,
	    .limit = get_limit(c, 50)};

	json_object_set_new(c->answer, "events", events);
	registrar_events_flush(registrar_of(c));
	return sg_regdb_event_list(registrar_of(c)->store, &filter, add_event, events, err);
}

static enum sg_code
verb_status(struct sg_verb_call *c, struct sg_err *err)
{
	struct sg_db_stats stats;
	struct sg_db_room room;
	json_t *endpoints = json_array();

	sg_ignore(err == NULL);
	sg_db_get_stats(registrar_of(c)->store, &stats);
	sg_json_set_int(c->answer, "commits", (int64_t)stats.commits);
	sg_json_set_int(c->answer, "jobs", (int64_t)stats.jobs);
	for (size_t n = 0; n < registrar_of(c)->endpoint_n; n++)
		json_array_append_new(
		    endpoints, json_string(registrar_of(c)->endpoint[n].conf->name));
	json_object_set_new(c->answer, "endpoints", endpoints);
	sg_db_get_room(registrar_of(c)->store, &room);
	json_object_set_new(c->answer, "disk",
	    sg_disk_json(&registrar_of(c)->disk, room.reserve, room.reserve_left));
	json_object_set_new(c->answer, "works", registrar_health_json(registrar_of(c)));
	sg_service_put_env(c->answer);
	return SG_OK;
}

const struct sg_verb registrar_verbs[] = {
    {"challenge-new", verb_challenge_new},
    {"trace", verb_trace},
    {"transactions", verb_transactions},
    {"events", verb_events},
    {"status", verb_status},
    {NULL, NULL},
};
