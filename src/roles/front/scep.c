/* SPDX-License-Identifier: Apache-2.0 */

/*
 * scep.c - from an HTTP request to a verified message at registrar, and its answer back
 */

#include "roles/front/scep.h"

#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/digest.h"
#include "explain/steps.h"
#include "http/url.h"
#include "ipc/edges/front_registrar.h"
#include "roles/front/events.h"
#include "roles/front/front.h"
#include "roles/front/health.h"
#include "roles/front/route.h"
#include "roles/front/state.h"
#include "roles/front/tick.h"
#include "scep/check.h"
#include "scep/getmsg.h"
#include "scep/message.h"
#include "scep/verify.h"

#define DEADLINE_MS 25000 /* registrar gives up at 20 s and says so */
#define GUEST_MAX 16384u  /* bytes; messages have 2 to 8 KiB */
#define BACK_MS 4000	  /* who is told to wait 5 s and did, clocks being what they are */

/* What a worker gets. */
struct job {
	struct queue_item item; /* first: the queue's pointer is ours */
	struct sg_http_req *req;
	const struct endpoint *endpoint;
	enum front_operation operation;
	uint64_t addr;	 /* sg_addr_key() */
	uint64_t signer; /* signer_of(); 0: not known */
	bool over;	 /* served although its address is over its budget */
	bool known;	 /* it names a key whose last message succeeded */
	uint8_t trace[SG_FRAME_TRACE_LEN];
};

/* By its name in a URL: no two differ by letter case alone (conf.case). */
static const struct endpoint *
find_endpoint(const struct front *f, struct sg_slice name)
{
	for (size_t n = 0; n < f->endpoint_n; n++)
		if (sg_http_escaped_is(name, f->endpoint[n].conf->name))
			return &f->endpoint[n];
	return NULL;
}

static void
respond_text(struct sg_http_req *req, int status, const char *text)
{
	struct sg_http_answer answer = {
	    .status = status, .content_type = "text/plain", .body = sg_slice_str(text)};
	sg_http_respond(req, &answer);
}

static void
respond_wait(struct sg_http_req *req, const char *text)
{
	struct sg_http_answer answer = {.status = 503,
	    .content_type = "text/plain",
	    .fields = "Retry-After: 5\r\nCache-Control: no-store\r\n",
	    .body = sg_slice_str(text)};
	sg_http_respond(req, &answer);
}

static void
respond_busy(struct sg_http_req *req)
{
	respond_wait(req, "busy: try again\n");
}

/* Its address is over its budget. */
static void
turn_away(struct front *f, const struct job *job)
{
	sg_ignore(front_budget_turns_away(f->refusals, job->addr, sg_clock_mono_ms()));
	respond_wait(job->req, "too many requests of this address were refused: wait\n");
}

void
front_scep_answer(struct sg_http_req *req, struct sg_slice body, unsigned mark)
{
	struct sg_http_answer answer = {.status = 200,
	    .content_type = "application/x-pki-message",
	    .fields = "Cache-Control: no-store\r\n",
	    .body = body,
	    .mark = mark};
	sg_http_respond(req, &answer);
}

static void
give_to_worker(struct front *f, const struct job *what, unsigned owes)
{
	struct job *job = sg_alloc(sizeof *job);
	if (job == NULL) {
		respond_busy(what->req);
		return;
	}
	*job = *what;
	front_events_trace(job->trace);
	struct job *out = (struct job *)front_queue_push(f->queue,
	    &(struct queue_from){job->addr, job->known ? 0 : owes, job->known}, &job->item);
	if (out != NULL) {
		respond_busy(out->req);
		sg_free(out);
	}
	front_turn(f);
}

/* The message's bytes: the body, or the decoded message= of a GET. */
static enum sg_code
take_message(
    struct sg_http_req *req, struct sg_buf *store, struct sg_slice *ret, struct sg_err *err)
{
	struct front_query query;

	if (req->head.method == SG_HTTP_POST) {
		*ret = req->body;
		if (ret->len == 0)
			return sg_fail(
			    err, SG_E_MALFORMED, "scep.message.empty", "the POST has no body");
		return SG_OK;
	}
	enum sg_code rc = front_route_query(req->head.query, &query, err);
	if (rc == SG_OK && query.messages_differ)
		rc = sg_fail(err, SG_E_MALFORMED, "http.query.message",
		    "the URL has several messages that differ");
	if (rc == SG_OK)
		rc = sg_scep_getmsg_decode(query.message, store, err);
	if (rc == SG_OK)
		*ret = sg_buf_slice(store);
	return rc;
}

