/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "asn1/oid.h"
#include "scep/check.h"
#include "scep/verify.h"

static bool
informs(struct sg_slice oid)
{
	return sg_slice_eq(oid, SG_OID(content_type)) || sg_slice_eq(oid, SG_OID(signing_time));
}

static void
attrs__txid__rules(void **state)
{
	struct fx_spec s;
	char longest[SG_TXID_MAX + 1];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	static const struct {
		unsigned tag;
		const char *text;
		bool ok;
	} rows[] = {
	    {SG_DER_PRINTABLE, "1", true},
	    {SG_DER_UTF8, "\xc3\xa4", true},
	    {SG_DER_PRINTABLE, "a+b/c=", true},
	    {SG_DER_PRINTABLE, "under_score", true},
	    {SG_DER_PRINTABLE, "", false},
	    {SG_DER_PRINTABLE, "a\r\nb", true},
	    {SG_DER_UTF8, "\x7f", true},
	    {SG_DER_PRINTABLE, "\xc3\xa4", false},
	    {SG_DER_UTF8, "\xc3", false},
	    {SG_DER_BMP, "ab", false},
	    {SG_DER_IA5, "ab", false},
	    {SG_DER_OCTET_STRING, "ab", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sg_buf_scoped der = {0};
		sg_scep_msg_scoped msg = {0};
		struct sg_err err = {0};
		fx_spec(&s);
		fx_attr(&s, SG_OID(transaction_id))->tag = rows[i].tag;
		fx_attr(&s, SG_OID(transaction_id))->val = sg_slice_str(rows[i].text);
		enum sg_code rc = fx_decode(&s, &der, &msg, &err);
		if (rows[i].ok)
			fx_assert_ok(rc, err);
		else
			fx_assert_fails(rc, err, SG_E_MALFORMED, "scep.txid");
	}
	fx_spec(&s);
	fx_attr(&s, SG_OID(transaction_id))->val = sg_slice(longest, SG_TXID_MAX);
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	fx_attr(&s, SG_OID(transaction_id))->val = sg_slice(longest, SG_TXID_MAX + 1);
	fx_refused(&s, SG_E_MALFORMED, "scep.txid");
	fx_attr(&s, SG_OID(transaction_id))->val = sg_slice("a\0b", 3);
	fx_refused(&s, SG_E_MALFORMED, "scep.txid");
	fx_attr(&s, SG_OID(transaction_id))->tag = SG_DER_UTF8;
	fx_refused(&s, SG_E_MALFORMED, "scep.txid");
	fx_drop_attr(&s, SG_OID(transaction_id));
	fx_refused(&s, SG_E_MALFORMED, "scep.txid.missing");
}

static void
attrs__twice__refused(void **state)
{
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	for (size_t i = 0; i < s.attr_n; i++) {
		struct fx_spec t = s;
		t.attr[t.attr_n++] = s.attr[i];
		if (sg_slice_eq(s.attr[i].oid, SG_OID(transaction_id)))
			fx_refused(&t, SG_E_MALFORMED, "cms.attr.duplicate");
		else if (informs(s.attr[i].oid))
			fx_fault(&t, "cms.attr.duplicate");
		else
			fx_put_off(&t, SG_E_MALFORMED, "cms.attr.duplicate");
	}
}

static void
attrs__values__exactly_one(void **state)
{
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	for (size_t i = 0; i < s.attr_n; i++) {
		for (unsigned values = 0; values <= 2; values += 2) {
			struct fx_spec t = s;
			t.attr[i].values = values;
			if (sg_slice_eq(s.attr[i].oid, SG_OID(transaction_id)))
				fx_refused(&t, SG_E_MALFORMED, "cms.attr.values");
			else if (informs(s.attr[i].oid))
				fx_fault(&t, "cms.attr.values");
			else
				fx_put_off(&t, SG_E_MALFORMED, "cms.attr.values");
		}
	}
}

static void
attrs__wrong_type__put_off(void **state)
{
	static const struct sg_slice *const oids[] = {
	    &SG_OID(message_digest),
	    &SG_OID(message_type),
	    &SG_OID(sender_nonce),
	};
	struct fx_spec s;

	(void)state;
	for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++) {
		fx_spec(&s);
		fx_attr(&s, *oids[i])->tag = SG_DER_BIT_STRING;
		fx_put_off(&s, SG_E_MALFORMED, "scep.attr.type");
	}
}

static void
attrs__signing_time__strict_only(void **state)
{
	static const struct {
		unsigned tag;
		const char *text, *rule;
	} rows[] = {
	    {SG_DER_UTCTIME, "never", "der.time"},
	    {SG_DER_UTCTIME, "2311142213Z", "der.time"},
	    {SG_DER_UTCTIME, "231114221320+0100", "der.time"},
	    {SG_DER_UTCTIME, "231114221320", "der.time"},
	    {SG_DER_UTCTIME, "230014221320Z", "time"},
	    {SG_DER_GENTIME, "20231114221320.5Z", "der.time"},
	    {SG_DER_GENTIME, "2023111422Z", "der.time"},
	    {SG_DER_OCTET_STRING, "231114221320Z", "der.time"},
	    {SG_DER_NULL, "", "der.time"},
	};
	struct fx_spec s;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fx_spec(&s);
		fx_attr(&s, SG_OID(signing_time))->tag = rows[i].tag;
		fx_attr(&s, SG_OID(signing_time))->val = sg_slice_str(rows[i].text);
		fx_fault(&s, rows[i].rule);
	}
}

static void
attrs__content_type__strict_only(void **state)
{
	struct fx_spec s;

	(void)state;
	fx_spec(&s);
	fx_attr(&s, SG_OID(content_type))->val = SG_OID(enveloped_data);
	fx_fault(&s, "cms.content.type");
	fx_attr(&s, SG_OID(content_type))->tag = SG_DER_NULL;
	fx_fault(&s, "scep.attr.type");
}

