/* SPDX-License-Identifier: Apache-2.0 */

/*
 * load.c - the load generator: enrolments that are all made before the clock starts and
 * checked after it stopped, or GetCACaps; one line of JSON about rate, latencies and what
 * the server's processes needed of processor time, context switches and pages
 */

#include <dirent.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/decimal.h"
#include "bench.h"
#include "crypto/init.h"

#define DEVICES 32u /* keys are reused with other names: making 20 000 of them takes an hour */
#define PIDS_MAX 16u

struct pid {
	const char *name;
	unsigned pid;
	/* Over the timed part. */
	double cpu_s;
	int64_t voluntary, involuntary; /* context switches */
	int64_t faults;			/* of pages */
};

struct options {
	struct bench_server server;
	struct bench_plan plan;
	const char *keys;
	size_t n, connections, pid_n;
	struct pid pid[PIDS_MAX];
	bool caps, legacy, wait;
	int cpu;
};

/* The number that a text begins with. */
static int64_t
number_at(const char *p)
{
	uint64_t v = 0;

	sg_ignore(sg_decimal_parse(sg_slice(p, strspn(p, "0123456789")), INT64_MAX, &v, NULL));
	return (int64_t)v;
}

/* Page faults and processor time of /proc/PID/stat; its fields are counted after the name, which
 * may have spaces. */
