/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "unit/x509/vectors.h"
#include "x509/chars.h"
#include "x509/csr.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/signed.h"
#include "asn1/oid.h"

#define NAME "30{ 31{ 30{ 06:550403 0c'dev1' } } }"
#define SPKI "30{ 30{ 06:2a8648ce3d0201 06:2a8648ce3d030107 } 03:0004aabb }"
#define CHALLENGE "30{ 06:2a864886f70d010907 31{ 13'secret' } }"
#define OTHER_CHALLENGE "30{ 06:2a864886f70d010907 31{ 13'other' } }"
#define LIST "30{ 30{ 06:551d11 04{ 30{ 82'a.example' } } } }"
#define EXTS(oid) "30{ 06:" oid " 31{ " LIST " } }"
#define OTHER_EXTS                                                                                 \
	"30{ 06:2a864886f70d01090e 31{ 30{ 30{ 06:551d11 04{ 30{ 82'b.example' } } } } } }"
#define PKCS9_EXTS EXTS("2a864886f70d01090e")
#define MS_EXTS EXTS("2b06010401823702010e")
#define UNKNOWN "30{ 06:2b0601040182370d0201 31{ 04:01 04:02 } }"
#define ALG "30{ 06:2a8648ce3d040302 }"
#define GOOD                                                                                       \
	"30{ 30{ 02:00 " NAME " " SPKI " a0{ " CHALLENGE " " PKCS9_EXTS " " UNKNOWN " } } " ALG    \
	" 03:00cafe }"

static struct sg_csr got;

static enum sg_code
parse(struct sg_slice der, struct sg_err *err)
{
	return sg_csr_parse(der, &got, err);
}

static void
csr_parse__good__all_fields(void **state)
{
	(void)state;
	sg_buf_scoped b = {0}, part = {0};
	struct sg_err err;
	assert_int_equal(parse(asn(&b, GOOD), &err), SG_OK);
	assert_true(sg_slice_eq(got.raw, sg_buf_slice(&b)));
	assert_ptr_equal(got.info.p, b.p + 2 + (b.p[1] == 0x81));
	assert_true(sg_slice_eq(got.subject, asn(&part, NAME)));
	assert_true(sg_slice_eq(got.spki, asn(&part, SPKI)));
	assert_true(got.has_challenge);
	assert_int_equal(got.challenge_tag, SG_DER_PRINTABLE);
	assert_true(sg_slice_is(got.challenge, "secret"));
	assert_true(got.exts.has_san);
	assert_int_equal(got.exts.sans.n, 1);
	assert_int_equal(got.sigalg.scheme, SG_SIG_ECDSA);
	assert_int_equal(got.sigalg.hash, SG_HASH_SHA256);
	assert_true(sg_slice_eq(got.sig, sg_slice("\xca\xfe", 2)));
	expect_whole(parse, sg_buf_slice(&b));
}

static void
csr_parse__tolerated__ok(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {" a0{ " CHALLENGE " " PKCS9_EXTS " " UNKNOWN " }", "", 0, ""},
	    {CHALLENGE " " PKCS9_EXTS " " UNKNOWN, "", 0, ""},
	    {PKCS9_EXTS, MS_EXTS, 0, ""},
	    {UNKNOWN, UNKNOWN " " UNKNOWN, 0, ""},
	    {UNKNOWN, "30{ 06:2b0601040182370d0201 31{} }", 0, ""},
	    /* Nothing depends on the version. */
	    {"02:00", "02:01", 0, ""},
	    {"02:00", "02:02", 0, ""},
	    {"02:00", "02:ff", 0, ""},
	    {"02:00", "02:0000000000000000", 0, ""},
	    {NAME, "30{}", 0, ""},
	    {"13'secret'", "0c'secret'", 0, ""},
	    {"13'secret'", "14'secret'", 0, ""},
	    {"13'secret'", "16'secret'", 0, ""},
	    {"13'secret'", "1e:0061", 0, ""},
	    {"13'secret'", "1c:00000061", 0, ""},
	    {"13'secret'", "13:6100", 0, ""}, /* a trailing NUL, jscep#73 */
	    {"13'secret'", "13{ x16384(=61) }", 0, ""},
	    {"30{ 30{ 06:551d11", "30{ 30{ 06:551d13 04{ 30{ 01:ff } } } 30{ 06:551d11", 0, ""},
	    {GOOD, "30{ 30{ 02:00 " NAME " " SPKI " a0{ x32(" UNKNOWN ") } } " ALG " 03:00ca }", 0,
		""},
	};
	expect_good(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
}

