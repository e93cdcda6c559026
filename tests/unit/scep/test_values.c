/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

static void
words__round_trip(void **state)
{
	static const enum sg_scep_type types[] = {SG_SCEP_CERTREP, SG_SCEP_RENEWALREQ,
	    SG_SCEP_PKCSREQ, SG_SCEP_CERTPOLL, SG_SCEP_GETCERT, SG_SCEP_GETCRL};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		assert_int_equal(
		    sg_scep_type_parse(sg_slice_str(sg_scep_type_text(types[i]))), types[i]);
		assert_string_not_equal(sg_scep_type_name(types[i]), "none");
	}
	for (unsigned s = SG_SCEP_SUCCESS; s <= SG_SCEP_PENDING; s++) {
		enum sg_scep_status status = (enum sg_scep_status)s;
		assert_int_equal(
		    sg_scep_status_parse(sg_slice_str(sg_scep_status_text(status))), status);
		assert_string_not_equal(sg_scep_status_name(status), "none");
	}
	for (unsigned f = SG_SCEP_BAD_ALG; f <= SG_SCEP_BAD_CERT_ID; f++) {
		enum sg_scep_fail fail = (enum sg_scep_fail)f;
		assert_int_equal(sg_scep_fail_parse(sg_slice_str(sg_scep_fail_text(fail))), fail);
		assert_string_not_equal(sg_scep_fail_name(fail), "none");
	}
}

static void
words__none(void **state)
{
	(void)state;
	assert_int_equal(sg_scep_type_parse(sg_slice_str("18")), SG_SCEP_TYPE_NONE);
	assert_int_equal(sg_scep_status_parse(sg_slice_str("1")), SG_SCEP_STATUS_NONE);
	assert_int_equal(sg_scep_fail_parse(sg_slice_str("5")), SG_SCEP_FAIL_NONE);
	assert_int_equal(sg_scep_type_parse(sg_slice("", 0)), SG_SCEP_TYPE_NONE);
	assert_string_equal(sg_scep_type_text(SG_SCEP_TYPE_NONE), "");
	assert_string_equal(sg_scep_status_name(SG_SCEP_STATUS_NONE), "none");
	assert_string_equal(sg_scep_fail_name(SG_SCEP_FAIL_NONE), "none");
}

static void
words__fail_from_code(void **state)
{
	(void)state;
	assert_int_equal(sg_scep_fail_from(SG_E_ALG), SG_SCEP_BAD_ALG);
	assert_int_equal(sg_scep_fail_from(SG_E_SIGNATURE), SG_SCEP_BAD_MESSAGE_CHECK);
	assert_int_equal(sg_scep_fail_from(SG_E_TIME), SG_SCEP_BAD_TIME);
	assert_int_equal(sg_scep_fail_from(SG_E_NOTFOUND), SG_SCEP_BAD_CERT_ID);
	assert_int_equal(sg_scep_fail_from(SG_E_MALFORMED), SG_SCEP_BAD_REQUEST);
	assert_int_equal(sg_scep_fail_from(SG_E_LIMIT), SG_SCEP_BAD_REQUEST);
	assert_int_equal(sg_scep_fail_from(SG_E_CRYPTO), SG_SCEP_BAD_REQUEST);
	assert_int_equal(sg_scep_fail_from(SG_E_DENIED), SG_SCEP_BAD_REQUEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words__round_trip),
	    cmocka_unit_test(words__none),
	    cmocka_unit_test(words__fail_from_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
