/* SPDX-License-Identifier: Apache-2.0 */

/*
 * front.c - start and stop of front, and its two loops in one thread
 *
 * HTTP's events (http/server.c) and the role's fibers turn in turn here; scep.c has what they do.
 */

#include "roles/front/front.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/init.h"
#include "roles/front/events.h"
#include "roles/front/health.h"
#include "roles/front/https.h"
#include "roles/front/scep.h"
#include "roles/front/state.h"
#include "roles/front/tick.h"
#include "scep/caps.h"
#include "service/channel.h"
#include "service/scep_rules.h"

#define QUEUE_MAX 512u
#define LISTENERS_MAX (2u * SG_CONF_LISTEN_MAX)
#define SIGNER_RATE 1u /* refusals of a key that is a guest */
#define SIGNER_BURST_S 3u
#define FORGED 10u	 /* for each refusal: a signature is verified for less than it costs */
#define WAITING_MS 30000 /* several times what who is turned away is told to wait */
#define RECORDS 20u	 /* a second, where addresses have no budgets: times SG_BUDGET_ALL */

static void
finished(void *arg, const struct sg_http_record *rec, const struct sg_err *err)
{
	struct front *f = arg;

	if (f->log != NULL)
		front_accesslog_put(f->log, rec, rec->mark == FRONT_SERVED);
	if (err == NULL)
		return;
	struct refusal refusal = {
	    .err = err, .peer = rec->client_addr == NULL ? "" : rec->client_addr};
	front_events_trace(refusal.trace);
	front_events_refused(f, &refusal);
}

static void
crowded(void *arg, const char *peer)
{
	front_events_crowded(arg, peer);
}

static void
no_tls(void *arg, const char *peer, const struct sg_err *err)
{
	struct refusal refusal = {.err = err, .peer = peer};

	front_events_trace(refusal.trace);
	front_events_refused(arg, &refusal);
}

