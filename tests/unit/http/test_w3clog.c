/* SPDX-License-Identifier: Apache-2.0 */

/* The access log's lines, and what becomes of them when the disk is full. */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "http/w3clog.h"

/* 2026-11-20 13:44:05 UTC. */
#define AT_US 1795182245000000LL

static struct sg_http_record
record(const char *query)
{
	return (struct sg_http_record){
	    .at_us = AT_US,
	    .taken_us = 186999,
	    .method = sg_slice_str("GET"),
	    .stem = sg_slice_str("/certsrv/mscep/mscep.dll/pkiclient.exe"),
	    .query = sg_slice_str(query),
	    .agent = sg_slice_str("Mozilla/4.0 (compatible; Win32; NDES client)"),
	    .server_addr = "192.0.2.1",
	    .client_addr = "2001:db8::7",
	    .server_port = 80,
	    .status = 200,
	};
}

static void
line_is(const struct sg_http_record *rec, const char *want)
{
	sg_buf_scoped b = {0};
	sg_w3clog_line(&b, rec);
	assert_string_equal(sg_buf_text(&b), want);
}

#define BEGIN "2026-11-20 13:44:05 192.0.2.1 GET /certsrv/mscep/mscep.dll/pkiclient.exe "
#define END " 80 - 2001:db8::7 Mozilla/4.0+(compatible;+Win32;+NDES+client) - 200 0 0 186\n"

static void
line__request__as_iis(void **state)
{
	(void)state;
	struct sg_http_record rec = record("operation=GetCACaps&message=default");
	line_is(&rec, BEGIN "operation=GetCACaps&message=default" END);
}

static void
line__nothing_known__dashes(void **state)
{
	(void)state;
	struct sg_http_record rec = {
	    .at_us = AT_US, .status = 400, .sub_status = 605, .win32_status = 64};
	line_is(&rec, "2026-11-20 13:44:05 - - - - 0 - - - - 400 605 64 0\n");
}

static void
line__hostile_texts__one_line_same_fields(void **state)
{
	(void)state;
	struct sg_http_record rec = record("a=\"b\"");
	rec.method = sg_slice_str("G T");
	rec.stem = sg_slice_str("/a\nb");
	rec.agent = sg_slice("x\0\x1b[2J\x7f\xc3\xa9 y\t", 12);
	rec.referer = sg_slice_str("http://a/ \r\n");
	rec.user = sg_slice_str("DOMAIN\\u ser");
	line_is(&rec,
	    "2026-11-20 13:44:05 192.0.2.1 G+T /a%0Ab a=\"b\" 80 DOMAIN\\u+ser 2001:db8::7 "
	    "x%00%1B[2J%7F%C3%A9+y%09 http://a/+%0D%0A 200 0 0 186\n");
}

static void
line__long_message__cut_with_length(void **state)
{
	(void)state;
	char query[9000] = "operation=PKIOperation&message=";
	size_t n = strlen(query);
	memset(query + n, 'M', 8000);
	struct sg_http_record rec = record(query);
	line_is(&rec, BEGIN "operation=PKIOperation&message=MMMMMMMMMMMMMMMM...[8000]" END);
	memcpy(query + n + 8000, "&operation=x", 13);
	rec = record(query + strlen("operation=PKIOperation&"));
	line_is(&rec, BEGIN "message=MMMMMMMMMMMMMMMM...[8000]&operation=x" END);
}

static void
line__many_parameters__bounded(void **state)
{
	(void)state;
	char query[60001];
	for (size_t i = 0; i < sizeof query - 1; i++)
		query[i] = "a=\x01&"[i % 4];
	query[sizeof query - 1] = 0;
	struct sg_http_record rec = record(query);
	rec.stem = rec.agent = rec.referer = rec.query;
	sg_buf_scoped b = {0};
	sg_w3clog_line(&b, &rec);
	assert_true(b.len < 5 * 3 * SG_HTTP_LOG_TEXT_MAX);
	assert_non_null(strstr(sg_buf_text(&b), "...["));
	memset(query, 'x', sizeof query - 1);
	rec.query = sg_slice_str(query);
	sg_buf_scoped c = {0};
	sg_w3clog_line(&c, &rec);
	assert_non_null(strstr(sg_buf_text(&c), "xxxx...[60000] 80 "));
}

