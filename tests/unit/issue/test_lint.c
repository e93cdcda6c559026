/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "crypto/digest.h"
#include "asn1/der.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/signed.h"

/* The facts of a good certificate; each test spoils one. */
struct facts {
	struct sg_template tmpl;
	struct sg_buf subject, spki;
	uint8_t ski[20], serial[SG_ISSUE_SERIAL_LEN];
	struct sg_sans sans;
	struct sg_cert_facts f;
};

static void
facts_init(struct facts *x, const struct sg_key *key)
{
	uint8_t hash[SG_SHA256_LEN];

	memset(x, 0, sizeof *x);
	x->tmpl = client_template();
	put_name(&x->subject, "CN=dev1");
	assert_ok(sg_key_put_spki(key, &x->spki, NULL));
	struct sg_der d = sg_der_init(sg_buf_slice(&x->spki), NULL);
	struct sg_der seq = sg_der_enter(&d, SG_DER_SEQUENCE, "spki");
	sg_der_any(&seq, "alg");
	struct sg_slice bits = sg_der_bits(&seq, "key");
	sg_der_end(&d, "spki");
	assert_ok(sg_der_status(&d));
	assert_ok(sg_sha256(bits, hash, NULL));
	memcpy(x->ski, hash, sizeof x->ski);
	memset(x->serial, 0x41, sizeof x->serial);
	x->f = (struct sg_cert_facts){
	    .serial = sg_slice(x->serial, sizeof x->serial),
	    .sigalg = issuer_ec->sigalg,
	    .issuer = issuer_ec->cert.subject,
	    .subject = sg_buf_slice(&x->subject),
	    .spki = sg_buf_slice(&x->spki),
	    .not_before = NOW,
	    .not_after = NOW + DAY,
	    .path_len = -1,
	    .key_usage = SG_KU_DIGITAL_SIGNATURE,
	    .eku_n = 1,
	    .ski = sg_slice(x->ski, sizeof x->ski),
	    .aki = issuer_ec->cert.exts.ski,
	};
	x->f.eku[0] = SG_OID(eku_client_auth);
}

static void
facts_clear(struct facts *x)
{
	sg_buf_clear(&x->subject);
	sg_buf_clear(&x->spki);
}

static enum sg_code
lint(const struct facts *x, enum sg_issue_lint_kind kind, bool with_template, struct sg_err *err)
{
	sg_buf_scoped tbs = {0};

	sg_cert_put_tbs(&tbs, &x->f);
	assert_ok(sg_buf_check(&tbs, NULL));
	return sg_issue_lint(
	    issuer_ec, kind, with_template ? &x->tmpl : NULL, sg_buf_slice(&tbs), err);
}

/* Spoil, lint, restore. */
#define check(rule_, ...)                                                                          \
	do {                                                                                       \
		struct facts x;                                                                    \
		facts_init(&x, dev_ec);                                                            \
		__VA_ARGS__;                                                                       \
		assert_rule(lint(&x, SG_ISSUE_LINT_DEVICE, true, err), SG_E_INTERNAL, rule_);      \
		facts_clear(&x);                                                                   \
	} while (0)

static void
lint_cert__good__ok(void **state)
{
	struct facts x;

	(void)state;
	facts_init(&x, dev_ec);
	assert_ok(lint(&x, SG_ISSUE_LINT_DEVICE, true, NULL));
	assert_ok(lint(&x, SG_ISSUE_LINT_DEVICE, false, NULL));
	facts_clear(&x);
	facts_init(&x, dev_rsa);
	x.f.key_usage |= SG_KU_KEY_ENCIPHERMENT;
	assert_ok(lint(&x, SG_ISSUE_LINT_DEVICE, true, NULL));
	facts_clear(&x);
}

