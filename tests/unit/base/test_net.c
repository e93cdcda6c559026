/* SPDX-License-Identifier: Apache-2.0 */

/* Addresses in one form, and the networks that they are in. */

#include "unit/base/base_test.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/net.h"

static void
ip_parse__every_form__written_back_as_one(void **state)
{
	static const struct {
		const char *text, *back;
	} rows[] = {
	    {"192.0.2.1", "192.0.2.1"},
	    {"0.0.0.0", "0.0.0.0"},
	    {"::ffff:192.0.2.1", "192.0.2.1"},
	    {"::FFFF:c000:201", "192.0.2.1"},
	    {"2001:DB8:0:0::1", "2001:db8::1"},
	    {"::", "::"},
	    {"1111:2222:3333:4444:5555:6666:7777:8888", "1111:2222:3333:4444:5555:6666:7777:8888"},
	};
	char back[SG_NET_TEXT_LEN];
	struct sg_ip ip;
	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		assert_true(sg_ip_parse(sg_slice_str(rows[n].text), &ip));
		sg_ip_put(&ip, back);
		assert_string_equal(back, rows[n].back);
	}
}

static void
ip_parse__no_address__false(void **state)
{
	static const char *const texts[] = {"", "unknown", "192.0.2", "192.0.2.256", "192.0.2.01",
	    "192.0.2.1 ", " 192.0.2.1", "192.0.2.1/32", "192.0.2.1:80", "[2001:db8::1]",
	    "2001:db8::1%eth0", "::g", "1:2:3:4:5:6:7:8:9",
	    "00000000000000000000000000000000000000000000192.0.2.1"};
	struct sg_ip ip = {{7}}, was = ip;
	(void)state;
	for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++)
		assert_false(sg_ip_parse(sg_slice_str(texts[n]), &ip));
	assert_false(sg_ip_parse(sg_slice("192.0.2.1\0", 10), &ip));
	assert_memory_equal(&ip, &was, sizeof ip);
}

static void
ip_from__socket__as_its_text(void **state)
{
	struct sockaddr_storage sa = {.ss_family = AF_INET};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sg_ip have, want;
	(void)state;
	assert_true(sg_ip_parse(sg_slice_str("198.51.100.7"), &want));
	assert_int_equal(inet_pton(AF_INET, "198.51.100.7", &v4.sin_addr), 1);
	memcpy(&sa, &v4, sizeof v4);
	assert_true(sg_ip_from(&sa, &have));
	assert_memory_equal(&have, &want, sizeof have);
	assert_int_equal(inet_pton(AF_INET6, "::ffff:198.51.100.7", &v6.sin6_addr), 1);
	memcpy(&sa, &v6, sizeof v6);
	assert_true(sg_ip_from(&sa, &have));
	assert_memory_equal(&have, &want, sizeof have);
	sa.ss_family = AF_UNIX;
	assert_false(sg_ip_from(&sa, &have));
}

static bool
has(const char *net_text, const char *ip_text)
{
	struct sg_net net;
	struct sg_ip ip;

	assert_null(sg_net_parse(net_text, &net));
	assert_true(sg_ip_parse(sg_slice_str(ip_text), &ip));
	return sg_net_any_has(&net, 1, &ip);
}

static void
any_has__each_width__what_is_in_it(void **state)
{
	(void)state;
	assert_true(has("192.0.2.1", "192.0.2.1"));
	assert_false(has("192.0.2.1", "192.0.2.0"));
	assert_true(has("192.0.2.1/32", "::ffff:192.0.2.1"));
	assert_true(has("10.0.0.0/8", "10.255.0.1"));
	assert_false(has("10.0.0.0/8", "11.0.0.0"));
	assert_true(has("172.16.0.0/12", "172.31.255.255"));
	assert_false(has("172.16.0.0/12", "172.32.0.0"));
	assert_true(has("128.0.0.0/1", "255.0.0.1"));
	assert_false(has("128.0.0.0/1", "127.0.0.1"));
	assert_true(has("::ffff:10.0.0.0/104", "10.1.1.1"));
	assert_true(has("2001:db8::/32", "2001:db8:ffff::1"));
	assert_false(has("2001:db8::/32", "2001:db9::"));
	assert_true(has("2001:db8::8/125", "2001:db8::f"));
	assert_false(has("2001:db8::8/125", "2001:db8::10"));
	assert_true(has("2001:db8::1", "2001:db8::1"));
	assert_false(has("2001:db8::1", "2001:db8::2"));
}

/* ::/64 has ::ffff:192.0.2.1 by its bits, and nobody means IPv4 with it. */
static void
any_has__ipv4__in_no_network_of_ipv6(void **state)
{
	(void)state;
	assert_true(has("::/64", "::1"));
	assert_false(has("::/64", "192.0.2.1"));
	assert_false(has("::/1", "192.0.2.1"));
	assert_false(has("128.0.0.0/1", "2001:db8::1"));
}

static void
any_has__several__one_is_enough(void **state)
{
	struct sg_net nets[2];
	struct sg_ip ip;
	(void)state;
	assert_null(sg_net_parse("10.0.0.0/8", &nets[0]));
	assert_null(sg_net_parse("2001:db8::/32", &nets[1]));
	assert_true(sg_ip_parse(sg_slice_str("2001:db8::5"), &ip));
	assert_true(sg_net_any_has(nets, 2, &ip));
	assert_false(sg_net_any_has(nets, 1, &ip));
	assert_false(sg_net_any_has(NULL, 0, &ip));
}

static void
net_parse__mistakes__what_to_do(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"", "in numbers"},
	    {"proxy.example", "in numbers"},
	    {"10.0.0.0/", "how many bits"},
	    {"10.0.0.0/33", "how many bits"},
	    {"10.0.0.0/255.0.0.0", "how many bits"},
	    {"10.0.0.0/08", "how many bits"},
	    {"10.0.0.0/-8", "how many bits"},
	    {"2001:db8::/129", "how many bits"},
	    {"10.0.0.0/8/8", "how many bits"},
	    {"10.0.0.1/8", "first address"},
	    {"10.0.0.1/31", "first address"},
	    {"2001:db8::1/32", "first address"},
	    {"::ffff:10.0.0.0/8", "first address"},
	    {"0.0.0.0/0", "could name any address"},
	    {"::/0", "could name any address"},
	};
	struct sg_net net;
	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		const char *wrong = sg_net_parse(rows[n].text, &net);
		if (wrong == NULL || strstr(wrong, rows[n].says) == NULL)
			fail_msg("%s: %s", rows[n].text, wrong == NULL ? "accepted" : wrong);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ip_parse__every_form__written_back_as_one),
	    cmocka_unit_test(ip_parse__no_address__false),
	    cmocka_unit_test(ip_from__socket__as_its_text),
	    cmocka_unit_test(any_has__each_width__what_is_in_it),
	    cmocka_unit_test(any_has__ipv4__in_no_network_of_ipv6),
	    cmocka_unit_test(any_has__several__one_is_enough),
	    cmocka_unit_test(net_parse__mistakes__what_to_do),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