static void
csr_parse__lists_of_extensions__the_same_counts_once(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
		size_t sans;
	} rows[] = {
	    {PKCS9_EXTS, PKCS9_EXTS " " PKCS9_EXTS, 1},
	    {PKCS9_EXTS, PKCS9_EXTS " " MS_EXTS, 1},
	    {PKCS9_EXTS, MS_EXTS " " PKCS9_EXTS, 1},
	    {LIST, "x4(" LIST ")", 1},
	    /* The same as it is read: letter case, order, what is not read, CA:FALSE. */
	    {LIST, LIST " 30{ 30{ 06:551d11 01:ff 04{ 30{ 82'A.Example' 82'a.example' } } } }", 1},
	    {LIST,
		LIST " 30{ 30{ 06:2a03 04:00 } 30{ 06:551d13 04{ 30{} } } 30{ 06:551d11 04{ 30{ "
		     "82'a.example' } } } }",
		1},
	    /* One that says nothing does not contradict. */
	    {LIST, LIST " 30{}", 1},
	    {LIST, "30{} " LIST, 1},
	    {LIST, "05: " LIST, 1},
	    {LIST, LIST " 30{ 30{ 06:2a03 04:00 } }", 1},
	    {PKCS9_EXTS, PKCS9_EXTS " 30{ 06:2b06010401823702010e 31{} }", 1},
	    {LIST, "", 0},
	    {LIST, "05:", 0},
	    {LIST, "30{}", 0},
	    {LIST, "30{} 30{} 05: 05: 05:", 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		if (parse(asn_with(&b, GOOD, rows[i].from, rows[i].to), &err) != SG_OK)
			fail_msg("row %zu: %s", i, err.text);
		assert_int_equal(got.exts.sans.n, rows[i].sans);
		assert_int_equal(got.exts.has_san, rows[i].sans > 0);
		assert_true(got.has_challenge);
	}
}

/* The fault is kept: what needs no challenge does not fail for it. */
static void
csr_parse__broken_challenge__kept_for_who_asks(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {CHALLENGE, CHALLENGE " " OTHER_CHALLENGE, SG_E_MALFORMED, "csr.challenge.dup"},
	    {CHALLENGE, OTHER_CHALLENGE " " CHALLENGE " " OTHER_CHALLENGE, SG_E_MALFORMED,
		"csr.challenge.dup"},
	    {"13'secret'", "13'secret' 13'Secret'", SG_E_MALFORMED, "csr.challenge.values"},
	    {"13'secret'", "13'secret' 13'secre'", SG_E_MALFORMED, "csr.challenge.values"},
	    {"13'secret'", "13'secret' 13'secret1'", SG_E_MALFORMED, "csr.challenge.values"},
	    {"13'secret'", "13'secret' 05:", SG_E_MALFORMED, "csr.challenge.type"},
	    {"13'secret'", "04'secret'", SG_E_MALFORMED, "csr.challenge.type"},
	    {"13'secret'", "12'123'", SG_E_MALFORMED, "csr.challenge.type"},
	    {"13'secret'", "30{}", SG_E_MALFORMED, "csr.challenge.type"},
	    {"13'secret'", "13{ x16385(=61) }", SG_E_LIMIT, "csr.challenge.long"},
	    {"13'secret'", "13:80", SG_E_MALFORMED, "csr.challenge.encoding"},
	    {"13'secret'", "0c:ff", SG_E_MALFORMED, "csr.challenge.encoding"},
	    {"13'secret'", "1e:00", SG_E_MALFORMED, "csr.challenge.encoding"},
	    {"13'secret'", "=1305aa", SG_E_MALFORMED, "der"},
	    {"13'secret'", "13'secret' =13", SG_E_MALFORMED, "der"},
	    /* The first fault stays. */
	    {CHALLENGE, "30{ 06:2a864886f70d010907 31{ 05: } } " CHALLENGE " " OTHER_CHALLENGE,
		SG_E_MALFORMED, "csr.challenge.type"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		if (parse(asn_with(&b, GOOD, rows[i].from, rows[i].to), &err) != SG_OK)
			fail_msg("row %zu: %s", i, err.text);
		assert_int_equal(got.challenge_fault.code, rows[i].code);
		assert_string_equal(got.challenge_fault.rule, rows[i].rule);
		assert_false(got.has_challenge);
		assert_int_equal(got.challenge_tag, 0);
		assert_int_equal(got.challenge.len, 0);
		assert_int_equal(got.exts.sans.n, 1);
	}
}

