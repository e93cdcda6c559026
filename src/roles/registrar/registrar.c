/* SPDX-License-Identifier: Apache-2.0 */

/*
 * registrar.c - the role: what it starts with, and each frame of front on its way to a fiber and
 * back
 */

#include "roles/registrar/registrar.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/pem.h"
#include "conf/files.h"
#include "crypto/digest.h"
#include "crypto/init.h"
#include "policy/challenge_text.h"
#include "service/fitness.h"
#include "service/log.h"
#include "service/scep_rules.h"
#include "roles/registrar/enroll.h"
#include "roles/registrar/events.h"
#include "roles/registrar/health.h"
#include "roles/registrar/recovery.h"
#include "roles/registrar/reply.h"
#include "roles/registrar/state.h"
#include "cms/degenerate.h"
#include "db/db.h"
#include "db/writer.h"
#include "store/registrar/tx.h"
#include "store/schema.h"

#define QUEUE_MAX 512u
#define FILE_MAX 65536u
#define DEADLINE_MS 20000 /* of one request; front waits a little longer */
#define KEY_MIN 32u

static void
work_clear(struct work *w)
{
	sg_scep_msg_free(&w->msg);
	sg_envelope_free(&w->env);
	sg_wipe(w->cek, sizeof w->cek);
	sg_buf_clear(&w->plain);
	sg_key_free(&w->signer_key);
	sg_buf_clear(&w->subject);
	sg_decision_clear(&w->decision);
	sg_regdb_tx_clear(&w->tx);
	sg_buf_clear(&w->cert);
	sg_buf_clear(&w->signer_serial);
	sg_buf_clear(&w->answer);
}

static const struct endpoint *
find_endpoint(const struct registrar *r, struct sg_slice name)
{
	for (size_t n = 0; n < r->endpoint_n; n++)
		if (sg_slice_is(name, r->endpoint[n].conf->name))
			return &r->endpoint[n];
	return NULL;
}

/* What front found wrong, as if it had been found here. */
static enum sg_code
front_verdict(const struct sg_frame_scep *ask, struct sg_err *err)
{
	enum sg_code code = (enum sg_code)ask->code;
	struct sg_slice rule = ask->rule, text = ask->text;

	if (code == SG_OK)
		return SG_OK;
	return sg_fail(err, code, sg_err_rule_intern(rule.p, rule.len), "%.*s", (int)text.len,
	    (const char *)text.p);
}

/* HTTP status 200 with a CertRep in w->answer, or another without. */
static unsigned
answer_failure(struct work *w, enum sg_code rc, const struct sg_err *err)
{
	struct sg_err own = {0};

	registrar_events_refusal(w, err);
	if (!sg_code_is_peer(rc)) {
		/* The envelope may be the peer's fault: cms.decrypt is SG_E_CRYPTO. */
		if (!w->on_tick) {
			sg_log(SG_LOG_ERROR, err->rule, "a request failed for our own reasons: %s",
			    err->text);
			return 503;
		}
	}
	w->refused = rc != SG_E_PENDING;
	enum sg_scep_fail fail = w->on_tick ? SG_SCEP_BAD_REQUEST : sg_scep_fail_from(rc);
	if (registrar_seal_failure(w, fail, &own) == SG_OK)
		return 200;
	sg_log(SG_LOG_ERROR, own.rule, "cannot sign a refusal: %s", own.text);
	return 503;
}

static unsigned
serve(struct work *w)
{
	struct sg_err err = {0};

	memcpy(w->trace, w->ask->trace.p, sizeof w->trace);
	w->deadline_ms = sg_clock_mono_ms() + DEADLINE_MS;
	w->endpoint = find_endpoint(w->r, w->ask->endpoint);
	if (w->endpoint == NULL)
		return 404;
	sg_ignore(sg_steps_add(&w->steps, w->ask->steps, NULL)); /* for people */
	enum sg_code rc = sg_scep_decode(w->ask->message, &w->msg, &err);
	if (rc != SG_OK)
		return 400; /* front says so itself before it asks us */
	rc = front_verdict(w->ask, &err);
	if (rc == SG_OK)
		rc = registrar_enroll(w, &err);
	return rc == SG_OK ? 200 : answer_failure(w, rc, &err);
}

