/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "crypto/sign.h"
#include "lib/alloc_fail.h"
#include "x509/cert.h"
#include "x509/san_text.h"

/* Issue, read back, verify: what every certificate must satisfy. */
static struct sg_cert
issue(const struct bench *b, struct sg_buf *der)
{
	struct sg_cert c;
	struct sg_err err = {.text = ""};

	if (sg_issue_cert(&b->iss, der, &err) != SG_OK)
		fail_msg("%s: %s", err.rule, err.text);
	assert_ok(sg_cert_parse(sg_buf_slice(der), &c, NULL));
	const struct sg_issuer *ca = b->iss.issuer;
	assert_ok(sg_sign_verify(ca->pub, c.sigalg, c.tbs, c.sig, NULL));
	assert_true(sg_slice_eq(c.issuer, ca->cert.subject));
	assert_true(sg_slice_eq(c.exts.aki, ca->cert.exts.ski));
	assert_true(sg_slice_eq(c.spki, b->iss.spki));
	assert_true(sg_slice_eq(c.serial, b->iss.serial));
	assert_true(sg_name_equal(c.subject, b->iss.subject));
	assert_false(c.exts.ca);
	assert_false(c.exts.unknown_critical);
	assert_int_equal(c.exts.eku_n, b->tmpl.eku_n);
	return c;
}

static void
issue_cert__every_pair_of_keys__good(void **state)
{
	const struct sg_issuer *const issuers[] = {issuer_ec, issuer_rsa};
	const struct sg_key *const keys[] = {dev_ec, dev_rsa};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < 2; k++) {
			struct bench b;
			sg_buf_scoped der = {0};
			bench_init(&b, issuers[i], keys[k]);
			struct sg_cert c = issue(&b, &der);
			assert_int_equal(c.not_before, NOW - 3600);
			assert_int_equal(c.not_after, NOW + 365 * DAY);
			assert_int_equal(c.exts.key_usage,
			    k == 0 ? SG_KU_DIGITAL_SIGNATURE
				   : SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT);
			assert_false(c.exts.has_san);
			bench_clear(&b);
		}
	}
}

static void
issue_cert__same_facts__same_tbs(void **state)
{
	struct bench b;
	sg_buf_scoped one = {0}, two = {0};

	(void)state;
	bench_init(&b, issuer_rsa, dev_rsa);
	assert_ok(sg_issue_cert(&b.iss, &one, NULL));
	assert_ok(sg_issue_cert(&b.iss, &two, NULL));
	/* PKCS#1 v1.5 is deterministic, so a repeat after a crash gives the same certificate. */
	assert_true(sg_slice_eq(sg_buf_slice(&one), sg_buf_slice(&two)));
	bench_clear(&b);
}

static void
issue_cert__key_in_another_spelling__canonical(void **state)
{
	struct bench b;
	sg_buf_scoped one = {0}, two = {0}, other = {0};
	struct sg_cert c, d;

	(void)state;
	bench_init(&b, issuer_ec, dev_rsa);
	c = issue(&b, &one);
	put_without_null(&other, b.iss.spki);
	assert_true(other.len + 2 == b.iss.spki.len);
	b.iss.spki = sg_buf_slice(&other);
	assert_ok(sg_issue_cert(&b.iss, &two, NULL));
	assert_ok(sg_cert_parse(sg_buf_slice(&two), &d, NULL));
	assert_true(sg_slice_eq(c.spki, d.spki));
	assert_true(sg_slice_eq(c.exts.ski, d.exts.ski));
	bench_clear(&b);
}

static void
issue_cert__asked_key_usage__narrows_only(void **state)
{
	static const struct {
		uint32_t asked, want_rsa, want_ec;
	} rows[] = {
	    {0, 5, 1},
	    {SG_KU_DIGITAL_SIGNATURE, 1, 1},
	    {SG_KU_KEY_ENCIPHERMENT, 4, 1},
	    {SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT | SG_KU_DATA_ENCIPHERMENT, 5, 1},
	    {SG_KU_DATA_ENCIPHERMENT, 5, 1},
	    {SG_KU_KEY_AGREEMENT, 5, 1},
	    {SG_KU_NON_REPUDIATION | SG_KU_DIGITAL_SIGNATURE, 1, 1},
	    {0x1ff, 5, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t k = 0; k < 2; k++) {
			struct bench b;
			sg_buf_scoped der = {0};
			bench_init(&b, issuer_ec, k == 0 ? dev_rsa : dev_ec);
			b.iss.asked_key_usage = rows[i].asked;
			struct sg_cert c = issue(&b, &der);
			assert_int_equal(
			    c.exts.key_usage, k == 0 ? rows[i].want_rsa : rows[i].want_ec);
			bench_clear(&b);
		}
	}
}

