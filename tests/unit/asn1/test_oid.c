/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "base/limits.h"
#include "asn1/oid.h"

static void
oid_find__known_and_unknown__entry_or_null(void **state)
{
	(void)state;
	assert_string_equal(sg_oid_find(SG_OID(cn))->name, "commonName");
	assert_string_equal(sg_oid_find(SG_OID(cn))->abbr, "CN");
	assert_string_equal(sg_oid_find(SG_OID(des_cbc))->name, "DES-CBC");
	assert_null(sg_oid_find(sg_slice("\x55\x04\x7f", 3)));
	assert_null(sg_oid_find(sg_slice(NULL, 0)));
	assert_null(sg_oid_find(sg_slice("\x55\x04", 2)));
}

static void
oid_by_name__any_case_and_alias__found(void **state)
{
	(void)state;
	static const char *const names[] = {"CN", "cn", "commonname", "COMMONNAME"};
	for (size_t i = 0; i < 4; i++)
		assert_true(sg_slice_eq(sg_oid_by_name(sg_slice_str(names[i]))->oid, SG_OID(cn)));
	assert_true(sg_slice_eq(sg_oid_by_name(sg_slice_str("s"))->oid, SG_OID(st)));
	assert_true(sg_slice_eq(sg_oid_by_name(sg_slice_str("G"))->oid, SG_OID(given_name)));
	assert_true(sg_slice_eq(sg_oid_by_name(sg_slice_str("E"))->oid, SG_OID(email)));
	assert_true(
	    sg_slice_eq(sg_oid_by_name(sg_slice_str("clientauth"))->oid, SG_OID(eku_client_auth)));
	assert_null(sg_oid_by_name(sg_slice_str("")));
	assert_null(sg_oid_by_name(sg_slice_str("CNN")));
	assert_null(sg_oid_by_name(sg_slice_str("C N")));
}

static void
expect_dotted(const char *dotted, struct sg_slice want)
{
	sg_buf_scoped b = {0}, text = {0};
	assert_int_equal(sg_oid_from_dotted(sg_slice_str(dotted), &b, NULL), SG_OK);
	assert_true(sg_slice_eq(sg_buf_slice(&b), want));
	sg_oid_put_text(&text, want, 0);
	assert_text(&text, dotted);
}

static void
oid_from_dotted__good__der_and_back(void **state)
{
	(void)state;
	expect_dotted("2.5.4.3", SG_OID(cn));
	expect_dotted("1.2.840.113549.1.9.7", SG_OID(challenge_password));
	expect_dotted("1.3.6.1.4.1.311.20.2.3", SG_OID(upn));
	expect_dotted("1.3.6.1.4.1.311.25.2", SG_OID(ms_sid));
	expect_dotted("1.3.6.1.4.1.311.2.1.14", SG_OID(ms_ext_request));
	expect_dotted("1.3.6.1.4.1.311.21.10", SG_OID(ms_app_policies));
	expect_dotted("0.9.2342.19200300.100.1.25", SG_OID(dc));
	expect_dotted("2.16.840.1.101.3.4.1.42", SG_OID(aes256_cbc));
	expect_dotted("1.2.840.10045.4.3.2", SG_OID(ecdsa_sha256));
	expect_dotted("1.3.132.0.35", SG_OID(p521));
	expect_dotted("1.3.14.3.2.7", SG_OID(des_cbc));
	expect_dotted("1.2.840.113549.3.7", SG_OID(des3_cbc));
	expect_dotted("2.5.29.37.0", SG_OID(eku_any));
	expect_dotted("1.3.6.1.5.5.7.3.17", SG_OID(eku_ipsec_ike));
	expect_dotted("1.3.6.1.5.5.7.48.2", SG_OID(aia_ca_issuers));
	expect_dotted("0.0", sg_slice("\0", 1));
	expect_dotted("1.39", sg_slice("\x4f", 1));
	expect_dotted("2.0", sg_slice("\x50", 1));
	expect_dotted("2.999.1", sg_slice("\x88\x37\x01", 3));
	expect_dotted("1.0.18446744073709551535",
	    sg_slice("\x28\x81\xff\xff\xff\xff\xff\xff\xff\xff\x2f", 11));
}

