/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_der.c - what each reader of asn1/der.h accepts and refuses, what stays of a failure, and
 * what readers give after it
 */

#include "unit/base/base_test.h"

#include "asn1/der.h"
#include "base/limits.h"

#define EACH(rows) (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++)

static struct sg_slice
bytes(struct sg_buf *b, const char *hex)
{
	sg_buf_reset(b);
	assert_int_equal(*asn_hex(hex, b), '\0');
	return sg_buf_slice(b);
}

/* A refusal. */
struct hex_row {
	const char *hex;
	enum sg_code code;
	const char *rule;
};

static void
any__elements_in_a_row__each(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(bytes(&b, "0401ff0500"), &err);
	assert_true(sg_der_more(&d));
	assert_int_equal(sg_der_peek(&d), 0x04);
	struct sg_tlv tlv = sg_der_any(&d, "x");
	assert_int_equal(tlv.tag, 0x04);
	expect_bytes(tlv.val, "ff");
	expect_bytes(tlv.raw, "0401ff");
	tlv = sg_der_any(&d, "x");
	expect_bytes(tlv.raw, "0500");
	assert_int_equal(tlv.val.len, 0);
	assert_false(sg_der_more(&d));
	assert_int_equal(sg_der_peek(&d), 0);
	sg_der_end(&d, "x");
	assert_int_equal(sg_der_status(&d), SG_OK);
	sg_der_any(&d, "the thing");
	expect_err(sg_der_status(&d), &err, SG_E_MALFORMED, "der");
	assert_non_null(strstr(err.text, "the thing"));
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
			sg_derw_head(&b, 0x04, lens[n]);
			assert_int_equal(b.len, heads[n]);
			assert_non_null(sg_buf_extend(&b, lens[n]));
			uint8_t *copy = exact(sg_buf_slice(&b));
			struct sg_der d = sg_der_init(sg_slice(copy, b.len), &err);
			assert_int_equal(sg_der_whole(&d, 0x04, "x").val.len, lens[n]);
			assert_int_equal(sg_der_status(&d), SG_OK);
			free(copy);
			if (lens[n] == 0)
				continue;
			copy = exact(sg_slice(b.p, b.len - 1));
			d = sg_der_init(sg_slice(copy, b.len - 1), &err);
			sg_der_any(&d, "x");
			expect_err(sg_der_status(&d), &err, SG_E_MALFORMED, "der");
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
			struct sg_slice s = bytes(&b, bad[n]);
			uint8_t *copy = exact(s);
			struct sg_der d = sg_der_init(sg_slice(copy, s.len), &err);
			assert_int_equal(sg_der_any(&d, "x").tag, 0);
			expect_err(sg_der_status(&d), &err, SG_E_MALFORMED, "der");
			assert_int_equal(d.rest.len, s.len);
			free(copy);
		}
}

static void
get__another_tag__refused(void **state)
{
	(void)state;
	struct sg_err err = {0};
	for (unsigned tag = 0; tag < 256; tag++) {
		if ((tag & 0x1f) == 0x1f)
			continue;
		uint8_t raw[2] = {(uint8_t)tag, 0};
		struct sg_der d = sg_der_init(sg_slice(raw, 2), &err);
		sg_der_get(&d, SG_DER_SEQUENCE, "x");
		enum sg_code rc = sg_der_status(&d);
		assert_int_equal(rc, tag == SG_DER_SEQUENCE ? SG_OK : SG_E_MALFORMED);
		if (rc != SG_OK)
			expect_err(rc, &err, SG_E_MALFORMED, "der");
	}
	struct sg_der none = sg_der_init(sg_slice(NULL, 0), &err);
	sg_der_get(&none, SG_DER_SEQUENCE, "x");
	expect_err(sg_der_status(&none), &err, SG_E_MALFORMED, "der");
}

static void
opt__there_or_not__tlv_or_zero(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(bytes(&b, "05000401ff"), &err);
	struct sg_tlv tlv = sg_der_opt(&d, 0x04, "x");
	assert_int_equal(tlv.tag, 0);
	assert_null(tlv.raw.p);
	assert_int_equal(sg_der_opt(&d, 0x05, "x").tag, 5);
	assert_int_equal(sg_der_opt(&d, 0x04, "x").tag, 4);
	assert_int_equal(sg_der_opt(&d, 0x04, "x").tag, 0);
	assert_int_equal(sg_der_status(&d), SG_OK);
	/* There, and broken: not taken for absent. */
	d = sg_der_init(bytes(&b, "0402ff"), &err);
	sg_der_opt(&d, 0x04, "x");
	expect_err(sg_der_status(&d), &err, SG_E_MALFORMED, "der");
	/* Tag 0 at the end is not "there". */
	d = sg_der_init(sg_slice(NULL, 0), &err);
	sg_der_opt(&d, 0, "x");
	assert_int_equal(sg_der_status(&d), SG_OK);
}

