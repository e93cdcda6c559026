/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "base/limits.h"
#include "scep/query.h"

static void
issuer_subject__round_trip(void **state)
{
	sg_buf_scoped b = {0};
	struct sg_slice issuer = {0}, subject = {0};
	struct sg_err err = {0};

	(void)state;
	sg_scep_issuer_subject_put(&b, fx.ra.subject, fx.dev.subject);
	fx_assert_ok(sg_scep_issuer_subject_parse(sg_buf_slice(&b), &issuer, &subject, &err), err);
	fx_assert_slice(issuer, fx.ra.subject);
	fx_assert_slice(subject, fx.dev.subject);
	for (size_t n = 0; n < b.len; n++)
		fx_assert_fails(
		    sg_scep_issuer_subject_parse(sg_slice(b.p, n), &issuer, &subject, &err), err,
		    SG_E_MALFORMED, "der");
	sg_buf_put_u8(&b, 0);
	fx_assert_fails(sg_scep_issuer_subject_parse(sg_buf_slice(&b), &issuer, &subject, &err),
	    err, SG_E_MALFORMED, "der");
}

static void
issuer_serial__round_trip(void **state)
{
	sg_buf_scoped b = {0};
	struct sg_slice issuer = {0}, serial = {0};
	struct sg_err err = {0};

	(void)state;
	sg_scep_issuer_serial_put(&b, fx.ra.subject, fx.dev.serial);
	fx_assert_ok(sg_scep_issuer_serial_parse(sg_buf_slice(&b), &issuer, &serial, &err), err);
	fx_assert_slice(issuer, fx.ra.subject);
	fx_assert_slice(serial, fx.dev.serial);
	for (size_t n = 0; n < b.len; n++)
		fx_assert_fails(
		    sg_scep_issuer_serial_parse(sg_slice(b.p, n), &issuer, &serial, &err), err,
		    SG_E_MALFORMED, "der");
	sg_buf_put_u8(&b, 0);
	fx_assert_fails(sg_scep_issuer_serial_parse(sg_buf_slice(&b), &issuer, &serial, &err), err,
	    SG_E_MALFORMED, "der");
}

static void
issuer_serial__bounds(void **state)
{
	uint8_t long_serial[SG_SERIAL_MAX + 1] = {1};
	static const uint8_t key_id[] = {0x80, 0x01, 0x01};
	struct sg_slice issuer = {0}, serial = {0};
	struct sg_err err = {0};

	(void)state;
	for (size_t n = 0; n <= SG_SERIAL_MAX + 1; n += SG_SERIAL_MAX + 1) {
		sg_buf_scoped b = {0};
		sg_scep_issuer_serial_put(&b, fx.ra.subject, sg_slice(long_serial, n));
		fx_assert_fails(
		    sg_scep_issuer_serial_parse(sg_buf_slice(&b), &issuer, &serial, &err), err,
		    SG_E_LIMIT, "cms.serial");
	}
	fx_assert_fails(
	    sg_scep_issuer_serial_parse(sg_slice(key_id, sizeof(key_id)), &issuer, &serial, &err),
	    err, SG_E_MALFORMED, "der");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(issuer_subject__round_trip),
	    cmocka_unit_test(issuer_serial__round_trip),
	    cmocka_unit_test(issuer_serial__bounds),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
