/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "x509/ext.h"
#include "x509/san_text.h"

static void
expect(const char *text, enum sg_san_type type, struct sg_slice val, const char *back)
{
	uint8_t store[SG_SAN_LEN_MAX];
	struct sg_san san;
	struct sg_err err = {0};
	sg_buf_scoped b = {0};
	if (sg_san_from_text(sg_slice_str(text), &san, store, &err) != SG_OK)
		fail_msg("%s: %s", text, err.text);
	assert_int_equal(san.type, type);
	assert_ptr_equal(san.val.p, store);
	assert_true(sg_slice_eq(san.val, val));
	sg_san_put_text(&b, &san);
	assert_text(&b, back);
}

static void
san_from_text__good__value_and_back(void **state)
{
	(void)state;
	expect("dns:a.example", SG_SAN_DNS, sg_slice_str("a.example"), "dns:a.example");
	expect("DNS:*.A.example", SG_SAN_DNS, sg_slice_str("*.A.example"), "dns:*.A.example");
	expect("email:a@b", SG_SAN_EMAIL, sg_slice_str("a@b"), "email:a@b");
	expect("uri:tag:microsoft.com,2022-09-14:sid:S-1", SG_SAN_URI,
	    sg_slice_str("tag:microsoft.com,2022-09-14:sid:S-1"),
	    "uri:tag:microsoft.com,2022-09-14:sid:S-1");
	expect("ip:192.0.2.1", SG_SAN_IP, sg_slice("\xc0\0\2\1", 4), "ip:192.0.2.1");
	expect("ip:2001:DB8::1", SG_SAN_IP, sg_slice("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16),
	    "ip:2001:db8::1");
	expect("upn:a b@\xc3\xa4", SG_SAN_UPN, sg_slice_str("a b@\xc3\xa4"), "upn:a b@\xc3\xa4");
	expect("rid:1.2.3", SG_SAN_RID, sg_slice("\x2a\x03", 2), "rid:1.2.3");
	expect("other:1.2.3:a b:c", SG_SAN_OTHERNAME,
	    sg_slice("\x06\x02\x2a\x03\xa0\x07\x0c\x05"
		     "a b:c",
		13),
	    "other:1.2.3:a b:c");
	expect("Other:1.2.3:#0c0161", SG_SAN_OTHERNAME,
	    sg_slice("\x06\x02\x2a\x03\xa0\x03\x0c\x01"
		     "a",
		9),
	    "other:1.2.3:a");
	expect("other:1.2.3:#0C:02:23:61", SG_SAN_OTHERNAME,
	    sg_slice("\x06\x02\x2a\x03\xa0\x04\x0c\x02#a", 10), "other:1.2.3:#0c022361");
	expect("other:1.2.3:#3000", SG_SAN_OTHERNAME,
	    sg_slice("\x06\x02\x2a\x03\xa0\x02\x30\x00", 8), "other:1.2.3:#3000");
	/* As openssl and Windows print them. */
	expect(" DNS: a.example\r\n", SG_SAN_DNS, sg_slice_str("a.example"), "dns:a.example");
	expect("DNS Name=a.example", SG_SAN_DNS, sg_slice_str("a.example"), "dns:a.example");
	expect("IP Address:192.0.2.1", SG_SAN_IP, sg_slice("\xc0\0\2\1", 4), "ip:192.0.2.1");
	expect("RFC822 Name=a@b", SG_SAN_EMAIL, sg_slice_str("a@b"), "email:a@b");
	expect("URL=https://a/?b=c,d", SG_SAN_URI, sg_slice_str("https://a/?b=c,d"),
	    "uri:https://a/?b=c,d");
	expect("Principal Name=a@b", SG_SAN_UPN, sg_slice_str("a@b"), "upn:a@b");
	expect("Registered ID:1.2.3", SG_SAN_RID, sg_slice("\x2a\x03", 2), "rid:1.2.3");
	expect("dirname:CN=x", SG_SAN_DIRNAME,
	    sg_slice("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01x", 14), "dirname:CN=x");
}

static void
san_from_text__bad__refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t len; /* 0: up to the NUL */
		const char *rule;
	} rows[] = {
	    {"", 0, "san.text"},
	    {"a.example", 0, "san.text"},
	    {"dns", 0, "san.text"},
	    {":x", 0, "san.text"},
	    {"unknown:a300", 0, "san.text"},
	    {"other:00", 0, "san.text"},
	    {"other:1.2.3", 0, "san.text"},
	    {"other:1.2.3:", 0, "san.text"},
	    {"other::a", 0, "san.text"},
	    {"other:kerberos:a", 0, "oid"},
	    {"other:1.3.6.1.4.1.311.20.2.3:a@b", 0, "san.text"},
	    {"other:1.2.3:#", 0, "san.text"},
	    {"other:1.2.3:#0", 0, "san.text"},
	    {"other:1.2.3:#0c0261", 0, "san.text"},
	    {"other:1.2.3:#0c016100", 0, "san.text"},
	    {"other:1.2.3:#xx", 0, "san.text"},
	    {"rid:", 0, "san.value.empty"},
	    {"rid:a", 0, "oid"},
	    {"rid:1.2.", 0, "oid"},
	    {"dnsx:a", 0, "san.text"},
	    {"dns:", 0, "san.value.empty"},
	    {"upn:", 0, "san.value.empty"},
	    {"dns:a b", 0, "san.text"},
	    {"dns:a,dns:b", 0, "san.text"},
	    {"email:a@b,c@d", 0, "san.text"},
	    {"dns: ", 0, "san.value.empty"},
	    {"dns name", 0, "san.text"},
	    {"=a", 0, "san.text"},
	    {"dns:a\nb", 0, "san.ascii"},
	    {"dns:a\0b", 7, "san.ascii"},
	    {"dns:\xc3\xa4", 0, "san.ascii"},
	    {"email:\x1b[m", 0, "san.ascii"},
	    {"uri:\x7f", 0, "san.ascii"},
	    {"ip:192.0.2", 0, "san.text"},
	    {"ip:192.0.2.256", 0, "san.text"},
	    {"ip:192.0.2.1/24", 0, "san.text"},
	    {"ip:192.0.2.1\0x", 14, "san.text"},
	    {"ip:2001:db8:::1", 0, "san.text"},
	    {"ip:1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa", 0, "san.text"},
	    {"upn:\xff", 0, "san.upn"},
	    {"upn:a\x1b", 0, "san.upn"},
	    {"dirname:x", 0, "name.text"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t store[SG_SAN_LEN_MAX];
		struct sg_san san = {0};
		struct sg_err err = {0};
		struct sg_slice text = sg_slice_str(rows[i].text);
		if (rows[i].len > 0)
			text.len = rows[i].len;
		assert_int_equal(sg_san_from_text(text, &san, store, &err), SG_E_MALFORMED);
		if (strcmp(err.rule, rows[i].rule) != 0)
			fail_msg("%s: rule %s: %s", rows[i].text, err.rule, err.text);
		assert_null(san.val.p);
	}
}

