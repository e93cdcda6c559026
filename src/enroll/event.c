/* SPDX-License-Identifier: Apache-2.0 */

/*
 * event.c - what the client tells its caller while it works; everything that is no failure goes
 * through here
 */

#include "enroll/event.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

void
sg_enroll_warn(const struct sg_enroll_listener *to, const char *fmt, ...)
{
	char text[1024];
	struct sg_enroll_event event = {.kind = SG_ENROLL_WARNING, .text = text};
	va_list ap;

	if (to->tell == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	to->tell(to->arg, &event);
}

void
sg_enroll_tell_wait(const struct sg_enroll_listener *to, int64_t wait_ms, const char *why)
{
	struct sg_enroll_event event = {.kind = SG_ENROLL_WAIT, .text = why, .wait_ms = wait_ms};

	if (to->tell != NULL)
		to->tell(to->arg, &event);
}