/* The key that a message says it is signed with, as a number; 0: none. */
static uint64_t
signer_of(const struct sg_scep_msg *msg)
{
	uint8_t hash[32];
	uint64_t key = 0;

	if (msg->has_signer && sg_sha256(msg->signer.spki, hash, NULL) == SG_OK)
		memcpy(&key, hash, sizeof key);
	return key;
}

/* The same before a worker has the message; nothing says yet that who sent it has the key. */
static uint64_t
claimed_signer(struct sg_http_req *req)
{
	sg_buf_scoped store = {.max = GUEST_MAX};
	sg_scep_msg_scoped msg = {0};
	struct sg_slice message;

	if (req->body.len > GUEST_MAX || take_message(req, &store, &message, NULL) != SG_OK ||
	    sg_scep_decode(message, &msg, NULL) != SG_OK)
		return 0;
	return signer_of(&msg);
}

/*
 * A neighbour of those who spend the budget, maybe: its key was not refused of late. Keys can be
 * made up, so all such keys of an address share one more budget, of which half is for those that
 * were turned away and waited as they were told: who makes up a key for each message comes with
 * none of them again.
 */
static bool
is_guest(struct front *f, uint64_t signer, uint64_t addr, int64_t now_ms)
{
	if (signer == 0 || front_budget_is_over(f->signers, signer, now_ms))
		return false;
	bool room = front_keys_age(f->waiting, signer, now_ms) >= BACK_MS
			? !front_budget_is_over(f->guests, addr, now_ms)
			: !front_budget_is_half_spent(f->guests, addr, now_ms);
	if (!room || front_budget_is_over(f->forged, addr, now_ms)) {
		front_keys_note(f->waiting, signer, now_ms);
		return false;
	}
	return true;
}

/*
 * Who has had too many refusals is not worth an operation of a key, but for two: a key whose last
 * message succeeded, and guests. Whether they have the keys that they name is seen first
 * (serve_message). Each key of the first kind has cost a whole answer: who has a certificate can
 * have it again under keys that he makes up, and gains one refusal for each.
 */
static void
serve_within_budget(struct front *f, struct job *job)
{
	int64_t now_ms = sg_clock_mono_ms();
	unsigned owes = front_budget_owes(f->refusals, job->addr, now_ms);
	uint64_t signer = 0;

	job->over = front_budget_is_over(f->refusals, job->addr, now_ms);
	if (job->over || owes > 0)
		signer = claimed_signer(job->req);
	job->known = signer != 0 && front_keys_age(f->known, signer, now_ms) >= 0;
	if (job->over && !job->known && !is_guest(f, signer, job->addr, now_ms)) {
		turn_away(f, job);
		return;
	}
	give_to_worker(f, job, owes);
}

/* What never becomes a message for registrar. */
static void
record(struct front *f, const struct endpoint *e, const struct sg_http_req *req,
    const uint8_t trace[SG_FRAME_TRACE_LEN], const struct sg_err *err)
{
	struct refusal refusal = {.err = err,
	    .peer = req->peer,
	    .via = req->via,
	    .endpoint = sg_slice_str(e->conf->name)};
	memcpy(refusal.trace, trace, sizeof refusal.trace);
	front_events_refused(f, &refusal);
}

#define ALLOW_ALL "Allow: GET, HEAD, POST, OPTIONS\r\n"
static const char *const allow[] = {
    [FRONT_OP_NONE] = ALLOW_ALL,
    [FRONT_OP_CACAPS] = "Allow: GET, HEAD, OPTIONS\r\n",
    [FRONT_OP_CACERT] = "Allow: GET, HEAD, OPTIONS\r\n",
    [FRONT_OP_PKI] = "Allow: GET, POST, OPTIONS\r\n",
};

/* Which methods there are: 204 to who asks that, 405 to who used another one. */
static void
respond_allow(struct sg_http_req *req, const char *fields, const char *text)
{
	sg_http_respond(
	    req, &(struct sg_http_answer){.status = req->head.method == SG_HTTP_OPTIONS ? 204 : 405,
		     .content_type = "text/plain",
		     .fields = fields,
		     .body = sg_slice_str(text)});
}

