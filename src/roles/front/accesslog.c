/* SPDX-License-Identifier: Apache-2.0 */

/*
 * accesslog.c - lines gathered by the loop of HTTP, written by a thread that may wait for a disk
 *
 * The last that happens to a request: front.c hands over each record, http/w3clog.c words it, and
 * the supervisor is asked for another file when this one is full.
 */

#include "roles/front/accesslog.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "service/log.h"
#include "roles/front/budget.h"

#define GATHER (64u * 1024u) /* one write for some hundred lines */
#define ROUND_MS 1000
#define ASK_MS 1000		  /* the supervisor listens once a second */
#define SAY_MS (60 * 1000)	  /* trouble with the disk, in the log of the role */
#define REMARKS_MAX (64u * 1024u) /* as many addresses may be over at once */

struct accesslog {
	struct accesslog_conf conf;
	struct budget *served, *others;
	struct sg_buf line; /* of accesslog_put's thread */

	pthread_mutex_t lock; /* what follows */
	pthread_cond_t wake;
	struct sg_buf waiting;
	uint64_t waiting_lines, lost;
	bool hurry;  /* much waits, or another file */
	int next_fd; /* -1: none */

	pthread_mutex_t writing; /* what follows: the writer's, and of the end */
	struct sg_buf out;
	size_t at;  /* of out, written */
	bool begun; /* the file has its header */
	bool full;  /* it has no room for another line */
	uint64_t lost_told, lost_said;
	int64_t asked_ms, said_ms;
	int failed; /* errno of the last write, or 0 */
};

enum sg_code
front_accesslog_new(const struct accesslog_conf *conf, struct accesslog **ret, struct sg_err *err)
{
	struct budget_rule served = {
	    SG_ACCESS_SERVED_RATE, SG_ACCESS_BURST_S, conf->each, SG_ACCESS_ALL};
	struct budget_rule others = {SG_ACCESS_RATE, SG_ACCESS_BURST_S, conf->each, SG_ACCESS_ALL};
	struct accesslog *log = sg_alloc(sizeof *log);

	if (log == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	*log = (struct accesslog){.conf = *conf, .next_fd = -1};
	log->line.max = 2 * SG_ACCESS_LINE_MAX;
	log->waiting.max = log->out.max = SG_ACCESS_WAITING_MAX + REMARKS_MAX;
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&log->wake, &monotonic);
	pthread_mutex_init(&log->lock, NULL);
	pthread_mutex_init(&log->writing, NULL);
	enum sg_code rc = front_budget_new(&served, &log->served, err);
	if (rc == SG_OK)
		rc = front_budget_new(&others, &log->others, err);
	if (rc == SG_OK)
		*ret = log;
	else
		front_accesslog_free(&log);
	return rc;
}

void
front_accesslog_free(struct accesslog **logp)
{
	struct accesslog *log = *logp;

	if (log == NULL)
		return;
	*logp = NULL;
	front_budget_free(&log->served);
	front_budget_free(&log->others);
	sg_buf_clear(&log->line);
	sg_buf_clear(&log->waiting);
	sg_buf_clear(&log->out);
	if (log->next_fd >= 0)
		close(log->next_fd);
	close(log->conf.fd);
	pthread_mutex_destroy(&log->lock);
	pthread_cond_destroy(&log->wake);
	pthread_mutex_destroy(&log->writing);
	sg_free(log);
}

void
front_accesslog_put(struct accesslog *log, const struct sg_http_record *rec, bool served)
{
	struct budget *budget = served ? log->served : log->others;
	uint64_t addr = rec->client_addr == NULL ? 0 : sg_addr_key_text(rec->client_addr);
	int64_t now_ms = sg_clock_mono_ms();

	if (front_budget_turns_away(budget, addr, now_ms))
		return;
	/* A line is built apart: one that does not fit must not leave a piece. */
	sg_buf_reset(&log->line);
	sg_w3clog_line(&log->line, rec);
	bool ok = sg_buf_check(&log->line, NULL) == SG_OK;
	if (ok)
		front_budget_charge(budget, addr, log->line.len, now_ms);
	pthread_mutex_lock(&log->lock);
	if (!ok || log->line.len > SG_ACCESS_WAITING_MAX ||
	    log->waiting.len > SG_ACCESS_WAITING_MAX - log->line.len) {
		log->lost++;
	} else {
		size_t before = log->waiting.len;
		sg_buf_put_slice(&log->waiting, sg_buf_slice(&log->line));
		log->waiting_lines++;
		if (before < GATHER && log->waiting.len >= GATHER) {
			log->hurry = true;
			pthread_cond_signal(&log->wake);
		}
	}
	if (sg_buf_check(&log->waiting, NULL) != SG_OK) {
		/* No memory: the sticky failure is lifted by giving up what waits. */
		log->lost += log->waiting_lines;
		log->waiting_lines = 0;
		sg_buf_reset(&log->waiting);
	}
	pthread_mutex_unlock(&log->lock);
}

