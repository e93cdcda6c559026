/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "base/alloc.h"
#include "lib/alloc_fail.h"
#include "policy/bind.h"
#include "policy/request.h"

/* Bind to these, ask for those. */
static enum sg_code
match(const char *subject, const char *sans, const char *asked_subject, const char *asked_sans,
    struct sg_err *err)
{
	struct request r;
	struct sg_binding b = {.any = false}, back;
	sg_buf_scoped name = {0}, store = {0}, der = {0};

	request_init(&r, asked_subject, "p256", asked_sans);
	put_name(&name, subject);
	b.subject = sg_buf_slice(&name);
	set_sans(&b.sans, &store, sans);
	sg_binding_put(&der, &b);
	assert_ok(sg_buf_check(&der, NULL));
	/* What is compared is what the store keeps. */
	assert_ok(sg_binding_get(sg_buf_slice(&der), &back, NULL));
	enum sg_code rc = sg_binding_match(&back, &r.csr, err);
	request_clear(&r);
	return rc;
}

static void
binding_match__same_names__ok(void **state)
{
	(void)state;
	assert_ok(match("CN=dev1", "", "CN=dev1", "", NULL));
	assert_ok(match("CN=dev1", "", "CN=DEV1", "", NULL));
	assert_ok(match("C=FI, O=Test, CN=dev 1", "", "C=FI, O=Test, CN=dev  1", "", NULL));
	assert_ok(match(
	    "CN=d", "dns:a.example;dns:b.example", "CN=d", "dns:b.example;dns:A.example", NULL));
	assert_ok(match("CN=d", "upn:a@b.example;email:x@y.example", "CN=d",
	    "email:x@y.example;upn:a@b.example", NULL));
}

static void
binding_match__other_subject__refused(void **state)
{
	static const char *const others[] = {"CN=dev2", "CN=dev1, O=Test", "O=dev1", "CN=dev",
	    "CN=dev11", "", "CN=dev1+SERIALNUMBER=1"};

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_rule(
		    match("CN=dev1", "", others[i], "", err), SG_E_DENIED, "binding.subject");
	assert_rule(match("O=Test, CN=dev1", "", "CN=dev1, O=Test", "", err), SG_E_DENIED,
	    "binding.subject");
}

