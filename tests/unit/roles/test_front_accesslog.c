/* SPDX-License-Identifier: Apache-2.0 */

/* Which lines the access log has, and what becomes of them when the file or the disk is full. */

#include "unit/base/base_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "lib/alloc_fail.h"
#include "roles/front/accesslog.h"

#define BIG (UINT64_C(1) << 40)

static unsigned asked;

static void
ask(void)
{
	asked++;
}

static struct accesslog *
make(int fd, uint64_t size_max, bool each)
{
	struct accesslog_conf conf = {fd, size_max, each, "Signet", ask};
	struct accesslog *log = NULL;
	struct sg_err err;
	asked = 0;
	assert_int_equal(front_accesslog_new(&conf, &log, &err), SG_OK);
	return log;
}

static int
memory(void)
{
	int fd = memfd_create("log", 0);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	return fd;
}

static void
put(struct accesslog *log, const char *addr, const char *path, bool served)
{
	struct sg_http_record rec = {.method = sg_slice_str("GET"),
	    .stem = sg_slice_str(path),
	    .client_addr = addr,
	    .status = served ? 200 : 404};
	front_accesslog_put(log, &rec, served);
}

/* Everything in the file, with a NUL after it. */
static char *
text_of(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	assert_true(size >= 0);
	char *text = calloc(1, (size_t)size + 1);
	assert_non_null(text);
	assert_int_equal(pread(fd, text, (size_t)size, 0), size);
	return text;
}

/* Not strstr, for which the sanitizers measure the whole rest at each call: megabytes here. */
static const char *
find(const char *p, const char *what)
{
	size_t len = strlen(what);
	while (*p != '\0' && (*p != *what || strncmp(p, what, len) != 0))
		p++;
	return *p != '\0' ? p : NULL;
}

static size_t
count(int fd, const char *what)
{
	char *text = text_of(fd);
	size_t n = 0;
	for (const char *p = text; (p = find(p, what)) != NULL; p++)
		n++;
	free(text);
	return n;
}

/* The sum of the numbers before a text. */
static size_t
sum(int fd, const char *what)
{
	char *text = text_of(fd);
	size_t n = 0;
	for (const char *p = text; (p = find(p, what)) != NULL; p++) {
		const char *digits = p;
		while (digits > text && digits[-1] >= '0' && digits[-1] <= '9')
			digits--;
		n += strtoul(digits, NULL, 10);
	}
	free(text);
	return n;
}

static void
put__lines__header_once_per_file(void **state)
{
	(void)state;
	int a = memory(), b = memory();
	struct accesslog *log = make(dup(a), BIG, true);
	put(log, "192.0.2.1", "/scep", true);
	put(log, "192.0.2.1", "/scep", false);
	assert_int_equal(lseek(a, 0, SEEK_END), 0);
	front_accesslog_write(log, 0, false);
	assert_int_equal(count(a, "\n"), 4 + 2);
	put(log, "192.0.2.1", "/scep", true);
	front_accesslog_write(log, 0, false);
	assert_int_equal(count(a, "\n"), 4 + 3);
	front_accesslog_reopen(log, dup(a));
	front_accesslog_reopen(log, dup(b)); /* the later one counts */
	put(log, "192.0.2.1", "/scep", true);
	front_accesslog_write(log, 0, false);
	assert_int_equal(count(a, "\n"), 4 + 3);
	assert_int_equal(count(b, "\n"), 4 + 1);
	assert_int_equal(asked, 0);
	front_accesslog_free(&log);
	assert_null(log);
	front_accesslog_free(&log);
	close(a);
	close(b);
}

/* One address as fast as it can: few of its lines, a remark with the number of all others, and the
 * lines of those who are served and of its neighbours. */
static void
put__flood_of_one__bounded_and_counted(void **state)
{
	(void)state;
	int fd = memory();
	struct accesslog *log = make(dup(fd), BIG, true);
	for (unsigned n = 0; n < 20000; n++) {
		put(log, "192.0.2.1", "/nothing", false);
		if (n % 1000 == 0) {
			put(log, "192.0.2.1", "/served", true);
			put(log, "198.51.100.7", "/honest", false);
			front_accesslog_write(log, 0, false);
		}
	}
	front_accesslog_write(log, 0, true);
	size_t lines = count(fd, " /nothing ");
	assert_in_range(lines, 100, SG_ACCESS_RATE * SG_ACCESS_BURST_S / 64);
	assert_int_equal(lines + sum(fd, " requests left out"), 20000);
	assert_true(count(fd, "192.0.2.1: more than 1024 bytes a second: ") >= 1);
	assert_int_equal(count(fd, " /served "), 20);
	assert_int_equal(count(fd, " /honest "), 20);
	assert_true(lseek(fd, 0, SEEK_END) < SG_ACCESS_RATE * SG_ACCESS_BURST_S * 3 / 2);
	front_accesslog_free(&log);
	close(fd);
}