static enum sg_code
load_endpoints(struct front *f, struct sg_err *err)
{
	const struct sg_conf *conf = f->ctx->conf;

	f->endpoint_n = conf->endpoints.n;
	f->endpoint = sg_xalloc((f->endpoint_n + 1) * sizeof *f->endpoint);
	for (size_t n = 0; n < f->endpoint_n; n++) {
		struct endpoint *e = &f->endpoint[n];
		e->conf = &conf->endpoints.item[n];
		e->rules = sg_service_scep_rules(e->conf);
		sg_scep_caps_put(&e->caps, sg_service_scep_caps(e->conf));
		enum sg_code rc = sg_buf_check(&e->caps, err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

#define LOG_FILE "front.access-log"

/* The supervisor looks for itself whether it is. */
static void
log_is_full(void)
{
	sg_ignore(sg_channel_send(SG_CHANNEL_FD, SG_PACKET_LOG, LOG_FILE, -1, NULL));
}

static enum sg_code
open_log(struct front *f, struct sg_err *err)
{
	const struct sg_conf *conf = f->ctx->conf;
	struct accesslog_conf log = {.fd = sg_service_take_fd(f->ctx, LOG_FILE),
	    .size_max = conf->front.access_log_size << 20,
	    .each = conf->front.refusals_per_second > 0,
	    .software = "Signet",
	    .full = log_is_full};

	if (log.fd < 0)
		return SG_OK;
	enum sg_code rc = front_accesslog_new(&log, &f->log, err);
	return rc == SG_OK ? front_accesslog_start(f->log, err) : rc;
}

/* From the supervisor: another file for the access log, or new certificates. */
bool
front_file(struct sg_service_ctx *ctx, const char *name, int fd)
{
	struct front *f = ctx->state;

	if (front_https_file(f, name, fd))
		return true;
	if (f->log == NULL || strcmp(name, LOG_FILE) != 0)
		return false;
	front_accesslog_reopen(f->log, fd);
	return true;
}

void
front_stop(struct sg_service_ctx *ctx)
{
	struct front *f = ctx->state;

	if (f->log == NULL)
		return;
	/* Every answer that is out has its line first. */
	atomic_store(&f->stopping, true);
	sg_loop_wake(ctx->loop);
	pthread_join(f->thread, NULL);
	front_accesslog_write(f->log, sg_clock_mono_ms(), true);
}

/* The sockets of that option, into ret from *n on. */
static void
take_listeners(struct front *f, const char *option, size_t of, int *ret, size_t *n)
{
	for (size_t i = 0; i < of; i++) {
		char name[48];
		snprintf(name, sizeof name, "%s[%zu]", option, i);
		ret[(*n)++] = sg_service_take_fd(f->ctx, name);
	}
}

static enum sg_code
make_server(struct front *f, struct event_base *base, struct sg_err *err)
{
	const struct sg_conf *conf = f->ctx->conf;
	struct sg_tls_server *tls = NULL;
	struct sg_http_settings settings;
	static int fds[LISTENERS_MAX];
	size_t n = 0;

	take_listeners(f, "front.listen", conf->front.listen.n, fds, &n);
	take_listeners(f, "front.listen-https", conf->front.listen_https.n, fds, &n);
	sg_http_settings_init(&settings);
	settings.rules.body_max = SG_MESSAGE_MAX;
	settings.rules.methods |= SG_HTTP_ALLOW(SG_HTTP_OPTIONS);
	settings.fds = fds;
	settings.n_fds = n;
	settings.n_tls = conf->front.listen_https.n;
	settings.trusted = conf->front.trusted_proxies.item;
	settings.trusted_n = conf->front.trusted_proxies.n;
	settings.per_addr_max = (unsigned)conf->front.connections_per_address;
	settings.handler = front_scep_http;
	settings.finished = finished;
	settings.crowded = crowded;
	settings.no_tls = no_tls;
	settings.arg = f;
	enum sg_code rc = front_https_start(f, &tls, err);
	if (rc == SG_OK)
		rc = sg_http_server_new(base, &settings, &f->server, err);
	if (rc == SG_OK && tls != NULL)
		sg_http_server_set_tls(f->server, tls);
	sg_tls_server_free(&tls);
	return rc;
}

/* A round of what waits behind HTTP; again at once, or when something comes or is due. */
static void
turn(evutil_socket_t fd, short what, void *arg)
{
	struct front *f = arg;

	(void)fd;
	front_https_turn(f);
	int ms = sg_loop_turn(f->ctx->loop, (what & EV_READ) != 0);
	/* Looked at here: after it the loop sleeps, and a wake is not missed. */
	if (atomic_load(&f->stopping)) {
		event_base_loopbreak(f->base);
		return;
	}
	/* At once is after a look at HTTP's sockets: an event that makes itself active again comes
	 * before them. */
	struct timeval wait = {ms / 1000, ms % 1000 * 1000};
	if (ms >= 0 && evtimer_add(f->turn_due, &wait) != 0)
		front_turn(f); /* no memory for a timer */
}

void
front_turn(struct front *f)
{
	event_active(f->turn, EV_TIMEOUT, 0); /* not EV_READ: its descriptor has nothing to say */
}

static enum sg_code
turn_with(struct front *f, struct event_base *base, struct sg_err *err)
{
	f->turn = event_new(base, sg_loop_fd(f->ctx->loop), EV_READ | EV_PERSIST, turn, f);
	f->turn_due = evtimer_new(base, turn, f);
	if (f->turn == NULL || f->turn_due == NULL || event_add(f->turn, NULL) != 0)
		return sg_fail(err, SG_E_NOMEM, "front.loop", "cannot make a loop in the loop");
	front_turn(f); /* the workers begin to wait */
	return SG_OK;
}

static void *
loop_main(void *base)
{
	event_base_dispatch(base);
	return NULL;
}

static enum sg_code
start_loop(struct front *f, struct sg_err *err)
{
	struct event_base *base = event_base_new();
	if (base == NULL)
		return sg_fail(err, SG_E_NOMEM, "front.loop", "cannot make an event loop");
	f->base = base;
	enum sg_code rc = make_server(f, base, err);
	if (rc == SG_OK)
		rc = turn_with(f, base, err);
	if (rc == SG_OK)
		rc = front_https_watch(f, err);
	if (rc != SG_OK)
		return rc;
	if (pthread_create(&f->thread, NULL, loop_main, base) != 0)
		return sg_fail(err, SG_E_NOMEM, "thread", "cannot start a thread");
	return SG_OK;
}

enum sg_code
front_start(struct sg_service_ctx *ctx, struct sg_err *err)
{
	struct front *f = sg_xalloc(sizeof *f);
	uint64_t refusals = ctx->conf->front.refusals_per_second;
	bool each = refusals > 0;
	/* Refusals have no bound for all together: it would be a way to keep others out. */
	struct budget_rule of_refusals = {refusals, SG_BUDGET_BURST_S, each, 0};
	struct budget_rule of_forged = {FORGED * refusals, SG_BUDGET_BURST_S, each, 0};
	struct budget_rule of_signers = {SIGNER_RATE, SIGNER_BURST_S, each, 0};
	struct budget_rule of_records = {
	    each ? refusals : RECORDS, SG_BUDGET_BURST_S, each, SG_BUDGET_ALL};

	struct budget_rule of_crowded = {1, 1, true, 0};

	ctx->state = f;
	f->ctx = ctx;
	enum sg_code rc = sg_crypto_init(err);
	if (rc == SG_OK)
		rc = load_endpoints(f, err);
	if (rc == SG_OK)
		rc = open_log(f, err);
	if (rc == SG_OK)
		rc = front_budget_new(&of_refusals, &f->refusals, err);
	if (rc == SG_OK)
		rc = front_budget_new(&of_refusals, &f->guests, err);
	if (rc == SG_OK)
		rc = front_budget_new(&of_forged, &f->forged, err);
	if (rc == SG_OK)
		rc = front_budget_new(&of_signers, &f->signers, err);
	if (rc == SG_OK)
		rc = front_keys_new(0, &f->known, err);
	if (rc == SG_OK)
		rc = front_keys_new(WAITING_MS, &f->waiting, err);
	if (rc == SG_OK)
		rc = front_budget_new(&of_records, &f->records, err);
	if (rc == SG_OK)
		rc = front_budget_new(&of_crowded, &f->crowded, err);
	if (rc == SG_OK)
		rc = front_events_start(f, err);
	if (rc == SG_OK)
		rc = front_tick_start(f, err);
	if (rc == SG_OK)
		rc = front_queue_new(
		    ctx->loop, SG_WORKERS, QUEUE_MAX, front_scep_work, f, &f->queue, err);
	if (rc == SG_OK)
		rc = front_health_start(f, err);
	if (rc == SG_OK)
		rc = start_loop(f, err);
	return rc;
}
