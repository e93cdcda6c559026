/* SPDX-License-Identifier: Apache-2.0 */

/*
 * attempt.c - reserve, have ca issue, record; the rules of idempotency (ARCHITECTURE.md)
 *
 * A transaction in state RUNNING belongs to one request of this process, whose fiber put its
 * key into the list of runs before it wrote the row, or to the commit of its outcome, which
 * takes the key out again: the attempt that has the run of a key sees the last word about it. A row
 * that belongs to nobody was left by a crash: the next request with its key takes it over with the
 * same request id, or recovery.c cancels it at ca and frees its challenge. FAILED is written
 * only when ca said so or has cancelled, so that no certificate can come of an attempt that
 * another one follows.
 *
 * The device need not wait until ISSUED is committed: ca has the certificate, the reservation
 * is committed, and what a crash leaves of that is a RUNNING row, as before the certificate.
 */

#include "roles/registrar/attempt.h"

#include <string.h>

#include "base/alloc.h"
#include "fiber/loop.h"
#include "base/clock.h"
#include "crypto/digest.h"
#include "policy/bind.h"
#include "service/log.h"
#include "ipc/edges/registrar_ca.h"
#include "roles/registrar/authorize.h"
#include "roles/registrar/enroll.h"
#include "roles/registrar/events.h"
#include "roles/registrar/reply.h"
#include "roles/registrar/run.h"
#include "x509/cert.h"
#include "db/writer.h"
#include "store/registrar/challenge.h"
#include "store/registrar/tx.h"

#define WAIT_STEP_MS 20 /* between looks at another's attempt */

/* What the challenge is bound to, and its spelling of the subject. */
static enum sg_code
read_binding(struct work *w, struct sg_err *err)
{
	struct sg_binding binding;

	enum sg_code rc = sg_regdb_challenge_binding(
	    w->r->store, w->now.auth_hash, &w->decision.binding, err);
	if (rc == SG_OK)
		rc = sg_binding_get(sg_buf_slice(&w->decision.binding), &binding, err);
	if (rc == SG_E_MALFORMED)
		rc = SG_E_INTERNAL; /* our own record */
	return rc == SG_OK && !binding.any ? registrar_spell_subject(w, binding.subject, err) : rc;
}

/* Whose spelling of the names ca is to certify, with the evidence. An attempt that began earlier
 * was not judged now: what its challenge is bound to is read again, and may be forgotten. */
static enum sg_code
put_evidence(struct work *w, struct sg_frame_issue *ask, struct sg_err *err)
{
	const struct sg_policy *policy = sg_policy_of(w->now.policy);
	struct sg_buf *bound = &w->decision.binding;
	struct sg_binding binding = {.any = false};
	enum sg_code rc = SG_OK;

	ask->kind = SG_ISSUE_ENROL;
	if (w->now.kind == SG_TRANSACTION_RENEW) {
		ask->kind = SG_ISSUE_RENEW;
		ask->evidence = w->ask->message;
		ask->cek = sg_slice(w->cek, w->cek_len);
		return SG_OK;
	}
	if (w->names_us && w->msg.signer.raw.len <= SG_CERT_MAX) /* none of ours is longer */
		ask->signer = w->msg.signer.raw;
	if (policy == NULL || !policy->challenges)
		return SG_OK;
	if (bound->len == 0)
		rc = read_binding(w, err);
	if (rc == SG_OK)
		rc = sg_binding_get(sg_buf_slice(bound), &binding, err);
	if (rc != SG_OK && rc != SG_E_NOTFOUND)
		return rc;
	if (!binding.any) {
		ask->kind = SG_ISSUE_BOUND;
		ask->evidence = sg_buf_slice(bound);
	}
	return SG_OK;
}

