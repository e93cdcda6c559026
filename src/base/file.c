/* SPDX-License-Identifier: Apache-2.0 */

/*
 * file.c - reading and writing small files whole: by which roles, commands and the client keep
 * keys, certificates and lists, so that none is ever half there
 */

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

/* A pipe has no beginning to read from: it gives what it has. */
static ssize_t
read_at(int fd, uint8_t *p, size_t len, off_t at)
{
	ssize_t n;

	do {
		n = pread(fd, p, len, at);
		if (n < 0 && errno == ESPIPE)
			n = read(fd, p, len);
	} while (n < 0 && errno == EINTR);
	return n;
}

enum sg_code
sg_file_read_fd(int fd, const char *name, struct sg_buf *out, struct sg_err *err)
{
	uint8_t chunk[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = read_at(fd, chunk, sizeof chunk, at)) > 0 && out->failed == SG_OK) {
		sg_buf_put(out, chunk, (size_t)n);
		at += n;
	}
	int e = errno;
	sg_wipe(chunk, sizeof chunk);
	if (n < 0)
		return sg_fail(err, SG_E_IO, "file.read", "%s: %s", name, strerror(e));
	enum sg_code rc = sg_buf_check(out, err);
	if (rc != SG_OK)
		sg_err_prefix(err, "%s", name);
	return rc;
}

enum sg_code
sg_file_read(const char *path, struct sg_buf *out, struct sg_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		enum sg_code code = errno == ENOENT ? SG_E_NOTFOUND : SG_E_IO;
		return sg_fail(err, code, "file.open", "%s: %s", path, strerror(errno));
	}
	enum sg_code rc = sg_file_read_fd(fd, path, out, err);
	close(fd);
	return rc;
}

/* Nothing of the file that was to be written exists: its temporary one is removed, and made anew
 * when the caller tries again, so also where it was fsync that found no space. */
static enum sg_code
fail_write(const char *path, const char *what, int why, struct sg_err *err)
{
	bool full = why == ENOSPC || why == EDQUOT;

	return sg_fail(
	    err, SG_E_IO, full ? "file.full" : "file.write", "%s: %s%s", path, what, strerror(why));
}

static enum sg_code
write_all(int fd, const char *path, struct sg_slice content, struct sg_err *err)
{
	for (size_t at = 0; at < content.len;) {
		ssize_t n = write(fd, content.p + at, content.len - at);
		if (n > 0)
			at += (size_t)n;
		else if (n < 0 && errno != EINTR)
			return fail_write(path, "", errno, err);
	}
	if (fsync(fd) != 0)
		return fail_write(path, "fsync: ", errno, err);
	return SG_OK;
}

/* A file that was renamed exists after a power cut only when its directory is synced. */
static enum sg_code
sync_directory(const char *path, struct sg_err *err)
{
	char copy[PATH_MAX];
	snprintf(copy, sizeof copy, "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	int e = errno;
	if (fd >= 0)
		close(fd);
	if (!ok)
		return sg_fail(err, SG_E_IO, "file.write", "%s: directory: %s", path, strerror(e));
	return SG_OK;
}

static enum sg_code
write_temporary(const char *temporary, const char *path, struct sg_slice content, mode_t mode,
    struct sg_err *err)
{
	sg_ignore(unlink(temporary)); /* left over from a crash, if there */
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return fail_write(temporary, "", errno, err);
	enum sg_code rc = write_all(fd, path, content, err);
	close(fd);
	return rc;
}

static enum sg_code
write_by_rename(
    const char *path, struct sg_slice content, mode_t mode, bool replace, struct sg_err *err)
{
	char temporary[PATH_MAX];
	int n = snprintf(temporary, sizeof temporary, "%s.new%ld", path, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof temporary)
		return sg_fail(err, SG_E_USAGE, "file.path", "the path is too long: %s", path);
	enum sg_code rc = write_temporary(temporary, path, content, mode, err);
	if (rc == SG_OK) {
		int failed = replace ? rename(temporary, path) : link(temporary, path);
		if (failed != 0 && errno == EEXIST)
			rc = sg_fail(
			    err, SG_E_CONFLICT, "file.exists", "%s: is there already", path);
		else if (failed != 0)
			rc = fail_write(path, "", errno, err);
	}
	if (rc != SG_OK || !replace)
		sg_ignore(unlink(temporary));
	return rc == SG_OK ? sync_directory(path, err) : rc;
}

enum sg_code
sg_file_write(const char *path, struct sg_slice content, mode_t mode, struct sg_err *err)
{
	return write_by_rename(path, content, mode, true, err);
}

enum sg_code
sg_file_create(const char *path, struct sg_slice content, mode_t mode, struct sg_err *err)
{
	return write_by_rename(path, content, mode, false, err);
}