static void
issue_cert__no_key_usage_left__refused(void **state)
{
	struct bench b;
	sg_buf_scoped der = {0};

	(void)state;
	bench_init(&b, issuer_ec, dev_ec);
	b.tmpl.key_usage = SG_KU_KEY_ENCIPHERMENT;
	assert_rule(sg_issue_cert(&b.iss, &der, err), SG_E_CONF, "issue.key-usage");
	bench_clear(&b);
	bench_init(&b, issuer_ec, dev_rsa);
	b.tmpl.key_usage = SG_KU_KEY_AGREEMENT;
	assert_rule(sg_issue_cert(&b.iss, &der, err), SG_E_CONF, "issue.key-usage");
	assert_int_equal(der.len, 0);
	bench_clear(&b);
}

static void
issue_cert__issuers_validity__clips(void **state)
{
	struct sg_issuer *ca = make_issuer(ca_ec, NOW, 100 * DAY);
	const int64_t from = ca->cert.not_before, to = ca->cert.not_after;
	const struct {
		int64_t now, want_from, want_to;
		const char *rule;
	} rows[] = {
	    {from, from, to, NULL},
	    {from + 3599, from, to, NULL},
	    {from + 3600, from, to, NULL},
	    {from + 3601, from + 1, to, NULL},
	    {to - 1, to - 3601, to, NULL},
	    {from - 1, 0, 0, "issue.issuer-expired"},
	    {to, 0, 0, "issue.issuer-expired"},
	    {to + 1, 0, 0, "issue.issuer-expired"},
	    {0, 0, 0, "issue.issuer-expired"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct bench b;
		sg_buf_scoped der = {0};
		bench_init(&b, ca, dev_ec);
		b.iss.now = rows[i].now;
		if (rows[i].rule != NULL) {
			assert_rule(sg_issue_cert(&b.iss, &der, err), SG_E_CONF, rows[i].rule);
		} else {
			struct sg_cert c = issue(&b, &der);
			assert_int_equal(c.not_before, rows[i].want_from);
			assert_int_equal(c.not_after, rows[i].want_to);
		}
		bench_clear(&b);
	}
	sg_issuer_free(&ca);
}

static void
issue_cert__validity_one_short_of_issuer__not_clipped(void **state)
{
	static const int64_t deltas[] = {-1, 0, 1};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct bench b;
		sg_buf_scoped der = {0};
		bench_init(&b, issuer_ec, dev_ec);
		int64_t to = issuer_ec->cert.not_after;
		b.tmpl.validity_s = to - NOW + deltas[i];
		struct sg_cert c = issue(&b, &der);
		assert_int_equal(c.not_after, deltas[i] < 0 ? to - 1 : to);
		bench_clear(&b);
	}
}

static void
issue_cert__around_2050__type_of_time_changes(void **state)
{
	/* RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050. */
	static const int64_t last_utc = INT64_C(2524607999);
	struct sg_issuer *ca = make_issuer(ca_ec, last_utc - 10 * DAY, 3650 * DAY);

	(void)state;
	for (int64_t end = last_utc - 1; end <= last_utc + 2; end++) {
		struct bench b;
		sg_buf_scoped der = {0};
		bench_init(&b, ca, dev_ec);
		b.iss.now = last_utc - DAY;
		b.tmpl.validity_s = end - b.iss.now;
		struct sg_cert c = issue(&b, &der);
		assert_int_equal(c.not_after, end);
		const char *want = end <= last_utc ? "4912312359" : "20500101000";
		assert_non_null(memmem(der.p, der.len, want, strlen(want)));
		bench_clear(&b);
	}
	/* Wholly behind the border. */
	struct bench b;
	sg_buf_scoped der = {0};
	bench_init(&b, ca, dev_ec);
	b.iss.now = last_utc + 2 * DAY;
	struct sg_cert c = issue(&b, &der);
	assert_int_equal(c.not_before, b.iss.now - 3600);
	bench_clear(&b);
	sg_issuer_free(&ca);
}

