/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "base/cursor.h"

static void
read__each_width__big_endian(void **state)
{
	(void)state;
	static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	struct sg_cursor c = sg_cursor_init(sg_slice(bytes, sizeof bytes));
	assert_int_equal(sg_cursor_u8(&c), 1);
	assert_int_equal(sg_cursor_u16(&c), 0x0203);
	assert_int_equal(sg_cursor_u32(&c), 0x04050607);
	assert_true(sg_cursor_u64(&c) == 0x08090a0b0c0d0e0full);
	assert_int_equal(sg_cursor_left(&c), 1);
	assert_false(sg_cursor_done(&c));
	struct sg_slice s = sg_cursor_bytes(&c, 1);
	assert_int_equal(s.len, 1);
	assert_ptr_equal(s.p, bytes + 15);
	assert_true(sg_cursor_done(&c));
	s = sg_cursor_bytes(&c, 0);
	assert_int_equal(s.len, 0);
	assert_true(sg_cursor_done(&c));
}

/* Width, and what is read with it: the last valid place, one past, and from then on nothing. */
static uint64_t
read_width(struct sg_cursor *c, size_t width)
{
	switch (width) {
	case 1:
		return sg_cursor_u8(c);
	case 2:
		return sg_cursor_u16(c);
	case 4:
		return sg_cursor_u32(c);
	case 8:
		return sg_cursor_u64(c);
	}
	return sg_cursor_bytes(c, width).len;
}

static void
read__at_each_border__sticky_failure(void **state)
{
	(void)state;
	static const size_t widths[] = {1, 2, 4, 8, 3, 17};
	uint8_t full[20];
	memset(full, 0xff, sizeof full);
	for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
		for (size_t len = 0; len < sizeof full; len++) {
			uint8_t *copy = exact(sg_slice(full, len));
			struct sg_cursor c = sg_cursor_init(sg_slice(copy, len));
			uint64_t v = read_width(&c, widths[w]);
			bool fits = len >= widths[w];
			assert_int_equal(c.bad, !fits);
			assert_int_equal(v != 0, fits);
			assert_int_equal(sg_cursor_done(&c), fits && len == widths[w]);
			if (!fits) {
				assert_int_equal(sg_cursor_u8(&c), 0);
				assert_int_equal(sg_cursor_u16(&c), 0);
				assert_int_equal(sg_cursor_u32(&c), 0);
				assert_true(sg_cursor_u64(&c) == 0);
				assert_int_equal(sg_cursor_bytes(&c, 0).len, 0);
				assert_int_equal(sg_cursor_bytes(&c, 1).len, 0);
				assert_int_equal(sg_cursor_left(&c), 0);
				assert_true(c.bad);
			}
			free(copy);
		}
	}
}

static void
bytes__huge_count__refused(void **state)
{
	(void)state;
	struct sg_cursor c = sg_cursor_init(sg_slice("abcd", 4));
	assert_int_equal(sg_cursor_u8(&c), 'a');
	assert_int_equal(sg_cursor_bytes(&c, SIZE_MAX).len, 0);
	assert_true(c.bad);
	c = sg_cursor_init(sg_slice("abcd", 4));
	assert_int_equal(sg_cursor_u8(&c), 'a');
	assert_int_equal(sg_cursor_bytes(&c, SIZE_MAX - 1).len, 0);
	assert_true(c.bad);
}

static void
init__nothing__done(void **state)
{
	(void)state;
	struct sg_cursor c = sg_cursor_init(sg_slice(NULL, 0));
	assert_true(sg_cursor_done(&c));
	assert_int_equal(sg_cursor_left(&c), 0);
	assert_int_equal(sg_cursor_bytes(&c, 0).len, 0);
	assert_false(c.bad);
	assert_int_equal(sg_cursor_u8(&c), 0);
	assert_true(c.bad);
	assert_false(sg_cursor_done(&c));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(read__each_width__big_endian),
	    cmocka_unit_test(read__at_each_border__sticky_failure),
	    cmocka_unit_test(bytes__huge_count__refused),
	    cmocka_unit_test(init__nothing__done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
