/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * loop_test.h - loops that last, and fibers that write down what they did
 */

#include "unit/base/base_test.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "fiber/loop.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define SOON_MS 20000 /* nothing here takes so long: a failure, not a wait */

/* Loops live as long as their process: they are kept where a leak check sees them. */
static struct sg_loop *volatile kept[64];
static size_t kept_n;

static inline struct sg_loop *
new_loop(void)
{
	struct sg_err err = {0};
	struct sg_loop *loop = NULL;
	assert_true(kept_n < sizeof kept / sizeof kept[0]);
	assert_int_equal(sg_loop_new(&loop, &err), SG_OK);
	kept[kept_n++] = loop;
	return loop;
}

static inline void
start(struct sg_loop *loop)
{
	struct sg_err err = {0};
	assert_int_equal(sg_loop_start(loop, &err), SG_OK);
}

static inline struct sg_loop *
new_started(void)
{
	struct sg_loop *loop = new_loop();
	start(loop);
	return loop;
}

static inline void
spawn(struct sg_loop *loop, void (*run)(void *arg), void *arg)
{
	struct sg_err err = {0};
	assert_int_equal(sg_loop_spawn(loop, run, arg, &err), SG_OK);
}

static inline void
wait_for(atomic_int *n, int want)
{
	for (int tries = 0; *n < want; tries++) {
		if (tries > SOON_MS)
			fail_msg("%d of %d", *n, want);
		usleep(1000);
	}
}

/* What fibers did, in order. */
struct notes {
	struct sg_loop *loop;
	atomic_int n;
	char text[256];
};

static inline void
note(struct notes *notes, char c)
{
	notes->text[notes->n] = c;
	atomic_fetch_add(&notes->n, 1);
}

/* A fiber with something to do. */
struct actor {
	struct notes *notes;
	struct actor *other;
	char name;
	struct sg_parker parker;
	atomic_bool parked;
	pid_t thread; /* that runs it, set before parked */
};

static inline void
nothing(void *arg)
{
	sg_ignore(arg != NULL);
}

static inline int
lowest_free(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	close(fd);
	return fd;
}

static inline void
park_and_note(void *arg)
{
	struct actor *a = arg;
	sg_parker_init(&a->parker);
	a->thread = gettid();
	a->parked = true;
	sg_park(&a->parker, SG_CLOCK_NEVER);
	note(a->notes, a->name);
}

/* Until an actor has parked and the thread of its loop sleeps, as the kernel says. */
static inline void
wait_asleep(const struct actor *a)
{
	char path[64], text[256];
	for (int ms = 0; ms < SOON_MS; ms++) {
		usleep(1000);
		if (!a->parked)
			continue;
		snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)a->thread);
		FILE *f = fopen(path, "r");
		assert_non_null(f);
		size_t n = fread(text, 1, sizeof text - 1, f);
		fclose(f);
		text[n] = '\0';
		const char *name_end = strrchr(text, ')');
		if (name_end != NULL && strncmp(name_end, ") S ", 4) == 0)
			return;
	}
	fail_msg("the loop does not sleep");
}
