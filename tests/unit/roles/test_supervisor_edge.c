/* SPDX-License-Identifier: Apache-2.0 */

/* test_supervisor_edge.c - who gets a new socket, and when */

#include "unit/base/base_test.h"
#include "unit/conf/conf_test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "service/channel.h"
#include "roles/services.h"
#include "roles/supervisor/edge.h"
#include "roles/supervisor/supervisor_private.h"

/* As in roles/services.c, and their edges in that order. */
enum { FRONT, REGISTRAR, KEYD, CA, ROLES };
enum { EDGE_REGISTRAR_CA = 2, EDGES };

/* A supervisor whose roles are processes that do nothing; their ends of the channels are here. */
struct bed {
	struct supervisor s;
	int role[ROLES];
};

static void
start_one(struct bed *t, size_t role)
{
	int fd[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		for (;;)
			pause();
	t->s.child[role].pid = pid;
	t->s.child[role].channel = fd[0];
	t->role[role] = fd[1];
}

static void
end_one(struct bed *t, size_t role)
{
	kill(t->s.child[role].pid, SIGKILL);
	assert_int_equal(waitpid(t->s.child[role].pid, NULL, 0), t->s.child[role].pid);
	close(t->s.child[role].channel);
	close(t->role[role]);
	t->s.child[role].pid = 0;
	t->s.child[role].channel = -1;
}

/* Its sections are what counts. */
static struct sg_conf *
conf_of_all(void)
{
	static struct sg_conf_errors errs;
	struct sg_conf *conf = NULL;
	assert_int_equal(sg_conf_parse(sg_slice_str(SMALL_TEXT), "x.yaml", &conf, &errs), SG_OK);
	return conf;
}

static int
bed_make(void **state)
{
	static struct bed bed;
	static const struct supervisor_conf given = {.services = roles_services};
	bed = (struct bed){0};
	bed.s.given = &given;
	bed.s.conf = conf_of_all();
	supervisor_children_init(&bed.s);
	assert_int_equal(bed.s.child_n, ROLES);
	assert_int_equal(bed.s.edge_n, EDGES);
	for (size_t role = 0; role < ROLES; role++)
		start_one(&bed, role);
	*state = &bed;
	return 0;
}

static int
bed_drop(void **state)
{
	struct bed *t = *state;
	for (size_t role = 0; role < ROLES; role++)
		if (t->s.child[role].pid != 0)
			end_one(t, role);
	sg_conf_free(&t->s.conf);
	return 0;
}

/* The socket that a role is sent now, or -1; its edge must be this one. */
static int
receive(struct bed *t, size_t role, const char *edge)
{
	static struct sg_packet p;
	struct sg_err err = {0};
	int flags = fcntl(t->role[role], F_GETFL);
	assert_int_equal(fcntl(t->role[role], F_SETFL, flags | O_NONBLOCK), 0);
	if (sg_channel_receive(t->role[role], &p, &err) != SG_OK)
		return -1;
	assert_int_equal(p.kind, SG_PACKET_EDGE);
	assert_string_equal(p.name, edge);
	assert_true(p.fd >= 0);
	return p.fd;
}

/* Both have an end of one socket. */
static void
expect_pair(struct bed *t, size_t a, size_t b, const char *edge)
{
	char c = 0;
	int fd_a = receive(t, a, edge), fd_b = receive(t, b, edge);
	assert_true(fd_a >= 0 && fd_b >= 0);
	assert_int_equal(write(fd_a, "x", 1), 1);
	assert_int_equal(read(fd_b, &c, 1), 1);
	assert_int_equal(c, 'x');
	close(fd_a);
	assert_int_equal(read(fd_b, &c, 1), 0); /* nobody else has it */
	close(fd_b);
}

static void
expect_nothing(struct bed *t)
{
	for (size_t role = 0; role < ROLES; role++)
		if (t->s.child[role].pid != 0)
			assert_int_equal(receive(t, role, ""), -1);
}

static int64_t
connect_due(struct bed *t)
{
	int64_t next_ms = SG_CLOCK_NEVER;
	supervisor_edges_connect_due(&t->s, &next_ms);
	return next_ms;
}

/* When the next registrar-ca is due; nothing is sent, however late it is. */
static int64_t
due_of(const struct bed *t)
{
	return t->s.edge[EDGE_REGISTRAR_CA].due_ms;
}

/* Until something that is due has been done. */
static void
wait_until(struct bed *t, int64_t due_ms)
{
	int64_t next_ms;
	while ((next_ms = connect_due(t)) == due_ms)
		usleep(5000);
	assert_int_equal(next_ms, SG_CLOCK_NEVER);
	assert_true(sg_clock_mono_ms() >= due_ms);
}

static void
connect__role_started__its_edges_where_the_other_lives(void **state)
{
	struct bed *t = *state;
	end_one(t, CA);
	supervisor_edges_connect(&t->s, &t->s.child[REGISTRAR]);
	expect_pair(t, FRONT, REGISTRAR, "front-registrar");
	expect_pair(t, REGISTRAR, KEYD, "registrar-keyd");
	expect_nothing(t);
	start_one(t, CA);
	supervisor_edges_connect(&t->s, &t->s.child[CA]);
	expect_pair(t, REGISTRAR, CA, "registrar-ca");
	expect_nothing(t);
}

static void
ended__newest__another_one_later(void **state)
{
	struct bed *t = *state;
	supervisor_edges_connect(&t->s, &t->s.child[CA]);
	expect_pair(t, REGISTRAR, CA, "registrar-ca");
	int64_t before = sg_clock_mono_ms();
	supervisor_edge_ended(&t->s, &t->s.child[REGISTRAR], "registrar-ca 1");
	int64_t due = due_of(t);
	/* Not at once, and no more than one a second. */
	assert_true(due > before && due <= sg_clock_mono_ms() + 1000);
	expect_nothing(t);
	wait_until(t, due);
	expect_pair(t, REGISTRAR, CA, "registrar-ca");
	supervisor_edge_ended(&t->s, &t->s.child[REGISTRAR], "registrar-ca 2");
	assert_true(due_of(t) >= due + 1000);
	expect_nothing(t);
}

/* The first one's end is told when the second one is there. */
static void
ended__old_or_not_its_own_or_garbage__nothing(void **state)
{
	struct bed *t = *state;
	static const char *const texts[] = {"registrar-ca 1", "registrar-ca 3", "registrar-ca 0",
	    "registrar-ca", "registrar-ca ", "registrar-ca 2x", "registrar-ca2", "registrar-cb 2",
	    "", "front-registrar 2", "registrar-ca 99999999999999999999"};
	supervisor_edges_connect(&t->s, &t->s.child[CA]);
	supervisor_edges_connect(&t->s, &t->s.child[CA]);
	for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++)
		supervisor_edge_ended(&t->s, &t->s.child[REGISTRAR], texts[n]);
	supervisor_edge_ended(
	    &t->s, &t->s.child[CA], "registrar-ca 2"); /* who answers does not ask */
	supervisor_edge_ended(&t->s, &t->s.child[FRONT], "registrar-ca 2");
	assert_int_equal(connect_due(t), SG_CLOCK_NEVER);
	supervisor_edge_ended(&t->s, &t->s.child[REGISTRAR], "registrar-ca 2");
	assert_true(due_of(t) != 0);
}

