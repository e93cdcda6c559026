/* SPDX-License-Identifier: Apache-2.0 */

/* The access log's lines: those of IIS, and bounded whatever comes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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

/* Every field as long as HTTP takes it, of bytes that are written as one and as three. */
static void
line__everything_too_long__bounded(void **state)
{
	static char text[60001];
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		for (size_t i = 0; i < sizeof text - 1; i++)
			text[i] = (const char *[]){
			    "xxxx", "\x01\x01\x01\x01", "a=\x01&", "&&&&"}[kind][i % 4];
		struct sg_http_record rec = record(text);
		rec.method = rec.user = rec.stem = rec.agent = rec.referer = rec.query;
		rec.server_addr = rec.client_addr = "2001:0db8:ffff:ffff:ffff:ffff:255.255.255.255";
		rec.status = rec.sub_status = INT32_MAX;
		rec.win32_status = UINT32_MAX;
		rec.taken_us = INT64_MAX;
		rec.server_port = 65535;
		sg_buf_scoped b = {0};
		sg_w3clog_line(&b, &rec);
		assert_true(b.len <= SG_ACCESS_LINE_MAX);
		assert_non_null(strstr(sg_buf_text(&b), "...[60000] "));
		assert_ptr_equal(strchr(sg_buf_text(&b), '\n'), sg_buf_text(&b) + b.len - 1);
	}
}

/* What is cut is the end: the beginning and the length stay. */
static void
line__long_fields__beginning_and_length(void **state)
{
	static char path[3001] = "/scep/", query[3001] = "operation=PKIOperation&message=0%82&x=";
	(void)state;
	memset(path + 6, 'p', sizeof path - 7);
	memset(query + strlen(query), 'q', sizeof query - 1 - strlen(query));
	struct sg_http_record rec = record(query);
	rec.stem = rec.agent = sg_slice_str(path);
	sg_buf_scoped b = {0};
	sg_w3clog_line(&b, &rec);
	assert_non_null(strstr(sg_buf_text(&b), " /scep/pppp"));
	assert_non_null(strstr(sg_buf_text(&b), "pppp...[3000] "));
	assert_non_null(strstr(sg_buf_text(&b), " operation=PKIOperation&message=0%82&x=qqqq"));
}

/* 200 bytes that are written as 600: a short query for HTTP, a long one here. */
static void
line__escapes__operation_stays_readable(void **state)
{
	char query[256] = "a=", many[201] = "";
	(void)state;
	memset(many, 1, 200);
	snprintf(query, sizeof query, "a=%s&operation=GetCACaps", many);
	struct sg_http_record rec = record(query);
	sg_buf_scoped b = {0};
	sg_w3clog_line(&b, &rec);
	assert_non_null(strstr(sg_buf_text(&b), "...[200]&operation=GetCACaps 80 "));
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

static void
remark__any__a_line_that_tools_skip(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_w3clog_remark(&b, AT_US, "192.0.2.1: 7 requests left out");
	assert_string_equal(
	    sg_buf_text(&b), "#Remark: 2026-11-20 13:44:05 192.0.2.1: 7 requests left out\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(line__request__as_iis),
	    cmocka_unit_test(line__nothing_known__dashes),
	    cmocka_unit_test(line__hostile_texts__one_line_same_fields),
	    cmocka_unit_test(line__long_message__cut_with_length),
	    cmocka_unit_test(line__everything_too_long__bounded),
	    cmocka_unit_test(line__long_fields__beginning_and_length),
	    cmocka_unit_test(line__escapes__operation_stays_readable),
	    cmocka_unit_test(header__any__four_lines),
	    cmocka_unit_test(remark__any__a_line_that_tools_skip),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
