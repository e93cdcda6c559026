/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

/* Lengths around each border get the minimal form, whether written at once or around. */
static void
begin_end__each_length__as_tlv_writes_it(void **state)
{
	(void)state;
	static const size_t lens[] = {
	    0, 1, 126, 127, 128, 129, 254, 255, 256, 257, 65534, 65535, 65536};
	for (size_t n = 0; n < sizeof lens / sizeof lens[0]; n++) {
		sg_buf_scoped val = {0}, one = {0}, other = {0};
		uint8_t *p = sg_buf_extend(&val, lens[n]);
		assert_non_null(p);
		memset(p, 0xa5, lens[n]);
		sg_buf_puts(&one, "before");
		sg_buf_puts(&other, "before");
		sg_derw_tlv(&one, 0x30, sg_buf_slice(&val));
		size_t mark = sg_derw_begin(&other, 0x30);
		sg_buf_put_slice(&other, sg_buf_slice(&val));
		sg_derw_end(&other, mark);
		assert_true(sg_slice_eq(sg_buf_slice(&one), sg_buf_slice(&other)));
		struct sg_der d = sg_der_init(sg_slice(one.p + 6, one.len - 6), NULL);
		assert_true(sg_slice_eq(sg_der_whole(&d, 0x30, "x").val, sg_buf_slice(&val)));
		assert_int_equal(sg_der_status(&d), SG_OK);
	}
}

static void
begin_end__nested__lengths_add_up(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	size_t mark[40];
	for (size_t n = 0; n < 40; n++)
		mark[n] = sg_derw_begin(&b, 0x30);
	for (size_t n = 0; n < 200; n++)
		sg_buf_put_u8(&b, 5 * (n & 1));
	for (size_t n = 40; n > 0; n--)
		sg_derw_end(&b, mark[n - 1]);
	struct sg_slice s = sg_buf_slice(&b);
	for (size_t n = 0; n < 40; n++) {
		struct sg_der d = sg_der_init(s, NULL);
		s = sg_der_whole(&d, 0x30, "x").val;
		assert_int_equal(sg_der_status(&d), SG_OK);
	}
	assert_int_equal(s.len, 200);
}

static void
integers__table__minimal_and_positive(void **state)
{
	(void)state;
	static const struct {
		uint64_t v;
		const char *hex;
	} rows[] = {
	    {0, "020100"},
	    {1, "020101"},
	    {127, "02017f"},
	    {128, "02020080"},
	    {255, "020200ff"},
	    {256, "02020100"},
	    {32767, "02027fff"},
	    {32768, "0203008000"},
	    {INT64_MAX, "02087fffffffffffffff"},
	    {UINT64_MAX, "020900ffffffffffffffff"},
	};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		sg_buf_scoped b = {0};
		sg_derw_uint(&b, rows[n].v);
		expect_bytes(sg_buf_slice(&b), rows[n].hex);
		struct sg_der d = sg_der_init(sg_buf_slice(&b), NULL);
		assert_true(sg_der_uint(&d, UINT64_MAX, "x") == rows[n].v);
		assert_int_equal(sg_der_status(&d), SG_OK);
	}
	sg_buf_scoped b = {0};
	sg_derw_magnitude(&b, sg_slice("\0\0\0", 3));
	sg_derw_magnitude(&b, sg_slice(NULL, 0));
	sg_derw_magnitude(&b, sg_slice("\0\0\x7f", 3));
	sg_derw_magnitude(&b, sg_slice("\0\x80", 2));
	expect_bytes(sg_buf_slice(&b), "02010002010002017f02020080");
}

static void
simple_types__each__bytes(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_derw_bool(&b, true);
	sg_derw_bool(&b, false);
	sg_derw_null(&b);
	sg_derw_oid(&b, sg_slice("\x55\x04\x03", 3));
	sg_derw_bits(&b, sg_slice("\xab", 1));
	sg_derw_bits(&b, sg_slice(NULL, 0));
	sg_derw_tlv(&b, SG_DER_CTX(1), sg_slice_str("x"));
	expect_bytes(sg_buf_slice(&b), "0101ff010100050006035504030302"
				       "00ab030100810178");
}

static void
time__borders__form_and_text(void **state)
{
	(void)state;
	static const struct {
		int64_t at;
		unsigned tag;
		const char *text;
	} rows[] = {
	    {-631152001, SG_DER_GENTIME, "19491231235959Z"},
	    {-631152000, SG_DER_UTCTIME, "500101000000Z"},
	    {946684799, SG_DER_UTCTIME, "991231235959Z"},
	    {946684800, SG_DER_UTCTIME, "000101000000Z"},
	    {2524607999, SG_DER_UTCTIME, "491231235959Z"},
	    {2524608000, SG_DER_GENTIME, "20500101000000Z"},
	    {253402300799, SG_DER_GENTIME, "99991231235959Z"},
	};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		sg_buf_scoped b = {0}, want = {0};
		sg_derw_time(&b, rows[n].at);
		sg_derw_tlv(&want, rows[n].tag, sg_slice_str(rows[n].text));
		assert_true(sg_slice_eq(sg_buf_slice(&b), sg_buf_slice(&want)));
	}
}