static void
csr_parse__repeated_challenge__counts_once(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {CHALLENGE, CHALLENGE " " CHALLENGE, 0, ""},
	    {CHALLENGE, "x3(" CHALLENGE ")", 0, ""},
	    {"13'secret'", "13'secret' 13'secret'", 0, ""},
	    {"13'secret'", "13'secret' 0c'secret'", 0, ""},
	    {"13'secret'", "13'secret' 1e:007300650063007200650074", 0, ""},
	    {CHALLENGE, CHALLENGE " 30{ 06:2a864886f70d010907 31{} }", 0, ""},
	    {CHALLENGE, "30{ 06:2a864886f70d010907 31{} } " CHALLENGE, 0, ""},
	};
	sg_buf_scoped b = {0}, text = {0};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_reset(&text);
		assert_int_equal(parse(asn_with(&b, GOOD, rows[i].from, rows[i].to), NULL), SG_OK);
		assert_true(got.has_challenge);
		assert_int_equal(got.challenge_fault.code, SG_OK);
		assert_int_equal(
		    sg_string_to_utf8(got.challenge_tag, got.challenge, &text, NULL), SG_OK);
		assert_string_equal(sg_buf_text(&text), "secret");
	}
	/* And an empty SET is none. */
	assert_int_equal(parse(asn_with(&b, GOOD, "13'secret'", ""), NULL), SG_OK);
	assert_false(got.has_challenge);
	assert_int_equal(got.challenge_fault.code, SG_OK);
}

static void
csr_parse__ca_and_foreign_purposes__noted_not_judged(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	assert_int_equal(parse(asn_with(&b, GOOD, "30{ 30{ 06:551d11",
				   "30{ 30{ 06:551d13 04{ 30{ 01:ff } } } 30{ 06:551d25 04{ 30{ "
				   "06:2b06010505070309 } } } 30{ 06:551d11"),
			     NULL),
	    SG_OK);
	assert_true(got.exts.ca);
	assert_true(sg_slice_eq(got.exts.eku[0], SG_OID(eku_ocsp)));
}

