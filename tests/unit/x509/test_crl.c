/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "x509/crl.h"
#include "x509/csr.h"
#include "x509/signed.h"

#define ISSUER "30{ 31{ 30{ 06:550403 0c'Test CA' } } }"
#define ALG "30{ 06:2a864886f70d01010b 05: }"
#define ENTRY1 "30{ 02:0102 17'260102030405Z' }"
#define ENTRY2 "30{ 02:00ff 17'260102030405Z' 30{ 30{ 06:551d15 04{ 0a:01 } } } }"
#define AKI "30{ 06:551d23 04{ 30{ 80:0304 } } }"
#define NUMBER "30{ 06:551d14 04{ 02:07 } }"
#define TBS                                                                                        \
	"30{ 02:01 " ALG " " ISSUER " 17'260102030405Z' 18'20500102030405Z' 30{ " ENTRY1           \
	" " ENTRY2 " } a0{ 30{ " AKI " " NUMBER " } } }"
#define GOOD "30{ " TBS " " ALG " 03:00cafe }"

static struct sg_crl got;

/* The list and all its entries. */
static enum sg_code
parse(struct sg_slice der, struct sg_err *err)
{
	enum sg_code rc = sg_crl_parse(der, &got, err);
	if (rc != SG_OK)
		return rc;
	struct sg_der d = sg_der_init(got.entries, err);
	while (sg_der_more(&d))
		sg_crl_next(&d);
	return sg_der_status(&d);
}

