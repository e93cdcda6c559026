/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/alloc_fail.h"

static char folder[64], path[100], other[100];

static int
set_up(void **state)
{
	(void)state;
	const char *base = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%.40s/sg-file-XXXXXX", base == NULL ? "/tmp" : base);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/file", folder);
	snprintf(other, sizeof other, "%s/other", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	unlink(other);
	return rmdir(folder); /* and nothing is left in it */
}

static int
files_in_folder(void)
{
	int n = 0;
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void
put(const char *at, const char *text)
{
	struct sg_err err = {0};
	if (sg_file_write(at, sg_slice_str(text), 0600, &err) != SG_OK)
		fail_msg("%s", err.text);
}

static void
expect_content(const char *at, const char *text)
{
	struct sg_err err = {0};
	sg_buf_scoped b = {0};
	if (sg_file_read(at, &b, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_text(&b, text);
}

static void
write__new_and_again__content_and_mode(void **state)
{
	(void)state;
	static const mode_t modes[] = {0600, 0640, 0644, 0400};
	struct stat st;
	mode_t was = umask(022);
	for (size_t n = 0; n < 4; n++) {
		struct sg_err err = {0};
		char text[20];
		snprintf(text, sizeof text, "version %zu", n);
		assert_int_equal(sg_file_write(path, sg_slice_str(text), modes[n], &err), SG_OK);
		expect_content(path, text);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, modes[n]);
		assert_int_equal(files_in_folder(), 1);
	}
	put(path, "");
	expect_content(path, "");
	umask(was);
}

static void
write__symbolic_link__replaced_not_followed(void **state)
{
	(void)state;
	struct stat st;
	put(other, "untouched");
	assert_int_equal(symlink(other, path), 0);
	put(path, "new");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	expect_content(path, "new");
	expect_content(other, "untouched");
	/* A link planted where the temporary file goes. */
	char planted[130];
	snprintf(planted, sizeof planted, "%s.new%ld", path, (long)getpid());
	assert_int_equal(symlink(other, planted), 0);
	put(path, "newer");
	expect_content(path, "newer");
	expect_content(other, "untouched");
	assert_int_equal(files_in_folder(), 2);
}

static void
create__there_already__conflict(void **state)
{
	(void)state;
	struct sg_err err = {0};
	struct stat st;
	assert_int_equal(sg_file_create(path, sg_slice_str("first"), 0600, &err), SG_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_nlink, 1);
	expect_err(sg_file_create(path, sg_slice_str("second"), 0600, &err), &err, SG_E_CONFLICT,
	    "file.exists");
	expect_content(path, "first");
	/* A link to nowhere is there too. */
	assert_int_equal(symlink("nowhere", other), 0);
	expect_err(sg_file_create(other, sg_slice_str("x"), 0600, &err), &err, SG_E_CONFLICT,
	    "file.exists");
	assert_int_equal(files_in_folder(), 2);
}

static void
write__impossible_places__refused(void **state)
{
	(void)state;
	char at[PATH_MAX + 10];
	struct sg_err err = {0};
	put(path, "a file");
	snprintf(at, sizeof at, "%s/none/file", folder);
	expect_err(sg_file_write(at, sg_slice_str("x"), 0600, &err), &err, SG_E_IO, "file.write");
	assert_non_null(strstr(err.text, "none/file"));
	snprintf(at, sizeof at, "%s/file", path); /* in a file */
	expect_err(sg_file_write(at, sg_slice_str("x"), 0600, &err), &err, SG_E_IO, "file.write");
	assert_int_equal(mkdir(other, 0700), 0);
	expect_err(
	    sg_file_write(other, sg_slice_str("x"), 0600, &err), &err, SG_E_IO, "file.write");
	expect_err(sg_file_create(other, sg_slice_str("x"), 0600, &err), &err, SG_E_CONFLICT,
	    "file.exists");
	assert_int_equal(rmdir(other), 0);
	memset(at, 'x', sizeof at - 1);
	at[sizeof at - 1] = '\0';
	expect_err(sg_file_write(at, sg_slice_str("x"), 0600, &err), &err, SG_E_USAGE, "file.path");
	expect_err(
	    sg_file_create(at, sg_slice_str("x"), 0600, &err), &err, SG_E_USAGE, "file.path");
	assert_int_equal(files_in_folder(), 1);
}

/* As somebody who may not: 0 when both answers are what they should be. */
static int
try_as_other(void)
{
	struct sg_err err = {0};
	sg_buf_scoped b = {0};
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return 9;
	if (sg_file_write(path, sg_slice_str("x"), 0600, &err) != SG_E_IO ||
	    strcmp(err.rule, "file.write") != 0)
		return 1;
	if (sg_file_read(path, &b, &err) != SG_E_IO || strcmp(err.rule, "file.open") != 0)
		return 2;
	return 0;
}

static void
folder__not_ours__refused_and_untouched(void **state)
{
	(void)state;
	put(path, "kept");
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(folder, 0555), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(try_as_other());
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(chmod(folder, 0700), 0);
	assert_int_equal(chmod(path, 0600), 0);
	expect_content(path, "kept");
	assert_int_equal(files_in_folder(), 1);
}

/* The disk takes only a part: the old file stays, and nothing else. */
static void
write__disk_full__old_content_kept(void **state)
{
	(void)state;
	static char large[100001];
	struct sg_err err = {0};
	struct rlimit was, small = {1000, 1000};
	memset(large, 'x', sizeof large - 1);
	put(path, "old");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small.rlim_max = was.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum sg_code rc = sg_file_write(path, sg_slice_str(large), 0600, &err);
	struct sg_err again = {0};
	enum sg_code created = sg_file_create(other, sg_slice_str(large), 0600, &again);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	expect_err(rc, &err, SG_E_IO, "file.write");
	expect_err(created, &again, SG_E_IO, "file.write");
	expect_content(path, "old");
	assert_int_equal(files_in_folder(), 1);
}

/* What the system says to the next write or fsync. */
static int fail_write, fail_fsync;

__attribute__((visibility("default"))) ssize_t
write(int fd, const void *p, size_t len)
{
	static ssize_t (*real)(int, const void *, size_t);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "write");
	errno = fail_write;
	return fail_write != 0 ? -1 : real(fd, p, len);
}

__attribute__((visibility("default"))) int
fsync(int fd)
{
	static int (*real)(int);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "fsync");
	errno = fail_fsync;
	return fail_fsync != 0 ? -1 : real(fd);
}