static void
lint_cert__serials__refused(void **state)
{
	static const uint8_t zero[] = {0};
	static const uint8_t high[20] = {0x80}, too_long[21] = {1};

	(void)state;
	check("lint.serial", x.f.serial = sg_slice(zero, 1));
	/* A sign octet makes it 21. */
	check("lint.serial", x.f.serial = sg_slice(high, 20));
	check("lint.serial", x.f.serial = sg_slice(too_long, 21));
}

static void
lint_cert__validity__refused(void **state)
{
	(void)state;
	check("lint.validity", x.f.not_after = NOW);
	check("lint.validity", x.f.not_after = NOW - 1);
	check("lint.validity", x.f.not_before = issuer_ec->cert.not_before - 1);
	check("lint.validity", x.f.not_after = issuer_ec->cert.not_after + 1);
	struct facts x;
	facts_init(&x, dev_ec);
	x.f.not_before = issuer_ec->cert.not_before;
	x.f.not_after = issuer_ec->cert.not_after;
	assert_ok(lint(&x, SG_ISSUE_LINT_DEVICE, true, NULL));
	facts_clear(&x);
}

#define X65 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void
rename_to(struct facts *x, const char *subject)
{
	sg_buf_reset(&x->subject);
	put_name(&x->subject, subject);
	x->f.subject = sg_buf_slice(&x->subject);
}

static void
lint_cert__names__refused(void **state)
{
	static const uint8_t empty[] = {0x30, 0x00};
	/* C=FI as a UTF8String. */
	static const uint8_t utf8_c[] = {
	    0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x06, 0x0c, 0x02, 'F', 'I'};
	/* serialNumber: as a PrintableString it would be, and what is none. */
	static const uint8_t serial_utf8[] = {
	    0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x05, 0x0c, 0x01, '1'};
	static const uint8_t serial_ia5[] = {
	    0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x05, 0x16, 0x01, '1'};
	static const uint8_t serial_t61[] = {
	    0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x05, 0x14, 0x01, '_'};
	static const uint8_t serial_printable[] = {
	    0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x05, 0x13, 0x01, '_'};
	sg_buf_scoped other = {0};

	(void)state;
	/* Equal as a name, other bytes. */
	put_name(&other, "CN=TEST CA, O=Test");
	assert_true(sg_name_equal(sg_buf_slice(&other), issuer_ec->cert.subject));
	check("lint.issuer", x.f.issuer = sg_buf_slice(&other));
	check("lint.subject", x.f.subject = sg_slice(empty, sizeof empty));
	/* Bounds, emptiness and string types hold for every attribute. */
	check("lint.subject", rename_to(&x, "CN=dev1, C=FIN"));
	check("lint.subject", rename_to(&x, "CN=\\ "));
	check("lint.subject", rename_to(&x, "CN=dev1, O=" X65));
	check("lint.subject", rename_to(&x, "CN=" X65));
	check("lint.subject", x.f.subject = sg_slice(utf8_c, sizeof utf8_c));
	/* Another string type than the standard's only for what that does not hold. */
	check("lint.subject", x.f.subject = sg_slice(serial_utf8, sizeof serial_utf8));
	check("lint.subject", x.f.subject = sg_slice(serial_ia5, sizeof serial_ia5));
	check("lint.subject", x.f.subject = sg_slice(serial_t61, sizeof serial_t61));
	check("lint.subject", x.f.subject = sg_slice(serial_printable, sizeof serial_printable));
	struct facts x;
	facts_init(&x, dev_ec);
	rename_to(&x, "CN=dev1, O=" X65);
	x.tmpl.name_lengths = SG_NAME_LENGTHS_255;
	assert_ok(lint(&x, SG_ISSUE_LINT_DEVICE, true, NULL));
	facts_clear(&x);
}

static void
lint_cert__key_in_another_spelling__refused(void **state)
{
	struct facts x;
	sg_buf_scoped other = {0};

	(void)state;
	facts_init(&x, dev_rsa);
	put_without_null(&other, x.f.spki);
	x.f.spki = sg_buf_slice(&other);
	assert_rule(lint(&x, SG_ISSUE_LINT_DEVICE, true, err), SG_E_INTERNAL, "lint.key");
	facts_clear(&x);
}

