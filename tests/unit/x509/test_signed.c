/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "x509/signed.h"

static void
put__rsa_and_ecdsa__three_parts(void **state)
{
	(void)state;
	sg_buf_scoped b = {0}, want = {0};
	struct sg_sigalg rsa = {.scheme = SG_SIG_RSA_PKCS1, .hash = SG_HASH_SHA256};
	struct sg_sigalg ec = {.scheme = SG_SIG_ECDSA, .hash = SG_HASH_SHA384};
	sg_signed_put(&b, sg_slice("\x30\x00", 2), rsa, sg_slice("\xca\xfe", 2));
	asn(&want, "30{ 30{ } 30{ 06:2a864886f70d01010b 05: } 03:00cafe }");
	assert_true(sg_slice_eq(sg_buf_slice(&b), sg_buf_slice(&want)));
	sg_buf_reset(&b);
	sg_signed_put(&b, sg_slice("\x30\x00", 2), ec, sg_slice("\x01", 1));
	asn(&want, "30{ 30{ } 30{ 06:2a8648ce3d040303 } 03:0001 }");
	assert_true(sg_slice_eq(sg_buf_slice(&b), sg_buf_slice(&want)));
}

static void
put__no_algorithm__buffer_fails(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_signed_put(&b, sg_slice("\x30\x00", 2), (struct sg_sigalg){0}, sg_slice("\x01", 1));
	assert_int_equal(b.failed, SG_E_INTERNAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(put__rsa_and_ecdsa__three_parts),
	    cmocka_unit_test(put__no_algorithm__buffer_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
