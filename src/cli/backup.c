/* SPDX-License-Identifier: Apache-2.0 */

/*
 * backup.c - signet ca backup, signet registrar backup: a copy of the database of a role that runs,
 * in a file that is there when it is whole, and not before
 */

#include "cli/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/ask.h"
#include "db/backup.h"

#define MODE 0600

/* A file without a name, so that nothing of it stays whatever becomes of us; with one, beside
 * path, where the file system has no such files (NFS, FAT). */
struct target {
	const char *path;
	char folder[PATH_MAX];
	char temporary[PATH_MAX]; /* "": it has no name */
	int fd;
};

/* What went wrong here, and is not for want of an answer. */
static int
say(const struct cli_args *a, const struct sg_err *err)
{
	return cli_fail(a, err) == EXIT_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static enum sg_code
fail(const struct target *t, const char *what, struct sg_err *err)
{
	int why = errno;

	if (why == EEXIST)
		return sg_fail(err, SG_E_CONFLICT, "file.exists",
		    "%s: exists, and is not replaced: move it away, or give another name", t->path);
	return sg_fail(err, SG_E_IO, why == ENOSPC || why == EDQUOT ? "file.full" : "file.write",
	    "%s: %s: %s", t->path, what, strerror(why));
}

static enum sg_code
open_target(struct target *t, const char *path, struct sg_err *err)
{
	struct stat st;
	char copy[PATH_MAX];

	t->path = path;
	t->fd = -1;
	t->temporary[0] = '\0';
	int n = snprintf(copy, sizeof copy, "%s", path);
	if (n <= 0 || (size_t)n + sizeof ".new1234567890" > sizeof copy)
		return sg_fail(err, SG_E_USAGE, "file.path", "the path is empty or too long");
	snprintf(t->folder, sizeof t->folder, "%s", dirname(copy));
	if (lstat(path, &st) == 0) {
		errno = EEXIST;
		return fail(t, "", err);
	}
	t->fd = open(t->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, MODE);
	if (t->fd >= 0)
		return SG_OK;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return fail(t, "cannot be made", err);
	snprintf(t->temporary, sizeof t->temporary, "%s.new%ld", path, (long)getpid());
	t->fd = open(t->temporary, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, MODE);
	return t->fd >= 0 ? SG_OK : fail(t, "cannot be made", err);
}

/* It gets its name; never that of a file that exists. */
static bool
give_name(struct target *t)
{
	char by_fd[64];

	snprintf(by_fd, sizeof by_fd, "/proc/self/fd/%d", t->fd);
	if (t->temporary[0] == '\0')
		return linkat(AT_FDCWD, by_fd, AT_FDCWD, t->path, AT_SYMLINK_FOLLOW) == 0;
	if (link(t->temporary, t->path) == 0) {
		sg_ignore(unlink(t->temporary));
		return true;
	}
	return errno != EEXIST &&
	       renameat2(AT_FDCWD, t->temporary, AT_FDCWD, t->path, RENAME_NOREPLACE) == 0;
}

static bool
sync_folder(const struct target *t)
{
	int fd = open(t->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* All of it is there: on the disk with it, and is it what it has to be? Its name comes before it is
 * checked, since SQLite opens files by their names. */
static enum sg_code
finish(struct target *t, const struct sg_db_schema *schema, struct sg_err *err)
{
	if (fsync(t->fd) != 0 || !give_name(t))
		return fail(t, "cannot be written", err);
	t->temporary[0] = '\0';
	enum sg_code rc = sync_folder(t) ? SG_OK : fail(t, "folder", err);
	if (rc == SG_OK)
		rc = sg_db_backup_check(t->path, schema, err);
	if (rc != SG_OK)
		sg_ignore(unlink(t->path));
	return rc;
}

static void
drop(struct target *t)
{
	if (t->temporary[0] != '\0')
		sg_ignore(unlink(t->temporary));
	if (t->fd >= 0)
		close(t->fd);
}

int
cli_backup(
    const struct cli_args *a, const struct sg_api_route *route, const struct sg_db_schema *schema)
{
	struct target t;
	struct stat st = {0};
	struct sg_err err;

	if (strcmp(a->pos[0], "-") == 0) {
		if (isatty(STDOUT_FILENO) == 1)
			return cli_usage(a, "a database is nothing for a terminal: give a file");
		return cli_call_file(a, route, NULL, STDOUT_FILENO);
	}
	enum sg_code rc = open_target(&t, a->pos[0], &err);
	int code = rc == SG_OK ? cli_call_file(a, route, NULL, t.fd) : say(a, &err);
	if (code == EXIT_OK && finish(&t, schema, &err) != SG_OK)
		code = say(a, &err);
	if (code == EXIT_OK && fstat(t.fd, &st) == 0)
		printf("%s: the %s database, %lld bytes, checked\n", t.path, schema->name,
		    (long long)st.st_size);
	drop(&t);
	return code;
}
