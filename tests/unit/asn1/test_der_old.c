/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/limits.h"

static struct sg_slice
bytes(struct sg_buf *b, const char *hex)
{
	sg_buf_reset(b);
	assert_int_equal(*asn_hex(hex, b), '\0');
	return sg_buf_slice(b);
}

/* A refusal of a reader: the output is untouched. */
struct hex_row {
	const char *hex;
	enum sg_code code;
	const char *rule;
};

#define EACH(rows) (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++)

static void
any__elements_in_a_row__each(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err;
	struct sg_tlv tlv = {0};
	struct sg_der d = sg_der_init(bytes(&b, "0401ff0500"));
	assert_true(sg_der_more(&d));
	assert_int_equal(sg_der_peek(&d), 0x04);
	assert_int_equal(sg_der_any(&d, "x", &tlv, &err), SG_OK);
	assert_int_equal(tlv.tag, 0x04);
	expect_bytes(tlv.val, "ff");
	expect_bytes(tlv.raw, "0401ff");
	assert_int_equal(sg_der_any(&d, "x", &tlv, &err), SG_OK);
	expect_bytes(tlv.raw, "0500");
	assert_int_equal(tlv.val.len, 0);
	assert_false(sg_der_more(&d));
	assert_int_equal(sg_der_peek(&d), 0);
	assert_int_equal(sg_der_end(&d, "x", &err), SG_OK);
	expect_err(sg_der_any(&d, "the thing", &tlv, &err), &err, SG_E_MALFORMED, "der");
	assert_non_null(strstr(err.text, "the thing"));
	expect_bytes(tlv.raw, "0500");
}

/* The borders of each form of length. */
static void
any__each_length__read_and_minimal(void **state)
{
	(void)state;
	static const size_t lens[] = {0, 1, 127, 128, 129, 255, 256, 257, 65535, 65536, 65537};
	static const size_t heads[] = {2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5};
	for
		EACH(lens)
		{
			sg_buf_scoped b = {0};
			struct sg_err err = {0};
			struct sg_tlv tlv = {0};
			sg_derw_head(&b, 0x04, lens[n]);
			assert_int_equal(b.len, heads[n]);
			assert_non_null(sg_buf_extend(&b, lens[n]));
			uint8_t *copy = exact(sg_buf_slice(&b));
			struct sg_slice whole = sg_slice(copy, b.len);
			assert_int_equal(sg_der_whole(whole, 0x04, "x", &tlv, &err), SG_OK);
			assert_int_equal(tlv.val.len, lens[n]);
			free(copy);
			if (lens[n] == 0)
				continue;
			copy = exact(sg_slice(b.p, b.len - 1));
			struct sg_der d = sg_der_init(sg_slice(copy, b.len - 1));
			expect_err(sg_der_any(&d, "x", &tlv, &err), &err, SG_E_MALFORMED, "der");
			assert_int_equal(d.rest.len, b.len - 1);
			free(copy);
		}
}

static void
any__bad_heads__refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
	    "04",		    /* no length */
	    "0401",		    /* cut */
	    "0402ff",		    /* cut */
	    "1f0100",		    /* tag above 30 */
	    "5f810100",		    /* the same, application class */
	    "3f0100",		    /* the same, constructed */
	    "3080",		    /* indefinite */
	    "30800000",		    /* indefinite, with its end */
	    "0480ff0000",	    /* indefinite primitive */
	    "0481",		    /* length cut */
	    "048200",		    /* length cut */
	    "048101ff",		    /* 1 in the long form */
	    "04817f",		    /* 127 in the long form */
	    "04820001ff",	    /* leading zero */
	    "04820080",		    /* leading zero */
	    "0483000100",	    /* leading zero */
	    "048400010000",	    /* leading zero */
	    "0484ffffffff",	    /* four GiB */
	    "04850100000000",	    /* five bytes of length */
	    "048800000000000000ff", /* eight */
	    "04ff",		    /* reserved */
	};
	for
		EACH(bad)
		{
			sg_buf_scoped b = {0};
			struct sg_err err = {0};
			struct sg_tlv tlv = {.tag = 77};
			struct sg_slice s = bytes(&b, bad[n]);
			uint8_t *copy = exact(s);
			struct sg_der d = sg_der_init(sg_slice(copy, s.len));
			expect_err(sg_der_any(&d, "x", &tlv, &err), &err, SG_E_MALFORMED, "der");
			assert_int_equal(tlv.tag, 77);
			assert_int_equal(d.rest.len, s.len);
			free(copy);
		}
}