static void
issue_cert__sans__taken_over(void **state)
{
	struct bench b;
	sg_buf_scoped der = {0};

	(void)state;
	bench_init(&b, issuer_ec, dev_ec);
	b.sans.n = 2;
	b.sans.item[0] = (struct sg_san){SG_SAN_DNS, sg_slice_str("a.example")};
	b.sans.item[1] = (struct sg_san){SG_SAN_URI, sg_slice_str("urn:x:1")};
	b.iss.sans = &b.sans;
	struct sg_cert c = issue(&b, &der);
	assert_true(sg_sans_equal(&c.exts.sans, &b.sans));
	bench_clear(&b);
}

static void
issue_cert__empty_subject__san_critical(void **state)
{
	static const uint8_t empty[] = {0x30, 0x00};
	/* extnID subjectAltName, critical TRUE. */
	static const uint8_t critical[] = {0x06, 0x03, 0x55, 0x1d, 0x11, 0x01, 0x01, 0xff};
	struct bench b;
	sg_buf_scoped der = {0};

	(void)state;
	bench_init(&b, issuer_ec, dev_ec);
	b.iss.subject = sg_slice(empty, sizeof empty);
	assert_rule(sg_issue_cert(&b.iss, &der, err), SG_E_INTERNAL, "lint.subject");
	b.sans.n = 1;
	b.sans.item[0] = (struct sg_san){SG_SAN_DNS, sg_slice_str("a.example")};
	b.iss.sans = &b.sans;
	sg_ignore(issue(&b, &der).version); /* it asserts */
	assert_non_null(memmem(der.p, der.len, critical, sizeof critical));
	bench_clear(&b);
}

/* serialNumber and what is around the value's tag in a Name of one RDN. */
#define SERIAL_NAME(tag, last)                                                                     \
	{                                                                                          \
		0x30, 0x10, 0x31, 0x0e, 0x30, 0x0c, 0x06, 0x03, 0x55, 0x04, 0x05, tag, 0x05, 'S',  \
		    'N', last, '1', '2'                                                            \
	}

static void
issue_cert__serial_number_that_is_no_printable_string__in_a_type_that_holds_it(void **state)
{
	static const uint8_t own[] = SERIAL_NAME(0x0c, '*');
	static const struct {
		uint8_t asked[18], want[18];
	} rows[] = {
	    {SERIAL_NAME(0x13, '*'), SERIAL_NAME(0x0c, '*')},
	    {SERIAL_NAME(0x0c, '_'), SERIAL_NAME(0x0c, '_')},
	    {SERIAL_NAME(0x16, '@'), SERIAL_NAME(0x16, '@')},
	    {SERIAL_NAME(0x14, '#'), SERIAL_NAME(0x0c, '#')},
	    {SERIAL_NAME(0x0c, '-'), SERIAL_NAME(0x13, '-')},
	};
	struct bench b;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped der = {0};
		bench_init(&b, issuer_ec, dev_ec);
		b.iss.subject = b.iss.asked = sg_slice(rows[i].asked, sizeof rows[i].asked);
		struct sg_cert c = issue(&b, &der);
		if (!sg_slice_eq(c.subject, sg_slice(rows[i].want, sizeof rows[i].want)))
			fail_msg("row %zu", i);
		bench_clear(&b);
	}
	/* The text of who named it, in the type that was asked for. */
	sg_buf_scoped der = {0};
	bench_init(&b, issuer_ec, dev_ec);
	static const uint8_t asked[] = SERIAL_NAME(0x16, '*');
	b.iss.subject = sg_slice(own, sizeof own);
	b.iss.asked = sg_slice(asked, sizeof asked);
	struct sg_cert c = issue(&b, &der);
	assert_true(sg_slice_eq(c.subject, b.iss.asked));
	bench_clear(&b);
	/* An old certificate's bytes stay, where lint allows them. */
	sg_buf_scoped kept = {0};
	bench_init(&b, issuer_ec, dev_ec);
	b.iss.subject = sg_slice(own, sizeof own);
	b.iss.asked = sg_slice(asked, sizeof asked);
	b.iss.keep_subject = true;
	c = issue(&b, &kept);
	assert_true(sg_slice_eq(c.subject, b.iss.subject));
	bench_clear(&b);
}