static void
serve_scep(struct registrar *r, struct sg_peer_request *req)
{
	struct work w = {.r = r, .ask = sg_peer_asked_scep(req)};

	unsigned status = serve(&w);
	struct sg_frame_scep_answer answer = {
	    .status = status, .on_tick = w.on_tick, .refused = w.refused};
	if (status == 200)
		answer.body = sg_buf_slice(&w.answer);
	sg_peer_reply_scep(req, &answer);
	work_clear(&w);
}

static void
serve_cacert(struct registrar *r, struct sg_peer_request *req)
{
	struct sg_frame_cacert_answer answer = {.status = 404};

	if (find_endpoint(r, sg_peer_asked_cacert(req)->endpoint) != NULL) {
		answer.status = 200;
		answer.type = sg_slice_str(r->cacert_type);
		answer.body = sg_buf_slice(&r->cacert);
	}
	sg_peer_reply_cacert(req, &answer);
}

static void
serve_events(struct registrar *r, struct sg_peer_request *req)
{
	struct sg_frame_events_answer answer = {.code = SG_OK};

	registrar_events_from_front(r, req->version, sg_peer_asked_events(req)->records);
	sg_peer_reply_events(req, &answer);
}

void
registrar_end_if_dead(const struct registrar *r)
{
	if (!sg_db_is_dead(r->store))
		return;
	sg_log(
	    SG_LOG_ERROR, "store.dead", "a commit failed: this process ends and is started again");
	_exit(1);
}

static void
round_end(void *registrar)
{
	registrar_end_if_dead(registrar);
}

static void
work(void *item, void *arg)
{
	struct sg_peer_request *req = item;
	struct registrar *r = arg;

	switch (req->frame->type) {
	case SG_FRAME_SCEP:
		serve_scep(r, req);
		break;
	case SG_FRAME_CACERT:
		serve_cacert(r, req);
		break;
	case SG_FRAME_EVENTS:
		serve_events(r, req);
		break;
	case SG_FRAME_HEALTH:
		registrar_health(r, req);
		break;
	default:
		sg_peer_drop(req);
	}
}

void
registrar_handle(struct sg_peer_request *req, void *arg)
{
	struct sg_service_ctx *ctx = arg;
	struct registrar *r = ctx->state;
	struct sg_frame_scep_answer busy = {.status = 503};

	if (sg_pool_push(r->pool, req))
		return;
	if (req->frame->type != SG_FRAME_SCEP) {
		sg_peer_drop(req);
		return;
	}
	sg_peer_reply_scep(req, &busy);
}

/* ---- start ---- */

static enum sg_code
take_cert(struct registrar *r, const char *name, struct sg_buf *der, struct sg_cert *ret,
    struct sg_err *err)
{
	sg_buf_scoped text = {.max = FILE_MAX};
	size_t pos = 0;

	enum sg_code rc = sg_service_take_file(r->ctx, name, &text, err);
	if (rc == SG_OK)
		rc = sg_pem_next(sg_buf_slice(&text), "CERTIFICATE", &pos, der, err);
	if (rc == SG_OK)
		rc = sg_cert_parse(sg_buf_slice(der), ret, err);
	if (rc != SG_OK)
		sg_err_prefix(err, "%s", name);
	else if (strcmp(name, "ca.certificate") != 0) /* of that one, ca says it */
		sg_service_fitness_file(name, sg_buf_slice(&text), pos, NULL, NULL);
	return rc;
}

