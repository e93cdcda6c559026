/* SPDX-License-Identifier: Apache-2.0 */

#include "bench.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/decimal.h"
#include "crypto/keyfile.h"

void
bench_die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "bench: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	exit(1);
}

void
bench_ok(enum sg_code rc, const struct sg_err *err, const char *what)
{
	if (rc != SG_OK)
		bench_die("%s: %s (%s)", what, err->text, err->rule);
}

static int64_t
clock_ns(clockid_t clock)
{
	struct timespec ts;
	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t
bench_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t
bench_cpu_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

void
bench_pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof set, &set) != 0)
		bench_die("cannot run on CPU %d: %s", cpu, strerror(errno));
}

uint64_t
bench_number(const char *text, uint64_t max)
{
	struct sg_err err;
	uint64_t v = 0;
	bench_ok(sg_decimal_parse(sg_slice_str(text), max, &v, &err), &err, text);
	return v;
}

void
bench_read_file(const char *path, struct sg_buf *out)
{
	char chunk[4096];
	size_t n;

	FILE *f = fopen(path, "rbe");
	if (f == NULL)
		bench_die("%s: %s", path, strerror(errno));
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		sg_buf_put(out, chunk, n);
	fclose(f);
	bench_ok(sg_buf_check(out, NULL), &(struct sg_err){.rule = "", .text = ""}, path);
}

static void
write_file(const char *path, struct sg_slice bytes)
{
	FILE *f = fopen(path, "wxe");
	if (f == NULL || fwrite(bytes.p, 1, bytes.len, f) != bytes.len || fclose(f) != 0)
		bench_die("%s: %s", path, strerror(errno));
}

struct sg_key **
bench_keys(const char *dir, size_t n)
{
	struct sg_key **key = sg_xalloc((n + 1) * sizeof(struct sg_key *));
	struct sg_err err;
	char path[512];

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		bench_die("%s: %s", dir, strerror(errno));
	for (size_t i = 0; i < n; i++) {
		sg_buf_scoped pem = {0};
		struct stat st;
		snprintf(path, sizeof path, "%s/%zu.pem", dir, i);
		if (stat(path, &st) == 0) {
			bench_read_file(path, &pem);
			bench_ok(sg_key_from_pem(sg_buf_slice(&pem), &key[i], &err), &err, path);
			continue;
		}
		bench_ok(sg_key_generate(SG_KEY_RSA, 2048, &key[i], &err), &err, "a key");
		bench_ok(sg_key_put_pem(key[i], &pem, &err), &err, "a key");
		write_file(path, sg_buf_slice(&pem));
	}
	return key;
}
