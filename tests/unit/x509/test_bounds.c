/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "base/limits.h"
#include "x509/bounds.h"
#include "x509/name.h"

/* A Name with one attribute: its value is the unit, so often. */
static struct sg_slice
one(struct sg_buf *b, const char *oid, unsigned tag, const char *unit, size_t times)
{
	sg_buf_reset(b);
	size_t name = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t rdn = sg_derw_begin(b, SG_DER_SET);
	size_t atv = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t type = sg_derw_begin(b, SG_DER_OID);
	asn_hex(oid, b);
	sg_derw_end(b, type);
	size_t value = sg_derw_begin(b, tag);
	for (size_t i = 0; i < times; i++)
		sg_buf_puts(b, unit);
	sg_derw_end(b, value);
	sg_derw_end(b, atv);
	sg_derw_end(b, rdn);
	sg_derw_end(b, name);
	assert_int_equal(sg_buf_check(b, NULL), SG_OK);
	return sg_buf_slice(b);
}

static void
expect(struct sg_slice name, enum sg_name_lengths lengths, const char *rule, const char *what)
{
	struct sg_err err = {.rule = "", .text = ""};
	enum sg_code rc = sg_name_check_bounds(name, lengths, &err);
	if ((rule == NULL) != (rc == SG_OK) || (rule != NULL && strcmp(err.rule, rule) != 0))
		fail_msg("%s: want %s, have %s: %s", what, rule == NULL ? "no refusal" : rule,
		    err.rule, err.text);
	assert_true(rc == SG_OK || strlen(err.text) > 10);
	assert_null(strchr(err.text, '\n'));
}

#define EMAIL "2a864886f70d010901"
#define UNSTRUCTURED "2a864886f70d010902"
#define UID "0992268993f22c640101"
#define DC "0992268993f22c640119"
#define JURISDICTION "2b0601040182373c0201"

/* Two bytes a character where the type can hold it: characters count, not bytes. */
static void
name_check_bounds__each_type__its_bound_in_characters(void **state)
{
	static const struct {
		const char *oid, *unit;
		size_t max, max_255;
		const char *rule;
	} rows[] = {
	    {"550403", "\xc3\xa4", 64, 255, "name.cn.length"},
	    {"550405", "1", 64, 255, "name.length"},
	    {"550407", "\xc3\xa4", 128, 255, "name.length"},
	    {"550408", "\xc3\xa4", 128, 255, "name.length"},
	    {"550409", "\xc3\xa4", 128, 255, "name.length"},
	    {"55040a", "\xc3\xa4", 64, 255, "name.length"},
	    {"55040b", "\xc3\xa4", 64, 255, "name.length"},
	    {"55040c", "\xc3\xa4", 64, 255, "name.length"},
	    {"55040f", "x", 128, 255, "name.length"}, {"550411", "x", 40, 255, "name.length"},
	    {"550412", "x", 40, 255, "name.length"}, {"550413", "x", 128, 255, "name.length"},
	    {"550414", "1", 32, 255, "name.length"}, {"55042e", "1", 255, 255, "name.length"},
	    {"550441", "\xc3\xa4", 128, 255, "name.length"},
	    {UID, "\xc3\xa4", 256, 256, "name.length"}, {DC, "x", 63, 63, "name.dc.length"},
	    {EMAIL, "x", 255, 255, "name.length"},
	    {UNSTRUCTURED, "\xc3\xa4", 255, 255, "name.length"},
	    {"2a864886f70d010908", "x", 255, 255, "name.length"},
	    {JURISDICTION "01", "x", 128, 255, "name.length"},
	    {JURISDICTION "02", "x", 128, 255, "name.length"},
	    {"2a0304", "\xc3\xa4", 255, 255, "name.length"}, /* not known */
	    {"550461", "x", 255, 255, "name.length"},	     /* not known either */
	};
	sg_buf_scoped b = {0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (unsigned wide = 0; wide < 2; wide++) {
			enum sg_name_lengths lengths = wide ? SG_NAME_LENGTHS_255
							    : SG_NAME_LENGTHS_X520;
			size_t max = wide ? rows[i].max_255 : rows[i].max;
			const char *oid = rows[i].oid, *unit = rows[i].unit;
			expect(one(&b, oid, SG_DER_UTF8, unit, 1), lengths, NULL, oid);
			expect(one(&b, oid, SG_DER_UTF8, unit, max), lengths, NULL, oid);
			expect(
			    one(&b, oid, SG_DER_UTF8, unit, max + 1), lengths, rows[i].rule, oid);
			expect(
			    one(&b, oid, SG_DER_UTF8, unit, 0), lengths, "name.value.empty", oid);
		}
	}
	/* What ends at the size of any value. */
	expect(one(&b, "550404", SG_DER_UTF8, "x", 4096), SG_NAME_LENGTHS_X520, NULL, "surname");
	expect(one(&b, "55042a", SG_DER_UTF8, "x", 4097), SG_NAME_LENGTHS_X520, "name.value.long",
	    "givenName");
	/* The longest bound below it, with the widest characters. */
	expect(one(&b, "55040d", SG_DER_UTF8, "\xf0\x9f\x98\x80", 1024), SG_NAME_LENGTHS_X520, NULL,
	    "description");
	expect(one(&b, "55040d", SG_DER_UTF8, "\xc3\xa4", 1025), SG_NAME_LENGTHS_X520,
	    "name.length", "description");
}