static enum sg_code
load_certs(struct registrar *r, struct sg_err *err)
{
	struct sg_cert unused;

	enum sg_code rc = take_cert(r, "ca.certificate", &r->ca_der, &r->ca_cert, err);
	if (rc == SG_OK)
		rc = take_cert(r, "ra.certificate", &r->ra_der, &r->ra_cert, err);
	if (rc == SG_OK)
		rc = sg_cert_light_parse(sg_buf_slice(&r->ra_der), &r->ra_light, err);
	if (rc == SG_OK)
		rc = sg_key_from_spki(r->ra_cert.spki, &r->ra_key, err);
	for (size_t n = 0; rc == SG_OK && n < r->ctx->conf->ca.chain.n; n++) {
		char name[32];
		if (n == SG_CHAIN_MAX)
			return sg_fail(err, SG_E_LIMIT, "conf.chain",
			    "ca.chain: at most %u certificates", SG_CHAIN_MAX);
		snprintf(name, sizeof name, "ca.chain[%zu]", n);
		rc = take_cert(r, name, &r->chain[n], &unused, err);
		r->chain_n = n + 1;
	}
	return rc;
}

/* Of ca.certificate itself, ca says it. */
static enum sg_code
judge_certs(const struct registrar *r, struct sg_err *err)
{
	struct sg_cert chain[SG_CHAIN_MAX];
	struct sg_fitness f = {.now = sg_clock_now(),
	    .ca = &r->ca_cert,
	    .ra = &r->ra_cert,
	    .chain = chain,
	    .chain_n = r->chain_n};
	enum sg_code rc = SG_OK;

	for (size_t n = 0; rc == SG_OK && n < r->chain_n; n++)
		rc = sg_cert_parse(sg_buf_slice(&r->chain[n]), &chain[n], err);
	return rc == SG_OK
		   ? sg_service_fitness_start(r->ctx->conf, r->templates, &f, SG_FITNESS_REST, err)
		   : rc;
}

/* RA first, then the issuing CA to the root; the CA alone as plain DER when it is its own
 * RA (RFC 8894 4.2.1). */
static enum sg_code
make_cacert(struct registrar *r, struct sg_err *err)
{
	struct sg_slice certs[2 + SG_CHAIN_MAX];
	size_t n = 0;
	bool own_ra = sg_slice_eq(sg_buf_slice(&r->ra_der), sg_buf_slice(&r->ca_der));

	if (!own_ra)
		certs[n++] = sg_buf_slice(&r->ra_der);
	certs[n++] = sg_buf_slice(&r->ca_der);
	for (size_t i = 0; i < r->chain_n; i++)
		certs[n++] = sg_buf_slice(&r->chain[i]);
	r->cacert_type = n == 1 ? "application/x-x509-ca-cert" : "application/x-x509-ca-ra-cert";
	if (n == 1)
		sg_buf_put_slice(&r->cacert, certs[0]);
	else
		sg_degenerate_put(&r->cacert, certs, n, NULL, 0);
	return sg_buf_check(&r->cacert, err);
}

/* The challenge of all devices of an endpoint. */
static enum sg_code
load_secret(struct registrar *r, struct endpoint *e, struct sg_err *err)
{
	sg_buf_scoped text = {.max = SG_CHALLENGE_MAX + 16}, challenge = {0};
	char name[SG_CONF_OPTION_MAX + 1];

	snprintf(name, sizeof name, "endpoints.%s.challenge-file", e->conf->name);
	enum sg_code rc = sg_service_take_file(r->ctx, name, &text, err);
	if (rc == SG_OK)
		rc = sg_challenge_normalize(sg_buf_slice(&text), &challenge, err);
	if (rc == SG_OK)
		rc = sg_hmac_sha256(
		    sg_buf_slice(&r->challenge_key), sg_buf_slice(&challenge), e->secret_hash, err);
	return rc;
}

static enum sg_code
load_patterns(struct endpoint *e, struct sg_err *err)
{
	enum sg_code rc = sg_patterns_new(e->tmpl->name_lengths, &e->patterns, err);
	for (size_t n = 0; rc == SG_OK && n < e->conf->subjects.n; n++)
		rc = sg_patterns_add_subject(
		    e->patterns, sg_slice_str(e->conf->subjects.item[n]), err);
	for (size_t n = 0; rc == SG_OK && n < e->conf->sans.n; n++)
		rc = sg_patterns_add_san(e->patterns, sg_slice_str(e->conf->sans.item[n]), err);
	return rc;
}