static void
enter_and_whole__nested__contents(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(bytes(&b, "300405000101"), &err);
	struct sg_der inner = sg_der_enter(&d, 0x30, "x");
	assert_int_equal(inner.rest.len, 4);
	assert_int_equal(sg_der_status(&d), SG_OK);
	sg_der_end(&inner, "x");
	expect_err(sg_der_status(&d), &err, SG_E_MALFORMED, "der");
	d = sg_der_init(sg_buf_slice(&b), &err);
	inner = sg_der_enter(&d, 0x31, "x");
	assert_int_equal(inner.rest.len, 0);
	expect_err(sg_der_status(&d), &err, SG_E_MALFORMED, "der");
	d = sg_der_init(bytes(&b, "050000"), &err);
	assert_int_equal(sg_der_whole(&d, 5, "x").tag, 0);
	expect_err(sg_der_status(&d), &err, SG_E_MALFORMED, "der");
	d = sg_der_init(sg_slice(NULL, 0), &err);
	assert_int_equal(sg_der_whole(&d, 5, "x").tag, 0);
	expect_err(sg_der_status(&d), &err, SG_E_MALFORMED, "der");
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
			struct sg_err err = {0};
			struct sg_der d = sg_der_init(bytes(&b, rows[n].hex), &err);
			assert_true(sg_der_uint(&d, UINT64_MAX, "x") == rows[n].want);
			assert_int_equal(sg_der_status(&d), SG_OK);
			d = sg_der_init(sg_buf_slice(&b), &err);
			assert_true(sg_der_uint(&d, rows[n].want, "x") == rows[n].want);
			assert_int_equal(sg_der_status(&d), SG_OK);
			if (rows[n].want == 0)
				continue;
			d = sg_der_init(sg_buf_slice(&b), &err);
			assert_true(sg_der_uint(&d, rows[n].want - 1, "x") == 0);
			expect_err(sg_der_status(&d), &err, SG_E_LIMIT, "der.integer");
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
			struct sg_der d = sg_der_init(bytes(&b, bad[n].hex), &err);
			assert_true(sg_der_uint(&d, UINT64_MAX, "x") == 0);
			expect_err(sg_der_status(&d), &err, bad[n].code, bad[n].rule);
		}
}

static void
magnitude__borders__without_sign_byte(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(bytes(&b, "020100"), &err);
	assert_int_equal(sg_der_magnitude(&d, 1, "x").len, 0);
	assert_int_equal(sg_der_status(&d), SG_OK);
	d = sg_der_init(bytes(&b, "020300ffee"), &err);
	expect_bytes(sg_der_magnitude(&d, 2, "x"), "ffee");
	assert_int_equal(sg_der_status(&d), SG_OK);
	d = sg_der_init(sg_buf_slice(&b), &err);
	assert_null(sg_der_magnitude(&d, 1, "x").p);
	expect_err(sg_der_status(&d), &err, SG_E_LIMIT, "der.integer");
}

static void
oid__well_formed__contents(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	static const char *const good[] = {
	    "06012a", "060100", "06032a8648", "0603550403", "06058180808000"};
	for
		EACH(good)
		{
			struct sg_slice all = bytes(&b, good[n]);
			struct sg_der d = sg_der_init(all, &err);
			struct sg_slice v = sg_der_oid(&d, "x");
			assert_int_equal(sg_der_status(&d), SG_OK);
			assert_ptr_equal(v.p, all.p + 2);
			assert_int_equal(v.len, all.len - 2);
		}
	for (size_t len = 0; len < 40; len++) {
		uint8_t raw[42] = {6, (uint8_t)len};
		memset(raw + 2, 1, len);
		struct sg_der d = sg_der_init(sg_slice(raw, len + 2), &err);
		sg_der_oid(&d, "x");
		if (len >= 1 && len <= SG_OID_MAX)
			assert_int_equal(sg_der_status(&d), SG_OK);
		else
			expect_err(sg_der_status(&d), &err, SG_E_LIMIT, "der.oid");
	}
}