/* Who hears file.full may make room and try again: a file of its own each time. */
static void
write__no_space__said_and_old_content_kept(void **state)
{
	(void)state;
	static const struct {
		int *what, with;
		const char *rule;
	} rows[] = {{&fail_write, ENOSPC, "file.full"}, {&fail_write, EDQUOT, "file.full"},
	    {&fail_write, EIO, "file.write"}, {&fail_fsync, ENOSPC, "file.full"},
	    {&fail_fsync, EIO, "file.write"}};
	struct sg_err err = {0};
	put(path, "old");
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		*rows[n].what = rows[n].with;
		enum sg_code rc = sg_file_write(path, sg_slice_str("new"), 0600, &err);
		*rows[n].what = 0;
		expect_err(rc, &err, SG_E_IO, rows[n].rule);
		assert_int_equal(files_in_folder(), 1);
		expect_content(path, "old");
	}
	assert_int_equal(sg_file_write(path, sg_slice_str("new"), 0600, &err), SG_OK);
	expect_content(path, "new");
}

static atomic_bool stop;

static void *
writer_main(void *arg)
{
	static char a[20000], b[10000];
	sg_ignore(arg);
	memset(a, 'a', sizeof a);
	memset(b, 'b', sizeof b);
	for (int n = 0; n < 50; n++)
		if (sg_file_write(path, n & 1 ? sg_slice(b, sizeof b) : sg_slice(a, sizeof a), 0600,
			NULL) != SG_OK)
			return "cannot write";
	stop = true;
	return NULL;
}