void
front_accesslog_reopen(struct accesslog *log, int fd)
{
	pthread_mutex_lock(&log->lock);
	if (log->next_fd >= 0)
		close(log->next_fd);
	log->next_fd = fd;
	log->hurry = true;
	pthread_cond_signal(&log->wake);
	pthread_mutex_unlock(&log->lock);
}

/* ---- the writer ---- */

static void
remark_over(void *arg, const struct budget_over *over)
{
	struct accesslog *log = arg;
	char text[160];

	snprintf(text, sizeof text, "%s: more than %llu bytes a second: %llu requests left out",
	    over->of, (unsigned long long)over->per_second, (unsigned long long)over->away);
	if (log->out.len < SG_ACCESS_WAITING_MAX + REMARKS_MAX - sizeof text - 64)
		sg_w3clog_remark(&log->out, sg_clock_now_us(), text);
}

static void
remark_lost(struct accesslog *log, uint64_t lost)
{
	char text[96];

	if (lost == log->lost_told)
		return;
	snprintf(text, sizeof text, "%llu lines were lost: the disk took none for too long",
	    (unsigned long long)(lost - log->lost_told));
	log->lost_told = lost;
	sg_w3clog_remark(&log->out, sg_clock_now_us(), text);
}

/* What waits becomes what is written, once the last such has been. */
static void
take_waiting(struct accesslog *log, int64_t now_ms, bool at_end)
{
	if (log->at < log->out.len)
		return;
	sg_buf_reset(&log->out);
	log->at = 0;
	pthread_mutex_lock(&log->lock);
	struct sg_buf full = log->waiting;
	log->waiting = log->out;
	log->out = full;
	log->waiting_lines = 0;
	uint64_t lost = log->lost;
	pthread_mutex_unlock(&log->lock);
	remark_lost(log, lost);
	front_budget_say(log->served, now_ms, at_end, remark_over, log);
	front_budget_say(log->others, now_ms, at_end, remark_over, log);
	/* No memory for a remark, which is then missing. */
	if (sg_buf_check(&log->out, NULL) != SG_OK)
		log->out.failed = SG_OK;
}

/* The rest of a line whose beginning the last file has: nobody could read it in the next. */
static void
skip_rest(struct accesslog *log)
{
	if (log->at == 0 || log->out.p[log->at - 1] == '\n')
		return;
	const uint8_t *lf = memchr(log->out.p + log->at, '\n', log->out.len - log->at);
	log->at = lf == NULL ? log->out.len : (size_t)(lf - log->out.p) + 1;
	pthread_mutex_lock(&log->lock);
	log->lost++;
	pthread_mutex_unlock(&log->lock);
}

static void
take_file(struct accesslog *log)
{
	pthread_mutex_lock(&log->lock);
	int fd = log->next_fd;
	log->next_fd = -1;
	pthread_mutex_unlock(&log->lock);
	if (fd < 0)
		return;
	close(log->conf.fd);
	log->conf.fd = fd;
	log->begun = false;
	skip_rest(log);
}

/* How many bytes the file may still take. */
static size_t
room(const struct accesslog *log)
{
	off_t size = lseek(log->conf.fd, 0, SEEK_END);

	if (size < 0)
		return SIZE_MAX; /* a pipe, a device: it has no size */
	return (uint64_t)size < log->conf.size_max ? (size_t)(log->conf.size_max - (uint64_t)size)
						   : 0;
}

