/* SPDX-License-Identifier: Apache-2.0 */

/*
 * events.c - refusals that end here, sent to registrar in bounded batches
 *
 * From HTTP (front.c) and from scep.c, for messages that are none; those that are messages go to
 * registrar as such, which records them itself.
 */

#include "roles/front/events.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/random.h"
#include "ipc/edges/front_registrar.h"
#include "roles/front/state.h"
#include "service/log.h"

#define FLUSH_MS 50
#define BATCH_MAX 60000u /* bytes; the field of the frame takes 64 KiB */
#define SEND_MS 10000
#define SAY_MS 10000	 /* a flood must not fill the log instead */
#define RECORD_MAX 1200u /* bytes of the largest one */

struct events {
	pthread_mutex_t lock;
	struct sg_buf records;
	uint64_t dropped;
	int64_t said_ms;
};

void
front_events_trace(uint8_t ret[SG_FRAME_TRACE_LEN])
{
	uint64_t ms = (uint64_t)sg_clock_now_us() / 1000;

	for (size_t n = 0; n < 6; n++)
		ret[n] = (uint8_t)(ms >> (40 - 8 * n));
	/* Without random bytes nothing works here; the id is only for people. */
	sg_ignore(sg_random(ret + 6, SG_FRAME_TRACE_LEN - 6, NULL));
}

/* Outside texts are cut to what the record's fields take. */
static struct sg_slice
cut(struct sg_slice s, size_t max)
{
	return sg_slice(s.p, s.len < max ? s.len : max);
}

void
front_events_peer(unsigned version, const char *peer, const char *via, char ret[FRONT_PEER_LEN])
{
	if (version == 1)
		via = NULL;
	snprintf(ret, FRONT_PEER_LEN, "%s%s%s", peer, via != NULL ? " via " : "",
	    via != NULL ? via : "");
}

static void
record(struct front *f, const struct refusal *r)
{
	struct events *e = f->events;
	char peer[FRONT_PEER_LEN];

	unsigned version = sg_peer_version(f->ctx->peer[0]);
	if (version == 0)
		version = sg_edge_front_registrar.version; /* as registrar will, most likely */
	front_events_peer(version, r->peer, r->via, peer);
	struct sg_frame_event event = {.trace = sg_slice(r->trace, sizeof r->trace),
	    .at_us = (uint64_t)sg_clock_now_us(),
	    .code = r->err->code,
	    .rule = cut(sg_slice_str(r->err->rule), SG_FRAME_RULE_MAX),
	    .text = cut(sg_slice_str(r->err->text), SG_FRAME_TEXT_MAX),
	    .endpoint = cut(r->endpoint, SG_ENDPOINT_MAX),
	    .peer = sg_slice_str(peer),
	    .txid = cut(r->txid, SG_TXID_MAX)};

	pthread_mutex_lock(&e->lock);
	if (e->records.len > BATCH_MAX - RECORD_MAX ||
	    sg_frame_put(&sg_frame_event, version, 0, &event, &e->records, NULL) != SG_OK)
		e->dropped++;
	pthread_mutex_unlock(&e->lock);
}

void
front_events_refused(struct front *f, const struct refusal *r)
{
	uint64_t addr = sg_addr_key_text(r->peer);
	int64_t now_ms = sg_clock_mono_ms();

	if (front_budget_turns_away(f->records, addr, now_ms))
		return;
	front_budget_charge(f->records, addr, 1, now_ms);
	record(f, r);
}

void
front_events_crowded(struct front *f, const char *peer)
{
	uint64_t addr = sg_addr_key_text(peer);
	int64_t now_ms = sg_clock_mono_ms();

	/* One is more than this budget has: its account says how many were turned away. */
	front_budget_charge(f->crowded, addr, 1, now_ms);
	sg_ignore(front_budget_turns_away(f->crowded, addr, now_ms));
}

/* Under the budget's lock, as the next one. */
static void
record_crowded(void *arg, const struct budget_over *over)
{
	struct front *f = arg;
	struct sg_err err;
	struct refusal refusal = {.err = &err, .peer = over->of};

	sg_ignore(sg_fail(&err, SG_E_BUSY, "front.connections",
	    "%s had all connections that one address may have "
	    "(front.connections-per-address: %llu): %llu more were closed",
	    over->of, (unsigned long long)f->ctx->conf->front.connections_per_address,
	    (unsigned long long)over->away));
	front_events_trace(refusal.trace);
	record(f, &refusal);
}

static void
record_over(void *arg, const struct budget_over *over)
{
	struct sg_err err;
	struct refusal refusal = {.err = &err, .peer = over->of};

	sg_ignore(sg_fail(&err, SG_E_BUSY, "front.budget",
	    "more than %llu requests a second of %s were refused: %llu more got no answer but "
	    "an error of HTTP",
	    (unsigned long long)over->per_second, over->of, (unsigned long long)over->away));
	front_events_trace(refusal.trace);
	record(arg, &refusal);
}

static void
flush(struct front *f)
{
	sg_frame_scoped(events_answer) answer = {0};
	struct events *e = f->events;
	struct sg_err err;

	pthread_mutex_lock(&e->lock);
	sg_buf_scoped records = e->records;
	uint64_t dropped = 0;
	if (e->dropped > 0 && sg_clock_mono_ms() - e->said_ms >= SAY_MS) {
		dropped = e->dropped;
		e->dropped = 0;
		e->said_ms = sg_clock_mono_ms();
	}
	e->records = (struct sg_buf){0};
	pthread_mutex_unlock(&e->lock);
	if (dropped > 0)
		sg_log(SG_LOG_WARNING, "event.dropped",
		    "%llu refusals came faster than they could be passed on",
		    (unsigned long long)dropped);
	if (records.len == 0)
		return;
	struct sg_frame_events ask = {.records = sg_buf_slice(&records)};
	if (sg_peer_ask_events(
		f->ctx->peer[0], &ask, sg_clock_mono_ms() + SEND_MS, &answer, &err) != SG_OK)
		sg_log(SG_LOG_WARNING, err.rule, "refusals are lost: %s", err.text);
}

static void *
flusher_main(void *arg)
{
	struct front *f = arg;

	for (unsigned round = 0;; round++) {
		struct timespec ts = {0, FLUSH_MS * 1000000};
		nanosleep(&ts, NULL);
		if (round % (1000 / FLUSH_MS) == 0) {
			front_budget_say(f->refusals, sg_clock_mono_ms(), false, record_over, f);
			front_budget_say(f->records, sg_clock_mono_ms(), false, record_over, f);
			front_budget_say(f->crowded, sg_clock_mono_ms(), false, record_crowded, f);
		}
		flush(f);
	}
	return NULL;
}

enum sg_code
front_events_start(struct front *f, struct sg_err *err)
{
	pthread_t thread;

	f->events = sg_xalloc(sizeof *f->events);
	pthread_mutex_init(&f->events->lock, NULL);
	int rc = pthread_create(&thread, NULL, flusher_main, f);
	if (rc != 0)
		return sg_fail(err, SG_E_NOMEM, "thread", "cannot start a thread: error %d", rc);
	pthread_detach(thread);
	return SG_OK;
}