static void
time__no_year_of_four_digits__fails(void **state)
{
	(void)state;
	static const int64_t at[] = {253402300800, -62135596801, INT64_MAX, INT64_MIN};
	for (size_t n = 0; n < sizeof at / sizeof at[0]; n++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		sg_derw_time(&b, at[n]);
		expect_err(sg_buf_check(&b, &err), &err, SG_E_INTERNAL, "buffer");
		assert_int_equal(b.len, 0);
		sg_buf_reset(&b);
		b.failed = SG_E_LIMIT; /* the first reason stays */
		sg_derw_gentime(&b, at[n]);
		assert_int_equal(b.failed, SG_E_LIMIT);
	}
}

/* A set in each order of its elements comes out in the same one. */
static void
sort__every_order__the_same(void **state)
{
	(void)state;
	static const char *const item[] = {"020105", "0401ff", "04020000", "0402ff00", "3000"};
	for (unsigned order = 0; order < 120; order++) {
		sg_buf_scoped b = {0};
		bool used[5] = {false};
		unsigned left = order;
		sg_buf_puts(&b, "x");
		size_t mark = sg_derw_begin(&b, SG_DER_SET);
		for (unsigned n = 5; n > 0; n--) {
			unsigned pick = left % n;
			left /= n;
			unsigned k = 0;
			while (used[k] || pick-- > 0)
				k++;
			used[k] = true;
			asn_hex(item[k], &b);
		}
		sg_derw_sort(&b, mark);
		sg_derw_end(&b, mark);
		expect_bytes(sg_buf_slice(&b), "7831100201050401ff040200000402ff003000");
	}
}

static void
sort__equal_and_empty__kept(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	size_t mark = sg_derw_begin(&b, SG_DER_SET);
	sg_derw_sort(&b, mark);
	sg_derw_end(&b, mark);
	mark = sg_derw_begin(&b, SG_DER_SET);
	sg_derw_null(&b);
	sg_derw_bool(&b, true);
	sg_derw_null(&b);
	sg_derw_sort(&b, mark);
	sg_derw_end(&b, mark);
	expect_bytes(sg_buf_slice(&b), "310031070101ff05000500");
}

static void
sort__count__sixty_four_at_most(void **state)
{
	(void)state;
	for (unsigned count = 63; count < 67; count++) {
		sg_buf_scoped b = {0};
		size_t mark = sg_derw_begin(&b, SG_DER_SET);
		for (unsigned n = count; n > 0; n--)
			sg_derw_uint(&b, n);
		sg_derw_sort(&b, mark);
		sg_derw_end(&b, mark);
		assert_int_equal(b.failed, count <= 64 ? SG_OK : SG_E_INTERNAL);
		for (unsigned n = 0; n < count && count <= 64; n++)
			assert_int_equal(b.p[b.len - (size_t)(count - n) * 3 + 2], n + 1);
	}
}

static void
sort__not_elements__fails(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	size_t mark = sg_derw_begin(&b, SG_DER_SET);
	sg_buf_put_u8(&b, 0x04);
	sg_derw_sort(&b, mark);
	assert_int_equal(b.failed, SG_E_INTERNAL);
	sg_derw_sort(&b, mark); /* does nothing any more */
	sg_derw_end(&b, mark);
	assert_int_equal(b.failed, SG_E_INTERNAL);
}

static enum sg_code
write_once(void)
{
	sg_buf_scoped b = {0};
	size_t set = sg_derw_begin(&b, SG_DER_SET);
	for (unsigned n = 0; n < 50; n++)
		sg_derw_tlv(&b, SG_DER_OCTET_STRING, sg_slice_str("some content here"));
	sg_derw_sort(&b, set);
	sg_derw_end(&b, set);
	sg_derw_time(&b, 0);
	return sg_buf_check(&b, NULL);
}

static void
alloc_fails__each__nomem(void **state)
{
	(void)state;
	expect_nomem(write_once);
}

static void
max__each__limit(void **state)
{
	(void)state;
	for (size_t max = 1; max < 30; max++) {
		sg_buf_scoped b = {.max = max};
		struct sg_err err = {0};
		size_t mark = sg_derw_begin(&b, SG_DER_SEQUENCE);
		sg_derw_uint(&b, 1);
		sg_derw_bits(&b, sg_slice_str("bits"));
		sg_derw_time(&b, 0);
		sg_derw_sort(&b, mark);
		sg_derw_end(&b, mark);
		if (max >= 27)
			assert_int_equal(sg_buf_check(&b, &err), SG_OK);
		else
			expect_err(sg_buf_check(&b, &err), &err, SG_E_LIMIT, "limit.buffer");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(begin_end__each_length__as_tlv_writes_it),
	    cmocka_unit_test(begin_end__nested__lengths_add_up),
	    cmocka_unit_test(integers__table__minimal_and_positive),
	    cmocka_unit_test(simple_types__each__bytes),
	    cmocka_unit_test(time__borders__form_and_text),
	    cmocka_unit_test(time__no_year_of_four_digits__fails),
	    cmocka_unit_test(sort__every_order__the_same),
	    cmocka_unit_test(sort__equal_and_empty__kept),
	    cmocka_unit_test(sort__count__sixty_four_at_most),
	    cmocka_unit_test(sort__not_elements__fails),
	    cmocka_unit_test(alloc_fails__each__nomem),
	    cmocka_unit_test(max__each__limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
