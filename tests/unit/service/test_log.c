/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "lib/alloc_fail.h"
#include "service/log.h"

/* What one call writes to standard error. */
static void
captured(struct sg_buf *ret, enum sg_log_level level, const char *id, const char *text)
{
	int fd[2], was = dup(STDERR_FILENO);
	uint8_t chunk[4096];
	sg_buf_reset(ret);
	assert_int_equal(pipe(fd), 0);
	fflush(stderr);
	assert_true(dup2(fd[1], STDERR_FILENO) >= 0);
	sg_log(level, id, "%s", text);
	assert_true(dup2(was, STDERR_FILENO) >= 0);
	close(was);
	close(fd[1]);
	ssize_t n = read(fd[0], chunk, sizeof chunk);
	assert_true(n >= 0);
	sg_buf_put(ret, chunk, (size_t)n);
	close(fd[0]);
}

static void
log__each_level__one_line(void **state)
{
	(void)state;
	static const char *const words[] = {"error", "warning", "notice", "info"};
	for (int level = SG_LOG_ERROR; level <= SG_LOG_INFO; level++) {
		sg_buf_scoped b = {0}, want = {0};
		sg_log_setup("registrar", SG_LOG_INFO);
		captured(&b, (enum sg_log_level)level, "challenge.used", "text here");
		const char *line = sg_buf_text(&b);
		assert_int_equal(line[19], 'Z');
		sg_buf_printf(&want, " registrar %s challenge.used text here\n", words[level]);
		assert_string_equal(line + 20, sg_buf_text(&want));
	}
}

static void
log__below_the_least__silent(void **state)
{
	(void)state;
	for (int least = SG_LOG_ERROR; least <= SG_LOG_INFO; least++) {
		for (int level = SG_LOG_ERROR; level <= SG_LOG_INFO; level++) {
			sg_buf_scoped b = {0};
			sg_log_setup("ca", (enum sg_log_level)least);
			captured(&b, (enum sg_log_level)level, "id", "text");
			assert_int_equal(b.len > 0, level <= least);
		}
	}
}

static void
log__long_text__cut_but_a_line(void **state)
{
	(void)state;
	static char longer[3000];
	sg_buf_scoped b = {0};
	memset(longer, 'x', sizeof longer - 1);
	sg_log_setup("ca", SG_LOG_INFO);
	captured(&b, SG_LOG_ERROR, "id", longer);
	assert_true(b.len < 1100);
	assert_int_equal(b.p[b.len - 1], '\n');
	assert_null(memchr(b.p, '\n', b.len - 1));
}

/* What an owned sibling would like to write: lines of others, colours, text that turns round. */
static void
log__controls_in_text_and_word__escaped(void **state)
{
	static const char text[] = "one\n2026-01-01T00:00:00Z ca error x\r\x1b[31m "
				   "\xe2\x80\xae \xff \"a\\x0a\"";
	sg_buf_scoped b = {0};

	(void)state;
	sg_log_setup("ca", SG_LOG_INFO);
	captured(&b, SG_LOG_ERROR, "id\n", text);
	assert_string_equal(sg_buf_text(&b) + 20,
	    " ca error id\\x0a one\\x0a2026-01-01T00:00:00Z ca error x\\x0d\\x1b[31m "
	    "\\xe2\\x80\\xae \\xff \"a\\x0a\"\n");
}

static void
log__no_memory__silent(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_buf_puts(&b, "room");
	sg_log_setup("ca", SG_LOG_INFO);
	alloc_fail_at(1);
	captured(&b, SG_LOG_ERROR, "id", "text");
	alloc_fail_at(0);
	assert_int_equal(b.len, 0);
}

/* As many as strangers like of one kind: a few, and then the number of the others; another kind has
 * lines all the same. */
static void
log__many_of_a_kind__few_and_counted(void **state)
{
	(void)state;
	unsigned lines = 0, left_out = 0;
	sg_log_setup("front", SG_LOG_INFO);
	int64_t end = sg_clock_mono_ms() + 2 * SG_LOG_LINE_MS;
	for (unsigned n = 0; left_out == 0 || n < 1000; n++) {
		sg_buf_scoped b = {0};
		captured(&b, SG_LOG_WARNING, "many.of-these", "text");
		const char *at = strstr(sg_buf_text(&b), "text (and ");
		lines += b.len > 0;
		if (at != NULL)
			left_out = (unsigned)strtoul(at + strlen("text (and "), NULL, 10);
		assert_true(lines <= SG_LOG_BURST ||
			    sg_clock_mono_ms() - end < (int64_t)lines * SG_LOG_LINE_MS);
	}
	assert_true(lines >= SG_LOG_BURST);
	assert_true(left_out > 0);
	sg_buf_scoped other = {0};
	captured(&other, SG_LOG_WARNING, "another.kind", "text");
	assert_non_null(strstr(sg_buf_text(&other), " another.kind text\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(log__each_level__one_line),
	    cmocka_unit_test(log__below_the_least__silent),
	    cmocka_unit_test(log__long_text__cut_but_a_line),
	    cmocka_unit_test(log__controls_in_text_and_word__escaped),
	    cmocka_unit_test(log__no_memory__silent),
	    cmocka_unit_test(log__many_of_a_kind__few_and_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
