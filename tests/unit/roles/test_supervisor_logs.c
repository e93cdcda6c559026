/* SPDX-License-Identifier: Apache-2.0 */

/* test_supervisor_logs.c - when front gets another file for the access log, and which */

#include "unit/base/base_test.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "conf/files.h"
#include "service/channel.h"
#include "roles/services.h"
#include "roles/supervisor/handout.h"
#include "roles/supervisor/logs.h"
#include "roles/supervisor/supervisor_private.h"

#define SIZE (1 << 20)
#define ACCESS_LOG "front.access-log"

/* As in roles/services.c. */
enum { FRONT, REGISTRAR };

struct bed {
	struct supervisor s;
	struct supervisor_conf given;
	struct sg_conf conf;
	char dir[64], conf_path[80], access_log[16];
	int front; /* its end of the channel */
};

static char *
path_of(const struct bed *t, const char *name)
{
	static char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", t->dir, name);
	return path;
}

static int
bed_make(void **state)
{
	static struct bed bed;
	int fd[2];
	bed = (struct bed){.dir = "/tmp/signet-logs-XXXXXX", .access_log = "log"};
	assert_non_null(mkdtemp(bed.dir));
	snprintf(bed.conf_path, sizeof bed.conf_path, "%s/signet.yaml", bed.dir);
	bed.given.conf_path = bed.conf_path;
	bed.conf.front.access_log = bed.access_log;
	bed.conf.front.access_log_size = 1;
	bed.conf.front.access_log_keep = 2;
	bed.given.services = roles_services;
	bed.s.given = &bed.given;
	for (size_t n = FRONT; n <= REGISTRAR; n++)
		bed.s.child[n] = (struct child){.service = roles_services[n], .channel = -1};
	bed.s.conf = &bed.conf;
	bed.s.handouts.n = 1;
	bed.s.handouts.item[0] = (struct handout){roles_services[FRONT], SG_CONF_FILE_LOG,
	    ACCESS_LOG, supervisor_log_open(path_of(&bed, "log"), true)};
	assert_true(bed.s.handouts.item[0].fd >= 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd), 0);
	bed.s.child[FRONT].channel = fd[0];
	bed.front = fd[1];
	assert_int_equal(fcntl(bed.front, F_SETFL, O_NONBLOCK), 0);
	*state = &bed;
	return 0;
}

static int
bed_drop(void **state)
{
	struct bed *t = *state;
	static const char *const names[] = {"log", "log.1", "log.2", "log.3"};
	for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
		sg_ignore(unlink(path_of(t, names[n])) != 0);
	rmdir(t->dir);
	supervisor_handouts_close(&t->s.handouts);
	if (t->s.log.has_old)
		close(t->s.log.old);
	close(t->s.child[FRONT].channel);
	close(t->front);
	return 0;
}

/* What front was sent: a descriptor of the file at this path, or nothing. */
static bool
got_file(struct bed *t)
{
	static struct sg_packet p;
	struct stat sent, at;
	struct sg_err err = {0};
	if (sg_channel_receive(t->front, &p, &err) != SG_OK)
		return false;
	assert_int_equal(p.kind, SG_PACKET_FILE);
	assert_string_equal(p.name, ACCESS_LOG);
	assert_int_equal(fstat(p.fd, &sent), 0);
	assert_int_equal(stat(path_of(t, "log"), &at), 0);
	assert_int_equal(sent.st_ino, at.st_ino);
	assert_true((fcntl(p.fd, F_GETFL) & (O_APPEND | O_ACCMODE)) == (O_APPEND | O_WRONLY));
	close(p.fd);
	return true;
}

static void
fill(struct bed *t, off_t size)
{
	assert_int_equal(ftruncate(t->s.handouts.item[0].fd, size), 0);
}

static int64_t
due(struct bed *t)
{
	int64_t next_ms = INT64_MAX;
	supervisor_log_due(&t->s, &next_ms);
	return next_ms;
}

/* As if the pauses were over. */
static void
pause_over(struct bed *t)
{
	t->s.log.next_ms = 0;
}

static off_t
size_of(struct bed *t, const char *name)
{
	struct stat st;
	return stat(path_of(t, name), &st) == 0 ? st.st_size : -1;
}