static void
put__flood_of_many__bounded_together(void **state)
{
	(void)state;
	int fd = memory();
	struct accesslog *log = make(dup(fd), BIG, true);
	for (unsigned n = 0; n < 200000; n++) {
		char addr[32];
		snprintf(addr, sizeof addr, "%u.%u.0.1", 1 + n % 200, n / 200 % 250);
		put(log, addr, "/nothing", false);
		if (n % 1000 == 0)
			front_accesslog_write(log, 0, false);
	}
	put(log, "192.0.2.1", "/served", true);
	front_accesslog_write(log, 0, true);
	assert_int_equal(count(fd, " /nothing ") + sum(fd, " requests left out"), 200000);
	assert_int_equal(count(fd, " /served "), 1);
	assert_true(lseek(fd, 0, SEEK_END) <
		    (off_t)(SG_ACCESS_RATE * SG_ACCESS_BURST_S * SG_ACCESS_ALL) + (1 << 20));
	front_accesslog_free(&log);
	close(fd);
}

/* Behind a proxy all have one address: only all together are bounded. */
static void
put__not_each__one_address_may_have_all(void **state)
{
	(void)state;
	int fd = memory();
	struct accesslog *log = make(dup(fd), BIG, false);
	for (unsigned n = 0; n < 5000; n++) {
		put(log, "192.0.2.1", "/nothing", false);
		if (n % 1000 == 0)
			front_accesslog_write(log, 0, false);
	}
	front_accesslog_write(log, 0, true);
	assert_int_equal(count(fd, " /nothing "), 5000);
	front_accesslog_free(&log);
	close(fd);
}

static void
write__file_full__whole_lines_in_the_next(void **state)
{
	(void)state;
	const size_t max = 100000;
	int fd[12];
	size_t files = 0, lines = 0;
	fd[0] = memory();
	struct accesslog *log = make(dup(fd[0]), max, false);
	for (unsigned n = 0; n < 10000; n++) {
		put(log, "192.0.2.1", "/a-line", true);
		if (n % 100 != 0)
			continue;
		unsigned before = asked;
		front_accesslog_write(log, 2000 * (int64_t)n, false);
		if (asked == before)
			continue;
		assert_true(files + 1 < sizeof fd / sizeof fd[0]);
		fd[++files] = memory();
		front_accesslog_reopen(log, dup(fd[files]));
	}
	front_accesslog_write(log, 1 << 30, true);
	assert_true(files > 3);
	for (size_t n = 0; n <= files; n++) {
		assert_true(lseek(fd[n], 0, SEEK_END) <= (off_t)max);
		char *text = text_of(fd[n]);
		assert_int_equal(strncmp(text, "#Software: ", 11), 0);
		assert_int_equal(text[strlen(text) - 1], '\n');
		free(text);
		lines += count(fd[n], " /a-line ");
		close(fd[n]);
	}
	assert_int_equal(lines, 10000);
	front_accesslog_free(&log);
}

/* Nobody gives another file: lines wait, then they are lost; it asks once a second. */
static void
write__file_stays_full__bounded(void **state)
{
	(void)state;
	int fd = memory(), next = memory();
	struct accesslog *log = make(dup(fd), 4096, false);
	for (unsigned n = 0; n < 40000; n++) {
		put(log, "192.0.2.1", "/a-line", true);
		if (n % 1000 == 0)
			front_accesslog_write(log, n / 10, false);
	}
	assert_true(lseek(fd, 0, SEEK_END) <= 4096);
	assert_in_range(asked, 2, 6);
	front_accesslog_reopen(log, dup(next));
	front_accesslog_write(log, 10000, false);
	assert_in_range(lseek(next, 0, SEEK_END), 2048, 4096);
	front_accesslog_free(&log);
	close(fd);
	close(next);
}