static void
oid__padded_or_cut__refused(void **state)
{
	(void)state;
	static const struct hex_row bad[] = {
	    {"0600", SG_E_LIMIT, "der.oid"},
	    {"060180", SG_E_MALFORMED, "der"},
	    {"060188", SG_E_MALFORMED, "der"},
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
			struct sg_der d = sg_der_init(bytes(&b, bad[n].hex), &err);
			assert_null(sg_der_oid(&d, "x").p);
			expect_err(sg_der_status(&d), &err, bad[n].code, bad[n].rule);
		}
	/* A zero byte inside a component that goes on is not padding. */
	sg_buf_scoped b = {0};
	struct sg_der d = sg_der_init(bytes(&b, "06042a818001"), NULL);
	expect_bytes(sg_der_oid(&d, "x"), "2a818001");
	assert_int_equal(sg_der_status(&d), SG_OK);
}

static void
bool__each_byte__only_00_and_ff(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		uint8_t raw[3] = {1, 1, (uint8_t)c};
		struct sg_err err = {0};
		struct sg_der d = sg_der_init(sg_slice(raw, 3), &err);
		assert_int_equal(sg_der_bool(&d, "x"), c == 0xff);
		if (c == 0 || c == 0xff)
			assert_int_equal(sg_der_status(&d), SG_OK);
		else
			expect_err(sg_der_status(&d), &err, SG_E_MALFORMED, "der");
	}
	static const char *const bad[] = {"0100", "0102ffff", "0501ff", "01"};
	for
		EACH(bad)
		{
			sg_buf_scoped b = {0};
			struct sg_err err = {0};
			struct sg_der d = sg_der_init(bytes(&b, bad[n]), &err);
			assert_false(sg_der_bool(&d, "x"));
			expect_err(sg_der_status(&d), &err, SG_E_MALFORMED, "der");
		}
}

static void
bits__whole_bytes_only(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(bytes(&b, "030100"), &err);
	assert_int_equal(sg_der_bits(&d, "x").len, 0);
	assert_int_equal(sg_der_status(&d), SG_OK);
	d = sg_der_init(bytes(&b, "030300abcd"), &err);
	expect_bytes(sg_der_bits(&d, "x"), "abcd");
	assert_int_equal(sg_der_status(&d), SG_OK);
	static const char *const bad[] = {
	    "0300", "030101", "030207f0", "030209f0", "0402ffff", "2305030300abcd", "0303"};
	for
		EACH(bad)
		{
			struct sg_der broken = sg_der_init(bytes(&b, bad[n]), &err);
			assert_null(sg_der_bits(&broken, "x").p);
			expect_err(sg_der_status(&broken), &err, SG_E_MALFORMED, "der");
		}
}

static enum sg_code
read_time(unsigned tag, const char *text, int64_t *ret, struct sg_err *err)
{
	sg_buf_scoped b = {0};
	sg_derw_tlv(&b, tag, sg_slice_str(text));
	uint8_t *copy = exact(sg_buf_slice(&b));
	struct sg_der d = sg_der_init(sg_slice(copy, b.len), err);
	*ret = sg_der_time(&d, "notAfter");
	free(copy);
	return sg_der_status(&d);
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
			assert_int_equal(at, 0);
		}
	struct sg_err err = {0};
	struct sg_der none = sg_der_init(sg_slice(NULL, 0), &err);
	assert_int_equal(sg_der_time(&none, "x"), 0);
	expect_err(sg_der_status(&none), &err, SG_E_MALFORMED, "der");
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
				sg_derw_time(&b, at);
				bool utc = at >= -631152000 && at < 2524608000;
				assert_int_equal(b.p[0], utc ? SG_DER_UTCTIME : SG_DER_GENTIME);
				struct sg_der d = sg_der_init(sg_buf_slice(&b), NULL);
				assert_true(sg_der_time(&d, "x") == at);
				assert_int_equal(sg_der_status(&d), SG_OK);
				sg_buf_reset(&b);
				sg_derw_gentime(&b, at);
				d = sg_der_init(sg_buf_slice(&b), NULL);
				assert_true(sg_der_time(&d, "x") == at);
				assert_int_equal(sg_der_status(&d), SG_OK);
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
	struct sg_der outer = sg_der_init(der, err);
	struct sg_der d = sg_der_enter(&outer, 0x30, "all");
	sg_der_end(&outer, "all");
	sg_der_uint(&d, 5, "version");
	sg_der_magnitude(&d, 2, "number");
	sg_der_oid(&d, "oid");
	sg_der_bool(&d, "bool");
	sg_der_bits(&d, "bits");
	sg_der_get(&d, SG_DER_OCTET_STRING, "octets");
	struct sg_der inner = sg_der_enter(&d, SG_DER_CTX_CONS(0), "tagged");
	sg_der_get(&inner, SG_DER_NULL, "null");
	sg_der_end(&inner, "tagged");
	sg_der_time(&d, "time");
	sg_der_time(&d, "time");
	sg_der_end(&d, "all");
	return sg_der_status(&outer);
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