static void
crl_parse__good__all_fields(void **state)
{
	(void)state;
	sg_buf_scoped b = {0}, part = {0};
	struct sg_err err = {0};
	if (parse(asn(&b, GOOD), &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_true(sg_slice_eq(got.raw, sg_buf_slice(&b)));
	assert_true(sg_slice_eq(got.tbs, asn(&part, TBS)));
	assert_true(sg_slice_eq(got.issuer, asn(&part, ISSUER)));
	assert_int_equal(got.this_update, 1767323045);
	assert_int_equal(got.next_update, 2524705445);
	assert_int_equal(got.number, 7);
	assert_true(sg_slice_eq(got.aki, sg_slice("\3\4", 2)));
	assert_false(got.unknown_critical);
	assert_int_equal(got.sigalg.scheme, SG_SIG_RSA_PKCS1);
	struct sg_der d = sg_der_init(got.entries, NULL);
	struct sg_crl_item item = sg_crl_next(&d);
	assert_true(sg_slice_eq(item.serial, sg_slice("\1\2", 2)));
	assert_int_equal(item.reason, SG_REASON_UNSPECIFIED);
	item = sg_crl_next(&d);
	assert_true(sg_slice_eq(item.serial, sg_slice("\0\xff", 2)));
	assert_int_equal(item.reason, SG_REASON_KEY_COMPROMISE);
	assert_int_equal(item.revoked_at, 1767323045);
	assert_false(sg_der_more(&d));
	assert_true(sg_der_ok(&d));
	assert_null(sg_crl_next(&d).serial.p);
	assert_int_equal(sg_der_status(&d), SG_E_MALFORMED);
	expect_whole(parse, sg_buf_slice(&b));
}

static void
crl_parse__optional_parts__ok(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {"18'20500102030405Z' ", "", 0, ""},
	    {"30{ " ENTRY1 " " ENTRY2 " } ", "", 0, ""},
	    {" a0{ 30{ " AKI " " NUMBER " } }", "", 0, ""},
	    {GOOD, "30{ 30{ " ALG " " ISSUER " 17'260102030405Z' } " ALG " 03:00cafe }", 0, ""},
	};
	expect_good(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
	sg_buf_scoped b = {0};
	assert_int_equal(parse(asn(&b, "30{ 30{ 30{ 06:2b6570 } " ISSUER
				       " 17'260102030405Z' } 30{ 06:2b6570 } 03:00cafe }"),
			     NULL),
	    SG_OK);
	assert_int_equal(got.sigalg.scheme, SG_SIG_NONE);
	assert_int_equal(got.next_update, 0);
	assert_int_equal(got.number, 0);
	assert_int_equal(got.entries.len, 0);
}

static void
crl_parse__unknown_critical__noted(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	/* issuingDistributionPoint: this list is a part of the whole. */
	asn_with(&b, GOOD, NUMBER, NUMBER " 30{ 06:551d1c 01:ff 04{ 30{} } }");
	assert_int_equal(parse(sg_buf_slice(&b), NULL), SG_OK);
	assert_true(got.unknown_critical);
	assert_true(sg_slice_eq(got.unknown_oid, sg_slice("\x55\x1d\x1c", 3)));
	asn_with(&b, GOOD, "30{ 30{ 06:551d15 04{ 0a:01 } } }",
	    "30{ 30{ 06:551d1d 01:ff 04{ 30{} } } }");
	assert_int_equal(parse(sg_buf_slice(&b), NULL), SG_OK);
	struct sg_der d = sg_der_init(got.entries, NULL);
	assert_false(sg_crl_next(&d).unknown_critical);
	assert_true(sg_crl_next(&d).unknown_critical);
	assert_true(sg_der_ok(&d));
}

static void
crl_parse__bad__refused(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {GOOD, "31{}", SG_E_MALFORMED, "der"},
	    {GOOD, "30{}", SG_E_MALFORMED, "der"},
	    {"02:01", "02:00", SG_E_MALFORMED, "crl.version"},
	    {"02:01", "02:02", SG_E_MALFORMED, "crl.version"},
	    {"02:01", "02:ff", SG_E_MALFORMED, "der"},
	    {"02:01", "", SG_E_MALFORMED, "crl.version.exts"},
	    {"02:01", "02:01 02:01", SG_E_MALFORMED, "der"},
	    {ALG, "", SG_E_MALFORMED, "der"},
	    {ALG, "30{ 06:2a864886f70d01010c 05: }", SG_E_MALFORMED, "crl.alg.mismatch"},
	    {ISSUER, "31{}", SG_E_MALFORMED, "der"},
	    {ISSUER, "30{ 31{} }", SG_E_MALFORMED, "name.rdn.empty"},
	    {"17'260102030405Z' 18'20500102030405Z'", "", SG_E_MALFORMED, "der.time"},
	    {"17'260102030405Z' 18", "17'260102030405' 18", SG_E_MALFORMED, "der.time"},
	    {"18'20500102030405Z'", "18'20500132030405Z'", SG_E_MALFORMED, "time"},
	    {"18'20500102030405Z'", "18'20500102030405Z' 18'20500102030405Z'", SG_E_MALFORMED,
		"der"},
	    {ENTRY1, "05:", SG_E_MALFORMED, "der"},
	    {ENTRY1, "30{}", SG_E_MALFORMED, "der"},
	    {ENTRY1, "30{ 02:01 }", SG_E_MALFORMED, "der"},
	    {"02:0102", "02:", SG_E_LIMIT, "crl.entry.serial"},
	    {"02:0102", "02{ x65(=11) }", SG_E_LIMIT, "crl.entry.serial"},
	    {"02:0102", "04:0102", SG_E_MALFORMED, "der"},
	    {"0a:01", "0a:07", SG_E_MALFORMED, "crl.reason"},
	    {"0a:01", "0a:08", SG_E_MALFORMED, "crl.reason"},
	    {"0a:01", "0a:", SG_E_MALFORMED, "crl.reason"},
	    {"0a:01", "0a:0001", SG_E_MALFORMED, "crl.reason"},
	    {"0a:01", "02:01", SG_E_MALFORMED, "der"},
	    {"30{ 06:551d15 04{ 0a:01 } }",
		"30{ 06:551d15 04{ 0a:01 } } 30{ 06:551d15 04{ 0a:01 } }", SG_E_MALFORMED,
		"crl.reason.dup"},
	    {ENTRY2, "30{ 02:00ff 17'260102030405Z' 30{} 30{} }", SG_E_MALFORMED, "der"},
	    {ENTRY2, "30{ 02:00ff 17'260102030405Z' 05: }", SG_E_MALFORMED, "der"},
	    {"a0{ 30{ " AKI, "a1{ 30{ " AKI, SG_E_MALFORMED, "der"},
	    {"a0{ 30{ " AKI " " NUMBER " } }", "a0{}", SG_E_MALFORMED, "der"},
	    {"a0{ 30{ " AKI " " NUMBER " } }", "a0{ 30{} 30{} }", SG_E_MALFORMED, "der"},
	    {AKI, AKI " " AKI, SG_E_MALFORMED, "crl.exts.dup"},
	    {NUMBER, NUMBER " " NUMBER, SG_E_MALFORMED, "crl.exts.dup"},
	    {"02:07", "02:07 05:", SG_E_MALFORMED, "der"},
	    {"02:07", "02:ff", SG_E_MALFORMED, "der"},
	    {"02:07", "02:010000000000000000", SG_E_LIMIT, "der.integer"},
	    {"03:00cafe", "", SG_E_MALFORMED, "der"},
	    {"03:00cafe", "03:00", SG_E_MALFORMED, "crl.signature.empty"},
	    {"03:00cafe", "03:00cafe 05:", SG_E_MALFORMED, "der"},
	};
	expect_bad(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
}

static void
crl_parse__33_extensions__limit(void **state)
{
	(void)state;
	sg_buf_scoped exts = {0}, b = {0};
	struct sg_err err = {0};
	for (int i = 0; i < 33; i++)
		sg_buf_printf(&exts, " 30{ 06:2a%02x 04: }", i);
	asn_with(&b, GOOD, AKI, sg_buf_text(&exts));
	assert_int_equal(parse(sg_buf_slice(&b), &err), SG_E_LIMIT);
	assert_string_equal(err.rule, "crl.exts.count");
}

static void
visit(struct sg_slice der, enum asn_edit edit)
{
	struct sg_err err;
	(void)edit;
	sg_ignore(parse(der, &err));
}

static void
crl_parse__every_edit__survived(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	asn_each_edit(asn(&b, GOOD), visit);
}

static struct sg_crl_facts
make(struct sg_buf *issuer)
{
	return (struct sg_crl_facts){
	    .sigalg = {.scheme = SG_SIG_RSA_PKCS1, .hash = SG_HASH_SHA256},
	    .issuer = asn(issuer, ISSUER),
	    .this_update = 1767323045,
	    .next_update = 2524705445,
	    .number = 7,
	    .aki = sg_slice("\3\4", 2),
	};
}

static void
crl_write__two_entries__exact_bytes(void **state)
{
	(void)state;
	sg_buf_scoped issuer = {0}, tbs = {0}, want = {0};
	struct sg_crl_facts f = make(&issuer);
	struct sg_crlw w;
	sg_crl_begin(&w, &tbs, &f);
	sg_crl_entry(&w, &tbs, sg_slice("\1\2", 2), 1767323045, SG_REASON_UNSPECIFIED);
	sg_crl_entry(&w, &tbs, sg_slice("\xff", 1), 1767323045, SG_REASON_KEY_COMPROMISE);
	sg_crl_end(&w, &tbs, &f);
	asn(&want, TBS);
	assert_int_equal(w.n, 2);
	assert_true(sg_slice_eq(sg_buf_slice(&tbs), sg_buf_slice(&want)));
}

static void
crl_write__no_entry__no_revoked_certificates(void **state)
{
	(void)state;
	sg_buf_scoped issuer = {0}, tbs = {0}, want = {0};
	struct sg_crl_facts f = make(&issuer);
	struct sg_crlw w;
	sg_crl_begin(&w, &tbs, &f);
	sg_crl_end(&w, &tbs, &f);
	asn(&want, "30{ 02:01 " ALG " " ISSUER " 17'260102030405Z' 18'20500102030405Z' a0{ 30{ " AKI
		   " " NUMBER " } } }");
	assert_true(sg_slice_eq(sg_buf_slice(&tbs), sg_buf_slice(&want)));
}

static void
crl_entry__dates__as_derw_time(void **state)
{
	(void)state;
	static const int64_t at[] = {0, -1, 951827696, 1767323045, 2524607999, 2524608000,
	    253402300799, -631152000, -631152001};
	for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
		sg_buf_scoped issuer = {0}, tbs = {0}, want = {0};
		struct sg_crl_facts f = make(&issuer);
		struct sg_crlw w;
		sg_crl_begin(&w, &tbs, &f);
		size_t mark = tbs.len;
		sg_crl_entry(&w, &tbs, sg_slice("\1", 1), at[i], SG_REASON_UNSPECIFIED);
		sg_derw_time(&want, at[i]);
		/* 30 len, 30 len, 02 01 01 stand before the time. */
		assert_true(sg_slice_eq(
		    sg_slice(tbs.p + mark + 7, tbs.len - mark - 7), sg_buf_slice(&want)));
	}
}

static void
crl_entry__no_such_reason__buffer_fails(void **state)
{
	(void)state;
	static const int wrong[] = {7, 8, 11, -1, 256};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		sg_buf_scoped issuer = {0}, tbs = {0};
		struct sg_crl_facts f = make(&issuer);
		struct sg_crlw w;
		sg_crl_begin(&w, &tbs, &f);
		sg_crl_entry(&w, &tbs, sg_slice("\1", 1), 0, (enum sg_crl_reason)wrong[i]);
		assert_int_equal(sg_buf_check(&tbs, NULL), SG_E_INTERNAL);
	}
}