static void
get__another_tag__refused(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_tlv tlv = {.tag = 77};
	for (unsigned tag = 0; tag < 256; tag++) {
		if ((tag & 0x1f) == 0x1f)
			continue;
		uint8_t raw[2] = {(uint8_t)tag, 0};
		struct sg_der d = sg_der_init(sg_slice(raw, 2));
		enum sg_code rc = sg_der_get(&d, SG_DER_SEQUENCE, "x", &tlv, &err);
		assert_int_equal(rc, tag == SG_DER_SEQUENCE ? SG_OK : SG_E_MALFORMED);
		if (rc != SG_OK)
			expect_err(rc, &err, SG_E_MALFORMED, "der");
	}
	struct sg_der none = sg_der_init(sg_slice(NULL, 0));
	expect_err(
	    sg_der_get(&none, SG_DER_SEQUENCE, "x", &tlv, &err), &err, SG_E_MALFORMED, "der");
	(void)b;
}

static void
opt__there_or_not__tlv_or_zero(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_tlv tlv = {.tag = 77};
	struct sg_der d = sg_der_init(bytes(&b, "05000401ff"));
	assert_int_equal(sg_der_opt(&d, 0x04, "x", &tlv, &err), SG_OK);
	assert_int_equal(tlv.tag, 0);
	assert_null(tlv.raw.p);
	assert_int_equal(sg_der_opt(&d, 0x05, "x", &tlv, &err), SG_OK);
	assert_int_equal(tlv.tag, 5);
	assert_int_equal(sg_der_opt(&d, 0x04, "x", &tlv, &err), SG_OK);
	assert_int_equal(sg_der_opt(&d, 0x04, "x", &tlv, &err), SG_OK);
	assert_int_equal(tlv.tag, 0);
	/* There, and broken: not taken for absent. */
	d = sg_der_init(bytes(&b, "0402ff"));
	expect_err(sg_der_opt(&d, 0x04, "x", &tlv, &err), &err, SG_E_MALFORMED, "der");
	/* Tag 0 at the end is not "there". */
	d = sg_der_init(sg_slice(NULL, 0));
	assert_int_equal(sg_der_opt(&d, 0, "x", &tlv, &err), SG_OK);
}

static void
enter_and_whole__nested__contents(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(bytes(&b, "300405000101")), inner = {0};
	struct sg_tlv tlv = {.tag = 77};
	assert_int_equal(sg_der_enter(&d, 0x30, "x", &inner, &err), SG_OK);
	assert_int_equal(inner.rest.len, 4);
	d = sg_der_init(sg_buf_slice(&b));
	expect_err(sg_der_enter(&d, 0x31, "x", &inner, &err), &err, SG_E_MALFORMED, "der");
	assert_int_equal(inner.rest.len, 4);
	expect_err(sg_der_end(&inner, "x", &err), &err, SG_E_MALFORMED, "der");
	expect_err(
	    sg_der_whole(bytes(&b, "050000"), 5, "x", &tlv, &err), &err, SG_E_MALFORMED, "der");
	expect_err(
	    sg_der_whole(sg_slice(NULL, 0), 5, "x", &tlv, &err), &err, SG_E_MALFORMED, "der");
	assert_int_equal(tlv.tag, 77);
}