/* The certificate of an attempt, made now or long ago. */
static enum sg_code
ask_ca(struct work *w, struct sg_err *err)
{
	struct sg_frame_issue ask = {.id = sg_slice(w->tx.request_id, sizeof w->tx.request_id),
	    .trace = sg_slice(w->trace, sizeof w->trace),
	    .endpoint = sg_slice_str(w->endpoint->conf->name),
	    .csr = w->csr.raw};
	sg_frame_scoped(issued) answer = {0};

	enum sg_code rc = put_evidence(w, &ask, err);
	if (rc == SG_OK)
		rc = sg_peer_ask_issue(
		    w->r->ctx->peer[PEER_CA], &ask, w->deadline_ms, &answer, err);
	if (rc != SG_OK)
		return rc;
	sg_ignore(sg_steps_add(&w->steps, answer.steps, NULL)); /* only for people */
	rc = (enum sg_code)answer.code;
	if (rc != SG_OK)
		return sg_fail(err, rc, sg_err_rule_intern(answer.rule.p, answer.rule.len), "%.*s",
		    (int)answer.text.len, (const char *)answer.text.p);
	sg_buf_reset(&w->cert);
	sg_buf_put_slice(&w->cert, answer.cert);
	sg_buf_reset(&w->signer_serial);
	sg_buf_put_slice(&w->signer_serial, answer.signer);
	rc = sg_buf_check(&w->signer_serial, err);
	return rc == SG_OK ? sg_buf_check(&w->cert, err) : rc;
}

enum sg_code
registrar_describe(const struct sg_regdb_tx *tx, struct sg_slice der, struct sg_slice steps,
    struct sg_regdb_tx_issued *ret, struct sg_err *err)
{
	struct sg_cert cert;
	struct sg_regdb_tx_issued done = {
	    .tx = tx->id, .attempt = tx->attempt, .finished_at = sg_clock_now(), .steps = steps};

	enum sg_code rc = sg_cert_parse(der, &cert, err);
	if (rc != SG_OK)
		return rc;
	done.serial = cert.serial;
	while (done.serial.len > 1 && done.serial.p[0] == 0)
		done.serial = sg_slice(done.serial.p + 1, done.serial.len - 1);
	done.not_after = cert.not_after;
	rc = sg_sha256(der, done.cert_hash, err);
	if (rc == SG_OK)
		*ret = done;
	return rc;
}

static void
issued_recorded(void *arg, enum sg_code rc, const struct sg_err *err)
{
	/* All that share the commit are answered before the process ends: not ended here. */
	if (rc != SG_OK)
		sg_log(SG_LOG_WARNING, err->rule,
		    "an outcome was not recorded and will be asked of ca again: %s", err->text);
	registrar_run_end(arg);
}

/* On SG_OK the run is given to the commit, and *run is NULL. */
static enum sg_code
record_issued(struct work *w, struct run **run, struct sg_err *err)
{
	sg_buf_scoped steps = {0};
	struct sg_regdb_tx_issued done;

	sg_steps_put(&steps, &w->steps);
	enum sg_code rc = registrar_describe(
	    &w->tx, sg_buf_slice(&w->cert), sg_buf_slice(&steps), &done, err);
	done.signer_serial = sg_buf_slice(&w->signer_serial);
	if (rc == SG_OK)
		rc = sg_regdb_tx_finish_issued_later(
		    w->r->store, &done, issued_recorded, *run, err);
	if (rc == SG_OK)
		*run = NULL;
	return rc;
}

enum sg_code
registrar_record_failed(struct registrar *r, const struct sg_regdb_tx *tx, const struct sg_err *why,
    struct sg_slice steps, struct sg_err *err)
{
	struct sg_regdb_tx_failed done = {.tx = tx->id,
	    .attempt = tx->attempt,
	    .code = why->code,
	    .rule = sg_slice_str(why->rule),
	    .text = sg_slice_str(why->text),
	    .steps = steps,
	    .blame = sg_challenge_failure_counts(why->code) ? SG_REGDB_TX_BLAME_REQUEST
							    : SG_REGDB_TX_BLAME_US,
	    .finished_at = sg_clock_now(),
	    .keep = r->ctx->conf->registrar.events_keep};
	return sg_regdb_tx_finish_failed(r->store, &done, err);
}

/* The attempt is ours: drive it to its outcome. The CertRep is made before the outcome is
 * recorded, so that the record has that step too. */
