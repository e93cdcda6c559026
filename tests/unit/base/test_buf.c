/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/alloc_fail.h"
#include "unit/base/base_test.h"

static void
put__integers__big_endian(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_buf_put_u8(&b, 0x1ff);
	sg_buf_put_u16(&b, 0x10102);
	sg_buf_put_u32(&b, 0x03040506);
	sg_buf_put_u64(&b, 0x0708090a0b0c0d0e);
	expect_bytes(sg_buf_slice(&b), "ff0102030405060708090a0b0c0d0e");
	sg_buf_put(&b, NULL, 0);
	sg_buf_put_slice(&b, sg_slice(NULL, 0));
	sg_buf_puts(&b, "");
	assert_int_equal(b.len, 15);
}

/* Across every size at which it grows, content is kept and a NUL stands behind. */
static void
put__byte_by_byte__grows(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	for (unsigned n = 0; n < 3000; n++) {
		sg_buf_put_u8(&b, n);
		assert_int_equal(sg_buf_text(&b)[b.len], '\0');
	}
	assert_int_equal(b.len, 3000);
	for (unsigned n = 0; n < 3000; n++)
		assert_int_equal(b.p[n], n & 0xff);
}

static void
max__last_byte__fits(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_buf_scoped b = {.max = 3};
	sg_buf_puts(&b, "abc");
	assert_int_equal(sg_buf_check(&b, &err), SG_OK);
	assert_string_equal(sg_buf_text(&b), "abc");
	sg_buf_puts(&b, "");
	assert_int_equal(sg_buf_check(&b, &err), SG_OK);
	sg_buf_put_u8(&b, 'd');
	expect_err(sg_buf_check(&b, &err), &err, SG_E_LIMIT, "limit.buffer");
	assert_string_equal(err.text, "more than 3 bytes");
	/* Sticky: nothing is added, nothing read, until it is reset. */
	sg_buf_puts(&b, "");
	sg_buf_printf(&b, "x");
	sg_buf_insert_gap(&b, 0, 1);
	assert_null(sg_buf_extend(&b, 0));
	assert_string_equal(sg_buf_text(&b), "");
	assert_int_equal(b.len, 3);
	sg_buf_reset(&b);
	sg_buf_puts(&b, "xyz");
	assert_string_equal(sg_buf_text(&b), "xyz");
	sg_buf_clear(&b);
	assert_int_equal(b.max, 3);
	assert_null(b.p);
}

static void
max__every_operation__refused_past_it(void **state)
{
	(void)state;
	for (int op = 0; op < 5; op++) {
		sg_buf_scoped b = {.max = 4};
		sg_buf_puts(&b, "abc");
		if (op == 0)
			sg_buf_printf(&b, "%s", "de");
		else if (op == 1)
			assert_null(sg_buf_extend(&b, 2));
		else if (op == 2)
			sg_buf_insert_gap(&b, 1, 2);
		else if (op == 3)
			sg_buf_put_u16(&b, 1);
		else
			sg_buf_put(&b, "x", SIZE_MAX);
		assert_int_equal(b.failed, SG_E_LIMIT);
		assert_int_equal(b.len, 3);
	}
}

static void
max__none_given__one_mebibyte(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	assert_non_null(sg_buf_extend(&b, 1u << 20));
	assert_int_equal(b.failed, SG_OK);
	sg_buf_put_u8(&b, 0);
	assert_int_equal(b.failed, SG_E_LIMIT);
}

static void
printf__text__appended(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	for (int n = 0; n < 200; n++)
		sg_buf_printf(&b, "%d,%s;", n, "x");
	assert_memory_equal(sg_buf_text(&b), "0,x;1,x;2,x;", 12);
	sg_buf_printf(&b, "%s", "");
	assert_int_equal(b.failed, SG_OK);
}

static void
extend__memory_used_before__zeroed(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_buf_puts(&b, "secret");
	b.len = 0; /* not wiped, on purpose */
	uint8_t *p = sg_buf_extend(&b, 6);
	assert_memory_equal(p, "\0\0\0\0\0\0", 6);
	assert_int_equal(b.len, 6);
}

