/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "asn1/oid.h"
#include "crypto/unwrap.h"
#include "lib/alloc_fail.h"
#include "scep/check.h"
#include "scep/txid.h"
#include "scep/verify.h"
#include "x509/csr.h"

static struct sg_scep_request_facts
facts(void)
{
	return (struct sg_scep_request_facts){
	    .type = SG_SCEP_PKCSREQ,
	    .txid = sg_slice_str(FX_TXID),
	    .sender_nonce = sg_slice_str(FX_NONCE),
	    .hash = SG_HASH_SHA256,
	    .signing_time = FX_TIME,
	    .signer_cert = sg_buf_slice(&fx.dev_der),
	    .signer_key = fx.dev_key,
	    .recipient = &fx.ra,
	    .cipher = SG_CIPHER_AES128_CBC,
	    .trans = {.transport = SG_TRANSPORT_PKCS1},
	    .plain = sg_buf_slice(&fx.csr),
	};
}

static void
check_opens(const struct sg_scep_request_facts *f)
{
	sg_buf_scoped b = {0}, plain = {0};
	sg_scep_msg_scoped msg = {0};
	sg_envelope_scoped env = {0};
	uint8_t cek[SG_CEK_MAX];
	struct sg_err err = {0};
	struct sg_scep_rules rules = {.hashes = FX_HASHES, .strict = true};

	fx_assert_ok(sg_scep_request_put(&b, f, &err), err);
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&b), &msg, &err), err);
	assert_int_equal(msg.der.len, 0);
	/* Whoever signs by ECDSA has a server that answers it another way than ours. */
	if (msg.sigalg.scheme == SG_SIG_ECDSA)
		fx_assert_fails(
		    sg_scep_check(&msg, &rules, &err), err, SG_E_ALG, "scep.answer.key");
	else
		fx_assert_ok(sg_scep_check(&msg, &rules, &err), err);
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
	assert_int_equal(msg.type, f->type);
	assert_int_equal(msg.cert_n, 1 + f->extra_n);
	fx_assert_slice(msg.txid, f->txid);
	fx_assert_slice(msg.sender_nonce, f->sender_nonce);
	fx_assert_ok(sg_envelope_decode(msg.content, &env, &err), err);
	struct sg_cert_light ra = fx_light(&fx.ra);
	fx_assert_ok(sg_envelope_choose(&env, &ra, &err), err);
	fx_assert_ok(sg_unwrap_key(fx.ra_key, env.trans, env.wrapped,
			 sg_slice_str("a secret of the implicit rejection"),
			 sg_cipher_key_len(env.cipher), cek, &err),
	    err);
	fx_assert_ok(sg_envelope_decrypt(
			 &env, sg_slice(cek, sg_cipher_key_len(env.cipher)), false, &plain, &err),
	    err);
	fx_assert_slice(sg_buf_slice(&plain), f->plain);
}

static void
request__every_type_hash_and_scheme__opens(void **state)
{
	static const enum sg_scep_type types[] = {
	    SG_SCEP_RENEWALREQ, SG_SCEP_PKCSREQ, SG_SCEP_CERTPOLL, SG_SCEP_GETCERT, SG_SCEP_GETCRL};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct sg_scep_request_facts f = facts();
		f.type = types[i];
		check_opens(&f);
	}
	for (unsigned h = SG_HASH_SHA256; h <= SG_HASH_SHA512; h++) {
		struct sg_scep_request_facts f = facts();
		f.hash = (enum sg_hash)h;
		check_opens(&f);
		f.pss = true;
		check_opens(&f);
		f.signer_cert = sg_buf_slice(&fx.ec_der);
		f.signer_key = fx.ec_key;
		check_opens(&f);
	}
	struct sg_slice extra[] = {sg_buf_slice(&fx.ra_der)};
	struct sg_scep_request_facts f = facts();
	f.extra_n = 1;
	f.extra = extra;
	check_opens(&f);
}

static void
request__impossible_facts__refused(void **state)
{
	char text[SG_TXID_MAX + 1];
	struct sg_slice extra[SG_CMS_CERTS_MAX] = {{0}};
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_scep_request_facts f = facts();

	(void)state;
	memset(text, 'x', sizeof(text));
	f.type = SG_SCEP_CERTREP;
	fx_assert_fails(sg_scep_request_put(&b, &f, &err), err, SG_E_INTERNAL, "request.facts");
	f.type = SG_SCEP_TYPE_NONE;
	fx_assert_fails(sg_scep_request_put(&b, &f, &err), err, SG_E_INTERNAL, "request.facts");
	f = facts();
	f.txid = sg_slice(text, sizeof(text));
	fx_assert_fails(sg_scep_request_put(&b, &f, &err), err, SG_E_INTERNAL, "request.facts");
	f.txid = sg_slice_str("under_score");
	fx_assert_fails(sg_scep_request_put(&b, &f, &err), err, SG_E_INTERNAL, "request.facts");
	f = facts();
	f.sender_nonce.len = 0;
	fx_assert_fails(sg_scep_request_put(&b, &f, &err), err, SG_E_INTERNAL, "request.facts");
	f = facts();
	f.extra_n = SG_CMS_CERTS_MAX;
	f.extra = extra;
	fx_assert_fails(sg_scep_request_put(&b, &f, &err), err, SG_E_LIMIT, "cms.certs.count");
	f = facts();
	f.recipient = &fx.ec;
	fx_assert_fails(sg_scep_request_put(&b, &f, &err), err, SG_E_ALG, "cms.recipient.keytype");
	f = facts();
	f.signer_cert.len--;
	assert_int_equal(sg_scep_request_put(&b, &f, &err), SG_E_MALFORMED);
}

static void
throwaway__fields(void **state)
{
	(void)state;
	assert_int_equal(fx.dev.version, 3);
	fx_assert_slice(fx.dev.issuer, fx.dev.subject);
	fx_assert_slice(fx.dev.serial, sg_slice_str("serial of dev"));
	assert_int_equal(fx.dev.exts.key_usage, SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT);
	assert_int_equal(fx.ec.exts.key_usage, SG_KU_DIGITAL_SIGNATURE);
	assert_false(fx.dev.exts.ca);
}

static void
txid__hex_of_the_key(void **state)
{
	char a[65] = "", b[65] = "";
	struct sg_err err = {0};

	(void)state;
	fx_assert_ok(sg_scep_txid_from_key(fx.dev_key, a, &err), err);
	fx_assert_ok(sg_scep_txid_from_key(fx.ra_key, b, &err), err);
	assert_int_equal(strlen(a), 64);
	assert_int_equal(strspn(a, "0123456789abcdef"), 64);
	assert_string_not_equal(a, b);
}

static void
request__no_memory__says_so(void **state)
{
	struct sg_scep_request_facts f = facts();
	enum sg_code rc = SG_E_NOMEM;

	(void)state;
	for (unsigned long n = 1; rc != SG_OK; n++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		alloc_fail_at(n);
		rc = sg_scep_request_put(&b, &f, &err);
		alloc_fail_at(0);
		assert_true(rc == SG_OK || rc == SG_E_NOMEM);
		assert_true(n < 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(request__every_type_hash_and_scheme__opens),
	    cmocka_unit_test(request__impossible_facts__refused),
	    cmocka_unit_test(throwaway__fields),
	    cmocka_unit_test(txid__hex_of_the_key),
	    cmocka_unit_test(request__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