static void
uint__numbers__value(void **state)
{
	(void)state;
	static const struct {
		const char *hex;
		uint64_t want;
	} rows[] = {
	    {"020100", 0},
	    {"020101", 1},
	    {"02017f", 127},
	    {"02020080", 128},
	    {"020200ff", 255},
	    {"02020100", 256},
	    {"02087fffffffffffffff", INT64_MAX},
	    {"020900ffffffffffffffff", UINT64_MAX},
	};
	for
		EACH(rows)
		{
			sg_buf_scoped b = {0};
			struct sg_err err;
			uint64_t v = 77;
			struct sg_der d = sg_der_init(bytes(&b, rows[n].hex));
			assert_int_equal(sg_der_uint(&d, UINT64_MAX, "x", &v, &err), SG_OK);
			assert_true(v == rows[n].want);
			d = sg_der_init(sg_buf_slice(&b));
			assert_int_equal(sg_der_uint(&d, rows[n].want, "x", &v, &err), SG_OK);
			d = sg_der_init(sg_buf_slice(&b));
			if (rows[n].want > 0)
				expect_err(sg_der_uint(&d, rows[n].want - 1, "x", &v, &err), &err,
				    SG_E_LIMIT, "der.integer");
		}
}

static void
uint__bad__refused(void **state)
{
	(void)state;
	static const struct hex_row bad[] = {
	    {"0200", SG_E_MALFORMED, "der"},
	    {"020180", SG_E_MALFORMED, "der"},
	    {"0201ff", SG_E_MALFORMED, "der"},
	    {"02020000", SG_E_MALFORMED, "der"},
	    {"0202007f", SG_E_MALFORMED, "der"},
	    {"0202ff80", SG_E_MALFORMED, "der"},
	    {"0a0101", SG_E_MALFORMED, "der"},
	    {"0209010000000000000000", SG_E_LIMIT, "der.integer"},
	    {"020a00ffffffffffffffffff", SG_E_LIMIT, "der.integer"},
	    {"", SG_E_MALFORMED, "der"},
	};
	for
		EACH(bad)
		{
			sg_buf_scoped b = {0};
			struct sg_err err = {0};
			uint64_t v = 77;
			struct sg_der d = sg_der_init(bytes(&b, bad[n].hex));
			expect_err(sg_der_uint(&d, UINT64_MAX, "x", &v, &err), &err, bad[n].code,
			    bad[n].rule);
			assert_true(v == 77);
		}
}

static void
magnitude__borders__without_sign_byte(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_slice v = sg_slice("", 0);
	struct sg_der d = sg_der_init(bytes(&b, "020100"));
	assert_int_equal(sg_der_magnitude(&d, 1, "x", &v, &err), SG_OK);
	assert_int_equal(v.len, 0);
	d = sg_der_init(bytes(&b, "020300ffee"));
	assert_int_equal(sg_der_magnitude(&d, 2, "x", &v, &err), SG_OK);
	expect_bytes(v, "ffee");
	d = sg_der_init(sg_buf_slice(&b));
	expect_err(sg_der_magnitude(&d, 1, "x", &v, &err), &err, SG_E_LIMIT, "der.integer");
	expect_bytes(v, "ffee");
}

static void
oid__well_formed__contents(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_slice v = {0};
	static const char *const good[] = {
	    "06012a", "060100", "060188", "06032a8648", "0603550403", "060581808080007f"};
	static const char *const end_in_mid[] = {"060188", "060581808080007f"};
	struct sg_der d = sg_der_init(bytes(&b, good[3]));
	assert_int_equal(sg_der_oid(&d, "x", &v, &err), SG_OK);
	expect_bytes(v, "2a8648");
	d = sg_der_init(bytes(&b, good[4]));
	assert_int_equal(sg_der_oid(&d, "x", &v, &err), SG_OK);
	d = sg_der_init(bytes(&b, end_in_mid[0]));
	v = sg_slice("keep", 4);
	expect_err(sg_der_oid(&d, "x", &v, &err), &err, SG_E_MALFORMED, "der");
	assert_int_equal(v.len, 4);
	for (size_t len = 0; len < 40; len++) {
		uint8_t raw[42] = {6, (uint8_t)len};
		memset(raw + 2, 1, len);
		d = sg_der_init(sg_slice(raw, len + 2));
		enum sg_code rc = sg_der_oid(&d, "x", &v, &err);
		if (len >= 1 && len <= SG_OID_MAX)
			assert_int_equal(rc, SG_OK);
		else
			expect_err(rc, &err, SG_E_LIMIT, "der.oid");
	}
}

