/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "base/limits.h"
#include "cms/assemble.h"

static void
assemble__parts__checked(void **state)
{
	sg_buf_scoped attrs = {0}, b = {0};
	struct sg_err err = {0};

	(void)state;
	sg_derw_end(&attrs, sg_derw_begin(&attrs, SG_DER_SET));
	struct sg_cms_parts whole = {
	    .attrs = sg_buf_slice(&attrs),
	    .hash = SG_HASH_SHA256,
	    .sigalg = {.scheme = SG_SIG_RSA_PKCS1, .hash = SG_HASH_SHA256},
	    .sig = sg_slice_str("a signature"),
	    .signer = sg_cms_id_of_cert(&fx.ra),
	};
	struct sg_cms_parts p = whole;
	fx_assert_ok(sg_cms_assemble(&b, &p, &err), err);
	p.attrs.len--;
	fx_assert_fails(sg_cms_assemble(&b, &p, &err), err, SG_E_INTERNAL, "certrep.parts");
	p = whole;
	p.sig.len = 0;
	fx_assert_fails(sg_cms_assemble(&b, &p, &err), err, SG_E_INTERNAL, "certrep.parts");
	p = whole;
	p.hash = SG_HASH_NONE;
	fx_assert_fails(sg_cms_assemble(&b, &p, &err), err, SG_E_INTERNAL, "certrep.parts");
	p = whole;
	p.cert_n = SG_CMS_CERTS_MAX + 1;
	fx_assert_fails(sg_cms_assemble(&b, &p, &err), err, SG_E_INTERNAL, "certrep.parts");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(assemble__parts__checked),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
