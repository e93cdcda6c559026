/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/date.h"

static void
date__each_time__as_the_standard_writes_it(void **state)
{
	static const struct {
		int64_t at;
		const char *text;
	} dates[] = {
	    {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
	    {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
	    {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
	    {253402300799, "Fri, 31 Dec 9999 23:59:59 GMT"},
	};
	(void)state;
	for (size_t n = 0; n < sizeof dates / sizeof *dates; n++) {
		char text[SG_HTTP_DATE_LEN + 1];
		sg_http_date(text, dates[n].at);
		assert_string_equal(text, dates[n].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(date__each_time__as_the_standard_writes_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