static void
serve_page(struct sg_http_req *req)
{
	if (req->head.query.len == 0)
		respond_text(req, 200,
		    "This is a SCEP server (RFC 8894). A device's URL is this one, without "
		    "anything after it.\n");
	else
		respond_text(
		    req, 400, "the URL has no operation: GetCACaps, GetCACert or PKIOperation\n");
}

static void
serve(struct front *f, const struct endpoint *e, struct sg_http_req *req, enum front_operation of)
{
	struct job job = {.req = req, .endpoint = e, .addr = sg_addr_key_text(req->peer)};
	enum sg_http_method method = req->head.method;

	/* Many clients leave it out when they POST. */
	if (method == SG_HTTP_POST && of == FRONT_OP_NONE)
		of = FRONT_OP_PKI;
	job.operation = of;
	if (of == FRONT_OP_UNKNOWN)
		respond_text(req, 404, "no such operation here\n");
	else if (method == SG_HTTP_OPTIONS)
		respond_allow(req, allow[of], "");
	else if (method == SG_HTTP_POST && of != FRONT_OP_PKI)
		respond_allow(req, allow[of], "GetCACaps and GetCACert are for GET\n");
	else if (method == SG_HTTP_HEAD && of == FRONT_OP_PKI)
		respond_allow(req, allow[of], "PKIOperation is for POST and GET\n");
	else if (of == FRONT_OP_CACAPS)
		sg_http_respond(req, &(struct sg_http_answer){.status = 200,
					 .content_type = "text/plain",
					 .fields = "Cache-Control: no-store\r\n",
					 .body = sg_buf_slice(&e->caps)});
	else if (of == FRONT_OP_CACERT)
		give_to_worker(
		    f, &job, front_budget_owes(f->refusals, job.addr, sg_clock_mono_ms()));
	else if (of == FRONT_OP_PKI)
		serve_within_budget(f, &job);
	else
		serve_page(req);
}

void
front_scep_http(void *arg, struct sg_http_req *req)
{
	struct front *f = arg;
	struct sg_slice name;
	struct front_query query;
	struct sg_err err;
	uint8_t trace[SG_FRAME_TRACE_LEN];
	enum front_place place = front_route_path(req->head.path, &name);
	const struct endpoint *e = place == FRONT_AT_ENDPOINT ? find_endpoint(f, name) : NULL;

	if (sg_slice_is(req->head.path, "*")) { /* of OPTIONS alone */
		respond_allow(req, ALLOW_ALL, "");
	} else if (place == FRONT_AT_HEALTH) {
		front_health_http(f, req);
	} else if (place == FRONT_AT_ADMIN) {
		respond_text(req, 404,
		    "There is no such page here: challenges come from `signet challenge new`.\n");
	} else if (e == NULL) {
		respond_text(req, 404, "not found\n");
	} else if (front_route_query(req->head.query, &query, &err) != SG_OK) {
		front_events_trace(trace);
		record(f, e, req, trace, &err);
		respond_text(req, 400, "the URL has several operations that differ\n");
	} else {
		serve(f, e, req, query.operation);
	}
}

/* ---- workers ---- */

static void
serve_cacert(struct front *f, struct job *job)
{
	struct sg_frame_cacert ask = {.endpoint = sg_slice_str(job->endpoint->conf->name)};
	sg_frame_scoped(cacert_answer) answer = {0};
	char type[SG_FRAME_MEDIA_MAX + 1] = "";

	if (sg_peer_ask_cacert(
		f->ctx->peer[0], &ask, sg_clock_mono_ms() + DEADLINE_MS, &answer, NULL) != SG_OK) {
		respond_busy(job->req);
		return;
	}
	memcpy(type, answer.type.p, answer.type.len);
	struct sg_http_answer http = {
	    .status = (int)answer.status, .content_type = type, .body = answer.body};
	sg_http_respond(job->req, &http);
}