static void
header__any__four_lines(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_w3clog_header(&b, "Signet 0.1.0", AT_US);
	assert_string_equal(sg_buf_text(&b),
	    "#Software: Signet 0.1.0\n#Version: 1.0\n#Date: 2026-11-20 13:44:05\n"
	    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
	    "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n");
}

static size_t
lines_in(int fd)
{
	char part[4096];
	size_t n = 0;
	off_t at = 0;
	for (ssize_t got; (got = pread(fd, part, sizeof part, at)) > 0; at += got)
		for (ssize_t i = 0; i < got; i++)
			n += part[i] == '\n';
	return n;
}

static void
log__many_lines__all_written_header_once_per_file(void **state)
{
	(void)state;
	struct sg_w3clog *log = NULL;
	struct sg_err err;
	struct sg_http_record rec = record("operation=GetCACaps");
	int a = memfd_create("a", 0), b = memfd_create("b", 0);
	assert_true(a >= 0 && b >= 0);
	assert_int_equal(sg_w3clog_new(a, "Signet", &log, &err), SG_OK);
	for (int i = 0; i < 2000; i++)
		sg_w3clog_put(log, &rec);
	assert_true(lines_in(a) > 1000);
	assert_int_equal(sg_w3clog_flush(log, &err), SG_OK);
	assert_int_equal(lines_in(a), 2004);
	sg_w3clog_put(log, &rec);
	sg_w3clog_reopen(log, b);
	assert_int_equal(lines_in(a), 2005);
	sg_w3clog_put(log, &rec);
	sg_w3clog_free(&log);
	assert_null(log);
	assert_int_equal(lines_in(b), 5);
	close(a);
	close(b);
}

static void
log__disk_full__counts_and_recovers(void **state)
{
	(void)state;
	struct sg_w3clog *log = NULL;
	struct sg_err err;
	struct sg_http_record rec = record("operation=GetCACaps");
	int full = open("/dev/full", O_WRONLY), fd = memfd_create("a", 0);
	assert_true(full >= 0 && fd >= 0);
	assert_int_equal(sg_w3clog_new(full, "Signet", &log, &err), SG_OK);
	for (int i = 0; i < 20000; i++)
		sg_w3clog_put(log, &rec);
	assert_true(sg_w3clog_lost(log) > 0);
	assert_int_equal(sg_w3clog_flush(log, &err), SG_E_IO);
	assert_string_equal(err.rule, "http.log.write");
	uint64_t lost = sg_w3clog_lost(log);
	sg_w3clog_reopen(log, fd);
	assert_int_equal(sg_w3clog_flush(log, &err), SG_OK);
	sg_w3clog_free(&log);
	assert_int_equal(lines_in(fd) + lost, 20004);
	close(full);
	close(fd);
}

static void
log__no_memory__line_lost_log_usable(void **state)
{
	(void)state;
	struct sg_w3clog *log = NULL;
	struct sg_err err;
	struct sg_http_record rec = record("operation=GetCACaps");
	int fd = memfd_create("a", 0);
	sg_alloc_fail_at(1);
	assert_int_equal(sg_w3clog_new(fd, "Signet", &log, &err), SG_E_NOMEM);
	assert_null(log);
	sg_alloc_fail_at(0);
	assert_int_equal(sg_w3clog_new(fd, "Signet", &log, &err), SG_OK);
	for (unsigned long n = 1; n <= 4; n++) {
		sg_alloc_fail_at(n);
		sg_w3clog_put(log, &rec);
		sg_alloc_fail_at(0);
		sg_w3clog_put(log, &rec);
	}
	uint64_t lost = sg_w3clog_lost(log);
	assert_true(lost > 0);
	sg_w3clog_free(&log);
	assert_true(lines_in(fd) + lost >= 4 + 8);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(line__request__as_iis),
	    cmocka_unit_test(line__nothing_known__dashes),
	    cmocka_unit_test(line__hostile_texts__one_line_same_fields),
	    cmocka_unit_test(line__long_message__cut_with_length),
	    cmocka_unit_test(line__many_parameters__bounded),
	    cmocka_unit_test(header__any__four_lines),
	    cmocka_unit_test(log__many_lines__all_written_header_once_per_file),
	    cmocka_unit_test(log__disk_full__counts_and_recovers),
	    cmocka_unit_test(log__no_memory__line_lost_log_usable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