static void
oid__padded_or_cut__refused(void **state)
{
	(void)state;
	static const struct hex_row bad[] = {
	    {"0600", SG_E_LIMIT, "der.oid"},
	    {"060180", SG_E_MALFORMED, "der"},
	    {"06028001", SG_E_MALFORMED, "der"},
	    {"06032a8001", SG_E_MALFORMED, "der"},
	    {"06022a80", SG_E_MALFORMED, "der"},
	    {"06022a81", SG_E_MALFORMED, "der"},
	    {"0603550483", SG_E_MALFORMED, "der"},
	    {"8603550403", SG_E_MALFORMED, "der"},
	    {"06035504", SG_E_MALFORMED, "der"},
	};
	for
		EACH(bad)
		{
			sg_buf_scoped b = {0};
			struct sg_err err = {0};
			struct sg_slice v = {0};
			struct sg_der d = sg_der_init(bytes(&b, bad[n].hex));
			expect_err(sg_der_oid(&d, "x", &v, &err), &err, bad[n].code, bad[n].rule);
			assert_null(v.p);
		}
	/* A zero byte inside a component that goes on is not padding. */
	sg_buf_scoped b = {0};
	struct sg_slice v;
	struct sg_der d = sg_der_init(bytes(&b, "06042a818001"));
	assert_int_equal(sg_der_oid(&d, "x", &v, NULL), SG_OK);
}

static void
bool__each_byte__only_00_and_ff(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		uint8_t raw[3] = {1, 1, (uint8_t)c};
		struct sg_err err = {0};
		bool v = c == 0;
		struct sg_der d = sg_der_init(sg_slice(raw, 3));
		enum sg_code rc = sg_der_bool(&d, "x", &v, &err);
		if (c == 0 || c == 0xff) {
			assert_int_equal(rc, SG_OK);
			assert_int_equal(v, c == 0xff);
		} else {
			expect_err(rc, &err, SG_E_MALFORMED, "der");
			assert_false(v);
		}
	}
	static const char *const bad[] = {"0100", "0102ffff", "0501ff", "01"};
	for
		EACH(bad)
		{
			sg_buf_scoped b = {0};
			struct sg_err err = {0};
			bool v = true;
			struct sg_der d = sg_der_init(bytes(&b, bad[n]));
			expect_err(sg_der_bool(&d, "x", &v, &err), &err, SG_E_MALFORMED, "der");
		}
}

static void
bits__whole_bytes_only(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_slice v = {0};
	struct sg_der d = sg_der_init(bytes(&b, "030100"));
	assert_int_equal(sg_der_bits(&d, "x", &v, &err), SG_OK);
	assert_int_equal(v.len, 0);
	d = sg_der_init(bytes(&b, "030300abcd"));
	assert_int_equal(sg_der_bits(&d, "x", &v, &err), SG_OK);
	expect_bytes(v, "abcd");
	static const char *const bad[] = {
	    "0300", "030101", "030207f0", "030209f0", "0402ffff", "2305030300abcd", "0303"};
	for
		EACH(bad)
		{
			d = sg_der_init(bytes(&b, bad[n]));
			v = sg_slice("keep", 4);
			expect_err(sg_der_bits(&d, "x", &v, &err), &err, SG_E_MALFORMED, "der");
			assert_int_equal(v.len, 4);
		}
}

static enum sg_code
read_time(unsigned tag, const char *text, int64_t *ret, struct sg_err *err)
{
	sg_buf_scoped b = {0};
	sg_derw_tlv(&b, tag, sg_slice_str(text));
	uint8_t *copy = exact(sg_buf_slice(&b));
	struct sg_der d = sg_der_init(sg_slice(copy, b.len));
	enum sg_code rc = sg_der_time(&d, "notAfter", ret, err);
	free(copy);
	return rc;
}