static void
lint_cert__rights_of_a_ca__refused(void **state)
{
	(void)state;
	check("lint.basic", x.f.ca = true);
	check("lint.key-usage", x.f.key_usage = 0);
	check("lint.key-usage", x.f.key_usage |= SG_KU_KEY_CERT_SIGN);
	check("lint.key-usage", x.f.key_usage |= SG_KU_CRL_SIGN);
	check("lint.key-usage", x.f.key_usage |= SG_KU_KEY_ENCIPHERMENT);
	check("lint.key-usage", x.f.key_usage |= SG_KU_NON_REPUDIATION);
	check("lint.key-usage", x.f.key_usage = SG_KU_KEY_AGREEMENT);
	check("lint.key-usage", x.tmpl.key_usage |= SG_KU_KEY_CERT_SIGN,
	    x.f.key_usage = SG_KU_KEY_CERT_SIGN);
}

static void
lint_cert__purposes__refused(void **state)
{
	const struct sg_slice forbidden[] = {
	    SG_OID(eku_any), SG_OID(eku_ocsp), SG_OID(eku_request_agent), SG_OID(eku_cmc_ra)};

	(void)state;
	for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
		check("lint.eku", x.f.eku[x.f.eku_n++] = forbidden[i]);
		/* A template cannot give them either. */
		check("lint.eku", x.f.eku[x.f.eku_n++] = forbidden[i],
		    x.tmpl.eku[x.tmpl.eku_n++] = forbidden[i]);
	}
	check("lint.eku", x.f.eku[x.f.eku_n++] = SG_OID(eku_server_auth));
	check("lint.eku", x.f.eku[0] = SG_OID(eku_server_auth));
	check("lint.eku", x.f.eku_n = 0);
}

static void
lint_cert__sans__refused(void **state)
{
	(void)state;
#define OTHER_A                                                                                    \
	"\x06\x02\x2a\x03\xa0\x03\x0c\x01"                                                         \
	"a" /* 1.2.3:a */
#define ONE(type_, text)                                                                           \
	x.sans.n = 1, x.sans.item[0] = (struct sg_san){type_, sg_slice_str(text)},                 \
	x.f.sans = &x.sans
	check("lint.san", ONE(SG_SAN_EMAIL, "a@b.example"));
	check("lint.san", ONE(SG_SAN_UPN, "a@b.example"));
	check("lint.parse", ONE(SG_SAN_DNS, "a\nb.example"));
	check("lint.parse", ONE(SG_SAN_DNS, ""));
	check("lint.san", ONE(SG_SAN_DNS, "a.example"), x.tmpl.sans_max = 0);
	check("lint.san", ONE(SG_SAN_DNS, "*.example"));
	check("lint.san", ONE(SG_SAN_DNS, "a..example"));
	check("lint.san", ONE(SG_SAN_RID, "\x2a\x03"));
	check("lint.parse", ONE(SG_SAN_RID, "\x2a\x83"), x.tmpl.san_types = UINT32_MAX);
	check("lint.san", ONE(SG_SAN_OTHERNAME, OTHER_A));
	check("lint.san", ONE(SG_SAN_OTHERNAME, OTHER_A), x.tmpl.san_types = UINT32_MAX);
	check("lint.san", ONE(SG_SAN_OTHERNAME, OTHER_A), x.tmpl.san_others_n = 1,
	    x.tmpl.san_others[0] = sg_slice("\x2a\x04", 2));
	check("lint.san", ONE(SG_SAN_OTHERNAME, "\x06\x02\x2a\x03\xa0\x03\x0c\x01\n"),
	    x.tmpl.san_others_n = 1, x.tmpl.san_others[0] = sg_slice("\x2a\x03", 2));
#undef ONE
#undef OTHER_A
}

