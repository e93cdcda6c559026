/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/owner.h"

#define STRANGER 12345u

/* folder/a/b/file, and folder/link to a/b */
static char folder[64];

static const char *
at(const char *name)
{
	static char path[4][PATH_MAX];
	static unsigned turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
	return path[turn];
}

static void
be(const char *name, uid_t user, gid_t group, mode_t mode)
{
	assert_int_equal(lchown(at(name), user, group), 0);
	assert_int_equal(chmod(at(name), mode), 0);
}

static int
set_up(void **state)
{
	(void)state;
	const char *base = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%.40s/sg-owner-XXXXXX", base == NULL ? "/tmp" : base);
	if (mkdtemp(folder) == NULL || mkdir(at("a"), 0755) != 0 || mkdir(at("a/b"), 0755) != 0 ||
	    symlink("a/b", at("link")) != 0 || symlink("../../link", at("a/b/up")) != 0 ||
	    symlink("loop", at("loop")) != 0)
		return -1;
	int fd = open(at("a/b/file"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return fd < 0 || close(fd) != 0 ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(at("a/b/file"));
	unlink(at("a/b/up"));
	unlink(at("link"));
	unlink(at("loop"));
	rmdir(at("a/b"));
	rmdir(at("a"));
	return rmdir(folder);
}

static enum sg_code
check(const char *name, struct sg_err *err)
{
	int fd = open(at(name), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	enum sg_code rc = sg_owner_check_file(fd, at(name), err);
	close(fd);
	return rc == SG_OK ? sg_owner_check_way(at(name), err) : rc;
}

static void
holds(const char *name)
{
	struct sg_err err = {0};

	if (check(name, &err) != SG_OK)
		fail_msg("%s", err.text);
}

/* Refused, and the text has both words. */
static void
refused(const char *name, const char *one, const char *two)
{
	struct sg_err err = {0};

	assert_int_equal(check(name, &err), SG_E_DENIED);
	assert_string_equal(err.rule, "file.owner");
	if (strstr(err.text, one) == NULL || strstr(err.text, two) == NULL)
		fail_msg("want \"%s\" and \"%s\" in: %s", one, two, err.text);
}

static void
owner_check__ours__holds(void **state)
{
	(void)state;
	holds("a/b/file");
	holds("link/file");
	holds("a/b/up/file");
	holds("link/../b/./file");
	be("a/b/file", geteuid(), getegid(), 0644);
	holds("a/b/file");
}

static void
owner_check__others_may_write__refused(void **state)
{
	uid_t me = geteuid();
	gid_t other = me + 1; /* only root may give it away; else the mode of others is enough */

	(void)state;
	be("a/b/file", me, getegid(), 0602);
	refused("a/b/file", "a/b/file may be written by others", "chmod go-w");
	be("a/b/file", me, getegid(), 0600);
	be("a", me, getegid(), 0777);
	refused("a/b/file", "/a, a directory on the way, may be written", "chmod go-w");
	refused("link/file", "/a, a directory", "0777");
	refused("a/b/up/file", "/a, a directory", "0777");
	be("a", me, getegid(), 01777); /* as /tmp */
	holds("a/b/file");
	if (me == 0) {
		be("a", me, other, 0775);
		refused("a/b/file", "group 1", "0775");
		be("a/b/file", me, other, 0660);
		refused("a/b/file", "a/b/file may be", "group 1");
		be("a/b/file", me, getegid(), 0600);
		be("a", me, me, 0775); /* the owner's private group */
		holds("a/b/file");
	}
	be("a", me, getegid(), 0755);
}

static void
owner_check__another_users__refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	be("a/b/file", STRANGER, 0, 0600);
	refused("a/b/file", "belongs to user 12345", "chown -h 0 ");
	be("a/b/file", 0, 0, 0600);
	be("a", STRANGER, STRANGER, 0755);
	refused("a/b/file", "/a, a directory on the way, belongs to user 12345", "chown");
	refused("link/file", "/a, a directory", "12345");
	be("a", STRANGER, STRANGER, 01777);
	refused("a/b/file", "/a, a directory", "12345");
	be("a", 0, 0, 0755);
	/* In a sticky directory anyone may put a link. */
	assert_int_equal(lchown(at("link"), STRANGER, STRANGER), 0);
	refused("link/file", "/link, a link on the way, belongs to user 12345", "chown -h 0 ");
	refused("a/b/up/file", "/link, a link", "12345");
	assert_int_equal(lchown(at("link"), 0, 0), 0);
	holds("link/file");
}

static void
owner_check__user_who_starts__trusted_beside_root(void **state)
{
	struct sg_err err = {0};

	(void)state;
	if (geteuid() != 0)
		skip();
	be("a/b/file", STRANGER, STRANGER, 0600);
	be("a", STRANGER, STRANGER, 0755);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(seteuid(STRANGER), 0);
	enum sg_code rc = check("a/b/file", &err);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(rc, SG_OK);
	assert_int_equal(seteuid(STRANGER + 1), 0);
	rc = sg_owner_check_way(at("a/b/file"), &err);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(rc, SG_E_DENIED);
	be("a/b/file", 0, 0, 0600);
	be("a", 0, 0, 0755);
}

/* The way to where we are counts as well. */
static void
owner_check__relative__from_where_we_are(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(chdir(at("a")), 0);
	assert_int_equal(sg_owner_check_way("b/file", &err), SG_OK);
	assert_int_equal(sg_owner_check_way("../link/file", &err), SG_OK);
	be("a", geteuid(), getegid(), 0777);
	assert_int_equal(sg_owner_check_way("b/file", &err), SG_E_DENIED);
	assert_non_null(strstr(err.text, at("a")));
	be("a", geteuid(), getegid(), 0755);
	assert_int_equal(chdir("/"), 0);
}

static void
owner_check__no_file__not_for_us_to_say(void **state)
{
	struct sg_err err = {0};
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(sg_owner_check_way(at("none/of/these"), &err), SG_OK);
	assert_int_equal(sg_owner_check_way(at("loop"), &err), SG_E_IO);
	assert_int_equal(sg_owner_check_file(fd, "/dev/null", &err), SG_OK); /* mode 0666 */
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(owner_check__ours__holds),
	    cmocka_unit_test(owner_check__others_may_write__refused),
	    cmocka_unit_test(owner_check__another_users__refused),
	    cmocka_unit_test(owner_check__user_who_starts__trusted_beside_root),
	    cmocka_unit_test(owner_check__relative__from_where_we_are),
	    cmocka_unit_test(owner_check__no_file__not_for_us_to_say),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