static void
read_stat(struct pid *pid, int64_t sign)
{
	sg_buf_scoped text = {0};
	char path[64];
	int64_t ticks = 0;

	snprintf(path, sizeof path, "/proc/%u/stat", pid->pid);
	bench_read_file(path, &text);
	const char *p = strrchr(sg_buf_text(&text), ')');
	for (int field = 3; p != NULL && (p = strchr(p + 1, ' ')) != NULL && field <= 15; field++) {
		if (field == 10 || field == 12)
			pid->faults += sign * number_at(p + 1);
		if (field == 14 || field == 15)
			ticks += sign * number_at(p + 1);
	}
	pid->cpu_s += (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

/* Context switches of all threads. */
static void
read_switches(struct pid *pid, int64_t sign)
{
	static const char name[] = "voluntary_ctxt_switches:\t";
	char path[64];

	snprintf(path, sizeof path, "/proc/%u/task", pid->pid);
	DIR *dir = opendir(path);
	if (dir == NULL)
		bench_die("no process %u", pid->pid);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		sg_buf_scoped text = {0};
		char status[330];
		if (e->d_name[0] == '.')
			continue;
		snprintf(status, sizeof status, "/proc/%u/task/%s/status", pid->pid, e->d_name);
		if (access(status, R_OK) != 0)
			continue;
		bench_read_file(status, &text);
		const char *begin = sg_buf_text(&text), *p = begin;
		for (; (p = strstr(p, name)) != NULL; p += sizeof name - 1) {
			int64_t n = sign * number_at(p + sizeof name - 1);
			if (p > begin && p[-1] != '\n') /* "non" */
				pid->involuntary += n;
			else
				pid->voluntary += n;
		}
	}
	closedir(dir);
}

static void
read_pids(struct options *o, int64_t sign)
{
	for (size_t i = 0; i < o->pid_n; i++) {
		read_stat(&o->pid[i], sign);
		read_switches(&o->pid[i], sign);
	}
}

static int
compare_ns(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static void
print(const struct options *o, const struct bench_req *req, int64_t ns)
{
	int64_t *sorted = sg_xalloc((o->n + 1) * sizeof *sorted);
	json_t *out = json_object(), *roles = json_object(), *switches = json_object();
	json_t *voluntary = json_object(), *faults = json_object();
	double cpu_s = 0, seconds = (double)ns / 1e9, n = (double)o->n;

	for (size_t i = 0; i < o->n; i++)
		sorted[i] = req[i].ns;
	qsort(sorted, o->n, sizeof *sorted, compare_ns);
	for (size_t i = 0; i < o->pid_n; i++) {
		const struct pid *p = &o->pid[i];
		cpu_s += p->cpu_s;
		json_object_set_new(roles, p->name, json_real(p->cpu_s / n * 1e6));
		json_object_set_new(
		    switches, p->name, json_real((double)(p->voluntary + p->involuntary) / n));
		json_object_set_new(voluntary, p->name, json_real((double)p->voluntary / n));
		json_object_set_new(faults, p->name, json_real((double)p->faults / n));
	}
	json_object_set_new(out, "connections", json_integer((json_int_t)o->connections));
	json_object_set_new(out, "n", json_integer((json_int_t)o->n));
	json_object_set_new(out, "seconds", json_real(seconds));
	json_object_set_new(out, "per_second", json_real(n / seconds));
	if (cpu_s > 0)
		json_object_set_new(out, "per_cpu_second", json_real(n / cpu_s));
	json_object_set_new(out, "p50_ms", json_real((double)sorted[o->n / 2] / 1e6));
	json_object_set_new(out, "p99_ms", json_real((double)sorted[o->n * 99 / 100] / 1e6));
	json_object_set_new(out, "max_ms", json_real((double)sorted[o->n - 1] / 1e6));
	json_object_set_new(out, "us_by_role", roles);
	json_object_set_new(out, "switches_by_role", switches);
	json_object_set_new(out, "voluntary_by_role", voluntary);
	json_object_set_new(out, "faults_by_role", faults);
	char *text = json_dumps(out, JSON_COMPACT | JSON_REAL_PRECISION(7));
	printf("%s\n", text);
	free(text);
	json_decref(out);
	sg_free(sorted);
}

/* Say that the timed part begins and ends, for whoever samples memory or counts system calls
 * meanwhile; who has to attach to the processes first says when it may begin. */
static int64_t
timed(struct options *o, struct bench_req *req)
{
	printf("begin\n");
	fflush(stdout);
	if (o->wait && getchar() != '\n')
		bench_die("--wait: want an empty line");
	read_pids(o, -1);
	int64_t ns = bench_drive(&o->server, o->connections, req, o->n);
	read_pids(o, 1);
	printf("end\n");
	fflush(stdout);
	return ns;
}

static void
run_caps(struct options *o)
{
	struct bench_req *req = sg_xalloc((o->n + 1) * sizeof *req);
	sg_buf_scoped want = {0}, out = {0};

	bench_get(&o->server, "GetCACaps", &want);
	sg_buf_printf(&out, "GET %s?operation=GetCACaps HTTP/1.1\r\nHost: %s:%u\r\n\r\n",
	    o->server.path, o->server.addr, o->server.port);
	for (size_t i = 0; i < o->n; i++)
		req[i].out = sg_buf_slice(&out);
	int64_t ns = timed(o, req);
	for (size_t i = 0; i < o->n; i++)
		if (req[i].status != 200 ||
		    !sg_slice_eq(sg_buf_slice(&req[i].body), sg_buf_slice(&want)))
			bench_die("GetCACaps: status %d or another text", req[i].status);
	print(o, req, ns);
}

static void
run_enrol(struct options *o)
{
	static struct bench_ca ca;
	struct bench_req *req = sg_xalloc((o->n + 1) * sizeof *req);

	bench_ca_fetch(&o->server, &ca);
	o->plan.server = &o->server;
	o->plan.ca = &ca;
	o->plan.device_n = DEVICES;
	o->plan.device = bench_devices(bench_keys(o->keys, DEVICES), DEVICES);
	struct bench_message *message = bench_messages(&o->plan, o->n);
	for (size_t i = 0; i < o->n; i++)
		req[i].out = sg_buf_slice(&message[i].http);
	int64_t ns = timed(o, req);
	size_t twice = bench_check(&ca, message, req, o->n, o->legacy);
	if (twice > 0 && !o->legacy)
		bench_die("%zu certificates with the serial number of another one", twice);
	if (twice > 0)
		fprintf(stderr, "bench: the peer gave %zu serial numbers twice\n", twice);
	print(o, req, ns);
}

static void
add_pid(struct options *o, char *text)
{
	char *equals = strchr(text, '=');
	if (equals == NULL || o->pid_n == PIDS_MAX)
		bench_die("--pid: want NAME=PID");
	*equals = '\0';
	o->pid[o->pid_n++] = (struct pid){
	    .name = text, .pid = (unsigned)bench_number(equals + 1, 1u << 30)};
}

static void
parse(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {{"addr", 1, NULL, 'a'}, {"port", 1, NULL, 'p'},
	    {"path", 1, NULL, 'P'}, {"keys", 1, NULL, 'k'}, {"name", 1, NULL, 'N'},
	    {"challenge", 1, NULL, 's'}, {"control", 1, NULL, 'S'}, {"endpoint", 1, NULL, 'e'},
	    {"number", 1, NULL, 'n'}, {"connections", 1, NULL, 'c'}, {"pid", 1, NULL, 'i'},
	    {"cpu", 1, NULL, 'C'}, {"caps", 0, NULL, 'G'}, {"legacy", 0, NULL, 'L'},
	    {"wait", 0, NULL, 'w'}, {"tls", 0, NULL, 'T'}, {"fresh", 0, NULL, 'F'}, {0}};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (c) {
		case 'a':
			o->server.addr = optarg;
			break;
		case 'p':
			o->server.port = (unsigned)bench_number(optarg, 65535);
			break;
		case 'P':
			o->server.path = optarg;
			break;
		case 'k':
			o->keys = optarg;
			break;
		case 'N':
			o->plan.name = optarg;
			break;
		case 's':
			o->plan.challenge = optarg;
			break;
		case 'S':
			o->plan.control = optarg;
			break;
		case 'e':
			o->plan.endpoint = optarg;
			break;
		case 'n':
			o->n = bench_number(optarg, 10000000);
			break;
		case 'c':
			o->connections = bench_number(optarg, 10000);
			break;
		case 'i':
			add_pid(o, optarg);
			break;
		case 'C':
			o->cpu = (int)bench_number(optarg, 1023);
			break;
		case 'G':
			o->caps = true;
			break;
		case 'L':
			o->legacy = true;
			break;
		case 'T':
			o->server.tls = true;
			break;
		case 'F':
			o->server.fresh = true;
			break;
		case 'w':
			o->wait = true;
			break;
		default:
			exit(2);
		}
	}
	if (o->n == 0 || o->connections == 0)
		bench_die("--number and --connections: want more than none");
	if (!o->caps && (o->keys == NULL || (o->plan.challenge == NULL && o->plan.control == NULL)))
		bench_die("--keys and one of --challenge and --control are needed");
}

int
main(int argc, char **argv)
{
	static struct options o = {.server = {.addr = "127.0.0.1", .port = 8080, .path = "/scep"},
	    .plan = {.name = "dev", .endpoint = "default"},
	    .n = 1000,
	    .connections = 8,
	    .cpu = -1};
	struct sg_err err;

	parse(argc, argv, &o);
	bench_pin(o.cpu);
	bench_ok(sg_crypto_init(&err), &err, "crypto");
	if (o.caps)
		run_caps(&o);
	else
		run_enrol(&o);
	return 0;
}
