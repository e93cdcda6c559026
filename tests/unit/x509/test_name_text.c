/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "x509/name.h"
#include "x509/name_text.h"
#include "asn1/oid.h"

#define ATV(oid, value) "30{ 06:" oid " " value " }"
#define CN(value) "30{ 31{ " ATV("550403", value) " } }"

static void
expect(const char *text, const char *want)
{
	sg_buf_scoped der = {0}, out = {0};
	struct sg_err err = {0};
	asn(&der, want);
	if (sg_name_from_text(sg_slice_str(text), &out, &err) != SG_OK)
		fail_msg("%s: %s", text, err.text);
	if (!sg_slice_eq(sg_buf_slice(&der), sg_buf_slice(&out)))
		fail_msg("%s: other bytes", text);
}

static void
name_from_text__good__der(void **state)
{
	(void)state;
	expect("", "30{}");
	expect("  ", "30{}");
	expect("CN=dev1", CN("0c'dev1'"));
	expect(" cn = dev1 ", CN("0c'dev1'"));
	expect("commonName=dev1", CN("0c'dev1'"));
	expect("2.5.4.3=dev1", CN("0c'dev1'"));
	expect("C=FI, O=Test,CN=dev1", "30{ 31{ " ATV("550406", "13'FI'") " } 31{ " ATV("55040a",
					   "0c'Test'") " } 31{ " ATV("550403", "0c'dev1'") " } }");
	expect("CN=a b  c", CN("0c'a b  c'"));
	expect("CN=a\\, b\\+c\\\"\\\\\\<\\>\\;\\=\\#", CN("0c'a, b+c\"\\<>;=#'"));
	expect("CN=a=b", CN("0c'a=b'"));
	expect("CN=a#b", CN("0c'a#b'"));
	expect("CN=\\ a\\ ", CN("0c' a '"));
	expect("CN=a\\ ", CN("0c'a '"));
	expect("CN=\\C3\\a4", CN("0c:c3a4"));
	expect("CN=\xc3\xa4", CN("0c:c3a4"));
	expect("E=a@b.c, DC=x, serialNumber=7",
	    "30{ 31{ " ATV("2a864886f70d010901", "16'a@b.c'") " } 31{ " ATV(
		"0992268993f22c640119", "16'x'") " } 31{ " ATV("550405", "13'7'") " } }");
	expect(
	    "1.2.840.113549.1.9.2=host", "30{ 31{ " ATV("2a864886f70d010902", "0c'host'") " } }");
	expect("1.2.3.4=x", "30{ 31{ " ATV("2a0304", "0c'x'") " } }");
	/* One RDN of two, in the order of DER. */
	expect("serialNumber=77 + CN=d",
	    "30{ 31{ " ATV("550403", "0c'd'") " " ATV("550405", "13'77'") " } }");
	expect("CN=d+serialNumber=77,O=x", "30{ 31{ " ATV("550403", "0c'd'") " " ATV("550405",
					       "13'77'") " } 31{ " ATV("55040a", "0c'x'") " } }");
}

