/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_versions.c - an edge whose ends are processes of two builds, as while a system is updated:
 * each of this version or the next, and the newest that both have is spoken
 */

#include "unit/base/base_test.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/edges/registrar_keyd.h"

enum build { THIS, NEXT, BUILDS };
static const char *program[BUILDS];

static pid_t
start(enum build build, const char *side, const int fd[2], unsigned spoken)
{
	char number[12], version[12];

	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	close(fd[1]);
	snprintf(number, sizeof number, "%d", fd[0]);
	snprintf(version, sizeof version, "%u", spoken);
	execl(program[build], program[build], side, number, version, (char *)NULL);
	_exit(127);
}

static void
expect_success(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
speak(enum build client, enum build server)
{
	unsigned spoken = sg_edge_registrar_keyd.version + (client == NEXT && server == NEXT);
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	pid_t asks = start(client, "client", fd, spoken);
	pid_t answers = start(server, "server", (const int[]){fd[1], fd[0]}, spoken);
	close(fd[0]);
	close(fd[1]);
	expect_success(asks);
	expect_success(answers);
}

static void
edge__both_this__speak_this(void **state)
{
	(void)state;
	speak(THIS, THIS);
}

static void
edge__server_next__speak_this(void **state)
{
	(void)state;
	speak(THIS, NEXT);
}

static void
edge__client_next__speak_this(void **state)
{
	(void)state;
	speak(NEXT, THIS);
}

static void
edge__both_next__speak_next(void **state)
{
	(void)state;
	speak(NEXT, NEXT);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(edge__both_this__speak_this),
	    cmocka_unit_test(edge__server_next__speak_this),
	    cmocka_unit_test(edge__client_next__speak_this),
	    cmocka_unit_test(edge__both_next__speak_next),
	};

	if (argc != 1 + BUILDS)
		return 2;
	program[THIS] = argv[1];
	program[NEXT] = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