/* Whole lines of s in at most max bytes. */
static size_t
whole_lines(struct sg_slice s, size_t max)
{
	if (s.len <= max)
		return s.len;
	const uint8_t *lf = memrchr(s.p, '\n', max);
	return lf == NULL ? 0 : (size_t)(lf - s.p) + 1;
}

static void
ask_for_file(struct accesslog *log, int64_t now_ms)
{
	if (log->asked_ms != 0 && now_ms - log->asked_ms < ASK_MS)
		return;
	log->asked_ms = now_ms > 0 ? now_ms : 1;
	log->conf.full();
}

/* Once for each file that this process writes to; false: the file takes nothing now. */
static bool
write_header(struct accesslog *log)
{
	sg_buf_scoped header = {0};

	if (log->begun)
		return true;
	sg_w3clog_header(&header, log->conf.software, sg_clock_now_us());
	if (header.failed != SG_OK)
		return false;
	if (header.len > room(log)) {
		log->full = true;
		return false;
	}
	log->begun = write(log->conf.fd, header.p, header.len) == (ssize_t)header.len;
	log->failed = log->begun ? 0 : errno;
	return log->begun;
}

/* As much as the file takes; O_APPEND writes of a file are not interleaved, and a short one is
 * continued. */
static void
write_out(struct accesslog *log)
{
	log->failed = 0;
	log->full = false;
	while (log->at < log->out.len && write_header(log)) {
		struct sg_slice rest = sg_slice(log->out.p + log->at, log->out.len - log->at);
		size_t space = room(log);
		size_t n = whole_lines(rest, space < GATHER ? space : GATHER);
		log->full = n == 0;
		if (log->full)
			return;
		ssize_t got = write(log->conf.fd, rest.p, n);
		if (got > 0)
			log->at += (size_t)got;
		else if (got == 0 || errno != EINTR) {
			log->failed = got < 0 ? errno : EIO;
			log->full = log->failed == EFBIG; /* a limit that is not ours */
			return;
		}
	}
}

static void
say_trouble(struct accesslog *log, int64_t now_ms)
{
	pthread_mutex_lock(&log->lock);
	uint64_t lost = log->lost - log->lost_said;
	pthread_mutex_unlock(&log->lock);
	if ((lost == 0 && log->failed == 0) ||
	    (log->said_ms != 0 && now_ms - log->said_ms < SAY_MS))
		return;
	log->said_ms = now_ms > 0 ? now_ms : 1;
	log->lost_said += lost;
	const char *why = log->full	     ? "the file is full and no other came"
			  : log->failed != 0 ? strerror(log->failed)
					     : "the disk could not keep up";
	sg_log(SG_LOG_WARNING, "http.log.write",
	    "access log: %s; lines wait, and %llu were lost: make room where the log is", why,
	    (unsigned long long)lost);
}

void
front_accesslog_write(struct accesslog *log, int64_t now_ms, bool at_end)
{
	pthread_mutex_lock(&log->writing);
	take_file(log);
	for (int n = 0; n < 2; n++) { /* what was left of the last round, and what came since */
		take_waiting(log, now_ms, at_end);
		write_out(log);
	}
	if (log->full)
		ask_for_file(log, now_ms);
	say_trouble(log, now_ms);
	pthread_mutex_unlock(&log->writing);
}

static void *
writer_main(void *arg)
{
	struct accesslog *log = arg;

	for (;;) {
		int64_t ms = sg_clock_mono_ms() + ROUND_MS;
		struct timespec until = {ms / 1000, ms % 1000 * 1000000};
		pthread_mutex_lock(&log->lock);
		while (!log->hurry && pthread_cond_timedwait(&log->wake, &log->lock, &until) == 0)
			continue;
		log->hurry = false;
		pthread_mutex_unlock(&log->lock);
		front_accesslog_write(log, sg_clock_mono_ms(), false);
	}
	return NULL;
}

enum sg_code
front_accesslog_start(struct accesslog *log, struct sg_err *err)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, writer_main, log);

	if (rc != 0)
		return sg_fail(err, SG_E_NOMEM, "thread", "cannot start a thread: error %d", rc);
	pthread_detach(thread);
	return SG_OK;
}
