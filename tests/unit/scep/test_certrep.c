/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/sign.h"
#include "lib/alloc_fail.h"
#include "cms/assemble.h"
#include "scep/verify.h"

static uint8_t digest[SG_HASH_LEN_MAX];

static void
good(struct sg_scep_certrep_facts *f, enum sg_scep_status status)
{
	*f = (struct sg_scep_certrep_facts){
	    .status = status,
	    .txid = sg_slice_str(FX_TXID),
	    .txid_tag = SG_DER_PRINTABLE,
	    .recipient_nonce = sg_slice_str(FX_NONCE),
	    .sender_nonce = sg_slice_str("another sixteen!"),
	    .hash = SG_HASH_SHA256,
	    .signing_time = FX_TIME,
	};
	if (status == SG_SCEP_FAILURE)
		f->fail = SG_SCEP_BAD_REQUEST;
	if (status == SG_SCEP_SUCCESS)
		f->digest = sg_slice(digest, 32);
}

static void
refused(const struct sg_scep_certrep_facts *f)
{
	sg_buf_scoped b = {0};
	struct sg_err err = {0};

	fx_assert_fails(
	    sg_scep_certrep_put_attrs(&b, f, &err), err, SG_E_INTERNAL, "certrep.facts");
	assert_int_equal(b.len, 0);
}

/* Attributes, signature, message; decoded again and verified. */
static void
answer(struct sg_scep_certrep_facts *f, const struct sg_key *key, const struct sg_cert *signer,
    struct sg_slice content, bool pss, struct sg_buf *b, struct sg_scep_msg *msg)
{
	sg_buf_scoped attrs = {0}, sig = {0};
	struct sg_err err = {0};
	struct sg_slice certs[] = {signer->raw};
	struct sg_sigalg alg = sg_key_sigalg(key, f->hash);

	if (pss)
		alg = (struct sg_sigalg){
		    SG_SIG_RSA_PSS, f->hash, (int)sg_hash_len(f->hash), SG_HASH_NONE};
	if (content.len > 0) {
		fx_assert_ok(sg_digest(f->hash, content, digest, &err), err);
		f->digest = sg_slice(digest, sg_hash_len(f->hash));
	}
	fx_assert_ok(sg_scep_certrep_put_attrs(&attrs, f, &err), err);
	fx_assert_ok(sg_sign_tbs(key, alg, sg_buf_slice(&attrs), &sig, &err), err);
	struct sg_cms_parts parts = {
	    .attrs = sg_buf_slice(&attrs),
	    .hash = f->hash,
	    .sigalg = alg,
	    .sig = sg_buf_slice(&sig),
	    .signer = sg_cms_id_of_cert(signer),
	    .cert_n = 1,
	    .certs = certs,
	    .content = content,
	};
	fx_assert_ok(sg_cms_assemble(b, &parts, &err), err);
	fx_assert_ok(sg_scep_decode(sg_buf_slice(b), msg, &err), err);
	assert_int_equal(msg->der.len, 0);
	fx_assert_ok(sg_scep_verify(msg, NULL, &err), err);
	assert_int_equal(msg->type, SG_SCEP_CERTREP);
	assert_int_equal(msg->status, f->status);
	assert_int_equal(sg_scep_fail_parse(msg->fail_info.val), f->fail);
	assert_int_equal(msg->hash, f->hash);
	fx_assert_slice(msg->txid, f->txid);
	assert_int_equal(msg->txid_tag, f->txid_tag);
	fx_assert_slice(msg->recipient_nonce, f->recipient_nonce);
	fx_assert_slice(msg->sender_nonce, f->sender_nonce);
	assert_true(msg->has_content_type);
	assert_int_equal(msg->has_signing_time, f->signing_time != 0);
}

