/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "lib/alloc_fail.h"
#include "scep/evidence.h"
#include "asn1/oid.h"
#include "scep/pop.h"
#include "scep/throwaway.h"
#include "x509/csr.h"

/* A renewal signed with the issued certificate. */
static void
renewal(struct fx_spec *s)
{
	fx_spec(s);
	s->signer = &fx.issued;
	s->cert[0] = sg_buf_slice(&fx.issued_der);
	fx_attr(s, SG_OID(message_type))->val = sg_slice_str("17");
}

static enum sg_code
check(const struct fx_spec *s, struct sg_scep_evidence *ev, struct sg_err *err)
{
	sg_buf_scoped der = {0};

	fx_build(s, &der);
	ev->message = sg_buf_slice(&der);
	return sg_scep_evidence_check(ev, err);
}

static struct sg_scep_evidence
evidence(void)
{
	return (struct sg_scep_evidence){
	    .cert = sg_buf_slice(&fx.issued_der),
	    .cek = sg_slice(fx.cek, 16),
	    .csr = sg_buf_slice(&fx.csr),
	};
}

static void
evidence__renewal__holds(void **state)
{
	static const char *const types[] = {"17", "19"};
	struct fx_spec s;
	struct sg_err err = {0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sg_scep_evidence ev = evidence();
		renewal(&s);
		fx_attr(&s, SG_OID(message_type))->val = sg_slice_str(types[i]);
		fx_assert_ok(check(&s, &ev, &err), err);
	}
}

static void
evidence__other_types__denied(void **state)
{
	static const char *const types[] = {"3", "18", "20", "21", "22", "0"};
	struct fx_spec s;
	struct sg_err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct sg_scep_evidence ev = evidence();
		renewal(&s);
		fx_attr(&s, SG_OID(message_type))->val = sg_slice_str(types[i]);
		fx_assert_fails(check(&s, &ev, &err), err, SG_E_DENIED, "evidence.type");
	}
	struct sg_scep_evidence ev = evidence();
	renewal(&s);
	fx_drop_attr(&s, SG_OID(message_type));
	fx_assert_fails(check(&s, &ev, &err), err, SG_E_DENIED, "evidence.type");
}

static void
evidence__signer__must_be_the_record(void **state)
{
	struct fx_spec s;
	struct sg_err err = {0};
	struct sg_scep_evidence ev = evidence();
	sg_buf_scoped fake = {0};
	struct sg_cert fake_cert;

	(void)state;
	renewal(&s);
	ev.cert = sg_buf_slice(&fx.dev_der);
	fx_assert_fails(check(&s, &ev, &err), err, SG_E_SIGNATURE, "evidence.signer");
	ev = evidence();
	s.cert_n = 0;
	fx_assert_fails(check(&s, &ev, &err), err, SG_E_SIGNATURE, "evidence.signer");
	/* Self-signed, with issuer, subject and serial number of nobody we know; and the
	 * record sent along with a signature by another key. */
	fx_assert_ok(sg_scep_throwaway_put(&fake, fx.ra_key, SG_HASH_SHA256, fx.issued.issuer,
			 sg_slice_str("issued"), 0, 2000000000, &err),
	    err);
	fx_assert_ok(sg_cert_parse(sg_buf_slice(&fake), &fake_cert, &err), err);
	renewal(&s);
	s.signer = &fake_cert;
	s.key = fx.ra_key;
	s.cert[0] = sg_buf_slice(&fake);
	fx_assert_fails(check(&s, &ev, &err), err, SG_E_SIGNATURE, "evidence.signer");
	renewal(&s);
	s.key = fx.ra_key;
	fx_assert_fails(check(&s, &ev, &err), err, SG_E_SIGNATURE, "signature");
}

static void
evidence__sha1__refused(void **state)
{
	struct fx_spec s;
	struct sg_err err = {0};
	struct sg_scep_evidence ev = evidence();

	(void)state;
	renewal(&s);
	s.hash = s.sigalg.hash = SG_HASH_SHA1;
	fx_digest(&s);
	fx_assert_fails(check(&s, &ev, &err), err, SG_E_ALG, "evidence.sha1");
}

static void
evidence__content__must_be_this_request(void **state)
{
	struct fx_spec s;
	struct sg_err err = {0};
	struct sg_scep_evidence ev = evidence();
	uint8_t other[16] = {0};
	sg_buf_scoped csr = {0};

	(void)state;
	renewal(&s);
	ev.cek = sg_slice(other, 16);
	enum sg_code rc = check(&s, &ev, &err);
	assert_true(rc == SG_E_CRYPTO || rc == SG_E_SIGNATURE);
	ev.cek = sg_slice(fx.cek, 15);
	fx_assert_fails(check(&s, &ev, &err), err, SG_E_CRYPTO, "cms.decrypt");
	ev = evidence();
	sg_buf_put_slice(&csr, sg_buf_slice(&fx.csr));
	csr.p[csr.len - 1] ^= 1;
	ev.csr = sg_buf_slice(&csr);
	fx_assert_fails(check(&s, &ev, &err), err, SG_E_SIGNATURE, "evidence.csr");
	ev.csr = sg_slice(fx.csr.p, fx.csr.len - 1);
	fx_assert_fails(check(&s, &ev, &err), err, SG_E_SIGNATURE, "evidence.csr");
	ev = evidence();
	s.content = sg_buf_slice(&fx.csr);
	fx_assert_fails(check(&s, &ev, &err), err, SG_E_SIGNATURE, "cms.digest");
	fx_digest(&s);
	assert_int_equal(check(&s, &ev, &err), SG_E_MALFORMED);
	s.no_content = true;
	fx_digest(&s);
	assert_int_equal(check(&s, &ev, &err), SG_E_MALFORMED);
}

static void
evidence__no_memory__says_so(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	struct sg_scep_evidence ev = evidence();
	enum sg_code rc = SG_E_NOMEM;

	(void)state;
	renewal(&s);
	fx_build(&s, &der);
	ev.message = sg_buf_slice(&der);
	for (unsigned long n = 1; rc != SG_OK; n++) {
		struct sg_err err = {0};
		alloc_fail_at(n);
		rc = sg_scep_evidence_check(&ev, &err);
		alloc_fail_at(0);
		assert_true(rc == SG_OK || rc == SG_E_NOMEM);
		assert_true(n < 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(evidence__renewal__holds),
	    cmocka_unit_test(evidence__other_types__denied),
	    cmocka_unit_test(evidence__signer__must_be_the_record),
	    cmocka_unit_test(evidence__sha1__refused),
	    cmocka_unit_test(evidence__content__must_be_this_request),
	    cmocka_unit_test(evidence__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