static void
due__not_full__nothing_whatever_front_says(void **state)
{
	struct bed *t = *state;
	fill(t, SIZE / 2);
	for (int n = 0; n < 100; n++) {
		supervisor_log_wanted(&t->s, &t->s.child[FRONT], ACCESS_LOG);
		pause_over(t);
		due(t);
	}
	assert_false(got_file(t));
	assert_int_equal(size_of(t, "log.1"), -1);
}

static void
due__full__older_ones_move_and_the_oldest_goes(void **state)
{
	struct bed *t = *state;
	due(t);
	for (int n = 0; n < 4; n++) {
		fill(t, SIZE - n);
		supervisor_log_wanted(&t->s, &t->s.child[FRONT], ACCESS_LOG);
		pause_over(t);
		due(t);
		assert_true(got_file(t));
		assert_int_equal(size_of(t, "log"), 0);
		assert_int_equal(size_of(t, "log.1"), SIZE - n);
		assert_int_equal(size_of(t, "log.2"), n == 0 ? -1 : SIZE - n + 1);
		assert_int_equal(size_of(t, "log.3"), -1);
	}
}

static void
due__full_again_at_once__after_a_second(void **state)
{
	struct bed *t = *state;
	fill(t, SIZE);
	supervisor_log_wanted(&t->s, &t->s.child[FRONT], ACCESS_LOG);
	due(t);
	assert_true(got_file(t));
	int64_t now = sg_clock_mono_ms();
	fill(t, SIZE);
	supervisor_log_wanted(&t->s, &t->s.child[FRONT], ACCESS_LOG);
	/* However slow this machine is: what is due is not before a second after the last one. */
	int64_t next = due(t);
	if (!got_file(t)) {
		assert_in_range(next, now - 1000, now + 1000);
		pause_over(t);
		due(t);
		assert_true(got_file(t));
	}
}

static void
wanted__another_role_or_name__nothing(void **state)
{
	struct bed *t = *state;
	due(t);
	fill(t, SIZE);
	pause_over(t);
	supervisor_log_wanted(&t->s, &t->s.child[REGISTRAR], ACCESS_LOG);
	supervisor_log_wanted(&t->s, &t->s.child[FRONT], "ca.key");
	assert_false(t->s.log.wanted);
	due(t);
	assert_false(got_file(t));
}

static void
due__keep_0__one_file(void **state)
{
	struct bed *t = *state;
	t->conf.front.access_log_keep = 0;
	fill(t, SIZE);
	supervisor_log_wanted(&t->s, &t->s.child[FRONT], ACCESS_LOG);
	due(t);
	assert_true(got_file(t));
	assert_int_equal(size_of(t, "log"), 0);
	assert_int_equal(size_of(t, "log.1"), -1);
}

static void
look__moved__new_file_nothing_renamed(void **state)
{
	struct bed *t = *state;
	char moved[PATH_MAX];
	due(t);
	fill(t, 7);
	snprintf(moved, sizeof moved, "%s", path_of(t, "log.3"));
	assert_int_equal(rename(path_of(t, "log"), moved), 0);
	supervisor_log_look(&t->s);
	due(t);
	assert_true(got_file(t));
	assert_int_equal(size_of(t, "log"), 0);
	assert_int_equal(size_of(t, "log.1"), -1);
	assert_int_equal(size_of(t, "log.3"), 7);
	supervisor_log_look(&t->s);
	due(t);
	assert_false(got_file(t));
}

/* The directory has gone: said, and tried again in a minute; front keeps what it has. */
static void
due__cannot_open__later(void **state)
{
	struct bed *t = *state;
	int fd = t->s.handouts.item[0].fd;
	char gone[sizeof t->access_log] = "no/log";
	assert_int_equal(unlink(path_of(t, "log")), 0);
	memcpy(t->access_log, gone, sizeof gone);
	supervisor_log_look(&t->s);
	int64_t now = sg_clock_mono_ms();
	assert_true(due(t) >= now + 60000);
	assert_false(got_file(t));
	assert_int_equal(t->s.handouts.item[0].fd, fd);
}

