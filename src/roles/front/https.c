/* SPDX-License-Identifier: Apache-2.0 */

/*
 * https.c - the certificates of HTTPS: read at the start, exchanged while front serves, and watched
 * until they end
 *
 * New ones come on the channel's thread and are judged and read there, so that no device waits for
 * it; the loop of HTTP takes them over in its next turn.
 */

#include "roles/front/https.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/date.h"
#include "roles/front/state.h"
#include "service/channel.h"
#include "service/fitness.h"
#include "service/https.h"
#include "service/log.h"

#define WARN_S (14 * INT64_C(86400))
#define SAID_EVERY_MS (INT64_C(86400) * 1000)
#define WATCH_S 3600

/* What was read, on its way to the loop. */
struct fresh {
	struct sg_tls_server *server;
	struct sg_https_end end;
};

struct https {
	size_t n;
	/* Of the channel's thread: a list that has not come whole; -1: not yet. */
	int chain_fd[SG_TLS_PAIRS_MAX], key_fd[SG_TLS_PAIRS_MAX];
	struct fresh *_Atomic fresh;
	/* Of the loop's thread. */
	struct sg_https_end end;
	struct event *watch;
	int64_t said_ms; /* monotonic; 0: not yet */
};

static void
close_files(struct https *h)
{
	for (size_t n = 0; n < h->n; n++) {
		if (h->chain_fd[n] >= 0)
			close(h->chain_fd[n]);
		if (h->key_fd[n] >= 0)
			close(h->key_fd[n]);
		h->chain_fd[n] = h->key_fd[n] = -1;
	}
}

/* Of the files that have come; closes them. */
static enum sg_code
load(struct https *h, struct fresh *ret, struct sg_err *err)
{
	sg_https_scoped https = {0};
	struct sg_service_told told = {.err = err};
	enum sg_code rc = SG_OK;

	for (size_t n = 0; rc == SG_OK && n < h->n; n++)
		rc = sg_https_add(&https, h->chain_fd[n], h->key_fd[n], err);
	close_files(h);
	if (rc != SG_OK)
		return rc;
	sg_https_judge(&https, sg_clock_now(), sg_service_told_start, &told, &ret->end);
	if (told.fatal)
		return SG_E_CONF;
	return sg_tls_server_new(https.pair, https.n, &ret->server, err);
}

static void
say_until(const char *rule, const char *what, const struct sg_https_end *end)
{
	sg_buf_scoped date = {0};

	sg_date_put(&date, end->at);
	sg_log(SG_LOG_NOTICE, rule, "%s, until %s (front.tls[%zu])", what, sg_buf_text(&date),
	    end->item);
}

enum sg_code
front_https_start(struct front *f, struct sg_tls_server **ret, struct sg_err *err)
{
	struct fresh first = {0};
	char name[48];

	*ret = NULL;
	if (f->ctx->conf->front.tls.n == 0)
		return SG_OK;
	struct https *h = f->https = sg_xalloc(sizeof *h);
	h->n = f->ctx->conf->front.tls.n;
	for (size_t n = 0; n < h->n; n++) {
		snprintf(name, sizeof name, "front.tls[%zu].certificate", n);
		h->chain_fd[n] = sg_service_take_fd(f->ctx, name);
		snprintf(name, sizeof name, "front.tls[%zu].key", n);
		h->key_fd[n] = sg_service_take_fd(f->ctx, name);
	}
	enum sg_code rc = load(h, &first, err);
	if (rc != SG_OK)
		return rc;
	say_until("tls.used", "certificates for HTTPS are in use", &first.end);
	h->end = first.end;
	*ret = first.server;
	return SG_OK;
}

static void
watch(evutil_socket_t fd, short what, void *arg)
{
	struct https *h = arg;
	sg_buf_scoped date = {0};
	int64_t now = sg_clock_mono_ms();

	(void)fd, (void)what;
	int64_t left = h->end.at - sg_clock_now();
	if (left > WARN_S || (h->said_ms != 0 && now - h->said_ms < SAID_EVERY_MS))
		return;
	h->said_ms = now;
	sg_date_put(&date, h->end.at);
	sg_log(SG_LOG_WARNING, "tls.ends",
	    "'front.tls[%zu].certificate': it %s at %s, and after that clients refuse this server; "
	    "renew it",
	    h->end.item, left > 0 ? "ends" : "ended", sg_buf_text(&date));
}

enum sg_code
front_https_watch(struct front *f, struct sg_err *err)
{
	struct timeval every = {WATCH_S, 0};
	struct https *h = f->https;

	if (h == NULL)
		return SG_OK;
	h->watch = event_new(f->base, -1, EV_PERSIST, watch, h);
	if (h->watch == NULL || event_add(h->watch, &every) != 0)
		return sg_fail(err, SG_E_NOMEM, "front.loop", "cannot make a timer");
	event_active(h->watch, EV_TIMEOUT, 0);
	return SG_OK;
}

/* The place of a file that came; NULL: it is none of ours. */
static int *
place_of(struct https *h, const char *name)
{
	char own[48];

	for (size_t n = 0; n < h->n; n++) {
		snprintf(own, sizeof own, "front.tls[%zu].certificate", n);
		if (strcmp(name, own) == 0)
			return &h->chain_fd[n];
		snprintf(own, sizeof own, "front.tls[%zu].key", n);
		if (strcmp(name, own) == 0)
			return &h->key_fd[n];
	}
	return NULL;
}

static bool
is_whole(const struct https *h)
{
	for (size_t n = 0; n < h->n; n++)
		if (h->chain_fd[n] < 0 || h->key_fd[n] < 0)
			return false;
	return true;
}

static void
free_fresh(struct fresh *fresh)
{
	if (fresh == NULL)
		return;
	sg_tls_server_free(&fresh->server);
	sg_free(fresh);
}

bool
front_https_file(struct front *f, const char *name, int fd)
{
	struct https *h = f->https;
	int *place = h == NULL ? NULL : place_of(h, name);
	struct sg_err err;

	if (place == NULL)
		return false;
	if (*place >= 0)
		close(*place); /* of a list that was not ended */
	*place = fd;
	if (!is_whole(h))
		return true;
	struct fresh *fresh = sg_xalloc(sizeof *fresh);
	bool taken = load(h, fresh, &err) == SG_OK;
	if (taken) {
		say_until("tls.renewed", "new certificates for HTTPS are in use", &fresh->end);
		free_fresh(atomic_exchange(&h->fresh, fresh));
		sg_loop_wake(f->ctx->loop);
	} else {
		free_fresh(fresh);
		sg_log(SG_LOG_WARNING, "tls.refused",
		    "%s; the certificates that are in use stay, and the files are looked at again "
		    "when one changes",
		    err.text);
	}
	sg_ignore(sg_channel_send(
	    SG_CHANNEL_FD, taken ? SG_PACKET_TAKEN : SG_PACKET_KEPT, "front.tls", -1, NULL));
	return true;
}

void
front_https_turn(struct front *f)
{
	struct https *h = f->https;
	struct fresh *fresh = h == NULL ? NULL : atomic_exchange(&h->fresh, NULL);

	if (fresh == NULL)
		return;
	sg_http_server_set_tls(f->server, fresh->server);
	h->end = fresh->end;
	h->said_ms = 0;
	event_active(h->watch, EV_TIMEOUT, 0);
	free_fresh(fresh);
}