static void
gap__each_place__moves_the_rest(void **state)
{
	(void)state;
	static const char *const want[] = {"--abc", "a--bc", "ab--c", "abc--"};
	for (size_t at = 0; at <= 3; at++) {
		sg_buf_scoped b = {0};
		sg_buf_puts(&b, "abc");
		sg_buf_insert_gap(&b, at, 2);
		assert_int_equal(b.p[at] | b.p[at + 1], 0);
		b.p[at] = b.p[at + 1] = '-';
		assert_string_equal(sg_buf_text(&b), want[at]);
	}
	sg_buf_scoped b = {0};
	sg_buf_insert_gap(&b, 1, 1); /* behind the end */
	assert_int_equal(b.len, 0);
}

static void
consume__each_count__drops_and_wipes(void **state)
{
	(void)state;
	static const char *const want[] = {"abc", "bc", "c", "", ""};
	for (size_t n = 0; n < 5; n++) {
		sg_buf_scoped b = {0};
		sg_buf_puts(&b, "abc");
		sg_buf_consume(&b, n);
		for (size_t k = b.len; k < 3; k++)
			assert_int_equal(b.p[k], 0);
		assert_string_equal(sg_buf_text(&b), want[n]);
	}
	sg_buf_scoped empty = {0};
	sg_buf_consume(&empty, 3);
	assert_int_equal(empty.len, 0);
}

static void
reset__content__wiped(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_buf_puts(&b, "secret");
	sg_buf_reset(&b);
	assert_int_equal(b.len, 0);
	assert_memory_equal(b.p, "\0\0\0\0\0\0", 6);
}

static void
alloc_fails__each_operation__sticky(void **state)
{
	(void)state;
	struct sg_err err = {0};
	for (int op = 0; op < 4; op++) {
		sg_buf_scoped b = {0};
		alloc_fail_at(1);
		if (op == 0)
			sg_buf_puts(&b, "x");
		else if (op == 1)
			sg_buf_printf(&b, "x");
		else if (op == 2)
			assert_null(sg_buf_extend(&b, 1));
		else
			assert_string_equal(sg_buf_text(&b), "");
		alloc_fail_at(0);
		expect_err(sg_buf_check(&b, &err), &err, SG_E_NOMEM, "memory");
		sg_buf_puts(&b, "y");
		assert_int_equal(b.len, 0);
	}
}

/* The old content stays until the buffer is cleared. */
static void
alloc_fails__while_growing__old_content_kept(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	sg_buf_puts(&b, "kept");
	alloc_fail_at(1);
	assert_null(sg_buf_extend(&b, 1000));
	alloc_fail_at(0);
	assert_int_equal(b.failed, SG_E_NOMEM);
	assert_memory_equal(b.p, "kept", 4);
}

static void
keep__slices__copied_or_left(void **state)
{
	(void)state;
	char first[] = "first", second[] = "second";
	struct sg_slice a = sg_slice_str(first), none = sg_slice(NULL, 0), b = sg_slice_str(second);
	struct sg_slice *const all[] = {&a, &none, &b};
	sg_buf_scoped store = {0}, small = {.max = 10};
	sg_buf_keep(&small, all, 3);
	assert_int_equal(small.failed, SG_E_LIMIT);
	assert_ptr_equal(a.p, first);
	sg_buf_keep(&store, all, 3);
	first[0] = second[0] = 'x';
	assert_true(sg_slice_is(a, "first"));
	assert_true(sg_slice_is(b, "second"));
	assert_int_equal(none.len, 0);
	assert_int_equal(store.len, 11);
}

static void
check__our_own_mistake__says_so(void **state)
{
	(void)state;
	struct sg_err err = {0};
	struct sg_buf b = {.failed = SG_E_INTERNAL};
	expect_err(sg_buf_check(&b, &err), &err, SG_E_INTERNAL, "buffer");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(put__integers__big_endian),
	    cmocka_unit_test(put__byte_by_byte__grows),
	    cmocka_unit_test(max__last_byte__fits),
	    cmocka_unit_test(max__every_operation__refused_past_it),
	    cmocka_unit_test(max__none_given__one_mebibyte),
	    cmocka_unit_test(printf__text__appended),
	    cmocka_unit_test(extend__memory_used_before__zeroed),
	    cmocka_unit_test(gap__each_place__moves_the_rest),
	    cmocka_unit_test(consume__each_count__drops_and_wipes),
	    cmocka_unit_test(reset__content__wiped),
	    cmocka_unit_test(alloc_fails__each_operation__sticky),
	    cmocka_unit_test(alloc_fails__while_growing__old_content_kept),
	    cmocka_unit_test(keep__slices__copied_or_left),
	    cmocka_unit_test(check__our_own_mistake__says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