static void
csr_parse__bad__refused(void **state)
{
	(void)state;
	static const struct bad_row rows[] = {
	    {GOOD, "31{ 05: }", SG_E_MALFORMED, "der"},
	    {GOOD, "30{}", SG_E_MALFORMED, "der"},
	    {"02:00", "", SG_E_MALFORMED, "der"},
	    {"02:00", "02:00 02:00", SG_E_MALFORMED, "der"},
	    {"02:00", "02:000000000000000000", SG_E_MALFORMED, "csr.version"},
	    {"02:00", "02:", SG_E_MALFORMED, "csr.version"},
	    {"02:00", "04:00", SG_E_MALFORMED, "der"},
	    {NAME, "", SG_E_MALFORMED, "der"},
	    {NAME, "31{}", SG_E_MALFORMED, "der"},
	    {NAME, NAME " " NAME, SG_E_MALFORMED, "der"},
	    {"0c'dev1'", "0c:6400", SG_E_MALFORMED, "name.value.control"},
	    {"0c'dev1'", "0c{ x4097(=61) }", SG_E_LIMIT, "name.value.long"},
	    {SPKI, "", SG_E_MALFORMED, "der"},
	    {SPKI, "31{}", SG_E_MALFORMED, "der"},
	    {" a0{", " a1{", SG_E_MALFORMED, "der"},
	    {" a0{", " 31{", SG_E_MALFORMED, "der"},
	    {UNKNOWN " }", UNKNOWN " } a0{}", SG_E_MALFORMED, "der"},
	    {UNKNOWN, "05:", SG_E_MALFORMED, "der"},
	    {UNKNOWN, "30{ 06:2a03 }", SG_E_MALFORMED, "der"},
	    {UNKNOWN, "30{ 31{} }", SG_E_MALFORMED, "der"},
	    {UNKNOWN, "30{ 06:2a03 30{} }", SG_E_MALFORMED, "der"},
	    {UNKNOWN, "30{ 06:2a03 31{} 05: }", SG_E_MALFORMED, "der"},
	    {GOOD, "30{ 30{ 02:00 " NAME " " SPKI " a0{ x33(" UNKNOWN ") } } " ALG " 03:00ca }",
		SG_E_LIMIT, "csr.attrs.count"},
	    /* extensionRequest */
	    {PKCS9_EXTS, PKCS9_EXTS " " OTHER_EXTS, SG_E_MALFORMED, "csr.exts.differ"},
	    {PKCS9_EXTS, MS_EXTS " " OTHER_EXTS, SG_E_MALFORMED, "csr.exts.differ"},
	    {PKCS9_EXTS, OTHER_EXTS " " MS_EXTS, SG_E_MALFORMED, "csr.exts.differ"},
	    {LIST, LIST " 30{ 30{ 06:551d11 04{ 30{ 82'b.example' } } } }", SG_E_MALFORMED,
		"csr.exts.differ"},
	    {LIST, LIST " 30{ 30{ 06:551d0f 04{ 03:05a0 } } }", SG_E_MALFORMED, "csr.exts.differ"},
	    {LIST, "x5(" LIST ")", SG_E_LIMIT, "csr.exts.count"},
	    {LIST, "31{}", SG_E_MALFORMED, "der"},
	    {LIST, LIST " 31{}", SG_E_MALFORMED, "der"},
	    {LIST, "05:00", SG_E_MALFORMED, "der"},
	    {LIST, "30{ 05: }", SG_E_MALFORMED, "der"},
	    /* signature */
	    {ALG, "", SG_E_MALFORMED, "der"},
	    {ALG, "30{}", SG_E_MALFORMED, "der"},
	    {ALG, ALG " " ALG, SG_E_MALFORMED, "der"},
	    {ALG, "30{ 06:2a864886f70d010104 05: }", SG_E_ALG, "alg.md5"},
	    {ALG, "30{ 06:2a864886f70d010101 05: }", SG_E_ALG, "csr.sigalg"},
	    {ALG, "30{ 06:2b6570 }", SG_E_ALG, "alg.unknown"},
	    {"03:00cafe", "", SG_E_MALFORMED, "der"},
	    {"03:00cafe", "04:00cafe", SG_E_MALFORMED, "der"},
	    {"03:00cafe", "03:01cafe", SG_E_MALFORMED, "der"},
	    {"03:00cafe", "03:", SG_E_MALFORMED, "der"},
	    {"03:00cafe", "03:00", SG_E_MALFORMED, "csr.signature.empty"},
	    {"03:00cafe", "03:00cafe 05:", SG_E_MALFORMED, "der"},
	    {"04:01 04:02", "04{ x65536(=00) }", SG_E_LIMIT, "csr.size"},
	};
	expect_bad(parse, GOOD, rows, sizeof rows / sizeof rows[0]);
}