static enum sg_code
drive(struct work *w, struct run **run, struct sg_err *err)
{
	sg_buf_scoped steps = {0};
	struct sg_err why;

	enum sg_code rc = ask_ca(w, err);
	if (rc == SG_OK) {
		rc = registrar_seal_success(w, err);
		/* A failure leaves it RUNNING: the client's retry or recovery ends it. */
		return rc == SG_OK ? record_issued(w, run, err) : rc;
	}
	if (!sg_code_is_peer(rc))
		return rc; /* not known what ca did: RUNNING, as above */
	if (w->now.kind == SG_TRANSACTION_RENEW)
		registrar_tell_unused(w, err);
	why = *err;
	sg_steps_mark(
	    &w->steps, SG_STEP_ROLE_CA, SG_STEP_CA_CHECKED, SG_STEP_FAILED, sg_clock_now_us());
	sg_steps_put(&steps, &w->steps);
	rc = registrar_record_failed(w->r, &w->tx, &why, sg_buf_slice(&steps), err);
	if (rc != SG_OK)
		return rc;
	*err = why;
	return why.code;
}

/* An issued transaction gives the same certificate again, whoever asks with its key. */
static enum sg_code
answer_again(struct work *w, struct sg_err *err)
{
	enum sg_code rc = ask_ca(w, err);
	if (rc != SG_OK)
		return rc;
	/* As it was certified. */
	sg_buf_reset(&w->subject);
	sg_buf_put_slice(&w->subject, w->tx.subject);
	sg_ignore(
	    sg_fail(err, SG_OK, "tx.repeated", "the same request again: the same certificate"));
	registrar_events_refusal(w, err);
	return SG_OK;
}

/* A transaction whose word is the last one. */
static enum sg_code
use_existing(struct work *w, struct sg_err *err)
{
	enum sg_code rc = sg_transaction_say(w->tx.state, err);

	return rc == SG_OK ? answer_again(w, err) : rc;
}

/* The transaction in w->tx is what the request is about now. */
static void
go_by_transaction(struct work *w)
{
	w->now.kind = w->tx.kind;
	w->now.policy = w->tx.policy;
	memcpy(w->now.auth_hash, w->tx.auth_hash, sizeof w->now.auth_hash);
}

/* *ret: w->tx is a transaction that answers, of whichever way. */
static enum sg_code
look_up(struct work *w, bool *ret, struct sg_err *err)
{
	*ret = false;
	for (size_t n = 0; n < w->way_n && !*ret; n++) {
		struct sg_regdb_tx tx = {0};
		enum sg_code rc = sg_regdb_tx_by_key(w->r->store, w->way[n].key, &tx, err);
		if (rc == SG_E_NOTFOUND)
			continue;
		if (rc != SG_OK)
			return rc;
		sg_regdb_tx_clear(&w->tx);
		w->tx = tx;
		const struct sg_transaction_known known = {
		    tx.state, tx.policy, tx.started_at, tx.finished_at};
		*ret = sg_transaction_answers(&known, sg_clock_now());
	}
	if (*ret)
		go_by_transaction(w);
	return SG_OK;
}

/* Become the one who works on these keys. *ret_known: no need to, w->tx has the last word. */
static enum sg_code
take_turn(struct work *w, struct run *run, bool *ret_known, struct sg_err *err)
{
	bool known = false;

	*ret_known = false;
	if (registrar_run_begin(run))
		return SG_OK;
	enum sg_code rc = look_up(w, &known, err);
	if (rc != SG_OK)
		return rc;
	*ret_known = known && w->tx.state != SG_TRANSACTION_RUNNING;
	if (*ret_known)
		return SG_OK;
	/* Who waits for another's attempt gets its outcome and no attempt of his own. */
	w->waited = known;
	sg_db_settle(w->r->store); /* it may be waiting for nothing but its commit */
	while (sg_clock_mono_ms() < w->deadline_ms) {
		if (registrar_run_begin(run))
			return SG_OK;
		sg_pause_ms(WAIT_STEP_MS);
	}
	return sg_fail(
	    err, SG_E_TIMEOUT, "tx.timeout", "the attempt with the same request is still running");
}

/* Have the way in hand reserved, or read the transaction that answers. What a challenge authorizes
 * is decided there, unless it is declined. */
