/* SPDX-License-Identifier: Apache-2.0 */

/*
 * events.c - refusals gathered in memory and written several at a time
 *
 * A refusal costs the stranger who caused it more than us: it waits for no commit. At most
 * WAITING_MAX wait; what comes on top is counted and the count written.
 */

#include "roles/registrar/events.h"

#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "service/log.h"
#include "roles/registrar/registrar.h"
#include "roles/registrar/state.h"
#include "store/registrar/challenge.h"
#include "store/registrar/event.h"
#include "x509/name_text.h"

#define WAITING_MAX 4096u
#define FLUSH_MS 200
#define KEEP_BYTES 512u	 /* of the texts of an event, on average; most have 300 */
#define PURGE_EVERY 512u /* flushes */
#define PURGE_ROWS 1000u /* in one commit, so that nobody waits long for the next */

struct waiting {
	struct sg_regdb_event row;
	struct sg_buf store; /* what its slices point into */
};

struct events {
	pthread_mutex_t lock; /* the two below */
	size_t n;
	uint64_t dropped;
	struct waiting *item;
	pthread_mutex_t flush_lock; /* one writer at a time */
	struct waiting *batch;
};

/* Copy the row's texts into one block of its own. */
static bool
keep_texts(struct waiting *w)
{
	struct sg_slice *all[] = {&w->row.rule, &w->row.text, &w->row.endpoint, &w->row.peer,
	    &w->row.txid, &w->row.subject};

	sg_buf_keep(&w->store, all, sizeof all / sizeof all[0]);
	return w->store.failed == SG_OK;
}

static void
add(struct registrar *r, const struct sg_regdb_event *row)
{
	struct events *e = r->events;

	pthread_mutex_lock(&e->lock);
	if (e->n == WAITING_MAX) {
		e->dropped++;
		pthread_mutex_unlock(&e->lock);
		return;
	}
	struct waiting *w = &e->item[e->n];
	*w = (struct waiting){.row = *row};
	if (keep_texts(w))
		e->n++;
	else
		sg_buf_clear(&w->store);
	pthread_mutex_unlock(&e->lock);
}

void
registrar_events_refusal(struct work *w, const struct sg_err *err)
{
	struct sg_regdb_event row = {.at_us = sg_clock_now_us(),
	    .role = EVENT_ROLE_REGISTRAR,
	    .level = err->code == SG_OK ? SG_LOG_INFO : SG_LOG_WARNING,
	    .code = err->code,
	    .rule = sg_slice_str(err->rule),
	    .text = sg_slice_str(err->text),
	    .endpoint = w->ask->endpoint,
	    .peer = w->ask->peer,
	    .txid = w->msg.txid,
	    .subject = sg_buf_slice(&w->subject)};

	if (w->ask->code != 0)
		row.role = EVENT_ROLE_FRONT;
	/* A message that was not opened is found by its throw-away certificate's name, which
	 * most clients make the same. */
	sg_buf_scoped signer = {0};
	if (row.subject.len == 0 && w->msg.has_signer) {
		sg_name_put_text(&signer, w->msg.signer.subject);
		row.subject = sg_buf_slice(&signer);
	}
	memcpy(row.trace, w->trace, sizeof row.trace);
	add(w->r, &row);
}

/* It goes to a terminal as it is. */
static struct sg_slice
word_of(struct sg_slice rule)
{
	return sg_err_rule_is_word(rule.p, rule.len) ? rule : sg_slice_str(SG_RULE_OTHER);
}

