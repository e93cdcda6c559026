/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "base/alloc.h"
#include "lib/alloc_fail.h"
#include "policy/pattern.h"

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static enum sg_code
match(const char *pattern, const char *san_patterns, const char *subject, const char *sans,
    struct sg_err *err)
{
	struct request r;
	sg_scoped(patterns) p = NULL;

	assert_ok(sg_patterns_new(SG_NAME_LENGTHS_X520, &p, NULL));
	if (pattern[0] != '\0')
		assert_ok(sg_patterns_add_subject(p, sg_slice_str(pattern), NULL));
	while (*san_patterns != '\0') {
		size_t len = strcspn(san_patterns, ";");
		assert_ok(sg_patterns_add_san(p, sg_slice(san_patterns, len), NULL));
		san_patterns += len;
		san_patterns += *san_patterns == ';';
	}
	request_init(&r, subject, "p256", sans);
	enum sg_code rc = sg_patterns_match(p, &r.csr, err);
	request_clear(&r);
	return rc;
}

static void
patterns_match__subjects__as_documented(void **state)
{
	static const struct {
		const char *pattern, *subject;
		bool fits;
	} rows[] = {
	    {"CN=*.dev.example", "CN=a.dev.example", true},
	    {"CN=*.dev.example", "CN=A-1_b.DEV.example", true},
	    {"CN=*.dev.example, O=Test", "CN=a.dev.example, O=Test", true},
	    {"CN=*.dev.example, O=Test", "CN=a.dev.example, O=test", true},
	    {"CN=dev-*", "CN=dev-17", true},
	    {"CN=dev-*-x", "CN=dev-17-x", true},
	    {"CN=dev  *", "CN=dev 7", true},
	    {"CN=J\xc3\xbcrgen*", "CN=J\xc3\xbcrgen7", true},
	    {"CN=J\xc3\xbcrgen*", "CN=J\xc3\xbcrgen\xc3\xa4", false},
	    /* What the braces add, and nothing else. */
	    {"CN=*{.}.dev.example", "CN=a.b.dev.example", true},
	    {"CN=*{.}.dev.example", "CN=a.b@c.dev.example", false},
	    {"CN=*{. }-kiosk", "CN=Hall 3.1-kiosk", true},
	    {"CN=*{. }-kiosk", "CN=Hall/3-kiosk", false},
	    {"CN=dev-*{\\,\\+\\=\\\"\\#\\;\\<\\>\\\\@/:'()}",
		"CN=dev-\\,\\+=\\\"#\\;\\<\\>\\\\@/:'()", true},
	    {"CN=dev-*{\\,}", "CN=dev-a\\,b", true},
	    {"CN=dev-*{\\,}", "CN=dev-a\\+b", false},
	    {"CN=dev-*{\xc3\xa4\xc3\x84}", "CN=dev-\xc3\xa4\xc3\x84z", true},
	    {"CN=dev-*{\xc3\xa4}", "CN=dev-\xc3\x84", false},
	    {"CN=dev-*{\xc3\xa4}", "CN=dev-a\xcc\x88", false}, /* decomposed */
	    {"CN=dev-*{\xc3\xa4}", "CN=dev-\xc3\xa5", false},
	    {"CN=dev-*{\\c3\\a4}", "CN=dev-\xc3\xa4", true},
	    {"CN=dev-*{.}", "CN=dev-{.}", false},
	    {"CN=dev-*{.}x", "CN=dev-.x", true},
	    {"CN=dev-{a}*", "CN=dev-{a}b", true},
	    {"CN=dev-*{.}{a}", "CN=dev-.{a}", true},
	    /* Nothing that splits a name, shows nothing or looks like something else. */
	    {"CN=dev-*", "CN=dev-a\\,b", false},
	    {"CN=dev-*", "CN=dev-a\\+b", false},
	    {"CN=dev-*", "CN=dev-a=b", false},
	    {"CN=dev-*", "CN=dev-a\\\"b", false},
	    {"CN=dev-*", "CN=dev-a\\#b", false},
	    {"CN=dev-*", "CN=dev-a\\;b", false},
	    {"CN=dev-*", "CN=dev-a\\<b", false},
	    {"CN=dev-*", "CN=dev-a\\>b", false},
	    {"CN=dev-*", "CN=dev-a:b", false},
	    {"CN=dev-*", "CN=dev-a'b", false},
	    {"CN=dev-*", "CN=dev-a|b", false},
	    {"CN=dev-*", "CN=dev-a%b", false},
	    {"CN=dev-*", "CN=dev-a{b}", false},
	    {"CN=dev-*", "CN=dev-a~b", false},
	    {"CN=dev-*",
		"CN=dev-a\xe2\x80\x8b"
		"b",
		false},					/* zero width */
	    {"CN=dev-*", "CN=dev-\xef\xbc\xa1", false}, /* full width */
	    {"CN=dev-*", "CN=dev-\xd0\xb0", false},	/* Cyrillic */
	    {"CN=dev-*", "CN=dev-a\xc2\xa0", false},
	    {"CN=dev-*", "CN=dev-a\xcc\x81", false},
	    /* Spaces around it are certified as they stand, so they are not folded away. */
	    {"CN=*.dev.example", "CN=\\ a.dev.example", false},
	    {"CN=*.dev.example", "CN=a.dev.example\\ ", false},
	    {"CN=dev *", "CN=dev  7", false},
	    {"CN=dev-*{ }", "CN=dev-a  b", true},
	    {"CN=fixed, O=Test", "CN=fixed, O=Test", true},
	    {"O=Test", "O=Test", true},
	    {"OID.2.5.4.3=dev-*, postalCode=1", "CN=dev-1, 2.5.4.17=1", true},
	    /* Beyond ASCII as it is spelled. */
	    {"O=\xc3\x84rzte", "O=\xc3\x84RZTE", true},
	    {"O=\xc3\x84rzte", "O=\xc3\xa4rzte", false},
	    {"O=\xc3\x84rzte", "O=A\xcc\x88rzte", false},
	    {"O=Test", "O=Te\xc2\xadst", false},
	    {"C=FI, O=Test, CN=x*", "C=FI, O=Test, CN=xy", true},
	    {"CN=a+O=Test", "CN=a+O=Test", true},
	    /* A run of one or more, of one label. */
	    {"CN=*.dev.example", "CN=.dev.example", false},
	    {"CN=*.dev.example", "CN=dev.example", false},
	    {"CN=*.dev.example", "CN=a.b.dev.example", false},
	    {"CN=*.dev.example", "CN=x@a.dev.example", false},
	    {"CN=*.dev.example", "CN=x@.dev.example", false},
	    {"CN=*.dev.example", "CN=a b.dev.example", false},
	    {"CN=*.dev.example", "CN=a/b.dev.example", false},
	    {"CN=*.dev.example", "CN=\\2a.dev.example", false},
	    {"CN=*.dev.example", "CN=*.dev.example", false},
	    {"CN=*.dev.example", "CN=a\\\\b.dev.example", false},
	    {"CN=*.dev.example", "CN=a.dev.example.org", false},
	    {"CN=*.dev.example", "CN=a.dev-example", false},
	    {"CN=dev-*", "CN=dev-", false},
	    {"CN=dev-*", "CN=xdev-1", false},
	    {"CN=dev-*-x", "CN=dev-x", false},
	    {"CN=ab*ba", "CN=aba", false},
	    /* Types, number and order. */
	    {"CN=*.dev.example, O=Test", "CN=a.dev.example", false},
	    {"CN=*.dev.example, O=Test", "O=Test, CN=a.dev.example", false},
	    {"CN=*.dev.example, O=Test", "CN=a.dev.example, O=Other", false},
	    {"CN=*.dev.example, O=Test", "CN=a.dev.example, O=Test, CN=admin", false},
	    {"CN=*.dev.example, O=Test", "CN=a.dev.example, OU=Test", false},
	    {"CN=*.dev.example", "CN=a.dev.example+O=x", false},
	    {"CN=*.dev.example", "OU=a.dev.example", false},
	    {"CN=*.dev.example", "", false},
	    {"CN=fixed", "CN=fixed2", false},
	    {"", "CN=a", false},
	    {"", "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sg_err err = {.rule = ""};
		enum sg_code rc = match(rows[i].pattern, "", rows[i].subject, "", &err);
		if ((rc == SG_OK) != rows[i].fits)
			fail_msg("%s for %s: %d", rows[i].subject, rows[i].pattern, (int)rc);
		if (!rows[i].fits) {
			assert_int_equal(rc, SG_E_DENIED);
			assert_string_equal(err.rule, "pattern.no-subject");
		}
	}
}

static void
patterns_match__sans__as_documented(void **state)
{
	static const struct {
		const char *patterns, *sans;
		bool fits;
	} rows[] = {
	    {"", "", true},
	    {"dns:*.dev.example", "", true},
	    {"dns:*.dev.example", "dns:a.dev.example", true},
	    {"dns:*.dev.example", "dns:A.dev.EXAMPLE", true},
	    {"dns:*.dev.example", "dns:a.dev.example;dns:b.dev.example", true},
	    {"dns:*.dev.example;email:*@dev.example", "email:x.y+z@DEV.example", true},
	    {"dns:fixed.example", "dns:FIXED.example", true},
	    {"upn:*@dev.example", "upn:dev1@dev.example", true},
	    {"upn:j\xc3\xa4@dev.example", "upn:j\xc3\xa4@DEV.example", true},
	    {"upn:j\xc3\xa4@dev.example", "upn:ja\xcc\x88@dev.example", false},
	    {"upn:j\xc3\xa4@dev.example", "upn:j\xc3\x84@dev.example", false},
	    {"uri:IntuneDeviceId://*", "uri:IntuneDeviceId://0a1b-2c", true},
	    {"uri:urn:x:*:y", "uri:urn:x:1:y", true},
	    {"ip:192.0.2.42", "ip:\xc0\x01\x02\x2a", false},
	    {"email:a@b.example", "email:a@B.example", true},
	    {"dns:*.dev.example", "dns:a.b.dev.example", false},
	    {"dns:*.dev.example", "dns:.dev.example", false},
	    {"dns:*.dev.example", "dns:dev.example", false},
	    {"dns:*.dev.example", "dns:*.dev.example", false},
	    {"dns:*.dev.example", "dns:a@x.dev.example", false},
	    {"dns:*.dev.example", "dns:a.dev.example;dns:evil.example", false},
	    {"dns:*.dev.example", "uri:a.dev.example", false},
	    {"email:*@dev.example", "upn:a@dev.example", false},
	    {"email:*@dev.example", "email:a@b@dev.example", false},
	    {"email:*@dev.example", "email:@dev.example", false},
	    {"email:*@dev.example", "email:a b@dev.example", false},
	    {"email:*@dev.example", "email:a.b.c@dev.example", true},
	    {"email:*@dev.example", "email:.a@dev.example", false},
	    {"email:*@dev.example", "email:a.@dev.example", false},
	    {"email:*@dev.example", "email:a..b@dev.example", false},
	    {"upn:*@dev.example", "upn:a.@dev.example", false},
	    {"uri:IntuneDeviceId://*", "uri:IntuneDeviceId://a/b", false},
	    {"uri:IntuneDeviceId://*", "uri:intunedeviceid://a", false},
	    {"uri:urn:x:*:y", "uri:urn:x:1:2:y", false},
	    {"", "dns:a.example", false},
	    {"dns:fixed.example", "other:fixed.example", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sg_err err = {.rule = ""};
		enum sg_code rc = match("CN=x", rows[i].patterns, "CN=x", rows[i].sans, &err);
		if ((rc == SG_OK) != rows[i].fits)
			fail_msg("%s for %s: %d", rows[i].sans, rows[i].patterns, (int)rc);
		if (!rows[i].fits) {
			assert_int_equal(rc, SG_E_DENIED);
			assert_string_equal(err.rule, "pattern.no-san");
		}
	}
}

/* What was asked, what would have fitted, and the code points of what looks alike. */
static void
patterns_match__refused__says_both_sides(void **state)
{
	static const struct {
		const char *pattern, *sans, *subject, *asked, *says;
	} rows[] = {
	    {"CN=*.dev.example", "", "CN=x", "",
		"subject \"CN=x\" fits none of the endpoint's subject patterns: "
		"\"CN=*.dev.example\""},
	    {"CN=\xd0\xb0lice", "", "CN=alice", "",
		"subject \"CN=alice\" fits none of the endpoint's subject patterns: "
		"\"CN=\xd0\xb0lice\" (U+0430 at character 4)"},
	    {"CN=x", "dns:a.example;upn:\xd0\xb0@a.example", "CN=x", "upn:a@a.example",
		"\"upn:a@a.example\" fits none of the endpoint's SAN patterns: "
		"\"dns:a.example\", \"upn:\xd0\xb0@a.example\" (U+0430 at character 5)"},
	    {"CN=x", "", "CN=x", "dns:a.example",
		"\"dns:a.example\" fits no SAN pattern: the endpoint has none in its option "
		"'sans'"},
	    {"CN=x",
		"dns:a-long-name-of-a-host.example;dns:another-long-name-of-a-host.example;"
		"dns:one-more-long-name-of-a-host.example;dns:b.example;dns:c.example",
		"CN=x", "dns:d.example", "\"dns:one-more-long-name-of-a-host.example\" and 2 more"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sg_err e = {.text = ""};
		assert_int_equal(
		    match(rows[i].pattern, rows[i].sans, rows[i].subject, rows[i].asked, &e),
		    SG_E_DENIED);
		if (strstr(e.text, rows[i].says) == NULL)
			fail_msg("%s", e.text);
	}
}

static void
patterns_match__address_with_byte_42__exact(void **state)
{
	static const uint8_t same[] = {192, 0, 2, 42}, other[] = {192, 0, 2, 43};
	sg_scoped(patterns) p = NULL;
	struct request r;

	(void)state;
	assert_ok(sg_patterns_new(SG_NAME_LENGTHS_X520, &p, NULL));
	assert_ok(sg_patterns_add_subject(p, sg_slice_str("CN=x"), NULL));
	assert_ok(sg_patterns_add_san(p, sg_slice_str("ip:192.0.2.42"), NULL));
	request_init(&r, "CN=x", "p256", "");
	r.csr.exts.sans.n = 1;
	r.csr.exts.sans.item[0] = (struct sg_san){SG_SAN_IP, sg_slice(same, sizeof same)};
	assert_ok(sg_patterns_match(p, &r.csr, NULL));
	r.csr.exts.sans.item[0].val = sg_slice(other, sizeof other);
	assert_rule(sg_patterns_match(p, &r.csr, err), SG_E_DENIED, "pattern.no-san");
	request_clear(&r);
}

static void
patterns_add__bad_patterns__refused(void **state)
{
	static const struct {
		const char *pattern, *rule;
	} rows[] = {
	    {"CN=*", "pattern.free"},
	    {"CN=*, O=Test", "pattern.free"},
	    {"CN=.*-", "pattern.free"},
	    {"CN=\xe2\x80\x8b*\xc2\xa0", "pattern.free"}, /* nothing of it shows */
	    {"CN=*.*.example", "pattern.subject"},
	    {"CN=a, O=*", "pattern.subject"},
	    {"CN=a*+O=Test", "pattern.subject"},
	    {"CN=a, SERIALNUMBER=1+OU=a*", "pattern.subject"},
	    {"nonsense", "pattern.subject"},
	    {"CN=", "pattern.subject"},
	    {"CN=*{.}", "pattern.free"},
	    {"CN=*{abc}", "pattern.free"},
	    {"CN=*\\7babc}", "pattern.free"},
	    {"CN=\\41*", "pattern.free"},
	    {"CN=-*{.}.", "pattern.free"},
	    {"CN=dev-*{", "pattern.subject"},
	    {"CN=dev-*{.", "pattern.subject"},
	    {"CN=dev-*{}", "pattern.subject"},
	    {"CN=dev-*{{}", "pattern.subject"},
	    {"CN=dev-*{*}", "pattern.subject"},
	    {"CN=dev-*{\\09}", "pattern.subject"},
	    {"CN=dev-*{\xe2\x80\x8b}", "pattern.subject"},
	    {"CN=dev-*{\xef\xbc\xa1}", "pattern.subject"},
	    {"CN=dev-*{a\xcc\x88}", "pattern.subject"},
	    {"CN=dev-*{\xc2\xa0}", "pattern.subject"},
	    {"CN=dev-*{\xc3\x97}", "pattern.subject"},
	    {"CN=a, O=b*{.}", "pattern.subject"},
	    /* Bounds of names: '*' is one character, the braces none. */
	    {"CN=" X64 "*", "pattern.subject"},
	    {"CN=a, O=" X64 "x", "pattern.subject"},
	    {"C=FIN, CN=a*", "pattern.subject"},
	    {"CN=a*, O=\\ ", "pattern.subject"},
	};
	static const char *const sans[] = {"dns:a*.example", "dns:*", "dns:*.a.*.example",
	    "dns:x.*", "email:a*@b.example", "email:x@*", "upn:*x@b.example", "ip:192.0.2.*",
	    "uri:*:x", "*:a", "dns:", "a.example", "", "dns:*example", "dns:*.a..b", "dns:*.-a",
	    "email:*@a..b", "email:@b", "uri:1x:*", "uri:x:{*", "uri:x:%*", "upn:*@*",
	    "dns:*{.}.a.example"};
	sg_scoped(patterns) p = NULL;

	(void)state;
	assert_ok(sg_patterns_new(SG_NAME_LENGTHS_X520, &p, NULL));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_rule(sg_patterns_add_subject(p, sg_slice_str(rows[i].pattern), err),
		    SG_E_CONF, rows[i].rule);
	for (size_t i = 0; i < sizeof sans / sizeof sans[0]; i++) {
		struct sg_err err = {.rule = ""};
		if (sg_patterns_add_san(p, sg_slice_str(sans[i]), &err) != SG_E_CONF ||
		    strcmp(err.rule, "pattern.san") != 0)
			fail_msg("%s: %s %s", sans[i], err.rule, err.text);
	}
	sg_patterns_free(&p);
	assert_ok(sg_patterns_new(SG_NAME_LENGTHS_255, &p, NULL));
	assert_ok(sg_patterns_add_subject(p, sg_slice_str("CN=" X64 "*, O=" X64 "x"), NULL));
	sg_patterns_free(&p);
	assert_ok(sg_patterns_new(SG_NAME_LENGTHS_X520, &p, NULL));
	assert_ok(sg_patterns_add_subject(p, sg_slice_str("CN=ab*{.-: ()/&!?}"), NULL));
	sg_patterns_free(&p);
	assert_ok(sg_patterns_new(SG_NAME_LENGTHS_X520, &p, NULL));
	for (unsigned i = 0; i < SG_PATTERNS_MAX; i++) {
		assert_ok(sg_patterns_add_subject(p, sg_slice_str("CN=x"), NULL));
		assert_ok(sg_patterns_add_san(p, sg_slice_str("dns:x.example"), NULL));
	}
	assert_rule(
	    sg_patterns_add_subject(p, sg_slice_str("CN=x"), err), SG_E_CONF, "pattern.count");
	assert_rule(
	    sg_patterns_add_san(p, sg_slice_str("dns:x.example"), err), SG_E_CONF, "pattern.count");
}

static enum sg_code
whole_use(void)
{
	sg_scoped(patterns) p = NULL;
	enum sg_code rc = sg_patterns_new(SG_NAME_LENGTHS_X520, &p, NULL);

	if (rc == SG_OK)
		rc = sg_patterns_add_subject(p, sg_slice_str("CN=*.dev.example"), NULL);
	if (rc == SG_OK)
		rc = sg_patterns_add_san(p, sg_slice_str("dns:*.dev.example"), NULL);
	if (rc == SG_OK)
		rc = sg_patterns_add_san(p, sg_slice_str("dns:a.example"), NULL);
	return rc;
}

static void
patterns_add__nth_allocation_fails__nomem_or_conf(void **state)
{
	(void)state;
	for (unsigned long n = 1; n < 200; n++) {
		alloc_fail_at(n);
		enum sg_code rc = whole_use();
		alloc_fail_at(0);
		if (rc == SG_OK)
			return;
		assert_int_equal(rc, SG_E_NOMEM);
	}
	fail();
}

static void
patterns_match__nth_allocation_fails__nomem_not_denied(void **state)
{
	static const char *const patterns[] = {
	    "CN=*.dev.example, O=Test", "CN=a.dev.example, O=Test"};
	struct request r;

	(void)state;
	request_init(&r, "CN=a.dev.example, O=Test", "p256", "");
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		sg_scoped(patterns) p = NULL;
		enum sg_code rc = SG_E_NOMEM;
		assert_ok(sg_patterns_new(SG_NAME_LENGTHS_X520, &p, NULL));
		assert_ok(sg_patterns_add_subject(p, sg_slice_str(patterns[i]), NULL));
		for (unsigned long n = 1; n < 50 && rc != SG_OK; n++) {
			struct sg_err err = {.rule = ""};
			alloc_fail_at(n);
			rc = sg_patterns_match(p, &r.csr, &err);
			alloc_fail_at(0);
			assert_true(
			    rc == SG_OK || (rc == SG_E_NOMEM && strcmp(err.rule, "memory") == 0));
			assert_true(n > 1 || rc == SG_E_NOMEM);
		}
		assert_ok(rc);
	}
	request_clear(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(patterns_match__subjects__as_documented),
	    cmocka_unit_test(patterns_match__sans__as_documented),
	    cmocka_unit_test(patterns_match__refused__says_both_sides),
	    cmocka_unit_test(patterns_match__address_with_byte_42__exact),
	    cmocka_unit_test(patterns_add__bad_patterns__refused),
	    cmocka_unit_test(patterns_add__nth_allocation_fails__nomem_or_conf),
	    cmocka_unit_test(patterns_match__nth_allocation_fails__nomem_not_denied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