static void
issue_cert__every_kind_of_name__written_as_it_stands(void **state)
{
	static const char *const names[] = {
	    "dirname:CN=a, O=b", "rid:1.2.3", "other:1.2.3:a", "other:1.2.3:#3003020105"};
	uint8_t store[4][SG_SAN_LEN_MAX];
	struct bench b;
	sg_buf_scoped der = {0}, ext = {0};

	(void)state;
	bench_init(&b, issuer_ec, dev_ec);
	b.tmpl.san_types |= SG_SAN_BIT(SG_SAN_DIRNAME) | SG_SAN_BIT(SG_SAN_RID);
	b.tmpl.san_others[b.tmpl.san_others_n++] = sg_slice("\x2a\x03", 2);
	for (; b.sans.n < 4; b.sans.n++)
		assert_ok(sg_san_from_text(
		    sg_slice_str(names[b.sans.n]), &b.sans.item[b.sans.n], store[b.sans.n], NULL));
	b.iss.sans = &b.sans;
	struct sg_cert c = issue(&b, &der);
	assert_int_equal(c.exts.sans.n, 4);
	assert_true(sg_sans_equal(&c.exts.sans, &b.sans));
	sg_sans_put(&ext, &b.sans);
	assert_non_null(memmem(der.p, der.len, ext.p, ext.len));
	bench_clear(&b);
}

static void
issue_cert__template_hash_and_urls__written(void **state)
{
	const struct sg_issuer_urls urls = {.cdp = sg_slice_str("http://pki.example/ca.crl"),
	    .ca_issuers = sg_slice_str("http://pki.example/ca.cer")};
	struct sg_issuer *ca = NULL;
	struct bench b;
	sg_buf_scoped der = {0};

	(void)state;
	assert_ok(sg_issuer_new(
	    sg_buf_slice(&issuer_rsa->der), ca_rsa, SG_HASH_SHA256, &urls, &ca, NULL));
	bench_init(&b, ca, dev_ec);
	b.tmpl.hash = SG_HASH_SHA384;
	struct sg_cert c = issue(&b, &der);
	assert_int_equal(c.sigalg.hash, SG_HASH_SHA384);
	assert_int_equal(c.sigalg.scheme, SG_SIG_RSA_PKCS1);
	assert_non_null(memmem(der.p, der.len, "http://pki.example/ca.crl", 25));
	assert_non_null(memmem(der.p, der.len, "http://pki.example/ca.cer", 25));
	bench_clear(&b);
	sg_issuer_free(&ca);
}

static void
issue_from_csr__request__only_these_fields(void **state)
{
	struct sg_csr csr = {.subject = sg_slice("s", 1), .spki = sg_slice("k", 1)};
	struct sg_issue iss = {.now = 5};

	(void)state;
	sg_issue_from_csr(&iss, &csr);
	assert_null(iss.sans);
	assert_true(sg_slice_eq(iss.subject, csr.subject) && sg_slice_eq(iss.asked, csr.subject));
	assert_int_equal(iss.asked_key_usage, 0);
	csr.exts.sans.n = 1;
	csr.exts.has_key_usage = true;
	csr.exts.key_usage = SG_KU_DIGITAL_SIGNATURE;
	sg_issue_from_csr(&iss, &csr);
	assert_ptr_equal(iss.sans, &csr.exts.sans);
	assert_int_equal(iss.asked_key_usage, SG_KU_DIGITAL_SIGNATURE);
	assert_int_equal(iss.now, 5);
}

