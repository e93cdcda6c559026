/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include <unistd.h>

#include "base/clock.h"
#include "service/disk.h"
#include "service/log.h"

/* What is written to standard error meanwhile. */
static void
captured(char line[1024], void (*say)(void *arg, const char *what), void *arg, const char *what)
{
	int fd[2], was = dup(STDERR_FILENO);
	assert_int_equal(pipe(fd), 0);
	assert_true(dup2(fd[1], STDERR_FILENO) >= 0);
	say(arg, what);
	assert_true(dup2(was, STDERR_FILENO) >= 0);
	close(was);
	close(fd[1]);
	ssize_t n = read(fd[0], line, 1023);
	close(fd[0]);
	assert_true(n >= 0);
	line[n] = '\0';
}

static void
expect_line(struct sg_disk *d, const char *why, const char *want)
{
	char line[1024];
	captured(line, sg_disk_changed, d, why);
	assert_non_null(strstr(line, want));
	assert_ptr_equal(strchr(line, '\n') + 1, line + strlen(line));
}

static void
say_failure(void *arg, const char *id)
{
	(void)arg;
	sg_log(SG_LOG_ERROR, id, "a request failed");
}

static void
expect_failure(const char *id, bool said)
{
	char line[1024];
	captured(line, say_failure, NULL, id);
	assert_int_equal(line[0] != '\0', said);
}

static void
disk__full_and_room_again__said_and_shown(void **state)
{
	(void)state;
	struct sg_disk d = {.goes_on = "only revocations"};
	int64_t began = sg_clock_now();
	sg_log_setup("ca", SG_LOG_INFO);
	struct sg_api_disk shown = sg_disk_status(&d, 100, 100);
	assert_false(shown.full);
	assert_false(shown.has_since);
	expect_line(&d, "COMMIT", " ca error store.full the disk is full: only revocations until ");
	/* Not for each request again. */
	expect_failure("store.full", false);
	expect_failure("store.io", true);
	shown = sg_disk_status(&d, 100, 60);
	assert_true(shown.full);
	assert_true(shown.has_since);
	assert_in_range(shown.since, began * 1000000, sg_clock_now() * 1000000);
	assert_int_equal(shown.reserve, 100);
	assert_int_equal(shown.reserve_left, 60);
	expect_line(&d, NULL, " ca notice store.room the disk has room again");
	expect_failure("store.full", true);
	assert_false(sg_disk_status(&d, 100, 100).full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(disk__full_and_room_again__said_and_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
