/* SPDX-License-Identifier: Apache-2.0 */

/* One customer, one number, however the address is written. */

#include "unit/base/base_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"

static void
addr_key__ipv4__whole(void **state)
{
	(void)state;
	assert_int_equal(sg_addr_key_text("192.0.2.1"), 0xc0000201);
	assert_int_not_equal(sg_addr_key_text("192.0.2.1"), sg_addr_key_text("192.0.2.2"));
	assert_true(sg_addr_key_is_v4(sg_addr_key_text("255.255.255.255")));
}

static void
addr_key__ipv6__by_its_64(void **state)
{
	(void)state;
	assert_true(sg_addr_key_text("2001:db8:0:1::1") == 0x20010db800000001u);
	assert_true(
	    sg_addr_key_text("2001:db8:0:1::1") == sg_addr_key_text("2001:db8:0:1:ffff::2"));
	assert_true(sg_addr_key_text("2001:db8:0:1::1") != sg_addr_key_text("2001:db8:0:2::1"));
	assert_false(sg_addr_key_is_v4(sg_addr_key_text("2001:db8::1")));
}

static void
addr_key__ipv4_inside__that_one(void **state)
{
	static const char *const same[] = {"::ffff:192.0.2.1", "64:ff9b::192.0.2.1",
	    "64:ff9b:1::192.0.2.1", "64:ff9b:1:fffe:abcd::192.0.2.1", "2002:c000:201::1",
	    "2002:c000:201:ffff:1:2:3:4", "2001:0:4136:e378:8000:63bf:3fff:fdfe"};
	static const char *const other[] = {"::ffff:192.0.2.2", "64:ff9b::192.0.2.2",
	    "2002:c000:202::1", "64:ff9b:2::192.0.2.1", "2001:db8::192.0.2.1"};
	(void)state;
	for (size_t n = 0; n < sizeof same / sizeof same[0]; n++)
		assert_int_equal(sg_addr_key_text(same[n]), 0xc0000201);
	for (size_t n = 0; n < sizeof other / sizeof other[0]; n++)
		assert_int_not_equal(sg_addr_key_text(other[n]), 0xc0000201);
}

static void
addr_key__no_address__nobody(void **state)
{
	static const char *const texts[] = {"", "nonsense", "192.0.2.256", "::g", "::1"};
	struct sockaddr_storage sa = {.ss_family = AF_UNIX};
	(void)state;
	for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++)
		assert_int_equal(sg_addr_key_text(texts[n]), 0);
	assert_int_equal(sg_addr_key(&sa), 0);
}

static void
addr_key__socket__as_its_text(void **state)
{
	struct sockaddr_storage sa = {0};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(80)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
	(void)state;
	assert_int_equal(inet_pton(AF_INET, "198.51.100.7", &v4.sin_addr), 1);
	memcpy(&sa, &v4, sizeof v4);
	assert_int_equal(sg_addr_key(&sa), sg_addr_key_text("198.51.100.7"));
	assert_int_equal(inet_pton(AF_INET6, "::ffff:198.51.100.7", &v6.sin6_addr), 1);
	memcpy(&sa, &v6, sizeof v6);
	assert_int_equal(sg_addr_key(&sa), sg_addr_key_text("198.51.100.7"));
	assert_int_equal(inet_pton(AF_INET6, "2001:db8:1:2::7", &v6.sin6_addr), 1);
	memcpy(&sa, &v6, sizeof v6);
	assert_true(sg_addr_key(&sa) == sg_addr_key_text("2001:db8:1:2:ff::"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addr_key__ipv4__whole),
	    cmocka_unit_test(addr_key__ipv6__by_its_64),
	    cmocka_unit_test(addr_key__ipv4_inside__that_one),
	    cmocka_unit_test(addr_key__no_address__nobody),
	    cmocka_unit_test(addr_key__socket__as_its_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
