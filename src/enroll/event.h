/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/event.h - what the client tells its caller while it works
 *
 * Threads: events come on the thread that called the client.
 */

#include <stdint.h>

enum sg_enroll_event_kind {
	SG_ENROLL_WARNING = 1, /* something that the owner should know; the work goes on */
	SG_ENROLL_WAIT,	       /* nobody answered, or not now: the exchange is repeated later */
};

struct sg_enroll_event {
	enum sg_enroll_event_kind kind;
	const char *text; /* one line for people; of a wait: why. Dies with the call */
	int64_t wait_ms;  /* SG_ENROLL_WAIT: how long */
};

struct sg_enroll_listener {
	void (*tell)(void *arg, const struct sg_enroll_event *event); /* NULL: nobody listens */
	void *arg;
};

/* Tell a warning, cut at 1023 bytes. */
void
sg_enroll_warn(const struct sg_enroll_listener *to, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void
sg_enroll_tell_wait(const struct sg_enroll_listener *to, int64_t wait_ms, const char *why);