static void
write__read_meanwhile__old_or_new_but_whole(void **state)
{
	(void)state;
	pthread_t thread;
	void *bad = NULL;
	put(path, "");
	assert_int_equal(pthread_create(&thread, NULL, writer_main, NULL), 0);
	while (!stop) {
		sg_buf_scoped b = {0};
		assert_int_equal(sg_file_read(path, &b, NULL), SG_OK);
		assert_true(b.len == 0 || b.len == 20000 || b.len == 10000);
		for (size_t n = 0; n < b.len; n++)
			assert_int_equal(b.p[n], b.len == 20000 ? 'a' : 'b');
	}
	pthread_join(thread, &bad);
	assert_null(bad);
}

static void
read__what_is_no_file__refused(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_buf_scoped b = {.max = 10};
	expect_err(sg_file_read(path, &b, &err), &err, SG_E_NOTFOUND, "file.open");
	assert_non_null(strstr(err.text, path));
	expect_err(sg_file_read(folder, &b, &err), &err, SG_E_IO, "file.read");
	expect_err(sg_file_read_fd(-1, "the key", &b, &err), &err, SG_E_IO, "file.read");
	assert_non_null(strstr(err.text, "the key"));
	put(path, "0123456789");
	assert_int_equal(sg_file_read(path, &b, &err), SG_OK);
	assert_int_equal(b.len, 10);
	sg_buf_reset(&b);
	put(path, "0123456789a");
	expect_err(sg_file_read(path, &b, &err), &err, SG_E_LIMIT, "limit.buffer");
	assert_non_null(strstr(err.text, path));
	/* One that never ends. */
	sg_buf_reset(&b);
	expect_err(sg_file_read("/dev/zero", &b, &err), &err, SG_E_LIMIT, "limit.buffer");
}

static void
read_fd__used_descriptor__from_its_beginning(void **state)
{
	(void)state;
	struct sg_err err = {0};
	char three[3];
	put(path, "from the beginning");
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(read(fileno(f), three, 3), 3);
	for (int n = 0; n < 2; n++) {
		sg_buf_scoped b = {0};
		assert_int_equal(sg_file_read_fd(fileno(f), "f", &b, &err), SG_OK);
		assert_text(&b, "from the beginning");
	}
	fclose(f);
}

static void
read_fd__pipe__what_it_has(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_buf_scoped b = {0};
	int fd[2];
	assert_int_equal(pipe(fd), 0);
	for (int n = 0; n < 2000; n++)
		assert_int_equal(write(fd[1], "abcd", 4), 4);
	close(fd[1]);
	assert_int_equal(sg_file_read_fd(fd[0], "pipe", &b, &err), SG_OK);
	assert_int_equal(b.len, 8000);
	assert_memory_equal(b.p + 7996, "abcd", 4);
	close(fd[0]);
}

static void
read__no_memory__says_so(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_buf_scoped b = {0};
	put(path, "content");
	alloc_fail_at(1);
	enum sg_code rc = sg_file_read(path, &b, &err);
	alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(write__new_and_again__content_and_mode),
	    TEST(write__symbolic_link__replaced_not_followed),
	    TEST(create__there_already__conflict),
	    TEST(write__impossible_places__refused),
	    TEST(folder__not_ours__refused_and_untouched),
	    TEST(write__disk_full__old_content_kept),
	    TEST(write__no_space__said_and_old_content_kept),
	    TEST(write__read_meanwhile__old_or_new_but_whole),
	    TEST(read__what_is_no_file__refused),
	    TEST(read_fd__used_descriptor__from_its_beginning),
	    TEST(read_fd__pipe__what_it_has),
	    TEST(read__no_memory__says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
