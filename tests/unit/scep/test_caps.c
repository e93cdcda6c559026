/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "scep/caps.h"

static void
caps__default__exact_text(void **state)
{
	sg_buf_scoped b = {0};

	(void)state;
	sg_scep_caps_put(&b, SG_CAPS_DEFAULT);
	assert_string_equal(sg_buf_text(&b),
	    "AES\nPOSTPKIOperation\nRenewal\nSCEPStandard\nSHA-256\nSHA-384\nSHA-512\n");
	assert_int_equal(sg_scep_caps_parse(sg_buf_slice(&b)), SG_CAPS_DEFAULT);
}

static void
caps__every_set__round_trip(void **state)
{
	(void)state;
	for (uint32_t caps = 0; caps < SG_CAP_STANDARD * 2; caps++) {
		sg_buf_scoped b = {0};
		uint32_t want = caps;
		sg_scep_caps_put(&b, caps);
		if (caps & SG_CAP_STANDARD)
			want |= SG_CAP_AES | SG_CAP_POST | SG_CAP_SHA256;
		assert_int_equal(sg_scep_caps_parse(sg_buf_slice(&b)), want);
	}
}

static void
caps__parse__tolerant(void **state)
{
	static const struct {
		const char *text;
		uint32_t want;
	} rows[] = {
	    {"", 0},
	    {"\n\n\r\n", 0},
	    {"SHA-256", SG_CAP_SHA256},
	    {"sha-256\r\naes\rX-Foo\tUpdate renewal", SG_CAP_SHA256 | SG_CAP_AES | SG_CAP_RENEWAL},
	    {"SHA-2566\nAE\nAESX\n", 0},
	    {"<html><body>AES</body></html>", 0},
	    {"\xef\xbb\xbf"
	     "AES\nDES3\n",
		SG_CAP_AES | SG_CAP_DES3},
	    {"AES, SHA-256;Renewal", SG_CAP_AES | SG_CAP_SHA256 | SG_CAP_RENEWAL},
	    {"\xef\xbb\xbf", 0},
	    {"GetNextCACert\nSHA-1\n", SG_CAP_NEXT_CA | SG_CAP_SHA1},
	    {"SCEPStandard", SG_CAP_STANDARD | SG_CAP_AES | SG_CAP_POST | SG_CAP_SHA256},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(sg_scep_caps_parse(sg_slice_str(rows[i].text)), rows[i].want);
	assert_int_equal(sg_scep_caps_parse(sg_slice("AES\0\nDES3", 9)), SG_CAP_DES3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(caps__default__exact_text),
	    cmocka_unit_test(caps__every_set__round_trip),
	    cmocka_unit_test(caps__parse__tolerant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
