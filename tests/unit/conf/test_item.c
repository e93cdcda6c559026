/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/conf/conf_test.h"

#include "conf/item_private.h"

static void
listen_parse__good__address(void **state)
{
	(void)state;
	static const char *const good[] = {"127.0.0.1:1", "0.0.0.0:65535", "[::]:80",
	    "[2001:db8::1]:8080", "[::ffff:127.0.0.1]:80", "223.255.255.255:80",
	    "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:80"};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct sg_conf_listen l = {0};
		const char *wrong = sg_conf_listen_parse(good[i], &l);
		/* The longest text there is begins with ff, which is multicast. */
		if (i == 6)
			assert_non_null(strstr(wrong, "multicast"));
		else
			assert_null(wrong);
		assert_true(l.port > 0);
	}
}

static void
listen_parse__bad__what_to_do(void **state)
{
	(void)state;
	static const char *const bad[] = {"", ":", "1", "[", "]", "[]:80", "[:80", "]:80", "[::1]",
	    "[::1]:", "[::1]80", "::1", "a:1", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1",
	    "127.0.0.1:1 ", " 127.0.0.1:1", "127.1:80", "0x7f000001:80", "256.0.0.1:80",
	    "127.0.0.1:00080", "127.0.0.1:99999999999999999999", "[::1%1]:80",
	    "[1111111111111111111111111111111111111111111111111111111111]:80",
	    "255.255.255.255:80"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct sg_conf_listen l = {0};
		const char *wrong = sg_conf_listen_parse(bad[i], &l);
		if (wrong == NULL)
			fail_msg("accepted: %s", bad[i]);
	}
}

static void
eku_parse__words_and_oids__dotted(void **state)
{
	(void)state;
	static const char *const good[] = {"clientAuth", "serverAuth", "codeSigning",
	    "emailProtection", "ipsecIKE", "eapOverLAN", "smartcardLogon", "1.2", "0.39", "2.40",
	    "2.4294967295", "1.3.6.1.4.1.311.10.3.4", "1.0.0.0"};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		const char *oid = NULL;
		assert_null(sg_conf_eku_parse(good[i], &oid));
		assert_non_null(oid);
		assert_int_equal(strspn(oid, "0123456789."), strlen(oid));
	}
}

static void
eku_parse__bad__what_to_do(void **state)
{
	(void)state;
	static const char *const bad[] = {"", ".", "1", "1.", ".1", "1..2", "3.1", "1.40", "0.40",
	    "1.02", "1.2.-3", "1.2.4294967296", "1.2 .3", "1.2.3a", "any", "ClientAuth",
	    "clientAuth ", "anyExtendedKeyUsage", "OCSPSigning", "certificateRequestAgent", "cmcRA",
	    "1.3.6.1.5.5.7.3.28",
	    "1.2.4294967295.4294967295.4294967295.4294967295.4294967295.4294967295.4294967295"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const char *oid = NULL;
		if (sg_conf_eku_parse(bad[i], &oid) == NULL)
			fail_msg("accepted: %s", bad[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(listen_parse__good__address),
	    cmocka_unit_test(listen_parse__bad__what_to_do),
	    cmocka_unit_test(eku_parse__words_and_oids__dotted),
	    cmocka_unit_test(eku_parse__bad__what_to_do),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
