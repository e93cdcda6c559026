/* SPDX-License-Identifier: Apache-2.0 */

/* Whom a chain of proxies names: 10/8 and 2001:db8:f::/48 are trusted here. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "http/forwarded.h"

/* The address that the fields name, or "". */
static const char *
named(struct sg_slice fields)
{
	static char text[SG_NET_TEXT_LEN];
	struct sg_net trusted[2];
	struct sg_ip ip;

	assert_null(sg_net_parse("10.0.0.0/8", &trusted[0]));
	assert_null(sg_net_parse("2001:db8:f::/48", &trusted[1]));
	text[0] = '\0';
	if (sg_http_forwarded(fields, trusted, 2, &ip))
		sg_ip_put(&ip, text);
	return text;
}

static void
expect_at(const char *value, const char *want, int line)
{
	char fields[1024];

	snprintf(fields, sizeof fields, "Host: a\r\nX-Forwarded-For: %s\r\nAccept: */*\r\n", value);
	const char *have = named(sg_slice_str(fields));
	if (strcmp(have, want) != 0)
		fail_msg("line %d: '%s' names '%s', not '%s'", line, value, have, want);
}

#define expect(value, want) expect_at((value), (want), __LINE__)

static void
forwarded__forms_of_an_address__read(void **state)
{
	(void)state;
	expect("192.0.2.1", "192.0.2.1");
	expect("  192.0.2.1\t", "192.0.2.1");
	expect("192.0.2.1:5678", "192.0.2.1");
	expect("192.0.2.1:0", "192.0.2.1");
	expect("2001:db8::1", "2001:db8::1");
	expect("2001:DB8:0::1", "2001:db8::1");
	expect("[2001:db8::1]", "2001:db8::1");
	expect("[2001:db8::1]:65535", "2001:db8::1");
	expect("::ffff:192.0.2.1", "192.0.2.1");
	expect("[::ffff:192.0.2.1]:443", "192.0.2.1");
	expect("64:ff9b::192.0.2.1", "64:ff9b::c000:201");
}

static void
forwarded__right_most_that_is_no_proxy__counts(void **state)
{
	(void)state;
	expect("198.51.100.9, 192.0.2.1", "192.0.2.1");
	expect("198.51.100.9,192.0.2.1, 10.0.0.1", "192.0.2.1");
	expect("198.51.100.9, 192.0.2.1,10.0.0.1 ,2001:db8:f::2, ::ffff:10.0.0.1", "192.0.2.1");
	expect("nonsense, 192.0.2.1", "192.0.2.1");
	expect("\"\\,\xff, 192.0.2.1", "192.0.2.1");
}

static void
forwarded__empty_items__are_none(void **state)
{
	(void)state;
	expect("192.0.2.1,", "192.0.2.1");
	expect(", ,192.0.2.1 , ,\t,10.0.0.1,,", "192.0.2.1");
	expect("", "");
	expect(",", "");
	expect(" , ", "");
}

static void
forwarded__no_address_before_one_is_found__nobody(void **state)
{
	static const char *const junk[] = {"unknown", "_hidden", "proxy.example", "192.0.2.256",
	    "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1 5",
	    "192.0.2.1/32", "\"192.0.2.1\"", "[2001:db8::1", "[2001:db8::1]x",
	    "[2001:db8::1]:", "[2001:db8::1]:x", "[]", "[", "]", ":", "::1::", "[192.0.2.1]",
	    "[192.0.2.1]:80", "2001:db8::1%eth0", "for=192.0.2.1", "0x7f000001", "3221225985",
	    "192.0.2.1;x", "10.0.0.1\v"};
	char value[256];
	(void)state;
	for (size_t n = 0; n < sizeof junk / sizeof junk[0]; n++) {
		expect(junk[n], "");
		snprintf(value, sizeof value, "192.0.2.1, %s, 10.0.0.1", junk[n]);
		expect(value, "");
	}
}

static void
forwarded__proxies_alone__nobody(void **state)
{
	(void)state;
	expect("10.0.0.1", "");
	expect("10.0.0.1, 2001:db8:f::1, 10.9.9.9:80", "");
	assert_string_equal(named(sg_slice_str("Host: a\r\n")), "");
	assert_string_equal(named(sg_slice(NULL, 0)), "");
}

static void
forwarded__several_fields__one_list(void **state)
{
	(void)state;
	assert_string_equal(named(sg_slice_str("X-Forwarded-For: 198.51.100.9, 192.0.2.1\r\n"
					       "Host: a\r\n"
					       "x-forwarded-FOR: 10.0.0.2\r\n"
					       "X-Forwarded-For:\r\n"
					       "X-Forwarded-For: 10.0.0.1\r\n")),
	    "192.0.2.1");
	assert_string_equal(named(sg_slice_str("X-Forwarded-For: 192.0.2.1\r\n"
					       "X-Forwarded-For: unknown\r\n")),
	    "");
	assert_string_equal(named(sg_slice_str("X-Forwarded-For: 192.0.2.1\r\n"
					       "X-Forwarded-Fo: 192.0.2.2\r\n"
					       "X-Forwarded-Forx: 192.0.2.3\r\n"
					       "Forwarded: for=192.0.2.4\r\n")),
	    "192.0.2.1");
}

/* As many proxies as are looked at, and one more. */
static void
forwarded__long_chain__bounded(void **state)
{
	sg_buf_scoped value = {0};
	(void)state;
	sg_buf_puts(&value, "192.0.2.1");
	for (unsigned n = 1; n < SG_HTTP_FORWARDED_MAX; n++)
		sg_buf_puts(&value, ", 10.0.0.1");
	expect(sg_buf_text(&value), "192.0.2.1");
	sg_buf_puts(&value, ", 10.0.0.1");
	expect(sg_buf_text(&value), "");
	/* What is left of an address does not matter, however long it is. */
	for (unsigned n = 0; n < 50; n++)
		sg_buf_puts(&value, ", x");
	sg_buf_puts(&value, ", 192.0.2.2");
	expect(sg_buf_text(&value), "192.0.2.2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forwarded__forms_of_an_address__read),
	    cmocka_unit_test(forwarded__right_most_that_is_no_proxy__counts),
	    cmocka_unit_test(forwarded__empty_items__are_none),
	    cmocka_unit_test(forwarded__no_address_before_one_is_found__nobody),
	    cmocka_unit_test(forwarded__proxies_alone__nobody),
	    cmocka_unit_test(forwarded__several_fields__one_list),
	    cmocka_unit_test(forwarded__long_chain__bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