/* What became of it, for its address, and for the key of who showed that he has it. */
static void
count(struct front *f, const struct job *job, bool refused, bool answered, bool verified)
{
	int64_t now_ms = sg_clock_mono_ms();

	if (refused)
		front_budget_charge(job->over ? f->guests : f->refusals, job->addr, 1, now_ms);
	if (!verified || !answered || job->signer == 0)
		return;
	front_keys_forget(f->waiting, job->signer);
	if (refused) {
		front_budget_charge(f->signers, job->signer, 1, now_ms);
		front_keys_forget(f->known, job->signer);
	} else {
		front_keys_note(f->known, job->signer, now_ms);
	}
}

/* Ask registrar; err says what was found wrong here, if anything. */
static void
pass_on(struct front *f, struct job *job, struct sg_slice message, const struct sg_steps *steps,
    const struct sg_err *err)
{
	sg_frame_scoped(scep_answer) answer = {0};
	sg_buf_scoped text = {0};
	char peer[FRONT_PEER_LEN];

	sg_steps_put(&text, steps);
	front_events_peer(sg_peer_version(f->ctx->peer[0]), job->req->peer, job->req->via, peer);
	struct sg_frame_scep ask = {.trace = sg_slice(job->trace, sizeof job->trace),
	    .endpoint = sg_slice_str(job->endpoint->conf->name),
	    .peer = sg_slice_str(peer),
	    .at_us = (uint64_t)job->req->at_us,
	    .steps = sg_buf_slice(&text),
	    .code = err->code,
	    .message = message};
	if (err->code != SG_OK) {
		ask.rule = sg_slice_str(err->rule);
		ask.text = sg_slice_str(err->text);
	}
	if (sg_peer_ask_scep(
		f->ctx->peer[0], &ask, sg_clock_mono_ms() + DEADLINE_MS, &answer, NULL) != SG_OK) {
		respond_busy(job->req);
		return;
	}
	bool refused = answer.refused != 0;
	count(f, job, refused, answer.status == 200, err->code == SG_OK);
	if (answer.status == 200 && answer.on_tick) {
		struct sg_buf copy = {0};
		sg_buf_put_slice(&copy, answer.body);
		front_tick_hold(f, job->req, &copy);
	} else if (answer.status == 200) {
		front_scep_answer(job->req, answer.body, refused ? FRONT_OTHER : FRONT_SERVED);
	} else if (answer.status == 503) {
		respond_busy(job->req);
	} else {
		sg_http_respond_status(job->req, (int)answer.status);
	}
}

static void
serve_message(struct front *f, struct job *job)
{
	sg_buf_scoped store = {.max = SG_MESSAGE_MAX};
	sg_scep_msg_scoped msg = {0};
	struct sg_steps steps = {0};
	struct sg_slice message;
	struct sg_err err = {0};

	sg_steps_mark(&steps, SG_STEP_ROLE_FRONT, SG_STEP_RECEIVED, SG_STEP_OK, job->req->at_us);
	enum sg_code rc = take_message(job->req, &store, &message, &err);
	if (rc == SG_OK)
		rc = sg_scep_decode(message, &msg, &err);
	if (rc != SG_OK) {
		record(f, job->endpoint, job->req, job->trace, &err);
		respond_text(job->req, rc == SG_E_NOMEM ? 503 : 400, "not a SCEP message\n");
		return;
	}
	job->signer = signer_of(&msg);
	sg_steps_mark(&steps, SG_STEP_ROLE_FRONT, SG_STEP_DECODED, SG_STEP_OK, sg_clock_now_us());
	rc = sg_scep_check(&msg, &job->endpoint->rules, &err);
	if (rc == SG_OK)
		rc = sg_scep_verify(&msg, NULL, &err);
	if (rc == SG_OK)
		err.code = SG_OK;
	sg_steps_mark(&steps, SG_STEP_ROLE_FRONT, SG_STEP_SIGNATURE,
	    rc == SG_OK ? SG_STEP_OK : SG_STEP_FAILED, sg_clock_now_us());
	if (rc != SG_OK && job->over) {
		/* It was let in for a key that it does not have. */
		front_budget_charge(f->forged, job->addr, 1, sg_clock_mono_ms());
		turn_away(f, job);
		return;
	}
	pass_on(f, job, message, &steps, &err);
}

void
front_scep_work(struct queue_item *item, void *arg)
{
	struct job *job = (struct job *)item;

	if (job->operation == FRONT_OP_CACERT)
		serve_cacert(arg, job);
	else
		serve_message(arg, job);
	sg_free(job);
}