static void
oid_from_dotted__bad__refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum sg_code code;
		const char *rule;
	} rows[] = {
	    {"", SG_E_MALFORMED, "oid"},
	    {"2", SG_E_MALFORMED, "oid.short"},
	    {"2.", SG_E_MALFORMED, "oid"},
	    {".2", SG_E_MALFORMED, "oid"},
	    {"2..5", SG_E_MALFORMED, "oid"},
	    {"2.5.x", SG_E_MALFORMED, "oid"},
	    {"2.5.-1", SG_E_MALFORMED, "oid"},
	    {"2.05", SG_E_MALFORMED, "oid"},
	    {"2 .5", SG_E_MALFORMED, "oid"},
	    {"3.1", SG_E_MALFORMED, "oid.root"},
	    {"1.40", SG_E_MALFORMED, "oid.root"},
	    {"0.40", SG_E_MALFORMED, "oid.root"},
	    {"1.2.18446744073709551616", SG_E_MALFORMED, "oid"},
	    {"1.2.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", SG_E_LIMIT,
		"oid.long"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		assert_int_equal(
		    sg_oid_from_dotted(sg_slice_str(rows[i].text), &b, &err), rows[i].code);
		assert_string_equal(err.rule, rows[i].rule);
		assert_int_equal(b.len, 0);
	}
}

static void
oid_put_text__named_cut_and_huge__text(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_oid_put_text(&b, SG_OID(eku_client_auth), 1);
	assert_text(&b, "clientAuth");
	sg_buf_reset(&b);
	sg_oid_put_text(&b, sg_slice("\x55\x84", 2), 1);
	assert_text(&b, "oid:5584");
	sg_buf_reset(&b);
	sg_oid_put_text(&b, sg_slice("\x28\x83\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11), 0);
	assert_text(&b, "oid:2883ffffffffffffffff7f");
	sg_buf_reset(&b);
	sg_oid_put_text(&b, sg_slice(NULL, 0), 0);
	assert_text(&b, "oid:");
}

static enum sg_code
dotted(void)
{
	sg_buf_scoped b = {0};
	return sg_oid_from_dotted(sg_slice_str("2.5.4.3"), &b, NULL);
}

static void
oid_from_dotted__no_memory__nomem(void **state)
{
	(void)state;
	expect_nomem(dotted);
}

/* RFC 5652, RFC 8894 3.2.1, and Microsoft's own. */
static void
oids_of_messages__dotted__the_same(void **state)
{
	(void)state;
	static const struct {
		const struct sg_slice *oid;
		const char *dotted;
	} rows[] = {
	    {&SG_OID(data), "1.2.840.113549.1.7.1"},
	    {&SG_OID(signed_data), "1.2.840.113549.1.7.2"},
	    {&SG_OID(enveloped_data), "1.2.840.113549.1.7.3"},
	    {&SG_OID(auth_enveloped_data), "1.2.840.113549.1.9.16.1.23"},
	    {&SG_OID(compressed_data), "1.2.840.113549.1.9.16.1.9"},
	    {&SG_OID(content_type), "1.2.840.113549.1.9.3"},
	    {&SG_OID(message_digest), "1.2.840.113549.1.9.4"},
	    {&SG_OID(signing_time), "1.2.840.113549.1.9.5"},
	    {&SG_OID(message_type), "2.16.840.1.113733.1.9.2"},
	    {&SG_OID(pki_status), "2.16.840.1.113733.1.9.3"},
	    {&SG_OID(fail_info), "2.16.840.1.113733.1.9.4"},
	    {&SG_OID(sender_nonce), "2.16.840.1.113733.1.9.5"},
	    {&SG_OID(recipient_nonce), "2.16.840.1.113733.1.9.6"},
	    {&SG_OID(transaction_id), "2.16.840.1.113733.1.9.7"},
	    {&SG_OID(fail_info_text), "1.3.6.1.5.5.7.24.1"},
	    {&SG_OID(ms_hresult), "1.3.6.1.4.1.311.21.33"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped b = {0};
		assert_int_equal(sg_oid_from_dotted(sg_slice_str(rows[i].dotted), &b, NULL), SG_OK);
		assert_true(sg_slice_eq(*rows[i].oid, sg_buf_slice(&b)));
		assert_null(sg_oid_find(*rows[i].oid));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(oid_find__known_and_unknown__entry_or_null),
	    cmocka_unit_test(oid_by_name__any_case_and_alias__found),
	    cmocka_unit_test(oid_from_dotted__good__der_and_back),
	    cmocka_unit_test(oid_from_dotted__bad__refused),
	    cmocka_unit_test(oid_put_text__named_cut_and_huge__text),
	    cmocka_unit_test(oid_from_dotted__no_memory__nomem),
	    cmocka_unit_test(oids_of_messages__dotted__the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