static void
lint_cert__key_ids__refused(void **state)
{
	static const uint8_t wrong[20] = {1};

	(void)state;
	check("lint.ski", x.f.ski = sg_slice(wrong, 20));
	check("lint.ski", x.f.ski.len = 19);
	check("lint.ski", x.f.ski = sg_slice(NULL, 0));
	check("lint.aki", x.f.aki = sg_slice(wrong, 20));
	check("lint.aki", x.f.aki = sg_slice(NULL, 0));
}

static void
lint_cert__algorithms__refused(void **state)
{
	struct facts x;
	sg_buf_scoped tbs = {0}, whole = {0};
	struct sg_sigalg other = {SG_SIG_ECDSA, SG_HASH_SHA384, 0, SG_HASH_NONE};

	(void)state;
	facts_init(&x, dev_ec);
	sg_cert_put_tbs(&tbs, &x.f);
	sg_signed_put(&whole, sg_buf_slice(&tbs), other, sg_slice("sig", 3));
	/* The reader may find it first. */
	struct sg_err err = {.rule = ""};
	assert_int_equal(sg_issue_lint_cert(sg_buf_slice(&whole), &issuer_ec->cert,
			     SG_ISSUE_LINT_DEVICE, &x.tmpl, &err),
	    SG_E_INTERNAL);
	assert_true(strcmp(err.rule, "lint.sigalg") == 0 || strcmp(err.rule, "lint.parse") == 0);
	facts_clear(&x);
}

static void
lint_cert__sha1__refused(void **state)
{
	(void)state;
	check("lint.sigalg", x.f.sigalg.hash = SG_HASH_SHA1);
}

/* Change bytes of the finished TBSCertificate. */
static enum sg_code
lint_patched(const void *find, size_t len, size_t at, uint8_t value, struct sg_err *err)
{
	struct facts x;
	sg_buf_scoped tbs = {0};

	facts_init(&x, dev_ec);
	sg_cert_put_tbs(&tbs, &x.f);
	uint8_t *p = memmem(tbs.p, tbs.len, find, len);
	assert_non_null(p);
	p[at] = value;
	enum sg_code rc = sg_issue_lint(
	    issuer_ec, SG_ISSUE_LINT_DEVICE, &x.tmpl, sg_buf_slice(&tbs), err);
	facts_clear(&x);
	return rc;
}

static void
lint_cert__patched_extensions__refused(void **state)
{
	static const uint8_t ku[] = {0x06, 0x03, 0x55, 0x1d, 0x0f, 0x01, 0x01, 0xff};
	static const uint8_t eku[] = {0x06, 0x03, 0x55, 0x1d, 0x25};
	static const uint8_t version[] = {0xa0, 0x03, 0x02, 0x01, 0x02};

	(void)state;
	/* Key usage becomes a critical extension that nobody knows. */
	assert_rule(lint_patched(ku, sizeof ku, 4, 0x7f, err), SG_E_INTERNAL, "lint.critical");
	/* EKU becomes a second key usage. */
	assert_rule(lint_patched(eku, sizeof eku, 4, 0x0f, err), SG_E_INTERNAL, "lint.parse");
	/* Not version 3. */
	assert_int_equal(lint_patched(version, sizeof version, 4, 1, NULL), SG_E_INTERNAL);
}

/* Our writer has a type for it that holds it, so the mistake is made in what it wrote. */
static void
lint_cert__directory_name_in_a_wrong_type__refused(void **state)
{
	static const uint8_t name[] = {
	    0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x05, 0x13, 0x02, 'S', '1'};
	struct facts x;
	sg_buf_scoped tbs = {0};

	(void)state;
	facts_init(&x, dev_ec);
	x.tmpl.san_types |= SG_SAN_BIT(SG_SAN_DIRNAME);
	x.sans.n = 1;
	x.sans.item[0] = (struct sg_san){SG_SAN_DIRNAME, sg_slice(name, sizeof name)};
	x.f.sans = &x.sans;
	assert_ok(lint(&x, SG_ISSUE_LINT_DEVICE, true, NULL));
	sg_cert_put_tbs(&tbs, &x.f);
	uint8_t *p = memmem(tbs.p, tbs.len, name, sizeof name);
	assert_non_null(p);
	p[14] = '*';
	assert_rule(
	    sg_issue_lint(issuer_ec, SG_ISSUE_LINT_DEVICE, &x.tmpl, sg_buf_slice(&tbs), err),
	    SG_E_INTERNAL, "lint.san");
	facts_clear(&x);
}

