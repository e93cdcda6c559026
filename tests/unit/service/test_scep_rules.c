/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "scep/check.h"
#include "service/scep_rules.h"
#include "scep/caps.h"

#define HASHES (1u << SG_HASH_SHA256 | 1u << SG_HASH_SHA384 | 1u << SG_HASH_SHA512)
#define CIPHERS                                                                                    \
	(1u << SG_CIPHER_AES128_CBC | 1u << SG_CIPHER_AES192_CBC | 1u << SG_CIPHER_AES256_CBC)

static void
rules__nothing_allowed__modern_only(void **state)
{
	(void)state;
	struct sg_conf_endpoint e = {.profile = SG_CONF_PROFILE_STANDARD};
	struct sg_scep_rules r = sg_service_scep_rules(&e);
	assert_int_equal(r.hashes, HASHES);
	assert_int_equal(r.ciphers, CIPHERS);
	assert_false(r.strict);
}

static void
rules__each_option__adds_its_own(void **state)
{
	(void)state;
	for (unsigned allow = 0; allow < 4; allow++) {
		struct sg_conf_endpoint e = {.allow = allow};
		struct sg_scep_rules r = sg_service_scep_rules(&e);
		bool sha1 = allow & SG_CONF_ALLOW_SHA1, des3 = allow & SG_CONF_ALLOW_DES3;
		assert_int_equal(r.hashes, HASHES | (unsigned)sha1 << SG_HASH_SHA1);
		assert_int_equal(r.ciphers, CIPHERS | (unsigned)des3 << SG_CIPHER_DES3_CBC);
		assert_int_equal(r.ciphers & 1u << SG_CIPHER_DES_CBC, 0);
	}
}

static void
rules__profile__strict_only_there(void **state)
{
	(void)state;
	for (unsigned profile = 0; profile <= SG_CONF_PROFILE_CISCO; profile++) {
		struct sg_conf_endpoint e = {.profile = profile};
		assert_int_equal(
		    sg_service_scep_rules(&e).strict, profile == SG_CONF_PROFILE_STRICT);
	}
}

/* What is offered is what is accepted. */
static void
caps__each_option__as_the_rules(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 8; n++) {
		struct sg_conf_endpoint e = {.allow = n & 3, .renewal = n & 4};
		struct sg_scep_rules r = sg_service_scep_rules(&e);
		uint32_t caps = sg_service_scep_caps(&e);
		assert_int_equal((caps & SG_CAP_RENEWAL) != 0, e.renewal);
		assert_int_equal((caps & SG_CAP_SHA1) != 0, (r.hashes & 1u << SG_HASH_SHA1) != 0);
		assert_int_equal(
		    (caps & SG_CAP_DES3) != 0, (r.ciphers & 1u << SG_CIPHER_DES3_CBC) != 0);
		assert_int_equal(caps & (uint32_t) ~(SG_CAP_SHA1 | SG_CAP_DES3 | SG_CAP_RENEWAL),
		    SG_CAPS_DEFAULT & ~(uint32_t)SG_CAP_RENEWAL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules__nothing_allowed__modern_only),
	    cmocka_unit_test(rules__each_option__adds_its_own),
	    cmocka_unit_test(rules__profile__strict_only_there),
	    cmocka_unit_test(caps__each_option__as_the_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
