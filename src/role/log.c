/* SPDX-License-Identifier: Apache-2.0 */

#include "role/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

#define TEXT_MAX 1024u

static const char *role_name = "signet";
static enum sg_log_level least = SG_LOG_NOTICE;
static const char *_Atomic left_out;

void
sg_log_setup(const char *role, enum sg_log_level level)
{
	role_name = role;
	least = level;
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

	const char *without = atomic_load(&left_out);
	if (level > least || (without != NULL && strcmp(id, without) == 0))
		return;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	sg_put_time(&line, sg_now());
	sg_buf_printf(&line, " %s %s ", role_name, words[level]);
	/* Whoever owns a sibling chooses what it says, and a line is one line. */
	sg_escape_line(&line, sg_slice_str(id), TEXT_MAX);
	sg_buf_puts(&line, " ");
	sg_escape_line(&line, sg_slice_str(text), TEXT_MAX);
	sg_buf_puts(&line, "\n");
	if (line.failed == SG_OK)
		sg_ignore(write(STDERR_FILENO, line.p, line.len) < 0); /* nowhere left to say it */
}