static void
ended__by_a_death__the_restart_connects(void **state)
{
	struct bed *t = *state;
	supervisor_edges_connect(&t->s, &t->s.child[CA]);
	expect_pair(t, REGISTRAR, CA, "registrar-ca");
	supervisor_edge_ended(&t->s, &t->s.child[REGISTRAR], "registrar-ca 1");
	end_one(t, CA);
	start_one(t, CA);
	supervisor_edges_connect(&t->s, &t->s.child[CA]);
	assert_int_equal(connect_due(t), SG_CLOCK_NEVER);
	expect_pair(t, REGISTRAR, CA, "registrar-ca");
	/* One that waits for its restart longer than that. */
	supervisor_edge_ended(&t->s, &t->s.child[REGISTRAR], "registrar-ca 2");
	end_one(t, CA);
	wait_until(t, due_of(t));
	expect_nothing(t);
	/* A new registrar counts from one. */
	end_one(t, REGISTRAR);
	start_one(t, CA);
	start_one(t, REGISTRAR);
	supervisor_edges_connect(&t->s, &t->s.child[REGISTRAR]);
	supervisor_edge_ended(&t->s, &t->s.child[REGISTRAR], "registrar-ca 1");
	assert_true(due_of(t) != 0);
}

/* Long after the last one it still waits: what ended may be dead. */
static void
ended__long_after__a_tenth_of_a_second_later(void **state)
{
	struct bed *t = *state;
	supervisor_edges_connect(&t->s, &t->s.child[CA]);
	t->s.edge[EDGE_REGISTRAR_CA].sent_ms -= 100000;
	int64_t before = sg_clock_mono_ms();
	supervisor_edge_ended(&t->s, &t->s.child[REGISTRAR], "registrar-ca 1");
	int64_t due = due_of(t);
	assert_true(due >= before + 100 && due <= sg_clock_mono_ms() + 100);
}

/* Dying: its channel has ended, but not yet its process. */
static void
ended__other_is_dying__nothing(void **state)
{
	struct bed *t = *state;
	supervisor_edges_connect(&t->s, &t->s.child[CA]);
	supervisor_edge_ended(&t->s, &t->s.child[REGISTRAR], "registrar-ca 1");
	int channel = t->s.child[CA].channel;
	t->s.child[CA].channel = -1;
	wait_until(t, due_of(t));
	assert_int_equal(t->s.edge[EDGE_REGISTRAR_CA].sent, 1);
	t->s.child[CA].channel = channel;
}

static void
connect__no_descriptors__tried_again(void **state)
{
	struct bed *t = *state;
	struct rlimit old, none;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = (struct rlimit){3, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	supervisor_edges_connect(&t->s, &t->s.child[CA]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	expect_nothing(t);
	wait_until(t, due_of(t));
	expect_pair(t, REGISTRAR, CA, "registrar-ca");
}

static void
send__channel_full__role_ended(void **state)
{
	struct bed *t = *state;
	int status = 0;
	int channel = t->s.child[CA].channel;
	assert_int_equal(fcntl(channel, F_SETFL, O_NONBLOCK), 0);
	while (send(channel, "", 1, MSG_NOSIGNAL) == 1)
		continue;
	supervisor_edges_connect(&t->s, &t->s.child[CA]);
	pid_t pid = t->s.child[CA].pid;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	t->s.child[CA].pid = 0;
	close(channel);
	close(t->role[CA]);
}

#define case_bed(f) cmocka_unit_test_setup_teardown(f, bed_make, bed_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_bed(connect__role_started__its_edges_where_the_other_lives),
	    case_bed(ended__newest__another_one_later),
	    case_bed(ended__old_or_not_its_own_or_garbage__nothing),
	    case_bed(ended__by_a_death__the_restart_connects),
	    case_bed(ended__long_after__a_tenth_of_a_second_later),
	    case_bed(ended__other_is_dying__nothing),
	    case_bed(connect__no_descriptors__tried_again),
	    case_bed(send__channel_full__role_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
