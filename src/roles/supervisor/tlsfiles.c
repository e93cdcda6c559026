/* SPDX-License-Identifier: Apache-2.0 */

/*
 * tlsfiles.c - the files of `front.tls`, watched and handed to front again when they were replaced
 *
 * front may open nothing. So every few seconds the supervisor looks at the paths; when something
 * changed, and two looks agree, it opens all of them, and front gets copies: sealed files in
 * memory, so that nobody changes what front reads, neither who writes over a file in its place nor
 * front what its successor gets. front says whether it uses them. Until then, and when it refuses,
 * those before them stay what it gets when it is started again. What is in the files is not looked
 * at here.
 */

#include "roles/supervisor/tlsfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "roles/supervisor/supervisor_private.h"
#include "service/channel.h"
#include "service/log.h"

#define LOOK_MS 2000
#define FILE_MAX (1u << 20) /* front reads less */
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* All zero: there is no file. */
static void
remember(const struct stat *st, struct tls_look *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->dev = st->st_dev;
	ret->ino = st->st_ino;
	ret->size = st->st_size;
	ret->mtime_s = st->st_mtim.tv_sec;
	ret->mtime_ns = st->st_mtim.tv_nsec;
	ret->mode = st->st_mode;
	ret->owner = st->st_uid;
}

static bool
is_same(const struct tls_look *a, const struct tls_look *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_s == b->mtime_s && a->mtime_ns == b->mtime_ns && a->mode == b->mode &&
	       a->owner == b->owner;
}