/* Every read of d gives zero, and its error is still the first. */
static void
expect_stuck(struct sg_der *d, const struct sg_err *err, enum sg_code code, const char *rule)
{
	struct sg_err first = *err;

	assert_false(sg_der_ok(d));
	assert_false(sg_der_more(d));
	assert_int_equal(sg_der_peek(d), 0);
	struct sg_tlv tlv = sg_der_any(d, "again");
	assert_int_equal(tlv.tag, 0);
	assert_null(tlv.raw.p);
	assert_null(tlv.val.p);
	assert_null(sg_der_get(d, SG_DER_SEQUENCE, "again").raw.p);
	assert_null(sg_der_opt(d, SG_DER_SEQUENCE, "again").raw.p);
	assert_null(sg_der_whole(d, SG_DER_SEQUENCE, "again").raw.p);
	assert_int_equal(sg_der_uint(d, UINT64_MAX, "again"), 0);
	assert_null(sg_der_magnitude(d, 99, "again").p);
	assert_null(sg_der_oid(d, "again").p);
	assert_false(sg_der_bool(d, "again"));
	assert_null(sg_der_bits(d, "again").p);
	assert_int_equal(sg_der_time(d, "again"), 0);
	struct sg_der inner = sg_der_enter(d, SG_DER_SEQUENCE, "again");
	assert_null(inner.rest.p);
	assert_false(sg_der_more(&inner));
	sg_der_end(d, "again");
	sg_der_fail(d, SG_E_DENIED, "other", "another %s", "rule");
	sg_der_try(d, sg_fail(sg_der_err(d), SG_E_DENIED, "other", "another %s", "rule"));
	assert_int_equal(sg_der_status(d), code);
	assert_int_equal(sg_der_status(&inner), code);
	assert_string_equal(err->rule, rule);
	assert_string_equal(err->text, first.text);
	assert_int_equal(err->line, first.line);
}

static void
each_reader__broken__stuck_and_zero(void **state)
{
	(void)state;
	/* Each followed by elements that could be read. */
	static const struct {
		const char *hex;
		enum sg_code code;
		const char *rule;
	} rows[] = {
	    {"0202007f020101", SG_E_MALFORMED, "der"},
	    {"0201803000", SG_E_MALFORMED, "der"},
	    {"0202010101013000", SG_E_LIMIT, "der.integer"},
	    {"0209010000000000000000", SG_E_LIMIT, "der.integer"},
	};
	for
		EACH(rows)
		{
			sg_buf_scoped b = {0};
			struct sg_err err = {0};
			struct sg_der d = sg_der_init(bytes(&b, rows[n].hex), &err);
			assert_true(sg_der_more(&d));
			assert_int_equal(sg_der_uint(&d, 255, "number"), 0);
			expect_stuck(&d, &err, rows[n].code, rows[n].rule);
		}
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(bytes(&b, "060180020101"), &err);
	assert_null(sg_der_oid(&d, "type").p);
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	d = sg_der_init(bytes(&b, "010101020101"), &err);
	assert_false(sg_der_bool(&d, "flag"));
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	d = sg_der_init(bytes(&b, "030207f03000"), &err);
	assert_null(sg_der_bits(&d, "bits").p);
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	d = sg_der_init(bytes(&b, "17013017020101"), &err);
	assert_int_equal(sg_der_time(&d, "at"), 0);
	expect_stuck(&d, &err, SG_E_MALFORMED, "der.time");
	d = sg_der_init(bytes(&b, "30003000"), &err);
	assert_null(sg_der_whole(&d, SG_DER_SEQUENCE, "all").raw.p);
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	d = sg_der_init(bytes(&b, "3000"), &err);
	sg_der_end(&d, "all");
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	d = sg_der_init(bytes(&b, "3000"), &err);
	sg_der_fail(&d, SG_E_ALG, "a.rule", "want %d", 7);
	assert_string_equal(err.text, "want 7");
	expect_stuck(&d, &err, SG_E_ALG, "a.rule");
}

