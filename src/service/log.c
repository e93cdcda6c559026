/* SPDX-License-Identifier: Apache-2.0 */

/*
 * log.c - lines on standard error, of each kind only so many: strangers cause some of them
 */

#include "service/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/escape.h"
#include "base/limits.h"

#define TEXT_MAX 1024u
#define KINDS 64u /* words that share a place share what they have */

/* What a kind of line has used up: LINE_MS for each, paid back with time. */
struct kind {
	int64_t debt_ms, at_ms;
	uint64_t left_out;
};

static const char *role_name = "signet";
static enum sg_log_level least = SG_LOG_NOTICE;
static const char *_Atomic left_out;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kind kinds[KINDS];

void
sg_log_setup(const char *role, enum sg_log_level level)
{
	role_name = role;
	least = level;
}

static struct kind *
kind_of(const char *id)
{
	uint32_t h = 5381;
	for (; *id != '\0'; id++)
		h = h * 33 + (uint8_t)*id;
	return &kinds[h % KINDS];
}

/* False: it had its share. Else *ret_left_out is how many were left out before. */
static bool
may_say(const char *id, int64_t now_ms, uint64_t *ret_left_out)
{
	struct kind *k = kind_of(id);

	pthread_mutex_lock(&lock);
	int64_t passed = now_ms > k->at_ms ? now_ms - k->at_ms : 0;
	k->debt_ms = passed > k->debt_ms ? 0 : k->debt_ms - passed;
	k->at_ms = now_ms > k->at_ms ? now_ms : k->at_ms;
	bool may = k->debt_ms + SG_LOG_LINE_MS <= SG_LOG_BURST * SG_LOG_LINE_MS;
	*ret_left_out = k->left_out;
	k->left_out = may ? 0 : k->left_out + 1;
	k->debt_ms += may ? SG_LOG_LINE_MS : 0;
	pthread_mutex_unlock(&lock);
	return may;
}

void
sg_log_leave_out(const char *id)
{
	atomic_store(&left_out, id);
}

void
sg_log(enum sg_log_level level, const char *id, const char *fmt, ...)
{
	static const char *const words[] = {"error", "warning", "notice", "info"};
	char text[TEXT_MAX];
	sg_buf_scoped line = {0};
	uint64_t more;

	const char *without = atomic_load(&left_out);
	if (level > least || (without != NULL && strcmp(id, without) == 0) ||
	    !may_say(id, sg_clock_mono_ms(), &more))
		return;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	sg_date_put(&line, sg_clock_now());
	sg_buf_printf(&line, " %s %s ", role_name, words[level]);
	/* A compromised sibling says what it likes, and a line is one line. */
	sg_escape_put_line(&line, sg_slice_str(id), TEXT_MAX);
	sg_buf_puts(&line, " ");
	sg_escape_put_line(&line, sg_slice_str(text), TEXT_MAX);
	if (more > 0)
		sg_buf_printf(
		    &line, " (and %llu more lines of this kind)", (unsigned long long)more);
	sg_buf_puts(&line, "\n");
	if (line.failed == SG_OK)
		sg_ignore(write(STDERR_FILENO, line.p, line.len) < 0); /* nowhere left to say it */
}