static void
answer__every_hash_and_key__verifies(void **state)
{
	(void)state;
	for (unsigned h = SG_HASH_SHA1; h <= SG_HASH_SHA512; h++) {
		for (unsigned pass = 0; pass < 3; pass++) {
			struct sg_scep_certrep_facts f;
			sg_buf_scoped b = {0};
			sg_scep_msg_scoped msg = {0};
			if (h == SG_HASH_SHA1 && pass > 0)
				continue;
			good(&f, SG_SCEP_SUCCESS);
			f.hash = (enum sg_hash)h;
			answer(&f, pass == 2 ? fx.ec_key : fx.ra_key, pass == 2 ? &fx.ec : &fx.ra,
			    sg_buf_slice(&fx.envelope), pass == 1, &b, &msg);
			fx_assert_slice(msg.content, sg_buf_slice(&fx.envelope));
		}
	}
}

static void
answer__failure__without_content(void **state)
{
	(void)state;
	for (unsigned fail = SG_SCEP_BAD_ALG; fail <= SG_SCEP_BAD_CERT_ID; fail++) {
		struct sg_scep_certrep_facts f;
		sg_buf_scoped b = {0};
		sg_scep_msg_scoped msg = {0};
		good(&f, SG_SCEP_FAILURE);
		f.fail = (enum sg_scep_fail)fail;
		f.fail_text = sg_slice_str("der Schl\xc3\xbcssel passt nicht");
		f.hresult = sg_slice_str("-2147024809");
		answer(&f, fx.ra_key, &fx.ra, (struct sg_slice){0}, false, &b, &msg);
		assert_false(msg.has_content);
		/* Empty, not absent: certmonger would take it for a forgery. */
		static const uint8_t empty[] = {0xa0, 0x02, 0x04, 0x00};
		assert_non_null(memmem(b.p, 80, empty, sizeof(empty)));
		fx_assert_slice(msg.fail_info_text.val, f.fail_text);
		fx_assert_slice(msg.hresult.val, f.hresult);
	}
}

static void
answer__pending__mirrors(void **state)
{
	struct sg_scep_certrep_facts f;
	sg_buf_scoped b = {0};
	sg_scep_msg_scoped msg = {0};

	(void)state;
	good(&f, SG_SCEP_PENDING);
	f.recipient_nonce = (struct sg_slice){0};
	f.signing_time = 0;
	f.txid = sg_slice_str("\xc3\xa4hnlich");
	f.txid_tag = SG_DER_UTF8;
	answer(&f, fx.ra_key, &fx.ra, (struct sg_slice){0}, false, &b, &msg);
	assert_false(msg.has_content);
	assert_int_equal(msg.fail_info_text.val.len, 0);
}

/* The attributes are in DER order whatever their lengths. */
static void
attrs__sorted(void **state)
{
	struct sg_scep_certrep_facts f;
	sg_buf_scoped b = {0}, again = {0};
	struct sg_err err = {0};

	(void)state;
	good(&f, SG_SCEP_FAILURE);
	f.fail_text = sg_slice_str("x");
	fx_assert_ok(sg_scep_certrep_put_attrs(&b, &f, &err), err);
	struct sg_der d = sg_der_init(sg_buf_slice(&b), &err);
	struct sg_tlv set = sg_der_whole(&d, SG_DER_SET, "attrs");
	fx_assert_ok(sg_der_status(&d), err);
	size_t mark = sg_derw_begin(&again, SG_DER_SET);
	sg_buf_put_slice(&again, set.val);
	sg_derw_sort(&again, mark);
	sg_derw_end(&again, mark);
	fx_assert_slice(sg_buf_slice(&b), sg_buf_slice(&again));
}