static void
time__borders_of_the_centuries__seconds(void **state)
{
	(void)state;
	static const struct {
		unsigned tag;
		const char *text;
		int64_t want;
	} rows[] = {
	    {SG_DER_UTCTIME, "500101000000Z", -631152000},
	    {SG_DER_UTCTIME, "700101000000Z", 0},
	    {SG_DER_UTCTIME, "991231235959Z", 946684799},
	    {SG_DER_UTCTIME, "000101000000Z", 946684800},
	    {SG_DER_UTCTIME, "000229000000Z", 951782400},
	    {SG_DER_UTCTIME, "491231235959Z", 2524607999},
	    {SG_DER_GENTIME, "20500101000000Z", 2524608000},
	    {SG_DER_GENTIME, "19491231235959Z", -631152001},
	    {SG_DER_GENTIME, "00010101000000Z", -62135596800},
	    {SG_DER_GENTIME, "99991231235959Z", 253402300799},
	};
	for
		EACH(rows)
		{
			struct sg_err err = {0};
			int64_t at = 77;
			assert_int_equal(read_time(rows[n].tag, rows[n].text, &at, &err), SG_OK);
			assert_true(at == rows[n].want);
		}
}

static void
time__bad__refused(void **state)
{
	(void)state;
	static const struct {
		unsigned tag;
		const char *text, *rule;
	} rows[] = {
	    {SG_DER_UTCTIME, "", "der.time"},
	    {SG_DER_UTCTIME, "Z", "der.time"},
	    {SG_DER_UTCTIME, "2601010000Z", "der.time"},  /* no seconds */
	    {SG_DER_UTCTIME, "260101000000", "der.time"}, /* no Z */
	    {SG_DER_UTCTIME, "260101000000z", "der.time"},
	    {SG_DER_UTCTIME, "260101000000+0000", "der.time"},
	    {SG_DER_UTCTIME, "20260101000000Z", "der.time"}, /* the other's form */
	    {SG_DER_UTCTIME, "2601010000 0Z", "der.time"},
	    {SG_DER_UTCTIME, "-10101000000Z", "der.time"},
	    {SG_DER_UTCTIME, "26010100000:Z", "der.time"},
	    {SG_DER_UTCTIME, "26010100/000Z", "der.time"},
	    {SG_DER_UTCTIME, "260001000000Z", "time"},
	    {SG_DER_UTCTIME, "261301000000Z", "time"},
	    {SG_DER_UTCTIME, "260100000000Z", "time"},
	    {SG_DER_UTCTIME, "260230000000Z", "time"},
	    {SG_DER_UTCTIME, "260101240000Z", "time"},
	    {SG_DER_UTCTIME, "260101006000Z", "time"},
	    {SG_DER_UTCTIME, "260101000060Z", "time"},
	    {SG_DER_GENTIME, "260101000000Z", "der.time"},
	    {SG_DER_GENTIME, "20260101000000", "der.time"},
	    {SG_DER_GENTIME, "20260101000000.5Z", "der.time"},
	    {SG_DER_GENTIME, "202601010000000", "der.time"},
	    {SG_DER_GENTIME, "2x260101000000Z", "der.time"},
	    {SG_DER_GENTIME, "20x60101000000Z", "der.time"},
	    {SG_DER_GENTIME, "00000101000000Z", "time"},
	    {SG_DER_GENTIME, "20260431000000Z", "time"},
	    {SG_DER_IA5, "260101000000Z", "der.time"},
	    {SG_DER_OCTET_STRING, "20260101000000Z", "der.time"},
	};
	for
		EACH(rows)
		{
			struct sg_err err = {0};
			int64_t at = 77;
			expect_err(read_time(rows[n].tag, rows[n].text, &at, &err), &err,
			    SG_E_MALFORMED, rows[n].rule);
			assert_non_null(strstr(err.text, "notAfter"));
			assert_int_equal(at, 77);
		}
	struct sg_err err = {0};
	struct sg_der none = sg_der_init(sg_slice(NULL, 0));
	int64_t at;
	expect_err(sg_der_time(&none, "x", &at, &err), &err, SG_E_MALFORMED, "der");
}

