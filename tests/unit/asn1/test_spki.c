/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "asn1/oid.h"
#include "asn1/spki.h"

#define RSA_KEY "30{ 02:00c001 02:010001 }"
#define RSA "30{ 30{ 06:2a864886f70d010101 05: } 03{ =00 " RSA_KEY " } }"
#define EC "30{ 30{ 06:2a8648ce3d0201 06:2a8648ce3d030107 } 03:0004aabb }"

static SG_RC
read_all(struct sg_slice der, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);
	struct sg_spki spki = sg_spki_read(&d);
	struct sg_der key = sg_der_inside(&d, spki.bits);
	struct sg_spki_rsa rsa = sg_spki_rsa_read(&key);
	if (!sg_der_ok(&d)) {
		assert_null(rsa.n.p);
		assert_null(rsa.e.p);
	}
	return sg_der_status(&d);
}

static void
spki_read__rsa_and_ec__parts(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(asn(&b, RSA), &err);
	struct sg_spki spki = sg_spki_read(&d);
	assert_true(sg_slice_eq(spki.alg, SG_OID(rsa)));
	expect_bytes(spki.params, "0500");
	struct sg_der key = sg_der_inside(&d, spki.bits);
	struct sg_spki_rsa rsa = sg_spki_rsa_read(&key);
	expect_bytes(rsa.n, "c001");
	expect_bytes(rsa.e, "010001");
	assert_int_equal(sg_der_status(&d), SG_OK);
	expect_whole(read_all, sg_buf_slice(&b));

	d = sg_der_init(asn(&b, EC), &err);
	spki = sg_spki_read(&d);
	assert_true(sg_slice_eq(spki.alg, SG_OID(ec_public_key)));
	expect_bytes(spki.params, "06082a8648ce3d030107");
	expect_bytes(spki.bits, "04aabb");
	assert_int_equal(sg_der_status(&d), SG_OK);
}

static void
spki_read__broken__refused_and_zero(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {"06:2a864886f70d010101", "", SG_E_MALFORMED, "der"},
	    {"06:2a864886f70d010101", "06:", SG_E_LIMIT, "der.oid"},
	    {"03{ =00", "03{ =01", SG_E_MALFORMED, "der"},
	    {"03{ =00", "04{ =00", SG_E_MALFORMED, "der"},
	    {" } }", " } 05: }", SG_E_MALFORMED, "der"},
	    {"02:010001 }", "02:010001 05: }", SG_E_MALFORMED, "der"},
	    {"02:00c001", "02:c001", SG_E_MALFORMED, "der"},
	    {"02:010001", "", SG_E_MALFORMED, "der"},
	};
	expect_bad(read_all, RSA, rows, sizeof rows / sizeof rows[0]);
	struct sg_der d = sg_der_init(sg_slice("\x30\x00", 2), NULL);
	struct sg_spki spki = sg_spki_read(&d);
	assert_null(spki.alg.p);
	assert_null(spki.params.p);
	assert_null(spki.bits.p);
}

static void
bits__magnitudes__counted(void **state)
{
	(void)state;
	assert_int_equal(sg_spki_bits(sg_slice("", 0)), 0);
	assert_int_equal(sg_spki_bits(sg_slice("\x01", 1)), 1);
	assert_int_equal(sg_spki_bits(sg_slice("\xff", 1)), 8);
	assert_int_equal(sg_spki_bits(sg_slice("\x01\x00", 2)), 9);
	assert_int_equal(sg_spki_bits(sg_slice("\x80\x00", 2)), 16);
}

static void
curve__by_name_or_oid__row(void **state)
{
	(void)state;
	assert_int_equal(sg_spki_curve_find(SG_OID(p256))->type, SG_KEY_P256);
	assert_int_equal(sg_spki_curve_find(SG_OID(p521))->bits, 521);
	assert_null(sg_spki_curve_find(SG_OID(rsa)));
	assert_ptr_equal(sg_spki_curve_named("secp384r1"), sg_spki_curve_find(SG_OID(p384)));
	assert_ptr_equal(sg_spki_curve_named("P-384"), sg_spki_curve_find(SG_OID(p384)));
	assert_null(sg_spki_curve_named("P-224"));
	assert_int_equal(sg_spki_point_len(sg_spki_curve_named("P-256")), 65);
	assert_int_equal(sg_spki_point_len(sg_spki_curve_named("P-521")), 133);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(spki_read__rsa_and_ec__parts),
	    cmocka_unit_test(spki_read__broken__refused_and_zero),
	    cmocka_unit_test(bits__magnitudes__counted),
	    cmocka_unit_test(curve__by_name_or_oid__row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