static void
name_check_bounds__other_string_types__characters_count(void **state)
{
	sg_buf_scoped b = {0};

	(void)state;
	/* A BMPString character is two bytes, a UniversalString one four. */
	expect(one(&b, "550403", SG_DER_BMP, "ab", 64), SG_NAME_LENGTHS_X520, NULL, "BMP");
	expect(
	    one(&b, "550403", SG_DER_BMP, "ab", 65), SG_NAME_LENGTHS_X520, "name.cn.length", "BMP");
	expect(one(&b, "550403", SG_DER_T61, "\xe4", 64), SG_NAME_LENGTHS_X520, NULL, "T61");
	expect(one(&b, "550403", SG_DER_T61, "\xe4", 65), SG_NAME_LENGTHS_X520, "name.cn.length",
	    "T61");
}

static void
name_check_bounds__alphabets__as_the_type_has_them(void **state)
{
	static const struct {
		const char *oid;
		unsigned tag;
		const char *value, *rule;
	} rows[] = {
	    {"550406", SG_DER_PRINTABLE, "FI", NULL},
	    {"550406", SG_DER_UTF8, "fi", NULL},
	    {"550406", SG_DER_PRINTABLE, "F", "name.country"},
	    {"550406", SG_DER_PRINTABLE, "FIN", "name.country"},
	    {"550406", SG_DER_PRINTABLE, "F1", "name.country"},
	    {"550406", SG_DER_PRINTABLE, "F ", "name.country"},
	    {"550406", SG_DER_PRINTABLE, "", "name.value.empty"},
	    {"550406", SG_DER_PRINTABLE, "  ", "name.value.empty"},
	    {"550406", SG_DER_UTF8, "\xc3\x84\xc3\x96", "name.country"},
	    {JURISDICTION "03", SG_DER_PRINTABLE, "FI", NULL},
	    {JURISDICTION "03", SG_DER_PRINTABLE, "FIN", "name.country"},
	    {"550405", SG_DER_PRINTABLE, "0-9 (a)", NULL},
	    {"550405", SG_DER_UTF8, "a_b", NULL},
	    {"550405", SG_DER_PRINTABLE, "a*#@&", NULL},
	    {"55042e", SG_DER_UTF8, "\xc3\xa4", NULL},
	    {"550414", SG_DER_PRINTABLE, "+358 9 123", NULL},
	    {"550414", SG_DER_PRINTABLE, "#31", NULL},
	    {EMAIL, SG_DER_IA5, "a@b", NULL},
	    {EMAIL, SG_DER_UTF8, "\xc3\xa4@b", NULL},
	    {DC, SG_DER_UTF8, "\xc3\xa4", NULL},
	};
	sg_buf_scoped b = {0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		expect(one(&b, rows[i].oid, rows[i].tag, rows[i].value, 1), SG_NAME_LENGTHS_255,
		    rows[i].rule, rows[i].value);
}

static void
name_check_bounds__nothing_to_see__empty(void **state)
{
	static const char *const blanks[] = {"", " ", "   ", "\xc2\xa0", "\xe3\x80\x80",
	    "\xe2\x80\x8b", " \xe2\x80\x8d ", "\xe2\x81\xa0", "\xc2\xad", "\xef\xbe\xa0",
	    "\xf3\xa0\x81\x81", "\xef\xbf\xb0", "\xf0\x9b\xb2\xa0", "\xf0\x9d\x85\xb3 "};
	sg_buf_scoped b = {0};

	(void)state;
	for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++) {
		expect(one(&b, "550403", SG_DER_UTF8, blanks[i], 1), SG_NAME_LENGTHS_X520,
		    "name.value.empty", "CN");
		expect(one(&b, "2a0304", SG_DER_UTF8, blanks[i], 1), SG_NAME_LENGTHS_X520,
		    "name.value.empty", "unknown");
		assert_true(sg_bounds_is_blank(sg_slice_str(blanks[i])));
	}
	assert_false(sg_bounds_is_blank(sg_slice_str("\xe2\x80\x8b"
						     "a")));
	assert_false(sg_bounds_is_blank(sg_slice_str("\xef\xbc\xa1")));
	expect(one(&b, "550403", SG_DER_UTF8, " a ", 1), SG_NAME_LENGTHS_X520, NULL, "a");
	/* The second attribute counts like the first. */
	expect(asn(&b, "30{ 31{ 30{ 06:550403 0c'a' } } 31{ 30{ 06:55040b 0c'' } } }"),
	    SG_NAME_LENGTHS_X520, "name.value.empty", "OU");
	expect(asn(&b, "30{ 31{ 30{ 06:550403 0c'a' } 30{ 06:55040b 0c'' } } }"),
	    SG_NAME_LENGTHS_X520, "name.value.empty", "OU in the same RDN");
	expect(asn(&b, "30{}"), SG_NAME_LENGTHS_X520, NULL, "the empty Name");
	expect(asn(&b, "30{ 31{} }"), SG_NAME_LENGTHS_X520, "name.rdn.empty", "a broken name");
}

