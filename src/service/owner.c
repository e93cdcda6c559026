/* SPDX-License-Identifier: Apache-2.0 */

/*
 * owner.c - who may change the files that the supervisor opens before it trusts them
 */

#include "service/owner.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as the kernel follows */

static bool
is_trusted(uid_t user)
{
	return user == 0 || user == geteuid();
}

static bool
others_may_write(const struct stat *st)
{
	bool private_group = st->st_gid == st->st_uid;
	return (st->st_mode & 002) != 0 || ((st->st_mode & 020) != 0 && !private_group);
}

static enum sg_code
bad_owner(const char *path, const char *of, const struct stat *st, struct sg_err *err)
{
	unsigned me = (unsigned)geteuid();
	char or_me[24] = "";

	if (me != 0)
		snprintf(or_me, sizeof or_me, " or user %u", me);
	return sg_fail(err, SG_E_DENIED, "file.owner",
	    "%.200s%s belongs to user %u, want root%s: who owns it can exchange what is read; run: "
	    "chown -h %u %.200s",
	    path, of, (unsigned)st->st_uid, or_me, me, path);
}

static enum sg_code
bad_mode(const char *path, const char *of, const struct stat *st, struct sg_err *err)
{
	return sg_fail(err, SG_E_DENIED, "file.owner",
	    "%.200s%s may be written by others (mode %04o, group %u), who can exchange what is "
	    "read; run: chmod go-w %.200s",
	    path, of, (unsigned)st->st_mode & 07777, (unsigned)st->st_gid, path);
}

enum sg_code
sg_owner_check_file(int fd, const char *path, struct sg_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return sg_fail(err, SG_E_IO, "file.open", "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return SG_OK;
	if (!is_trusted(st.st_uid))
		return bad_owner(path, "", &st, err);
	return others_may_write(&st) ? bad_mode(path, "", &st, err) : SG_OK;
}

static enum sg_code
check_directory(const char *path, const struct stat *st, struct sg_err *err)
{
	if (!is_trusted(st->st_uid))
		return bad_owner(path, ", a directory on the way,", st, err);
	/* In a sticky one each can only rename and remove what is his own. */
	if (others_may_write(st) && (st->st_mode & S_ISVTX) == 0)
		return bad_mode(path, ", a directory on the way,", st, err);
	return SG_OK;
}

/* Where a walk is: done is a directory that was checked, "" for the root. */
struct way {
	char done[PATH_MAX], rest[PATH_MAX];
	unsigned links;
};

static enum sg_code
too_long(const char *path, struct sg_err *err)
{
	return sg_fail(err, SG_E_USAGE, "file.path", "the path is too long: %.200s", path);
}

/* Go on with what a link says in place of its name. */
static enum sg_code
follow(struct way *w, const char *link, const struct stat *st, const char *path, struct sg_err *err)
{
	char target[PATH_MAX], rest[PATH_MAX];

	if (!is_trusted(st->st_uid))
		return bad_owner(link, ", a link on the way,", st, err);
	ssize_t len = readlink(link, target, sizeof target - 1);
	if (len < 0 || ++w->links > LINKS_MAX)
		return sg_fail(err, SG_E_IO, "file.open", "%.200s: cannot follow this link", link);
	target[len] = '\0';
	int n = snprintf(rest, sizeof rest, "%s/%s", target, w->rest);
	if (n < 0 || (size_t)n >= sizeof rest)
		return too_long(path, err);
	memcpy(w->rest, rest, (size_t)n + 1);
	if (target[0] == '/')
		w->done[0] = '\0';
	return SG_OK;
}

/* Take the first name of rest off; false when there is none. */
static bool
next_name(struct way *w, char name[NAME_MAX + 1])
{
	const char *from = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(from, "/");

	snprintf(name, NAME_MAX + 1, "%.*s", (int)len, from);
	memmove(w->rest, from + len, strlen(from + len) + 1);
	return len > 0;
}

static void
go_up(struct way *w)
{
	char *slash = strrchr(w->done, '/');

	if (slash != NULL)
		*slash = '\0';
}

static enum sg_code
step(struct way *w, const char *name, const char *path, struct sg_err *err)
{
	char at[PATH_MAX];
	struct stat st;

	if (strcmp(name, ".") == 0)
		return SG_OK;
	if (strcmp(name, "..") == 0) {
		go_up(w);
		return SG_OK;
	}
	int n = snprintf(at, sizeof at, "%s/%s", w->done, name);
	if (n < 0 || (size_t)n >= sizeof at)
		return too_long(path, err);
	if (lstat(at, &st) != 0)
		return SG_OK; /* the caller that opens it says so */
	if (S_ISLNK(st.st_mode))
		return follow(w, at, &st, path, err);
	memcpy(w->done, at, (size_t)n + 1);
	return S_ISDIR(st.st_mode) ? check_directory(at, &st, err) : SG_OK;
}

enum sg_code
sg_owner_check_way(const char *path, struct sg_err *err)
{
	struct way w = {.done = ""};
	char name[NAME_MAX + 1], here[PATH_MAX] = "";
	struct stat st;

	if (path[0] != '/' && getcwd(here, sizeof here) == NULL)
		return sg_fail(err, SG_E_IO, "file.open", "%.200s: %s", path, strerror(errno));
	int n = snprintf(w.rest, sizeof w.rest, "%s/%s", here, path);
	if (n < 0 || (size_t)n >= sizeof w.rest)
		return too_long(path, err);
	enum sg_code rc = stat("/", &st) == 0 ? check_directory("/", &st, err) : SG_OK;
	while (rc == SG_OK && next_name(&w, name))
		rc = step(&w, name, path, err);
	return rc;
}