static void
write__disk_full__recovers(void **state)
{
	(void)state;
	int full = open("/dev/full", O_WRONLY | O_APPEND), next = memory();
	assert_true(full >= 0);
	struct accesslog *log = make(full, BIG, false);
	for (unsigned n = 0; n < 30000; n++) {
		put(log, "192.0.2.1", "/a-line", true);
		if (n % 1000 == 0)
			front_accesslog_write(log, n, false);
	}
	front_accesslog_reopen(log, dup(next));
	front_accesslog_write(log, 0, true);
	front_accesslog_write(log, 0, true);
	size_t lines = count(next, " /a-line ");
	assert_true(lines > 1000 && lines < 30000);
	assert_int_equal(lines + sum(next, " lines were lost"), 30000);
	assert_int_equal(asked, 0);
	front_accesslog_free(&log);
	close(next);
}

/* A limit of the process in the middle of a line: the rest of that line is in no other file. */
static void
write__limit_of_files__asks_and_skips_the_rest(void **state)
{
	(void)state;
	struct rlimit was, limit;
	int fd = memory(), next = memory();
	struct accesslog *log = make(dup(fd), BIG, false);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	limit = was;
	limit.rlim_cur = 4100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (unsigned n = 0; n < 100; n++)
		put(log, "192.0.2.1", "/a-line", true);
	front_accesslog_write(log, 5000, false);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(asked, 1);
	assert_int_equal(lseek(fd, 0, SEEK_END), 4100);
	front_accesslog_reopen(log, dup(next));
	front_accesslog_write(log, 6000, true);
	front_accesslog_write(log, 7000, true);
	char *text = text_of(next);
	const char *header = strstr(text, "time-taken\n");
	assert_non_null(header);
	assert_int_equal(strncmp(header + 11, "1970-", 5), 0); /* a whole line */
	free(text);
	assert_int_equal(count(fd, " 200 0 0 0\n") + count(next, " 200 0 0 0\n"), 99);
	assert_int_equal(sum(next, " lines were lost"), 1);
	front_accesslog_free(&log);
	close(fd);
	close(next);
}

static void
write__pipe__no_size(void **state)
{
	(void)state;
	int fd[2];
	char text[4096];
	assert_int_equal(pipe(fd), 0);
	struct accesslog *log = make(fd[1], 4096, true);
	for (unsigned n = 0; n < 10; n++) {
		for (unsigned i = 0; i < 10; i++)
			put(log, "192.0.2.1", "/a-line", true);
		front_accesslog_write(log, 0, false);
		assert_true(read(fd[0], text, sizeof text) > 0);
	}
	assert_int_equal(asked, 0);
	front_accesslog_free(&log);
	close(fd[0]);
}

static void
put__no_memory__lost_and_counted(void **state)
{
	(void)state;
	struct accesslog_conf conf = {-1, BIG, true, "Signet", ask};
	struct accesslog *log = NULL;
	struct sg_err err;
	for (unsigned long n = 1; n <= 3; n++) {
		conf.fd = dup(STDERR_FILENO);
		alloc_fail_at(n);
		assert_int_equal(front_accesslog_new(&conf, &log, &err), SG_E_NOMEM);
		alloc_fail_at(0);
		assert_null(log);
		if (n == 1) /* nothing took it over */
			close(conf.fd);
	}
	int fd = memory();
	log = make(dup(fd), BIG, true);
	for (unsigned long n = 1; n <= 6; n++) {
		alloc_fail_at(n);
		put(log, "192.0.2.1", "/a-line", true);
		front_accesslog_write(log, 0, false);
		alloc_fail_at(0);
		put(log, "192.0.2.1", "/a-line", true);
		front_accesslog_write(log, 0, false);
	}
	front_accesslog_write(log, 0, true);
	front_accesslog_write(log, 0, true);
	assert_true(count(fd, " /a-line ") >= 6);
	assert_int_equal(count(fd, " /a-line ") + sum(fd, " lines were lost"), 12);
	front_accesslog_free(&log);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(put__lines__header_once_per_file),
	    cmocka_unit_test(put__flood_of_one__bounded_and_counted),
	    cmocka_unit_test(put__flood_of_many__bounded_together),
	    cmocka_unit_test(put__not_each__one_address_may_have_all),
	    cmocka_unit_test(write__file_full__whole_lines_in_the_next),
	    cmocka_unit_test(write__file_stays_full__bounded),
	    cmocka_unit_test(write__disk_full__recovers),
	    cmocka_unit_test(write__limit_of_files__asks_and_skips_the_rest),
	    cmocka_unit_test(write__pipe__no_size),
	    cmocka_unit_test(put__no_memory__lost_and_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