static size_t accepted[ASN_EDITS];

static void
visit(struct sg_slice der, enum asn_edit edit)
{
	struct sg_err err;
	accepted[edit] += parse(der, &err) == SG_OK && got.challenge_fault.code == SG_OK;
}

static void
csr_parse__every_edit__bulk_refused(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	asn_each_edit(asn(&b, GOOD), visit);
	/* Optional parts may go; inside the key and the unknown attribute nothing is looked at. A
	 * doubled attribute or value is a repetition. */
	assert_in_range(accepted[ASN_DROP], 6, 14);
	assert_in_range(accepted[ASN_DOUBLE], 9, 14);
	assert_in_range(accepted[ASN_EMPTY], 8, 16);
	assert_in_range(accepted[ASN_RETAG], 1, 12);
	assert_in_range(accepted[ASN_EXTRA], 3, 16);
}

static void
csr_parse__failure__ret_empty(void **state)
{
	(void)state;
	struct sg_csr before = {.challenge_tag = 77, .raw = {(const uint8_t *)"x", 1}};
	sg_buf_scoped b = {0};
	asn_with(&b, GOOD, "03:00cafe", "");
	assert_int_not_equal(sg_csr_parse(sg_buf_slice(&b), &before, NULL), SG_OK);
	assert_int_equal(before.challenge_tag, 0);
	assert_null(before.raw.p);
	assert_false(before.has_challenge);
}

/* Facts of a request with everything in it; slices live in b. */
static void
make(struct sg_buf *name, struct sg_buf *spki, struct sg_sans *sans, struct sg_csr_facts *f)
{
	*sans = (struct sg_sans){.n = 2,
	    .item = {{SG_SAN_DNS, sg_slice_str("a.example")}, {SG_SAN_UPN, sg_slice_str("a@b")}}};
	*f = (struct sg_csr_facts){
	    .subject = asn(name, NAME),
	    .spki = asn(spki, SPKI),
	    .challenge = sg_slice_str("secret"),
	    .sans = sans,
	    .key_usage = SG_KU_DIGITAL_SIGNATURE,
	    .eku_n = 1,
	    .eku = {SG_OID(eku_client_auth)},
	};
}

static enum sg_code
write_request(struct sg_buf *out, const struct sg_csr_facts *f)
{
	sg_buf_scoped info = {0};
	sg_csr_put_info(&info, f);
	enum sg_code rc = sg_buf_check(&info, NULL);
	if (rc != SG_OK)
		return rc;
	sg_signed_put(out, sg_buf_slice(&info),
	    (struct sg_sigalg){.scheme = SG_SIG_ECDSA, .hash = SG_HASH_SHA256},
	    sg_slice("\xca\xfe", 2));
	return sg_buf_check(out, NULL);
}

