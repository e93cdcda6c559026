/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "cms/degenerate.h"
#include "lib/alloc_fail.h"

static void
degenerate__order__kept(void **state)
{
	struct sg_slice certs[] = {
	    sg_buf_slice(&fx.issued_der),
	    sg_buf_slice(&fx.ra_der),
	    sg_buf_slice(&fx.dev_der),
	};
	sg_buf_scoped b = {0}, ber = {0};
	sg_degenerate_scoped deg = {0}, from_ber = {0};
	struct sg_err err = {0};

	(void)state;
	sg_degenerate_put(&b, certs, 3, NULL, 0);
	fx_assert_ok(sg_degenerate_decode(sg_buf_slice(&b), &deg, &err), err);
	assert_int_equal(deg.cert_n, 3);
	assert_int_equal(deg.crl_n, 0);
	for (size_t i = 0; i < 3; i++)
		fx_assert_slice(deg.cert[i], certs[i]);
	fx_ber(sg_buf_slice(&b), &ber);
	fx_assert_ok(sg_degenerate_decode(sg_buf_slice(&ber), &from_ber, &err), err);
	for (size_t i = 0; i < 3; i++)
		fx_assert_slice(from_ber.cert[i], certs[i]);
}

static void
degenerate__crls__kept(void **state)
{
	static const uint8_t crl[] = {0x30, 0x03, 0x02, 0x01, 0x00};
	struct sg_slice crls[] = {{crl, sizeof(crl)}};
	sg_buf_scoped b = {0};
	sg_degenerate_scoped deg = {0};
	struct sg_err err = {0};

	(void)state;
	sg_degenerate_put(&b, NULL, 0, crls, 1);
	fx_assert_ok(sg_degenerate_decode(sg_buf_slice(&b), &deg, &err), err);
	assert_int_equal(deg.cert_n, 0);
	assert_int_equal(deg.crl_n, 1);
	fx_assert_slice(deg.crl[0], crls[0]);
}

static void
degenerate__counts__limited(void **state)
{
	struct sg_slice many[SG_CMS_CERTS_MAX + 1];
	sg_buf_scoped b = {0}, c = {0};
	sg_degenerate_scoped deg = {0};
	struct sg_err err = {0};

	(void)state;
	for (size_t i = 0; i < SG_CMS_CERTS_MAX + 1; i++)
		many[i] = sg_buf_slice(&fx.ra_der);
	sg_degenerate_put(&b, many, SG_CMS_CERTS_MAX + 1, NULL, 0);
	fx_assert_fails(
	    sg_degenerate_decode(sg_buf_slice(&b), &deg, &err), err, SG_E_LIMIT, "cms.certs.count");
	sg_degenerate_put(&c, NULL, 0, many, SG_CMS_CERTS_MAX + 1);
	fx_assert_fails(
	    sg_degenerate_decode(sg_buf_slice(&c), &deg, &err), err, SG_E_LIMIT, "cms.crls.count");
}

static void
degenerate__signed_message__its_certificates(void **state)
{
	struct fx_spec s;
	sg_buf_scoped b = {0};
	sg_degenerate_scoped deg = {0};
	struct sg_err err = {0};

	(void)state;
	fx_spec(&s);
	fx_build(&s, &b);
	fx_assert_ok(sg_degenerate_decode(sg_buf_slice(&b), &deg, &err), err);
	assert_int_equal(deg.cert_n, s.cert_n);
	fx_assert_slice(deg.cert[0], s.cert[0]);
}

static void
degenerate__every_prefix__refused(void **state)
{
	struct sg_slice certs[] = {sg_buf_slice(&fx.ra_der)};
	sg_buf_scoped b = {0};
	sg_degenerate_scoped deg = {0};
	struct sg_err err = {0};

	(void)state;
	sg_degenerate_put(&b, certs, 1, NULL, 0);
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(
		    sg_degenerate_decode(sg_slice(b.p, n), &deg, &err), SG_E_MALFORMED);
	sg_buf_put_u8(&b, 0);
	fx_assert_fails(sg_degenerate_decode(sg_buf_slice(&b), &deg, &err), err, SG_E_MALFORMED,
	    "ber.trailing");
}

/* An element of another choice is not a certificate that we could use: skipped. */
static void
degenerate__attribute_certificate__skipped(void **state)
{
	static const uint8_t other[] = {0xa1, 0x03, 0x02, 0x01, 0x00};
	struct sg_slice certs[] = {{other, sizeof(other)}, sg_buf_slice(&fx.ra_der)};
	sg_buf_scoped b = {0};
	sg_degenerate_scoped deg = {0};
	struct sg_err err = {0};

	(void)state;
	sg_degenerate_put(&b, certs, 2, NULL, 0);
	fx_assert_ok(sg_degenerate_decode(sg_buf_slice(&b), &deg, &err), err);
	assert_int_equal(deg.cert_n, 1);
	fx_assert_slice(deg.cert[0], sg_buf_slice(&fx.ra_der));
}

static void
degenerate__size__limited(void **state)
{
	sg_buf_scoped b = {0};
	sg_degenerate_scoped deg = {0};
	struct sg_err err = {0};

	(void)state;
	assert_non_null(sg_buf_extend(&b, SG_ANSWER_MAX + 1));
	fx_assert_fails(sg_degenerate_decode(sg_buf_slice(&b), &deg, &err), err, SG_E_LIMIT,
	    "scep.message.size");
}

static void
degenerate__no_memory__says_so(void **state)
{
	struct sg_slice certs[] = {sg_buf_slice(&fx.ra_der)};
	sg_buf_scoped b = {0}, ber = {0};
	enum sg_code rc = SG_E_NOMEM;

	(void)state;
	sg_degenerate_put(&b, certs, 1, NULL, 0);
	fx_ber(sg_buf_slice(&b), &ber);
	for (unsigned long n = 1; rc != SG_OK; n++) {
		sg_degenerate_scoped deg = {0};
		struct sg_err err = {0};
		alloc_fail_at(n);
		rc = sg_degenerate_decode(sg_buf_slice(&ber), &deg, &err);
		alloc_fail_at(0);
		assert_true(rc == SG_OK || (rc == SG_E_NOMEM && deg.cert_n == 0));
		assert_true(n < 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(degenerate__order__kept),
	    cmocka_unit_test(degenerate__crls__kept),
	    cmocka_unit_test(degenerate__counts__limited),
	    cmocka_unit_test(degenerate__signed_message__its_certificates),
	    cmocka_unit_test(degenerate__every_prefix__refused),
	    cmocka_unit_test(degenerate__attribute_certificate__skipped),
	    cmocka_unit_test(degenerate__size__limited),
	    cmocka_unit_test(degenerate__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