static void
san_from_text__2048_and_2049_bytes__limit(void **state)
{
	(void)state;
	char text[4 + SG_SAN_LEN_MAX + 1];
	uint8_t *store = malloc(SG_SAN_LEN_MAX);
	struct sg_san san;
	struct sg_err err = {0};
	assert_non_null(store);
	memset(text, 'a', sizeof text);
	memcpy(text, "dns:", 4);
	assert_int_equal(
	    sg_san_from_text(sg_slice(text, sizeof text - 1), &san, store, &err), SG_OK);
	assert_int_equal(
	    sg_san_from_text(sg_slice(text, sizeof text), &san, store, &err), SG_E_LIMIT);
	assert_string_equal(err.rule, "san.long");
	free(store);
}

static void
expect_text(enum sg_san_type type, struct sg_slice val, const char *want)
{
	sg_buf_scoped b = {0};
	sg_san_put_text(&b, &(struct sg_san){type, val});
	assert_text(&b, want);
}

static void
san_put_text__strange__escaped(void **state)
{
	(void)state;
	expect_text(SG_SAN_UPN, sg_slice_str("a\x1b\"b"), "upn:a\\x1b\"b");
	expect_text(SG_SAN_OTHER, sg_slice("\xa3\x00", 2), "unknown:a300");
	expect_text(SG_SAN_RID, sg_slice("\x2a\x83", 2), "rid:oid:2a83");
	expect_text(SG_SAN_OTHERNAME, sg_slice("\x06\x01", 2), "other:0601");
	expect_text(SG_SAN_IP, sg_slice("\1\2\3", 3), "ip:010203");
	expect_text(SG_SAN_DIRNAME, sg_slice("\x31", 1), "dirname:(broken name)");
}

static enum sg_code
dirname_nomem(void)
{
	uint8_t store[SG_SAN_LEN_MAX];
	struct sg_san san;
	return sg_san_from_text(sg_slice_str("dirname:C=FI, CN=x"), &san, store, NULL);
}

static void
san_from_text__no_memory__nomem(void **state)
{
	(void)state;
	expect_nomem(dirname_nomem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(san_from_text__good__value_and_back),
	    cmocka_unit_test(san_from_text__bad__refused),
	    cmocka_unit_test(san_from_text__2048_and_2049_bytes__limit),
	    cmocka_unit_test(san_put_text__strange__escaped),
	    cmocka_unit_test(san_from_text__no_memory__nomem),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