static void
attrs__impossible_facts__refused(void **state)
{
	struct sg_scep_certrep_facts f;
	char text[SG_FAIL_TEXT_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	good(&f, SG_SCEP_STATUS_NONE);
	refused(&f);
	good(&f, (enum sg_scep_status)4);
	refused(&f);
	good(&f, SG_SCEP_SUCCESS);
	f.digest = (struct sg_slice){0};
	refused(&f);
	good(&f, SG_SCEP_SUCCESS);
	f.digest.len = 31;
	refused(&f);
	good(&f, SG_SCEP_SUCCESS);
	f.fail = SG_SCEP_BAD_ALG;
	refused(&f);
	good(&f, SG_SCEP_SUCCESS);
	f.fail_text = sg_slice_str("x");
	refused(&f);
	good(&f, SG_SCEP_PENDING);
	f.digest = sg_slice(digest, 32);
	refused(&f);
	good(&f, SG_SCEP_PENDING);
	f.hresult = sg_slice_str("1");
	refused(&f);
	good(&f, SG_SCEP_FAILURE);
	f.fail = SG_SCEP_FAIL_NONE;
	refused(&f);
	good(&f, SG_SCEP_FAILURE);
	f.fail = (enum sg_scep_fail)6;
	refused(&f);
	good(&f, SG_SCEP_FAILURE);
	f.digest = sg_slice(digest, 32);
	refused(&f);
	good(&f, SG_SCEP_FAILURE);
	f.fail_text = sg_slice(text, SG_FAIL_TEXT_MAX + 1);
	refused(&f);
	good(&f, SG_SCEP_FAILURE);
	f.fail_text = sg_slice_str("\xff");
	refused(&f);
	static const char *const hresults[] = {"x", "-", "1-", "123456789012", "--1"};
	for (size_t i = 0; i < 5; i++) {
		good(&f, SG_SCEP_FAILURE);
		f.hresult = sg_slice_str(hresults[i]);
		refused(&f);
	}
	good(&f, SG_SCEP_FAILURE);
	f.txid = (struct sg_slice){0};
	refused(&f);
	good(&f, SG_SCEP_FAILURE);
	f.txid = sg_slice(text, SG_TXID_MAX + 1);
	refused(&f);
	good(&f, SG_SCEP_FAILURE);
	f.txid_tag = SG_DER_OCTET_STRING;
	refused(&f);
	good(&f, SG_SCEP_FAILURE);
	f.recipient_nonce = sg_slice(text, SG_NONCE_MAX + 1);
	refused(&f);
	good(&f, SG_SCEP_FAILURE);
	f.sender_nonce = sg_slice(text, SG_NONCE_MAX + 1);
	refused(&f);
	good(&f, SG_SCEP_FAILURE);
	f.sender_nonce.len = 0;
	refused(&f);
	good(&f, SG_SCEP_FAILURE);
	f.hash = SG_HASH_NONE;
	refused(&f);
}

static void
certrep__no_memory__says_so(void **state)
{
	struct sg_scep_certrep_facts f;

	(void)state;
	good(&f, SG_SCEP_FAILURE);
	enum sg_code rc = SG_E_NOMEM;
	for (unsigned long n = 1; rc != SG_OK; n++) {
		sg_buf_scoped attrs = {0}, b = {0};
		struct sg_err err = {0};
		alloc_fail_at(n);
		rc = sg_scep_certrep_put_attrs(&attrs, &f, &err);
		struct sg_cms_parts p = {
		    .attrs = sg_buf_slice(&attrs),
		    .hash = SG_HASH_SHA256,
		    .sigalg = {.scheme = SG_SIG_RSA_PKCS1, .hash = SG_HASH_SHA256},
		    .sig = sg_slice_str("a signature"),
		    .signer = sg_cms_id_of_cert(&fx.ra),
		};
		if (rc == SG_OK)
			rc = sg_cms_assemble(&b, &p, &err);
		alloc_fail_at(0);
		assert_true(rc == SG_OK || rc == SG_E_NOMEM);
		assert_true(n < 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answer__every_hash_and_key__verifies),
	    cmocka_unit_test(answer__failure__without_content),
	    cmocka_unit_test(answer__pending__mirrors),
	    cmocka_unit_test(attrs__sorted),
	    cmocka_unit_test(attrs__impossible_facts__refused),
	    cmocka_unit_test(certrep__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