static void
name_has_own_types__rewritten_and_foreign__as_documented(void **state)
{
	static const struct {
		const char *oid;
		unsigned tag;
		const char *value;
		bool own;
	} rows[] = {
	    {"550403", SG_DER_UTF8, "a", true},
	    {"550403", SG_DER_PRINTABLE, "a", true},
	    {"550403", SG_DER_PRINTABLE, "a_b", false},
	    {"550403", SG_DER_T61, "a", true},
	    {"550403", SG_DER_IA5, "a", false},
	    {"550403", SG_DER_NUMERIC, "1", false},
	    {"550406", SG_DER_PRINTABLE, "FI", true},
	    {"550406", SG_DER_UTF8, "FI", false},
	    {"550405", SG_DER_UTF8, "1", false},
	    {"550405", SG_DER_IA5, "1", false},
	    {"550405", SG_DER_PRINTABLE, "a_1", false},
	    {"550405", SG_DER_UTF8, "a_1", true},
	    {"550405", SG_DER_IA5, "a_1", true},
	    {"550405", SG_DER_T61, "a_1", false},
	    {"550405", SG_DER_BMP, "ab", false},
	    {"55042e", SG_DER_UTF8, "\xc3\xa4", true},
	    {"550414", SG_DER_UTF8, "1", false},
	    {EMAIL, SG_DER_IA5, "a@b", true},
	    {EMAIL, SG_DER_UTF8, "a@b", false},
	    {EMAIL, SG_DER_UTF8, "\xc3\xa4@b", true},
	    {EMAIL, SG_DER_T61, "\xe4@b", false},
	    {DC, SG_DER_UTF8, "\xc3\xa4", true},
	    {DC, SG_DER_UTF8, "a", false},
	    {UNSTRUCTURED, SG_DER_IA5, "a", true},
	    {"2a0304", SG_DER_IA5, "a", false},
	};
	sg_buf_scoped b = {0}, again = {0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sg_slice name = one(&b, rows[i].oid, rows[i].tag, rows[i].value, 1);
		if (sg_name_has_own_types(name) != rows[i].own)
			fail_msg("row %zu", i);
		sg_buf_reset(&again);
		assert_int_equal(sg_name_reencode(name, name, &again, NULL), SG_OK);
		assert_true(sg_name_has_own_types(sg_buf_slice(&again)));
	}
	assert_false(sg_name_has_own_types(asn(&b, "31{}")));
}