static void
family__one_fails__all_stuck(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_slice good = bytes(&b, "30060201010201023000");

	struct sg_der d = sg_der_init(good, &err);
	struct sg_der seq = sg_der_enter(&d, SG_DER_SEQUENCE, "seq");
	struct sg_der other = sg_der_inside(&seq, sg_slice("\x05\x00", 2));
	assert_true(sg_der_more(&other) && sg_der_more(&d) && sg_der_more(&seq));
	assert_int_equal(sg_der_get(&other, SG_DER_NULL, "null").tag, SG_DER_NULL);
	assert_int_equal(sg_der_uint(&seq, 9, "one"), 1);
	sg_der_end(&seq, "seq"); /* there is a second one */
	expect_stuck(&seq, &err, SG_E_MALFORMED, "der");
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	expect_stuck(&other, &err, SG_E_MALFORMED, "der");

	/* The parent's failure stops the child. */
	d = sg_der_init(good, &err);
	seq = sg_der_enter(&d, SG_DER_SEQUENCE, "seq");
	sg_der_fail(&d, SG_E_LIMIT, "a.rule", "at most one");
	expect_stuck(&seq, &err, SG_E_LIMIT, "a.rule");

	/* Two readers have two states. */
	struct sg_der fresh = sg_der_init(good, NULL);
	assert_true(sg_der_more(&fresh));
}

static void
loop__failure_inside__ends(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(bytes(&b, "020101020102040100020103"), &err);
	unsigned n = 0;
	for (; sg_der_more(&d); n++)
		sg_der_uint(&d, 9, "number");
	assert_int_equal(n, 3);
	assert_int_equal(sg_der_status(&d), SG_E_MALFORMED);
}

static SG_RC
judge(unsigned *calls, enum sg_code code, struct sg_err *err)
{
	(*calls)++;
	return code == SG_OK ? SG_OK : sg_fail(err, code, "judged", "judged so");
}

static void
try__code_of_the_call__kept_and_not_asked_again(void **state)
{
	(void)state;
	struct sg_err err = {0};
	unsigned calls = 0;
	struct sg_der d = sg_der_init(sg_slice("", 0), &err);
	sg_der_try(&d, judge(&calls, SG_OK, sg_der_err(&d)));
	assert_true(sg_der_ok(&d));
	sg_der_try(&d, judge(&calls, SG_E_TIME, sg_der_err(&d)));
	sg_der_try(&d, judge(&calls, SG_E_ALG, sg_der_err(&d)));
	assert_int_equal(calls, 2);
	expect_err(sg_der_status(&d), &err, SG_E_TIME, "judged");
}

static void
err__null_or_no_failure__code_only(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {.code = SG_E_BUSY, .rule = "before", .text = "of before"};
	struct sg_der d = sg_der_init(bytes(&b, "0500"), &err);
	sg_der_whole(&d, SG_DER_NULL, "null");
	assert_int_equal(sg_der_status(&d), SG_OK);
	assert_string_equal(err.rule, "before");

	d = sg_der_init(sg_buf_slice(&b), NULL);
	assert_null(sg_der_err(&d));
	sg_der_get(&d, SG_DER_OID, "oid");
	assert_int_equal(sg_der_status(&d), SG_E_MALFORMED);
	sg_der_fail(&d, SG_E_ALG, "a.rule", "not this one");
	assert_int_equal(sg_der_status(&d), SG_E_MALFORMED);
	d = sg_der_init(bytes(&b, "170d323630323330303030303030"
				  "5a"),
	    NULL);
	sg_der_time(&d, "30th of February");
	assert_int_equal(sg_der_status(&d), SG_E_MALFORMED);
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
	    cmocka_unit_test(each_reader__broken__stuck_and_zero),
	    cmocka_unit_test(family__one_fails__all_stuck),
	    cmocka_unit_test(loop__failure_inside__ends),
	    cmocka_unit_test(try__code_of_the_call__kept_and_not_asked_again),
	    cmocka_unit_test(err__null_or_no_failure__code_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