/* Its bytes do not pass through the memory of this process. */
static enum sg_code
copy(int from, struct tls_look *ret_look, int *ret, struct sg_err *err)
{
	struct stat st;
	off_t at = 0;
	ssize_t n = 0;

	if (fstat(from, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		return sg_fail(err, SG_E_CONF, "conf.file",
		    "want a regular file of at most %u bytes", FILE_MAX);
	int fd = memfd_create("front.tls", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	while (fd >= 0 && at < st.st_size &&
	       (n = sendfile(fd, from, &at, (size_t)(st.st_size - at))) != 0)
		if (n < 0 && errno != EINTR)
			break;
	if (fd < 0 || n < 0 || fcntl(fd, F_ADD_SEALS, SEALS) != 0) {
		int e = errno;
		if (fd >= 0)
			close(fd);
		return sg_fail(err, SG_E_IO, "conf.file", "cannot copy it: %s", strerror(e));
	}
	remember(&st, ret_look);
	*ret = fd;
	return SG_OK;
}

void
supervisor_tls_init(struct supervisor *s, struct sg_conf_errors *errs)
{
	struct sg_conf_file f = {0};

	while (sg_conf_file_next(s->conf, &f)) {
		struct tls_file *file = &s->tls.file[s->tls.n];
		struct handout *h = NULL;
		struct sg_err err;
		int fd;
		if (f.kind != SG_CONF_FILE_TLS_CERTIFICATE && f.kind != SG_CONF_FILE_TLS_KEY)
			continue;
		for (size_t n = 0; n < s->handouts.n; n++)
			if (strcmp(s->handouts.item[n].name, f.option) == 0)
				h = &s->handouts.item[n];
		if (h == NULL)
			continue; /* told already */
		*file = (struct tls_file){.conf = f, .handout = h, .fresh = -1};
		if (copy(h->fd, &file->tried, &fd, &err) != SG_OK) {
			sg_conf_error_add(errs, sg_conf_line(s->conf, f.option), err.rule,
			    "'%s': %s", f.option, err.text);
			continue;
		}
		close(h->fd);
		h->fd = fd;
		file->seen = file->tried;
		s->tls.n++;
	}
}

static const struct child *
front_of(const struct supervisor *s)
{
	size_t n = 0;

	while (s->child[n].service != s->tls.file[0].handout->role)
		n++;
	return &s->child[n];
}

static void
send_fresh(struct supervisor *s)
{
	const struct child *c = front_of(s);
	struct sg_err err;
	enum sg_code rc = SG_OK;

	if (c->channel < 0 || !c->ready)
		return; /* when it serves again */
	for (size_t n = 0; rc == SG_OK && n < s->tls.n; n++)
		rc = sg_channel_send(c->channel, SG_PACKET_FILE, s->tls.file[n].conf.option,
		    s->tls.file[n].fresh, &err);
	if (rc == SG_OK)
		return;
	sg_log(SG_LOG_WARNING, "supervisor.send",
	    "%s: process %d does not take its certificates: %s", c->service->name, (int)c->pid,
	    err.text);
	kill(c->pid, SIGKILL);
}

static void
drop_fresh(struct supervisor *s)
{
	for (size_t n = 0; n < s->tls.n; n++) {
		if (s->tls.file[n].fresh >= 0)
			close(s->tls.file[n].fresh);
		s->tls.file[n].fresh = -1;
	}
	s->tls.waits = false;
}

/* Open all of them, and give them to front. */
static void
hand_over(struct supervisor *s)
{
	struct sg_err err;

	for (size_t n = 0; n < s->tls.n; n++)
		s->tls.file[n].tried = s->tls.file[n].seen;
	for (size_t n = 0; n < s->tls.n; n++) {
		struct tls_file *file = &s->tls.file[n];
		int fd;
		enum sg_code rc = supervisor_file_open(s->given->conf_path, &file->conf, &fd, &err);
		if (rc == SG_OK) {
			rc = copy(fd, &file->tried, &file->fresh, &err);
			close(fd);
		}
		if (rc == SG_OK)
			continue;
		sg_log(SG_LOG_WARNING, "tls.file",
		    "'%s': %s; the certificates that are in use stay, and the files are looked at "
		    "again when one changes",
		    file->conf.option, err.text);
		drop_fresh(s);
		return;
	}
	s->tls.waits = true;
	send_fresh(s);
}

static void
look(struct supervisor *s, bool at_once)
{
	bool changed = false, settled = true;

	for (size_t n = 0; n < s->tls.n; n++) {
		struct tls_file *file = &s->tls.file[n];
		sg_buf_scoped path = {0};
		struct tls_look is = {0};
		struct stat st;
		sg_conf_put_path(&path, s->given->conf_path, file->conf.path);
		if (stat(sg_buf_text(&path), &st) == 0)
			remember(&st, &is);
		changed |= !is_same(&is, &file->tried);
		settled &= is_same(&is, &file->seen);
		file->seen = is;
	}
	if (changed && (settled || at_once) && !s->tls.waits)
		hand_over(s);
}

void
supervisor_tls_look(struct supervisor *s)
{
	s->tls.at_once = true;
	s->tls.look_ms = 0;
}

void
supervisor_tls_due(struct supervisor *s, int64_t *next_ms)
{
	int64_t now = sg_clock_mono_ms();

	if (s->tls.n == 0)
		return;
	if (s->tls.look_ms <= now) {
		look(s, s->tls.at_once);
		s->tls.at_once = false;
		s->tls.look_ms = now + LOOK_MS;
	}
	if (s->tls.look_ms < *next_ms)
		*next_ms = s->tls.look_ms;
}

static bool
is_front(const struct supervisor *s, const struct child *role)
{
	return s->tls.waits && role == front_of(s);
}

void
supervisor_tls_ready(struct supervisor *s, const struct child *role)
{
	if (is_front(s, role))
		send_fresh(s);
}

void
supervisor_tls_answered(
    struct supervisor *s, const struct child *role, const char *name, bool taken)
{
	if (!is_front(s, role) || strcmp(name, "front.tls") != 0)
		return;
	for (size_t n = 0; taken && n < s->tls.n; n++) {
		struct tls_file *file = &s->tls.file[n];
		close(file->handout->fd);
		file->handout->fd = file->fresh;
		file->fresh = -1;
	}
	drop_fresh(s);
}
