/* SPDX-License-Identifier: Apache-2.0 */
#include "help.h"

#include "policy/pattern_syntax.h"

static void
subject_wrong__good__null(void **state)
{
	(void)state;
	static const char *const good[] = {"CN=a", "CN=*", "CN=*.dev.example, O=Test",
	    "CN = a , O = b", "2.5.4.3=a", "CN=a+UID=b", "CN=a\\, b", "CN=a\\2c",
	    "CN=a+UID=b, CN=*", "CN=\\#a*", "CN=\xc3\xa4", "street-x=1", "CN=a\\=b", "CN=a*{.}",
	    "CN=*{. }-x, O=Test", "CN=*{\\,\\=\\2c\xc3\xa4}x", "CN={a}", "CN=a*b{c}", "CN=a*\\7b.}",
	    "CN=a*{.\\7d", "CN=a*{\\c3\\a4}", "OID.2.5.4.3=a*, oid.1.2=b", "CN=a/b"};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		const char *wrong = sg_pattern_subject_wrong(sg_slice_str(good[i]));
		if (wrong != NULL)
			fail_msg("%s: %s", good[i], wrong);
	}
}

static void
subject_wrong__bad__what(void **state)
{
	(void)state;
	static const char *const bad[] = {"", " ", "CN", "=a", "CN=", "CN= ", "CN=a,", "CN=a, ",
	    "CN=a,,O=b", "CN=a+", ",CN=a", "C N=a", "CN=a\\", "CN=a\\q", "CN=a=b", "CN=a;b",
	    "CN=\"a\"", "CN=<a>", "CN=\\*", "CN=\\2a", "CN=\\2A", "CN=a\\2", "CN=**", "CN=*.*",
	    "O=*", "CN=a+UID=*", "CN=*+O=a", "O=a+CN=*", "2=a", "2.5.x=a", "*=a", "CN=a*{",
	    "CN=a*{.", "CN=a*{}", "CN=a*{*}", "CN=a*{{}", "CN=a*{,}", "CN=a*{=}", "CN=a*{\\}",
	    "O=a*{.}", "CN=a*{.}b*", "CN=a*\\7b}", "CN=a*\\7b.", "CN=a*{\\7d", "CN=a*{\\09}",
	    "CN=a*{\xe2\x80\x8b}", "CN=a*{\xc3", "CN=a*{\xc3}", "CN=a*{\xc3z}", "CN=a*{\xc9\x90}",
	    "CN=a*{\xc3\x97}", "CN=a*{\xa4}", "OID.=a", "OID.x=a", "OID.OID.1.2=a", "OID.2=a",
	    "OID.2.5.4.10=*", "/CN=a/O=b", "O=\"a\"", "CN=#0c012a", "CN= #a", "CN=a O=b"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (sg_pattern_subject_wrong(sg_slice_str(bad[i])) == NULL)
			fail_msg("accepted: %s", bad[i]);
	}
	/* One attribute more than a name may have. */
	sg_buf_scoped b = {0};
	for (unsigned i = 0; i < SG_NAME_RDNS_MAX; i++)
		sg_buf_printf(&b, "%sOU=a", i > 0 ? "," : "");
	assert_null(sg_pattern_subject_wrong(sg_slice_str(sg_buf_text(&b))));
	sg_buf_puts(&b, ",OU=a");
	assert_non_null(sg_pattern_subject_wrong(sg_slice_str(sg_buf_text(&b))));
}

