/* SPDX-License-Identifier: Apache-2.0 */

/*
 * logs.c - the access log's files: another one when front's is full, or when it was moved
 *
 * front may open nothing, so it asks; whether the file is full is looked at here, and at most once
 * a second, so that a compromised front can only have older logs thrown away. While front has the
 * file before this one open it gets no other: what it holds is on the disk although it is thrown
 * away, and thousands of them would fill it.
 */

#include "roles/supervisor/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "roles/supervisor/supervisor_private.h"
#include "conf/files.h"
#include "service/channel.h"
#include "service/log.h"

#define EVERY_MS 1000  /* no more files */
#define LOOK_MS 10000  /* was it moved? */
#define AGAIN_MS 60000 /* after a failure, which is said once a minute then */
#define HELD_SAID 5    /* looks, a second apart: front lets go at once, or when its disk does */
/* front asks when a line or the header does not fit: it is full within so many bytes. */
#define FULL_WITHIN ((off_t)(2 * SG_ACCESS_LINE_MAX))

static struct handout *
access_log(struct supervisor *s)
{
	for (size_t n = 0; n < s->handouts.n; n++)
		if (s->handouts.item[n].kind == SG_CONF_FILE_LOG)
			return &s->handouts.item[n];
	return NULL;
}

/* access.log.2 becomes access.log.3 and so on; what is older than `keep` is replaced. */
static bool
move_older(const char *path, uint64_t keep)
{
	char from[PATH_MAX], to[PATH_MAX];

	for (uint64_t n = keep; n > 0; n--) {
		int a = n == 1 ? snprintf(from, sizeof from, "%s", path)
			       : snprintf(
				     from, sizeof from, "%s.%llu", path, (unsigned long long)n - 1);
		int b = snprintf(to, sizeof to, "%s.%llu", path, (unsigned long long)n);
		if (a >= (int)sizeof from || b >= (int)sizeof to) {
			errno = ENAMETOOLONG;
			return false;
		}
		if (rename(from, to) != 0 && errno != ENOENT)
			return false;
	}
	return keep > 0 || unlink(path) == 0 || errno == ENOENT;
}

/* A lease for reading is granted when nobody has the file open for writing. Where there are none,
 * on some network file systems, nobody can know. */
static bool
is_held(const struct supervisor *s)
{
	if (!s->log.has_old)
		return false;
	bool held = fcntl(s->log.old, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
	sg_ignore(fcntl(s->log.old, F_SETLEASE, F_UNLCK) != 0);
	return held;
}

static void
remember_old(struct supervisor *s, int fd)
{
	char path[48];

	if (s->log.has_old)
		close(s->log.old);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	s->log.old = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	s->log.has_old = s->log.old >= 0;
}

static const struct child *
child_of(const struct supervisor *s, const struct handout *h)
{
	size_t n = 0;

	while (s->child[n].service != h->role)
		n++;
	return &s->child[n];
}

/* The new file, for front now and whenever it is started again. */
static void
hand_over(struct supervisor *s, struct handout *h, int fd)
{
	const struct child *c = child_of(s, h);
	struct sg_err err = {0};

	remember_old(s, h->fd);
	close(h->fd);
	h->fd = fd;
	if (c->channel < 0 ||
	    sg_channel_send(c->channel, SG_PACKET_FILE, h->name, fd, &err) == SG_OK)
		return;
	sg_log(SG_LOG_WARNING, "supervisor.send", "%s: process %d does not take its log: %s",
	    h->role->name, (int)c->pid, err.text);
	kill(c->pid, SIGKILL);
}

static void
failed(struct supervisor *s, const char *what, const char *path)
{
	sg_log(SG_LOG_ERROR, "supervisor.log", "cannot %s %s: %s; tried again in a minute", what,
	    path, strerror(errno));
	s->log.look_ms = s->log.next_ms = sg_clock_mono_ms() + AGAIN_MS;
}

/* False: not before front has let go of what it had. */
static bool
may_have_another(struct supervisor *s, const struct handout *h)
{
	if (!is_held(s)) {
		s->log.held = 0;
		return true;
	}
	if (++s->log.held % (AGAIN_MS / EVERY_MS) == HELD_SAID)
		sg_log(SG_LOG_WARNING, "supervisor.log.held",
		    "%s (process %d) still has the access log before this one open, and gets no "
		    "other until it lets go",
		    h->role->name, (int)child_of(s, h)->pid);
	s->log.wanted = true;
	return false;
}

/* Another file when this one is full, or no longer at its path. */
static void
look(struct supervisor *s, struct handout *h)
{
	struct stat st, at;
	sg_buf_scoped full = {0};

	sg_conf_put_path(&full, s->given->conf_path, s->conf->front.access_log);
	const char *path = sg_buf_text(&full);
	/* A pipe or a device has no size and is nobody's to move. */
	if (full.failed != SG_OK || fstat(h->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	bool there = stat(path, &at) == 0 && at.st_dev == st.st_dev && at.st_ino == st.st_ino;
	off_t max = (off_t)(s->conf->front.access_log_size << 20);
	if (there && st.st_size <= max - FULL_WITHIN)
		return;
	s->log.next_ms = sg_clock_mono_ms() + EVERY_MS;
	if (!may_have_another(s, h))
		return;
	if (there && !move_older(path, s->conf->front.access_log_keep)) {
		failed(s, "move", path);
		return;
	}
	int fd = supervisor_log_open(path, false);
	if (fd < 0)
		failed(s, "open", path);
	else
		hand_over(s, h, fd);
}

void
supervisor_log_wanted(struct supervisor *s, const struct child *role, const char *name)
{
	const struct handout *h = access_log(s);

	if (h != NULL && h->role == role->service && strcmp(name, h->name) == 0)
		s->log.wanted = true;
}

void
supervisor_log_look(struct supervisor *s)
{
	s->log.wanted = true;
	s->log.next_ms = 0;
}

void
supervisor_log_due(struct supervisor *s, int64_t *next_ms)
{
	struct handout *h = access_log(s);
	int64_t now = sg_clock_mono_ms();

	if (h == NULL)
		return;
	if ((s->log.wanted && s->log.next_ms <= now) || s->log.look_ms <= now) {
		s->log.wanted = false;
		s->log.next_ms = now + EVERY_MS;
		s->log.look_ms = now + LOOK_MS;
		look(s, h);
	}
	if (s->log.look_ms < *next_ms)
		*next_ms = s->log.look_ms;
	if (s->log.wanted && s->log.next_ms < *next_ms)
		*next_ms = s->log.next_ms;
}