static void
crl_write__100000_entries__read_back(void **state)
{
	(void)state;
	sg_buf_scoped issuer = {0}, tbs = {.max = 64u << 20}, crl = {.max = 64u << 20};
	struct sg_crl_facts f = make(&issuer);
	struct sg_crlw w;
	sg_crl_begin(&w, &tbs, &f);
	for (uint32_t i = 0; i < 100000; i++) {
		uint8_t serial[18] = {0x80, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		sg_crl_entry(&w, &tbs, sg_slice(serial, sizeof serial), 1767323045 + i,
		    i % 2 ? SG_REASON_SUPERSEDED : SG_REASON_UNSPECIFIED);
	}
	sg_crl_end(&w, &tbs, &f);
	sg_signed_put(&crl, sg_buf_slice(&tbs), f.sigalg, sg_slice("\xca\xfe", 2));
	assert_int_equal(sg_buf_check(&crl, NULL), SG_OK);
	assert_int_equal(sg_crl_parse(sg_buf_slice(&crl), &got, NULL), SG_OK);
	struct sg_der d = sg_der_init(got.entries, NULL);
	uint32_t n = 0;
	for (; sg_der_more(&d); n++) {
		struct sg_crl_item item = sg_crl_next(&d);
		assert_int_equal(item.serial.len, 19);
		assert_int_equal(item.revoked_at, 1767323045 + n);
		assert_int_equal(item.reason, n % 2 ? SG_REASON_SUPERSEDED : SG_REASON_UNSPECIFIED);
	}
	assert_int_equal(n, 100000);
}

static enum sg_code
write_nomem(void)
{
	sg_buf_scoped tbs = {0};
	struct sg_crl_facts f = {.sigalg = {.scheme = SG_SIG_ECDSA, .hash = SG_HASH_SHA256},
	    .issuer = sg_slice("\x30\0", 2),
	    .aki = sg_slice("\1", 1)};
	struct sg_crlw w;
	sg_crl_begin(&w, &tbs, &f);
	for (int i = 0; i < 100; i++)
		sg_crl_entry(&w, &tbs, sg_slice("\1", 1), 0, SG_REASON_HOLD);
	sg_crl_end(&w, &tbs, &f);
	return sg_buf_check(&tbs, NULL);
}

static void
crl_write__no_memory__nomem(void **state)
{
	(void)state;
	expect_nomem(write_nomem);
}

static void
reason__words__those_of_rfc_5280(void **state)
{
	static const char *const words[] = {"unspecified", "keyCompromise", "cACompromise",
	    "affiliationChanged", "superseded", "cessationOfOperation", "certificateHold", NULL,
	    NULL, "privilegeWithdrawn", "aACompromise", NULL};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		const char *word = sg_reason_name((enum sg_crl_reason)i);
		if (words[i] == NULL)
			assert_null(word);
		else
			assert_string_equal(word, words[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(crl_parse__good__all_fields),
	    cmocka_unit_test(crl_parse__optional_parts__ok),
	    cmocka_unit_test(crl_parse__unknown_critical__noted),
	    cmocka_unit_test(crl_parse__bad__refused),
	    cmocka_unit_test(crl_parse__33_extensions__limit),
	    cmocka_unit_test(crl_parse__every_edit__survived),
	    cmocka_unit_test(crl_write__two_entries__exact_bytes),
	    cmocka_unit_test(crl_write__no_entry__no_revoked_certificates),
	    cmocka_unit_test(crl_entry__dates__as_derw_time),
	    cmocka_unit_test(crl_entry__no_such_reason__buffer_fails),
	    cmocka_unit_test(crl_write__100000_entries__read_back),
	    cmocka_unit_test(crl_write__no_memory__nomem),
	    cmocka_unit_test(reason__words__those_of_rfc_5280),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