static void
subject_is_free__patterns__verdict(void **state)
{
	(void)state;
	static const struct {
		const char *pattern;
		bool free;
	} rows[] = {
	    {"", true},
	    {"CN=*", true},
	    {"CN=.*", true},
	    {"CN=*-", true},
	    {"commonName=*", true},
	    {"cn=*,O=Test", true},
	    {"2.5.4.3=*, O=Test", true},
	    {"CN=a, CN=*", true},
	    {"O=*", true},
	    {"broken", true},
	    {"CN=*.dev.example", false},
	    {"CN=a*", false},
	    {"CN=a*, OU=b", false},
	    {"O=Test", false},
	    {"CN=-", false},
	    {"CN=\xc3\xa4*", false},
	    {"UID=kiosk, O=Test", false},
	    {"CN=\\,*", true},
	    {"CN=*{abc}", true},
	    {"CN=.*{a.\xc3\xa4}-", true},
	    {"CN=*{a}b", false},
	    /* What is fixed shows, and is written without '\'. */
	    {"CN=\xe2\x80\x8b*\xc2\xa0", true},
	    {"CN=\xe2\x80\x8b\xc3\xa4*", false},
	    {"CN=\xe2\x80*", true},
	    {"CN=\\41*", true},
	    {"CN=\\c3\\a4*", true},
	    {"CN=\\41\xe2\x80\x8b*", true},
	    {"CN=\\41a*", false},
	    /* Braces with a '\' are braces. */
	    {"CN=*\\7babc}", true},
	    {"CN=*\\7babc\\7d", true},
	    {"CN=*{.\\7da", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (sg_pattern_subject_is_free(sg_slice_str(rows[i].pattern)) != rows[i].free)
			fail_msg("%s", rows[i].pattern);
	}
}

static void
san_wrong__patterns__verdict(void **state)
{
	(void)state;
	static const struct {
		const char *pattern;
		bool good;
	} rows[] = {
	    {"dns:a", true},
	    {"dns:*.a", true},
	    {"email:*@a.example", true},
	    {"uri:https://a.example/*", true},
	    {"uri:https://*.a", true},
	    {"ip:10.0.0.1", true},
	    {"ip:2001:db8::1", true},
	    {"upn:*@\xc3\xa4.example", true},
	    {"", false},
	    {"dns", false},
	    {"dns:", false},
	    {"DNS:a", false},
	    {"dns: a", false},
	    {"dns:\xc3\xa4", false},
	    {"ip:a.example", false},
	    {"ip:10.0.0.0/8", false},
	    {"ip:10.0.0.*", false},
	    {"ip:[::1]", false},
	    {"other:x", false},
	    {"dirname:CN=a", false},
	    {"dns:*", false},
	    {"dns:*.", false},
	    {"dns:*a.b", false},
	    {"dns:a.*.b", false},
	    {"dns:*.*", false},
	    {"email:*", false},
	    {"email:*@", false},
	    {"upn:a*@b", false},
	    {"uri:*", false},
	    {"uri:*:x", false},
	    {"uri:a://*/*", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if ((sg_pattern_san_wrong(sg_slice_str(rows[i].pattern)) == NULL) != rows[i].good)
			fail_msg("%s", rows[i].pattern);
	}
}

static void
san_is_free__patterns__verdict(void **state)
{
	(void)state;
	static const struct {
		const char *pattern;
		bool free;
	} rows[] = {
	    {"dns:*", true},
	    {"dns:*.*", true},
	    {"email:*@*", true},
	    {"uri:*", true},
	    {"uri:https://*", true},
	    {"uri:https://*/", true},
	    {"ip:*", true},
	    {"ip:*.*.*.*", true},
	    {"upn:*", true},
	    {"upn:*@\xe2\x80\x8b", true},
	    {"upn:*@\xc3\xa4", false},
	    {"nothing", true},
	    {"dns:*.example", false},
	    {"email:*@a.example", false},
	    {"uri:https://a/*", false},
	    {"uri:urn:x:*", false},
	    {"ip:10.*", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (sg_pattern_san_is_free(sg_slice_str(rows[i].pattern)) != rows[i].free)
			fail_msg("%s", rows[i].pattern);
	}
}

static void
san_kind__patterns__bit(void **state)
{
	(void)state;
	assert_int_equal(sg_pattern_san_kind(sg_slice_str("dns:a")), SG_SAN_DNS);
	assert_int_equal(sg_pattern_san_kind(sg_slice_str("email:a")), SG_SAN_EMAIL);
	assert_int_equal(sg_pattern_san_kind(sg_slice_str("uri:a")), SG_SAN_URI);
	assert_int_equal(sg_pattern_san_kind(sg_slice_str("ip:a")), SG_SAN_IP);
	assert_int_equal(sg_pattern_san_kind(sg_slice_str("upn:a")), SG_SAN_UPN);
	assert_int_equal(sg_pattern_san_kind(sg_slice_str("rid:a")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(subject_wrong__good__null),
	    cmocka_unit_test(subject_wrong__bad__what),
	    cmocka_unit_test(subject_is_free__patterns__verdict),
	    cmocka_unit_test(san_wrong__patterns__verdict),
	    cmocka_unit_test(san_is_free__patterns__verdict),
	    cmocka_unit_test(san_kind__patterns__bit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