static enum sg_code
load_endpoints(struct registrar *r, struct sg_err *err)
{
	const struct sg_conf *conf = r->ctx->conf;

	r->endpoint_n = conf->endpoints.n;
	r->endpoint = sg_xalloc((r->endpoint_n + 1) * sizeof *r->endpoint);
	for (size_t n = 0; n < r->endpoint_n; n++) {
		struct endpoint *e = &r->endpoint[n];
		e->conf = &conf->endpoints.item[n];
		e->tmpl = sg_templates_of(r->templates, e->conf);
		e->rules = sg_service_scep_rules(e->conf);
		e->policy = sg_policy_of(e->conf->policy);
		enum sg_code rc = SG_OK;
		if ((e->policy->needs & SG_POLICY_NEEDS_SECRET) != 0)
			rc = load_secret(r, e, err);
		if (rc == SG_OK && (e->policy->needs & SG_POLICY_NEEDS_PATTERNS) != 0)
			rc = load_patterns(e, err);
		if (rc != SG_OK) {
			sg_err_prefix(err, "endpoints.%s", e->conf->name);
			return rc;
		}
	}
	return SG_OK;
}

static enum sg_code
open_store(struct registrar *r, struct sg_err *err)
{
	sg_buf_scoped path = {0};

	sg_conf_put_path(&path, r->ctx->conf_path, r->ctx->conf->data);
	sg_buf_puts(&path, "/db/registrar/registrar.db");
	r->disk.goes_on = "no request and no event is recorded";
	struct sg_db_conf conf = {
	    .schema = &sg_store_schema_registrar,
	    .path = sg_buf_text(&path),
	    .lock_ms = SG_STORE_LOCK_MS,
	    .reserve = SG_STORE_RESERVE,
	    .on_full = sg_disk_changed,
	    .on_full_arg = &r->disk,
	};
	return sg_db_open(&conf, &r->store, err);
}

static enum sg_code
load_keys(struct registrar *r, struct sg_err *err)
{
	enum sg_code rc = sg_service_take_file(
	    r->ctx, "registrar.challenge-key", &r->challenge_key, err);
	if (rc == SG_OK && r->challenge_key.len < KEY_MIN)
		rc = sg_fail(err, SG_E_CONF, "registrar.key",
		    "registrar.challenge-key: want at least %u random bytes, have %zu", KEY_MIN,
		    r->challenge_key.len);
	return rc;
}

enum sg_code
registrar_start(struct sg_service_ctx *ctx, struct sg_err *err)
{
	struct registrar *r = sg_xalloc(sizeof *r);

	ctx->state = r;
	r->ctx = ctx;
	pthread_mutex_init(&r->run_lock, NULL);
	enum sg_code rc = sg_crypto_init(err);
	if (rc == SG_OK)
		rc = sg_templates_new(ctx->conf, &r->templates, err);
	if (rc == SG_OK)
		rc = load_keys(r, err);
	if (rc == SG_OK)
		rc = load_certs(r, err);
	if (rc == SG_OK)
		rc = judge_certs(r, err);
	if (rc == SG_OK)
		rc = make_cacert(r, err);
	if (rc == SG_OK)
		rc = load_endpoints(r, err);
	if (rc == SG_OK)
		rc = open_store(r, err);
	if (rc == SG_OK)
		rc = registrar_events_start(r, err);
	if (rc == SG_OK) /* after the edges' ends: what a round answered has left by then */
		rc = sg_loop_at_round_end(ctx->loop, round_end, r, err);
	if (rc == SG_OK)
		rc = sg_pool_new(ctx->loop, SG_WORKERS, QUEUE_MAX, work, r, &r->pool, err);
	return rc;
}

enum sg_code
registrar_run(struct sg_service_ctx *ctx, struct sg_err *err)
{
	struct registrar *r = ctx->state;

	enum sg_code rc = registrar_check_keyd(r, err);
	return rc == SG_OK ? registrar_recovery_start(r, err) : rc;
}

/* Refusals that wait for their batch; outcomes that were answered: recovery would find these, but
 * not their steps. */
void
registrar_stop(struct sg_service_ctx *ctx)
{
	struct registrar *r = ctx->state;

	registrar_events_flush(r);
	sg_db_settle(r->store);
}