static void
issue_tbs__impossible_facts__refused(void **state)
{
	static const uint8_t negative[] = {0x80, 1}, zero_first[] = {0, 1};
	static const uint8_t long_serial[21] = {1};
	const struct sg_slice serials[] = {
	    {NULL, 0}, {negative, 2}, {zero_first, 2}, {long_serial, 21}};
	struct bench b;
	sg_buf_scoped tbs = {0};

	(void)state;
	bench_init(&b, issuer_ec, dev_ec);
	for (size_t i = 0; i < 4; i++) {
		b.iss.serial = serials[i];
		assert_rule(sg_issue_tbs(&b.iss, &tbs, err), SG_E_INTERNAL, "issue.serial");
	}
	b.iss.serial = sg_slice(b.serial, sizeof b.serial);
	b.tmpl.validity_s = 0;
	assert_rule(sg_issue_tbs(&b.iss, &tbs, err), SG_E_CONF, "issue.validity");
	b.tmpl.validity_s = DAY;
	b.tmpl.backdate_s = -1;
	assert_rule(sg_issue_tbs(&b.iss, &tbs, err), SG_E_CONF, "issue.validity");
	b.tmpl.backdate_s = 0;
	b.tmpl.policy_n = 9;
	assert_rule(sg_issue_tbs(&b.iss, &tbs, err), SG_E_CONF, "issue.template");
	b.tmpl.policy_n = 0;
	b.iss.spki.len--;
	assert_rule(sg_issue_tbs(&b.iss, &tbs, err), SG_E_MALFORMED, "issue.spki");
	assert_int_equal(tbs.len, 0);
	bench_clear(&b);
}

static void
issue_sign__not_a_tbs__refused(void **state)
{
	static const uint8_t empty[] = {0x30, 0x00};
	sg_buf_scoped out = {0};

	(void)state;
	assert_rule(
	    sg_issue_sign(issuer_ec, sg_slice(empty, 2), &out, err), SG_E_INTERNAL, "issue.tbs");
	assert_rule(sg_issue_lint(issuer_ec, SG_ISSUE_LINT_DEVICE, NULL, sg_slice(empty, 2), err),
	    SG_E_INTERNAL, "issue.tbs");
	assert_int_equal(out.len, 0);
}

static void
issue_sign__key_exchanged__nothing_leaves(void **state)
{
	struct sg_key *other = NULL;
	struct sg_issuer broken = *issuer_ec;
	struct bench b;
	sg_buf_scoped out = {0};

	(void)state;
	assert_ok(sg_key_generate(SG_KEY_P256, 0, &other, NULL));
	broken.key = other;
	bench_init(&b, &broken, dev_ec);
	assert_rule(sg_issue_cert(&b.iss, &out, err), SG_E_CRYPTO, "issue.verify");
	assert_int_equal(out.len, 0);
	bench_clear(&b);
	sg_key_free(&other);
}

static void
issue_cert__nth_allocation_fails__nomem(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, issuer_ec, dev_ec);
	for (unsigned long n = 1; n < 1000; n++) {
		sg_buf_scoped out = {0};
		alloc_fail_at(n);
		enum sg_code rc = sg_issue_cert(&b.iss, &out, NULL);
		alloc_fail_at(0);
		if (rc == SG_OK) {
			assert_true(n > 3);
			bench_clear(&b);
			return;
		}
		assert_int_equal(rc, SG_E_NOMEM);
		assert_int_equal(out.len, 0);
	}
	fail();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(issue_cert__every_pair_of_keys__good),
	    cmocka_unit_test(issue_cert__same_facts__same_tbs),
	    cmocka_unit_test(issue_cert__key_in_another_spelling__canonical),
	    cmocka_unit_test(issue_cert__asked_key_usage__narrows_only),
	    cmocka_unit_test(issue_cert__no_key_usage_left__refused),
	    cmocka_unit_test(issue_cert__issuers_validity__clips),
	    cmocka_unit_test(issue_cert__validity_one_short_of_issuer__not_clipped),
	    cmocka_unit_test(issue_cert__around_2050__type_of_time_changes),
	    cmocka_unit_test(issue_cert__sans__taken_over),
	    cmocka_unit_test(issue_cert__empty_subject__san_critical),
	    cmocka_unit_test(
		issue_cert__serial_number_that_is_no_printable_string__in_a_type_that_holds_it),
	    cmocka_unit_test(issue_cert__every_kind_of_name__written_as_it_stands),
	    cmocka_unit_test(issue_cert__template_hash_and_urls__written),
	    cmocka_unit_test(issue_from_csr__request__only_these_fields),
	    cmocka_unit_test(issue_tbs__impossible_facts__refused),
	    cmocka_unit_test(issue_sign__not_a_tbs__refused),
	    cmocka_unit_test(issue_sign__key_exchanged__nothing_leaves),
	    cmocka_unit_test(issue_cert__nth_allocation_fails__nomem),
	};

	return cmocka_run_group_tests(tests, setup_keys, teardown_keys);
}