/* What the writer writes, the reader reads, at every hour of some days. */
static void
time__written__read_back(void **state)
{
	(void)state;
	static const int64_t days[] = {-62135596800, -631152000 - 86400, -631152000, 0, 951782400,
	    2524608000 - 86400, 2524608000, 253402214400};
	for
		EACH(days)
		{
			for (int64_t at = days[n]; at < days[n] + 86400; at += 1799) {
				sg_buf_scoped b = {0};
				struct sg_err err;
				int64_t back = 77;
				sg_derw_time(&b, at);
				bool utc = at >= -631152000 && at < 2524608000;
				assert_int_equal(b.p[0], utc ? SG_DER_UTCTIME : SG_DER_GENTIME);
				struct sg_der d = sg_der_init(sg_buf_slice(&b));
				assert_int_equal(sg_der_time(&d, "x", &back, &err), SG_OK);
				assert_true(back == at);
				sg_buf_reset(&b);
				sg_derw_gentime(&b, at);
				d = sg_der_init(sg_buf_slice(&b));
				assert_int_equal(sg_der_time(&d, "x", &back, &err), SG_OK);
				assert_true(back == at);
			}
		}
}

/* A structure that uses every reader: every prefix and a trailing byte are refused. */
static const char everything[] =
    "30{ 02:01 02:00ff01 06:550403 01:ff 03:00abcd 04'octets' a0{ 05: } "
    "17'260101000000Z' 18'20510101000000Z' }";

static enum sg_code
read_everything(struct sg_slice der, struct sg_err *err)
{
	struct sg_tlv tlv;
	struct sg_der d = {0}, inner;
	struct sg_slice s;
	uint64_t v;
	int64_t at;
	bool yes;

	enum sg_code rc = sg_der_whole(der, 0x30, "all", &tlv, err);
	if (rc == SG_OK) {
		d = sg_der_init(tlv.val);
		rc = sg_der_uint(&d, 5, "version", &v, err);
	}
	if (rc == SG_OK)
		rc = sg_der_magnitude(&d, 2, "number", &s, err);
	if (rc == SG_OK)
		rc = sg_der_oid(&d, "oid", &s, err);
	if (rc == SG_OK)
		rc = sg_der_bool(&d, "bool", &yes, err);
	if (rc == SG_OK)
		rc = sg_der_bits(&d, "bits", &s, err);
	if (rc == SG_OK)
		rc = sg_der_get(&d, SG_DER_OCTET_STRING, "octets", &tlv, err);
	if (rc == SG_OK)
		rc = sg_der_enter(&d, SG_DER_CTX_CONS(0), "tagged", &inner, err);
	if (rc == SG_OK)
		rc = sg_der_get(&inner, SG_DER_NULL, "null", &tlv, err);
	if (rc == SG_OK)
		rc = sg_der_end(&inner, "tagged", err);
	if (rc == SG_OK)
		rc = sg_der_time(&d, "time", &at, err);
	if (rc == SG_OK)
		rc = sg_der_time(&d, "time", &at, err);
	return rc == SG_OK ? sg_der_end(&d, "all", err) : rc;
}

static void
refuse_edit(struct sg_slice der, enum asn_edit edit)
{
	struct sg_err err;
	sg_ignore(edit);
	/* An empty OCTET STRING or one with more in it is still one. */
	if (read_everything(der, &err) == SG_OK)
		assert_true(edit == ASN_EMPTY || edit == ASN_EXTRA);
}

static void
everything__prefixes_and_edits__refused(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_slice good = asn(&b, everything);
	expect_whole(read_everything, good);
	asn_each_edit(good, refuse_edit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any__elements_in_a_row__each),
	    cmocka_unit_test(any__each_length__read_and_minimal),
	    cmocka_unit_test(any__bad_heads__refused),
	    cmocka_unit_test(get__another_tag__refused),
	    cmocka_unit_test(opt__there_or_not__tlv_or_zero),
	    cmocka_unit_test(enter_and_whole__nested__contents),
	    cmocka_unit_test(uint__numbers__value),
	    cmocka_unit_test(uint__bad__refused),
	    cmocka_unit_test(magnitude__borders__without_sign_byte),
	    cmocka_unit_test(oid__well_formed__contents),
	    cmocka_unit_test(oid__padded_or_cut__refused),
	    cmocka_unit_test(bool__each_byte__only_00_and_ff),
	    cmocka_unit_test(bits__whole_bytes_only),
	    cmocka_unit_test(time__borders_of_the_centuries__seconds),
	    cmocka_unit_test(time__bad__refused),
	    cmocka_unit_test(time__written__read_back),
	    cmocka_unit_test(everything__prefixes_and_edits__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