static void
name_from_text__as_people_write_them__the_same_name(void **state)
{
	static const char *const rows[][2] = {
	    /* Quotes, and ';'. */
	    {"O=\"Test, Inc.\", CN=a", "O=Test\\, Inc., CN=a"},
	    {"O = \"Test; +<#>=\" ;CN=a", "O=Test\\; \\+\\<#\\>=, CN=a"},
	    {"O=\"a\\\"b\\\\c\"", "O=a\\\"b\\\\c"},
	    {"O=\" a \"+CN=b", "O=\\ a\\ +CN=b"},
	    {"O=\"\\C3\\84\"", "O=\xc3\x84"},
	    {"O=\"a \"\"b\"\" c\", CN=x", "O=a \\\"b\\\" c, CN=x"},
	    {"O=\"\"\"a\"\"\"", "O=\\\"a\\\""},
	    {"O=\"a O=b\"", "O=a O\\=b"},
	    /* RFC 4514's: any string type. */
	    {"1.2.3.4=#0c0178, CN=#13026162", "1.2.3.4=x, CN=ab"},
	    {"CN=#1e0200e4", "CN=\xc3\xa4"},
	    /* From programs and files. */
	    {"subject=C = FI, O = Test, CN = a", "C=FI, O=Test, CN=a"},
	    {"Subject: CN=a, OU=b", "CN=a, OU=b"},
	    {"subject= /C=FI/CN=a", "C=FI, CN=a"},
	    {"\tCN=a,\r\n O=b\r\n", "CN=a, O=b"},
	    {"CN=a b=c d, O=x\\ y=", "CN=a b\\=c d, O=x y\\="},
	    {"CN=https://a/?c=1", "CN=https://a/?c\\=1"},
	    /* OpenSSL's. */
	    {"/C=FI/O=Test/CN=a", "C=FI, O=Test, CN=a"},
	    {" / C = FI / O = Test, Inc. / CN = a ", "C=FI, O=Test\\, Inc., CN=a"},
	    {"/CN=a\\/b", "CN=a/b"},
	    {"/CN=a+serialNumber=7/O=b", "CN=a+serialNumber=7, O=b"},
	    {"/CN=a\\+b\\,c;<d>#\\\\=", "CN=a\\+b\\,c\\;\\<d\\>#\\\\="},
	    {"/CN=#a", "CN=\\#a"},
	    {"/O=\\xC3\\x84rzte", "O=\xc3\x84rzte"},
	    /* Only a '/' at the beginning makes it so. */
	    {"CN=a/b", "CN=a\\2Fb"},
	    {"CN=a/O\\=b", "CN=a\\2FO\\=b"},
	    {"CN=a/b=c", "CN=a\\2Fb\\=c"},
	    {"CN=HTTP\\/a", "CN=HTTP/a"},
	    /* Types. */
	    {"email=a@b", "E=a@b"},
	    {"EmailAddress=a@b", "1.2.840.113549.1.9.1=a@b"},
	    {"OID.2.5.4.3=a", "CN=a"},
	    {"oid.1.2.3.4=a", "1.2.3.4=a"},
	    {"s=a", "ST=a"},
	    {"street=a", "2.5.4.9=a"},
	    {"streetAddress=a", "STREET=a"},
	    {"t=a", "title=a"},
	    {"g=a", "GN=a"},
	    {"i=a", "initials=a"},
	    {"dnq=a", "dnQualifier=a"},
	    {"SURNAME=a", "2.5.4.4=a"},
	    {"SerialNumber=a", "2.5.4.5=a"},
	    {"description=a", "2.5.4.13=a"},
	    {"businessCategory=a", "2.5.4.15=a"},
	    {"postalCode=a", "2.5.4.17=a"},
	    {"postOfficeBox=a", "2.5.4.18=a"},
	    {"POBOX=a", "2.5.4.18=a"},
	    {"Phone=1", "2.5.4.20=1"},
	    {"physicalDeliveryOfficeName=a", "2.5.4.19=a"},
	    {"telephoneNumber=1", "2.5.4.20=1"},
	    {"name=a", "2.5.4.41=a"},
	    {"generationQualifier=a", "2.5.4.44=a"},
	    {"GENERATION=a", "2.5.4.44=a"},
	    {"pseudonym=a", "2.5.4.65=a"},
	    {"organizationIdentifier=a", "2.5.4.97=a"},
	    {"userid=a", "UID=a"},
	    {"domainComponent=a", "DC=a"},
	    {"unstructuredName=a", "1.2.840.113549.1.9.2=a"},
	    {"unstructuredAddress=a", "1.2.840.113549.1.9.8=a"},
	    {"jurisdictionL=a", "1.3.6.1.4.1.311.60.2.1.1=a"},
	    {"jurisdictionLocalityName=a", "1.3.6.1.4.1.311.60.2.1.1=a"},
	    {"jurisdictionST=a", "1.3.6.1.4.1.311.60.2.1.2=a"},
	    {"jurisdictionStateOrProvinceName=a", "1.3.6.1.4.1.311.60.2.1.2=a"},
	    {"jurisdictionC=FI", "1.3.6.1.4.1.311.60.2.1.3=FI"},
	    {"jurisdictionCountryName=FI", "1.3.6.1.4.1.311.60.2.1.3=FI"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped a = {0}, b = {0}, text = {0}, back = {0};
		struct sg_err err = {0};
		if (sg_name_from_text(sg_slice_str(rows[i][0]), &a, &err) != SG_OK ||
		    sg_name_from_text(sg_slice_str(rows[i][1]), &b, &err) != SG_OK)
			fail_msg("%s: %s", rows[i][0], err.text);
		if (!sg_slice_eq(sg_buf_slice(&a), sg_buf_slice(&b)))
			fail_msg("%s: other bytes", rows[i][0]);
		sg_name_put_text(&text, sg_buf_slice(&a));
		assert_int_equal(sg_name_from_text(sg_buf_slice(&text), &back, NULL), SG_OK);
		assert_true(sg_slice_eq(sg_buf_slice(&a), sg_buf_slice(&back)));
	}
}

static void
name_put_text__surname__reads_back(void **state)
{
	sg_buf_scoped b = {0}, text = {0};

	(void)state;
	sg_name_put_text(&text, asn(&b, "30{ 31{ " ATV("550404", "0c'Doe'") " } }"));
	assert_text(&text, "surname=Doe");
}

static void
name_from_text__bad__says_where(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum sg_code code;
		const char *rule, *says;
	} rows[] = {
	    {"dev1", SG_E_MALFORMED, "name.text",
		"character 1: want TYPE=value, found 'dev1': write it as in CN=dev1"},
	    {"Test, Inc.", SG_E_MALFORMED, "name.text", "found 'Test'"},
	    {"O=Test, Inc.", SG_E_MALFORMED, "name.text",
		"character 9: want TYPE=value, found 'Inc.': inside a value write '\\,'"},
	    {"\"CN=a\"", SG_E_MALFORMED, "name.text", "never around the whole name"},
	    {"'CN=a'", SG_E_MALFORMED, "name.text", "never around the whole name"},
	    /* A comma is missing, or it is in two forms. */
	    {"CN=a O=b", SG_E_MALFORMED, "name.text",
		"character 6: want ',' before the next part, found 'O=': is it missing?"},
	    {"CN=a, O=b c  ou = d", SG_E_MALFORMED, "name.text", "character 14: want ','"},
	    {"CN=a/emailAddress=b@c", SG_E_MALFORMED, "name.text",
		"character 6: want ',' before the next part, found 'emailAddress='"},
	    {"/CN=a, O=b", SG_E_MALFORMED, "name.text",
		"character 8: want '/' before the next part, found 'O='"},
	    {"/CN=a,O=b", SG_E_MALFORMED, "name.text", "character 7: want '/'"},
	    {"/CN=a O=b", SG_E_MALFORMED, "name.text", "character 7: want '/'"},
	    {"telephoneNumber=+49", SG_E_MALFORMED, "name.text", "written '\\+'"},
	    {"CN=#0c01", SG_E_MALFORMED, "name.text", "found '#0c01': a '#' that"},
	    {"CN=#", SG_E_MALFORMED, "name.text", "character 4: want the DER"},
	    {"CN=#0c0178 x", SG_E_MALFORMED, "name.text", "character 4: want the DER"},
	    {"CN=#0c0178:", SG_E_MALFORMED, "name.text", "character 4: want the DER"},
	    {"CN=#020101", SG_E_MALFORMED, "name.text", "character 4: want the DER"},
	    {"CN=#0c0178\\ ", SG_E_MALFORMED, "name.text", "character 4: want the DER"},
	    {"CN=#0c00", SG_E_MALFORMED, "name.text", "empty"},
	    {"CN=#0c0100", SG_E_MALFORMED, "name.value.control", "U+0000"},
	    {"CN=a, dev1", SG_E_MALFORMED, "name.text", "character 7:"},
	    {"XX=a", SG_E_MALFORMED, "name.text", "character 1:"},
	    {"serverAuth=a", SG_E_MALFORMED, "name.text", "character 1:"},
	    {"=a", SG_E_MALFORMED, "name.text", "character 1:"},
	    {"CN=", SG_E_MALFORMED, "name.text", "character 4:"},
	    {"CN= , O=x", SG_E_MALFORMED, "name.text", "empty"},
	    {"CN=a,", SG_E_MALFORMED, "name.text", "character 5:"},
	    {"CN=a, ", SG_E_MALFORMED, "name.text", "last ','"},
	    {",CN=a", SG_E_MALFORMED, "name.text", "a part is missing before it"},
	    {"CN=a,,O=b", SG_E_MALFORMED, "name.text", "character 6:"},
	    {"CN=a+", SG_E_MALFORMED, "name.text", "character 6:"},
	    {"O=a & b+ , CN=c", SG_E_MALFORMED, "name.text", "is written '\\+'"},
	    {"O=a+b, CN=c", SG_E_MALFORMED, "name.text", "found 'b': a '+' that"},
	    {"CN=a\"b", SG_E_MALFORMED, "name.text",
		"character 5: want a character of a value, found '\"'"},
	    {"CN=\"a", SG_E_MALFORMED, "name.text", "character 4:"},
	    {"CN=\"a\\", SG_E_MALFORMED, "name.text", "character 7:"},
	    {"CN=\"a\"b", SG_E_MALFORMED, "name.text", "character 7:"},
	    {"CN=\"\"", SG_E_MALFORMED, "name.text", "empty"},
	    {"CN=a;", SG_E_MALFORMED, "name.text", "character 5: nothing follows the last ';'"},
	    {"CN=a;;O=b", SG_E_MALFORMED, "name.text", "character 6:"},
	    {"SN=a", SG_E_MALFORMED, "name.text", "'surname=' or 'serialNumber='"},
	    {"CN=a, sn=b", SG_E_MALFORMED, "name.text", "character 7: want a type of one meaning"},
	    {"OID.x=a", SG_E_MALFORMED, "name.text", "character 1:"},
	    {"OID.=a", SG_E_MALFORMED, "name.text", "character 1:"},
	    {"O=\xc3\x84rzte, X=a", SG_E_MALFORMED, "name.text",
		"character 10: want an attribute type, found 'X'"},
	    {"/", SG_E_MALFORMED, "name.text",
		"character 2: want TYPE=value after '/', found the end"},
	    {"/CN=a/", SG_E_MALFORMED, "name.text", "character 6: nothing follows the last '/'"},
	    {"/CN=a//O=b", SG_E_MALFORMED, "name.text", "character 7:"},
	    {"/CN=HTTP/host", SG_E_MALFORMED, "name.text",
		"character 10: want TYPE=value, found 'host': parts begin with '/'; inside a value "
		"write '\\/'"},
	    {"/CN=a/b=c", SG_E_MALFORMED, "name.text", "character 7: want an attribute type"},
	    {"/CN=\"a\"", SG_E_MALFORMED, "name.text", "character 5:"},
	    {"//CN=a", SG_E_MALFORMED, "name.text", "character 2:"},
	    {"/CN=", SG_E_MALFORMED, "name.text", "empty"},
	    {"CN=a<", SG_E_MALFORMED, "name.text", "'<'"},
	    {"CN=a>", SG_E_MALFORMED, "name.text", "'>'"},
	    {"CN=#0401", SG_E_MALFORMED, "name.text", "'#'"},
	    {"CN=a\\", SG_E_MALFORMED, "name.text", "character 6:"},
	    {"CN=a\\x", SG_E_MALFORMED, "name.text", "character 6:"},
	    {"CN=a\\4", SG_E_MALFORMED, "name.text", "character 6:"},
	    {"CN=a\\4g", SG_E_MALFORMED, "name.text", "character 6:"},
	    {"CN=\\00", SG_E_MALFORMED, "name.value.control", "U+0000"},
	    {"CN=a\\1b[0m", SG_E_MALFORMED, "name.value.control", "U+001B"},
	    {"CN=a\nb", SG_E_MALFORMED, "name.value.control", "U+000A"},
	    {"CN=\\ff", SG_E_MALFORMED, "name.text", "character 4: want a value in UTF-8"},
	    {"CN=J\xfcrgen", SG_E_MALFORMED, "name.text",
		"want a value in UTF-8, found 'J\\xfcrgen'"},
	    {"CN=a+CN=b", SG_E_MALFORMED, "name.rdn.dup", "RDN 1"},
	    {"O=1,O=2,O=3,O=4,O=5,O=6,O=7,O=8,O=9,O=10,O=11,O=12,O=13,O=14,O=15,O=16,O=17,O=18,"
	     "O=19,O=20,O=21",
		SG_E_LIMIT, "name.rdns", "20"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped out = {0};
		struct sg_err err = {0};
		enum sg_code rc = sg_name_from_text(sg_slice_str(rows[i].text), &out, &err);
		if (rc != rows[i].code || strcmp(err.rule, rows[i].rule) != 0 ||
		    strstr(err.text, rows[i].says) == NULL)
			fail_msg("%s: %s, rule %s: %s", rows[i].text, sg_code_name(rc), err.rule,
			    err.text);
		assert_int_equal(out.len, 0);
	}
}

static void
expect_text(const char *der, const char *want)
{
	sg_buf_scoped b = {0}, text = {0};
	sg_name_put_text(&text, asn(&b, der));
	assert_text(&text, want);
}

static void
name_put_text__any__escaped(void **state)
{
	(void)state;
	expect_text("30{}", "");
	expect_text("30{ 31{ " ATV("550406", "13'FI'") " } 31{ " ATV("550403", "1e:00e4") " " ATV(
			"550405", "13'7'") " } 31{ " ATV("2a0304", "0c'x'") " } }",
	    "C=FI, CN=\xc3\xa4+serialNumber=7, 1.2.3.4=x");
	expect_text(CN("0c'a, b+c\"\\<>;=#'"), "CN=a\\, b\\+c\\\"\\\\\\<\\>\\;=#");
	expect_text(CN("0c'#a'"), "CN=\\#a");
	expect_text(CN("0c' a b '"), "CN=\\ a b\\ ");
	expect_text(CN("0c' '"), "CN=\\ ");
	expect_text(CN("0c:611b5b00e280aec29b"), "CN=a\\1B[\\00\\E2\\80\\AE\\C2\\9B");
	expect_text(CN("0c:ff"), "(broken name)");
	expect_text(CN("02:01"), "(broken name)");
	expect_text("31{}", "(broken name)");
}

static void
name_put_text__then_from_text__same_name(void **state)
{
	(void)state;
	static const char *const names[] = {"C=FI, O=Test, CN=dev1", "CN=\\ a\\, b\\ ", "CN=\\#a=b",
	    "O=a\\+b+OU=\xe2\x82\xac, UID=u", "1.2.3.4=\\\\, E=a@b"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		sg_buf_scoped der = {0}, text = {0};
		assert_int_equal(sg_name_from_text(sg_slice_str(names[i]), &der, NULL), SG_OK);
		sg_name_put_text(&text, sg_buf_slice(&der));
		assert_text(&text, names[i]);
	}
}

static enum sg_code
from_text(void)
{
	sg_buf_scoped out = {0};
	return sg_name_from_text(sg_slice_str("1.2.3=x, CN=a+O=b"), &out, NULL);
}

static enum sg_code
put_text(void)
{
	static const uint8_t name[] = "\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03"
				      "a\x1b";
	sg_buf_scoped out = {0};
	sg_name_put_text(&out, sg_slice(name, 16));
	return sg_buf_check(&out, NULL);
}

static void
name_text__no_memory__nomem(void **state)
{
	(void)state;
	expect_nomem(from_text);
	expect_nomem(put_text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(name_from_text__good__der),
	    cmocka_unit_test(name_from_text__as_people_write_them__the_same_name),
	    cmocka_unit_test(name_put_text__surname__reads_back),
	    cmocka_unit_test(name_from_text__bad__says_where),
	    cmocka_unit_test(name_put_text__any__escaped),
	    cmocka_unit_test(name_put_text__then_from_text__same_name),
	    cmocka_unit_test(name_text__no_memory__nomem),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