static void
name_tag_for__each_type_and_text__the_first_that_holds_it(void **state)
{
	static const struct {
		const char *oid, *text;
		unsigned asked, want;
	} rows[] = {
	    /* The standard's, whatever was asked for. */
	    {"550406", "FI", SG_DER_UTF8, SG_DER_PRINTABLE},
	    {"550405", "A-1", 0, SG_DER_PRINTABLE},
	    {"550405", "A-1", SG_DER_UTF8, SG_DER_PRINTABLE},
	    {"550405", "A-1", SG_DER_IA5, SG_DER_PRINTABLE},
	    {EMAIL, "a@b", SG_DER_UTF8, SG_DER_IA5},
	    {DC, "example", SG_DER_PRINTABLE, SG_DER_IA5},
	    {"550403", "a", SG_DER_PRINTABLE, SG_DER_UTF8},
	    /* Else what was asked for, where that holds it. */
	    {"550405", "a_b", SG_DER_UTF8, SG_DER_UTF8},
	    {"550405", "a_b", SG_DER_IA5, SG_DER_IA5},
	    {"55042e", "a@b", SG_DER_IA5, SG_DER_IA5},
	    /* Else UTF8String. */
	    {"550405", "a*b", SG_DER_PRINTABLE, SG_DER_UTF8},
	    {"550405", "a_b", 0, SG_DER_UTF8},
	    {"550405", "a_b", SG_DER_T61, SG_DER_UTF8},
	    {"550405", "a_b", SG_DER_BMP, SG_DER_UTF8},
	    {"550405", "a_b", SG_DER_UNIVERSAL, SG_DER_UTF8},
	    {"550405", "a_b", SG_DER_NUMERIC, SG_DER_UTF8},
	    {"550405", "\xc3\xa4", SG_DER_IA5, SG_DER_UTF8},
	    {"550414", "#31", SG_DER_PRINTABLE, SG_DER_UTF8},
	    {EMAIL, "\xc3\xa4@b", SG_DER_IA5, SG_DER_UTF8},
	    {DC, "\xc3\xa4", SG_DER_T61, SG_DER_UTF8},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped oid = {0};
		asn_hex(rows[i].oid, &oid);
		if (sg_name_tag_for(sg_buf_slice(&oid), sg_slice_str(rows[i].text),
			rows[i].asked) != rows[i].want)
			fail_msg("row %zu", i);
	}
}

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
san_check_bounds__table__as_documented(void **state)
{
	static const struct {
		enum sg_san_type type;
		const char *value;
		bool good;
	} rows[] = {
	    {SG_SAN_DNS, "a", true},
	    {SG_SAN_DNS, L63 ".example", true},
	    {SG_SAN_DNS, L63 "." L63 "." L63 "." L61, true},
	    {SG_SAN_DNS, "", false},
	    {SG_SAN_DNS, "a" L63 ".example", false},
	    {SG_SAN_DNS, L63 "." L63 "." L63 "." L61 "a", false},
	    {SG_SAN_DNS, "a..b", false},
	    {SG_SAN_DNS, "a.", false},
	    {SG_SAN_DNS, "*.example", false},
	    {SG_SAN_EMAIL, "a@b", true},
	    {SG_SAN_EMAIL, L63 "a@b", true},
	    {SG_SAN_EMAIL, L63 "aa@b", false},
	    {SG_SAN_EMAIL, "@b", false},
	    {SG_SAN_EMAIL, "a@", false},
	    {SG_SAN_EMAIL, "a", false},
	    {SG_SAN_EMAIL, "a@b@c", false},
	    {SG_SAN_EMAIL, "\xc3\xa4@b", false},
	    {SG_SAN_EMAIL, "a.b+c@b", true},
	    {SG_SAN_EMAIL, "a.@b", true}, /* such addresses exist */
	    {SG_SAN_UPN, "a.@b", true},
	    {SG_SAN_UPN, "a@b", true},
	    {SG_SAN_UPN, "J\xc3\xbcrgen@b", true},
	    {SG_SAN_UPN, "\xc3\xa4" L63 "@b", true},
	    {SG_SAN_UPN, "\xc3\xa4\xc3\xa4" L63 "@b", false},
	    {SG_SAN_UPN, "\xe2\x80\x8b@b", false},
	    {SG_SAN_UPN, "\xc2\xa0@b", false},
	    {SG_SAN_UPN, "", false},
	    {SG_SAN_URI, "urn:a", true},
	    {SG_SAN_URI, "x-1+.:a", true},
	    {SG_SAN_URI, "1x:a", false},
	    {SG_SAN_URI, "a", false},
	    {SG_SAN_URI, ":a", false},
	    {SG_SAN_URI, "urn:", false},
	    {SG_SAN_URI, "http:/", false},
	    {SG_SAN_URI, "http://", false},
	    {SG_SAN_URI, "file:///a", true},
	    {SG_SAN_URI, "http://a/%2F%c3", true},
	    {SG_SAN_URI, "http://a/%", false},
	    {SG_SAN_URI, "http://a/%4", false},
	    {SG_SAN_URI, "http://a/%zz", false},
	    {SG_SAN_URI, "http://a/%4g", false},
	    {SG_SAN_IP, "abcd", true},
	    {SG_SAN_IP, "abcdabcdabcdabcd", true},
	    {SG_SAN_IP, "abc", false},
	    {SG_SAN_IP, "abcdabcd", false},
	    {SG_SAN_RID, "\x2a\x03", true},
	    {SG_SAN_OTHERNAME,
		"\x06\x02\x2a\x03\xa0\x03\x0c\x01"
		"a",
		true},
	    {SG_SAN_OTHERNAME, "\x06\x02\x2a\x03\xa0\x03\x0c\x01\n", false},
	    {SG_SAN_OTHERNAME, "a", false},
	    {SG_SAN_OTHER, "a", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sg_err err = {.rule = ""};
		struct sg_san san = {rows[i].type, sg_slice_str(rows[i].value)};
		enum sg_code rc = sg_san_check_bounds(&san, SG_NAME_LENGTHS_X520, &err);
		if ((rc == SG_OK) != rows[i].good ||
		    (rc != SG_OK && strcmp(err.rule, "san.form") != 0))
			fail_msg("row %zu: %s %s", i, rows[i].value, err.text);
	}
}

/* The refusal says what is wrong and where, each fault in its own words. */
static void
san_check_bounds__one_fault__said_with_its_place(void **state)
{
	static const struct {
		enum sg_san_type type;
		const char *value, *said;
	} rows[] = {
	    {SG_SAN_DNS, "", "dns:: the host name is empty"},
	    {SG_SAN_DNS, ".a.b", "dns:.a.b: the host name begins with a dot"},
	    {SG_SAN_DNS, "a.b.", "dns:a.b.: the host name ends with a dot: write it without"},
	    {SG_SAN_DNS, "a..b", "dns:a..b: label 2 is empty: two dots in a row"},
	    {SG_SAN_DNS, "a.-b.c", "dns:a.-b.c: label 2 begins with '-'"},
	    {SG_SAN_DNS, "a-.b", "dns:a-.b: label 1 ends with '-'"},
	    {SG_SAN_DNS, "*.b", "dns:*.b: character 1 is '*': wildcards are not given"},
	    {SG_SAN_DNS, "a.b c",
		"dns:a.b c: character 4 is a space: a host name has letters, digits, '-' and '_' "
		"(international ones in their form xn--)"},
	    {SG_SAN_DNS, "a/b",
		"dns:a/b: character 2 is '/': a host name has letters, digits, '-' and '_' "
		"(international ones in their form xn--)"},
	    {SG_SAN_DNS, "\xc3\xa4.b",
		"dns:\xc3\xa4.b: byte 1 is 0xc3: a host name has letters, digits, '-' and '_' "
		"(international ones in their form xn--)"},
	    {SG_SAN_DNS, "x." L63 "a",
		"dns:x." L63 "a: label 2 has 64 characters: want at most 63"},
	    {SG_SAN_EMAIL, "a", "email:a: it has no '@'"},
	    {SG_SAN_EMAIL, "@b", "email:@b: nothing stands before the '@'"},
	    {SG_SAN_EMAIL, "a b@c",
		"email:a b@c: character 2 (U+0020) cannot stand before the '@'"},
	    {SG_SAN_EMAIL, "a@b..c",
		"email:a@b..c: label 2 is empty: two dots in a row, after the '@'"},
	    {SG_SAN_UPN, "a@", "upn:a@: the host name is empty, after the '@'"},
	    {SG_SAN_URI, "a", "uri:a: it has no scheme, as in https:"},
	    {SG_SAN_URI, "1a:b", "uri:1a:b: its scheme does not begin with a letter"},
	    {SG_SAN_URI, "urn:", "uri:urn:: it names nothing after its scheme"},
	    {SG_SAN_URI, "x:a{", "uri:x:a{: character 4 is '{': a URI has it as %HH"},
	    {SG_SAN_URI, "x:%4",
		"uri:x:%4: no two hexadecimal digits follow the '%' at character 3"},
	    {SG_SAN_OTHER, "a", "unknown:61: names of this kind are not given"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sg_err err = {.rule = ""};
		struct sg_san san = {rows[i].type, sg_slice_str(rows[i].value)};
		assert_int_not_equal(sg_san_check_bounds(&san, SG_NAME_LENGTHS_X520, &err), SG_OK);
		assert_string_equal(err.text, rows[i].said);
	}
}

static void
san_check_bounds__host_of_254_characters__said(void **state)
{
	char host[255];
	struct sg_err err = {.rule = ""};
	struct sg_san san = {SG_SAN_DNS, sg_slice(host, 253)};

	(void)state;
	for (size_t n = 0; n < sizeof host; n++)
		host[n] = n % 2 == 0 ? 'a' : '.';
	assert_int_equal(sg_san_check_bounds(&san, SG_NAME_LENGTHS_X520, &err), SG_OK);
	host[253] = 'b';
	san.val.len = 254;
	host[252] = 'b';
	assert_int_not_equal(sg_san_check_bounds(&san, SG_NAME_LENGTHS_X520, &err), SG_OK);
	assert_non_null(strstr(err.text, ": the host name has 254 characters: want at most 253"));
}

static void
san_check_bounds__directory_name__bounds_of_names(void **state)
{
	sg_buf_scoped b = {0};

	(void)state;
	struct sg_san san = {SG_SAN_DIRNAME, one(&b, "550403", SG_DER_UTF8, "x", 65)};
	assert_int_equal(sg_san_check_bounds(&san, SG_NAME_LENGTHS_X520, NULL), SG_E_MALFORMED);
	assert_int_equal(sg_san_check_bounds(&san, SG_NAME_LENGTHS_255, NULL), SG_OK);
	san.val = one(&b, "550403", SG_DER_UTF8, "", 1);
	assert_int_equal(sg_san_check_bounds(&san, SG_NAME_LENGTHS_255, NULL), SG_E_MALFORMED);
	san.val = asn(&b, "30{}");
	assert_int_equal(sg_san_check_bounds(&san, SG_NAME_LENGTHS_255, NULL), SG_E_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(name_check_bounds__each_type__its_bound_in_characters),
	    cmocka_unit_test(name_check_bounds__other_string_types__characters_count),
	    cmocka_unit_test(name_check_bounds__alphabets__as_the_type_has_them),
	    cmocka_unit_test(name_check_bounds__nothing_to_see__empty),
	    cmocka_unit_test(name_tag_for__each_type_and_text__the_first_that_holds_it),
	    cmocka_unit_test(name_has_own_types__rewritten_and_foreign__as_documented),
	    cmocka_unit_test(san_check_bounds__table__as_documented),
	    cmocka_unit_test(san_check_bounds__one_fault__said_with_its_place),
	    cmocka_unit_test(san_check_bounds__host_of_254_characters__said),
	    cmocka_unit_test(san_check_bounds__directory_name__bounds_of_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