static enum sg_code
reserve(struct work *w, bool *ret_started, struct sg_err *err)
{
	struct sg_decide_case ask;
	bool by_challenge = w->now.kind == SG_TRANSACTION_ENROL;
	struct sg_regdb_reserve what = {.kind = w->now.kind,
	    .policy = w->now.policy,
	    .other_key = by_challenge && w->way_n > 1 ? w->way[1].key : NULL,
	    .endpoint = sg_slice_str(w->endpoint->conf->name),
	    .txid = w->msg.txid,
	    .subject = sg_buf_slice(&w->subject),
	    .peer = w->ask->peer,
	    .now = sg_clock_now(),
	    .no_attempt = w->waited,
	    .ask = by_challenge ? &ask : NULL,
	    .decision = &w->decision};

	registrar_ask(w, &ask);
	memcpy(what.key, w->now.key, sizeof what.key);
	memcpy(what.csr_hash, w->csr_hash, sizeof what.csr_hash);
	memcpy(what.auth_hash, w->now.auth_hash, sizeof what.auth_hash);
	memcpy(what.signer_hash, w->signer_hash, sizeof what.signer_hash);
	memcpy(what.trace, w->trace, sizeof what.trace);
	sg_regdb_tx_clear(&w->tx);
	enum sg_code rc = sg_regdb_tx_reserve(w->r->store, &what, ret_started, &w->tx, err);
	if (rc == SG_OK && !*ret_started)
		go_by_transaction(w);
	if (rc != SG_OK || !*ret_started || what.ask == NULL)
		return rc;
	sg_steps_mark(&w->steps, SG_STEP_ROLE_REGISTRAR, SG_STEP_AUTHORIZATION, SG_STEP_OK,
	    w->decision.authorized_us);
	sg_steps_mark(&w->steps, SG_STEP_ROLE_REGISTRAR, SG_STEP_REQUEST_CHECKED, SG_STEP_OK,
	    w->decision.checked_us);
	if (w->decision.subject.len == 0)
		return SG_OK;
	sg_buf_reset(&w->subject);
	sg_buf_put_slice(&w->subject, sg_buf_slice(&w->decision.subject));
	return sg_buf_check(&w->subject, err);
}

/* A renewal: before ca is asked what it thinks of the certificate, a transaction may answer. */
static enum sg_code
reserve_renewal(struct work *w, bool *ret_started, struct sg_err *err)
{
	bool known = false;
	enum sg_code rc = SG_OK;

	*ret_started = false;
	if (w->way_n == 1) /* else it was looked at, by the way before */
		rc = look_up(w, &known, err);
	if (rc != SG_OK || known)
		return rc;
	if (!w->waited)
		rc = registrar_authorize_renewal(w, err);
	if (rc != SG_OK) {
		registrar_tell_unused(w, err);
		return rc;
	}
	return reserve(w, ret_started, err);
}

/* One way after the other: a challenge that is not live leaves the request to the certificate. */
static enum sg_code
find_way(struct work *w, bool *ret_started, struct sg_err *err)
{
	w->now = w->way[0];
	if (w->now.kind == SG_TRANSACTION_ENROL) {
		enum sg_code rc = reserve(w, ret_started, err);
		if (rc == SG_OK || !w->decision.declined)
			return rc;
		w->unused = *err;
		w->now = w->way[1];
	}
	return reserve_renewal(w, ret_started, err);
}

/* With the run of the keys. What runs by the row's word is nobody's: a crash left it. */
static enum sg_code
attempt_alone(struct work *w, struct run **run, struct sg_err *err)
{
	bool started = false;

	enum sg_code rc = find_way(w, &started, err);
	if (rc != SG_OK)
		return rc;
	if (started)
		registrar_mark(w, SG_STEP_ROLE_REGISTRAR, SG_STEP_RESERVED);
	if (started || w->tx.state == SG_TRANSACTION_RUNNING)
		return drive(w, run, err);
	registrar_run_end(sg_steal(*run)); /* those who repeat it need not wait for each other */
	return use_existing(w, err);
}

/*
 * The keys are ours before the row is in the database: recovery would give up a row that
 * nobody has. They are those of every way, so that a repeat waits for whichever is taken. A look-up
 * comes before every decision: by a challenge in the job that reserves.
 */
enum sg_code
registrar_attempt(struct work *w, struct sg_err *err)
{
	bool known = false;
	struct run *run = NULL;

	enum sg_code rc = registrar_run_new(w->r, &run, err);
	if (rc != SG_OK)
		return rc;
	for (size_t n = 0; n < w->way_n; n++)
		registrar_run_add(run, w->way[n].key);
	rc = take_turn(w, run, &known, err);
	if (rc == SG_OK)
		rc = known ? use_existing(w, err) : attempt_alone(w, &run, err);
	registrar_run_end(run);
	return rc;
}