static void
look__link_in_its_place__not_followed(void **state)
{
	struct bed *t = *state;
	char elsewhere[PATH_MAX];
	assert_int_equal(unlink(path_of(t, "log")), 0);
	snprintf(elsewhere, sizeof elsewhere, "%s", path_of(t, "log.9"));
	assert_int_equal(symlink(elsewhere, path_of(t, "log")), 0);
	supervisor_log_look(&t->s);
	due(t);
	assert_false(got_file(t));
	assert_int_equal(size_of(t, "log.9"), -1);
	assert_int_equal(unlink(path_of(t, "log")), 0);
}

static void
due__no_regular_file__left_alone(void **state)
{
	struct bed *t = *state;
	close(t->s.handouts.item[0].fd);
	t->s.handouts.item[0].fd = open("/dev/null", O_WRONLY);
	supervisor_log_look(&t->s);
	due(t);
	assert_false(got_file(t));
}

static void
due__front_is_dead__its_next_start_has_the_file(void **state)
{
	struct bed *t = *state;
	int channel = t->s.child[FRONT].channel;
	struct stat held, at;
	t->s.child[FRONT].channel = -1;
	fill(t, SIZE);
	supervisor_log_look(&t->s);
	due(t);
	assert_int_equal(fstat(t->s.handouts.item[0].fd, &held), 0);
	assert_int_equal(stat(path_of(t, "log"), &at), 0);
	assert_int_equal(held.st_ino, at.st_ino);
	assert_int_equal(size_of(t, "log.1"), SIZE);
	t->s.child[FRONT].channel = channel;
}

/* Not every network file system has them. */
static bool
has_leases(const struct bed *t)
{
	int fd = open(path_of(t, "log.3"), O_RDONLY | O_CREAT, 0600);
	bool has = fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
	close(fd);
	return has;
}

/* Held files are on the disk although they are thrown away: whoever owns front has one. */
static void
due__front_holds_the_one_before__no_other(void **state)
{
	struct bed *t = *state;
	if (!has_leases(t))
		skip();
	int held = fcntl(t->s.handouts.item[0].fd, F_DUPFD_CLOEXEC, 0);
	due(t);
	for (int n = 0; n < 20; n++) {
		fill(t, SIZE);
		supervisor_log_wanted(&t->s, &t->s.child[FRONT], ACCESS_LOG);
		pause_over(t);
		due(t);
		assert_int_equal(got_file(t), n == 0);
	}
	assert_int_equal(size_of(t, "log.2"), -1);
	assert_true(t->s.log.wanted); /* tried again without a word of front's */
	close(held);
	pause_over(t);
	due(t);
	assert_true(got_file(t));
	assert_int_equal(size_of(t, "log.2"), SIZE);
}

static void
open__pipe_without_a_reader__does_not_wait(void **state)
{
	struct bed *t = *state;
	assert_int_equal(mkfifo(path_of(t, "log.3"), 0600), 0);
	int fd = supervisor_log_open(path_of(t, "log.3"), true);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	int reader = open(path_of(t, "log.3"), O_RDONLY | O_NONBLOCK);
	assert_int_equal(write(fd, "line\n", 5), 5);
	char line[8];
	assert_int_equal(read(reader, line, sizeof line), 5);
	close(fd);
	fd = supervisor_log_open(path_of(t, "log.3"), true);
	assert_int_equal(
	    fcntl(fd, F_GETFL) & (O_APPEND | O_ACCMODE | O_NONBLOCK), O_APPEND | O_WRONLY);
	close(fd);
	close(reader);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, bed_make, bed_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(due__not_full__nothing_whatever_front_says),
	    CASE(due__full__older_ones_move_and_the_oldest_goes),
	    CASE(due__full_again_at_once__after_a_second),
	    CASE(wanted__another_role_or_name__nothing),
	    CASE(due__keep_0__one_file),
	    CASE(look__moved__new_file_nothing_renamed),
	    CASE(due__cannot_open__later),
	    CASE(look__link_in_its_place__not_followed),
	    CASE(due__no_regular_file__left_alone),
	    CASE(due__front_holds_the_one_before__no_other),
	    CASE(open__pipe_without_a_reader__does_not_wait),
	    CASE(due__front_is_dead__its_next_start_has_the_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