static void
binding_match__other_sans__refused(void **state)
{
	static const struct {
		const char *bound, *asked;
	} rows[] = {
	    {"", "dns:a.example"},
	    {"dns:a.example", ""},
	    {"dns:a.example", "dns:b.example"},
	    {"dns:a.example", "dns:a.example;dns:b.example"},
	    {"dns:a.example;dns:b.example", "dns:a.example"},
	    {"dns:a.example", "uri:a.example"},
	    {"email:a@b.example", "upn:a@b.example"},
	    {"uri:http://a.example/x", "uri:http://a.example/X"},
	    {"dns:a.example;dns:b.example", "dns:a.example;dns:a.example"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_rule(match("CN=d", rows[i].bound, "CN=d", rows[i].asked, err), SG_E_DENIED,
		    "binding.san");
}

static void
binding_match__refusal__text_names_both(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(match("CN=dev1", "", "CN=admin", "", &err), SG_E_DENIED);
	assert_non_null(strstr(err.text, "CN=dev1"));
	assert_non_null(strstr(err.text, "CN=admin"));
	assert_int_equal(match("CN=d", "dns:a.example", "CN=d", "", &err), SG_E_DENIED);
	assert_non_null(strstr(err.text, "dns:a.example"));
	assert_non_null(strstr(err.text, "no names"));
}

static void
binding_check__unbound_or_both__refused(void **state)
{
	struct sg_binding b = {.any = false};
	sg_buf_scoped name = {0}, empty = {0};

	(void)state;
	assert_rule(sg_binding_check(&b, err), SG_E_USAGE, "binding.unbound");
	put_name(&empty, "");
	b.subject = sg_buf_slice(&empty);
	assert_rule(sg_binding_check(&b, err), SG_E_USAGE, "binding.unbound");
	/* Names alone: the request may have no subject then. */
	b.sans.n = 1;
	assert_ok(sg_binding_check(&b, NULL));
	b.any = true;
	assert_rule(sg_binding_check(&b, err), SG_E_USAGE, "binding.any");
	b.sans.n = 0;
	assert_ok(sg_binding_check(&b, NULL));
	put_name(&name, "CN=x");
	b.subject = sg_buf_slice(&name);
	assert_rule(sg_binding_check(&b, err), SG_E_USAGE, "binding.any");
	b.any = false;
	assert_ok(sg_binding_check(&b, NULL));
}

static void
binding_match__any__every_name(void **state)
{
	struct sg_binding b = {.any = true}, back;
	struct request r;
	sg_buf_scoped der = {0};

	(void)state;
	sg_binding_put(&der, &b);
	assert_ok(sg_binding_get(sg_buf_slice(&der), &back, NULL));
	assert_true(back.any);
	request_init(&r, "CN=whoever", "p256", "dns:x.example");
	assert_ok(sg_binding_match(&back, &r.csr, NULL));
	request_clear(&r);
}

static void
binding_get__every_prefix_and_trailing__refused(void **state)
{
	struct sg_binding b = {.any = false}, back;
	sg_buf_scoped name = {0}, store = {0}, der = {0};

	(void)state;
	put_name(&name, "CN=dev1");
	b.subject = sg_buf_slice(&name);
	set_sans(&b.sans, &store, "dns:a.example");
	sg_binding_put(&der, &b);
	for (size_t n = 0; n < der.len; n++)
		assert_rule(sg_binding_get(sg_slice(der.p, n), &back, err), SG_E_MALFORMED,
		    "binding.encoding");
	sg_buf_put_u8(&der, 0);
	assert_rule(
	    sg_binding_get(sg_buf_slice(&der), &back, err), SG_E_MALFORMED, "binding.encoding");
}

static void
binding_get__unbound_row__refused(void **state)
{
	static const uint8_t row[] = {0x30, 0x05, 0x01, 0x01, 0x00, 0x30, 0x00};
	struct sg_binding back;

	(void)state;
	assert_rule(sg_binding_get(sg_slice(row, sizeof row), &back, err), SG_E_MALFORMED,
	    "binding.encoding");
}

static bool empty_subjects; /* of the template */
static char refused_at[SG_BINDING_AT];

/* Order a challenge for these names, sans with ';' between them, from a template that takes two
 * names. */
static enum sg_code
from_text(bool any, const char *subject, const char *sans, struct sg_binding *ret,
    struct sg_buf *der, struct sg_err *err)
{
	struct sg_slice san[SG_SANS_MAX];
	struct sg_binding_text text = {.any = any, .subject = sg_slice_str(subject), .san = san};
	struct sg_template tmpl;

	sg_template_client(&tmpl);
	tmpl.sans_max = 2;
	tmpl.empty_subject = empty_subjects;
	for (; *sans != '\0'; text.sans_n++) {
		size_t len = strcspn(sans, ";");
		san[text.sans_n] = sg_slice(sans, len);
		sans += len;
		sans += *sans == ';';
	}
	enum sg_code rc = sg_binding_from_text(&text, &tmpl, der, refused_at, err);
	return rc == SG_OK && ret != NULL ? sg_binding_get(sg_buf_slice(der), ret, err) : rc;
}

static void
binding_from_text__names__as_written(void **state)
{
	sg_buf_scoped der = {0}, any = {0}, name = {0};
	struct sg_binding b;

	(void)state;
	assert_ok(from_text(false, "CN=dev1, O=Test",
	    "dns:a.example;dns:A.example;email:x@b.example;dns:a.example", &b, &der, NULL));
	put_name(&name, "CN=dev1, O=Test");
	assert_false(b.any);
	assert_true(sg_slice_eq(b.subject, sg_buf_slice(&name)));
	assert_int_equal(b.sans.n, 2); /* each once */
	assert_int_equal(b.sans.item[0].type, SG_SAN_DNS);
	assert_true(sg_slice_is(b.sans.item[0].val, "a.example"));
	assert_int_equal(b.sans.item[1].type, SG_SAN_EMAIL);
	assert_ok(from_text(true, "", "", &b, &any, NULL));
	assert_true(b.any);
}

static void
binding_from_text__what_no_certificate_has__refused(void **state)
{
	static const struct {
		bool any;
		const char *subject, *sans;
		enum sg_code code;
		const char *rule, *at;
	} rows[] = {
	    {false, "", "", SG_E_USAGE, "binding.unbound", "subject"},
	    {false, "", "dns:a.example", SG_E_DENIED, "request.subject-empty", "subject"},
	    {true, "CN=dev1", "", SG_E_USAGE, "binding.any", "any"},
	    {true, "", "dns:a.example", SG_E_USAGE, "binding.any", "any"},
	    {false, "dev1", "", SG_E_MALFORMED, "name.text", "subject"},
	    {false, "C=FIN", "", SG_E_MALFORMED, "name.country", "subject"},
	    {false, "CN=dev1", "a.example", SG_E_MALFORMED, "san.text", "sans[0]"},
	    {false, "CN=dev1", "dns:a.example;a", SG_E_MALFORMED, "san.text", "sans[1]"},
	    {false, "CN=dev1", "dns:*.example", SG_E_DENIED, "request.san", "sans"},
	    {false, "CN=dev1", "dirname:CN=a", SG_E_DENIED, "request.san-type", "sans"},
	    {false, "CN=dev1", "dns:a;dns:b;dns:c", SG_E_DENIED, "request.san-count", "sans"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped der = {0};
		assert_rule(from_text(rows[i].any, rows[i].subject, rows[i].sans, NULL, &der, err),
		    rows[i].code, rows[i].rule);
		assert_string_equal(refused_at, rows[i].at);
		assert_int_equal(der.len, 0);
	}
}

/* Where the template allows it, and then for a request without a subject alone. */
static void
binding_from_text__names_alone__no_other_subject(void **state)
{
	sg_buf_scoped der = {0};
	struct sg_binding b = {.any = true};
	struct request r;

	(void)state;
	empty_subjects = true;
	assert_ok(from_text(false, "", "dns:a.example", &b, &der, NULL));
	assert_false(b.any);
	request_init(&r, "", "p256", "dns:a.example");
	assert_ok(sg_binding_match(&b, &r.csr, NULL));
	request_clear(&r);
	request_init(&r, "CN=a", "p256", "dns:a.example");
	assert_rule(sg_binding_match(&b, &r.csr, err), SG_E_DENIED, "binding.subject");
	request_clear(&r);
	request_init(&r, "", "p256", "dns:b.example");
	assert_rule(sg_binding_match(&b, &r.csr, err), SG_E_DENIED, "binding.san");
	request_clear(&r);
	sg_buf_reset(&der);
	assert_rule(from_text(false, "", "", NULL, &der, err), SG_E_USAGE, "binding.unbound");
	empty_subjects = false;
}

static void
binding_from_text__nth_allocation_fails__nomem(void **state)
{
	(void)state;
	for (unsigned long n = 1; n < 100; n++) {
		sg_buf_scoped der = {0};
		alloc_fail_at(n);
		enum sg_code rc = from_text(
		    false, "CN=dev1", "dns:a.example;upn:a@b.example", NULL, &der, NULL);
		alloc_fail_at(0);
		if (rc == SG_OK)
			return;
		assert_int_equal(rc, SG_E_NOMEM);
	}
	fail();
}

/* Make, store, read and compare; the n-th allocation on the way fails. The request asks for
 * another name when its subject or names are not those of the binding. */
static enum sg_code
round_trip(const struct request *r, const struct sg_binding *b, unsigned long n,
    enum sg_code *ret_put, struct sg_err *err)
{
	struct sg_binding back;
	sg_buf_scoped der = {0};

	alloc_fail_at(n);
	sg_binding_put(&der, b);
	*ret_put = sg_buf_check(&der, NULL);
	enum sg_code rc = *ret_put == SG_OK ? sg_binding_get(sg_buf_slice(&der), &back, err)
					    : SG_OK;
	if (*ret_put == SG_OK && rc == SG_OK)
		rc = sg_binding_match(&back, &r->csr, err);
	alloc_fail_at(0);
	return rc;
}

static void
binding__nth_allocation_fails__same_verdict_or_nomem(void **state)
{
	static const struct {
		const char *subject, *sans, *rule;
	} rows[] = {
	    {"CN=dev1", "dns:a.example;dns:b.example", NULL},
	    {"CN=admin", "dns:a.example;dns:b.example", "binding.subject"},
	    {"CN=dev1", "dns:a.example;upn:x@b.example", "binding.san"},
	    {"CN=dev1", "", "binding.san"},
	};
	sg_buf_scoped name = {0}, store = {0};
	struct sg_binding b = {.any = false};

	(void)state;
	put_name(&name, "CN=dev1");
	b.subject = sg_buf_slice(&name);
	set_sans(&b.sans, &store, "dns:a.example;dns:b.example");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct request r;
		request_init(&r, rows[i].subject, "p256", rows[i].sans);
		for (unsigned long n = 1; n < 40; n++) {
			struct sg_err err = {.rule = "(none)"};
			enum sg_code put = SG_OK, rc = round_trip(&r, &b, n, &put, &err);
			if (n == 1)
				assert_int_equal(put, SG_E_NOMEM);
			if (put != SG_OK) {
				assert_int_equal(put, SG_E_NOMEM);
				continue;
			}
			/* Memory is for the text of a refusal alone: it may be shorter. */
			assert_int_equal(rc, rows[i].rule == NULL ? SG_OK : SG_E_DENIED);
			if (rows[i].rule != NULL)
				assert_string_equal(err.rule, rows[i].rule);
		}
		request_clear(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(binding_match__same_names__ok),
	    cmocka_unit_test(binding_match__other_subject__refused),
	    cmocka_unit_test(binding_match__other_sans__refused),
	    cmocka_unit_test(binding_match__refusal__text_names_both),
	    cmocka_unit_test(binding_check__unbound_or_both__refused),
	    cmocka_unit_test(binding_match__any__every_name),
	    cmocka_unit_test(binding_get__every_prefix_and_trailing__refused),
	    cmocka_unit_test(binding_get__unbound_row__refused),
	    cmocka_unit_test(binding_from_text__names__as_written),
	    cmocka_unit_test(binding_from_text__what_no_certificate_has__refused),
	    cmocka_unit_test(binding_from_text__names_alone__no_other_subject),
	    cmocka_unit_test(binding_from_text__nth_allocation_fails__nomem),
	    cmocka_unit_test(binding__nth_allocation_fails__same_verdict_or_nomem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