/* Nothing depends on them: not even a shape is asked for. */
static void
attrs__only_shown__as_they_came(void **state)
{
	static const struct sg_slice *const oids[] = {
	    &SG_OID(fail_info), &SG_OID(fail_info_text), &SG_OID(ms_hresult)};
	struct fx_spec s;

	(void)state;
	for (size_t i = 0; i < 3 * 3; i++) {
		sg_buf_scoped der = {0};
		sg_scep_msg_scoped msg = {0};
		struct sg_err err = {0};
		unsigned values = (unsigned)i / 3;
		fx_spec(&s);
		fx_add_attr(&s, *oids[i % 3], SG_DER_BIT_STRING, sg_slice_str("\xff"));
		fx_attr(&s, *oids[i % 3])->values = values;
		fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
		assert_int_equal(msg.refused.code, SG_OK);
		const struct sg_scep_loose *const have[] = {
		    &msg.fail_info, &msg.fail_info_text, &msg.hresult};
		assert_true(have[i % 3]->present && !have[(i + 1) % 3]->present);
		assert_int_equal(have[i % 3]->odd, values != 1);
		assert_int_equal(have[i % 3]->tag, values == 0 ? 0 : SG_DER_BIT_STRING);
		assert_int_equal(have[i % 3]->val.len, values == 0 ? 0 : 1);
	}
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	fx_spec(&s);
	fx_add_attr(&s, SG_OID(fail_info), SG_DER_PRINTABLE, sg_slice_str("2"));
	fx_add_attr(&s, SG_OID(fail_info), SG_DER_PRINTABLE, sg_slice_str("3"));
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	assert_true(msg.fail_info.odd && sg_slice_is(msg.fail_info.val, "2"));
}

/* A server's nonce is echoed by nobody, and a request reports on nothing. */
static void
attrs__of_the_other_kind_of_message__not_looked_at(void **state)
{
	static const struct {
		const struct sg_slice *oid;
		bool of_answer;
	} rows[] = {
	    {&SG_OID(sender_nonce), false},
	    {&SG_OID(recipient_nonce), true},
	    {&SG_OID(pki_status), true},
	};
	struct fx_spec s;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0] * 8; i++) {
		sg_buf_scoped der = {0};
		sg_scep_msg_scoped msg = {0};
		struct sg_err err = {0};
		bool of_answer = rows[i / 8].of_answer, answer = (i & 1) != 0;
		unsigned odd = (unsigned)i / 2 % 4; /* tag, no value, two of them, twice */
		fx_spec(&s);
		if (answer)
			fx_attr(&s, SG_OID(message_type))->val = sg_slice_str("3");
		if (of_answer)
			fx_add_attr(&s, *rows[i / 8].oid, SG_DER_OCTET_STRING, sg_slice_str("0"));
		if (odd == 0)
			fx_attr(&s, *rows[i / 8].oid)->tag = SG_DER_NULL;
		else if (odd == 3)
			fx_add_attr(&s, *rows[i / 8].oid, SG_DER_NULL, sg_slice_str(""));
		else
			fx_attr(&s, *rows[i / 8].oid)->values = odd == 1 ? 0 : 2;
		fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
		assert_int_equal(msg.fault.code, SG_OK);
		assert_int_equal(msg.refused.code, answer == of_answer ? SG_E_MALFORMED : SG_OK);
	}
}

static void
attrs__nonce__lengths(void **state)
{
	struct fx_spec s;
	uint8_t nonce[SG_NONCE_MAX + 1] = {0};

	(void)state;
	for (size_t n = 0; n <= SG_NONCE_MAX + 1; n++) {
		sg_buf_scoped der = {0};
		sg_scep_msg_scoped msg = {0};
		struct sg_err err = {0};
		fx_spec(&s);
		fx_attr(&s, SG_OID(sender_nonce))->val = sg_slice(nonce, n);
		fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
		if (n >= 1 && n <= SG_NONCE_MAX) {
			assert_int_equal(msg.refused.code, SG_OK);
			assert_int_equal(msg.sender_nonce.len, n);
			continue;
		}
		assert_int_equal(msg.refused.code, SG_E_MALFORMED);
		assert_string_equal(msg.refused.rule, "scep.nonce");
	}
}

static void
attrs__unknown_attrs__ignored_up_to_limit(void **state)
{
	struct fx_spec s;
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	uint8_t oid[3] = {0x2a, 0x03, 0};

	(void)state;
	fx_spec(&s);
	while (s.attr_n < SG_CMS_ATTRS_MAX)
		fx_add_attr(&s, sg_slice(oid, 3), SG_DER_NULL, (struct sg_slice){0});
	fx_assert_ok(fx_decode(&s, &der, &msg, &err), err);
	assert_int_equal(msg.refused.code, SG_OK);
	fx_add_attr(&s, sg_slice(oid, 3), SG_DER_NULL, (struct sg_slice){0});
	fx_refused(&s, SG_E_LIMIT, "cms.attrs.count");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(attrs__txid__rules),
	    cmocka_unit_test(attrs__twice__refused),
	    cmocka_unit_test(attrs__values__exactly_one),
	    cmocka_unit_test(attrs__wrong_type__put_off),
	    cmocka_unit_test(attrs__signing_time__strict_only),
	    cmocka_unit_test(attrs__content_type__strict_only),
	    cmocka_unit_test(attrs__only_shown__as_they_came),
	    cmocka_unit_test(attrs__of_the_other_kind_of_message__not_looked_at),
	    cmocka_unit_test(attrs__nonce__lengths),
	    cmocka_unit_test(attrs__unknown_attrs__ignored_up_to_limit),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