static void
csr_put_info__all_facts__read_back(void **state)
{
	(void)state;
	sg_buf_scoped name = {0}, spki = {0}, out = {0};
	struct sg_sans sans;
	struct sg_csr_facts f;
	struct sg_err err;
	make(&name, &spki, &sans, &f);
	assert_int_equal(write_request(&out, &f), SG_OK);
	if (parse(sg_buf_slice(&out), &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_true(sg_slice_eq(got.subject, f.subject));
	assert_true(sg_slice_eq(got.spki, f.spki));
	assert_true(sg_slice_eq(got.challenge, f.challenge));
	assert_int_equal(got.challenge_tag, SG_DER_PRINTABLE);
	assert_true(sg_sans_equal(&got.exts.sans, &sans));
	assert_int_equal(got.exts.key_usage, SG_KU_DIGITAL_SIGNATURE);
	assert_int_equal(got.exts.eku_n, 1);
	assert_true(sg_slice_eq(got.exts.eku[0], SG_OID(eku_client_auth)));
	assert_true(sg_slice_eq(got.sig, sg_slice("\xca\xfe", 2)));
}

static void
csr_put_info__nothing_optional__empty_attributes(void **state)
{
	(void)state;
	sg_buf_scoped name = {0}, spki = {0}, out = {0}, want = {0};
	struct sg_csr_facts f = {.subject = asn(&name, NAME), .spki = asn(&spki, SPKI)};
	sg_csr_put_info(&out, &f);
	asn(&want, "30{ 02:00 " NAME " " SPKI " a0{} }");
	assert_true(sg_slice_eq(sg_buf_slice(&out), sg_buf_slice(&want)));
}

static void
csr_put_info__challenge_not_printable__utf8(void **state)
{
	(void)state;
	sg_buf_scoped name = {0}, spki = {0}, out = {0};
	struct sg_csr_facts f = {.subject = asn(&name, NAME),
	    .spki = asn(&spki, SPKI),
	    .challenge = sg_slice_str("a_b")};
	assert_int_equal(write_request(&out, &f), SG_OK);
	assert_int_equal(parse(sg_buf_slice(&out), NULL), SG_OK);
	assert_int_equal(got.challenge_tag, SG_DER_UTF8);
}

static enum sg_code
write_nomem(void)
{
	sg_buf_scoped out = {0};
	static const uint8_t name[] = {0x30, 0};
	struct sg_sans sans = {.n = 1, .item = {{SG_SAN_DNS, sg_slice_str("a.example")}}};
	struct sg_csr_facts f = {.subject = sg_slice(name, 2),
	    .spki = sg_slice(name, 2),
	    .challenge = sg_slice_str("secret"),
	    .sans = &sans};
	return write_request(&out, &f);
}

static void
csr_put_info__no_memory__nomem(void **state)
{
	(void)state;
	expect_nomem(write_nomem);
}

static size_t requests;

static void
real_request(const char *path, struct sg_slice der)
{
	struct sg_err err = {0};
	sg_buf_scoped text = {0}, again = {0};
	/* The two CertPoll bodies are IssuerAndSubject. */
	if (der.len < 200)
		return;
	if (parse(der, &err) != SG_OK)
		fail_msg("%s: %s", path, err.text);
	sg_name_put_text(&text, got.subject);
	if (strstr(sg_buf_text(&text), "CN=") == NULL)
		fail_msg("%s: %s", path, sg_buf_text(&text));
	if (got.has_challenge)
		assert_true(sg_slice_is(got.challenge, "secret"));
	assert_int_equal(sg_name_reencode(got.subject, got.subject, &again, NULL), SG_OK);
	assert_true(sg_name_equal(got.subject, sg_buf_slice(&again)));
	expect_whole(parse, der);
	requests++;
}

static void
csr_parse__real_requests__ok(void **state)
{
	(void)state;
	if (!vectors_each(".decrypted.der", real_request))
		skip();
	assert_in_range(requests, 5, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(csr_parse__good__all_fields),
	    cmocka_unit_test(csr_parse__tolerated__ok),
	    cmocka_unit_test(csr_parse__lists_of_extensions__the_same_counts_once),
	    cmocka_unit_test(csr_parse__broken_challenge__kept_for_who_asks),
	    cmocka_unit_test(csr_parse__repeated_challenge__counts_once),
	    cmocka_unit_test(csr_parse__ca_and_foreign_purposes__noted_not_judged),
	    cmocka_unit_test(csr_parse__bad__refused),
	    cmocka_unit_test(csr_parse__every_edit__bulk_refused),
	    cmocka_unit_test(csr_parse__failure__ret_empty),
	    cmocka_unit_test(csr_put_info__all_facts__read_back),
	    cmocka_unit_test(csr_put_info__nothing_optional__empty_attributes),
	    cmocka_unit_test(csr_put_info__challenge_not_printable__utf8),
	    cmocka_unit_test(csr_put_info__no_memory__nomem),
	    cmocka_unit_test(csr_parse__real_requests__ok),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