void
registrar_events_from_front(struct registrar *r, unsigned version, struct sg_slice records)
{
	struct sg_cursor c = sg_cursor_init(records);

	while (sg_cursor_left(&c) > 0) {
		struct sg_frame_event m;
		uint64_t id;
		struct sg_slice body = sg_cursor_bytes(&c, sg_cursor_u32(&c));
		if (c.bad || sg_frame_get(&sg_frame_event, version, body, &id, &m, NULL) != SG_OK)
			return; /* front is broken: what it said so far counts */
		struct sg_regdb_event row = {.at_us = (int64_t)m.at_us,
		    .role = EVENT_ROLE_FRONT,
		    .level = SG_LOG_WARNING,
		    .code = (enum sg_code)m.code,
		    .rule = word_of(m.rule),
		    .text = m.text,
		    .endpoint = m.endpoint,
		    .peer = m.peer,
		    .txid = m.txid};
		memcpy(row.trace, m.trace.p, sizeof row.trace);
		add(r, &row);
	}
}

static void
write_batch(struct registrar *r, const struct waiting *batch, size_t n)
{
	struct sg_regdb_event rows[SG_REGDB_EVENT_BATCH_MAX];
	uint64_t most = r->ctx->conf->registrar.events_keep;
	struct sg_regdb_event_keep keep = {most, most * KEEP_BYTES};
	struct sg_err err;

	for (size_t done = 0; done < n;) {
		size_t len = n - done < SG_REGDB_EVENT_BATCH_MAX ? n - done
								 : SG_REGDB_EVENT_BATCH_MAX;
		for (size_t i = 0; i < len; i++)
			rows[i] = batch[done + i].row;
		if (sg_regdb_event_add(r->store, rows, len, &keep, &err) != SG_OK)
			sg_log(SG_LOG_ERROR, err.rule, "%zu events are lost: %s", len, err.text);
		done += len;
	}
}

void
registrar_events_flush(struct registrar *r)
{
	struct events *e = r->events;

	pthread_mutex_lock(&e->flush_lock);
	pthread_mutex_lock(&e->lock);
	size_t n = e->n;
	uint64_t dropped = e->dropped;
	struct waiting *full = e->item;
	e->item = e->batch;
	e->batch = full;
	e->n = 0;
	e->dropped = 0;
	pthread_mutex_unlock(&e->lock);
	write_batch(r, full, n);
	for (size_t i = 0; i < n; i++)
		sg_buf_clear(&full[i].store);
	if (dropped > 0)
		sg_log(SG_LOG_WARNING, "event.dropped",
		    "%llu refusals came faster than they could be recorded",
		    (unsigned long long)dropped);
	pthread_mutex_unlock(&e->flush_lock);
}

/* All that have expired, however many: what could not be dropped now is dropped next time. */
static void
purge_challenges(struct registrar *r)
{
	uint64_t purged = PURGE_ROWS;

	while (purged == PURGE_ROWS && sg_regdb_challenge_purge(r->store, sg_clock_now(),
					   PURGE_ROWS, &purged, NULL) == SG_OK)
		continue;
}

static void *
flusher_main(void *arg)
{
	struct registrar *r = arg;

	for (unsigned round = 1;; round++) {
		struct timespec ts = {0, FLUSH_MS * 1000000};
		nanosleep(&ts, NULL);
		registrar_events_flush(r);
		registrar_end_if_dead(r); /* by a commit that nobody waited for */
		if (round % PURGE_EVERY == 0)
			purge_challenges(r);
	}
	return NULL;
}

enum sg_code
registrar_events_start(struct registrar *r, struct sg_err *err)
{
	struct events *e = sg_xalloc(sizeof *e);
	pthread_t thread;

	e->item = sg_xalloc(WAITING_MAX * sizeof *e->item);
	e->batch = sg_xalloc(WAITING_MAX * sizeof *e->batch);
	pthread_mutex_init(&e->lock, NULL);
	pthread_mutex_init(&e->flush_lock, NULL);
	r->events = e;
	int rc = pthread_create(&thread, NULL, flusher_main, r);
	if (rc != 0)
		return sg_fail(err, SG_E_NOMEM, "thread", "cannot start a thread: error %d", rc);
	pthread_detach(thread);
	return SG_OK;
}