static void
lint_cert__every_prefix__refused(void **state)
{
	struct facts x;
	sg_buf_scoped tbs = {0}, whole = {0};

	(void)state;
	facts_init(&x, dev_ec);
	sg_cert_put_tbs(&tbs, &x.f);
	sg_signed_put(&whole, sg_buf_slice(&tbs), x.f.sigalg, sg_slice("sig", 3));
	assert_ok(sg_issue_lint_cert(
	    sg_buf_slice(&whole), &issuer_ec->cert, SG_ISSUE_LINT_DEVICE, &x.tmpl, NULL));
	for (size_t n = 0; n < whole.len; n++)
		assert_rule(sg_issue_lint_cert(sg_slice(whole.p, n), &issuer_ec->cert,
				SG_ISSUE_LINT_DEVICE, &x.tmpl, err),
		    SG_E_INTERNAL, "lint.parse");
	facts_clear(&x);
}

static void
lint_cert__kinds__have_their_own_rules(void **state)
{
	struct facts x;

	(void)state;
	facts_init(&x, dev_rsa);
	x.f.key_usage = SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT;
	assert_rule(lint(&x, SG_ISSUE_LINT_RA, false, err), SG_E_INTERNAL, "lint.eku");
	x.f.eku[0] = SG_OID(eku_request_agent);
	assert_ok(lint(&x, SG_ISSUE_LINT_RA, false, NULL));
	assert_rule(lint(&x, SG_ISSUE_LINT_DEVICE, false, err), SG_E_INTERNAL, "lint.eku");
	assert_rule(lint(&x, SG_ISSUE_LINT_CA, false, err), SG_E_INTERNAL, "lint.basic");
	x.f.key_usage = SG_KU_DIGITAL_SIGNATURE;
	assert_rule(lint(&x, SG_ISSUE_LINT_RA, false, err), SG_E_INTERNAL, "lint.key-usage");
	x.f.ca = true;
	assert_rule(lint(&x, SG_ISSUE_LINT_CA, false, err), SG_E_INTERNAL, "lint.key-usage");
	x.f.key_usage |= SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN;
	assert_rule(lint(&x, SG_ISSUE_LINT_CA, false, err), SG_E_INTERNAL, "lint.eku");
	facts_clear(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lint_cert__good__ok),
	    cmocka_unit_test(lint_cert__serials__refused),
	    cmocka_unit_test(lint_cert__validity__refused),
	    cmocka_unit_test(lint_cert__key_in_another_spelling__refused),
	    cmocka_unit_test(lint_cert__names__refused),
	    cmocka_unit_test(lint_cert__rights_of_a_ca__refused),
	    cmocka_unit_test(lint_cert__purposes__refused),
	    cmocka_unit_test(lint_cert__sans__refused),
	    cmocka_unit_test(lint_cert__key_ids__refused),
	    cmocka_unit_test(lint_cert__algorithms__refused),
	    cmocka_unit_test(lint_cert__sha1__refused),
	    cmocka_unit_test(lint_cert__patched_extensions__refused),
	    cmocka_unit_test(lint_cert__directory_name_in_a_wrong_type__refused),
	    cmocka_unit_test(lint_cert__every_prefix__refused),
	    cmocka_unit_test(lint_cert__kinds__have_their_own_rules),
	};

	return cmocka_run_group_tests(tests, setup_keys, teardown_keys);
}
