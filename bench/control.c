/* SPDX-License-Identifier: Apache-2.0 */

/*
 * control.c - bench-control: what a question at a control socket costs who asks, one after the
 * other, over a kept or each time a new connection; and what a bare echo on a Unix socket costs
 *
 * Prints one JSON object.
 */

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "bench.h"

#define ANSWER_MAX (8u << 20)
#define ECHO_LEN 256u /* as long as a question */

struct options {
	const char *path, *ask; /* ask NULL: echo */
	size_t number;
	bool anew;
	int cpu, echo_cpu;
};

static struct sockaddr_un
address(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof addr.sun_path)
		bench_die("the socket's path is too long: %s", path);
	memcpy(addr.sun_path, path, strlen(path));
	return addr;
}

static int
dial(const char *path)
{
	struct sockaddr_un addr = address(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr) != 0)
		bench_die("cannot connect to %s: %s", path, strerror(errno));
	return fd;
}

/* The other end of the echo: a process that is ended with ours. */
static void
start_echo(const struct options *o)
{
	struct sockaddr_un addr = address(o->path);
	char bytes[ECHO_LEN];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(o->path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof addr) != 0 || listen(fd, 16) != 0)
		bench_die("cannot listen at %s: %s", o->path, strerror(errno));
	pid_t pid = fork();
	if (pid < 0)
		bench_die("fork: %s", strerror(errno));
	if (pid > 0) {
		close(fd);
		return;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		bench_die("prctl: %s", strerror(errno));
	bench_pin(o->echo_cpu);
	for (;;) {
		int conn = accept(fd, NULL, NULL);
		for (ssize_t n; (n = read(conn, bytes, sizeof bytes)) > 0;)
			if (send(conn, bytes, (size_t)n, MSG_NOSIGNAL) != n)
				break;
		close(conn);
	}
}

/* Until the answer is whole. */
static void
hear(int fd, bool echo, struct sg_buf *in)
{
	char bytes[16384];
	size_t want = echo ? ECHO_LEN : 0;

	sg_buf_reset(in);
	while (want == 0 || in->len < want) {
		ssize_t n = read(fd, bytes, sizeof bytes);
		if (n <= 0)
			bench_die("the connection ended within an answer");
		sg_buf_put(in, bytes, (size_t)n);
		const char *text = sg_buf_text(in), *end = strstr(text, "\r\n\r\n");
		const char *length = strstr(text, "\r\nContent-Length: ");
		if (want > 0 || end == NULL)
			continue;
		if (strncmp(text, "HTTP/1.1 200 ", 13) != 0 || length == NULL || length > end)
			bench_die("not an answer of ours: %.200s", text);
		want = (size_t)(end - text) + 4 + strtoul(length + 18, NULL, 10);
	}
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static void
measure(const struct options *o, struct sg_slice question)
{
	sg_buf_scoped in = {.max = ANSWER_MAX};
	int64_t *ns = calloc(o->number, sizeof *ns), begin = bench_now_ns();
	int fd = -1;

	if (ns == NULL)
		bench_die("out of memory");
	for (size_t n = 0; n < o->number; n++) {
		int64_t at = bench_now_ns();
		if (fd < 0)
			fd = dial(o->path);
		if (send(fd, question.p, question.len, MSG_NOSIGNAL) != (ssize_t)question.len)
			bench_die("cannot send: %s", strerror(errno));
		hear(fd, o->ask == NULL, &in);
		if (o->anew) {
			close(fd);
			fd = -1;
		}
		ns[n] = bench_now_ns() - at;
	}
	double all = (double)(bench_now_ns() - begin);
	qsort(ns, o->number, sizeof *ns, compare);
	json_t *out = json_pack("{s:f, s:f, s:f, s:i}", "per_second", (double)o->number * 1e9 / all,
	    "p50_us", (double)ns[o->number / 2] / 1e3, "p99_us",
	    (double)ns[o->number * 99 / 100] / 1e3, "bytes", (int)in.len);
	if (out == NULL || json_dumpf(out, stdout, JSON_COMPACT) != 0)
		bench_die("out of memory");
	printf("\n");
	json_decref(out);
	free(ns);
}

static const struct option names[] = {{"socket", required_argument, NULL, 's'},
    {"ask", required_argument, NULL, 'a'}, {"number", required_argument, NULL, 'n'},
    {"new", no_argument, NULL, 'w'}, {"cpu", required_argument, NULL, 'c'},
    {"echo-cpu", required_argument, NULL, 'e'}, {NULL, 0, NULL, 0}};

int
main(int argc, char **argv)
{
	struct options o = {.number = 1000, .cpu = 1};
	sg_buf_scoped question = {0};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (c) {
		case 's':
			o.path = optarg;
			break;
		case 'a':
			o.ask = optarg;
			break;
		case 'n':
			o.number = (size_t)bench_number(optarg, 100000000);
			break;
		case 'w':
			o.anew = true;
			break;
		case 'c':
			o.cpu = (int)bench_number(optarg, 4096);
			break;
		case 'e':
			o.echo_cpu = (int)bench_number(optarg, 4096);
			break;
		default:
			bench_die("usage: bench-control --socket PATH [--ask /v1/...] [--new] ...");
		}
	if (o.path == NULL || o.number == 0)
		bench_die("want --socket PATH");
	if (o.ask == NULL) {
		start_echo(&o);
		memset(sg_buf_extend(&question, ECHO_LEN), 'e', ECHO_LEN);
	} else {
		sg_buf_printf(&question, "GET %s HTTP/1.1\r\nHost: signet\r\n\r\n", o.ask);
	}
	bench_pin(o.cpu);
	measure(&o, sg_buf_slice(&question));
	if (o.ask == NULL)
		unlink(o.path);
	return 0;
}
