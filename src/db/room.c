/* SPDX-License-Identifier: Apache-2.0 */

/*
 * db/room.c - the reserve: makes it, gives it up in pieces, makes it again. When, the writer
 * says (writer.c)
 */

#include "db/room.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

#define CHUNK 65536u
#define BESIDES 8 /* this part of it must be free besides, to begin to record everything again */

static bool
is_no_space(int why)
{
	return why == ENOSPC || why == EDQUOT || why == EFBIG;
}

static enum sg_code
fail(const struct sg_room *room, int why, struct sg_err *err)
{
	if (is_no_space(why))
		return sg_fail(err, SG_E_IO, "store.full",
		    "%s: no space left for the reserve of revocations: free some", room->path);
	return sg_fail(
	    err, SG_E_IO, "store.reserve", "%s: cannot be written: %s", room->path, strerror(why));
}

/* One piece at its place, so that it is on the disk; errno. */
static int
write_piece(int fd, uint64_t at)
{
	uint8_t *chunk = sg_alloc(CHUNK);
	int why = chunk == NULL ? ENOMEM : 0;

	for (uint64_t end = at + SG_ROOM_PIECE; why == 0 && at < end;) {
		size_t n = 0;
		while (n < CHUNK && why == 0) {
			ssize_t got = getrandom(chunk + n, CHUNK - n, 0);
			if (got > 0)
				n += (size_t)got;
			else if (errno != EINTR)
				why = errno;
		}
		for (size_t done = 0; done < n && why == 0;) {
			ssize_t put = pwrite(fd, chunk + done, n - done, (off_t)(at + done));
			if (put > 0)
				done += (size_t)put;
			else if (errno != EINTR)
				why = errno;
		}
		at += n;
	}
	if (why == 0 && fdatasync(fd) != 0)
		why = errno;
	sg_free(chunk);
	return why;
}

/* What is there from before: whole pieces that really take their space. */
static uint64_t
pieces_of(const struct stat *st, uint64_t want)
{
	uint64_t size = (uint64_t)st->st_size, taken = (uint64_t)st->st_blocks * 512;

	if (taken < size)
		return 0; /* a copy with holes */
	size = size < want ? size : want;
	return size - size % SG_ROOM_PIECE;
}

/* Open the file where that has not been done; errno. */
static int
open_file(struct sg_room *room)
{
	struct stat st;

	if (room->fd >= 0)
		return 0;
	int fd = open(room->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return errno;
	int why = fstat(fd, &st) != 0 ? errno : 0;
	if (why == 0 && !S_ISREG(st.st_mode))
		why = EINVAL;
	if (why == 0) {
		room->have = pieces_of(&st, room->want);
		if ((uint64_t)st.st_size != room->have && ftruncate(fd, (off_t)room->have) != 0)
			why = errno;
	}
	if (why != 0)
		close(fd);
	else
		room->fd = fd;
	return why;
}

/* Does the file system say that it has room for what is missing, and some besides? */
static bool
may_fit(const struct sg_room *room)
{
	struct statvfs fs;

	if (fstatvfs(room->fd, &fs) != 0 || fs.f_blocks == 0)
		return true; /* it does not say: writing will */
	uint64_t missing = room->want - room->have;
	return (uint64_t)fs.f_bavail * fs.f_frsize >= missing + room->want / BESIDES;
}

static int
fill(struct sg_room *room)
{
	uint64_t upto = room->want + room->want / BESIDES;
	int why = open_file(room);

	if (why == 0 && !may_fit(room))
		return ENOSPC;
	for (uint64_t at = room->have; why == 0 && at < upto; at += SG_ROOM_PIECE) {
		why = write_piece(room->fd, at);
		if (why == 0 && at < room->want)
			room->have = at + SG_ROOM_PIECE;
	}
	if (room->fd >= 0 && ftruncate(room->fd, (off_t)room->have) != 0 && why == 0)
		why = errno;
	return why;
}

SG_RC
sg_room_fill(struct sg_room *room, struct sg_err *err)
{
	pthread_mutex_lock(&room->lock);
	int why = fill(room);
	pthread_mutex_unlock(&room->lock);
	return why == 0 ? SG_OK : fail(room, why, err);
}

/* On a small disk it is smaller: two of them, and the databases, fit on it. */
static uint64_t
fitting(const char *folder, uint64_t want)
{
	struct statvfs fs;

	if (statvfs(folder, &fs) == 0 && fs.f_blocks > 0) {
		uint64_t part = (uint64_t)fs.f_blocks * fs.f_frsize / 5 * 2;
		want = want < part ? want : part;
	}
	return want - want % SG_ROOM_PIECE;
}

SG_RC
sg_room_open(struct sg_room *room, const char *database, uint64_t want, struct sg_err *err)
{
	sg_buf_scoped path = {0};

	if (want == 0)
		return SG_OK;
	sg_buf_puts(&path, database);
	sg_buf_puts(&path, ".reserve");
	enum sg_code rc = sg_buf_check(&path, err);
	if (rc != SG_OK)
		return rc;
	room->path = sg_memdup(sg_buf_text(&path), path.len);
	if (room->path == NULL)
		return sg_fail(err, SG_E_NOMEM, "store.memory", "%s: out of memory", database);
	room->want = fitting(database, want);
	int why = open_file(room);
	if (why == 0 || is_no_space(why))
		return SG_OK;
	return sg_fail(err, SG_E_CONF, "store.reserve",
	    "%s: cannot be opened: %s; it is a file that keeps room for revocations: move away "
	    "what is in its place, and check the folder",
	    room->path, strerror(why));
}

void
sg_room_close(struct sg_room *room)
{
	if (room->fd >= 0)
		close(room->fd);
	room->fd = -1;
	sg_free(room->path);
	room->path = NULL;
}

bool
sg_room_give(struct sg_room *room, uint64_t pieces)
{
	pthread_mutex_lock(&room->lock);
	bool given = pieces <= room->have / SG_ROOM_PIECE;
	if (given) {
		room->have -= pieces * SG_ROOM_PIECE;
		/* Synchronised, since some file systems hand out freed blocks only after that.
		 * Where this fails, what the piece was given for will fail and say so. */
		sg_ignore(ftruncate(room->fd, (off_t)room->have) != 0 || fsync(room->fd) != 0);
	}
	pthread_mutex_unlock(&room->lock);
	return given;
}

bool
sg_room_is_whole(struct sg_room *room)
{
	pthread_mutex_lock(&room->lock);
	bool whole = room->have >= room->want;
	pthread_mutex_unlock(&room->lock);
	return whole;
}

bool
sg_room_is_beside(struct sg_room *room, const char *folder)
{
	struct stat ours, theirs;

	pthread_mutex_lock(&room->lock);
	bool beside = room->fd >= 0 && fstat(room->fd, &ours) == 0 && stat(folder, &theirs) == 0 &&
		      ours.st_dev == theirs.st_dev;
	pthread_mutex_unlock(&room->lock);
	return beside;
}
